//! The session `bench ui` replays: it must go on meaning what it meant when it was recorded.

use afterimage::app::{Pace, Recording, bench_ui};

use crate::fake_engine::FakeEngine;
use crate::window_kit::options;

#[test]
fn the_recorded_session_types_drags_and_generates() {
    let engine = FakeEngine::default();
    let start = |_| Ok((Box::new(engine.clone()) as _, options()));
    let report = bench_ui(start, &Recording::shipped().unwrap(), Pace::AtOnce).unwrap();
    assert!(report.frames.len() > 600, "{} frames", report.frames.len());
    let jobs = engine.jobs();
    let prompts: Vec<_> = jobs.iter().map(|job| job.recipe.prompt.as_str()).collect();
    assert_eq!(prompts.len(), 4);
    assert_eq!(
        prompts[0],
        "a red sailboat on the ocean at sunset, mountains behind"
    );
    assert_eq!(prompts[1], "a purple house in the snow at night, full moon");
    let steps: Vec<_> = jobs.iter().map(|job| job.recipe.steps).collect();
    assert_ne!(steps[2], steps[0], "the slider was dragged");
    assert!(jobs[2].count > 1, "more pictures were asked for");
}
