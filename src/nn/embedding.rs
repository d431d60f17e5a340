//! Sinusoidal embedding of a timestep.

use candle_core::{Device, Result, Tensor};

/// `[1, width]`: sines and cosines of `timestep` at falling frequencies, as diffusers'
/// `get_timestep_embedding` with maximum period 10,000.
pub fn timestep_embedding(
    timestep: f64,
    width: usize,
    (flip_sin_to_cos, freq_shift): (bool, f64),
    device: &Device,
) -> Result<Tensor> {
    let half = width / 2;
    let angles: Vec<f64> = (0..half)
        .map(|i| {
            // The reference holds exponent and frequency in f32.
            let exponent = -(10_000f64.ln()) * i as f64 / (half as f64 - freq_shift);
            f64::from(exponent as f32).exp() * timestep
        })
        .collect();
    let sines = angles.iter().map(|angle| angle.sin() as f32);
    let cosines = angles.iter().map(|angle| angle.cos() as f32);
    let mut values: Vec<f32> = if flip_sin_to_cos {
        cosines.chain(sines).collect()
    } else {
        sines.chain(cosines).collect()
    };
    values.resize(width, 0.0);
    Tensor::from_vec(values, (1, width), device)
}
