//! Betas, sigmas and timesteps: shared by every sampler.

use super::config::{BetaSchedule, SchedulerConfig, Spacing};

/// The noise levels of training, one per training step. Values are rounded to f32 where the
/// reference holds f32, and carried as f64.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NoiseLevels {
    /// Cumulative product of `1 - beta`, falling from near 1 to near 0.
    pub(super) alphas_cumprod: Vec<f64>,
    /// `sqrt((1 - alpha) / alpha)`, rising.
    pub(super) sigmas: Vec<f64>,
}

/// A path from noise to picture: the timestep handed to the denoiser and the noise level at each
/// step, highest first, and the level after the last step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SigmaPath {
    pub(super) timesteps: Vec<f64>,
    /// One more than `timesteps`.
    pub(super) sigmas: Vec<f64>,
}

/// As an f32 holds it.
pub(super) fn rounded(value: f64) -> f64 {
    f64::from(value as f32)
}

impl SigmaPath {
    /// What is left of it from a step on.
    pub(super) fn beginning_at(mut self, step: usize) -> Self {
        self.timesteps.drain(..step);
        self.sigmas.drain(..step);
        self
    }
}

impl NoiseLevels {
    /// Of a model that was trained to remove noise.
    pub(super) fn new(config: &SchedulerConfig) -> Self {
        Self::of_betas(config, betas(config, line))
    }

    /// The same with every operation rounded to f32, as torch computes it: a Brownian path tells
    /// neighbours in f32 apart.
    pub(super) fn in_f32(config: &SchedulerConfig) -> Self {
        let levels = Self::of_betas(config, betas(config, line_in_f32));
        let sigmas = levels.alphas_cumprod.iter().map(|&alpha| {
            let ratio = (1.0 - alpha as f32) / alpha as f32;
            f64::from(ratio.sqrt())
        });
        Self {
            sigmas: sigmas.collect(),
            ..levels
        }
    }

    fn of_betas(config: &SchedulerConfig, mut betas: Vec<f64>) -> Self {
        let zero_snr = config.rescale_betas_zero_snr == Some(true);
        if zero_snr {
            rescale_to_zero_snr(&mut betas);
        }
        let mut product = 1.0;
        let mut alphas_cumprod: Vec<f64> = betas
            .iter()
            .map(|beta| {
                product *= rounded(1.0 - beta);
                rounded(product)
            })
            .collect();
        if zero_snr && let Some(last) = alphas_cumprod.last_mut() {
            // Close to 0 without being 0, so that the first sigma is finite; diffusers' value.
            *last = f64::from(2.0f32.powi(-24));
        }
        let sigmas = alphas_cumprod
            .iter()
            .map(|alpha| rounded(((1.0 - alpha) / alpha).sqrt()))
            .collect();
        Self {
            alphas_cumprod,
            sigmas,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sigmas.len()
    }

    /// The noise level at a timestep that may lie between two training steps.
    pub(super) fn sigma_at(&self, timestep: f64) -> f64 {
        let last = self.len() - 1;
        let low = (timestep.max(0.0).floor() as usize).min(last);
        let high = (low + 1).min(last);
        let weight = (timestep - low as f64).clamp(0.0, 1.0);
        self.sigmas[low] + (self.sigmas[high] - self.sigmas[low]) * weight
    }

    /// As [`Self::sigma_at`], by linear interpolation of the logarithm: k-diffusion's way.
    pub(super) fn sigma_between(&self, timestep: f64) -> f64 {
        let last = self.len() - 1;
        let low = (timestep.max(0.0).floor() as usize).min(last);
        let (from, to) = (self.sigmas[low].ln(), self.sigmas[(low + 1).min(last)].ln());
        (from + (to - from) * (timestep - low as f64).clamp(0.0, 1.0)).exp()
    }

    /// The training step whose noise level is nearest to `sigma`.
    pub(super) fn step_at(&self, sigma: f64) -> usize {
        (self.timestep_at(sigma).round_ties_even() as usize).min(self.len() - 1)
    }

    /// The timestep whose noise level is `sigma`, by linear interpolation of the logarithm.
    pub(super) fn timestep_at(&self, sigma: f64) -> f64 {
        let log_sigma = sigma.max(1e-10).ln();
        let logs = |index: usize| rounded(self.sigmas[index].ln());
        let above = (0..self.len()).filter(|&i| logs(i) <= log_sigma).count();
        let low = above.saturating_sub(1).min(self.len() - 2);
        let (from, to) = (logs(low), logs(low + 1));
        let weight = ((from - log_sigma) / (from - to)).clamp(0.0, 1.0);
        (1.0 - weight) * low as f64 + weight * (low + 1) as f64
    }
}

/// `count` numbers from `start` to `end`.
fn line(start: f64, end: f64, count: usize) -> Vec<f64> {
    let step = (end - start) / (count.max(2) - 1) as f64;
    (0..count)
        .map(|i| rounded(start + step * i as f64))
        .collect()
}

/// As [`line`], by torch's operations: in f32, from either end to the middle.
fn line_in_f32(start: f64, end: f64, count: usize) -> Vec<f64> {
    let (start, end) = (rounded(start), rounded(end));
    let last = count.max(2) - 1;
    let step = rounded(rounded(end - start) / last as f64);
    (0..count)
        .map(|i| {
            rounded(if i < count / 2 {
                start + step * i as f64
            } else {
                end - step * (last - i) as f64
            })
        })
        .collect()
}

fn betas(config: &SchedulerConfig, line: fn(f64, f64, usize) -> Vec<f64>) -> Vec<f64> {
    if let Some(betas) = &config.trained_betas {
        return betas.iter().map(|beta| rounded(*beta)).collect();
    }
    let count = config.num_train_timesteps;
    match config.beta_schedule {
        BetaSchedule::Linear => line(config.beta_start, config.beta_end, count),
        BetaSchedule::ScaledLinear => line(config.beta_start.sqrt(), config.beta_end.sqrt(), count)
            .into_iter()
            .map(|root| rounded(root * root))
            .collect(),
        BetaSchedule::SquaredCosine => {
            let alpha_bar = |t: f64| {
                ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2)
                    .cos()
                    .powi(2)
            };
            (0..count)
                .map(|i| {
                    let (t1, t2) = (i as f64 / count as f64, (i + 1) as f64 / count as f64);
                    rounded((1.0 - alpha_bar(t2) / alpha_bar(t1)).min(0.999))
                })
                .collect()
        }
    }
}

