//! What the denoiser's output says about the picture and the noise.

use candle_core::{Result, Tensor};

use super::config::PredictionType;

/// `a * x + b * y`.
pub(super) fn combine(a: f64, x: &Tensor, b: f64, y: &Tensor) -> Result<Tensor> {
    (x * a)? + (y * b)?
}

/// The noise-free latents, where `latents = picture + sigma * noise` (the k-diffusion scale), and for a
/// flow `latents = (1 - sigma) * picture + sigma * noise`.
pub(super) fn denoised_at_sigma(
    prediction: PredictionType,
    output: &Tensor,
    sigma: f64,
    latents: &Tensor,
) -> Result<Tensor> {
    match prediction {
        PredictionType::Epsilon | PredictionType::Flow => combine(1.0, latents, -sigma, output),
        PredictionType::VPrediction => {
            let squared = sigma * sigma + 1.0;
            combine(1.0 / squared, latents, -sigma / squared.sqrt(), output)
        }
        PredictionType::Sample => Ok(output.clone()),
    }
}

/// The noise-free latents, where `latents = alpha * picture + sigma * noise` with
/// `alpha² + sigma² = 1` (the variance-preserving scale), which no flow has.
pub(super) fn denoised_at_alpha(
    prediction: PredictionType,
    output: &Tensor,
    (alpha, sigma): (f64, f64),
    latents: &Tensor,
) -> Result<Tensor> {
    match prediction {
        PredictionType::Epsilon => combine(1.0 / alpha, latents, -sigma / alpha, output),
        PredictionType::VPrediction => combine(alpha, latents, -sigma, output),
        PredictionType::Sample => Ok(output.clone()),
        PredictionType::Flow => combine(1.0, latents, -sigma, output),
    }
}

/// The noise in latents of the variance-preserving scale.
pub(super) fn noise_at_alpha(
    prediction: PredictionType,
    output: &Tensor,
    (alpha, sigma): (f64, f64),
    latents: &Tensor,
) -> Result<Tensor> {
    match prediction {
        PredictionType::Epsilon => Ok(output.clone()),
        PredictionType::VPrediction => combine(alpha, output, sigma, latents),
        PredictionType::Sample => combine(1.0 / sigma, latents, -alpha / sigma, output),
        PredictionType::Flow => combine(1.0, latents, alpha, output),
    }
}
