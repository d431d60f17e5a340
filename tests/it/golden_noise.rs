use afterimage::recipe::NoiseSource;
use afterimage::samplers::NoiseStream;
use candle_core::Device;

use crate::golden::{gap, tensors};

#[test]
fn noise_is_torchs_to_two_in_a_million_and_the_second_draw_continues_the_first() {
    let goldens = tensors("noise.safetensors");
    for seed in [0, 7, 42, (1 << 32) + 5, 123_456_789] {
        let mut stream = NoiseStream::new(NoiseSource::TorchCpu, seed);
        for draw in ["first", "second"] {
            let golden = &goldens[&format!("{seed}.{draw}")];
            let ours = stream.tensor(golden.shape(), &Device::Cpu).unwrap();
            let gap = gap(&ours, golden);
            assert!(gap <= 2e-6, "seed {seed}, {draw} draw: off by {gap}");
        }
    }
}
