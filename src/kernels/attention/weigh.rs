//! From scores to weights.

use pulp::{Simd, WithSimd};

use crate::kernels::exp::exp_vector;
use crate::kernels::level::multiply_add;
use crate::kernels::panels::LINE;

/// What a query has seen so far.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Row {
    /// What weights are relative to, in the scores' unit: the highest one, or, where none is far from
    /// it, 0.
    pub(in crate::kernels) highest: f32,
    /// No score is far from 0: nobody has to look for the highest one.
    pub(in crate::kernels) is_near: bool,
    /// Parts of the sum of all weights.
    pub(in crate::kernels) weights: [f32; LINE],
}

impl Row {
    pub(in crate::kernels) const FAR: Self = Self {
        highest: f32::NEG_INFINITY,
        is_near: false,
        weights: [0.0; LINE],
    };
    pub(in crate::kernels) const NEAR: Self = Self {
        highest: 0.0,
        is_near: true,
        weights: [0.0; LINE],
    };

    pub(super) fn weight(&self) -> f32 {
        let [mut sums, rest @ ..]: [[f32; 4]; LINE / 4] = pulp::cast(self.weights);
        for parts in rest {
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        sums.iter().sum()
    }

    /// Weights are relative to a score where it is the highest one: those before, and the values they
    /// weighed, are scaled down.
    #[inline(always)]
    pub(in crate::kernels) fn raise(
        &mut self,
        score: f32,
        sums: &mut [f32],
        weigh: impl Fn(f32) -> f32,
    ) {
        if score <= self.highest {
            return;
        }
        if self.highest > f32::NEG_INFINITY {
            let shrink = weigh(self.highest - score);
            for value in sums.iter_mut().chain(&mut self.weights) {
                *value *= shrink;
            }
        }
        self.highest = score;
    }
}

/// From a group's scores to weights, relative to each query's highest score so far: what came before
/// is scaled down where a higher one comes.
pub(in crate::kernels) struct Weigh<'a> {
    /// Scores are to be multiplied by it.
    pub(in crate::kernels) scale: f32,
    /// `[query][pitch]`
    pub(in crate::kernels) scores: &'a mut [f32],
    pub(in crate::kernels) pitch: usize,
    /// Scores of a query, a multiple of every vector's length.
    pub(in crate::kernels) keys: usize,
    pub(in crate::kernels) sees: Sees,
    /// `[query]`
    pub(in crate::kernels) so_far: &'a mut [Row],
    /// As many for each query.
    pub(in crate::kernels) sums: &'a mut [f32],
}

/// Which of a tile's keys the queries of a group see.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Sees {
    /// How many keys there are.
    pub(super) keys: usize,
    /// Where each sees one more than the one before it: the keys up to the first query's own, less
    /// those before the tile.
    pub(super) growing: Option<isize>,
}

impl Sees {
    /// Keys a query sees, from the first one on; the others weigh nothing.
    #[inline(always)]
    pub(in crate::kernels) fn of(self, query: usize) -> usize {
        match self.growing {
            Some(first) => first
                .saturating_add_unsigned(query)
                .clamp(0, self.keys as isize) as usize,
            None => self.keys,
        }
    }
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let of_sums = self.sums.len() / self.so_far.len().max(1);
        let rows = self.scores.chunks_exact_mut(self.pitch).zip(self.so_far);
        let rows = rows.zip(self.sums.chunks_exact_mut(of_sums)).enumerate();
        for (query, ((scores, so_far), sums)) in rows {
            let seen = (&mut scores[..self.keys], self.sees.of(query));
            weigh(simd, self.scale, seen, (so_far, sums));
        }
    }
}

#[inline(always)]
fn weigh<S: Simd>(
    simd: S,
    scale: f32,
    (scores, visible): (&mut [f32], usize),
    (so_far, sums): (&mut Row, &mut [f32]),
) {
    let whole = visible.next_multiple_of(S::F32_LANES);
    scores[visible..whole].fill(f32::NEG_INFINITY);
    let vectors = S::as_mut_simd_f32s(&mut scores[..whole]).0;
    let mut most = simd.splat_f32s(f32::NEG_INFINITY);
    for &vector in &*vectors {
        most = simd.max_f32s(vector, most);
    }
    so_far.raise(simd.reduce_max_f32s(most) * scale, sums, f32::exp);
    if so_far.highest == f32::NEG_INFINITY {
        scores.fill(0.0);
        return;
    }
    let (scale, less) = (simd.splat_f32s(scale), simd.splat_f32s(-so_far.highest));
    let mut total = simd.splat_f32s(0.0);
    for vector in vectors {
        *vector = exp_vector(simd, multiply_add(simd, *vector, scale, less));
        total = simd.add_f32s(total, *vector);
    }
    so_far.weights[0] += simd.reduce_sum_f32s(total);
    scores[visible..].fill(0.0);
}
