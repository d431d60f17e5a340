use std::path::Path;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId, Request,
};
use afterimage::recipe::{Draft, Limits, Recipe};
use tempfile::TempDir;

use crate::golden::path;

const LIMITS: Limits = Limits {
    size_factor: 1,
    max_side: 4096,
    max_steps: 1000,
};

fn recipe(model: &Path) -> Recipe {
    let draft = Draft {
        prompt: "a cat".to_owned(),
        model: model.display().to_string(),
        steps: 1,
        width: 16,
        height: 16,
        ..Draft::default()
    };
    draft.recipe(LIMITS).unwrap()
}

fn engine_in(folder: &TempDir) -> EngineHandle {
    let options = EngineOptions {
        pictures: folder.path().join("pictures"),
        settings_file: folder.path().join("settings.json"),
        easel: folder.path().join("easel"),
        models: folder.path().join("models"),
    };
    EngineHandle::start(options, Box::new(|| {})).unwrap()
}

fn submit(engine: &EngineHandle, id: u64, recipe: Recipe) {
    let job = Job {
        id: JobId(id),
        recipe,
        count: 1,
        inputs: Inputs::default(),
        destination: Destination::Library,
        dump_latents: Vec::new(),
        threads: None,
    };
    engine.send(Request::Submit(Box::new(job))).unwrap();
}

/// How a job ends: well, or with why not.
fn ending(engine: &EngineHandle, id: u64) -> Result<(), String> {
    loop {
        match engine.next_event().unwrap() {
            Event::Finished { job, .. } if job == JobId(id) => return Ok(()),
            Event::Failed { job, failure } if job == JobId(id) => return Err(failure.to_string()),
            _ => {}
        }
    }
}

/// What people are told beside the pictures until a job ends.
fn notes(engine: &EngineHandle, id: u64) -> Vec<String> {
    let mut notes = Vec::new();
    loop {
        match engine.next_event().unwrap() {
            Event::Note { note, .. } => notes.push(note.to_string()),
            Event::Finished { job, .. } if job == JobId(id) => return notes,
            Event::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
    }
}

#[test]
fn a_picture_to_be_made_again_with_other_weights_says_so() {
    let folder = TempDir::new().unwrap();
    let engine = engine_in(&folder);
    let mut recipe = recipe(&path("epsilon"));
    recipe.model.sha256 = Some("0".repeat(64));
    submit(&engine, 1, recipe.clone());
    let told = notes(&engine, 1);
    assert!(told[0].contains("other weights"), "{told:?}");
    recipe.model.sha256 = None;
    submit(&engine, 2, recipe);
    assert!(notes(&engine, 2).is_empty());
}

#[test]
fn one_engine_goes_on_after_every_kind_of_bad_input() {
    let folder = TempDir::new().unwrap();
    let engine = engine_in(&folder);

    submit(&engine, 1, recipe(&folder.path().join("no model")));
    assert!(ending(&engine, 1).unwrap_err().contains("no model"));

    let model = path("epsilon");
    let mut odd = recipe(&model);
    odd.width = 17;
    submit(&engine, 2, odd);
    assert!(ending(&engine, 2).unwrap_err().contains("17x16"));

    let mut none = recipe(&model);
    none.steps = 0;
    submit(&engine, 3, none);
    assert!(ending(&engine, 3).unwrap_err().contains("0 steps"));

    // What is dropped on the window may be anything.
    for wrong in [folder.path().to_owned(), model.join("model_index.json")] {
        engine.send(Request::Open { path: wrong }).unwrap();
        let opened = std::iter::from_fn(|| engine.next_event())
            .find_map(|event| match event {
                Event::Opened { picture, .. } => Some(picture),
                _ => None,
            })
            .unwrap();
        assert!(opened.is_err());
    }

    submit(&engine, 4, recipe(&model));
    assert_eq!(ending(&engine, 4), Ok(()));
}
