use std::fs;
use std::path::PathBuf;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId,
    LikenessEvent, LikenessRequest, Ranked, Ranking, Request,
};
use afterimage::raster::{Extent, Pixels, encode_png};
use tempfile::TempDir;

use crate::golden::path;
use crate::studio_kit::recipe;

struct Studio {
    folder: TempDir,
    engine: EngineHandle,
}

impl Studio {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let options = EngineOptions {
            pictures: at("pictures"),
            settings_file: at("settings.json"),
            easel: at("easel"),
            models: at("models"),
        };
        Self {
            engine: EngineHandle::start(options, Box::new(|| {})).unwrap(),
            folder,
        }
    }

    fn picture(&self, name: &str) -> PathBuf {
        let extent = Extent::new(40, 30);
        let value = |at: usize| (at * 7 + name.len() * 31) as u8;
        let rgb: Vec<u8> = (0..extent.area() * 3).map(value).collect();
        let pixels = Pixels::from_rgb(extent, &rgb).unwrap();
        let file = self.folder.path().join(name);
        fs::write(&file, encode_png(&pixels, &[]).unwrap()).unwrap();
        file
    }

    fn ask(&self, request: LikenessRequest) {
        self.engine.send(Request::Likeness(request)).unwrap();
    }

    fn rank(&self, id: u64, pictures: Vec<PathBuf>) {
        let ranked = |path| Ranked {
            path,
            text: "the cat".to_owned(),
        };
        self.ask(LikenessRequest::Rank(Box::new(Ranking {
            id: JobId(id),
            pictures: pictures.into_iter().map(ranked).collect(),
            clip: path("clip/old").display().to_string(),
            threads: None,
        })));
    }

    fn next(&self) -> Event {
        self.engine.next_event().unwrap()
    }
}

#[test]
fn each_picture_is_told_and_the_whole_ends_once() {
    let studio = Studio::new();
    let (first, second) = (studio.picture("a.png"), studio.picture("bb.png"));
    let missing = studio.folder.path().join("none.png");
    studio.rank(5, vec![first.clone(), missing.clone(), second.clone()]);
    let mut told = Vec::new();
    loop {
        match studio.next() {
            Event::Likeness(LikenessEvent::Score {
                job,
                picture,
                likeness,
            }) => {
                assert_eq!(job, JobId(5));
                told.push((picture, likeness.ok()));
            }
            Event::Finished { job, .. } => {
                assert_eq!(job, JobId(5));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    let names: Vec<_> = told.iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(names, [first, missing, second]);
    let has: Vec<_> = told
        .iter()
        .map(|(_, likeness)| likeness.is_some())
        .collect();
    assert_eq!(has, [true, false, true]);
}

#[test]
fn it_stops_between_two_pictures() {
    let studio = Studio::new();
    let picture = studio.picture("a.png");
    studio.rank(5, vec![picture; 5000]);
    let mut told = 0;
    loop {
        match studio.next() {
            Event::Likeness(LikenessEvent::Score { .. }) => {
                if told == 0 {
                    studio.engine.send(Request::Stop(JobId(5))).unwrap();
                }
                told += 1;
            }
            Event::Cancelled { job } => {
                assert_eq!(job, JobId(5));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(told < 5000, "it went on to the end");
}

#[test]
fn it_goes_before_jobs_that_wait_and_the_next_picture_is_made() {
    let studio = Studio::new();
    let picture = studio.picture("a.png");
    for id in [1, 2] {
        let job = Job {
            id: JobId(id),
            recipe: recipe("a cat"),
            count: 3,
            inputs: Inputs::default(),
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: None,
        };
        studio.engine.send(Request::Submit(Box::new(job))).unwrap();
    }
    studio.rank(3, vec![picture]);
    let mut ended = Vec::new();
    while ended.len() < 3 {
        match studio.next() {
            Event::Finished { job, .. } => ended.push(job.0),
            Event::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
    }
    assert_eq!(ended, [1, 3, 2]);
}

#[test]
fn a_clip_that_cannot_be_read_fails_the_whole() {
    let studio = Studio::new();
    let picture = studio.picture("a.png");
    studio.ask(LikenessRequest::Rank(Box::new(Ranking {
        id: JobId(1),
        pictures: vec![Ranked {
            path: picture,
            text: String::new(),
        }],
        clip: path("epsilon").display().to_string(),
        threads: None,
    })));
    match studio.next() {
        Event::Failed { job, failure } => {
            assert_eq!(job, JobId(1));
            assert!(failure.to_string().contains("config.json"), "{failure}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn pictures_are_set_aside_until_one_cannot_be_moved() {
    let studio = Studio::new();
    let picture = studio.picture("a.png");
    let missing = studio.folder.path().join("none.png");
    let last = studio.picture("b.png");
    studio.ask(LikenessRequest::SetAside(vec![
        picture.clone(),
        missing,
        last.clone(),
    ]));
    match studio.next() {
        Event::Likeness(LikenessEvent::SetAside { moved, failure }) => {
            assert_eq!(moved.len(), 1);
            assert_eq!(moved[0].0, picture);
            assert!(moved[0].1.is_file() && !picture.exists());
            assert!(failure.unwrap().to_string().contains("none.png"));
        }
        other => panic!("{other:?}"),
    }
    assert!(last.is_file());
}

#[test]
fn clips_in_the_folder_of_models_are_listed() {
    let studio = Studio::new();
    let folder = studio.folder.path().join("models/clips/mine");
    crate::clip_kit::copied("new", &folder);
    studio.ask(LikenessRequest::List);
    match studio.next() {
        Event::Likeness(LikenessEvent::Clips(clips)) => {
            assert!(
                clips
                    .iter()
                    .any(|clip| clip.path == folder && clip.name == "mine")
            );
        }
        other => panic!("{other:?}"),
    }
}
