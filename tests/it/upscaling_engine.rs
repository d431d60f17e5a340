use std::path::{Path, PathBuf};
use std::sync::Arc;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Enlarging, Event, Failure,
    FinishedPicture, Inputs, Job, JobId, PlanError, Request, Stage,
};
use afterimage::library::{Origin, read_picture};
use afterimage::pipelines::{Target, Tiling};
use afterimage::raster::{Extent, Pixels, encode_png};
use afterimage::recipe::{Enlargement, Input, ModelRef, Recipe, Task};
use tempfile::TempDir;

use crate::upscaling_kit::file;

struct Desk {
    folder: TempDir,
    engine: EngineHandle,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions {
            pictures: folder.path().join("pictures"),
            settings_file: folder.path().join("settings.json"),
            easel: folder.path().join("easel"),
            models: folder.path().join("models"),
        };
        let networks = folder.path().join("models/upscale");
        std::fs::create_dir_all(&networks).unwrap();
        std::fs::copy(file("body_x4.pth"), networks.join("body_x4.pth")).unwrap();
        let engine = EngineHandle::start(options, Box::new(|| {})).unwrap();
        Self { folder, engine }
    }

    fn submit(&self, job: Job) -> Vec<Event> {
        let id = job.id;
        self.engine.send(Request::Submit(Box::new(job))).unwrap();
        let mut heard = Vec::new();
        while let Some(event) = self.engine.next_event() {
            let ended = matches!(&event,
                Event::Finished { job, .. } | Event::Cancelled { job } | Event::Failed { job, .. }
                    if *job == id);
            let is_first_part = matches!(&event, Event::Part(part) if part.job == id);
            if is_first_part && id == CANCELLED {
                self.engine.send(Request::Stop(id)).unwrap();
            }
            heard.push(event);
            if ended {
                break;
            }
        }
        heard
    }

    /// Files below the library's folder.
    fn saved(&self) -> Vec<PathBuf> {
        let days = std::fs::read_dir(self.folder.path().join("pictures"));
        let days = days.into_iter().flatten().map(|day| day.unwrap().path());
        days.flat_map(|day| std::fs::read_dir(day).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect()
    }
}

const CANCELLED: JobId = JobId(77);

fn picture(width: u32, height: u32) -> Pixels {
    let extent = Extent::new(width, height);
    let rgb: Vec<u8> = (0..extent.area() * 3)
        .map(|at| (at * 7 % 251) as u8)
        .collect();
    Pixels::from_rgb(extent, &rgb).unwrap()
}

fn job(id: u64, image: Option<Pixels>, path: Option<&Path>, memory: u64) -> Job {
    let enlargement = Enlargement {
        image: Input::default(),
        method: "network".to_owned(),
        scale: 0.0,
        tile: 0,
        tile_pad: 10,
        pre_pad: 10,
        feather: false,
    };
    Job {
        id: JobId(id),
        recipe: Recipe::of_enlargement(enlargement, ModelRef::named("body_x4"), (0, 0)),
        count: 1,
        inputs: Inputs {
            image: image.map(Arc::new),
            enlarging: Some(Box::new(Enlarging {
                file: path.map(Path::to_path_buf),
                network: None,
                target: Target::Own,
                tiling: Tiling {
                    tile: Some(16),
                    ..Tiling::default()
                },
                memory,
                is_trial: false,
            })),
            ..Inputs::default()
        },
        destination: Destination::Library,
        dump_latents: Vec::new(),
        threads: None,
    }
}

/// The picture that was made.
fn made(heard: &[Event]) -> &FinishedPicture {
    let made = heard.iter().find_map(|event| match event {
        Event::Picture(made) => Some(&**made),
        _ => None,
    });
    made.unwrap()
}

