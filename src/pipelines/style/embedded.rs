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
use crate::raster::Extent;

/// So that the usual weights, made for VGG-19, suit these losses.
const STYLE_UNIT: f64 = 1e-3;
const CONTENT_UNIT: f64 = 20.0;
/// What strokes count beside textures.
const STROKES: f64 = 3.0;
/// Pixels around a picture that mirror it: the reach of the network's convolutions.
const EDGE: usize = 10;
/// Evaluations until the patches are matched anew.
const MATCHED_FOR: u32 = 10;

/// Pixels the network sees of a picture of some size.
pub(super) fn seen_pixels(extent: Extent) -> u64 {
    let side = |side: u32| u64::from(side) + 2 * EDGE as u64;
    side(extent.width) * side(extent.height)
}

/// What a picture shall come close to.
pub(super) struct Embedded<'a> {
    gatys: Gatys<'a>,
    strokes: Option<Strokes>,
    pull: Option<Pull>,
    evaluations: u32,
    /// Pixels around the picture that mirror it.
    edge: usize,
    /// The content in the styles' palette.
    start: Tensor,
    style_weight: f64,
    /// With their shares.
    styles: Vec<(Planes, f32)>,
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
        let planes = Planes::of(&start)?;
        let edge = EDGE.min(planes.height / 4).min(planes.width / 4);
        models.content = planes.mirrored(edge).tensor()?;
        models.mask = Some(inner(&models.content, edge, models.mask.as_ref())?);
        for style in &mut models.styles {
            let (_, _, height, width) = style.picture.dims4()?;
            let edge = EDGE.min(height / 4).min(width / 4);
            style.mask = Some(inner(&style.picture, edge, None)?);
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
            edge,
            start,
            style_weight: weights.style * STROKES,
            styles,
        })
    }
}

/// Where a picture is looked at: not within `edge` pixels of its edge, where the network sees that
/// nothing lies beyond. `mask` is of what is left.
fn inner(picture: &Tensor, edge: usize, mask: Option<&Tensor>) -> Result<Tensor> {
    let (_, _, height, width) = picture.dims4()?;
    let (rows, columns) = (height - 2 * edge, width - 2 * edge);
    let inner = match mask {
        Some(mask) => mask.clone(),
        None => Tensor::ones((1, 1, rows, columns), picture.dtype(), picture.device())?,
    };
    let inner = inner.pad_with_zeros(2, edge, edge)?;
    inner.pad_with_zeros(3, edge, edge)
}

impl Target for Embedded<'_> {
    fn start(&self) -> Option<&Tensor> {
        Some(&self.start)
    }

    fn turn_to(&mut self, content: &Tensor, interrupt: &Interrupt) -> Result<()> {
        let planes = repainted(&Planes::of(content)?, &self.styles);
        let mirrored = planes.mirrored(self.edge).tensor()?;
        self.gatys.turn_to(&mirrored, interrupt)?;
        self.start = planes.tensor()?;
        self.pull = None;
        self.evaluations = 0;
        Ok(())
    }

    fn losses(&mut self, picture: &Tensor, interrupt: &Interrupt) -> Result<Losses> {
        let planes = Planes::of(picture)?;
        let mirrored = planes.mirrored(self.edge).tensor()?;
        let mut losses = self.gatys.losses(&mirrored, interrupt)?;
        let mut gradient = Planes::of(&losses.gradient)?.mirrored_back(self.edge);
        if let Some(strokes) = &self.strokes
            && self.evaluations.is_multiple_of(MATCHED_FOR)
        {
            interrupt.check()?;
            self.pull = Some(strokes.pull(&planes));
            losses.renewed = true;
        }
        self.evaluations += 1;
        if let Some(pull) = &self.pull {
            losses.style += pull.loss(&planes, self.style_weight, &mut gradient.values);
        }
        losses.gradient = gradient.tensor()?;
        Ok(losses)
    }
}
