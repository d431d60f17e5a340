//! Teaches a small network one style, so that it paints any picture in it in a moment: Johnson, Alahi
//! and Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution".
//!
//! In each step the network repaints a small picture; a judge says how far the result is from the
//! style and from that picture, and Adam moves the weights. Everything that is drawn by lot comes from
//! the seed and the number of the step, so a lesson that goes on from its file is the same as one that
//! was never interrupted.

mod contents;
mod network;
mod saved;

use std::path::PathBuf;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::contents::Contents;
pub use self::saved::{QuickStyle, Unfinished, find_quick_styles, finished_file, unfinished_file};
use crate::kernels::Adam;
use crate::library::FileError;
use crate::nn::Interrupt;
use crate::raster::{Extent, Pixels, fit_within};
use crate::training::parameters::Parameters;
use crate::weights::ModelError;

/// Steps after which the strokes of a style are clear; more make them finer.
pub const USUAL_STEPS: u32 = 1200;
/// Steps a lesson can have.
pub const STEPS: std::ops::RangeInclusive<u32> = 1..=40_000;
/// Steps from one state on disk to the next: what a killed process loses at most.
pub const SAVED_EVERY: u32 = 50;
/// How much the content counts beside the style, relative to the usual weights.
pub const FIDELITY: f64 = 2.0;

/// Pixels along a side of the pictures the network is shown.
const SIDE: u32 = 128;
/// Longest side of the style while it is learnt: strokes come out as large as they are in it.
const STYLE_SIDE: u32 = 384;
/// How far Adam moves a value in a step at first; at the end it is hardly moved.
const RATE: f32 = 1e-3;
/// Steps in which it comes to that.
const WARMING: u32 = 20;
/// What the gaps between neighbouring values count: without them flat places become grain.
const GRAIN: f64 = 1500.0;

/// What is to be learnt. Two lessons of equal orders from the same pictures make the same network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// How people call the style.
    pub name: String,
    /// SHA-256 of the style picture.
    pub style: String,
    /// What sees strokes and shapes, by its id.
    pub features: String,
    pub steps: u32,
    pub seed: u64,
    /// Pictures to learn on, beside scenes drawn by lot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<PathBuf>,
}

/// Why a lesson came to nothing.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LessonError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the computation failed: {0}")]
    Computation(String),
}

impl From<candle_core::Error> for LessonError {
    fn from(error: candle_core::Error) -> Self {
        Self::Computation(error.to_string())
    }
}

/// How far a picture is from what is wanted.
#[derive(Debug)]
pub struct Judgement {
    /// Weighted, as they enter the sum.
    pub style: f64,
    pub content: f64,
    /// Of that sum, for the picture: `[1, 3, height, width]`.
    pub gradient: Tensor,
}

/// Says how far a picture is from the style and from the content it was made of, all `[1, 3, height,
/// width]` with values about from 0 to 1.
pub trait Judge {
    fn judge(
        &mut self,
        picture: &Tensor,
        content: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Judgement>;
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learnt {
    /// Steps done by now.
    pub done: u32,
    pub style: f64,
    pub content: f64,
}

/// A network on its way.
#[derive(Clone, Debug)]
pub struct Lesson {
    order: Order,
    /// At the size it is learnt at.
    style: Pixels,
    done: u32,
    parameters: Parameters,
    adam: Adam,
}

impl Lesson {
    /// Height and width of the pictures that are judged.
    pub const SIZE: (usize, usize) = (SIDE as usize, SIDE as usize);

    /// Before the first step.
    pub fn begin(order: Order, style: &Pixels) -> Self {
        Self {
            style: fit_within(style, STYLE_SIDE),
            done: 0,
            parameters: network::first(order.seed),
            adam: Adam::new(RATE),
            order,
        }
    }

    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The style picture, at the size it is learnt at.
    pub const fn style(&self) -> &Pixels {
        &self.style
    }

    /// Steps done.
    pub const fn done(&self) -> u32 {
        self.done
    }

    pub const fn is_over(&self) -> bool {
        self.done >= self.order.steps
    }

    /// Whether its state belongs on the disk now.
    pub const fn is_to_be_saved(&self) -> bool {
        self.done.is_multiple_of(SAVED_EVERY)
    }

    /// Does one step. Ended by `interrupt` nothing has changed, and the step can be done again.
    pub fn step(
        &mut self,
        judge: &mut dyn Judge,
        contents: &Contents,
        interrupt: &Interrupt,
    ) -> Result<Learnt> {
        let content = contents.draw((self.order.seed, self.done), SIDE)?;
        let variables = self.parameters.variables()?;
        let picture = network::learner(&variables)?.repaint(&content, interrupt)?;
        let judgement = judge.judge(&picture.detach(), &content, interrupt)?;
        // Of this sum the picture has the judge's gradient, and the weights theirs. It is that of the
        // losses' logarithm: they fall by four orders of magnitude, and Adam, who remembers how large
        // gradients were, would hardly move at first and be thrown off later.
        let pull = (&picture * &judgement.gradient)?.sum_all()?;
        let sum = (pull + (grain(&picture)? * GRAIN)?)?;
        let losses = (judgement.style + judgement.content).max(f64::MIN_POSITIVE);
        let gradients = (sum / losses)?.backward()?;
        let gradient = self.parameters.gradient(&variables, &gradients)?;
        interrupt.check()?;
        self.adam.rate = self.rate();
        self.adam.advance(&mut self.parameters.values, &gradient);
        self.done += 1;
        Ok(Learnt {
            done: self.done,
            style: judgement.style,
            content: judgement.content,
        })
    }

    /// Rises at first, and falls like half a cosine to a fiftieth.
    fn rate(&self) -> f32 {
        let part = self.done as f32 / self.order.steps.max(1) as f32;
        let falling = 0.02 + 0.98 * 0.5 * (1.0 + (std::f32::consts::PI * part).cos());
        let rising = ((self.done + 1) as f32 / WARMING as f32).min(1.0);
        RATE * rising * falling
    }

    /// What the network paints by now of the picture people are shown, no side longer than `side`.
    pub fn preview(&self, contents: &Contents, side: u32, interrupt: &Interrupt) -> Result<Pixels> {
        let shown = contents.shown(self.order.seed, side);
        let Extent { width, height } = shown.extent();
        let shape = (1, 3, height as usize, width as usize);
        let picture = Tensor::from_vec(shown.planes(), shape, &candle_core::Device::Cpu)?;
        let painted = network::painter(&self.parameters)?.repaint(&picture, interrupt)?;
        let painted = painted.narrow(2, 0, shape.2)?.narrow(3, 0, shape.3)?;
        let planes: Vec<f32> = painted.contiguous()?.flatten_all()?.to_vec1()?;
        Pixels::from_planes(shown.extent(), &planes)
            .ok_or_else(|| candle_core::Error::msg("a picture of another size was painted"))
    }
}

/// The mean square of the gaps between neighbouring values of pictures `[batch, 3, height, width]`.
fn grain(pictures: &Tensor) -> Result<Tensor> {
    let gaps = |dim: usize| -> Result<Tensor> {
        let last = pictures.dim(dim)? - 1;
        let gaps = (pictures.narrow(dim, 1, last)? - pictures.narrow(dim, 0, last)?)?;
        gaps.sqr()?.mean_all()
    };
    gaps(2)? + gaps(3)?
}