#[test]
fn what_keeps_its_size_is_named_for_what_it_is() {
    let desk = Desk::new();
    let path = desk.folder.path().join("cat.png");
    std::fs::write(&path, encode_png(&picture(40, 20), &[]).unwrap()).unwrap();
    let mut job = job(1, None, Some(&path), 2 << 30);
    job.recipe.model = ModelRef::named("sprout-restore");
    let heard = desk.submit(job);
    let made = made(&heard);
    assert_eq!(made.pixels.extent(), Extent::new(40, 20));
    let saved = made.saved.clone().unwrap();
    assert!(saved.to_string_lossy().ends_with("cat-restored.png"));
}

#[test]
fn a_file_is_read_when_its_turn_comes_and_its_result_is_seen_part_by_part() {
    let desk = Desk::new();
    let path = desk.folder.path().join("cat.png");
    std::fs::write(&path, encode_png(&picture(40, 20), &[]).unwrap()).unwrap();
    let heard = desk.submit(job(1, None, Some(&path), 2 << 30));
    let parts: Vec<_> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Part(part) => Some(part),
            _ => None,
        })
        .collect();
    // All of it before anything was made, then each part.
    assert_eq!(parts.len(), 1 + 6);
    assert!(parts.iter().all(|part| part.extent == Extent::new(160, 80)));
    let area: usize = parts[1..]
        .iter()
        .map(|part| part.pixels.extent().area())
        .sum();
    assert_eq!(area, 160 * 80);
    let steps: Vec<_> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Step { step, steps, .. } => Some((*step, *steps)),
            _ => None,
        })
        .collect();
    assert_eq!((steps[0], steps[6]), ((0, 6), (6, 6)));
    let made = made(&heard);
    assert_eq!(made.pixels.extent(), Extent::new(160, 80));
    let saved = made.saved.clone().unwrap();
    assert_eq!(desk.saved(), std::slice::from_ref(&saved));
    assert!(saved.to_string_lossy().ends_with("cat-larger.png"));
    let read = read_picture(&saved).unwrap();
    assert_eq!(read.pixels, *made.pixels);
    let Origin::Recipe(recipe) = read.origin else {
        panic!()
    };
    assert_eq!(*recipe, made.recipe);
    let Task::Upscale(enlargement) = &recipe.task else {
        panic!()
    };
    assert_eq!(enlargement.image.sha256, picture(40, 20).sha256());
    assert_eq!((enlargement.scale, enlargement.tile), (4.0, 16));
    assert!(recipe.model.sha256.is_some());
    // What the recipe says makes the picture again.
    let again = Job {
        recipe: (*recipe).clone(),
        inputs: Inputs {
            image: Some(Arc::new(picture(40, 20))),
            ..Inputs::default()
        },
        ..job(2, None, None, 0)
    };
    let heard = desk.submit(again);
    let again = heard.iter().find_map(|event| match event {
        Event::Picture(made) => Some(made),
        _ => None,
    });
    assert_eq!(again.unwrap().pixels, made.pixels);
    let Some(Event::Finished { figures, .. }) = heard.last() else {
        panic!("{heard:?}")
    };
    let stages: Vec<_> = figures.stages.iter().map(|(stage, _)| *stage).collect();
    assert!(stages.contains(&Stage::Upscale) && stages.contains(&Stage::Save));
}

#[test]
fn a_trial_is_told_and_leaves_no_file() {
    let desk = Desk::new();
    let mut job = job(6, Some(picture(24, 18)), None, 2 << 30);
    if let Some(wish) = &mut job.inputs.enlarging {
        wish.is_trial = true;
    }
    let heard = desk.submit(job);
    let tried = heard.iter().find_map(|event| match event {
        Event::Trial { job, pixels } => Some((*job, pixels.extent())),
        _ => None,
    });
    assert_eq!(tried, Some((JobId(6), Extent::new(96, 72))));
    assert!(matches!(heard.last(), Some(Event::Finished { .. })));
    assert!(desk.saved().is_empty());
}

