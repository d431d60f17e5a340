//! Styles that small networks learn: lessons, the engine that gives them, and pictures made by them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId,
    Lesson as Asked, NewLesson, Preview, QuickStyle, Request, Teaching, Unfinished,
};
use afterimage::library::encode_picture;
use afterimage::models::Johnson;
use afterimage::nn::Interrupt;
use afterimage::pipelines::{LAYER_SETS, StyleEyes, StyleJudge};
use afterimage::raster::{Extent, Mask, Pixels};
use afterimage::recipe::{FeaturesRef, Input, Optimizer, Recipe, StartFrom, Styling, Task};
use afterimage::training::quick_style::{
    Contents, Judge, Judgement, Learnt, Lesson, Order, find_quick_styles, finished_file,
    unfinished_file,
};
use candle_core::{Device, Result, Tensor};
use tempfile::TempDir;

use crate::golden::path;

const SIDE: u32 = 40;

/// Stripes.
fn picture(seed: u32) -> Arc<Pixels> {
    let extent = Extent::new(SIDE, SIDE - 6);
    let rgb: Vec<u8> = (0..extent.area() as u32)
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

fn order(steps: u32) -> Order {
    Order {
        name: "Stripes".to_owned(),
        style: picture(7).sha256(),
        features: "embedded".to_owned(),
        steps,
        seed: 3,
        contents: Vec::new(),
    }
}

/// Wants every picture to be of one colour.
struct Plain;

impl Judge for Plain {
    fn judge(&mut self, picture: &Tensor, _: &Tensor, interrupt: &Interrupt) -> Result<Judgement> {
        interrupt.check()?;
        let colour = Tensor::new(&[0.9f32, 0.2, 0.4], &Device::Cpu)?.reshape((1, 3, 1, 1))?;
        let gap = picture.broadcast_sub(&colour)?;
        let style = f64::from(gap.sqr()?.mean_all()?.to_scalar::<f32>()?);
        Ok(Judgement {
            style: 1e3 * style,
            content: 0.0,
            gradient: (&gap * (2e3 / gap.elem_count() as f64))?,
        })
    }
}

fn learn(lesson: &mut Lesson, steps: u32) -> Vec<Learnt> {
    let contents = Contents::read(&lesson.order().contents);
    let never = Interrupt::never();
    let step = |_| lesson.step(&mut Plain, &contents, &never).unwrap();
    (0..steps).map(step).collect()
}

#[test]
fn a_lesson_goes_on_from_its_file_as_if_it_had_never_left_off() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut whole = Lesson::begin(order(4), &picture(7));
    let told = learn(&mut whole, 4);
    assert_eq!(told.last().unwrap().done, 4);
    assert!(told[3].style < told[0].style, "{told:?}");
    assert!(whole.is_over());
    whole.finish(&at("whole.safetensors")).unwrap();

    let first = Lesson::begin(order(4), &picture(7));
    first.save(&at("part.unfinished")).unwrap();
    let mut part = Lesson::open(&at("part.unfinished")).unwrap();
    let mut again = learn(&mut part, 2);
    part.save(&at("part.unfinished")).unwrap();
    let mut part = Lesson::open(&at("part.unfinished")).unwrap();
    assert_eq!((part.done(), part.order()), (2, &order(4)));
    again.extend(learn(&mut part, 2));
    part.finish(&at("part.safetensors")).unwrap();
    assert_eq!(again, told);
    let bytes = |name: &str| std::fs::read(at(name)).unwrap();
    assert_eq!(bytes("whole.safetensors"), bytes("part.safetensors"));
    // Another seed is another network.
    let mut other = Lesson::begin(
        Order {
            seed: 4,
            ..order(4)
        },
        &picture(7),
    );
    assert_ne!(learn(&mut other, 1)[0].style, told[0].style);
}

#[test]
fn a_step_that_is_interrupted_has_changed_nothing() {
    let mut lesson = Lesson::begin(order(2), &picture(7));
    let contents = Contents::read(&[]);
    let asked = Interrupt::when(|| true);
    assert!(lesson.step(&mut Plain, &contents, &asked).is_err());
    assert_eq!(lesson.done(), 0);
    let told = learn(&mut lesson, 2);
    assert_eq!(told, learn(&mut Lesson::begin(order(2), &picture(7)), 2));
}

