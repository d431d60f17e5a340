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
const CONTENT_UNIT: f64 = 20.0;
/// What strokes count beside textures.
const STROKES: f64 = 3.0;
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
            .map(|(style, share)| Ok((Planes::of(style)?, *share)))
            .collect::<Result<_>>()?;
        let start = repainted(&Planes::of(&models.content)?, &styles).tensor()?;
        models.content = start.clone();
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
