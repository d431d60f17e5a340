//! What crosses between the window (or the command line) and the engine.
//!
//! Both enums are closed, and no tensor, egui or wgpu type crosses. Every job submitted ends with
//! exactly one terminal event: [`Event::Finished`], [`Event::Cancelled`] or [`Event::Failed`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::keeper::{StockEvent, StockRequest};
use super::likeness::{LikenessEvent, LikenessRequest};
use super::reshape::{Reshaped, Reshaping};
use crate::library::FileError;
pub use crate::library::{
    EaselState, Entry, HeldState, Kept, KeptPicture, KeptState, KeptStep, Origin, SMALL_SIDE,
};
pub use crate::models::{DenoiserWork, LatentColors, MemoryNeeds, TokenCount};
use crate::models::{Family, UpscalerLayout, Usual};
use crate::pipelines::{Demand, MemoryPlan, Target, Tiling};
pub use crate::pipelines::{Hint, Note, PlanError, Saving, Stage, TooLittleMemory};
use crate::raster::{Area, Extent, Mask, Pixels, TiledMask};
use crate::recipe::{Draft, Emphasis, Finish, Limits, Problem, Recipe, WeightBits};
pub use crate::training::quick_style::{Order, QuickStyle, Unfinished};
pub use crate::weights::Extras;
use crate::weights::ModelError;

/// Names a job; whoever submits it counts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// One or more pictures of the same recipe, with seeds counting up.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: JobId,
    /// Of the first picture.
    pub recipe: Recipe,
    /// At least 1.
    pub count: u32,
    /// What the recipe's task starts from.
    pub inputs: Inputs,
    pub destination: Destination,
    /// One safetensors file per picture for its noise, final latents and prompt embeddings, for
    /// comparison with other implementations; empty where nobody asked.
    pub dump_latents: Vec<PathBuf>,
    /// To compute with; one for each physical core if not told. The picture is the same.
    pub threads: Option<u16>,
}

/// The pictures and the mask a recipe names by their content; none for text to image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    pub image: Option<Arc<Pixels>>,
    /// Of the picture's extent.
    pub mask: Option<Arc<Mask>>,
    /// Whose style the picture takes, in the recipe's order.
    pub styles: Vec<Arc<Pixels>>,
    /// What an earlier run left, where this one goes on from it.
    pub start: Option<Arc<Pixels>>,
    /// For making a picture larger; without it the recipe says all.
    pub enlarging: Option<Box<Enlarging>>,
}

/// How a picture is to be made larger, before anything is known of it: the recipe of what is made
/// says what came of this.
#[derive(Clone, Debug, PartialEq)]
pub struct Enlarging {
    /// Of a picture that is read when its turn comes, so that many can wait.
    pub file: Option<PathBuf>,
    /// The file of the network, where that lies elsewhere than in the folder of networks; recipes
    /// have its name.
    pub network: Option<PathBuf>,
    pub target: Target,
    pub tiling: Tiling,
    /// Bytes that may be used.
    pub memory: u64,
    /// Nothing is written: the result is told as [`Event::Trial`], to be compared with others.
    pub is_trial: bool,
}

/// What is known of a network that enlarges pictures before its weights are read.
#[derive(Clone, Debug, PartialEq)]
pub struct UpscalerCard {
    pub layout: UpscalerLayout,
    /// Of its weights, read.
    pub bytes: u64,
}

/// A part of a picture that is made larger, small enough to be shown at once.
#[derive(Clone, Debug, PartialEq)]
pub struct EnlargedPart {
    pub job: JobId,
    /// Of the picture that is made.
    pub extent: Extent,
    /// Where the part is in what is shown meanwhile: the first part is all of that.
    pub corner: [u32; 2],
    pub pixels: Arc<Pixels>,
}

