//! `scheduler_config.json`, as diffusers writes it.

use serde::Deserialize;
use thiserror::Error;

use super::flow::TimeShift;

/// What a model says of its noise schedule. A key that is absent takes the default of the diffusers
/// class the chosen sampler corresponds to, which is what diffusers does when it builds another
/// scheduler from the same file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct SchedulerConfig {
    /// The diffusers class the file was written by.
    #[serde(rename = "_class_name")]
    pub class_name: Option<String>,
    pub num_train_timesteps: usize,
    pub beta_start: f64,
    pub beta_end: f64,
    pub beta_schedule: BetaSchedule,
    pub trained_betas: Option<Vec<f64>>,
    pub prediction_type: PredictionType,
    pub timestep_spacing: Option<Spacing>,
    pub steps_offset: i64,
    pub set_alpha_to_one: Option<bool>,
    pub clip_sample: Option<bool>,
    pub clip_sample_range: Option<f64>,
    pub rescale_betas_zero_snr: Option<bool>,
    pub final_sigmas_type: Option<FinalSigmas>,
    pub use_karras_sigmas: Option<bool>,
    pub lower_order_final: Option<bool>,
    pub euler_at_final: Option<bool>,
    pub solver_order: Option<usize>,
    pub solver_type: Option<SolverType>,
    pub lambda_min_clipped: Option<f64>,
    pub sigma_min: Option<f64>,
    pub sigma_max: Option<f64>,
    pub variance_type: Option<Variance>,
    /// Steps a consistency model was distilled from.
    pub original_inference_steps: Option<usize>,
    pub timestep_scaling: Option<f64>,
    pub use_exponential_sigmas: Option<bool>,
    pub use_beta_sigmas: Option<bool>,
    pub use_flow_sigmas: Option<bool>,
    pub shift: Option<f64>,
    pub flow_shift: Option<f64>,
    pub use_dynamic_shifting: Option<bool>,
    pub base_shift: Option<f64>,
    pub max_shift: Option<f64>,
    pub base_image_seq_len: Option<f64>,
    pub max_image_seq_len: Option<f64>,
    pub shift_terminal: Option<f64>,
    pub time_shift_type: Option<TimeShift>,
    /// Which table Align Your Steps takes; no file says it, the model's family does.
    #[serde(skip)]
    pub aligned_for: AlignedFor,
    /// How far levels that move with the picture's size reach; the model's family says it.
    #[serde(skip)]
    pub spread: Spread,
    pub algorithm_type: Option<String>,
    pub(super) thresholding: Option<bool>,
    pub(super) use_lu_lambdas: Option<bool>,
    pub(super) invert_sigmas: Option<bool>,
    pub(super) stochastic_sampling: Option<bool>,
    pub(super) timestep_type: Option<String>,
    pub(super) interpolation_type: Option<String>,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        Self {
            class_name: None,
            num_train_timesteps: 1000,
            beta_start: 0.0001,
            beta_end: 0.02,
            beta_schedule: BetaSchedule::Linear,
            trained_betas: None,
            prediction_type: PredictionType::Epsilon,
            timestep_spacing: None,
            steps_offset: 0,
            set_alpha_to_one: None,
            clip_sample: None,
            clip_sample_range: None,
            rescale_betas_zero_snr: None,
            final_sigmas_type: None,
            use_karras_sigmas: None,
            lower_order_final: None,
            euler_at_final: None,
            solver_order: None,
            solver_type: None,
            lambda_min_clipped: None,
            sigma_min: None,
            sigma_max: None,
            variance_type: None,
            original_inference_steps: None,
            timestep_scaling: None,
            use_exponential_sigmas: None,
            use_beta_sigmas: None,
            use_flow_sigmas: None,
            shift: None,
            flow_shift: None,
            use_dynamic_shifting: None,
            base_shift: None,
            max_shift: None,
            base_image_seq_len: None,
            max_image_seq_len: None,
            shift_terminal: None,
            time_shift_type: None,
            aligned_for: AlignedFor::default(),
            spread: Spread::default(),
            algorithm_type: None,
            thresholding: None,
            use_lu_lambdas: None,
            invert_sigmas: None,
            stochastic_sampling: None,
            timestep_type: None,
            interpolation_type: None,
        }
    }
}

