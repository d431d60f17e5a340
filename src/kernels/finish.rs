//! What happens to a product's sums before they are written.

#![expect(
    unsafe_code,
    reason = "tasks write disjoint rows and columns of one output"
)]

use pulp::Simd;

use super::activate::{Activate, gelu, leaky};
use super::level::{load, store};
use super::shared::Shared;

/// What is added to the sums, and what is made of them: `activate(prelu(sum + bias)) + residual`,
/// where `passes` lets the first part through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finish<'a> {
    /// One for each output channel.
    pub bias: Option<&'a [f32]>,
    /// What each output channel keeps of values below 0.
    pub prelu: Option<&'a [f32]>,
    /// Of the output's shape: where it is not above 0, what was summed counts nothing.
    pub passes: Option<&'a [f32]>,
    /// Of the output's shape.
    pub residual: Option<&'a [f32]>,
    pub activate: Activate,
}

impl Finish<'_> {
    /// Sums stay as they are.
    fn is_plain(&self) -> bool {
        self.bias.is_none()
            && self.prelu.is_none()
            && self.passes.is_none()
            && self.residual.is_none()
            && self.activate == Activate::Nothing
    }

    /// Finishes sums of the channels from `channel` on, the first of which lies at `at` of the
    /// output, and writes as many as `out` takes.
    #[inline(always)]
    pub(super) fn write<S: Simd>(
        &self,
        simd: S,
        mut sums: S::f32s,
        (channel, at): (usize, usize),
        out: &mut [f32],
    ) {
        let len = out.len();
        if let Some(bias) = self.bias {
            let bias = load(simd, &bias[channel..channel + len]);
            sums = simd.add_f32s(sums, bias);
        }
        if let Some(below) = self.prelu {
            let below = load(simd, &below[channel..channel + len]);
            sums = leaky(simd, sums, below);
        }
        sums = self.activate.apply(simd, sums);
        if let Some(passes) = self.passes {
            let passes = load(simd, &passes[at..at + len]);
            let zero = simd.splat_f32s(0.0);
            sums = simd.select_f32s(simd.less_than_f32s(zero, passes), sums, zero);
        }
        if let Some(residual) = self.residual {
            let residual = load(simd, &residual[at..at + len]);
            sums = simd.add_f32s(sums, residual);
        }
        store(simd, out, sums);
    }
}

/// Where a product's sums go.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) out: Shared<'a>,
    /// Columns of sums.
    pub(super) columns: usize,
    /// Values from one row of the output to the next.
    pub(super) pitch: usize,
    pub(super) finish: Finish<'a>,
    /// Of the two vectors of a panel the first is multiplied with the exact GELU of the second, and
    /// their product alone is written.
    pub(super) gates: bool,
}

impl Target<'_> {
    /// Finishes the sums of a row from a column on, and writes those that there is a column for.
    ///
    /// # Safety
    /// Nothing else touches them meanwhile.
    #[inline(always)]
    pub(super) unsafe fn write<S: Simd>(
        &self,
        simd: S,
        (row, column): (usize, usize),
        sums: &[S::f32s],
    ) {
        if self.gates {
            // SAFETY: by the caller's promise.
            unsafe { self.write_gated(simd, (row, column), sums) };
            return;
        }
        let len = (self.columns - column).min(sums.len() * S::F32_LANES);
        let at = row * self.pitch + column;
        // SAFETY: by the caller's promise.
        let out = unsafe { self.out.part(at, len) };
        if self.finish.is_plain() && len == sums.len() * S::F32_LANES {
            S::as_mut_simd_f32s(out).0.copy_from_slice(sums);
            return;
        }
        for (v, (&sums, out)) in sums.iter().zip(out.chunks_mut(S::F32_LANES)).enumerate() {
            let before = v * S::F32_LANES;
            let place = (column + before, at + before);
            self.finish.write(simd, sums, place, out);
        }
    }

    #[inline(always)]
    unsafe fn write_gated<S: Simd>(
        &self,
        simd: S,
        (row, column): (usize, usize),
        sums: &[S::f32s],
    ) {
        let mut halves = [sums[0], sums[1]];
        if let Some(bias) = self.finish.bias {
            for (v, half) in halves.iter_mut().enumerate() {
                let bias = &bias[column + v * S::F32_LANES..][..S::F32_LANES];
                *half = simd.add_f32s(*half, load(simd, bias));
            }
        }
        let first = column / 2;
        let len = self.pitch.saturating_sub(first).min(S::F32_LANES);
        // SAFETY: by the promise of `write`'s caller.
        let out = unsafe { self.out.part(row * self.pitch + first, len) };
        store(simd, out, simd.mul_f32s(halves[0], gelu(simd, halves[1])));
    }

    /// Writes sums that are not whole yet.
    ///
    /// # Safety
    /// Nothing else touches them meanwhile.
    #[inline(always)]
    pub(super) unsafe fn keep<S: Simd>(
        &self,
        simd: S,
        (row, column): (usize, usize),
        sums: &[S::f32s],
    ) {
        let len = (self.columns - column).min(sums.len() * S::F32_LANES);
        // SAFETY: by the caller's promise.
        let out = unsafe { self.out.part(row * self.pitch + column, len) };
        for (&sums, out) in sums.iter().zip(out.chunks_mut(S::F32_LANES)) {
            store(simd, out, sums);
        }
    }

    /// What was kept.
    ///
    /// # Safety
    /// Nothing else touches it meanwhile.
    #[inline(always)]
    pub(super) unsafe fn take_up<S: Simd>(
        &self,
        simd: S,
        (row, column): (usize, usize),
        sums: &mut [S::f32s],
    ) {
        let len = (self.columns - column).min(sums.len() * S::F32_LANES);
        // SAFETY: by the caller's promise.
        let out = unsafe { self.out.part(row * self.pitch + column, len) };
        for (sums, out) in sums.iter_mut().zip(out.chunks(S::F32_LANES)) {
            *sums = load(simd, out);
        }
    }
}