/// A style a network is to be taught. It gives way to every job, and goes on from where it was; ended,
/// it is kept on disk and can go on any time. It ends as a job does.
#[derive(Clone, Debug, PartialEq)]
pub struct Teaching {
    pub id: JobId,
    pub lesson: Lesson,
    /// To compute with; one for each physical core if not told.
    pub threads: Option<u16>,
}

/// What there is of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub enum Lesson {
    New(NewLesson),
    /// The file one goes on from.
    Unfinished(PathBuf),
}

/// A lesson as people ask for it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLesson {
    /// How they call the style.
    pub name: String,
    pub style: Arc<Pixels>,
    /// Pictures to learn on, beside scenes drawn by lot.
    pub contents: Vec<PathBuf>,
    pub steps: u32,
    pub seed: u64,
    /// The file to make, replacing one that is there; a free name among the styles if none is given.
    /// The same lesson, ended early, goes on.
    pub file: Option<PathBuf>,
}

/// A step of a lesson is done.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonStep {
    pub job: JobId,
    /// How people call the style.
    pub name: String,
    /// Counted from 1; 0 before the first.
    pub step: u32,
    pub steps: u32,
    /// Weighted, as they enter the sum.
    pub style: f64,
    pub content: f64,
    /// As far as can be told.
    pub left: Option<Duration>,
}

/// A thing in a picture to be found.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Names it; whoever asks counts up.
    pub number: u64,
    pub image: Arc<Pixels>,
    pub hint: Hint,
}

/// How long is a prompt for a model?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenQuestion {
    pub model: String,
    pub prompt: String,
    pub emphasis: Emphasis,
    pub steps: u32,
}

/// Where finished pictures go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Into the library's folder of pictures, under a name of its choosing.
    Library,
    /// One file per picture; existing ones are replaced only if `overwrite`.
    Files {
        paths: Vec<PathBuf>,
        overwrite: bool,
    },
    /// Nowhere: each is told as [`Event::Trial`], to be looked at.
    Sight,
}

/// What the engine can be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Pictures that are drawn from now on may hold so many bytes of memory in all; what is free is
    /// measured before each where nothing is told.
    AllowMemory(Option<u64>),
    /// Queue a job; it runs when those before it have ended.
    Submit(Box<Job>),
    /// End the running job now; what is there is decoded and kept, marked unfinished.
    Stop(JobId),
    /// End the running job now and keep nothing of its current picture; a waiting one is removed.
    Discard(JobId),
    /// Teach a network a style, while nothing else is asked for; told by [`Event::Lesson`].
    Teach(Box<Teaching>),
    /// Tell which styles networks have learnt or are learning, as [`Event::QuickStyles`].
    ListQuickStyles,
    /// Remove the file of a quick style, learnt or not yet; answered by [`Event::QuickStyles`].
    ForgetQuickStyle { path: PathBuf },
    /// Move a waiting job to the given place in the queue, 0 being next.
    Move { job: JobId, place: usize },
    /// Read a model's configuration; answered by [`Event::Model`].
    Inspect {
        model: String,
        /// A file with another autoencoder than the model's own.
        vae: Option<String>,
    },
    /// Count a prompt's tokens; answered by [`Event::Tokens`].
    CountTokens(TokenQuestion),
    /// Read a picture file and the recipe in it; answered by [`Event::Opened`].
    Open { path: PathBuf },
    /// Read what can be seen of a picture of ours within so many bytes; answered by [`Event::Seen`].
    SeeResult { path: PathBuf, room: u64 },
    /// Put a picture without a file into the library; answered by [`Event::Imported`].
    Import { pixels: Arc<Pixels> },
    /// Write a picture with its recipe to a file people chose; answered by [`Event::Saved`].
    SaveAs {
        pixels: Arc<Pixels>,
        /// Done to the pixels first, and told in the recipe.
        finish: Box<Finish>,
        recipe: Option<Box<Recipe>>,
        path: PathBuf,
        /// Else an existing file is left as it is, and the answer is [`FileError::Exists`].
        overwrite: bool,
    },
    /// Write a mask, white where it paints, to a file people chose; answered by [`Event::Saved`].
    SaveMask {
        mask: TiledMask,
        path: PathBuf,
        /// As for a picture.
        overwrite: bool,
    },
    /// Put a picture on the system's clipboard; answered by [`Event::Copied`].
    Copy {
        pixels: Arc<Pixels>,
        /// Done to the pixels first.
        finish: Box<Finish>,
    },
    /// Tell what is kept of the easel, as [`Event::Easel`].
    RestoreEasel,
    /// Put what was done at the easel on disk; from then on its picture may rest there.
    Keep(Box<Entry>),
    /// Read a picture of the easel's history that rests on disk; answered by [`Event::Recalled`].
    Recall(KeptPicture),
    /// Tell how a picture of the easel's history looks, as [`Event::Small`].
    ShowSmall(KeptPicture),
    /// Work on a mask or on a picture's size; answered by [`Event::Reshaped`].
    Reshape(Box<Reshaping>),
    /// Find the thing people point at; answered by [`Event::Selected`] unless a newer one comes.
    Select(Selection),
    /// Find that thing no more: nobody waits for its answer, and none comes unless it is on its way.
    EndSearch { number: u64 },
    /// Look at a network that enlarges pictures, by its name or file; answered by
    /// [`Event::Upscaler`].
    InspectUpscaler { name: String },
    /// Tell which further weights there are, as [`Event::Extras`].
    ListExtras,
    /// Tell the newest pictures of the library, as [`Event::Library`].
    ListLibrary { most: usize },
    /// Something about the models people have; answered by [`Event::Stock`].
    Stock(StockRequest),
    /// Something about how well texts fit pictures.
    Likeness(LikenessRequest),
    /// Write the window's settings.
    SaveSettings { json: String },
}

