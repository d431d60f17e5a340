use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use afterimage::engine::{
    Event, FinishedPicture, Job, LibraryEntry, Losses, OpenedPicture, Origin, PicturePreview,
    Request,
};
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::{Recipe, StartFrom, Styling, Task};
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    Dropped, PICTURES, Window, click, has, retype, settle, slider, until, window,
};

fn pixels(side: u32, shade: u8) -> Arc<Pixels> {
    let extent = Extent::new(side, side / 2);
    Arc::new(Pixels::from_rgb(extent, &[shade, 90, 30].repeat(extent.area())).unwrap())
}

/// Answers every request to open a file: with a picture whose shade tells its name.
fn answer(window: &mut Window, engine: &FakeEngine) {
    settle(window);
    for request in engine.take_requests() {
        if let Request::Open { path } = request {
            let shade = path.file_name().unwrap().len() as u8;
            let pixels = pixels(64, shade);
            engine.tell(Event::Opened {
                path,
                picture: Ok(OpenedPicture {
                    thumbnail: Arc::clone(&pixels),
                    pixels,
                    origin: Origin::Unknown,
                }),
            });
        }
    }
    settle(window);
}

pub(crate) fn at_style(engine: &FakeEngine) -> Window {
    let mut window = window(engine);
    window
        .get_by_role_and_label(egui::Role::Button, "Style")
        .click();
    settle(&mut window);
    window
}

fn zone(window: &Window, name: &str) -> egui::Pos2 {
    window
        .get_by_role_and_label(egui::Role::Button, name)
        .rect()
        .center()
}

/// Drops a file on a zone, and lets it be read.
pub(crate) fn drop_on(window: &mut Window, engine: &FakeEngine, name: &str, file: &str) {
    let at = zone(window, name);
    window.hover_at(at);
    settle(window);
    let dropped = Arc::new(Dropped(Path::new(PICTURES).join(file)));
    window.input_mut().dropped_files.push(dropped);
    answer(window, engine);
}

/// Both zones have a picture.
fn laid(engine: &FakeEngine) -> Window {
    let mut window = at_style(engine);
    drop_on(&mut window, engine, "Style picture", "style.png");
    drop_on(
        &mut window,
        engine,
        "Content picture",
        "content-picture.png",
    );
    window
}

/// The style table at the next start, with an engine of its own that has read what was asked for.
fn restarted(engine: &FakeEngine) -> (FakeEngine, Window) {
    let options = afterimage::app::AppOptions {
        settings: Some(crate::window_kit::settings(engine)),
        ..crate::window_kit::options()
    };
    let engine = FakeEngine::default();
    let mut window = crate::window_kit::window_with(&engine, options, [1440.0, 900.0]);
    window
        .get_by_role_and_label(egui::Role::Button, "Style")
        .click();
    answer(&mut window, &engine);
    (engine, window)
}

fn run(window: &mut Window, engine: &FakeEngine) -> Job {
    click(window, "Transfer the style");
    engine.jobs().pop().unwrap()
}

fn styling(job: &Job) -> &Styling {
    match &job.recipe.task {
        Task::Style(styling) => styling,
        other => panic!("{other:?}"),
    }
}

fn evaluate(window: &mut Window, engine: &FakeEngine, job: &Job, evaluation: u32) {
    engine.tell(Event::Losses {
        job: job.id,
        losses: Losses {
            evaluation,
            style: 100.0 / f64::from(evaluation),
            content: 2.0,
        },
    });
    engine.tell(Event::Step {
        job: job.id,
        picture: 0,
        step: evaluation,
        steps: job.recipe.steps,
        took: Duration::from_millis(100),
    });
    engine.show_picture(PicturePreview {
        job: job.id,
        step: evaluation,
        pixels: pixels(128, evaluation as u8),
    });
    settle(window);
}

fn finish(window: &mut Window, engine: &FakeEngine, job: &Job) {
    let pixels = pixels(512, 200);
    let recipe = Recipe {
        stopped_after: None,
        ..job.recipe.clone()
    };
    engine.tell(Event::Picture(Box::new(FinishedPicture {
        reduced: false,
        job: job.id,
        picture: 0,
        thumbnail: Arc::clone(&pixels),
        pixels,
        recipe,
        saved: Ok(PathBuf::from(PICTURES).join(format!("{}.png", job.id.0))),
    })));
    engine.finish(job.id);
    settle(window);
}

