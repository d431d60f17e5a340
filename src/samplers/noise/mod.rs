//! Seeded noise, equal on every machine.

mod brownian;
mod philox;
mod seed_sequence;
mod torch_cpu;
mod variation;

use candle_core::{Device, Result, Shape, Tensor};

pub(super) use brownian::BrownianNoise;
use philox::Philox;
use torch_cpu::TorchCpu;

use crate::recipe::NoiseSource;

/// One picture's generator: every draw is the next of its stream, as in torch.
#[derive(Clone, Debug)]
pub struct NoiseStream {
    source: NoiseSource,
    seed: u64,
    generator: Generator,
}

#[derive(Clone, Debug)]
enum Generator {
    TorchCpu(Box<TorchCpu>),
    Philox(Philox),
}

impl NoiseStream {
    /// A generator after `torch.manual_seed(seed)`.
    pub fn new(source: NoiseSource, seed: u64) -> Self {
        Self {
            source,
            seed,
            generator: match source {
                NoiseSource::TorchCpu => Generator::TorchCpu(Box::new(TorchCpu::new(seed))),
                NoiseSource::Nv => Generator::Philox(Philox::new(seed)),
            },
        }
    }

    /// Normally distributed values of the given shape, drawn in f32.
    pub fn tensor(&mut self, shape: impl Into<Shape>, device: &Device) -> Result<Tensor> {
        let shape = shape.into();
        let values = self.draw(shape.elem_count());
        Tensor::from_vec(values, shape, device)
    }

    /// Noise of another tensor's shape, where that one lies.
    pub(super) fn like(&mut self, tensor: &Tensor) -> Result<Tensor> {
        self.tensor(tensor.shape(), tensor.device())
    }

    /// The next `count` values of the stream.
    pub fn draw(&mut self, count: usize) -> Vec<f32> {
        match &mut self.generator {
            Generator::TorchCpu(torch) => torch.draw(count),
            Generator::Philox(philox) => philox.draw(count),
        }
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
