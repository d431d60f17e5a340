//! Noise of one Brownian path: what it gains between two levels does not depend on where else it was
//! looked at, so that another number of steps keeps the picture. Agrees with torchsde's `BrownianTree`,
//! as k-diffusion's `BrownianTreeNoiseSampler` asks it.
//!
//! The path over the whole range is halved again and again, down to a millionth. What it gains in one
//! half is what it gains in both by the half's share, and noise of a seed that belongs to the place in
//! the tree.

use candle_core::{Result, Tensor};

use super::NoiseStream;
use super::seed_sequence::seeds;
use crate::recipe::NoiseSource;
use crate::samplers::Plan;
use crate::samplers::levels::rounded;
use crate::samplers::sigma_scale::brownian_path;

/// Words in which a seed and a place in the tree are mixed.
const POOL: usize = 24;
/// Decimal places that levels are told apart by.
const DECIMALS: usize = 6;

/// A picture's path between its lowest and its highest level, found at its first use.
pub(in crate::samplers) struct BrownianNoise {
    range: (f64, f64),
    tree: Option<Tree>,
}

impl BrownianNoise {
    /// Of a whole run, wherever on its path it begins.
    pub(in crate::samplers) fn of(plan: &Plan<'_>) -> Self {
        let whole = brownian_path(&Plan {
            first_step: 0,
            ..*plan
        });
        let above = whole.sigmas.iter().map(|sigma| rounded(*sigma));
        let above: Vec<f64> = above.filter(|sigma| *sigma > 0.0).collect();
        let lowest = above.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = above.iter().copied().fold(0.0, f64::max);
        Self {
            range: (lowest, highest),
            tree: None,
        }
    }

    /// Noise of unit variance for the step between two levels, of the shape of `latents`; the seed and
    /// the generator are those of `stream`, which is not drawn from.
    pub(in crate::samplers) fn between(
        &mut self,
        stream: &NoiseStream,
        (from, to): (f64, f64),
        latents: &Tensor,
    ) -> Result<Tensor> {
        let (from, to) = (rounded(from), rounded(to));
        let range = self.range;
        let tree = self
            .tree
            .get_or_insert_with(|| Tree::new(stream, range, latents.elem_count()));
        let mut gained = tree.gained(from.min(to), from.max(to));
        // Steps go down, against the path.
        let scale = if to < from { -1.0 } else { 1.0 } / (rounded(to - from).abs() as f32).sqrt();
        if from == to {
            gained.fill(0.0);
        } else {
            for value in &mut gained {
                *value *= scale;
            }
        }
        Tensor::from_vec(gained, latents.shape(), latents.device())
    }
}

struct Tree {
    source: NoiseSource,
    seed: u64,
    whole: Span,
    /// What the path gains in all.
    gain: Vec<f32>,
}

/// An interval of the path, and its place in the tree.
#[derive(Clone, Copy)]
struct Span {
    start: f64,
    end: f64,
    place: u64,
    depth: u64,
}

/// To the decimal places that count, as Python rounds.
fn to_decimals(level: f64) -> f64 {
    let text = format!("{level:.DECIMALS$}");
    text.parse().unwrap_or(level)
}

impl Tree {
    fn new(stream: &NoiseStream, (start, end): (f64, f64), count: usize) -> Self {
        let [own, ..] = seeds::<POOL, 3>(stream.seed, &[]);
        let deviation = (end - start).sqrt() as f32;
        let mut gain = NoiseStream::new(stream.source, own.into()).draw(count);
        for value in &mut gain {
            *value *= deviation;
        }
        Self {
            source: stream.source,
            seed: stream.seed,
            whole: Span {
                start: to_decimals(start),
                end: to_decimals(end),
                place: 0,
                depth: 0,
            },
            gain,
        }
    }

    /// What the path gains from one level to a higher one.
    fn gained(&self, from: f64, to: f64) -> Vec<f32> {
        let Span { start, end, .. } = self.whole;
        let within = |level: f64| to_decimals(level.clamp(start, end));
        let mut sum = None;
        self.add(self.whole, &self.gain, within(from), within(to), &mut sum);
        sum.unwrap_or_else(|| vec![0.0; self.gain.len()])
    }