#[test]
fn files_dropped_on_each_zone_lie_there_and_become_a_job() {
    let engine = FakeEngine::default();
    let mut window = at_style(&engine);
    assert!(has(&window, "Lay a content and a style on the table"));
    drop_on(&mut window, &engine, "Style picture", "style.png");
    assert!(has(&window, "Lay a content and a style on the table"));
    drop_on(
        &mut window,
        &engine,
        "Content picture",
        "content-picture.png",
    );
    let job = run(&mut window, &engine);
    let shade = |pixels: &Pixels| pixels.rgba()[0];
    assert_eq!(
        shade(job.inputs.image.as_ref().unwrap()),
        "content-picture.png".len() as u8
    );
    assert_eq!(shade(&job.inputs.styles[0]), "style.png".len() as u8);
    assert_eq!((job.recipe.width, job.recipe.height), (512, 256));
    assert_eq!(styling(&job).start, StartFrom::Content);
    assert_eq!(styling(&job).style_weight, 1e6);
    assert_eq!(styling(&job).features.id, "embedded");
}

#[test]
fn while_a_file_is_carried_over_the_window_both_zones_say_what_it_would_become() {
    let engine = FakeEngine::default();
    let mut window = at_style(&engine);
    let at = zone(&window, "Style picture");
    window.hover_at(at);
    settle(&mut window);
    window
        .input_mut()
        .hovered_files
        .push(egui::HoveredFile::default());
    window.step();
    assert!(has(&window, "Drop as content") && has(&window, "Drop as style"));
    let path = Path::new(PICTURES).join("carried.png");
    window.input_mut().hovered_files.clear();
    window
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(path.clone())));
    settle(&mut window);
    let opened = engine
        .requests()
        .iter()
        .any(|request| *request == Request::Open { path: path.clone() });
    assert!(opened);
    answer(&mut window, &engine);
    drop_on(&mut window, &engine, "Content picture", "content.png");
    let job = run(&mut window, &engine);
    assert_eq!(job.inputs.styles[0].rgba()[0], "carried.png".len() as u8);
}

#[test]
fn the_result_grows_and_the_losses_are_told_until_people_stop_and_keep_it() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    let job = run(&mut window, &engine);
    engine.start(&job);
    for evaluation in 1..=9 {
        evaluate(&mut window, &engine, &job, evaluation);
    }
    assert!(has(&window, "growing · 128 × 64"));
    assert!(has(&window, "style 11.1 · content 2.0"));
    click(&mut window, "Stop and keep");
    assert!(engine.requests().contains(&Request::Stop(job.id)));
    let mut stopped = job.clone();
    stopped.recipe.stopped_after = Some(9);
    finish(&mut window, &engine, &stopped);
    // And go on from there.
    click(&mut window, "Continue");
    let on = engine.jobs().pop().unwrap();
    assert!(matches!(styling(&on).start, StartFrom::Picture(_)));
    assert_eq!(on.inputs.start.as_ref().unwrap().rgba()[0], 200);
}

#[test]
fn sides_are_swapped_and_a_result_becomes_the_next_content() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    click(&mut window, "Swap content and style");
    let job = run(&mut window, &engine);
    assert_eq!(
        job.inputs.image.as_ref().unwrap().rgba()[0],
        "style.png".len() as u8
    );
    engine.start(&job);
    evaluate(&mut window, &engine, &job, 1);
    finish(&mut window, &engine, &job);
    click(&mut window, "Use as content");
    let chained = run(&mut window, &engine);
    assert_eq!(chained.inputs.image.as_ref().unwrap().rgba()[0], 200);
}

