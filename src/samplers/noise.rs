//! Seeded noise, equal on every machine: the stream of `torch.randn` with a CPU generator.

use candle_core::{Device, Result, Shape, Tensor};
use rand_mt::Mt;

use crate::recipe::NoiseSource;

/// Values drawn below this count come from torch's double-precision path.
const FILL_BLOCK: usize = 16;

/// One picture's generator: every draw continues where the last one ended, as in torch.
#[derive(Clone, Debug)]
pub struct NoiseStream {
    twister: Mt,
    /// The second value of the last double-precision pair, not handed out yet.
    spare: Option<f64>,
}

impl NoiseStream {
    /// A generator after `torch.manual_seed(seed)`; torch's twister takes the low 32 bits.
    pub fn new(source: NoiseSource, seed: u64) -> Self {
        match source {
            NoiseSource::TorchCpu => Self {
                twister: Mt::new(seed as u32),
                spare: None,
            },
        }
    }

    /// Normally distributed values of the given shape, drawn in f32.
    pub fn tensor(&mut self, shape: impl Into<Shape>, device: &Device) -> Result<Tensor> {
        let shape = shape.into();
        let values = self.draw(shape.elem_count());
        Tensor::from_vec(values, shape, device)
    }

    /// The next `count` values of the stream.
    pub fn draw(&mut self, count: usize) -> Vec<f32> {
        if count < FILL_BLOCK {
            return (0..count).map(|_| self.draw_one() as f32).collect();
        }
        let mut values: Vec<f32> = (0..count).map(|_| self.uniform()).collect();
        let (blocks, rest) = values.as_chunks_mut::<FILL_BLOCK>();
        for block in blocks {
            box_muller(block);
        }
        if !rest.is_empty() {
            // torch draws the last block anew, over values it has already transformed.
            let mut block: [f32; FILL_BLOCK] = std::array::from_fn(|_| self.uniform());
            box_muller(&mut block);
            values[count - FILL_BLOCK..].copy_from_slice(&block);
        }
        values
    }

    /// 24 random bits in [0, 1).
    fn uniform(&mut self) -> f32 {
        (self.twister.next_u32() & 0x00ff_ffff) as f32 / (1 << 24) as f32
    }

    /// 53 random bits in [0, 1), the high word first.
    fn uniform_f64(&mut self) -> f64 {
        let high = u64::from(self.twister.next_u32());
        let low = u64::from(self.twister.next_u32());
        (((high << 32) | low) & ((1 << 53) - 1)) as f64 / (1u64 << 53) as f64
    }

    fn draw_one(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let angle = std::f64::consts::TAU * self.uniform_f64();
        let radius = (-2.0 * (-self.uniform_f64()).ln_1p()).sqrt();
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// Box and Muller's transform of eight pairs, the partners eight places apart; radius and angle are
/// rounded to f32 as torch's vectorised code holds them.
fn box_muller(block: &mut [f32; FILL_BLOCK]) {
    let half = FILL_BLOCK / 2;
    for j in 0..half {
        let u1 = 1.0 - block[j];
        let angle = (std::f64::consts::TAU * f64::from(block[j + half])) as f32;
        let radius = (-2.0 * f64::from(u1).ln()).sqrt() as f32;
        let (sin, cos) = f64::from(angle).sin_cos();
        block[j] = (f64::from(radius) * cos) as f32;
        block[j + half] = (f64::from(radius) * sin) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: u64, count: usize) -> Vec<f32> {
        NoiseStream::new(NoiseSource::TorchCpu, seed).draw(count)
    }

    fn assert_close(drawn: &[f32], expected: &[f32]) {
        for (drawn, expected) in drawn.iter().zip(expected) {
            assert!((drawn - expected).abs() < 6e-5, "{drawn} is not {expected}");
        }
    }

    /// Values printed in pytorch's issues #79496 and #158398 and in A1111's documentation.
    #[test]
    fn the_published_vectors_come_out() {
        assert_close(&draw(10, 3), &[-0.6014, -1.0122, -0.3023]);
        let long = [
            1.9269, 1.4873, 0.9007, -2.1055, 0.6784, -1.2345, -0.0431, -1.6047,
        ];
        assert_close(&draw(42, 16384), &long);
        assert_close(
            &draw(42, 20),
            &[1.9269, 1.4873, 0.9007, -2.1055, -0.7581, 1.0783],
        );
        assert_close(&draw(0, 16), &[-1.1258, -1.1524, -0.2506, -0.4339]);
    }

    #[test]
    fn a_seed_counts_by_its_low_32_bits_as_in_torch() {
        assert_eq!(draw(7, 64), draw(7 + (1 << 32), 64));
        assert_ne!(draw(7, 64), draw(8, 64));
    }

    #[test]
    fn draws_continue_the_stream() {
        let mut stream = NoiseStream::new(NoiseSource::TorchCpu, 3);
        let first = stream.draw(64);
        assert_ne!(first, stream.draw(64));
    }
}
