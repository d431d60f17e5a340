//! A click or a rectangle selects a thing, with Segment Anything.
//!
//! Sizes, coordinates and what is made of the answers are those of the authors' `SamPredictor`.

mod logits;

use std::path::Path;
use std::sync::{Arc, Weak};

use candle_core::{Device, Result};

use self::logits::Logits;
use super::select::{clipped, with_smooth_edge};
use super::{CancelToken, Hint, PipelineError, Wish};
use crate::models::{Embedding, Masks, Prompt, Sam};
use crate::raster::{Area, Extent, Mask, Pixels, resized_bilinear};
use crate::weights::{ModelError, Weights};

/// The network, and what it knows of the picture it saw last.
#[derive(Debug)]
pub struct Segmenter {
    sam: Sam,
    seen: Option<Seen>,
}

/// A picture the encoder has looked at.
#[derive(Debug)]
struct Seen {
    /// Does not keep it alive.
    image: Weak<Pixels>,
    /// As large as the network sees it.
    extent: Extent,
    embedding: Embedding,
}

impl Segmenter {
    /// Reads a file of weights: the paper's ViT-B, L or H, or `MobileSAM`.
    pub fn open(file: &Path) -> std::result::Result<Self, ModelError> {
        Ok(Self::new(Sam::load(&Weights::open(file)?, &Device::Cpu)?))
    }

    pub fn new(sam: Sam) -> Self {
        Self { sam, seen: None }
    }

