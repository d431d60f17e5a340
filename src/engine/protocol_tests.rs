//! The engine as people meet it, around a runner that does what the prompt says.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::likeness::Ranking;
use super::protocol::*;
use super::runner::{Ending, JobListener, LessonEnding, MadePicture, Runner, Step};
use super::{Engine as _, EngineHandle, EngineOptions};
use crate::library::FileError;
use crate::pipelines::{CancelToken, Wish};
use crate::raster::{Extent, Pixels, TiledMask};
use crate::recipe::{Draft, Finish, Limits, Recipe};

/// Prompts: `panic`, `fail`, `wait` (until it is stopped), `many` (1,000 steps), else one step.
struct Scripted {
    ran: Arc<AtomicUsize>,
}

impl Runner for Scripted {
    fn run(
        &mut self,
        job: &Job,
        token: &CancelToken,
        listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        self.ran.fetch_add(1, Ordering::SeqCst);
        for picture in 0..job.count {
            listener.stage(picture, Stage::Denoise);
            let steps = match job.recipe.prompt.as_str() {
                "panic" => panic!("the script says so"),
                "fail" => {
                    return Err(Failure::Computation {
                        reason: "scripted".to_owned(),
                    });
                }
                "many" => 1000,
                _ => 1,
            };
            for step in 1..=steps {
                let took = Duration::from_millis(1);
                listener.step(
                    picture,
                    Step {
                        done: step,
                        steps,
                        took,
                    },
                );
            }
            while job.recipe.prompt == "wait" && token.wish() == Wish::GoOn {
                std::thread::sleep(Duration::from_millis(1));
            }
            if token.wish() == Wish::Discard {
                return Ok(Ending::Cancelled);
            }
            let mut recipe = job.recipe.for_picture(picture);
            recipe.stopped_after = (token.wish() == Wish::Stop).then_some(1);
            let pixels = Pixels::from_rgba(Extent::new(1, 1), vec![255; 4]).unwrap();
            listener.picture(MadePicture {
                picture,
                pixels,
                recipe,
                dump: None,
            });
            if token.wish() == Wish::Stop {
                return Ok(Ending::Cancelled);
            }
        }
        Ok(Ending::Finished)
    }

    fn rank(
        &mut self,
        _: &Ranking,
        _: &CancelToken,
        _: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        panic!("nothing is compared")
    }

    fn teach(
        &mut self,
        _: &Teaching,
        _: &CancelToken,
        _: &mut dyn JobListener,
    ) -> Result<LessonEnding, Failure> {
        panic!("no lesson is asked for")
    }
}

struct Studio {
    engine: EngineHandle,
    ran: Arc<AtomicUsize>,
    folder: tempfile::TempDir,
}

impl Studio {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ran = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ran);
        let options = EngineOptions {
            pictures: folder.path().join("pictures"),
            settings_file: folder.path().join("settings.json"),
            easel: folder.path().join("easel"),
            models: folder.path().join("models"),
        };
        let make = move || Box::new(Scripted { ran: counter }) as Box<dyn Runner>;
        let engine = EngineHandle::start_with(make, options, Box::new(|| {})).unwrap();
        Self {
            engine,
            ran,
            folder,
        }
    }

    fn submit(&self, id: u64, prompt: &str, change: impl FnOnce(&mut Job)) {
        let mut job = Job {
            id: JobId(id),
            recipe: recipe(prompt),
            count: 1,
            inputs: Inputs::default(),
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: None,
        };
        change(&mut job);
        self.engine.send(Request::Submit(Box::new(job))).unwrap();
    }

    /// What a file holds, once it is said to be saved.
    fn once_saved(&self, path: PathBuf) -> OpenedPicture {
        self.until(|event| matches!(event, Event::Saved { result: Ok(()), .. }));
        self.ask(Request::Open { path });
        let mut events = self.until(|event| matches!(event, Event::Opened { .. }));
        match events.pop() {
            Some(Event::Opened {
                picture: Ok(opened),
                ..
            }) => opened,
            other => panic!("{other:?}"),
        }
    }

    fn ask(&self, request: Request) {
        self.engine.send(request).unwrap();
    }

    /// Events up to and with the first that `last` accepts.
    fn until(&self, last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.engine.next_event().expect("the engine lives");
            let found = last(&event);
            events.push(event);
            if found {
                return events;
            }
        }
    }

    /// Events until `jobs` jobs have ended.
    fn until_ended(&self, jobs: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..jobs {
            events.extend(self.until(|event| terminal(event).is_some()));
        }
        events
    }
}

fn recipe(prompt: &str) -> Recipe {
    let draft = Draft {
        prompt: prompt.to_owned(),
        ..Draft::default()
    };
    let limits = Limits {
        size_factor: 8,
        max_side: 2048,
        max_steps: 1000,
    };
    draft.recipe(limits).unwrap()
}

fn terminal(event: &Event) -> Option<(u64, &'static str)> {
    match event {
        Event::Finished { job, .. } => Some((job.0, "finished")),
        Event::Cancelled { job } => Some((job.0, "cancelled")),
        Event::Failed { job, .. } => Some((job.0, "failed")),
        _ => None,
    }
}

