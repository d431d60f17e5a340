//! A style in one pass, without optimisation: by networks that know how to paint.

use std::sync::Arc;

use candle_core::Tensor;

use super::{Run, Styled, at_least, moments, pictures, values_of};
use crate::models::{AdaIn, Johnson};
use crate::pipelines::PipelineError;
use crate::raster::{Extent, Fit, resized};

/// The style's weight at which a picture in one pass has all of it.
const WHOLE_STYLE: f64 = 1e6;

/// What paints.
pub(super) enum OnePass {
    AdaIn(Arc<AdaIn>),
    Quick(Arc<Johnson>),
}

impl Run<'_> {
    /// The picture in one pass; `None` if it was ended before.
    pub(super) fn pass(&self, painter: &OnePass) -> Result<Option<Styled>, PipelineError> {
        let extent = Extent::new(self.recipe.width, self.recipe.height);
        let (least, seen) = match painter {
            OnePass::AdaIn(_) => (AdaIn::LEAST_SIDE, extent),
            // Its strokes are as large as they were learnt: they grow with what it is shown smaller.
            OnePass::Quick(_) => (
                Johnson::LEAST_SIDE,
                seen_at(extent, self.styling.stroke_scale),
            ),
        };
        let least = least as u32;
        let seen = at_least(seen, least);
        let drawn = match self.drawn(painter, (seen, least)) {
            Err(_) if self.interrupt.is_asked() => return Ok(None),
            drawn => drawn?,
        };
        let drawn = drawn
            .narrow(2, 0, seen.height as usize)?
            .narrow(3, 0, seen.width as usize)?;
        let mut values = values_of(&drawn)?;
        if seen != extent {
            let drawn = pictures::pixels(&values, seen)?;
            values = resized(&drawn, extent, Fit::Stretch).planes();
        }
        let sheet = self.sheet(extent, least);
        Ok(Some(Styled {
            pixels: self.finished(&values, &sheet)?,
            stopped_after: None,
        }))
    }

    /// `[1, 3, height, width]` from 0 to 1, at least as large as what is shown.
    fn drawn(
        &self,
        painter: &OnePass,
        (seen, least): (Extent, u32),
    ) -> candle_core::Result<Tensor> {
        let sheet = self.sheet(seen, least);
        let content = pictures::tensor(&sheet.content)?;
        let strength = (self.styling.style_weight / WHOLE_STYLE).min(1.0);
        match painter {
            OnePass::AdaIn(networks) => {
                let styles = sheet.styles.iter().zip(self.styling.shares());
                let styles = styles.map(|(style, share)| Ok((pictures::tensor(style)?, share)));
                let pass = moments::Pass {
                    content,
                    styles: styles.collect::<candle_core::Result<_>>()?,
                    strength,
                };
                pass.run(networks, &self.interrupt)
            }
            OnePass::Quick(network) => {
                let painted = network.repaint(&content, &self.interrupt)?;
                let (_, _, height, width) = content.dims4()?;
                let painted = painted.narrow(2, 0, height)?.narrow(3, 0, width)?;
                (painted * strength)? + (content * (1.0 - strength))?
            }
        }
    }
}

/// The size at which a network of fixed strokes is shown a picture, so that they come out larger by
/// `stroke_scale`.
pub(super) fn seen_at(extent: Extent, stroke_scale: f32) -> Extent {
    let side = |side: u32| ((side as f32 / stroke_scale).round() as u32).max(1);
    Extent::new(side(extent.width), side(extent.height))
}
