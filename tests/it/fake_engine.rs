//! A scripted engine: records what the window asks, and tells what a test wants told.

use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use afterimage::engine::{
    Engine, EngineUnavailable, Event, Figures, FinishedPicture, Job, JobId, LatentColors,
    LatentPreview, ModelCard, PicturePreview, Preview, Request, Stage, TokenCount, TokenQuestion,
};
use afterimage::models::{Manifest, MemoryNeeds, PartBytes, SPROUT, Usual};
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::{Emphasis, Limits, Recipe};

/// Latent pixels along each side of a scripted preview, and picture pixels per latent one.
const LATENT_SIDE: u32 = 16;
const FACTOR: u32 = 8;

#[derive(Default)]
struct Script {
    requests: Vec<Request>,
    events: VecDeque<Event>,
    preview: Option<Preview>,
    /// Whether requests are refused, as by an engine that has ended.
    gone: bool,
}

/// Clones share one script: one goes to the window, one stays with the test.
///
/// Questions about the model `sprout` and about tokens are answered at once, as the real engine
/// would within a frame or two; everything else happens when a test says so.
#[derive(Clone, Default)]
pub(crate) struct FakeEngine {
    script: Rc<RefCell<Script>>,
}

impl Engine for FakeEngine {
    fn send(&self, request: Request) -> Result<(), EngineUnavailable> {
        let mut script = self.script();
        if script.gone {
            return Err(EngineUnavailable);
        }
        match &request {
            Request::Inspect { model, .. } if model == "sprout" => {
                script.events.push_back(Event::Model {
                    model: model.clone(),
                    card: Ok(sprout()),
                });
            }
            Request::CountTokens(asked) => script.events.push_back(Event::Tokens {
                asked: asked.clone(),
                count: count(asked),
            }),
            _ => {}
        }
        script.requests.push(request);
        Ok(())
    }

    fn try_event(&self) -> Option<Event> {
        self.script().events.pop_front()
    }

    fn take_preview(&self) -> Option<Preview> {
        self.script().preview.take()
    }
}

impl FakeEngine {
    fn script(&self) -> RefMut<'_, Script> {
        self.script.borrow_mut()
    }

    /// The next thing the window hears.
    pub(crate) fn tell(&self, event: Event) {
        self.script().events.push_back(event);
    }

    /// The preview the window finds.
    pub(crate) fn show(&self, preview: LatentPreview) {
        self.script().preview = Some(Preview::Latents(preview));
    }

    /// The picture the window finds as far as it is done.
    pub(crate) fn show_picture(&self, preview: PicturePreview) {
        self.script().preview = Some(Preview::Picture(preview));
    }

    /// From now on nobody answers.
    pub(crate) fn end(&self) {
        self.script().gone = true;
    }

    /// Everything asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.script().requests.clone()
    }

    /// Everything asked since the last such call. It is forgotten, with the pictures in it.
    pub(crate) fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.script().requests)
    }

    /// The jobs submitted so far.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let of_submit = |request| match request {
            Request::Submit(job) => Some(*job),
            _ => None,
        };
        self.requests().into_iter().filter_map(of_submit).collect()
    }

    /// Begins a job up to its first step.
    pub(crate) fn start(&self, job: &Job) {
        self.tell(Event::Started {
            job: job.id,
            recipe: Box::new(job.recipe.clone()),
            count: job.count,
        });
        for stage in [Stage::LoadModel, Stage::EncodePrompt, Stage::Denoise] {
            self.tell(Event::Stage {
                job: job.id,
                picture: 0,
                stage,
            });
        }
    }

    /// Does one step of a job's picture, with its preview.
    pub(crate) fn step(&self, job: &Job, picture: u32, step: u32) {
        self.tell(Event::Step {
            job: job.id,
            picture,
            step,
            steps: job.recipe.steps,
            took: Duration::from_millis(100),
        });
        self.show(preview(job.id, picture, step));
    }

    /// Hands over a job's picture, written under the given name.
    pub(crate) fn finish_picture(&self, job: &Job, picture: u32, path: PathBuf) {
        let recipe = job.recipe.for_picture(picture);
        let pixels = Arc::new(pixels(&recipe));
        self.tell(Event::Picture(Box::new(FinishedPicture {
            reduced: false,
            job: job.id,
            picture,
            thumbnail: Arc::clone(&pixels),
            pixels,
            recipe,
            saved: Ok(path),
        })));
    }

    /// Ends a job well.
    pub(crate) fn finish(&self, job: JobId) {
        let figures = Figures {
            stages: vec![(Stage::Denoise, Duration::from_secs(2))],
            peak_memory: Some(400_000_000),
        };
        self.tell(Event::Finished { job, figures });
    }
}