/// The gap between two values a judge gives beside each other says what its gradient says.
#[test]
fn the_judge_of_the_embedded_way_knows_which_way_is_down() {
    let never = Interrupt::never();
    let eyes = StyleEyes::new(&picture(7), None, &never).unwrap();
    let size = (24, 28);
    let mut judge: StyleJudge<'_> = eyes.judge(size, 1.0, &never).unwrap();
    let planes = |by: f32| {
        let values = (0..3 * size.0 * size.1).map(|at| 0.5 + 0.4 * (at as f32 * by).sin());
        let shape = (1, 3, size.0, size.1);
        Tensor::from_vec(values.collect::<Vec<_>>(), shape, &Device::Cpu).unwrap()
    };
    let (made, content) = (planes(0.37), planes(0.05));
    let (style, own, gradient) = judge.losses(&made, &content, &never).unwrap();
    let length = gradient.sqr().unwrap().sum_all().unwrap();
    let length = f64::from(length.to_scalar::<f32>().unwrap());
    // A small step down.
    let step = 1e-3 * (style + own) / length;
    let lower = (&made - (&gradient * step).unwrap()).unwrap();
    let (style_then, own_then, _) = judge.losses(&lower, &content, &never).unwrap();
    let fallen = (style + own) - (style_then + own_then);
    let wanted = 1e-3 * (style + own);
    assert!(
        (0.5 * wanted..1.5 * wanted).contains(&fallen),
        "{fallen} of {wanted}"
    );
    // The same picture is as far from the same content whatever was judged between.
    judge.losses(&content, &made, &never).unwrap();
    let again = judge.losses(&made, &content, &never).unwrap();
    assert_eq!((again.0, again.1), (style, own));
}

#[test]
fn styles_and_lessons_are_found_by_what_their_files_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut lesson = Lesson::begin(order(1), &picture(7));
    lesson.save(&at("b.unfinished")).unwrap();
    learn(&mut lesson, 1);
    lesson.finish(&at("b.safetensors")).unwrap();
    std::fs::copy(path("johnson/quick.pth"), at("mosaic.pth")).unwrap();
    std::fs::write(at("notes.txt"), b"").unwrap();
    std::fs::write(at("cut.unfinished"), b"cut").unwrap();
    let (styles, unfinished) = find_quick_styles(folder.path());
    let names: Vec<_> = styles.iter().map(|style| &*style.name).collect();
    assert_eq!(names, ["Stripes", "mosaic"]);
    assert_eq!(styles[0].order.as_ref().unwrap().style, picture(7).sha256());
    assert!(styles[0].thumbnail.is_some() && styles[1].thumbnail.is_none());
    assert_eq!(unfinished.len(), 1);
    assert_eq!((unfinished[0].done, unfinished[0].order.steps), (0, 1));
    assert_eq!(finished_file(&unfinished[0].path), at("b.safetensors"));
    // What was made is a network like the published ones.
    Johnson::open(&at("b.safetensors")).unwrap();
    // What is none is refused with a reason.
    for name in ["cut.unfinished", "b.safetensors", "none.unfinished"] {
        let error = Lesson::open(&at(name)).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}

struct Studio {
    engine: EngineHandle,
    folder: TempDir,
}

impl Studio {
    fn open() -> Self {
        Self::reopen(tempfile::tempdir().unwrap())
    }

    fn reopen(folder: TempDir) -> Self {
        let options = EngineOptions {
            pictures: folder.path().join("pictures"),
            settings_file: folder.path().join("settings.json"),
            easel: folder.path().join("easel"),
            models: folder.path().join("models"),
        };
        Self {
            engine: EngineHandle::start(options, Box::new(|| {})).unwrap(),
            folder,
        }
    }

    fn styles(&self) -> PathBuf {
        self.folder.path().join("models/styles")
    }

    fn teach(&self, id: u64, lesson: Asked) {
        let teaching = Teaching {
            id: JobId(id),
            lesson,
            threads: None,
        };
        self.engine
            .send(Request::Teach(Box::new(teaching)))
            .unwrap();
    }

    /// The next event that `wanted` is looking for.
    fn until<T>(&self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.engine.next_event().unwrap()) {
                return found;
            }
        }
    }

    fn listed(&self) -> (Vec<QuickStyle>, Vec<Unfinished>) {
        self.until(|event| match event {
            Event::QuickStyles { styles, unfinished } => Some((styles, unfinished)),
            _ => None,
        })
    }
}

fn new_lesson(steps: u32) -> NewLesson {
    NewLesson {
        name: "Stripes".to_owned(),
        style: picture(7),
        contents: Vec::new(),
        steps,
        seed: 3,
        file: None,
    }
}