    /// The thing hinted at, with a smooth edge; `None` once `token` asks for an end.
    ///
    /// Of a picture that was seen last time, the light part of the network alone is run. To look at
    /// a new one takes seconds: that is ended by [`Wish::Discard`] alone, so that a newer hint for
    /// the same picture finds the work done. A point outside of the picture is taken for the nearest
    /// one in it, and of a rectangle only what is in the picture counts; where nothing does, the mask
    /// is empty.
    pub fn select(
        &mut self,
        image: &Arc<Pixels>,
        hint: Hint,
        token: &CancelToken,
    ) -> std::result::Result<Option<Mask>, PipelineError> {
        let extent = image.extent();
        let Some(prompt) = prompt(hint, extent) else {
            return Ok(Mask::from_values(extent, vec![0; extent.area()]));
        };
        if token.is_ended() {
            return Ok(None);
        }
        match self.answer(image, prompt, token) {
            Ok(logits) => {
                let inside = logits.inside(self.sam.side(), self.sight(extent), extent);
                Ok(with_smooth_edge(extent, inside))
            }
            // An interrupted network fails.
            Err(_) if token.is_ended() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a hint for this picture needs the light part of the network alone.
    pub fn has_seen(&self, image: &Arc<Pixels>) -> bool {
        self.seen
            .as_ref()
            .is_some_and(|seen| Weak::as_ptr(&seen.image) == Arc::as_ptr(image))
    }

    fn answer(
        &mut self,
        image: &Arc<Pixels>,
        prompt: Prompt,
        token: &CancelToken,
    ) -> Result<Logits> {
        let is_known = self.has_seen(image);
        let seen = match self.seen.take() {
            Some(seen) if is_known => seen,
            _ => self.look(image, token)?,
        };
        let seen = self.seen.insert(seen);
        let prompt = scaled(prompt, image.extent(), seen.extent);
        let interrupt = token.interrupt_at(Wish::Stop);
        let masks = self.sam.masks(&seen.embedding, prompt, &interrupt)?;
        let best = best(&masks, prompt);
        Logits::of(&masks.logits.get(best)?)
    }

    /// Has the encoder look at a picture.
    fn look(&self, image: &Arc<Pixels>, token: &CancelToken) -> Result<Seen> {
        let extent = self.sight(image.extent());
        let sight = resized_bilinear(image, extent);
        let size = (extent.width as usize, extent.height as usize);
        let interrupt = token.interrupt_at(Wish::Discard);
        Ok(Seen {
            image: Arc::downgrade(image),
            extent,
            embedding: self.sam.embed(&over_mean(&sight), size, &interrupt)?,
        })
    }

    /// How large the network sees a picture of this size: its longer side as long as it can be.
    fn sight(&self, extent: Extent) -> Extent {
        let side = self.sam.side() as u32;
        let scale = f64::from(side) / f64::from(extent.width.max(extent.height));
        let scaled = |length: u32| ((f64::from(length) * scale + 0.5) as u32).clamp(1, side);
        Extent::new(scaled(extent.width), scaled(extent.height))
    }
}

/// Three bytes a pixel; what is transparent has the colour that means nothing to the network, so that
/// whatever lies hidden there counts for nothing.
fn over_mean(pixels: &Pixels) -> Vec<u8> {
    pixels
        .rgba()
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[red, green, blue, alpha]| {
            let alpha = f32::from(alpha) / 255.0;
            let colors = [red, green, blue].into_iter().zip(Sam::MEAN);
            colors.map(move |(color, mean)| {
                (f32::from(color) * alpha + mean * (1.0 - alpha)).round() as u8
            })
        })
        .collect()
}

/// What is pointed at within a picture, in its pixels; `None` where nothing is.
fn prompt(hint: Hint, within: Extent) -> Option<Prompt> {
    if within.area() == 0 {
        return None;
    }
    Some(match hint {
        Hint::Point { x, y } => Prompt::Point {
            x: x.min(within.width - 1) as f32,
            y: y.min(within.height - 1) as f32,
        },
        Hint::Box(area) => {
            let Area { x, y, extent } = clipped(area, within);
            if extent.area() == 0 {
                return None;
            }
            // From its first pixel to its last.
            Prompt::Box {
                left: x as f32,
                top: y as f32,
                right: (x + extent.width - 1) as f32,
                bottom: (y + extent.height - 1) as f32,
            }
        }
    })
}

/// The same in a picture of another size.
fn scaled(prompt: Prompt, from: Extent, to: Extent) -> Prompt {
    let across = (f64::from(to.width) / f64::from(from.width)) as f32;
    let down = (f64::from(to.height) / f64::from(from.height)) as f32;
    match prompt {
        Prompt::Point { x, y } => Prompt::Point {
            x: x * across,
            y: y * down,
        },
        Prompt::Box {
            left,
            top,
            right,
            bottom,
        } => Prompt::Box {
            left: left * across,
            top: top * down,
            right: right * across,
            bottom: bottom * down,
        },
    }
}

/// Which answer to take: a click can mean several things, a rectangle one.
fn best(masks: &Masks, prompt: Prompt) -> usize {
    match prompt {
        Prompt::Box { .. } => 0,
        Prompt::Point { .. } => (1..masks.fit.len())
            .max_by(|&a, &b| masks.fit[a].total_cmp(&masks.fit[b]))
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent::new(30, 20);

    #[test]
    fn hints_are_kept_within_the_picture() {
        let beyond = prompt(Hint::Point { x: 99, y: 5 }, EXTENT);
        assert_eq!(beyond, Some(Prompt::Point { x: 29.0, y: 5.0 }));
        let area = |x, width| {
            let extent = Extent::new(width, 4);
            Hint::Box(Area { x, y: 18, extent })
        };
        let cut = Prompt::Box {
            left: 25.0,
            top: 18.0,
            right: 29.0,
            bottom: 19.0,
        };
        assert_eq!(prompt(area(25, 9), EXTENT), Some(cut));
        assert_eq!(prompt(area(30, 9), EXTENT), None);
        assert_eq!(prompt(Hint::Point { x: 0, y: 0 }, Extent::new(0, 9)), None);
    }

    #[test]
    fn what_is_transparent_has_the_mean_colour() {
        let rgba = vec![9, 8, 7, 255, 9, 8, 7, 0];
        let pixels = Pixels::from_rgba(Extent::new(2, 1), rgba).unwrap();
        assert_eq!(over_mean(&pixels), [9, 8, 7, 124, 116, 104]);
    }

    #[test]
    fn a_click_takes_the_best_of_three_and_a_rectangle_the_one_meant_for_it() {
        let masks = Masks {
            logits: candle_core::Tensor::zeros((4, 1, 1), candle_core::DType::F32, &Device::Cpu)
                .unwrap(),
            fit: vec![0.9, 0.1, 0.5, 0.3],
        };
        assert_eq!(best(&masks, Prompt::Point { x: 0.0, y: 0.0 }), 2);
        let corner = Prompt::Box {
            left: 0.0,
            top: 0.0,
            right: 1.0,
            bottom: 1.0,
        };
        assert_eq!(best(&masks, corner), 0);
    }
}
