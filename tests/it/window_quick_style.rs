use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use afterimage::engine::{
    Event, Failure, JobId, Lesson, LessonStep, Order, PicturePreview, QuickStyle, Request,
    Teaching, Unfinished,
};
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::Task;
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::FakeEngine;
use crate::window_kit::{PICTURES, Window, click, has, settle};
use crate::window_style::{at_style, drop_on};

const STYLES: &str = "/home/people/models/styles";

fn pixels(shade: u8) -> Arc<Pixels> {
    let extent = Extent::new(48, 32);
    Arc::new(Pixels::from_rgb(extent, &[shade, 90, 30].repeat(extent.area())).unwrap())
}

fn order() -> Order {
    Order {
        name: "night".to_owned(),
        style: pixels(7).sha256(),
        features: "embedded".to_owned(),
        steps: 1200,
        seed: 0,
        contents: Vec::new(),
    }
}

fn learnt(name: &str) -> QuickStyle {
    QuickStyle {
        path: Path::new(STYLES).join(format!("{name}.safetensors")),
        name: name.to_owned(),
        thumbnail: Some(pixels(9).as_ref().clone()),
        order: Some(order()),
    }
}

fn paused(done: u32) -> Unfinished {
    Unfinished {
        path: Path::new(STYLES).join("night.unfinished"),
        order: order(),
        done,
        thumbnail: pixels(9).as_ref().clone(),
    }
}

fn list(
    window: &mut Window,
    engine: &FakeEngine,
    styles: &[QuickStyle],
    unfinished: &[Unfinished],
) {
    engine.tell(Event::QuickStyles {
        styles: styles.to_vec(),
        unfinished: unfinished.to_vec(),
    });
    settle(window);
}

fn step(window: &mut Window, engine: &FakeEngine, job: JobId, step: u32) {
    engine.tell(Event::Lesson(LessonStep {
        job,
        name: "night".to_owned(),
        step,
        steps: 1200,
        style: 200.0,
        content: 25.0,
        left: Some(Duration::from_mins(3)),
    }));
    settle(window);
}

/// The lessons asked for.
fn lessons(engine: &FakeEngine) -> Vec<Teaching> {
    let of_teach = |request| match request {
        Request::Teach(teaching) => Some(*teaching),
        _ => None,
    };
    engine.requests().into_iter().filter_map(of_teach).collect()
}

fn is_enabled(window: &Window, name: &str) -> bool {
    use egui_kittest::kittest::NodeT as _;
    let button = window.get_by_role_and_label(egui::Role::Button, name);
    !button.accesskit_node().is_disabled()
}

#[test]
fn a_style_on_the_table_is_learnt_in_the_background_and_then_paints() {
    let engine = FakeEngine::default();
    let mut window = at_style(&engine);
    assert!(engine.requests().contains(&Request::ListQuickStyles));
    assert!(!is_enabled(&window, "Make a quick style"));
    drop_on(&mut window, &engine, "Style picture", "night.png");
    drop_on(&mut window, &engine, "Content picture", "content.png");
    click(&mut window, "Make a quick style");
    let [teaching] = &lessons(&engine)[..] else {
        panic!()
    };
    let Lesson::New(lesson) = &teaching.lesson else {
        panic!("{teaching:?}")
    };
    assert_eq!(lesson.name, "night");
    assert_eq!(lesson.style.rgba()[0], "night.png".len() as u8);
    assert_eq!(lesson.contents, [Path::new(PICTURES).join("content.png")]);
    // It is seen to go on, also while a picture goes first.
    let job = teaching.id;
    step(&mut window, &engine, job, 340);
    assert!(has(&window, "340 of 1200 · 3 min 00 s left"));
    assert!(has(&window, "style 200 · content 25.0"));
    engine.show_picture(PicturePreview {
        job,
        step: 340,
        pixels: pixels(80),
    });
    settle(&mut window);
    assert!(has(&window, "What the network paints by now"));
    assert!(!has(&window, "Make a quick style"));
    engine.tell(Event::LessonWaits { job });
    settle(&mut window);
    assert!(has(&window, "340 of 1200 · waits for a picture"));
    // Once it is learnt it is the style that is used.
    engine.finish(job);
    list(
        &mut window,
        &engine,
        &[learnt("mosaic"), learnt("night")][1..],
        &[],
    );
    assert!(has(&window, "night is learnt"));
    click(&mut window, "Transfer the style");
    let made = engine.jobs().pop().unwrap();
    let Task::Style(styling) = &made.recipe.task else {
        panic!("{:?}", made.recipe.task)
    };
    assert_eq!(styling.features.id, "quick");
    assert_eq!(styling.features.quick.as_deref(), Some("night"));
    assert!(styling.styles.is_empty() && made.inputs.styles.is_empty());
    assert_eq!(styling.check(&made.recipe), Ok(()));
    assert_eq!(made.recipe.steps, 1);
}