/// A picture by a quick style.
fn job(id: u64, name: &str, change: impl FnOnce(&mut Styling, &mut Inputs)) -> Job {
    let mut styling = Styling {
        content: Input::default(),
        styles: Vec::new(),
        mask: None,
        features: FeaturesRef {
            id: "quick".to_owned(),
            sha256: None,
            quick: Some(name.to_owned()),
        },
        layers: LAYER_SETS[0].id.to_owned(),
        style_weight: 1e6,
        content_weight: 1.0,
        optimizer: Optimizer::Lbfgs,
        start: StartFrom::Content,
        stroke_scale: 1.0,
        keep_colors: 0.0,
        coarse_to_fine: true,
    };
    let mut inputs = Inputs {
        image: Some(picture(3)),
        ..Inputs::default()
    };
    change(&mut styling, &mut inputs);
    let extent = picture(3).extent();
    Job {
        id: JobId(id),
        recipe: Recipe::of_styling(styling, (1, 1), (extent.width, extent.height)),
        count: 1,
        inputs,
        destination: Destination::Library,
        dump_latents: Vec::new(),
        threads: None,
    }
}

fn made(studio: &Studio, job: Job) -> (Arc<Pixels>, Recipe) {
    studio.engine.send(Request::Submit(Box::new(job))).unwrap();
    let mut made = None;
    studio.until(|event| match event {
        Event::Picture(picture) => {
            made = Some((picture.pixels, picture.recipe));
            None
        }
        Event::Finished { .. } => made.take(),
        Event::Failed { failure, .. } => panic!("{failure}"),
        _ => None,
    })
}

