use std::sync::Arc;

use afterimage::app::canvas::Canvas;
use afterimage::app::theme::Palette;
use afterimage::engine::JobId;
use afterimage::raster::{Extent, Pixels};
use eframe::egui_wgpu::{RenderState, RendererOptions};
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Rect, TouchPhase, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup};
use egui_kittest::{Harness, Node};

use crate::fake_engine::preview;

const NAME: &str = "Picture";

fn harness(render: Option<RenderState>, canvas: Canvas) -> Harness<'static, Canvas> {
    // Steps as short as frames, so that two clicks can be a double click.
    let builder = Harness::builder()
        .with_size(vec2(640.0, 480.0))
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(64);
    let builder = match render {
        Some(render) => builder.renderer(WgpuTestRenderer::from_render_state(render)),
        None => builder.wgpu(),
    };
    builder.build_ui_state(
        |ui, canvas: &mut Canvas| {
            drop(canvas.ui(ui, Palette::of(true), NAME, None));
        },
        canvas,
    )
}

fn without_device() -> Harness<'static, Canvas> {
    harness(None, Canvas::new(None))
}

fn canvas<'a>(harness: &'a Harness<'_, Canvas>) -> Node<'a> {
    harness.get_by_label(NAME)
}

/// Squares of two colours.
fn checkers(extent: Extent) -> Arc<Pixels> {
    let rgb: Vec<u8> = (0..extent.area() as u32)
        .flat_map(|index| {
            let light = (index % extent.width + index / extent.width).is_multiple_of(2);
            [if light { 230 } else { 20 }; 3]
        })
        .collect();
    Arc::new(Pixels::from_rgb(extent, &rgb).unwrap())
}

fn wheel(harness: &mut Harness<'_, Canvas>, way: f32) {
    harness.hover_at(canvas(harness).rect().center());
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, way),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run();
}

#[test]
fn preview_and_picture_share_one_place_and_size() {
    let mut harness = without_device();
    let shown = preview(JobId(1), 0, 3);
    let extent = shown.picture_extent;
    harness.state_mut().show_preview(shown);
    harness.run();
    harness.state_mut().zoom_in();
    harness.run();
    let place: Rect = harness.state().picture_rect();
    assert!(place.width() > 100.0);
    harness.state_mut().show_picture(checkers(extent));
    harness.run();
    assert_eq!(harness.state().picture_rect(), place);
    // Another size is another picture: it is seen whole.
    let wide = Extent::new(extent.width * 2, extent.height);
    harness.state_mut().show_picture(checkers(wide));
    harness.run();
    assert!(harness.state().is_fit());
}

#[test]
fn previews_look_the_same_with_and_without_a_device() {
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let with = Canvas::new(Some(render.clone()));
    let mut pictures = Vec::new();
    for mut harness in [harness(Some(render), with), without_device()] {
        for step in 1..4 {
            harness.state_mut().show_preview(preview(JobId(1), 0, step));
            harness.run();
        }
        assert_eq!(harness.state().previews_shown(), 3);
        pictures.push(harness.render().unwrap());
    }
    let [device, plain] = &pictures[..] else {
        panic!()
    };
    let differences = device.as_raw().iter().zip(plain.as_raw().iter());
    let worst = differences.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= 3, "{worst}");
    let mut colors: Vec<_> = device.pixels().map(|pixel| pixel.0).collect();
    colors.sort_unstable();
    colors.dedup();
    assert!(colors.len() > 500, "only {} colours", colors.len());
}

#[test]
fn a_preview_nobody_looked_at_is_not_drawn() {
    let mut harness = without_device();
    harness.state_mut().show_preview(preview(JobId(1), 0, 1));
    harness.state_mut().show_preview(preview(JobId(1), 0, 2));
    harness.run();
    assert_eq!(harness.state().previews_shown(), 1);
}

#[test]
fn the_picture_is_zoomed_and_moved_in_steps() {
    let mut harness = without_device();
    harness
        .state_mut()
        .show_picture(checkers(Extent::new(64, 64)));
    harness.run();
    canvas(&harness).focus();
    harness.run();
    type Step = fn(&mut Canvas);
    let steps: [(Step, u32); 4] = [
        (Canvas::actual_size, 100),
        (Canvas::zoom_in, 150),
        (Canvas::zoom_in, 200),
        (Canvas::zoom_out, 150),
    ];
    for (step, percent) in steps {
        step(harness.state_mut());
        harness.run();
        assert_eq!(harness.state().zoom_percent(), percent);
    }
    let before = harness.state().picture_rect();
    harness.state_mut().look_along(vec2(-1.0, 0.0));
    harness.key_press(Key::ArrowLeft);
    harness.run();
    let after = harness.state().picture_rect();
    assert!(after.left() > before.left());
    assert!(canvas(&harness).is_focused(), "arrows stay with the canvas");
    harness.state_mut().fit();
    harness.run();
    assert!(harness.state().is_fit());
}

#[test]
fn wheel_drag_and_double_click_do_what_they_do_elsewhere() {
    let mut harness = without_device();
    harness
        .state_mut()
        .show_picture(checkers(Extent::new(64, 64)));
    harness.run();
    let fit = harness.state().zoom_percent();
    wheel(&mut harness, 60.0);
    let zoomed = harness.state().zoom_percent();
    assert!(zoomed > fit, "{zoomed} after {fit}");

    let center = canvas(&harness).rect().center();
    let before = harness.state().picture_rect();
    harness.drag_at(center);
    harness.step();
    harness.hover_at(center + vec2(15.0, 0.0));
    harness.step();
    harness.hover_at(center + vec2(30.0, 0.0));
    harness.step();
    harness.drop_at(center + vec2(30.0, 0.0));
    harness.run();
    let moved = harness.state().picture_rect().left() - before.left();
    assert!((29.0..=31.0).contains(&moved), "{moved}");

    // As fast as people do.
    canvas(&harness).click();
    canvas(&harness).click();
    harness.run();
    assert!(harness.state().is_fit());
}

#[test]
fn an_enlarged_picture_shows_its_pixels_as_squares() {
    let mut harness = without_device();
    harness
        .state_mut()
        .show_picture(checkers(Extent::new(64, 64)));
    harness.run();
    harness.state_mut().actual_size();
    for _ in 0..5 {
        harness.state_mut().zoom_in();
    }
    harness.run();
    assert_eq!(harness.state().zoom_percent(), 600);
    let image = harness.render().unwrap();
    let middle = (200..440).flat_map(|x| (120..360).map(move |y| (x, y)));
    let between = middle
        .map(|(x, y)| image.get_pixel(x, y).0[0])
        .filter(|level| (40..210).contains(level))
        .count();
    assert_eq!(between, 0, "colours between the squares");
}

#[test]
fn without_a_picture_nothing_is_drawn_and_nothing_breaks() {
    let mut harness = without_device();
    harness.state_mut().zoom_in();
    harness.run();
    assert!(!harness.state().picture_rect().is_positive());
    harness
        .state_mut()
        .show_picture(checkers(Extent::new(8, 8)));
    harness.state_mut().clear();
    harness.run();
    assert!(!harness.state().picture_rect().is_positive());
}
