//! `afterimage evaluate`: how much of a prompt a model draws, read from its pictures by a CLIP.

mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use super::console::{say, use_threads};
use super::rank::{ClipArgs, chosen};
use super::run::inspect;
use super::{CommandError, failed};
use crate::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId, Request,
    clip_files,
};
use crate::models::{Clip, embedded_clip};
use crate::nn::Interrupt;
use crate::raster::Pixels;
use crate::recipe::{Draft, Emphasis, Limits, Task};
use crate::training::reading::{Attribute, Reader, Reading, Tongue};
use crate::training::scenes::{HELD_OUT_SEED, Scene, captions, is_withheld, paint};
use crate::weights::ModelFiles;

use table::{Row, lines};

/// Of the combinations nobody was trained on, one is added to so many captions.
const WITHHELD_IN: u32 = 5;
/// What holds the texts a CLIP reads with.
const READING: &str = "reading.json";

/// What the command is told.
#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct EvaluateArgs {
    /// "sprout", or another model of the same world: a checkpoint, or a folder in the diffusers layout.
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// Held-out captions to draw, every second one in Chinese; a fifth as many of held-out combinations
    /// of subject, colour and place come on top.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub captions: u32,
    /// Steps of each picture; as many as the model is usually drawn with when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub steps: Option<u32>,
    /// Seed of the first picture, counting up.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    #[command(flatten)]
    pub by: ClipArgs,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Tell each picture and each row as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// A held-out scene and the caption that is drawn.
struct Asked {
    scene: Scene,
    caption: String,
    tongue: Tongue,
    withheld: bool,
}

/// Runs the command to its end, or up to an interrupt: then what has been read by then is told.
pub fn evaluate(args: &EvaluateArgs, options: EngineOptions) -> Result<(), CommandError> {
    use_threads(args.threads)?;
    let started = Instant::now();
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let files = clip_files(&chosen(&engine, &args.by)?).map_err(failed)?;
    let clip = Clip::read(&*files).map_err(failed)?;
    let reader = Reader::new(&clip, texts(&*files)).map_err(failed)?;
    let drawer = Drawer::new(&engine, args)?;
    let stopped = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stopped);
    if let Err(error) = ctrlc::set_handler(move || stopping.store(true, Ordering::Relaxed)) {
        log::warn!("an interrupt ends the program at once: {error}");
    }
    let asked = all_asked(args.captions);
    let bar = ProgressBar::new(asked.len() as u64);
    let bar = if args.json {
        ProgressBar::hidden()
    } else {
        bar
    };
    let mut rows = Rows::new();
    let never = Interrupt::never();
    for (index, asked) in asked.iter().enumerate() {
        if stopped.load(Ordering::Relaxed) {
            break;
        }
        let number = index as u64;
        let drawn = drawer.draw(&asked.caption, number, args.seed.wrapping_add(number))?;
        let painted = paint(&asked.scene, drawn.extent().width);
        let read = |pixels: &Pixels| reader.read(pixels, &never).map_err(failed);
        let (drawn, painted) = (read(&drawn)?, read(&painted)?);
        rows.add(asked, &drawn, &painted);
        if args.json {
            let reading = &drawn[asked.tongue as usize];
            let told: serde_json::Map<_, _> = Attribute::ALL
                .into_iter()
                .map(|(attribute, name)| (name.to_owned(), json!(reading.of(attribute))))
                .collect();
            let line = json!({
                "event": "picture", "picture": index, "caption": asked.caption, "read": told,
            });
            say(&line.to_string())?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let rows = rows.all();
    if args.json {
        rows.iter()
            .try_for_each(|row| say(&row.json().to_string()))?;
        let seconds = started.elapsed().as_secs_f64();
        return say(&json!({"event": "finished", "seconds": seconds}).to_string());
    }
    lines(&rows).iter().try_for_each(|line| say(line))
}

/// Where the texts are that a CLIP reads with: in its own folder, or with the built-in one.
fn texts(files: &dyn ModelFiles) -> &dyn ModelFiles {
    match embedded_clip() {
        Some(embedded) if !files.contains(READING) => embedded,
        _ => files,
    }
}

/// Captions in turn in English and in Chinese; each names all that is asked for.
fn all_asked(count: u32) -> Vec<Asked> {
    let asked = |(place, index): (usize, u64)| {
        let scene = Scene::sample(HELD_OUT_SEED, index);
        let words = captions(&scene, HELD_OUT_SEED, index);
        let tongue = Tongue::ALL[place % 2];
        Asked {
            withheld: is_withheld(&scene),
            caption: match tongue {
                Tongue::English => words.complete_en,
                Tongue::Chinese => words.complete_zh,
            },
            scene,
            tongue,
        }
    };
    let count = u64::from(count);
    let more = (count..).filter(|&index| is_withheld(&Scene::sample(HELD_OUT_SEED, index)));
    let more = more.take((count as u32).div_ceil(WITHHELD_IN) as usize);
    (0..count).chain(more).enumerate().map(asked).collect()
}

/// Draws captions.
struct Drawer<'a> {
    engine: &'a EngineHandle,
    draft: Draft,
    limits: Limits,
    threads: Option<u16>,
}