/// How the variance of the added noise grows over the training steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetaSchedule {
    Linear,
    /// Linear in the square root: latent diffusion's own.
    ScaledLinear,
    /// The cosine schedule of improved DDPM.
    #[serde(rename = "squaredcos_cap_v2")]
    SquaredCosine,
}

/// What the denoiser's output means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionType {
    /// The noise.
    Epsilon,
    /// The velocity of Salimans & Ho 2022.
    VPrediction,
    /// The picture itself.
    Sample,
    /// The way from the picture to the noise, where latents lie on the straight line between them.
    #[serde(rename = "flow_prediction")]
    Flow,
}

/// The model family a table of Align Your Steps was optimised for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlignedFor {
    #[default]
    StableDiffusion,
    StableDiffusionXl,
}

/// Where the levels of a flow end that move with the picture's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// As they move with the picture's size: one step above no noise; else at the lowest level of
    /// training.
    #[default]
    AsMoved,
    /// One step above no noise, as FLUX and its kin are run.
    ToOneStep,
    /// At the lowest level of training, as Stable Diffusion 3 is run.
    ToLowest,
}

/// The noise an ancestral step of DDPM adds: no more than a trained picture needs, or as much as
/// training added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Variance {
    #[serde(rename = "fixed_small", alias = "fixed_small_log")]
    Small,
    #[serde(rename = "fixed_large")]
    Large,
}

/// Which training steps are visited; table 2 of Lin et al. 2023, "Common diffusion noise schedules
/// and sample steps are flawed".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spacing {
    Linspace,
    Leading,
    Trailing,
}

/// The noise level after the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalSigmas {
    Zero,
    SigmaMin,
}

/// The formula of a multistep solver: two of DPM-Solver++, and two of `UniPC`. Either solver reads the
/// other's as its own default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SolverType {
    Midpoint,
    Heun,
    #[serde(alias = "logrho")]
    Bh2,
    Bh1,
}

/// A scheduler configuration that asks for what we do not compute.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "scheduler/scheduler_config.json asks for {option}, which this version cannot compute; \
     set it to its default to use the model without it"
)]
pub struct UnsupportedSchedule {
    pub option: String,
}

/// Steps of training: a hundred times as many as models were published with.
const MOST_TRAINED: usize = 100_000;

/// The stochastic form of DPM-Solver++.
const STOCHASTIC: &str = "sde-dpmsolver++";

impl SchedulerConfig {
    /// Whether latents lie on the straight line from picture to noise.
    pub fn is_flow(&self) -> bool {
        let by_class = self
            .class_name
            .as_deref()
            .is_some_and(|name| name.starts_with("FlowMatch"));
        by_class || self.prediction_type == PredictionType::Flow
    }

    /// What the denoiser's output means; a flow model's own class does not say it.
    pub(super) fn prediction(&self) -> PredictionType {
        if self.is_flow() {
            PredictionType::Flow
        } else {
            self.prediction_type
        }
    }

    /// Whether DPM-Solver++ adds fresh noise at each step.
    pub(super) fn is_stochastic(&self) -> bool {
        self.algorithm_type.as_deref() == Some(STOCHASTIC)
    }

