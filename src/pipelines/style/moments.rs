//! A style in one pass, without optimisation: features of the content take over the moments of the
//! styles' and are drawn again, after Huang and Belongie 2017.

use candle_core::{Result, Tensor};

use crate::models::{AdaIn, with_moments_of};
use crate::nn::Interrupt;

/// The pictures of one pass, all `[1, 3, height, width]` with values from 0 to 1 and sides from
/// [`AdaIn::LEAST_SIDE`] on.
pub(super) struct Pass {
    pub(super) content: Tensor,
    /// With their shares of the whole.
    pub(super) styles: Vec<(Tensor, f32)>,
    /// How far the content goes towards the styles, from 0 to 1.
    pub(super) strength: f64,
}

impl Pass {
    /// The picture `[1, 3, height, width]`, its sides those of the content, rounded up to multiples of
    /// eight.
    pub(super) fn run(&self, networks: &AdaIn, interrupt: &Interrupt) -> Result<Tensor> {
        let content = networks.look(&self.content, interrupt)?;
        let mut moved = content.zeros_like()?;
        for (style, share) in &self.styles {
            let style = networks.look(style, interrupt)?;
            let towards = with_moments_of(&content, &style, self.strength)?;
            moved = (moved + (towards * f64::from(*share))?)?;
        }
        networks.draw(&moved, interrupt)
    }
}