#[test]
fn one_style_goes_over_many_pictures_and_several_styles_over_one() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    click(&mut window, "One style, many pictures");
    drop_on(&mut window, &engine, "Content picture", "second-one.png");
    assert!(has(&window, "2 of 2"));
    click(&mut window, "Previous content");
    assert!(has(&window, "1 of 2"));
    click(&mut window, "Transfer the style");
    let jobs = engine.jobs();
    let shades: Vec<_> = jobs
        .iter()
        .map(|job| job.inputs.image.as_ref().unwrap().rgba()[0])
        .collect();
    assert_eq!(
        shades,
        [
            "content-picture.png".len() as u8,
            "second-one.png".len() as u8
        ]
    );
    for job in &jobs {
        engine.start(job);
        finish(&mut window, &engine, job);
    }
    click(&mut window, "Several styles");
    drop_on(&mut window, &engine, "Style picture", "another-style.png");
    let job = run(&mut window, &engine);
    let shades: Vec<_> = job
        .inputs
        .styles
        .iter()
        .map(|style| style.rgba()[0])
        .collect();
    assert_eq!(
        shades,
        ["style.png".len() as u8, "another-style.png".len() as u8]
    );
    assert_eq!(styling(&job).styles.len(), 2);
}

#[test]
fn pictures_come_from_the_strip_and_the_clipboard_and_a_mask_from_a_file() {
    let engine = FakeEngine::default();
    let mut window = at_style(&engine);
    engine.tell(Event::Library(vec![LibraryEntry {
        path: PathBuf::from(PICTURES).join("strip.png"),
        thumbnail: pixels(64, 1),
        recipe: None,
    }]));
    settle(&mut window);
    click(&mut window, "Picture 1: ");
    answer(&mut window, &engine);
    // Content lies there: what is pasted becomes the style.
    let pasted = egui::ColorImage::filled([20, 10], egui::Color32::from_rgb(77, 1, 1));
    window.event(egui::Event::PasteImage(Arc::new(pasted)));
    until(&mut window, |_| {
        let mut requests = engine.requests().into_iter();
        requests.any(|request| matches!(request, Request::Import { .. }))
    });
    engine.tell(Event::Imported {
        picture: Box::new(OpenedPicture {
            pixels: pixels(20, 77),
            thumbnail: pixels(20, 77),
            origin: Origin::Unknown,
        }),
        saved: Ok(PathBuf::from(PICTURES).join("pasted.png")),
    });
    settle(&mut window);
    // The mask's file is of another size.
    click(&mut window, "Load…");
    retype(
        &mut window,
        egui::Role::TextInput,
        "Path",
        "/masks/white-somewhere.png",
    );
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    let white = Pixels::from_rgb(Extent::new(16, 16), &[255; 3 * 256]).unwrap();
    engine.tell(Event::Opened {
        path: "/masks/white-somewhere.png".into(),
        picture: Ok(OpenedPicture {
            pixels: Arc::new(white),
            thumbnail: pixels(16, 1),
            origin: Origin::Unknown,
        }),
    });
    settle(&mut window);
    let job = run(&mut window, &engine);
    let shade = |pixels: &Pixels| pixels.rgba()[0];
    assert_eq!(
        shade(job.inputs.image.as_ref().unwrap()),
        "strip.png".len() as u8
    );
    assert_eq!(shade(&job.inputs.styles[0]), 77);
    let mask = job.inputs.mask.as_ref().unwrap();
    assert_eq!(mask.extent(), job.inputs.image.as_ref().unwrap().extent());
    assert!(styling(&job).mask.is_some());
}

#[test]
fn one_content_goes_through_many_styles_and_each_result_is_that_of_its_style() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    click(&mut window, "One picture, many styles");
    drop_on(&mut window, &engine, "Style picture", "another-style.png");
    assert!(has(&window, "2 of 2"));
    click(&mut window, "Transfer the style");
    let jobs = engine.jobs();
    let shades = |job: &Job| {
        let inputs = &job.inputs;
        let content = inputs.image.as_ref().unwrap().rgba()[0];
        let styles = inputs.styles.iter().map(|style| style.rgba()[0]);
        (content, styles.collect::<Vec<_>>())
    };
    let content = "content-picture.png".len() as u8;
    let wanted = ["style.png", "another-style.png"].map(|name| (content, vec![name.len() as u8]));
    assert_eq!(jobs.iter().map(shades).collect::<Vec<_>>(), wanted);
    // The first is made; the second, in sight, waits still.
    engine.start(&jobs[0]);
    finish(&mut window, &engine, &jobs[0]);
    assert!(!has(&window, "Result: 512 × 256"));
    click(&mut window, "Previous style");
    assert!(has(&window, "Result: 512 × 256"));
    engine.start(&jobs[1]);
    finish(&mut window, &engine, &jobs[1]);
    // Both have a result: another one is made of the one that has none.
    drop_on(&mut window, &engine, "Style picture", "third.png");
    let job = run(&mut window, &engine);
    assert_eq!(shades(&job), (content, vec!["third.png".len() as u8]));
    assert_eq!(engine.jobs().len(), 1);
    engine.start(&job);
    finish(&mut window, &engine, &job);
    // One of them is left when it is a pair again, with what came of it.
    click(&mut window, "Previous style");
    click(&mut window, "Pair");
    assert!(has(&window, "Result: 512 × 256"));
    // Another content has no results yet, and what is still made of the one before is not its.
    click(&mut window, "One picture, many styles");
    click(&mut window, "Transfer the style");
    let of_before = engine.jobs().pop().unwrap();
    engine.start(&of_before);
    drop_on(&mut window, &engine, "Content picture", "other.png");
    finish(&mut window, &engine, &of_before);
    assert!(!has(&window, "Result: 512 × 256"));
}

