//! What becomes of values on their way into a product.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use std::borrow::Cow;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::silu;
use super::fresh::fresh;
use super::level::{Level, load, multiply_add, store};

/// Changes the values a product reads.
#[derive(Clone, Copy, Debug, Default)]
pub enum Before<'a> {
    #[default]
    Nothing,
    /// `max(x, 0)`
    Positive,
    Channels(Affine<'a>),
    Rows(RowNorm<'a>),
}

/// `x * scale + shift` by picture and channel, and where asked for `x * sigmoid(x)` of that.
#[derive(Clone, Copy, Debug)]
pub struct Affine<'a> {
    /// `[batch, channels]`
    pub scales: &'a [f32],
    /// `[batch, channels]`
    pub shifts: &'a [f32],
    pub silu: bool,
}

/// Each row is brought to mean 0 and variance 1, then `x * weight + bias`.
#[derive(Clone, Copy, Debug)]
pub struct RowNorm<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub eps: f32,
}

/// `max(x, 0)`
#[inline(always)]
pub(super) fn positive<S: Simd>(simd: S, values: S::f32s) -> S::f32s {
    simd.max_f32s(values, simd.splat_f32s(0.0))
}

impl<'a> Affine<'a> {
    /// That of one picture.
    pub(super) fn of(&self, image: usize, channels: usize) -> Self {
        let of = |all: &'a [f32]| &all[image * channels..][..channels];
        Self {
            scales: of(self.scales),
            shifts: of(self.shifts),
            silu: self.silu,
        }
    }

    /// Some values of channels from one on.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(&self, simd: S, channel: usize, values: S::f32s) -> S::f32s {
        let end = self.scales.len().min(channel + S::F32_LANES);
        let scales = load(simd, &self.scales[channel..end]);
        let shifts = load(simd, &self.shifts[channel..end]);
        let values = multiply_add(simd, values, scales, shifts);
        if self.silu {
            silu(simd, values)
        } else {
            values
        }
    }
}

impl RowNorm<'_> {
    /// Mean of a row, and what its gaps to it are multiplied with.
    ///
    /// The variance is that of the gaps, which is exact where the mean is large.
    #[inline(always)]
    pub(super) fn moments<S: Simd>(&self, simd: S, row: &[f32]) -> (f32, f32) {
        let (vectors, rest) = S::as_simd_f32s(row);
        let mut sum = simd.splat_f32s(0.0);
        for &vector in vectors {
            sum = simd.add_f32s(sum, vector);
        }
        let count = row.len() as f32;
        let mean = (simd.reduce_sum_f32s(sum) + rest.iter().sum::<f32>()) / count;
        let less = simd.splat_f32s(-mean);
        let mut squares = simd.splat_f32s(0.0);
        for &vector in vectors {
            let gap = simd.add_f32s(vector, less);
            squares = multiply_add(simd, gap, gap, squares);
        }
        let rest = rest.iter().map(|value| (value - mean) * (value - mean));
        let variance = (simd.reduce_sum_f32s(squares) + rest.sum::<f32>()) / count;
        (mean, 1.0 / (variance + self.eps).sqrt())
    }

    /// Some values of a row from one on, for the row's moments.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(
        &self,
        simd: S,
        (mean, scale): (f32, f32),
        at: usize,
        values: S::f32s,
    ) -> S::f32s {
        let end = self.weight.len().min(at + S::F32_LANES);
        let weight = load(simd, &self.weight[at..end]);
        let bias = load(simd, &self.bias[at..end]);
        let gap = simd.sub_f32s(values, simd.splat_f32s(mean));
        let scale = simd.mul_f32s(weight, simd.splat_f32s(scale));
        multiply_add(simd, gap, scale, bias)
    }
}

/// Pixels one task takes.
const PIXELS: usize = 64;

impl Before<'_> {
    /// For the rows of one picture.
    pub(super) fn of(&self, image: usize, channels: usize) -> Self {
        match self {
            Self::Channels(affine) => Self::Channels(affine.of(image, channels)),
            other => *other,
        }
    }

    /// Whether rows of a picture's channels fit it.
    pub(super) fn fits(&self, batch: usize, channels: usize) -> bool {
        match self {
            Self::Nothing | Self::Positive => true,
            Self::Channels(affine) => {
                let count = batch * channels;
                affine.scales.len() == count && affine.shifts.len() == count
            }
            Self::Rows(norm) => norm.weight.len() == channels && norm.bias.len() == channels,
        }
    }

    /// All values of pictures `[batch, pixels, channels]`.
    pub fn apply<'v>(
        &self,
        level: Level,
        (batch, channels): (usize, usize),
        values: &'v [f32],
    ) -> Cow<'v, [f32]> {
        if matches!(self, Self::Nothing) {
            return Cow::Borrowed(values);
        }
        // SAFETY: each row is written below.
        let mut out = unsafe { fresh(values.len()) };
        let picture = (values.len() / batch.max(1)).max(1);
        let pictures = out.chunks_mut(picture).zip(values.chunks(picture));
        for (image, (out, values)) in pictures.enumerate() {
            let before = self.of(image, channels);
            out.par_chunks_mut(PIXELS * channels)
                .zip(values.par_chunks(PIXELS * channels))
                .for_each(|(out, values)| {
                    level.run(Applying {
                        before,
                        channels,
                        values,
                        out,
                    });
                });
        }
        Cow::Owned(out)
    }
}

struct Applying<'a> {
    before: Before<'a>,
    channels: usize,
    values: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Applying<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.out.chunks_exact_mut(self.channels);
        for (out, row) in rows.zip(self.values.chunks_exact(self.channels)) {
            let moments = match &self.before {
                Before::Rows(norm) => norm.moments(simd, row),
                _ => (0.0, 1.0),
            };
            let vectors = out.chunks_mut(S::F32_LANES).zip(row.chunks(S::F32_LANES));
            for (v, (out, values)) in vectors.enumerate() {
                let at = v * S::F32_LANES;
                let values = load(simd, values);
                let values = match &self.before {
                    Before::Nothing => values,
                    Before::Positive => positive(simd, values),
                    Before::Channels(affine) => affine.apply(simd, at, values),
                    Before::Rows(norm) => norm.apply(simd, moments, at, values),
                };
                store(simd, out, values);
            }
        }
    }
}