#[test]
fn a_lesson_is_stopped_and_gone_on_with_or_removed() {
    let engine = FakeEngine::default();
    let mut window = at_style(&engine);
    drop_on(&mut window, &engine, "Style picture", "night.png");
    click(&mut window, "Make a quick style");
    let job = lessons(&engine)[0].id;
    step(&mut window, &engine, job, 90);
    click(&mut window, "Stop learning the style");
    assert!(engine.requests().contains(&Request::Stop(job)));
    assert!(!is_enabled(&window, "Stop learning the style"));
    engine.tell(Event::Cancelled { job });
    list(&mut window, &engine, &[], &[paused(90)]);
    assert!(has(&window, "Make a quick style"));
    click(&mut window, "Continue to learn night");
    let on = lessons(&engine).pop().unwrap();
    assert_eq!(on.lesson, Lesson::Unfinished(paused(90).path));
    assert_ne!(on.id, job);
    // While it goes on there is nothing to go on with beside it.
    assert!(!has(&window, "Continue to learn night"));
    engine.tell(Event::Cancelled { job: on.id });
    settle(&mut window);
    click(&mut window, "Remove the unfinished night");
    let path: PathBuf = paused(90).path;
    assert!(
        engine
            .requests()
            .contains(&Request::ForgetQuickStyle { path })
    );
}

/// Two styles are learnt, and one of them is chosen.
fn with_night(engine: &FakeEngine) -> Window {
    let mut window = at_style(engine);
    let both = [learnt("mosaic"), learnt("night")];
    list(&mut window, engine, &both, &[]);
    click(&mut window, "Quick style night");
    window
}

#[test]
fn a_learnt_style_is_deleted_when_people_say_so_twice() {
    let engine = FakeEngine::default();
    let mut window = with_night(&engine);
    click(&mut window, "Remove the quick style night");
    click(&mut window, "Keep night");
    assert!(!has(&window, "Delete night for good"));
    click(&mut window, "Remove the quick style night");
    let path = learnt("night").path;
    let request = Request::ForgetQuickStyle { path };
    assert!(!engine.requests().contains(&request));
    click(&mut window, "Delete night for good");
    assert!(engine.requests().contains(&request));
    list(&mut window, &engine, &[learnt("mosaic")], &[]);
    // The one that is left does not take its place unasked.
    drop_on(&mut window, &engine, "Content picture", "content.png");
    assert!(has(&window, "Lay a content and a style on the table"));
}

#[test]
fn a_quick_style_needs_no_style_picture_and_gives_way_to_one() {
    let engine = FakeEngine::default();
    let mut window = with_night(&engine);
    assert!(has(&window, "Lay a content on the table"));
    drop_on(&mut window, &engine, "Content picture", "content.png");
    // There are no styles to flip through.
    click(&mut window, "One picture, many styles");
    click(&mut window, "Transfer the style");
    let features = |engine: &FakeEngine| match engine.jobs().pop().unwrap().recipe.task {
        Task::Style(styling) => styling.features,
        other => panic!("{other:?}"),
    };
    assert_eq!(features(&engine).quick.as_deref(), Some("night"));
    drop_on(&mut window, &engine, "Content picture", "another.png");
    drop_on(&mut window, &engine, "Style picture", "style.png");
    click(&mut window, "Transfer the style");
    assert_eq!(features(&engine).id, "embedded");
    // The choice of features takes the one that was used last.
    click(&mut window, "Quick");
    drop_on(&mut window, &engine, "Content picture", "third-one.png");
    click(&mut window, "Transfer the style");
    assert_eq!(features(&engine).quick.as_deref(), Some("night"));
}

#[test]
fn what_ended_a_lesson_is_told_where_it_was_asked_for() {
    let engine = FakeEngine::default();
    let mut window = at_style(&engine);
    drop_on(&mut window, &engine, "Style picture", "night.png");
    click(&mut window, "Make a quick style");
    let job = lessons(&engine)[0].id;
    let failure = Failure::Computation {
        reason: "the numbers ran out".to_owned(),
    };
    engine.tell(Event::Failed { job, failure });
    settle(&mut window);
    let told = window.query_all_by_label_contains("the numbers ran out");
    assert_eq!(told.count(), 1);
    click(&mut window, "Make a quick style");
    assert_eq!(lessons(&engine).len(), 2);
    assert!(!has(&window, "the numbers ran out"));
}
