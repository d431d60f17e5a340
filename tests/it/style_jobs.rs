use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, FinishedPicture, Inputs, Job,
    JobId, Preview, Request,
};
use afterimage::pipelines::LAYER_SETS;
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::{
    FeaturesRef, Input, Optimizer, Recipe, StartFrom, StyleInput, Styling, Task,
};
use tempfile::TempDir;

use crate::golden::path;

const SIDE: u32 = 48;

fn engine(folder: &TempDir) -> EngineHandle {
    let models = folder.path().join("models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::copy(path("vgg/vgg19.pth"), models.join("vgg19.pth")).unwrap();
    let options = EngineOptions {
        pictures: folder.path().join("pictures"),
        settings_file: folder.path().join("settings.json"),
        easel: folder.path().join("easel"),
        models,
    };
    EngineHandle::start(options, Box::new(|| {})).unwrap()
}

fn picture(seed: u32) -> Arc<Pixels> {
    let extent = Extent::new(SIDE, SIDE);
    let rgb: Vec<u8> = (0..SIDE * SIDE)
        .flat_map(|at| {
            let (x, y) = (at % SIDE, at / SIDE);
            [
                (x * seed) as u8,
                (y * 5) as u8,
                ((x + y) / seed % 2 * 200) as u8,
            ]
        })
        .collect();
    Arc::new(Pixels::from_rgb(extent, &rgb).unwrap())
}

fn job(id: u64, evaluations: u32, start: Option<Arc<Pixels>>) -> Job {
    let styling = Styling {
        content: Input::default(),
        styles: vec![StyleInput {
            image: Input::default(),
            weight: 1.0,
        }],
        mask: None,
        features: FeaturesRef {
            id: "vgg19".to_owned(),
            sha256: None,
            quick: None,
        },
        layers: LAYER_SETS[0].id.to_owned(),
        style_weight: 1e6,
        content_weight: 1.0,
        optimizer: Optimizer::Lbfgs,
        start: match start {
            Some(_) => StartFrom::Picture(Input::default()),
            None => StartFrom::Content,
        },
        stroke_scale: 1.0,
        keep_colors: 0.0,
        coarse_to_fine: false,
    };
    Job {
        id: JobId(id),
        recipe: Recipe::of_styling(styling, (evaluations, 1), (SIDE, SIDE)),
        count: 1,
        inputs: Inputs {
            image: Some(picture(3)),
            styles: vec![picture(7)],
            start,
            ..Inputs::default()
        },
        destination: Destination::Library,
        dump_latents: Vec::new(),
        threads: None,
    }
}

/// What a job told, to its end.
#[derive(Default)]
struct Told {
    losses: Vec<f64>,
    picture: Option<Box<FinishedPicture>>,
    ends: u32,
    finished: bool,
}

fn run(engine: &EngineHandle, job: &Job, mut after: impl FnMut(usize)) -> Told {
    engine.send(Request::Submit(Box::new(job.clone()))).unwrap();
    let mut told = Told::default();
    while told.ends == 0 {
        match engine.next_event().unwrap() {
            Event::Losses { losses, .. } => {
                told.losses.push(losses.style + losses.content);
                assert_eq!(losses.evaluation as usize, told.losses.len());
                after(told.losses.len());
            }
            Event::Picture(picture) => told.picture = Some(picture),
            Event::Finished { .. } => {
                told.ends += 1;
                told.finished = true;
            }
            Event::Cancelled { .. } => told.ends += 1,
            Event::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
    }
    told
}

fn in_library(file: &Path) -> bool {
    file.is_file()
}

#[test]
fn each_iteration_is_told_and_shown_and_the_result_is_in_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let job = job(1, 30, None);
    let mut seen = 0;
    let told = run(&engine, &job, |_| {
        if let Some(Preview::Picture(preview)) = engine.take_preview() {
            assert_eq!(preview.job, JobId(1));
            assert_eq!(preview.pixels.extent(), Extent::new(SIDE, SIDE));
            seen += 1;
        }
    });
    assert!(told.finished && told.losses.len() == 30 && seen > 0);
    assert!(told.losses[29] < 0.5 * told.losses[0]);
    let made = told.picture.unwrap();
    assert!(in_library(made.saved.as_ref().unwrap()));
    let Task::Style(styling) = &made.recipe.task else {
        panic!()
    };
    assert_eq!(styling.content.sha256, picture(3).sha256());
    assert_eq!(styling.styles[0].image.sha256, picture(7).sha256());
    assert!(styling.features.sha256.is_some());
    // The same recipe makes the same picture.
    let mut again = job;
    again.recipe = made.recipe.clone();
    let told = run(&engine, &again, |_| ());
    assert_eq!(told.picture.unwrap().pixels, made.pixels);
}

#[test]
fn stopped_at_any_iteration_what_is_there_is_kept_and_can_be_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let job_stopped = job(1, 100_000, None);
    let told = run(&engine, &job_stopped, |evaluation| {
        if evaluation == 5 {
            engine.send(Request::Stop(JobId(1))).unwrap();
        }
    });
    assert!(!told.finished);
    let kept = told.picture.unwrap();
    let done = kept.recipe.stopped_after.unwrap();
    assert!(done >= 5 && done as usize == told.losses.len());
    assert!(in_library(kept.saved.as_ref().unwrap()));
    // It went on after the fifth was told until it heard of it.
    let last = *told.losses.last().unwrap();
    let on = run(&engine, &job(2, 10, Some(Arc::clone(&kept.pixels))), |_| ());
    assert!(
        on.finished && on.losses[0] < 2.0 * last + 1.0,
        "{last} {:?}",
        on.losses
    );
    // Discarded, nothing is kept.
    let told = run(&engine, &job(3, 100_000, None), |evaluation| {
        if evaluation == 3 {
            engine.send(Request::Discard(JobId(3))).unwrap();
        }
    });
    assert!(told.picture.is_none() && !told.finished);
    // And nothing more is told of it.
    std::thread::sleep(Duration::from_millis(200));
    while let Some(event) = engine.try_event() {
        assert!(
            !matches!(
                event,
                Event::Finished { .. } | Event::Cancelled { .. } | Event::Failed { .. }
            ),
            "{event:?}"
        );
    }
}

