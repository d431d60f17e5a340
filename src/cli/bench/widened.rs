//! Sprout as it might have been before its weights were rounded to 16 bits.

use std::path::Path;

use candle_core::{DType, Device};
use rand_mt::Mt;

use crate::cli::{CommandError, failed};
use crate::models::SPROUT;
use crate::weights::{ModelFiles as _, write_tensors};

/// Bits of an f16's significand that are stored.
const SIGNIFICAND: i32 = 10;

/// Writes Sprout's folder with weights of 32 bits, each of which rounds to Sprout's own or to a
/// neighbour of it: what rounding costs is what lies between the two.
pub(super) fn write_widened(folder: &Path) -> Result<(), CommandError> {
    let mut random = Mt::new(17);
    for (name, content) in SPROUT.files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        if !name.ends_with(".safetensors") {
            std::fs::write(path, content).map_err(failed)?;
            continue;
        }
        let weights = SPROUT.weights(name).map_err(failed)?;
        let vb = weights.builder(DType::F32, &Device::Cpu);
        let mut tensors = Vec::new();
        for name in weights.names() {
            let shape = weights.shape(name).unwrap_or_default();
            let tensor = vb.get(shape, name).map_err(failed)?;
            let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>());
            let mut values = values.map_err(failed)?;
            for value in &mut values {
                *value += within_half_a_step(*value, &mut random);
            }
            tensors.push((name, shape, values));
        }
        let views: Vec<_> = tensors
            .iter()
            .map(|(name, shape, values)| (*name, *shape, values.as_slice()))
            .collect();
        std::fs::write(path, write_tensors(&views).map_err(failed)?).map_err(failed)?;
    }
    Ok(())
}

/// Less than half of what lies between a number of 16 bits and the next.
fn within_half_a_step(value: f32, random: &mut Mt) -> f32 {
    if value == 0.0 {
        return 0.0;
    }
    let step = 2f32.powi(value.abs().log2().floor() as i32 - SIGNIFICAND);
    let share = random.next_u32() as f32 / 2f32.powi(32) - 0.5;
    share * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_rounded_away_again() {
        let mut random = Mt::new(1);
        for value in [1.5f32, -0.1, 3e-4, 700.0] {
            let value = half::f16::from_f32(value).to_f32();
            let widened = value + within_half_a_step(value, &mut random);
            assert_ne!(widened, value);
            assert_eq!(half::f16::from_f32(widened).to_f32(), value);
        }
        assert_eq!(within_half_a_step(0.0, &mut random), 0.0);
    }
}