#[test]
fn what_ends_early_or_cannot_be_leaves_no_file() {
    let desk = Desk::new();
    let heard = desk.submit(job(CANCELLED.0, Some(picture(200, 200)), None, 2 << 30));
    assert!(matches!(heard.last(), Some(Event::Cancelled { job }) if *job == CANCELLED));
    let ends = heard.iter().filter(|event| {
        matches!(
            event,
            Event::Finished { .. } | Event::Cancelled { .. } | Event::Failed { .. }
        )
    });
    assert_eq!(ends.count(), 1);
    assert!(desk.saved().is_empty());

    let heard = desk.submit(job(3, Some(picture(40, 40)), None, 1 << 20));
    let Some(Event::Failed { failure, .. }) = heard.last() else {
        panic!("{heard:?}")
    };
    assert!(
        matches!(failure, Failure::Plan(PlanError::Memory { .. })),
        "{failure:?}"
    );
    let missing = desk.folder.path().join("none.png");
    let heard = desk.submit(job(4, None, Some(&missing), 2 << 30));
    assert!(matches!(
        heard.last(),
        Some(Event::Failed {
            failure: Failure::File(_),
            ..
        })
    ));
    let mut other = job(5, Some(picture(20, 20)), None, 2 << 30);
    other.recipe.model = ModelRef::named("nobody");
    let heard = desk.submit(other);
    let Some(Event::Failed { failure, .. }) = heard.last() else {
        panic!("{heard:?}")
    };
    assert!(
        failure
            .to_string()
            .contains("(body_x4, sprout-x2, sprout-x4, sprout-x4-crisp, sprout-restore)"),
        "{failure}"
    );
    assert!(desk.saved().is_empty());
}

#[test]
fn a_network_that_lies_elsewhere_is_used_by_its_file_and_named_without_it() {
    let desk = Desk::new();
    let elsewhere = desk.folder.path().join("mine.pth");
    std::fs::copy(file("body_x2.pth"), &elsewhere).unwrap();
    let mut job = job(8, Some(picture(20, 10)), None, 2 << 30);
    job.recipe.model = ModelRef::named("mine");
    if let Some(wish) = &mut job.inputs.enlarging {
        wish.network = Some(elsewhere);
    }
    let heard = desk.submit(job);
    let made = made(&heard);
    assert_eq!(made.pixels.extent(), Extent::new(40, 20));
    assert_eq!(made.recipe.model.name, "mine");
    assert!(made.recipe.model.sha256.is_some());
}

#[test]
fn a_result_is_seen_again_within_the_room_there_is() {
    let desk = Desk::new();
    let heard = desk.submit(job(9, Some(picture(40, 20)), None, 2 << 30));
    let made = heard.iter().find_map(|event| match event {
        Event::Picture(made) => Some(made),
        _ => None,
    });
    let path = made.unwrap().saved.clone().unwrap();
    for (room, extent, is_less) in [
        (u64::MAX, Extent::new(160, 80), false),
        (160 * 80 * 4, Extent::new(160, 80), false),
        (160 * 80 * 3, Extent::new(80, 40), true),
    ] {
        let path = path.clone();
        desk.engine.send(Request::SeeResult { path, room }).unwrap();
        let Some(Event::Seen {
            seen: Ok((pixels, less)),
            ..
        }) = desk.engine.next_event()
        else {
            panic!("{room}")
        };
        assert_eq!((pixels.extent(), less), (extent, is_less));
    }
}

#[test]
fn a_network_is_told_before_it_is_used() {
    let desk = Desk::new();
    let ask = |name: &str| {
        let name = name.to_owned();
        desk.engine.send(Request::InspectUpscaler { name }).unwrap();
        match desk.engine.next_event() {
            Some(Event::Upscaler { card, .. }) => card,
            other => panic!("{other:?}"),
        }
    };
    let card = ask("body_x4").unwrap();
    assert_eq!(card.layout.family(), "RRDBNet");
    assert!(card.bytes > 1000);
    assert!(ask("nobody").is_err());
}