#[test]
fn a_picture_asked_for_meanwhile_is_made_before_the_style_is_learnt() {
    let studio = Studio::open();
    std::fs::create_dir_all(studio.styles()).unwrap();
    std::fs::copy(
        path("johnson/quick.pth"),
        studio.styles().join("mosaic.pth"),
    )
    .unwrap();
    studio.teach(1, Asked::New(new_lesson(3)));
    let mut told = Vec::new();
    studio.until(|event| match event {
        Event::Lesson(step) if step.step == 1 => Some(()),
        _ => None,
    });
    let asked = job(2, "mosaic", |_, _| ());
    studio
        .engine
        .send(Request::Submit(Box::new(asked)))
        .unwrap();
    studio.until(|event| {
        match event {
            Event::LessonWaits { job } => told.push(format!("{} waits", job.0)),
            Event::Picture(picture) => told.push(format!("{} made", picture.job.0)),
            Event::Lesson(step) if step.step == step.steps => told.push("learnt".to_owned()),
            Event::Finished { job, .. } => {
                told.push(format!("{} ended", job.0));
                return (job == JobId(1)).then_some(());
            }
            Event::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
        None
    });
    assert_eq!(told, ["1 waits", "2 made", "2 ended", "learnt", "1 ended"]);
    let (styles, unfinished) = studio.listed();
    let names: Vec<_> = styles.iter().map(|style| &*style.name).collect();
    assert_eq!(names, ["Stripes", "mosaic"]);
    assert!(unfinished.is_empty());
}

#[test]
fn a_lesson_that_was_stopped_goes_on_after_a_restart_and_what_it_makes_paints() {
    let studio = Studio::open();
    studio.teach(1, Asked::New(new_lesson(4)));
    let mut shown = false;
    studio.until(|event| match event {
        Event::Lesson(step) => {
            if let Some(Preview::Picture(preview)) = studio.engine.take_preview() {
                shown |= preview.job == JobId(1);
            }
            if step.step == 2 {
                studio.engine.send(Request::Stop(JobId(1))).unwrap();
            }
            None
        }
        Event::Cancelled { job } => {
            assert_eq!(job, JobId(1));
            Some(())
        }
        _ => None,
    });
    let (styles, unfinished) = studio.listed();
    assert!(styles.is_empty());
    let [paused] = &unfinished[..] else {
        panic!("{unfinished:?}")
    };
    assert!((2..4).contains(&paused.done), "{}", paused.done);
    let Studio { engine, folder } = studio;
    drop(engine);
    let studio = Studio::reopen(folder);
    studio.teach(1, Asked::Unfinished(paused.path.clone()));
    let first = studio.until(|event| match event {
        Event::Lesson(step) => Some(step.step),
        _ => None,
    });
    assert_eq!(first, paused.done);
    studio.until(|event| matches!(event, Event::Finished { .. }).then_some(()));
    let (styles, unfinished) = studio.listed();
    assert!(unfinished.is_empty() && shown);
    assert_eq!(styles[0].path, studio.styles().join("Stripes.safetensors"));

    // Any picture takes it in one pass, and says which it was.
    let (whole, recipe) = made(&studio, job(2, "Stripes", |_, _| ()));
    let Task::Style(styling) = &recipe.task else {
        panic!("{:?}", recipe.task)
    };
    assert_eq!(styling.features.quick.as_deref(), Some("Stripes"));
    assert_eq!(styling.features.sha256.as_ref().unwrap().len(), 64);
    assert_eq!(whole.extent(), picture(3).extent());
    assert_ne!(whole, picture(3));
    // Less of it, its colours, larger strokes, and a mask: each tells.
    let half = |styling: &mut Styling, _: &mut Inputs| styling.style_weight = 5e5;
    let colored = |styling: &mut Styling, _: &mut Inputs| styling.keep_colors = 1.0;
    let larger = |styling: &mut Styling, _: &mut Inputs| styling.stroke_scale = 2.0;
    assert_ne!(made(&studio, job(3, "Stripes", half)).0, whole);
    assert_ne!(made(&studio, job(4, "Stripes", colored)).0, whole);
    let (large, _) = made(&studio, job(5, "Stripes", larger));
    assert_eq!(large.extent(), whole.extent());
    assert_ne!(large, whole);
    let extent = whole.extent();
    let left = |at: usize| at % (extent.width as usize) < 10;
    let values = (0..extent.area()).map(|at| if left(at) { 255 } else { 0 });
    let mask = Arc::new(Mask::from_values(extent, values.collect()).unwrap());
    let masked = |styling: &mut Styling, inputs: &mut Inputs| {
        styling.mask = Some(Input::default());
        inputs.mask = Some(mask);
    };
    let (masked, _) = made(&studio, job(6, "Stripes", masked));
    let pixel = |pixels: &Pixels, at: usize| pixels.rgba()[4 * at..4 * at + 3].to_vec();
    for at in 0..extent.area() {
        let wanted = if left(at) { &whole } else { &picture(3) };
        assert_eq!(pixel(&masked, at), pixel(wanted, at), "{at}");
    }
}

#[test]
fn what_cannot_be_is_told() {
    let studio = Studio::open();
    let refused = |request: Request| {
        studio.engine.send(request).unwrap();
        studio.until(|event| match event {
            Event::Failed { failure, .. } => Some(failure.to_string()),
            Event::Finished { .. } => panic!("it was taken"),
            _ => None,
        })
    };
    let submit = |job: Job| Request::Submit(Box::new(job));
    let unknown = refused(submit(job(1, "none", |_, _| ())));
    assert!(
        unknown.contains("none") && unknown.contains("styles"),
        "{unknown}"
    );
    std::fs::create_dir_all(studio.styles()).unwrap();
    std::fs::copy(path("vgg/vgg19.pth"), studio.styles().join("vgg.pth")).unwrap();
    let other = refused(submit(job(2, "vgg", |_, _| ())));
    assert!(other.contains("a quick style"), "{other}");
    let no_style = refused(submit(job(3, "vgg", |styling, _| {
        styling.features.quick = None;
    })));
    assert!(no_style.contains("style"), "{no_style}");
    let gone = studio.styles().join("gone.unfinished");
    let teaching = Teaching {
        id: JobId(4),
        lesson: Asked::Unfinished(gone),
        threads: None,
    };
    let gone = refused(Request::Teach(Box::new(teaching)));
    assert!(gone.contains("gone.unfinished"), "{gone}");
}

#[test]
fn only_styles_and_lessons_are_removed() {
    let studio = Studio::open();
    let learnt = studio.styles().join("learnt.safetensors");
    let mut whole = Lesson::begin(order(1), &picture(7));
    learn(&mut whole, 1);
    whole.finish(&learnt).unwrap();
    let lesson = Lesson::begin(order(9), &picture(7));
    let unfinished = unfinished_file(&studio.styles().join("a.safetensors"));
    lesson.save(&unfinished).unwrap();
    let beside = studio.styles().join("keep.png");
    let file = encode_picture(&picture(3), None).unwrap();
    std::fs::write(&beside, file).unwrap();
    let mut left = None;
    for path in [&beside, &unfinished, &learnt] {
        let path = path.clone();
        studio
            .engine
            .send(Request::ForgetQuickStyle { path })
            .unwrap();
        left = Some(studio.listed());
    }
    let there = |path: &Path| path.is_file();
    assert!(there(&beside) && !there(&unfinished) && !there(&learnt));
    assert_eq!(left, Some((Vec::new(), Vec::new())));
}
