//! Style without a trained network: the distribution of a picture's patches at several scales.
//!
//! Random filters look at every patch; along each of them the values of the picture are to be
//! distributed as those of the styles (the sliced Wasserstein distance of Rabin et al. 2011; of
//! patches, Elnekave and Weiss 2022, "Generating Natural Images with Direct Patch Distribution
//! Matching"). The content is kept by what a coarse look sees of it, in the styles' palette.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::losses::{Losses, Models, Target, Weights};
use super::palette::repainted;
use super::pyramid::{Plane3, halved, halved_back};
use crate::nn::{Conv2d, ConvOptions, Interrupt};
use crate::recipe::NoiseSource;
use crate::samplers::NoiseStream;

/// Pixels along each side of a patch.
const SIDE: usize = 7;
/// Filters at each scale.
const FILTERS: usize = 64;
/// Scales, each half of the one before.
const SCALES: usize = 4;
/// How often the picture is halved for the coarse look.
const COARSE: usize = 3;
/// So that the usual weights, made for VGG-19, suit these losses.
const STYLE_UNIT: f64 = 1e-6;
/// The seed of the filters: with it they are the same everywhere.
const SEED: u64 = 2011;

/// What a picture shall come close to.
pub(super) struct Patches {
    scales: Vec<Scale>,
    /// The content in the styles' palette.
    start: Tensor,
    /// The same, seen coarsely.
    coarse: Plane3,
    weights: Weights,
}

/// A bank of filters, and how what they give shall be distributed.
struct Scale {
    filters: Conv2d,
    /// Places of patches that are to change, in what the filters give.
    places: Vec<u32>,
    /// For each filter as many values as there are places, ascending.
    wanted: Vec<Vec<f32>>,
}

impl Patches {
    pub(super) fn new(
        models: &Models,
        weights: Weights,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let mut noise = NoiseStream::new(NoiseSource::TorchCpu, SEED);
        let content = Plane3::of(&models.content)?;
        let mut styles = Vec::new();
        for (style, share) in &models.styles {
            styles.push((Plane3::of(style)?, *share));
        }
        let start = repainted(&content, &styles);
        let mut mask = models.mask.as_ref().map(Plane3::of).transpose()?;
        let mut coarse = start.clone();
        for _ in 0..COARSE {
            coarse = halved(&coarse);
        }
        let (mut scales, mut shape) = (Vec::new(), (content.height, content.width));
        for _ in 0..SCALES {
            let smallest = styles.iter().map(|(style, _)| style.height.min(style.width));
            let smallest = smallest.min().unwrap_or(0).min(shape.0).min(shape.1);
            if smallest < 2 * SIDE {
                break;
            }
            let filters = filters(&mut noise)?;
            let places = places(shape, mask.as_ref());
            let wanted = wanted(&filters, &styles, places.len(), interrupt)?;
            scales.push(Scale {
                filters,
                places,
                wanted,
            });
            shape = (shape.0 / 2, shape.1 / 2);
            mask = mask.as_ref().map(halved);
            for (style, _) in &mut styles {
                *style = halved(style);
            }
        }
        Ok(Self {
            scales,
            start: start.tensor()?,
            coarse,
            weights,
        })
    }

    /// Bytes that looking at a picture takes for each of its pixels.
    pub(super) const fn bytes_per_pixel() -> u64 {
        // What the filters give, its order, its gradient and what is wanted; a third more for the
        // smaller scales.
        (FILTERS * size_of::<f32>() * 5 * 4 / 3) as u64
    }
}

/// `[FILTERS, 3, SIDE, SIDE]`, each of length 1.
fn filters(noise: &mut NoiseStream) -> Result<Conv2d> {
    let len = 3 * SIDE * SIDE;
    let mut values = noise.draw(FILTERS * len);
    for filter in values.chunks_exact_mut(len) {
        let length = filter.iter().map(|value| value * value).sum::<f32>().sqrt();
        for value in filter {
            *value /= length;
        }
    }
    let weight = Tensor::from_vec(values, (FILTERS, 3, SIDE, SIDE), &candle_core::Device::Cpu)?;
    Conv2d::passing_gradients(&weight, None, ConvOptions::within(SIDE))
}

/// Patches whose middle the mask paints, all without one.
fn places((height, width): (usize, usize), mask: Option<&Plane3>) -> Vec<u32> {
    let (rows, columns) = (height + 1 - SIDE, width + 1 - SIDE);
    let all = (0..rows * columns).filter(|at| {
        let (y, x) = (at / columns + SIDE / 2, at % columns + SIDE / 2);
        mask.is_none_or(|mask| mask.values[y * width + x] > 0.5)
    });
    all.map(|at| at as u32).collect()
}