#[test]
fn pictures_that_are_not_the_recipes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let refused = |job: Job| {
        engine.send(Request::Submit(Box::new(job))).unwrap();
        loop {
            match engine.next_event().unwrap() {
                Event::Failed { failure, .. } => return failure.to_string(),
                Event::Finished { .. } => panic!("it was taken"),
                _ => {}
            }
        }
    };
    let mut none = job(1, 3, None);
    none.inputs.styles.clear();
    assert!(refused(none).contains("style"));
    let mut other = job(2, 3, None);
    if let Task::Style(styling) = &mut other.recipe.task {
        styling.styles[0].image.sha256 = "00".to_owned();
    }
    assert!(refused(other).contains("style"));
    let mut gone = job(3, 3, Some(picture(9)));
    gone.inputs.start = None;
    assert!(refused(gone).contains("open it again"));
    let mut unknown = job(4, 3, None);
    if let Task::Style(styling) = &mut unknown.recipe.task {
        styling.layers = "none".to_owned();
    }
    assert!(refused(unknown).contains("first_five"));
    let mut quick = job(6, 1, None);
    if let Task::Style(styling) = &mut quick.recipe.task {
        styling.features.id = "adain".to_owned();
    }
    assert!(refused(quick).contains("vgg_normalised.pth"));
    std::fs::remove_file(folder.path().join("models/vgg19.pth")).unwrap();
    assert!(refused(job(5, 3, None)).contains("vgg19-dcbb9e9d.pth"));
}

#[test]
fn a_style_in_one_pass_draws_what_its_networks_tell_and_says_which_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let own = folder.path().join("models/adain");
    std::fs::create_dir(&own).unwrap();
    for file in ["vgg_normalised.pth", "decoder.pth"] {
        std::fs::copy(path("adain").join(file), own.join(file)).unwrap();
    }
    let pass = |id: u64, weight: f64| {
        let mut job = job(id, 1, None);
        if let Task::Style(styling) = &mut job.recipe.task {
            styling.features.id = "adain".to_owned();
            styling.style_weight = weight;
        }
        let told = run(&engine, &job, |_| ());
        assert!(told.finished && told.losses.is_empty());
        *told.picture.unwrap()
    };
    let whole = pass(1, 1e6);
    assert_eq!(whole.pixels.extent(), Extent::new(SIDE, SIDE));
    let Task::Style(styling) = &whole.recipe.task else {
        panic!("{:?}", whole.recipe.task)
    };
    assert_eq!(styling.features.sha256.as_ref().unwrap().len(), 64);
    assert_eq!(whole.recipe.stopped_after, None);
    // The same again, and another picture where less of the style is asked for.
    assert_eq!(pass(2, 1e6).pixels, whole.pixels);
    assert_ne!(pass(3, 1e5).pixels, whole.pixels);
}
