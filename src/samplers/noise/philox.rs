//! torch's generator on CUDA devices, Philox of 4 × 32 bits and 10 rounds, as A1111 computes it where
//! its noise source is "NV".

const MULTIPLY: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: usize = 10;

/// 2⁻³² and 2π · 2⁻³² as f32 holds them.
const UNIT: f64 = 2.3283064e-10f32 as f64;
const ANGLE: f64 = (2.3283064e-10f64 * 6.2831855) as f32 as f64;

/// One draw after the other of a seed.
#[derive(Clone, Debug)]
pub(super) struct Philox {
    seed: u64,
    draws: u32,
}

impl Philox {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, draws: 0 }
    }

    /// The next tensor of `count` values. Tensors do not continue each other: each has its own counter.
    pub(super) fn draw(&mut self, count: usize) -> Vec<f32> {
        let draw = self.draws;
        self.draws = self.draws.wrapping_add(1);
        (0..count as u32)
            .map(|index| normal(bits([draw, 0, index, 0], self.seed)))
            .collect()
    }
}

fn bits(mut counter: [u32; 4], seed: u64) -> [u32; 4] {
    let mut key = [seed as u32, (seed >> 32) as u32];
    for round in 0..ROUNDS {
        if round > 0 {
            key[0] = key[0].wrapping_add(WEYL[0]);
            key[1] = key[1].wrapping_add(WEYL[1]);
        }
        let product = |word: u32, by: u32| {
            let product = u64::from(word) * u64::from(by);
            ((product >> 32) as u32, product as u32)
        };
        let (high_0, low_0) = product(counter[0], MULTIPLY[0]);
        let (high_2, low_2) = product(counter[2], MULTIPLY[1]);
        counter = [
            high_2 ^ counter[1] ^ key[0],
            low_2,
            high_0 ^ counter[3] ^ key[1],
            low_0,
        ];
    }
    counter
}

/// Box and Muller's first value; the second one, and the other two words, are not used.
fn normal([radius, angle, ..]: [u32; 4]) -> f32 {
    let radius = f64::from(radius) * UNIT + UNIT / 2.0;
    let angle = f64::from(angle) * ANGLE + ANGLE / 2.0;
    ((-2.0 * radius.ln()).sqrt() * angle.sin()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed in A1111's documentation for seed 0, and in public transcripts of torch for 42.
    #[test]
    fn the_published_vectors_come_out() {
        let expected = [
            -0.924_662_6,
            -0.425_344_15,
            -2.643_845_7,
            0.145_183_88,
            -0.120_867_47,
            -0.579_725_6,
        ];
        for (ours, theirs) in Philox::new(0).draw(6).into_iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-6, "{ours} is not {theirs}");
        }
        let expected = [0.1940, 2.1614, -0.1721, 0.8491];
        for (ours, theirs) in Philox::new(42).draw(4).into_iter().zip(expected) {
            assert!((ours - theirs).abs() < 6e-5, "{ours} is not {theirs}");
        }
    }

    #[test]
    fn all_64_bits_of_a_seed_count_and_each_draw_is_another() {
        let mut low = Philox::new(7);
        let first = low.draw(32);
        assert_ne!(first, Philox::new(7 + (1 << 32)).draw(32));
        assert_ne!(first, low.draw(32));
    }
}