/// What the engine tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The answer to [`Request::Inspect`].
    Model {
        model: String,
        card: Result<ModelCard, Failure>,
    },
    /// The jobs that wait, next first, each time they change.
    Queue(Vec<Waiting>),
    Started {
        job: JobId,
        /// Of the first picture.
        recipe: Box<Recipe>,
        count: u32,
    },
    /// Picture `picture` (from 0) of a job enters a stage.
    Stage {
        job: JobId,
        picture: u32,
        stage: Stage,
    },
    /// Step `step` of `steps` is done; 0 where only their number is told yet. A reader that is slow
    /// gets the newest one alone.
    Step {
        job: JobId,
        picture: u32,
        step: u32,
        steps: u32,
        /// Time this step took.
        took: Duration,
    },
    /// An evaluation of a style is done; none of these is dropped.
    Losses {
        job: JobId,
        losses: Losses,
    },
    /// A step of a lesson is done. A reader that is slow gets the newest one alone.
    Lesson(LessonStep),
    /// A lesson gives way to a job, and goes on by itself after it.
    LessonWaits {
        job: JobId,
    },
    /// The styles networks have learnt and are learning, each time they change.
    QuickStyles {
        styles: Vec<QuickStyle>,
        unfinished: Vec<Unfinished>,
    },
    /// Something people should know; the job goes on.
    Note {
        job: JobId,
        note: Note,
    },
    /// A picture is done, whole or stopped, and was written if `saved` says so.
    Picture(Box<FinishedPicture>),
    Finished {
        job: JobId,
        figures: Figures,
    },
    Cancelled {
        job: JobId,
    },
    Failed {
        job: JobId,
        failure: Failure,
    },
    /// The answer to [`Request::CountTokens`].
    Tokens {
        asked: TokenQuestion,
        count: TokenCount,
    },
    /// The answer to [`Request::Open`].
    Opened {
        path: PathBuf,
        picture: Result<OpenedPicture, Failure>,
    },
    /// The answer to [`Request::SeeResult`]: pixels, and whether they are less than the file holds.
    Seen {
        path: PathBuf,
        seen: Result<(Arc<Pixels>, bool), Failure>,
    },
    /// The answer to [`Request::Import`]: the picture, and its file or why there is none.
    Imported {
        picture: Box<OpenedPicture>,
        saved: Result<PathBuf, Failure>,
    },
    /// The answer to [`Request::SaveAs`] and [`Request::SaveMask`].
    Saved {
        path: PathBuf,
        result: Result<(), Failure>,
    },
    /// The answer to [`Request::Copy`].
    Copied(Result<(), Failure>),
    /// The answer to [`Request::RestoreEasel`]; nothing if nothing is kept.
    Easel(Result<Option<Box<Kept>>, Failure>),
    /// What was done at the easel could not be put on disk; it is tried again with what is done
    /// next.
    NotKept(Failure),
    /// The answer to [`Request::Recall`]: the picture's pixels, which nothing but this event has in
    /// memory, or why it cannot be read.
    Recalled {
        picture: KeptPicture,
        pixels: Result<Arc<Pixels>, Failure>,
    },
    /// The answer to [`Request::ShowSmall`].
    Small {
        picture: KeptPicture,
        /// No side longer than [`SMALL_SIDE`].
        small: Result<Arc<Pixels>, Failure>,
    },
    /// The answer to [`Request::Reshape`], with the number it had.
    Reshaped {
        number: u64,
        result: Result<Box<Reshaped>, Failure>,
    },
    /// The answer to [`Request::Select`], with the number it had.
    Selected {
        number: u64,
        mask: Result<Arc<Mask>, Failure>,
    },
    /// The answer to [`Request::InspectUpscaler`].
    Upscaler {
        name: String,
        card: Result<UpscalerCard, Failure>,
    },
    /// A part of a picture that is made larger is there.
    Part(EnlargedPart),
    /// What was made to be looked at alone, and has no file.
    Trial {
        job: JobId,
        pixels: Arc<Pixels>,
    },
    /// The answer to [`Request::ListExtras`].
    Extras(Extras),
    /// The newest pictures of the library, newest first.
    Library(Vec<LibraryEntry>),
    /// The answer to [`Request::Stock`].
    Stock(Box<StockEvent>),
    /// The answer to [`Request::Likeness`].
    Likeness(LikenessEvent),
    /// Settings could not be written.
    SettingsNotSaved(Failure),
}

