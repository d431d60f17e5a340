//! DPM-Solver++ (2M) for the diffusion SDE: second order by the step before, the midpoint formula.
//! Agrees with k-diffusion's `sample_dpmpp_2m_sde` at eta 1 with its Brownian tree.

use candle_core::{Result, Tensor};

use super::prediction::combine;
use super::sigma_scale::{OnSigmas, SigmaSolver, brownian_path};
use super::{BrownianNoise, NoiseStream, Plan, Sampler};

struct Dpmpp2mSde {
    brownian: BrownianNoise,
    /// The picture seen at the step before, and that step's length in the logarithm.
    before: Option<(Tensor, f64)>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let solver = Dpmpp2mSde {
        brownian: BrownianNoise::of(plan),
        before: None,
    };
    Box::new(OnSigmas::new(plan, brownian_path(plan), solver))
}

impl SigmaSolver for Dpmpp2mSde {
    fn advance(
        &mut self,
        levels: &[f64],
        call: usize,
        latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        let (from, to) = (levels[call], levels[call + 1]);
        if to == 0.0 {
            return Ok(prediction.clone());
        }
        let h = (from / to).ln();
        let weight = -(-2.0 * h).exp_m1();
        let mut moved = combine(to / from * (-h).exp(), latents, weight, prediction)?;
        if let Some((before, length)) = &self.before {
            let slope = (prediction - before)?;
            moved = combine(1.0, &moved, 0.5 * weight * h / length, &slope)?;
        }
        self.before = Some((prediction.clone(), h));
        let drawn = self.brownian.between(noise, (from, to), latents)?;
        combine(1.0, &moved, to * weight.sqrt(), &drawn)
    }
}
