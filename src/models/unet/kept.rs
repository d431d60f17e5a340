//! Step caching: what a whole call of the denoiser leaves for the calls after it.

use candle_core::{Result, Tensor};

/// What came from inside the denoiser to its outermost layers, and may come from there again: deep
/// inside little changes from one step to the next.
///
/// Ma et al. 2023, "`DeepCache`: Accelerating Diffusion Models for Free", at its outermost branch,
/// which is its authors' default for Stable Diffusion: the layers around are the first convolution,
/// the last layer on the way up, which takes the first convolution's output as its skip, and the last
/// convolution.
#[derive(Clone, Debug)]
pub struct KeptFeatures {
    /// `[batch, channels, height, width]`
    features: Tensor,
}

impl KeptFeatures {
    pub(super) fn of(features: Tensor) -> Self {
        Self { features }
    }

    pub(super) fn features(&self) -> &Tensor {
        &self.features
    }

    /// Those of the last `batch` pictures, of at least as many: pictures of a batch do not meet inside
    /// the network, so that what was kept of both prompts serves for the second alone.
    pub fn of_last(&self, batch: usize) -> Result<Self> {
        let all = self.features.dim(0)?;
        let Some(first) = all.checked_sub(batch) else {
            candle_core::bail!("of {all} pictures was kept, {batch} are asked for")
        };
        self.features.narrow(0, first, batch).map(Self::of)
    }

    /// Those of one picture.
    pub(super) fn of_one(&self, place: usize) -> Result<Self> {
        self.features
            .narrow(0, place, 1)?
            .contiguous()
            .map(Self::of)
    }

    /// Of pictures that were computed one after the other.
    pub(super) fn cat(all: &[Self]) -> Result<Self> {
        let features: Vec<_> = all.iter().map(|kept| &kept.features).collect();
        Tensor::cat(&features, 0).map(Self::of)
    }
}