    /// Adds what the path gains between two levels within `span`, where it gains `gain` in all.
    fn add(&self, span: Span, gain: &[f32], from: f64, to: f64, sum: &mut Option<Vec<f32>>) {
        if from >= to {
            return;
        }
        if from <= span.start && to >= span.end {
            match sum {
                None => *sum = Some(gain.to_vec()),
                Some(sum) => sum
                    .iter_mut()
                    .zip(gain)
                    .for_each(|(sum, gain)| *sum += gain),
            }
            return;
        }
        let middle = to_decimals(0.5 * (span.end + span.start));
        let (left, right) = self.halves(span, middle, gain);
        let child = |start, end, side| Span {
            start,
            end,
            place: 2 * span.place + side,
            depth: span.depth + 1,
        };
        self.add(
            child(span.start, middle, 0),
            &left,
            from,
            to.min(middle),
            sum,
        );
        self.add(
            child(middle, span.end, 1),
            &right,
            from.max(middle),
            to,
            sum,
        );
    }

    /// What the path gains before and after the middle of a span; in f32, operation by operation, as
    /// torchsde does.
    fn halves(&self, span: Span, middle: f64, gain: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let [own, ..] = seeds::<POOL, 4>(self.seed, &[span.place, span.depth]);
        let noise = NoiseStream::new(self.source, own.into()).draw(gain.len());
        let inverse = 1.0 / (span.end - span.start);
        let (before, after) = (middle - span.start, span.end - middle);
        let deviation = (before * after * inverse).sqrt() as f32;
        let (share, inverse) = (before as f32, inverse as f32);
        let left = gain.iter().zip(noise);
        let left: Vec<f32> = left
            .map(|(gain, noise)| share * gain * inverse + deviation * noise)
            .collect();
        let right = gain.iter().zip(&left).map(|(gain, left)| gain - left);
        let right = right.collect();
        (left, right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(seed: u64) -> Tree {
        let stream = NoiseStream::new(NoiseSource::TorchCpu, seed);
        Tree::new(&stream, (0.03, 14.6), 64)
    }

    #[test]
    fn parts_of_the_path_add_up_to_the_whole() {
        let tree = tree(5);
        let whole = tree.gained(0.5, 9.0);
        let parts = [(0.5, 0.51), (0.51, 3.3), (3.3, 9.0)].map(|(from, to)| tree.gained(from, to));
        for (at, whole) in whole.iter().enumerate() {
            let sum: f32 = parts.iter().map(|part| part[at]).sum();
            assert!((sum - whole).abs() < 1e-4, "{sum} is not {whole}");
        }
        let none = tree.gained(2.0, 2.0);
        assert!(none.iter().all(|value| *value == 0.0));
    }

    #[test]
    fn what_it_gains_varies_as_much_as_the_way_is_long() {
        let stream = NoiseStream::new(NoiseSource::TorchCpu, 1);
        let tree = Tree::new(&stream, (0.03, 14.6), 4096);
        for (from, to) in [(0.03, 14.6), (1.0, 1.5), (0.04, 0.05)] {
            let gained = tree.gained(from, to);
            let square: f32 = gained.iter().map(|value| value * value).sum();
            let ratio = f64::from(square) / gained.len() as f64 / (to - from);
            assert!((ratio - 1.0).abs() < 0.1, "{from} to {to}: {ratio}");
        }
        assert_ne!(
            tree.gained(1.0, 2.0)[..64],
            self::tree(2).gained(1.0, 2.0)[..]
        );
    }

    /// Of `tests/golden/make_noise.py`, in which torchsde draws from either source.
    #[test]
    fn steps_gain_what_torchsdes_tree_gains() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/golden/noise_more.safetensors"
        );
        let goldens = candle_core::safetensors::load(file, &candle_core::Device::Cpu).unwrap();
        let levels: Vec<f32> = goldens["brownian.levels"].to_vec1().unwrap();
        for source in NoiseSource::ALL {
            for seed in [5, (1 << 40) + 1] {
                let stream = NoiseStream::new(source, seed);
                let mut noise = BrownianNoise {
                    range: (levels[6].into(), levels[0].into()),
                    tree: None,
                };
                for step in 0..6 {
                    let name = source.label().to_lowercase();
                    let golden = &goldens[&format!("brownian.{name}.{seed}.{step}")];
                    let way = (levels[step].into(), levels[step + 1].into());
                    let ours = noise.between(&stream, way, golden).unwrap();
                    let gap = (ours - golden).unwrap().abs().unwrap();
                    let gap = gap.flatten_all().unwrap().max(0).unwrap();
                    let gap = gap.to_scalar::<f32>().unwrap();
                    assert!(gap <= 1e-5, "{name} {seed} {step}: off by {gap}");
                }
            }
        }
    }

    /// A millionth is the least that levels are told apart by: nothing below may loop or fail.
    #[test]
    fn the_least_ways_are_found_and_less_is_nothing() {
        let tree = tree(3);
        let least = tree.gained(1.0, 1.000_001);
        assert!(least.iter().any(|value| *value != 0.0));
        assert!(tree.gained(1.0, 1.000_000_1).iter().all(|v| *v == 0.0));
    }
}