fn endings(events: &[Event]) -> Vec<(u64, &'static str)> {
    events.iter().filter_map(terminal).collect()
}

fn pictures(events: &[Event]) -> Vec<&FinishedPicture> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Picture(picture) => Some(&**picture),
            _ => None,
        })
        .collect()
}

fn started(id: u64) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Started { job, .. } if job.0 == id)
}

#[test]
fn every_job_ends_with_exactly_one_terminal_event_in_the_order_of_the_queue() {
    let studio = Studio::open();
    for (id, prompt) in ["a", "fail", "b", "panic", "c"].iter().enumerate() {
        studio.submit(id as u64, prompt, |_| {});
    }
    let events = studio.until_ended(5);
    assert_eq!(
        endings(&events),
        [
            (0, "finished"),
            (1, "failed"),
            (2, "finished"),
            (3, "failed"),
            (4, "finished")
        ]
    );
    std::thread::sleep(Duration::from_millis(20));
    assert!(studio.engine.try_event().is_none());
}

#[test]
fn a_panic_becomes_a_failure_with_its_message_and_the_next_job_runs() {
    let studio = Studio::open();
    studio.submit(1, "panic", |_| {});
    studio.submit(2, "a", |_| {});
    let events = studio.until_ended(2);
    let failure = events.iter().find_map(|event| match event {
        Event::Failed { failure, .. } => Some(failure.to_string()),
        _ => None,
    });
    assert!(failure.unwrap().contains("the script says so"));
    assert_eq!(studio.ran.load(Ordering::SeqCst), 2);
}

#[test]
fn each_picture_of_a_job_is_saved_with_its_own_seed_before_the_job_ends() {
    let studio = Studio::open();
    studio.submit(1, "a", |job| job.count = 3);
    let events = studio.until_ended(1);
    let pictures = pictures(&events);
    let seeds: Vec<_> = pictures.iter().map(|picture| picture.recipe.seed).collect();
    assert_eq!(seeds, [0, 1, 2]);
    for picture in pictures {
        assert!(picture.saved.as_ref().unwrap().is_file());
    }
    assert!(terminal(events.last().unwrap()).is_some());
}

#[test]
fn stop_keeps_what_is_there_and_discard_does_not() {
    let studio = Studio::open();
    studio.submit(1, "wait", |_| {});
    studio.submit(2, "wait", |_| {});
    studio.until(started(1));
    studio.ask(Request::Stop(JobId(1)));
    let events = studio.until(started(2));
    assert_eq!(pictures(&events)[0].recipe.stopped_after, Some(1));
    studio.ask(Request::Discard(JobId(2)));
    let later = studio.until_ended(1);
    assert!(pictures(&later).is_empty());
    let all: Vec<_> = events.into_iter().chain(later).collect();
    assert_eq!(endings(&all), [(1, "cancelled"), (2, "cancelled")]);
}

#[test]
fn waiting_jobs_can_be_seen_moved_and_removed() {
    let studio = Studio::open();
    studio.submit(1, "wait", |_| {});
    studio.until(started(1));
    for id in 2..=4 {
        studio.submit(id, "a", |_| {});
    }
    studio.ask(Request::Move {
        job: JobId(4),
        place: 0,
    });
    studio.ask(Request::Discard(JobId(2)));
    let is_queue = |ids: &'static [u64]| {
        move |event: &Event| {
            matches!(event, Event::Queue(waiting)
                if waiting.iter().map(|waiting| waiting.job.0).eq(ids.iter().copied()))
        }
    };
    let events = studio.until(is_queue(&[4, 3]));
    assert_eq!(endings(&events), [(2, "cancelled")]);
    studio.ask(Request::Discard(JobId(1)));
    let events = studio.until_ended(3);
    assert_eq!(
        endings(&events),
        [(1, "cancelled"), (4, "finished"), (3, "finished")]
    );
}

#[test]
fn a_picture_that_cannot_be_written_stays_in_memory_and_can_be_saved_elsewhere() {
    let studio = Studio::open();
    let blocked = studio.folder.path().join("file");
    std::fs::write(&blocked, b"not a folder").unwrap();
    studio.submit(1, "a", |job| {
        job.destination = Destination::Files {
            paths: vec![blocked.join("a.png")],
            overwrite: false,
        };
    });
    let events = studio.until_ended(1);
    let picture = pictures(&events)[0];
    assert!(
        picture
            .saved
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("cannot be written")
    );
    let path: PathBuf = studio.folder.path().join("elsewhere.png");
    studio.ask(Request::SaveAs {
        finish: Box::default(),
        pixels: Arc::clone(&picture.pixels),
        recipe: Some(Box::new(picture.recipe.clone())),
        path: path.clone(),
        overwrite: false,
    });
    let opened = studio.once_saved(path);
    assert_eq!(
        opened.origin,
        Origin::Recipe(Box::new(picture.recipe.clone()))
    );
}

