//! Style and content without weights from anywhere: an untrained network sees textures, patches of the
//! styles hold strokes together, and the content is taken in the styles' palette.

use candle_core::{Result, Tensor};

use super::gatys::{Gatys, LAYER_SETS};
use super::losses::{Losses, Models, Target, Weights};
use super::palette::repainted;
use super::planes::Planes;
use super::strokes::{Pull, Strokes};
use crate::models::Vgg19;
use crate::nn::Interrupt;

/// So that the usual weights, made for VGG-19, suit these losses.
const STYLE_UNIT: f64 = 1e-3;
const CONTENT_UNIT: f64 = 40.0;
/// What strokes count beside textures.
const STROKES: f64 = 10.0;
/// Pixels from its edge that the network sees a picture's edge: the reach of its convolutions.
const EDGE: usize = 10;
/// Evaluations until the patches are matched anew.
const MATCHED_FOR: u32 = 10;

/// What a picture shall come close to.
pub(super) struct Embedded<'a> {
    gatys: Gatys<'a>,
    strokes: Option<Strokes>,
    pull: Option<Pull>,
    evaluations: u32,
    /// The content in the styles' palette.
    start: Tensor,
    style_weight: f64,
}

impl<'a> Embedded<'a> {
    pub(super) fn new(
        network: &'a Vgg19,
        mut models: Models,
        weights: Weights,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let styles = models.styles.iter();
        let styles: Vec<_> = styles
            .map(|style| Ok((Planes::of(&style.picture)?, style.share)))
            .collect::<Result<_>>()?;
        let start = repainted(&Planes::of(&models.content)?, &styles).tensor()?;
        models.content = start.clone();
        models.mask = Some(inner(&start, models.mask.as_ref())?);
        for style in &mut models.styles {
            style.mask = Some(inner(&style.picture, None)?);
        }
        let weights = Weights {
            style: weights.style * STYLE_UNIT,
            content: weights.content * CONTENT_UNIT,
        };
        Ok(Self {
            gatys: Gatys::relative(network, &LAYER_SETS[0], &models, weights, interrupt)?,
            strokes: Strokes::of(&styles),
            pull: None,
            evaluations: 0,
            start,
            style_weight: weights.style * STROKES,
        })
    }
}

/// Where a picture is looked at: not where its edge is felt, by what lies beyond being nothing.
fn inner(picture: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
    let (_, _, height, width) = picture.dims4()?;
    let edge = EDGE.min(height / 4).min(width / 4);
    let inside = |at: usize, side: usize| at >= edge && at + edge < side;
    let values = (0..height * width).map(|at| {
        let seen = inside(at / width, height) && inside(at % width, width);
        if seen { 1.0f32 } else { 0.0 }
    });
    let inner = Tensor::from_iter(values, picture.device())?.reshape((1, 1, height, width))?;
    match mask {
        Some(mask) => inner * mask,
        None => Ok(inner),
    }
}

impl Target for Embedded<'_> {
    fn start(&self) -> Option<&Tensor> {
        Some(&self.start)
    }

    fn losses(&mut self, picture: &Tensor, interrupt: &Interrupt) -> Result<Losses> {
        let mut losses = self.gatys.losses(picture, interrupt)?;
        let planes = Planes::of(picture)?;
        if let Some(strokes) = &self.strokes
            && self.evaluations.is_multiple_of(MATCHED_FOR)
        {
            interrupt.check()?;
            self.pull = Some(strokes.pull(&planes));
            losses.renewed = true;
        }
        self.evaluations += 1;
        if let Some(pull) = &self.pull {
            let mut gradient = Planes::of(&losses.gradient)?;
            losses.style += pull.loss(&planes, self.style_weight, &mut gradient.values);
            losses.gradient = gradient.tensor()?;
        }
        Ok(losses)
    }
}