impl<'a> Drawer<'a> {
    fn new(engine: &'a EngineHandle, args: &EvaluateArgs) -> Result<Self, CommandError> {
        let card = inspect(engine, &args.model, None)?;
        Ok(Self {
            engine,
            draft: Draft {
                emphasis: Emphasis::None,
                model: args.model.clone(),
                steps: args.steps.unwrap_or(card.usual.steps),
                guidance: card.usual.guidance,
                width: card.native.width,
                height: card.native.height,
                ..Draft::default()
            },
            limits: card.limits,
            threads: args.threads,
        })
    }

    fn draw(&self, caption: &str, number: u64, seed: u64) -> Result<Arc<Pixels>, CommandError> {
        let draft = Draft {
            prompt: caption.to_owned(),
            seed,
            ..self.draft.clone()
        };
        let recipe = draft
            .recipe_of(Task::TextToImage, self.limits)
            .map_err(|problems| {
                let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
                CommandError::Usage(texts.join("; "))
            })?;
        let job = Job {
            id: JobId(number),
            recipe,
            count: 1,
            inputs: Inputs::default(),
            destination: Destination::Sight,
            dump_latents: Vec::new(),
            threads: self.threads,
        };
        self.engine
            .send(Request::Submit(Box::new(job)))
            .map_err(failed)?;
        let mut drawn = None;
        while let Some(event) = self.engine.next_event() {
            match event {
                Event::Trial { pixels, .. } => drawn = Some(pixels),
                Event::Failed { failure, .. } => return Err(failed(failure)),
                Event::Finished { .. } | Event::Cancelled { .. } => break,
                _ => {}
            }
        }
        drawn.ok_or_else(|| failed("the engine ended before the picture"))
    }
}

/// The table.
struct Rows {
    drawn: Row,
    /// By the caption's language.
    by_tongue: [Row; 2],
    withheld: Row,
    /// What the reader makes of the painter's own pictures, by the texts of each language.
    painted: [Row; 2],
    painted_withheld: Row,
}

impl Rows {
    fn new() -> Self {
        Self {
            drawn: Row::new("drawn"),
            by_tongue: [
                Row::new("drawn from English"),
                Row::new("drawn from Chinese"),
            ],
            withheld: Row::new("drawn, held-out combinations"),
            painted: [
                Row::new("the painter's own, read in English"),
                Row::new("the painter's own, read in Chinese"),
            ],
            painted_withheld: Row::new("the painter's own, held-out combinations"),
        }
    }

    fn add(&mut self, asked: &Asked, drawn: &[Reading; 2], painted: &[Reading; 2]) {
        let tongue = asked.tongue as usize;
        let scene = &asked.scene;
        self.drawn.add(&drawn[tongue], scene);
        self.by_tongue[tongue].add(&drawn[tongue], scene);
        for (row, reading) in self.painted.iter_mut().zip(painted) {
            row.add(reading, scene);
        }
        if asked.withheld {
            self.withheld.add(&drawn[tongue], scene);
            self.painted_withheld.add(&painted[tongue], scene);
        }
    }

    fn all(self) -> Vec<Row> {
        let [english, chinese] = self.by_tongue;
        let [read_english, read_chinese] = self.painted;
        vec![
            self.drawn,
            english,
            chinese,
            self.withheld,
            read_english,
            read_chinese,
            self.painted_withheld,
        ]
    }
}