    /// Refuses options that would silently change the picture if they were ignored.
    pub fn check(&self) -> Result<(), UnsupportedSchedule> {
        let order = self.solver_order.unwrap_or(2);
        let flags = [
            ("thresholding", self.thresholding == Some(true)),
            ("use_lu_lambdas", self.use_lu_lambdas == Some(true)),
            ("invert_sigmas", self.invert_sigmas == Some(true)),
            (
                "stochastic_sampling",
                self.stochastic_sampling == Some(true),
            ),
            // Levels of a flow, for a denoiser that was trained to tell the noise.
            (
                "use_flow_sigmas",
                self.use_flow_sigmas == Some(true) && !self.is_flow(),
            ),
        ];
        let named = [
            ("timestep_type", &self.timestep_type, &["discrete"][..]),
            ("interpolation_type", &self.interpolation_type, &["linear"]),
            (
                "algorithm_type",
                &self.algorithm_type,
                &["dpmsolver++", STOCHASTIC],
            ),
        ];
        let mut asked = flags
            .iter()
            .filter(|(_, asked)| *asked)
            .map(|(name, _)| (*name).to_owned())
            .chain(named.iter().filter_map(|(name, value, usual)| {
                value
                    .as_ref()
                    .filter(|value| !usual.contains(&value.as_str()))
                    .map(|value| format!("{name} \"{value}\""))
            }))
            .chain(
                (order == 0 || order > 3 || (order == 3 && self.is_stochastic()))
                    .then(|| format!("solver_order {order}")),
            );
        match asked.next().or_else(|| self.implausible()) {
            Some(option) => Err(UnsupportedSchedule { option }),
            None => Ok(()),
        }
    }

    /// A number that no training had: there would be no noise levels, or no end of them.
    fn implausible(&self) -> Option<String> {
        let trained = self.num_train_timesteps;
        if !(2..=MOST_TRAINED).contains(&trained) {
            return Some(format!("num_train_timesteps {trained}"));
        }
        if !(0..=trained as i64).contains(&self.steps_offset) {
            return Some(format!("steps_offset {}", self.steps_offset));
        }
        let betas = self.trained_betas.as_deref().unwrap_or_default();
        if self.trained_betas.is_some() && betas.len() != trained {
            return Some(format!("{} trained_betas", betas.len()));
        }
        let ends = [self.beta_start, self.beta_end];
        let mut betas = betas.iter().chain(&ends);
        // As f32 they have to leave something of the picture.
        let wrong = betas.find(|beta| !(0.0..1.0).contains(&(**beta as f32)));
        wrong.map(|beta| format!("a beta of {beta}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_file_of_sd15_is_read() {
        let config: SchedulerConfig = serde_json::from_str(
            r#"{"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_end": 0.012,
                "beta_schedule": "scaled_linear", "beta_start": 0.00085, "num_train_timesteps": 1000,
                "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1,
                "trained_betas": null, "clip_sample": false}"#,
        )
        .unwrap();
        assert_eq!(config.beta_schedule, BetaSchedule::ScaledLinear);
        assert_eq!(config.prediction_type, PredictionType::Epsilon);
        assert_eq!(config.timestep_spacing, None);
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn numbers_no_training_had_are_refused_by_name() {
        for (json, words) in [
            (r#"{"num_train_timesteps": 0}"#, "num_train_timesteps 0"),
            (
                r#"{"num_train_timesteps": 1000000000000}"#,
                "num_train_timesteps",
            ),
            (r#"{"steps_offset": -1}"#, "steps_offset -1"),
            (r#"{"steps_offset": 9223372036854775807}"#, "steps_offset"),
            (r#"{"trained_betas": []}"#, "0 trained_betas"),
            (r#"{"num_train_timesteps": 1}"#, "num_train_timesteps 1"),
            (r#"{"beta_end": 0.99999999999}"#, "a beta of 0.99999999999"),
            (r#"{"beta_start": -0.1}"#, "a beta of -0.1"),
        ] {
            let config: SchedulerConfig = serde_json::from_str(json).unwrap();
            let text = config.check().unwrap_err().to_string();
            assert!(text.contains(words), "{text} lacks {words}");
        }
    }

    #[test]
    fn an_option_we_cannot_compute_is_named() {
        let config: SchedulerConfig =
            serde_json::from_str(r#"{"algorithm_type": "dpmsolver"}"#).unwrap();
        let text = config.check().unwrap_err().to_string();
        assert!(text.contains("algorithm_type \"dpmsolver\""), "{text}");
    }
}