/// A job that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub job: JobId,
    pub recipe: Recipe,
    pub count: u32,
}

/// Longest side of the small copies that lists show, in pixels.
pub const THUMBNAIL_SIDE: u32 = 256;

/// A picture as it left the decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedPicture {
    pub job: JobId,
    /// Counted from 0 within the job.
    pub picture: u32,
    pub pixels: Arc<Pixels>,
    /// Whether those are a smaller version, since the whole does not fit into memory: its file has it.
    pub reduced: bool,
    /// No side longer than [`THUMBNAIL_SIDE`].
    pub thumbnail: Arc<Pixels>,
    /// Of this very picture: its own seed, the model's hash, and whether it was stopped.
    pub recipe: Recipe,
    /// The file, or why there is none; the picture itself is here either way.
    pub saved: Result<PathBuf, Failure>,
}

/// What a job cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Time spent in each stage, over all pictures.
    pub stages: Vec<(Stage, Duration)>,
    /// Highest resident memory of the process so far, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

/// A picture read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedPicture {
    pub pixels: Arc<Pixels>,
    /// No side longer than [`THUMBNAIL_SIDE`].
    pub thumbnail: Arc<Pixels>,
    pub origin: Origin,
}

/// One picture of the library.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryEntry {
    pub path: PathBuf,
    /// No side longer than [`THUMBNAIL_SIDE`].
    pub thumbnail: Arc<Pixels>,
    pub recipe: Option<Box<Recipe>>,
}

