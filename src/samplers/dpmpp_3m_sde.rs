//! DPM-Solver++ (3M) for the diffusion SDE: third order by the two steps before. Agrees with
//! k-diffusion's `sample_dpmpp_3m_sde` at eta 1 with its Brownian tree.

use candle_core::{Result, Tensor};

use super::prediction::combine;
use super::sigma_scale::{OnSigmas, SigmaSolver, brownian_path};
use super::{BrownianNoise, NoiseStream, Plan, Sampler};

struct Dpmpp3mSde {
    brownian: BrownianNoise,
    /// The pictures seen at up to two steps before, and those steps' lengths in the logarithm, the
    /// last one first.
    before: Vec<(Tensor, f64)>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let solver = Dpmpp3mSde {
        brownian: BrownianNoise::of(plan),
        before: Vec::new(),
    };
    Box::new(OnSigmas::new(plan, brownian_path(plan), solver))
}

impl SigmaSolver for Dpmpp3mSde {
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
        // At eta 1 the picture is approached twice as fast.
        let fast = 2.0 * h;
        let weight = -(-fast).exp_m1();
        let mut moved = combine((-fast).exp(), latents, weight, prediction)?;
        let phi_2 = 1.0 - weight / fast;
        match &self.before[..] {
            [(one, h_1), (two, h_2), ..] => {
                let (r0, r1) = (h_1 / h, h_2 / h);
                let near = ((prediction - one)? / r0)?;
                let far = ((one - two)? / r1)?;
                let bend = ((&near - &far)? / (r0 + r1))?;
                let slope = combine(1.0, &near, r0, &bend)?;
                let phi_3 = phi_2 / fast - 0.5;
                moved = (moved + combine(phi_2, &slope, -phi_3, &bend)?)?;
            }
            [(one, h_1)] => {
                let slope = (prediction - one)?;
                moved = combine(1.0, &moved, phi_2 * h / h_1, &slope)?;
            }
            [] => {}
        }
        self.before.truncate(1);
        self.before.insert(0, (prediction.clone(), h));
        let drawn = self.brownian.between(noise, (from, to), latents)?;
        combine(1.0, &moved, to * weight.sqrt(), &drawn)
    }
}
