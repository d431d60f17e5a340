use afterimage::recipe::{NoiseSource, Variation};
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

#[test]
fn nvidias_noise_is_the_originals_to_two_in_a_million_and_each_draw_is_the_next() {
    let goldens = tensors("noise_more.safetensors");
    for seed in [0, 42, (1 << 32) + 5, (1 << 63) + 1] {
        let mut stream = NoiseStream::new(NoiseSource::Nv, seed);
        for draw in ["first", "second"] {
            let golden = &goldens[&format!("nv.{seed}.{draw}")];
            let ours = stream.tensor(golden.shape(), &Device::Cpu).unwrap();
            let gap = gap(&ours, golden);
            assert!(gap <= 2e-6, "seed {seed}, {draw} draw: off by {gap}");
        }
    }
}

#[test]
fn varied_noise_goes_along_the_arc_between_two_seeds_as_in_a1111() {
    let goldens = tensors("noise_more.safetensors");
    for source in NoiseSource::ALL {
        for strength in [0.15, 0.5, 1.0] {
            let name = source.label().to_lowercase();
            let golden = &goldens[&format!("variation.{name}.{strength:?}")];
            let variation = Variation { seed: 77, strength };
            let mut stream = NoiseStream::new(source, 3);
            let ours = stream.initial(golden.shape(), variation, &Device::Cpu);
            let gap = gap(&ours.unwrap(), golden);
            assert!(gap <= 1e-5, "{name} {strength}: off by {gap}");
        }
    }
}
