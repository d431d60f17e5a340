//! How far a picture is from a style and from a content.

use candle_core::Tensor;

use crate::nn::Interrupt;

/// Both losses of a picture, weighted as they enter the sum, and how it changes that sum.
#[derive(Debug)]
pub(super) struct Losses {
    pub(super) style: f64,
    pub(super) content: f64,
    /// `[1, 3, height, width]`
    pub(super) gradient: Tensor,
    /// Whether what is wanted has changed since the evaluation before.
    pub(super) renewed: bool,
}

/// What the losses are weighted by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weights {
    pub(super) style: f64,
    pub(super) content: f64,
}

/// What a picture shall come close to, at one size.
pub(super) trait Target {
    /// What a run that starts from the content starts from, if not that itself.
    fn start(&self) -> Option<&Tensor> {
        None
    }

    /// Another content `[1, 3, height, width]` of the same size.
    fn turn_to(&mut self, content: &Tensor, interrupt: &Interrupt) -> candle_core::Result<()>;

    /// Of a picture `[1, 3, height, width]` with values from 0 to 1.
    fn losses(&mut self, picture: &Tensor, interrupt: &Interrupt) -> candle_core::Result<Losses>;
}

/// A picture whose style is taken.
#[derive(Debug)]
pub(super) struct StyleModel {
    /// `[1, 3, height, width]`
    pub(super) picture: Tensor,
    pub(super) share: f32,
    /// Where it is looked at, from 0 to 1, `[1, 1, height, width]`; everywhere if there is none.
    pub(super) mask: Option<Tensor>,
}

/// The pictures a target is made of, at the size it is for.
#[derive(Debug)]
pub(super) struct Models {
    /// `[1, 3, height, width]`
    pub(super) content: Tensor,
    /// With shares that sum to 1.
    pub(super) styles: Vec<StyleModel>,
    /// Where the style goes, from 0 to 1, `[1, 1, height, width]`.
    pub(super) mask: Option<Tensor>,
}
