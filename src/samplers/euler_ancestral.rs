//! Euler's method with fresh noise after each step. Agrees with diffusers'
//! `EulerAncestralDiscreteScheduler`, and with k-diffusion's `sample_euler_ancestral` at eta 1.

use candle_core::{Result, Tensor};

use super::config::{PredictionType, SchedulerConfig};
use super::euler::{init_noise_sigma, scale_to_unit_variance, sigma_path};
use super::prediction::{combine, denoised_at_sigma};
use super::schedule::SigmaPath;
use super::{Denoised, NoiseStream, Sampler, Schedule};

struct EulerAncestral {
    path: SigmaPath,
    init_noise_sigma: f64,
    prediction: PredictionType,
}

pub(super) fn build(
    config: &SchedulerConfig,
    schedule: Schedule,
    steps: usize,
) -> Box<dyn Sampler> {
    // The reference class always ends at 0, whatever `final_sigmas_type` says.
    let path = sigma_path(config, schedule, steps, None);
    Box::new(EulerAncestral {
        init_noise_sigma: init_noise_sigma(config, &path),
        path,
        prediction: config.prediction_type,
    })
}

impl Sampler for EulerAncestral {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    fn scale_input(&self, latents: &Tensor, step: usize) -> Result<Tensor> {
        scale_to_unit_variance(latents, self.path.sigmas[step])
    }

    fn step(
        &mut self,
        output: &Tensor,
        step: usize,
        latents: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let (from, to) = (self.path.sigmas[step], self.path.sigmas[step + 1]);
        let prediction = denoised_at_sigma(self.prediction, output, from, latents)?;
        let up = (to * to * (from * from - to * to) / (from * from)).sqrt();
        let down = (to * to - up * up).max(0.0).sqrt();
        let ratio = down / from;
        let quiet = combine(ratio, latents, 1.0 - ratio, &prediction)?;
        // Drawn after the last step too, where its weight is 0: the stream stays that of diffusers.
        let drawn = noise.tensor(latents.shape(), latents.device())?;
        Ok(Denoised {
            latents: combine(1.0, &quiet, up, &drawn)?,
            prediction,
        })
    }
}
