//! Noise between that of two seeds.

use candle_core::{Result, Shape, Tensor};

use super::NoiseStream;
use crate::recipe::Variation;

/// Above this cosine two vectors are as good as one, and the arc between them is not defined.
const ALIKE: f64 = 0.9995;

impl NoiseStream {
    /// What a run begins with, `[1, channels, height, width]`: the stream's next noise, on the way to
    /// the first noise of another seed as far as `variation` says. A1111's meaning: each column of each
    /// channel goes along the arc between its two ends.
    pub fn initial(
        &mut self,
        shape: impl Into<Shape>,
        variation: Variation,
        device: &candle_core::Device,
    ) -> Result<Tensor> {
        let noise = self.tensor(shape, device)?;
        if variation.is_off() {
            return Ok(noise);
        }
        let other = Self::new(self.source, variation.seed).tensor(noise.shape(), device)?;
        along_the_arc(&noise, &other, variation.strength)
    }
}

fn along_the_arc(from: &Tensor, to: &Tensor, part: f64) -> Result<Tensor> {
    const HEIGHT: usize = 2;
    let unit = |noise: &Tensor| {
        let length = noise.sqr()?.sum_keepdim(HEIGHT)?.sqrt()?;
        noise.broadcast_div(&length)
    };
    let cosines = (unit(from)? * unit(to)?)?.sum_keepdim(HEIGHT)?;
    if f64::from(cosines.mean_all()?.to_scalar::<f32>()?) > ALIKE {
        return Ok(from.clone());
    }
    let weights = |part: f64| {
        let weights = cosines.flatten_all()?.to_vec1::<f32>()?.into_iter();
        let weights = weights.map(|cosine| {
            let angle = f64::from(cosine.clamp(-1.0, 1.0)).acos();
            ((part * angle).sin() / angle.sin()) as f32
        });
        Tensor::from_vec(weights.collect(), cosines.shape(), cosines.device())
    };
    let from = from.broadcast_mul(&weights(1.0 - part)?)?;
    from + to.broadcast_mul(&weights(part)?)?
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::recipe::NoiseSource;

    fn begun(seed: u64, variation: Variation) -> Vec<f32> {
        let mut stream = NoiseStream::new(NoiseSource::TorchCpu, seed);
        let noise = stream.initial((1, 4, 6, 5), variation, &Device::Cpu);
        noise.unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    fn assert_near(ours: &[f32], theirs: &[f32]) {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-5, "{ours} is not {theirs}");
        }
    }

    #[test]
    fn no_strength_is_the_seed_and_whole_strength_the_other() {
        let plain = |seed| NoiseStream::new(NoiseSource::TorchCpu, seed).draw(4 * 6 * 5);
        let at = |strength| begun(3, Variation { seed: 9, strength });
        assert_eq!(at(0.0), plain(3));
        assert_near(&at(1.0), &plain(9));
        assert_ne!(at(0.5), plain(3));
    }

    #[test]
    fn a_seed_does_not_vary_towards_itself() {
        let same = Variation {
            seed: 3,
            strength: 0.4,
        };
        assert_eq!(begun(3, same), begun(3, Variation::default()));
    }
}
