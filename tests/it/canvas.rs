use std::sync::Arc;

use afterimage::app::App;
use afterimage::app::canvas::{Before, Canvas, Patch};
use afterimage::app::theme::Palette;
use afterimage::engine::JobId;
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::Finish;
use eframe::egui_wgpu::{RenderState, RendererOptions};
use egui::accesskit::{Action, ActionData, ActionRequest};
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Rect, TouchPhase, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
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

/// The colour of a pixel of [`long_picture`].
fn long_color(x: u32, y: u32) -> [u8; 3] {
    [
        (x / 20) as u8,
        (y / 4) as u8,
        if x % 64 < 32 { 40 } else { 90 },
    ]
}

/// Longer than a texture should be.
fn long_picture() -> Arc<Pixels> {
    let extent = Extent::new(5000, 900);
    let rgb: Vec<u8> = (0..extent.area() as u32)
        .flat_map(|index| long_color(index % extent.width, index / extent.width))
        .collect();
    Arc::new(Pixels::from_rgb(extent, &rgb).unwrap())
}

#[test]
fn a_picture_beyond_the_textures_is_seen_pixel_by_pixel() {
    let mut harness = without_device();
    harness.state_mut().show_picture(long_picture());
    harness.run();
    harness.state_mut().actual_size();
    harness.run();
    assert_eq!(harness.state().zoom_percent(), 100);
    let seen = harness.render().unwrap();
    // The middle of the picture is in the middle of the room.
    for (x, y) in [(10, 12), (319, 240), (320, 240), (333, 100), (600, 470)] {
        let [r, g, b, _] = seen.get_pixel(x, y).0;
        let wanted = long_color(x + 2500 - 320, y + 450 - 240);
        assert_eq!([r, g, b], wanted, "at {x}, {y}");
    }
}

#[test]
fn a_large_picture_that_fits_is_the_mean_of_its_pixels() {
    let mut harness = without_device();
    harness.state_mut().show_picture(long_picture());
    harness.run();
    let place = harness.state().picture_rect();
    let seen = harness.render().unwrap();
    for share in [0.1, 0.43, 0.77] {
        let at = place.min + place.size() * vec2(share, 0.5);
        let [r, g, _, _] = seen.get_pixel(at.x as u32, at.y as u32).0;
        assert!(r.abs_diff((share * 250.0) as u8) <= 2, "{r} at {share}");
        assert!(g.abs_diff(112) <= 4, "{g}");
    }
}

#[test]
fn a_line_between_before_and_after_follows_pointer_and_arrows() {
    let mut harness = without_device();
    App::install(&harness.ctx);
    let extent = Extent::new(64, 64);
    let of = |level: u8| Arc::new(Pixels::from_rgb(extent, &[level; 64 * 64 * 3]).unwrap());
    harness.state_mut().show_picture(of(200));
    let before = |pixels| Before {
        stretched: false,
        pixels,
        name: "Line",
        tip: "What it is for",
        sides: ["Before", "After"],
    };
    harness.state_mut().compare_with(Some(before(of(20))));
    harness.run();
    let place = harness.state().picture_rect();
    let share_of_before = |harness: &mut Harness<'_, Canvas>| {
        let seen = harness.render().unwrap();
        let y = place.top() as u32 + 20;
        let row = (place.left() as u32 + 1)..(place.right() as u32 - 1);
        let all = row.len() as f32;
        row.filter(|x| seen.get_pixel(*x, y).0[0] < 30).count() as f32 / all
    };
    assert!((share_of_before(&mut harness) - 0.5).abs() < 0.02);
    let middle = place.center();
    harness.drag_at(middle);
    harness.step();
    for at in [0.6, 0.8] {
        harness.hover_at(pos2(place.left() + place.width() * at, middle.y));
        harness.step();
    }
    harness.drop_at(pos2(place.left() + place.width() * 0.8, middle.y));
    harness.run();
    assert!((share_of_before(&mut harness) - 0.8).abs() < 0.02);
    harness.get_by_label("Line").focus();
    harness.run();
    for _ in 0..5 {
        harness.key_press(Key::ArrowLeft);
        harness.run();
    }
    assert!((share_of_before(&mut harness) - 0.7).abs() < 0.02);
    // So do assistive tools.
    for (action, data, share) in [
        (Action::Increment, None, 0.72),
        (Action::SetValue, Some(ActionData::NumericValue(0.25)), 0.25),
    ] {
        let line = harness.get_by_label("Line").accesskit_node().locate();
        let (target_node, target_tree) = line;
        harness.event(egui::Event::AccessKitActionRequest(ActionRequest {
            action,
            target_tree,
            target_node,
            data,
        }));
        harness.run();
        assert!((share_of_before(&mut harness) - share).abs() < 0.02);
    }
    for (key, share) in [(Key::End, 1.0), (Key::Home, 0.0)] {
        harness.get_by_label("Line").focus();
        harness.key_press(key);
        harness.run();
        assert!((share_of_before(&mut harness) - share).abs() < 0.02);
    }
    // Pictures of another size lie elsewhere: there is nothing to compare.
    let larger = Pixels::from_rgb(Extent::new(65, 64), &[20; 65 * 64 * 3]).unwrap();
    harness
        .state_mut()
        .compare_with(Some(before(Arc::new(larger))));
    harness.run();
    assert_eq!(share_of_before(&mut harness), 0.0);
}

