//! What solvers have in common that look twice at each step but the last: at the level it begins with,
//! and at one between there and its end. The last one goes straight to the picture.

use candle_core::{Result, Tensor};

use super::levels::SigmaPath;
use super::sigma_scale::{OnSigmas, SigmaSolver, timestep_of, towards};
use super::{NoiseStream, Plan, Sampler};

/// The levels of one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    pub(super) from: f64,
    pub(super) middle: f64,
    pub(super) to: f64,
}

/// The latents and the picture seen in them when a step began.
pub(super) struct Begun {
    pub(super) latents: Tensor,
    pub(super) prediction: Tensor,
}

/// How latents move on by two looks.
pub(super) trait TwoLooks: Send {
    /// The level of the second look.
    fn middle(from: f64, to: f64) -> f64;

    /// From the first look to the second.
    fn first(&mut self, levels: Levels, begun: &Begun, _noise: &mut NoiseStream) -> Result<Tensor> {
        towards(
            &begun.prediction,
            &begun.latents,
            (levels.from, levels.middle),
        )
    }

    /// To the end of the step, from what the second look saw in `latents`.
    fn second(
        &mut self,
        levels: Levels,
        begun: &Begun,
        latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor>;
}

struct InHalves<T> {
    looks: T,
    begun: Option<Begun>,
}

/// A sampler of two looks, on the path of its steps.
pub(super) fn build<T: TwoLooks + 'static>(
    plan: &Plan<'_>,
    steps: &SigmaPath,
    looks: T,
) -> Box<dyn Sampler> {
    let path = with_middles(steps, T::middle, timestep_of(plan.config));
    let solver = InHalves { looks, begun: None };
    Box::new(OnSigmas::new(plan, path, solver))
}

/// The path of steps with the levels between them.
fn with_middles(
    steps: &SigmaPath,
    middle: fn(f64, f64) -> f64,
    timestep_of: impl Fn(f64) -> f64,
) -> SigmaPath {
    let mut path = SigmaPath {
        timesteps: vec![steps.timesteps[0]],
        sigmas: vec![steps.sigmas[0]],
    };
    for (pair, &timestep) in steps.sigmas.windows(2).zip(&steps.timesteps[1..]) {
        let between = middle(pair[0], pair[1]);
        let told = if between == pair[1] {
            timestep
        } else {
            timestep_of(between)
        };
        path.timesteps.extend([told, timestep]);
        path.sigmas.extend([between, pair[1]]);
    }
    path.sigmas.push(steps.sigmas[steps.sigmas.len() - 1]);
    path
}

impl<T: TwoLooks> SigmaSolver for InHalves<T> {
    fn advance(
        &mut self,
        levels: &[f64],
        call: usize,
        latents: &Tensor,
        prediction: &Tensor,
        noise: &mut NoiseStream,
    ) -> Result<Tensor> {
        if let Some(begun) = self.begun.take() {
            let at = Levels {
                from: levels[call - 1],
                middle: levels[call],
                to: levels[call + 1],
            };
            return self.looks.second(at, &begun, latents, prediction, noise);
        }
        let Some(&to) = levels.get(call + 2) else {
            return towards(prediction, latents, (levels[call], levels[call + 1]));
        };
        let at = Levels {
            from: levels[call],
            middle: levels[call + 1],
            to,
        };
        let begun = Begun {
            latents: latents.clone(),
            prediction: prediction.clone(),
        };
        let moved = self.looks.first(at, &begun, noise)?;
        self.begun = Some(begun);
        Ok(moved)
    }
}