/// What the window shows of a model, and what the model allows.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCard {
    /// What a recipe calls it.
    pub name: String,
    /// What people call it.
    pub title: String,
    pub embedded: bool,
    pub limits: Limits,
    /// The size it was trained at.
    pub native: Extent,
    /// `None` for models of sizes of their own.
    pub family: Option<&'static Family>,
    /// The settings it draws best with.
    pub usual: Usual,
    /// Bytes of all weight files.
    pub weight_bytes: u64,
    /// Tokens of a prompt, with start and end mark.
    pub token_window: usize,
    /// What it takes of memory while it draws.
    pub needs: MemoryNeeds,
    /// What there is to compute in a call of the denoiser.
    pub work: DenoiserWork,
}

impl ModelCard {
    /// How the picture of a draft is drawn within so many bytes, what that takes, and what is done beyond
    /// what was asked for.
    pub fn plan(
        &self,
        draft: &Draft,
        allowed: Option<u64>,
    ) -> Result<(MemoryPlan, Vec<Saving>), TooLittleMemory> {
        let demand = Demand::of(draft, &self.needs);
        let plan = MemoryPlan::of(&self.needs, &demand, allowed)?;
        Ok((plan, plan.savings(&demand)))
    }

    /// Bytes of the weights in memory.
    pub fn weights_in(&self, bits: WeightBits) -> u64 {
        self.needs.weights_in(bits).sum()
    }

    /// The part of the denoiser's work that its outermost layers are, for a picture of this size.
    pub fn outer_share(&self, picture: Extent) -> f64 {
        let factor = f64::from(self.limits.size_factor);
        let pixels = picture.area() as f64 / (factor * factor);
        self.work.outer(pixels) / self.work.whole(pixels)
    }
}

/// What an evaluation of a style found, weighted as it enters the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// Counted from 1.
    pub evaluation: u32,
    pub style: f64,
    pub content: f64,
}

/// The newest state of the running picture; older ones nobody fetched are dropped.
#[derive(Clone, Debug, PartialEq)]
pub enum Preview {
    Latents(LatentPreview),
    Picture(PicturePreview),
}

/// A picture that is not finished, at whatever size it has by now.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturePreview {
    pub job: JobId,
    /// Steps done.
    pub step: u32,
    pub pixels: Arc<Pixels>,
}

/// The state of a picture that is being denoised.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentPreview {
    pub job: JobId,
    pub picture: u32,
    /// Steps done.
    pub step: u32,
    pub channels: usize,
    /// Pixels of the planes: of latents, or more where a small network has drawn them.
    pub extent: Extent,
    /// `[channels, height, width]`: the denoiser's present idea of the finished latents, or the colours
    /// drawn of it.
    pub values: Vec<f32>,
    /// How the planes look.
    pub colors: Arc<LatentColors>,
    /// Size of what is generated.
    pub picture_extent: Extent,
    /// Where it belongs in the picture of which only a part is painted anew.
    pub place: Option<Area>,
}

/// Why a job, or a request about a file, came to nothing; each message says what to do.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Failure {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("{}", one_line(.0))]
    Recipe(Vec<Problem>),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Memory(#[from] TooLittleMemory),
    #[error("the computation failed: {reason}")]
    Computation { reason: String },
    #[error(
        "the system's clipboard did not take the picture ({reason}): try again, or save it to a file"
    )]
    Clipboard { reason: String },
    /// Of [`Request::Select`].
    #[error("nothing stands out there: click on the thing itself, or frame it more closely")]
    NothingFound,
    /// Weights people put into the folder for further networks are of no use.
    #[error("{0}; or move it out of its folder: then the built-in way does this")]
    Extra(ModelError),
    #[error("an internal error ended the job ({message}); the engine goes on, please report it")]
    Panicked { message: String },
}

fn one_line(problems: &[Problem]) -> String {
    let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