#[test]
fn a_picture_to_be_looked_at_alone_is_told_and_leaves_no_file() {
    let studio = Studio::open();
    studio.submit(1, "a", |job| job.destination = Destination::Sight);
    let events = studio.until_ended(1);
    assert_eq!(endings(&events), [(1, "finished")]);
    let told = events
        .iter()
        .filter(|event| matches!(event, Event::Trial { job, .. } if *job == JobId(1)));
    assert_eq!(told.count(), 1);
    assert!(pictures(&events).is_empty());
    assert!(!studio.folder.path().join("pictures").exists());
}

#[test]
fn a_picture_is_saved_with_its_last_touch_and_its_recipe_tells_of_it() {
    let studio = Studio::open();
    studio.submit(1, "a", |_| ());
    let events = studio.until_ended(1);
    let picture = pictures(&events)[0];
    let finish = Finish {
        exposure: -1.0,
        ..Finish::default()
    };
    let path = studio.folder.path().join("darker.png");
    studio.ask(Request::SaveAs {
        pixels: Arc::clone(&picture.pixels),
        finish: Box::new(finish),
        recipe: Some(Box::new(picture.recipe.clone())),
        path: path.clone(),
        overwrite: false,
    });
    let opened = studio.once_saved(path);
    assert_eq!(*opened.pixels, picture.pixels.finished(&finish));
    let mut recipe = picture.recipe.clone();
    recipe.finishes.push(finish);
    assert_eq!(opened.origin, Origin::Recipe(Box::new(recipe)));
}

#[test]
fn an_existing_file_is_not_overwritten_unasked() {
    let studio = Studio::open();
    let path = studio.folder.path().join("a.png");
    std::fs::write(&path, b"precious").unwrap();
    for (id, overwrite) in [(1, false), (2, true)] {
        let paths = vec![path.clone()];
        studio.submit(id, "a", |job| {
            job.destination = Destination::Files { paths, overwrite }
        });
    }
    let events = studio.until_ended(1);
    assert!(matches!(pictures(&events)[0].saved, Err(Failure::File(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    let events = studio.until_ended(1);
    assert!(pictures(&events)[0].saved.is_ok());
}

#[test]
fn a_reader_that_sleeps_stalls_nobody_and_misses_only_steps() {
    let studio = Studio::open();
    studio.submit(1, "many", |_| {});
    studio.submit(2, "many", |_| {});
    while studio.ran.load(Ordering::SeqCst) < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let events = studio.until_ended(2);
    assert_eq!(endings(&events), [(1, "finished"), (2, "finished")]);
    let last_step = events.iter().rev().find_map(|event| match event {
        Event::Step { step, .. } => Some(*step),
        _ => None,
    });
    assert_eq!(last_step, Some(1000));
}

#[test]
fn closing_the_studio_ends_the_running_job_and_keeps_finished_pictures() {
    let studio = Studio::open();
    studio.submit(1, "a", |_| {});
    studio.submit(2, "wait", |_| {});
    studio.until(started(2));
    let Studio { engine, folder, .. } = studio;
    drop(engine);
    let days: Vec<_> = std::fs::read_dir(folder.path().join("pictures"))
        .unwrap()
        .collect();
    assert_eq!(days.len(), 1);
}

#[test]
fn a_picture_of_the_easel_rests_on_disk_until_it_is_recalled() {
    let studio = Studio::open();
    let extent = Extent::new(300, 4);
    let pixels = Pixels::from_rgba(extent, vec![9; extent.area() * 4]).unwrap();
    let picture = KeptPicture::new(extent);
    studio.ask(Request::RestoreEasel);
    studio.ask(Request::Keep(Box::new(Entry::Picture(HeldState {
        picture: picture.clone(),
        image: Arc::new(pixels.clone()),
        mask: TiledMask::empty(extent),
    }))));
    studio.ask(Request::ShowSmall(picture.clone()));
    let events = studio.until(|event| matches!(event, Event::Small { .. }));
    let Some(Event::Small { picture: of, small }) = events.last() else {
        panic!()
    };
    assert!(*of == picture);
    assert_eq!(small.as_ref().unwrap().extent().width, SMALL_SIDE);
    assert!(picture.is_on_disk());
    let recall = || {
        studio.ask(Request::Recall(picture.clone()));
        let mut events = studio.until(|event| matches!(event, Event::Recalled { .. }));
        match events.pop() {
            Some(Event::Recalled { pixels, .. }) => pixels,
            _ => panic!(),
        }
    };
    assert!(*recall().unwrap() == pixels);
    std::fs::remove_dir_all(studio.folder.path().join("easel/pictures")).unwrap();
    let failure = recall().unwrap_err();
    assert!(matches!(
        failure,
        Failure::File(FileError::StateMissing { .. })
    ));
}

#[test]
fn settings_are_written_and_a_failure_is_told() {
    let studio = Studio::open();
    let file = studio.folder.path().join("settings.json");
    studio.ask(Request::SaveSettings {
        json: "{}".to_owned(),
    });
    studio.ask(Request::ListLibrary { most: 1 });
    studio.until(|event| matches!(event, Event::Library(_)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{}");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    studio.ask(Request::SaveSettings {
        json: "{}".to_owned(),
    });
    studio.until(|event| matches!(event, Event::SettingsNotSaved(_)));
}
