use std::sync::Arc;

use afterimage::engine::{Destination, Event, Job, Request};
use afterimage::raster::{Extent, Pixels};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{Window, click, generate, has, retype, settle, until, window};

const PROMPT: &str = "Prompt";

/// Live is on, and its first run is asked for.
fn live(engine: &FakeEngine) -> (Window, Job) {
    let mut window = window(engine);
    click(&mut window, "Live");
    let job = newest(&mut window, engine, 1);
    (window, job)
}

/// The newest of so many jobs, once they are asked for.
fn newest(window: &mut Window, engine: &FakeEngine, count: usize) -> Job {
    until(window, |_| engine.jobs().len() >= count);
    assert_eq!(engine.jobs().len(), count);
    engine.jobs().pop().unwrap()
}

fn show(window: &mut Window, engine: &FakeEngine, job: &Job) {
    let extent = Extent::new(64, 64);
    let pixels = Pixels::from_rgb(extent, &[90; 3].repeat(extent.area())).unwrap();
    engine.tell(Event::Trial {
        job: job.id,
        pixels: Arc::new(pixels),
    });
    engine.finish(job.id);
    settle(window);
}

#[test]
fn a_picture_of_few_steps_follows_the_form_and_the_run_before_is_left() {
    let engine = FakeEngine::default();
    let (mut window, first) = live(&engine);
    assert_eq!(first.destination, Destination::Sight);
    assert_eq!((first.recipe.steps, first.count), (8, 1));
    engine.start(&first);
    settle(&mut window);
    retype(&mut window, egui::Role::MultilineTextInput, PROMPT, "a fox");
    until(&mut window, |_| {
        let jobs = engine.jobs();
        jobs.last().is_some_and(|job| job.recipe.prompt == "a fox")
    });
    let last = engine.jobs().pop().unwrap();
    assert_eq!(last.recipe.seed, first.recipe.seed);
    // Every run but the last was ended by the one after it.
    for job in engine.jobs().iter().rev().skip(1) {
        assert!(engine.requests().contains(&Request::Discard(job.id)));
    }
    assert!(!engine.requests().contains(&Request::Discard(last.id)));
    // Nothing changes: nothing is asked for, and the picture has no place in the strip.
    engine.start(&last);
    show(&mut window, &engine, &last);
    let count = engine.jobs().len();
    settle(&mut window);
    assert_eq!(engine.jobs().len(), count);
    assert!(!has(&window, "Picture 1: "));
}

#[test]
fn a_picture_that_is_liked_is_made_whole_from_the_same_seed() {
    let engine = FakeEngine::default();
    let (mut window, first) = live(&engine);
    engine.start(&first);
    show(&mut window, &engine, &first);
    let whole = generate(&mut window, &engine);
    assert_eq!(whole.destination, Destination::Library);
    assert_eq!(whole.recipe.seed, first.recipe.seed);
    assert_eq!(whole.recipe.steps, 20);
}

#[test]
fn what_people_asked_for_goes_first() {
    let engine = FakeEngine::default();
    let (mut window, first) = live(&engine);
    engine.start(&first);
    show(&mut window, &engine, &first);
    let whole = generate(&mut window, &engine);
    engine.start(&whole);
    settle(&mut window);
    retype(&mut window, egui::Role::MultilineTextInput, PROMPT, "a fox");
    std::thread::sleep(std::time::Duration::from_millis(200));
    settle(&mut window);
    assert_eq!(engine.jobs().len(), 2);
    assert!(!engine.requests().contains(&Request::Discard(whole.id)));
    engine.finish(whole.id);
    settle(&mut window);
    let next = newest(&mut window, &engine, 3);
    assert_eq!(next.recipe.prompt, "a fox");
    // Turned off it follows no more, and the run that goes on ends.
    engine.start(&next);
    settle(&mut window);
    click(&mut window, "Live");
    assert!(engine.requests().contains(&Request::Discard(next.id)));
    retype(&mut window, egui::Role::MultilineTextInput, PROMPT, "a cat");
    std::thread::sleep(std::time::Duration::from_millis(200));
    settle(&mut window);
    assert_eq!(engine.jobs().len(), 3);
}
