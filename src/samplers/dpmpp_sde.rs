//! DPM-Solver++ for the diffusion SDE: two looks at each step, and noise of one Brownian path before
//! each of them. Agrees with k-diffusion's `sample_dpmpp_sde` at eta 1 with its Brownian tree.

use candle_core::{Result, Tensor};

use super::halves::{self, Begun, Levels, TwoLooks};
use super::levels::rounded;
use super::prediction::combine;
use super::sigma_scale::{ancestral_levels, brownian_path, towards};
use super::{BrownianNoise, NoiseStream, Plan, Sampler};

struct DpmppSde {
    brownian: BrownianNoise,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let brownian = BrownianNoise::of(plan);
    halves::build(plan, &brownian_path(plan), DpmppSde { brownian })
}

/// A level as the reference asks the path for it: it comes back from its logarithm, in f32.
fn as_told(sigma: f64) -> f64 {
    rounded(rounded(rounded(sigma).ln()).exp())
}

impl DpmppSde {
    /// From the level `from` to the level `to`, which part of the way down is noise.
    fn go(
        &mut self,
        (from, to): (f64, f64),
        latents: &Tensor,
        prediction: &Tensor,
        noise: &NoiseStream,
    ) -> Result<Tensor> {
        let (down, up) = ancestral_levels(from, to);
        let moved = towards(prediction, latents, (from, down))?;
        let told = (as_told(from), as_told(to));
        let drawn = self.brownian.between(noise, told, latents)?;
        combine(1.0, &moved, up, &drawn)
    }
}

impl TwoLooks for DpmppSde {
    fn middle(from: f64, to: f64) -> f64 {
        (from * to).sqrt()
    }

    fn first(&mut self, levels: Levels, begun: &Begun, noise: &mut NoiseStream) -> Result<Tensor> {
        let way = (levels.from, levels.middle);
        self.go(way, &begun.latents, &begun.prediction, noise)
    }

    fn second(
        &mut self,
        levels: Levels,
        begun: &Begun,
        _latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        self.go((levels.from, levels.to), &begun.latents, prediction, noise)
    }
}