#[test]
fn what_lies_on_the_table_is_there_after_a_restart_and_is_continued() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    let job = run(&mut window, &engine);
    engine.start(&job);
    finish(&mut window, &engine, &job);
    let result = format!("{}.png", job.id.0);
    let (engine, mut window) = restarted(&engine);
    // What came of it is there, too, and is gone on with.
    assert!(has(&window, "Result: 64 × 32"));
    click(&mut window, "Continue");
    let job = engine.jobs().pop().unwrap();
    let shade = |pixels: &Pixels| pixels.rgba()[0];
    assert_eq!(
        shade(job.inputs.image.as_ref().unwrap()),
        "content-picture.png".len() as u8
    );
    assert_eq!(shade(&job.inputs.styles[0]), "style.png".len() as u8);
    assert_eq!(
        shade(job.inputs.start.as_ref().unwrap()),
        result.len() as u8
    );
    assert!(matches!(styling(&job).start, StartFrom::Picture(_)));
}

#[test]
fn a_style_that_is_kept_is_at_hand_after_a_restart() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    click(&mut window, "Keep this style");
    assert!(has(&window, "Kept style 1"));
    let (engine, mut window) = restarted(&engine);
    click(&mut window, "Kept style 1");
    answer(&mut window, &engine);
    drop_on(&mut window, &engine, "Content picture", "content.png");
    let job = run(&mut window, &engine);
    assert_eq!(job.inputs.styles[0].rgba()[0], "style.png".len() as u8);
}

#[test]
fn sliders_are_in_the_recipe_and_what_cannot_be_is_told_beside_the_button() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    assert_eq!(slider(&window, "Keep colours"), 0.0);
    window
        .get_by_role_and_label(egui::Role::Slider, "Keep colours")
        .set_value_accesskit(0.5);
    window
        .get_by_role_and_label(egui::Role::Slider, "Stroke size")
        .set_value_accesskit(2.0);
    settle(&mut window);
    let job = run(&mut window, &engine);
    assert_eq!(
        (styling(&job).keep_colors, styling(&job).stroke_scale),
        (0.5, 2.0)
    );
    crate::window_kit::retype(&mut window, egui::Role::TextInput, "Iterations", "0");
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    engine.start(&job);
    finish(&mut window, &engine, &job);
    assert!(has(&window, "0 steps make no picture"));
}

#[test]
fn a_result_is_that_of_its_own_content_whatever_is_laid_there_meanwhile() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    let first = run(&mut window, &engine);
    engine.start(&first);
    drop_on(&mut window, &engine, "Content picture", "another-one.png");
    evaluate(&mut window, &engine, &first, 1);
    // The new content has no run, so one can be begun; the other one's result is not its own.
    assert!(!has(&window, "Stop and keep"));
    finish(&mut window, &engine, &first);
    assert!(!has(&window, "Continue"));
    let second = run(&mut window, &engine);
    assert_eq!(styling(&second).start, StartFrom::Content);
}

#[test]
fn a_content_that_waits_for_its_result_is_not_asked_for_twice() {
    let engine = FakeEngine::default();
    let mut window = laid(&engine);
    let job = run(&mut window, &engine);
    engine.start(&job);
    settle(&mut window);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    settle(&mut window);
    assert_eq!(engine.jobs().len(), 1);
    click(&mut window, "Stop and keep");
    assert!(engine.requests().contains(&Request::Stop(job.id)));
}