/// Algorithm 1 of Lin et al. 2023: shifts and scales `sqrt(alpha)` so that the last one is 0.
fn rescale_to_zero_snr(betas: &mut [f64]) {
    let mut product = 1.0;
    let roots: Vec<f64> = betas
        .iter()
        .map(|beta| {
            product *= 1.0 - beta;
            product.sqrt()
        })
        .collect();
    let (Some(&first), Some(&last)) = (roots.first(), roots.last()) else {
        return;
    };
    let mut before = 1.0;
    for (beta, root) in betas.iter_mut().zip(roots) {
        let bar = ((root - last) * first / (first - last)).powi(2);
        *beta = rounded(1.0 - bar / before);
        before = bar;
    }
}

/// Timesteps as `numpy.linspace(0, last, count)` gives them, highest first.
pub(super) fn linspace_timesteps(last: f64, count: usize) -> Vec<f64> {
    let step = if count > 1 {
        last / (count - 1) as f64
    } else {
        0.0
    };
    (0..count).rev().map(|i| step * i as f64).collect()
}

/// Timesteps `offset, offset + ratio, …`, `count` of them, highest first.
pub(super) fn leading_timesteps(ratio: usize, count: usize, offset: i64) -> Vec<f64> {
    (0..count)
        .rev()
        .map(|i| (i * ratio) as f64 + offset as f64)
        .collect()
}

/// Timesteps counted down from the last training step in `count` equal parts, rounded to even.
pub(super) fn trailing_timesteps(last: usize, train: usize, count: usize) -> Vec<f64> {
    let ratio = train as f64 / count as f64;
    let len = (last as f64 / ratio).ceil() as usize;
    (0..len)
        .map(|i| (last as f64 - ratio * i as f64).round_ties_even() - 1.0)
        .collect()
}

/// Timesteps of the k-diffusion family (Euler and its kin): fractional, of the asked spacing.
pub(super) fn sigma_family_timesteps(config: &SchedulerConfig, steps: usize) -> Vec<f64> {
    let train = config.num_train_timesteps;
    match spacing(config, Spacing::Linspace) {
        Spacing::Linspace => linspace_timesteps((train - 1) as f64, steps)
            .into_iter()
            .map(rounded)
            .collect(),
        Spacing::Leading => leading_timesteps(train / steps, steps, config.steps_offset),
        Spacing::Trailing => trailing_timesteps(train, train, steps),
    }
}

pub(super) fn spacing(config: &SchedulerConfig, default: Spacing) -> Spacing {
    config.timestep_spacing.unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stable_diffusion() -> SchedulerConfig {
        SchedulerConfig {
            beta_start: 0.00085,
            beta_end: 0.012,
            beta_schedule: BetaSchedule::ScaledLinear,
            ..SchedulerConfig::default()
        }
    }

    #[test]
    fn stable_diffusions_levels_span_the_known_range() {
        let levels = NoiseLevels::new(&stable_diffusion());
        assert_eq!(levels.len(), 1000);
        assert!((levels.sigmas[0] - 0.0292).abs() < 1e-4);
        assert!((levels.sigmas[999] - 14.6146).abs() < 1e-3);
    }

    #[test]
    fn timestep_and_sigma_undo_each_other() {
        let levels = NoiseLevels::new(&stable_diffusion());
        for timestep in [0.0, 1.0, 500.0, 998.0, 999.0] {
            let again = levels.timestep_at(levels.sigma_at(timestep));
            assert!((again - timestep).abs() < 1e-3, "{timestep} became {again}");
        }
        assert_eq!(levels.timestep_at(1e9), 999.0);
        assert_eq!(levels.timestep_at(0.0), 0.0);
    }

    #[test]
    fn the_cosine_schedule_divides_as_numbers_not_integers() {
        let config = SchedulerConfig {
            beta_schedule: BetaSchedule::SquaredCosine,
            ..SchedulerConfig::default()
        };
        let betas = betas(&config, line);
        assert!(betas[500] > 1e-3 && betas[500] < 1e-2, "{}", betas[500]);
        assert_eq!(betas[999], f64::from(0.999f32));
    }

    #[test]
    fn zero_snr_ends_at_the_given_level() {
        let config = SchedulerConfig {
            rescale_betas_zero_snr: Some(true),
            ..stable_diffusion()
        };
        let levels = NoiseLevels::new(&config);
        assert!((levels.sigmas[999] - 4095.9998).abs() < 0.01);
    }

    #[test]
    fn spacings_are_those_of_the_paper() {
        assert_eq!(leading_timesteps(100, 10, 1)[..3], [901.0, 801.0, 701.0]);
        assert_eq!(
            trailing_timesteps(1000, 1000, 10)[..3],
            [999.0, 899.0, 799.0]
        );
        assert_eq!(linspace_timesteps(999.0, 4), [999.0, 666.0, 333.0, 0.0]);
        assert_eq!(linspace_timesteps(999.0, 1), [0.0]);
    }
}