/// Words count as tokens; with a syntax a prompt can have several chunks, without one it is cut.
fn count(asked: &TokenQuestion) -> TokenCount {
    let words: Vec<_> = asked.prompt.split_whitespace().collect();
    let room = sprout().token_window - 2;
    let literal = asked.emphasis == Emphasis::None;
    TokenCount {
        tokens: words.len(),
        room,
        chunks: if literal {
            1
        } else {
            words.len().div_ceil(room).max(1)
        },
        cut: (literal && words.len() > room).then(|| words[room..].join(" ")),
    }
}

/// What the real engine tells of Sprout, as far as the window shows it.
pub(crate) fn sprout() -> ModelCard {
    ModelCard {
        name: "sprout".to_owned(),
        title: "Sprout".to_owned(),
        embedded: true,
        limits: Limits {
            size_factor: FACTOR,
            max_side: 2048,
            max_steps: 1000,
        },
        native: Extent::new(256, 256),
        family: None,
        usual: Usual {
            guidance: 4.0,
            steps: 20,
            sampler: None,
        },
        weight_bytes: 32_000_000,
        token_window: 77,
        needs: MemoryNeeds {
            weights: [60_000_000, 50_000_000, 40_000_000].map(|bytes| PartBytes {
                text: 10_000_000,
                denoiser: bytes - 15_000_000,
                autoencoder: 5_000_000,
            }),
            window: 100_000,
            call: 3_000,
            together: true,
            decode: 20_000,
            tiles: true,
            told_guidance: false,
            factor: FACTOR,
        },
        work: Manifest::read(&SPROUT).unwrap().denoiser.work(77),
    }
}

/// A preview of four channels; steps differ in their colours.
pub(crate) fn preview(job: JobId, picture: u32, step: u32) -> LatentPreview {
    let plane = (LATENT_SIDE * LATENT_SIDE) as usize;
    let values = (0..4 * plane)
        .map(|index| ((index * 7 + step as usize * 31) % 13) as f32 / 6.0 - 1.0)
        .collect();
    LatentPreview {
        job,
        picture,
        step,
        channels: 4,
        extent: Extent::new(LATENT_SIDE, LATENT_SIDE),
        values,
        colors: Arc::new(LatentColors {
            matrix: vec![
                [0.35, 0.23, 0.32],
                [0.32, 0.5, 0.24],
                [-0.28, 0.18, 0.27],
                [-0.21, -0.26, -0.72],
            ],
            bias: [0.1, 0.0, -0.1],
        }),
        picture_extent: Extent::new(LATENT_SIDE * FACTOR, LATENT_SIDE * FACTOR),
        place: None,
    }
}

/// A picture of a recipe's size; seeds differ in their colours.
pub(crate) fn pixels(recipe: &Recipe) -> Pixels {
    let extent = Extent::new(recipe.width, recipe.height);
    let rgb: Vec<u8> = (0..extent.area())
        .flat_map(|index| {
            let (x, y) = (index as u32 % recipe.width, index as u32 / recipe.width);
            [x as u8, y as u8, recipe.seed as u8]
        })
        .collect();
    Pixels::from_rgb(extent, &rgb).unwrap()
}