/// What a window shows of a large picture beside the small one it was made of, step by step.
fn compared(mut harness: Harness<'static, Canvas>, finish: &Finish) -> Vec<Vec<u8>> {
    App::install(&harness.ctx);
    let small = long_picture().reduced(2, [0, 0], Extent::new(1250, 225));
    harness.state_mut().show_picture(long_picture());
    harness.state_mut().finish(finish);
    harness.state_mut().compare_with(Some(Before {
        stretched: true,
        pixels: Arc::new(small),
        name: "Line",
        tip: "What it is for",
        sides: ["Before", "After"],
    }));
    let mut seen = Vec::new();
    for step in 0..3 {
        match step {
            0 => {}
            1 => harness.state_mut().actual_size(),
            _ => (0..5).for_each(|_| harness.state_mut().zoom_in()),
        }
        harness.run();
        seen.push(harness.render().unwrap().into_raw());
    }
    assert_eq!(harness.state().zoom_percent(), 600);
    seen
}

#[test]
fn the_divider_is_the_same_by_shader_and_without_a_device() {
    for finish in [
        Finish::default(),
        Finish {
            exposure: 0.4,
            sharpen: 0.5,
            ..Finish::default()
        },
    ] {
        let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
        let canvas = Canvas::new(Some(render.clone()));
        let by_shader = compared(harness(Some(render), canvas), &finish);
        let plain = compared(without_device(), &finish);
        for (step, (by_shader, plain)) in by_shader.iter().zip(&plain).enumerate() {
            let gaps = by_shader.iter().zip(plain).map(|(a, b)| a.abs_diff(*b));
            let far = gaps.filter(|gap| *gap > 2).count();
            // Texels whose middles lie on the edge of a pixel may go either way.
            assert!(far * 1000 < plain.len(), "step {step}: {far} differ");
        }
    }
}

#[test]
fn parts_of_what_is_being_made_are_seen_where_they_belong_on_every_device() {
    let extent = Extent::new(256, 256);
    let of = |side: u32, level: u8| {
        let extent = Extent::new(side, side);
        Arc::new(Pixels::from_rgb(extent, &vec![level; extent.area() * 3]).unwrap())
    };
    let first = of(64, 40);
    let part = |corner, level| Patch {
        corner,
        pixels: of(32, level),
    };
    let parts = [part([0, 0], 120), part([32, 32], 200)];
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let on_device = harness(Some(render.clone()), Canvas::new(Some(render)));
    for (mut harness, compares) in [(on_device, true), (without_device(), false)] {
        App::install(&harness.ctx);
        let before = compares.then(|| Before {
            stretched: true,
            pixels: of(64, 90),
            name: "Line",
            tip: "What it is for",
            sides: ["Before", "After"],
        });
        for done in 0..=2 {
            harness.state_mut().show_at(&first, extent, &parts[..done]);
            harness.state_mut().compare_with(before.clone());
            harness.run();
            if compares {
                harness.get_by_label("Line").focus();
                harness.key_press(Key::Home);
                harness.run();
            }
            let place = harness.state().picture_rect();
            let seen = harness.render().unwrap();
            let level = |share: f32| {
                let at = place.min + place.size() * share;
                seen.get_pixel(at.x as u32, at.y as u32).0[0]
            };
            let wanted = [
                if done > 0 { 120 } else { 40 },
                if done > 1 { 200 } else { 40 },
            ];
            assert_eq!([level(0.2), level(0.8)], wanted, "{done} parts");
        }
    }
}

#[test]
fn a_grid_lies_between_pixels_that_are_large_enough_also_beside_the_divider() {
    let render = create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE);
    let on_device = harness(Some(render.clone()), Canvas::new(Some(render)));
    for mut harness in [on_device, without_device()] {
        App::install(&harness.ctx);
        let of = |level: u8| {
            let extent = Extent::new(200, 200);
            Arc::new(Pixels::from_rgb(extent, &vec![level; extent.area() * 3]).unwrap())
        };
        let canvas = harness.state_mut();
        canvas.show_picture(of(128));
        canvas.compare_with(Some(Before {
            stretched: true,
            pixels: of(128),
            name: "Line",
            tip: "What it is for",
            sides: ["Before", "After"],
        }));
        harness.run();
        harness.state_mut().actual_size();
        harness.run();
        for zoom in [600, 800] {
            while harness.state().zoom_percent() < zoom {
                harness.state_mut().zoom_in();
                harness.run();
            }
            for shown in [false, true] {
                harness.state_mut().show_grid(shown);
                harness.run();
                let seen = harness.render().unwrap();
                // Rows away from the names and the handle; columns at the left and the right.
                for columns in [100..180, 460..540] {
                    let lines = columns.filter(|x| seen.get_pixel(*x, 100).0[0].abs_diff(128) > 4);
                    let wanted = shown && zoom == 800;
                    let count = lines.count();
                    assert_eq!(count >= 8, wanted, "{zoom} % {shown}: {count}");
                }
            }
        }
    }
}
