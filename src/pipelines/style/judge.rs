//! Says of one picture after the other how far it is from one style and from its own content: what a
//! network that is to paint in that style learns from.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};

use super::embedded::Embedded;
use super::gatys::{Gatys, LAYER_SETS, LayerSet};
use super::losses::{Models, StyleModel, Target, Weights};
use super::untrained::untrained;
use super::{at_least, pictures};
use crate::models::Vgg19;
use crate::nn::Interrupt;
use crate::raster::{Fit, Pixels, resized};

/// What sees the style, and the style.
pub struct StyleEyes {
    network: Arc<Vgg19>,
    /// Which of the convolutions of VGG-19 are looked at; none where nobody trained the network.
    set: Option<&'static LayerSet>,
    style: Tensor,
}

impl StyleEyes {
    /// VGG-19 where there is one, else the network of the embedded way.
    pub fn new(
        style: &Pixels,
        vgg: Option<(Arc<Vgg19>, &'static LayerSet)>,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let set = vgg.as_ref().map_or(&LAYER_SETS[0], |(_, set)| *set);
        // Of a smaller one nothing is left for the last convolution.
        let size = at_least(style.extent(), set.least_side());
        let style = pictures::tensor(&resized(style, size, Fit::Stretch))?;
        let (network, set) = match vgg {
            Some((vgg, set)) => (vgg, Some(set)),
            None => (
                Arc::new(untrained(&[whole(style.clone())], interrupt)?),
                None,
            ),
        };
        Ok(Self {
            network,
            set,
            style,
        })
    }

    /// Who judges pictures of a height and width by the usual weights of style and content, the
    /// latter times `fidelity`.
    pub fn judge(
        &self,
        (height, width): (usize, usize),
        fidelity: f64,
        interrupt: &Interrupt,
    ) -> Result<StyleJudge<'_>> {
        // Takes the place of contents that are not known yet.
        let none = Tensor::full(0.5f32, (1, 3, height, width), &Device::Cpu)?;
        let models = Models {
            content: none,
            styles: vec![whole(self.style.clone())],
            mask: None,
        };
        let weights = Weights {
            style: 1e6,
            content: fidelity,
        };
        let target: Box<dyn Target + '_> = match self.set {
            Some(set) => Box::new(Gatys::new(&self.network, set, &models, weights, interrupt)?),
            None => Box::new(Embedded::new(&self.network, models, weights, interrupt)?),
        };
        Ok(StyleJudge { target })
    }
}

const fn whole(picture: Tensor) -> StyleModel {
    StyleModel {
        picture,
        share: 1.0,
        mask: None,
    }
}

/// Judges pictures of one size.
pub struct StyleJudge<'a> {
    target: Box<dyn Target + 'a>,
}

impl StyleJudge<'_> {
    /// The weighted losses of style and content of a picture, and the gradient of their sum; all
    /// `[1, 3, height, width]` with values from 0 to 1.
    pub fn losses(
        &mut self,
        picture: &Tensor,
        content: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<(f64, f64, Tensor)> {
        self.target.turn_to(content, interrupt)?;
        let losses = self.target.losses(picture, interrupt)?;
        Ok((losses.style, losses.content, losses.gradient))
    }
}
