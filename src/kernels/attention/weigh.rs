//! From scores to weights.

use pulp::{Simd, WithSimd};

use super::{Bias, ScoreRow};
use crate::kernels::exp::exp_vector;
use crate::kernels::level::multiply_add;

/// What a query has seen so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The highest score.
    highest: f32,
    /// The sum of all weights, relative to it.
    pub(super) weight: f32,
}

impl Row {
    pub(super) const NOTHING: Self = Self {
        highest: f32::NEG_INFINITY,
        weight: 0.0,
    };
}

/// From scores to weights, relative to the highest score so far: what came before is scaled down
/// where a higher one comes.
pub(super) struct Weigh<'a> {
    pub(super) scale: f32,
    pub(super) bias: Option<(Bias<'a>, ScoreRow)>,
    /// A multiple of every vector's length.
    pub(super) scores: &'a mut [f32],
    /// Keys the query sees, from the first one on; the others weigh nothing.
    pub(super) visible: usize,
    pub(super) so_far: &'a mut Row,
    pub(super) sums: &'a mut [f32],
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            mut scale,
            bias,
            scores,
            visible,
            so_far,
            sums,
        } = self;
        if let Some((bias, place)) = bias {
            let scores = &mut scores[..visible];
            for score in scores.iter_mut() {
                *score *= scale;
            }
            scale = 1.0;
            bias(place, scores);
        }
        let whole = visible.next_multiple_of(S::F32_LANES);
        scores[visible..whole].fill(f32::NEG_INFINITY);
        let vectors = S::as_mut_simd_f32s(&mut scores[..whole]).0;
        let mut most = simd.splat_f32s(f32::NEG_INFINITY);
        for &vector in &*vectors {
            most = simd.max_f32s(vector, most);
        }
        let highest = so_far.highest.max(simd.reduce_max_f32s(most) * scale);
        if highest == f32::NEG_INFINITY {
            scores.fill(0.0);
            return;
        }
        let shrink = (so_far.highest - highest).exp();
        if shrink < 1.0 {
            for sum in sums {
                *sum *= shrink;
            }
        }
        let (scale, less) = (simd.splat_f32s(scale), simd.splat_f32s(-highest));
        let mut total = simd.splat_f32s(0.0);
        for vector in vectors {
            *vector = exp_vector(simd, multiply_add(simd, *vector, scale, less));
            total = simd.add_f32s(total, *vector);
        }
        so_far.weight = so_far.weight * shrink + simd.reduce_sum_f32s(total);
        so_far.highest = highest;
        scores[visible..].fill(0.0);
    }
}
