//! From scores to weights.

use pulp::{Simd, WithSimd};

use crate::kernels::exp::exp_vector;
use crate::kernels::level::multiply_add;

/// What a query has seen so far.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Row {
    /// The highest score, in whatever unit whoever weighs has.
    pub(in crate::kernels) highest: f32,
    /// The sum of all weights, relative to it.
    pub(in crate::kernels) weight: f32,
}

impl Row {
    pub(super) const NOTHING: Self = Self {
        highest: f32::NEG_INFINITY,
        weight: 0.0,
    };
}

/// From scores to weights, relative to the highest score so far: what came before is scaled down
/// where a higher one comes.
pub(in crate::kernels) struct Weigh<'a> {
    /// Scores are to be multiplied by it.
    pub(in crate::kernels) scale: f32,
    /// A multiple of every vector's length.
    pub(in crate::kernels) scores: &'a mut [f32],
    /// Keys the query sees, from the first one on; the others weigh nothing.
    pub(in crate::kernels) visible: usize,
    pub(in crate::kernels) so_far: &'a mut Row,
    pub(in crate::kernels) sums: &'a mut [f32],
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            scale,
            scores,
            visible,
            so_far,
            sums,
        } = self;
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
        if highest > so_far.highest {
            if so_far.weight > 0.0 {
                let shrink = (so_far.highest - highest).exp();
                for sum in sums {
                    *sum *= shrink;
                }
                so_far.weight *= shrink;
            }
            so_far.highest = highest;
        }
        let (scale, less) = (simd.splat_f32s(scale), simd.splat_f32s(-highest));
        let mut total = simd.splat_f32s(0.0);
        for vector in vectors {
            *vector = exp_vector(simd, multiply_add(simd, *vector, scale, less));
            total = simd.add_f32s(total, *vector);
        }
        so_far.weight += simd.reduce_sum_f32s(total);
        scores[visible..].fill(0.0);
    }
}