/// For each filter the values of all styles, each counted by its share, at `count` quantiles.
fn wanted(
    filters: &Conv2d,
    styles: &[(Plane3, f32)],
    count: usize,
    interrupt: &Interrupt,
) -> Result<Vec<Vec<f32>>> {
    let mut seen = Vec::with_capacity(styles.len());
    for (style, share) in styles {
        let given = filters.forward(&style.tensor()?, interrupt)?;
        let values = given.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
        seen.push((values, *share));
    }
    let filters = 0..FILTERS;
    Ok(filters
        .into_par_iter()
        .map(|filter| {
            let mut values: Vec<(f32, f32)> = Vec::new();
            for (all, share) in &seen {
                let len = all.len() / FILTERS;
                let own = &all[filter * len..(filter + 1) * len];
                values.extend(own.iter().map(|value| (*value, share / len as f32)));
            }
            values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            quantiles(&values, count)
        })
        .collect())
}

/// Of ascending values with shares that sum to 1.
fn quantiles(values: &[(f32, f32)], count: usize) -> Vec<f32> {
    let mut values = values.iter();
    let (mut value, mut reached) = (0.0, 0f64);
    (0..count)
        .map(|at| {
            let sought = (at as f64 + 0.5) / count as f64;
            while reached < sought
                && let Some((next, share)) = values.next()
            {
                value = *next;
                reached += f64::from(*share);
            }
            value
        })
        .collect()
}

impl Target for Patches {
    fn start(&self) -> Option<&Tensor> {
        Some(&self.start)
    }

    fn losses(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Losses> {
        let picture = Plane3::of(picture)?;
        let mut levels = vec![picture];
        while levels.len() < self.scales.len().max(COARSE + 1) {
            let next = levels.last().map(halved);
            levels.extend(next);
        }
        let (mut style, mut content) = (0.0, 0.0);
        let mut gradient: Option<Plane3> = None;
        for (at, level) in levels.iter().enumerate().rev() {
            interrupt.check()?;
            let mut own = match gradient {
                Some(coarser) => halved_back(&coarser, (level.height, level.width)),
                None => level.zeros(),
            };
            if at == COARSE {
                let factor = self.weights.content / level.values.len() as f64;
                for ((own, value), wanted) in
                    own.values.iter_mut().zip(&level.values).zip(&self.coarse.values)
                {
                    let gap = value - wanted;
                    content += factor * f64::from(gap * gap);
                    *own += (2.0 * factor) as f32 * gap;
                }
            }
            if let Some(scale) = self.scales.get(at) {
                let weight = self.weights.style * STYLE_UNIT;
                let (loss, back) = scale.look(level, weight, interrupt)?;
                style += loss;
                for (own, back) in own.values.iter_mut().zip(back.values) {
                    *own += back;
                }
            }
            gradient = Some(own);
        }
        let Some(gradient) = gradient else {
            candle_core::bail!("nothing was looked at")
        };
        Ok(Losses {
            style,
            content,
            gradient: gradient.tensor()?,
        })
    }
}

impl Scale {
    /// The loss of a picture and its gradient.
    fn look(
        &self,
        picture: &Plane3,
        weight: f64,
        interrupt: &Interrupt,
    ) -> Result<(f64, Plane3)> {
        let given = self.filters.forward(&picture.tensor()?, interrupt)?;
        let shape = given.shape().clone();
        let mut values = given.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
        let pixels = values.len() / FILTERS;
        let factor = weight / (FILTERS * self.places.len().max(1)) as f64;
        let losses = values
            .par_chunks_exact_mut(pixels)
            .zip(&self.wanted)
            .map(|(values, wanted)| {
                let mut gradient = vec![0f32; values.len()];
                let mut loss = 0.0;
                for (at, wanted) in in_order(values, &self.places).iter().zip(wanted) {
                    let at = *at as usize;
                    let gap = values[at] - wanted;
                    loss += f64::from(gap * gap);
                    gradient[at] = 2.0 * factor as f32 * gap;
                }
                values.copy_from_slice(&gradient);
                loss
            });
        let losses: Vec<f64> = losses.collect();
        let gradient = Tensor::from_vec(values, shape, given.device())?;
        let size = (picture.height, picture.width);
        let back = self.filters.pass_back(&gradient, size, interrupt)?;
        Ok((factor * losses.iter().sum::<f64>(), Plane3::of(&back)?))
    }
}

/// Places by the values there, ascending.
fn in_order(values: &[f32], places: &[u32]) -> Vec<u32> {
    let key = |at: u32| {
        // Floats as integers that compare as they do.
        let bits = values[at as usize].to_bits();
        let bits = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
        u64::from(bits) << 32 | u64::from(at)
    };
    let mut keys: Vec<u64> = places.iter().map(|at| key(*at)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u32).collect()
}
