//! People at the easel: what they do with the mouse, and what comes of it.

use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{Event, FinishedPicture, Job};
use afterimage::raster::{Extent, Ink, Mask, Pixels, Segment, Stroke, TiledMask};
use egui::{Pos2, Rect, pos2, vec2};
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::FakeEngine;
use crate::window_kit::{PICTURES, Window, click, generate_to_the_end, settle, window};

/// A window with a picture of 128 × 128 on the easel.
pub(crate) fn at_easel(engine: &FakeEngine) -> Window {
    let mut window = window(engine);
    generate_to_the_end(&mut window, engine);
    click(&mut window, "Canvas");
    settle(&mut window);
    window
}

/// Where the picture lies: as large as fits around the middle of the canvas.
pub(crate) fn place(window: &Window) -> Rect {
    let room = window
        .get_by_role_and_label(egui::Role::Canvas, "Canvas")
        .rect();
    let side = (room.size() - vec2(48.0, 48.0)).min_elem();
    let corner = room.center() - vec2(side, side) / 2.0;
    Rect::from_min_size(pos2(corner.x.round(), corner.y.round()), vec2(side, side))
}

pub(crate) fn on_screen(window: &Window, at: [f32; 2]) -> Pos2 {
    let place = place(window);
    place.min + vec2(at[0], at[1]) / 128.0 * place.width()
}

/// Draws with the mouse from place to place of the picture.
pub(crate) fn draw(window: &mut Window, path: &[[f32; 2]]) {
    let path: Vec<Pos2> = path.iter().map(|at| on_screen(window, *at)).collect();
    window.hover_at(path[0]);
    window.step();
    window.drag_at(path[0]);
    window.step();
    for at in &path[1..] {
        window.hover_at(*at);
        window.step();
    }
    window.drop_at(path[path.len() - 1]);
    settle(window);
}

/// The mask a brush of the usual size and hardness leaves along a path.
pub(crate) fn expected(path: &[[f32; 2]]) -> Mask {
    let extent = Extent::new(128, 128);
    let mut stroke = Stroke::new(extent);
    let starts = std::iter::once(&path[0]).chain(path);
    for (&from, &to) in starts.zip(path) {
        stroke.draw(&Segment {
            from,
            to,
            radii: [12.0, 12.0],
            hardness: 0.8,
        });
    }
    let mut mask = TiledMask::empty(extent);
    for (at, values) in stroke.inked(&mask, Ink::FULL) {
        mask.set(at, values);
    }
    mask.to_mask()
}

pub(crate) fn assert_near(made: &Mask, wanted: &Mask) {
    assert_eq!(made.extent(), wanted.extent());
    let gaps = made.values().iter().zip(wanted.values());
    // The mouse has whole points, and a picture's pixel is several of them.
    let worst = gaps.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= 4, "off by {worst}");
}

/// Presses the primary button and gives the jobs that were sent.
pub(crate) fn run(window: &mut Window, engine: &FakeEngine, name: &str) -> Vec<Job> {
    let before = engine.jobs().len();
    click(window, name);
    engine.jobs().split_off(before)
}

/// Hands over a result of a color.
pub(crate) fn finish(
    window: &mut Window,
    engine: &FakeEngine,
    job: &Job,
    name: &str,
    color: u8,
) -> Pixels {
    engine.start(job);
    let extent = job.inputs.image.as_ref().unwrap().extent();
    let made = Pixels::from_rgb(extent, &vec![color; extent.area() * 3]).unwrap();
    engine.tell(Event::Picture(Box::new(FinishedPicture {
        reduced: false,
        job: job.id,
        picture: 0,
        pixels: Arc::new(made.clone()),
        thumbnail: Arc::new(made.clone()),
        recipe: job.recipe.clone(),
        saved: Ok(PathBuf::from(PICTURES).join(name)),
    })));
    engine.finish(job.id);
    settle(window);
    made
}
