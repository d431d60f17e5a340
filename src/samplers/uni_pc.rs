//! `UniPC`, Zhao et al. 2023: a multistep predictor, and a corrector that goes back over the step before
//! with what is seen at its end. Agrees with diffusers' `UniPCMultistepScheduler` in the data
//! prediction.
//!
//! On other schedules than the model's own and Karras' the denoiser is told the nearest training step,
//! where the reference tells the one below.

use candle_core::{Result, Tensor};

use super::config::{PredictionType, SolverType};
use super::levels::SigmaPath;
use super::multistep::{amplitudes, lambda, path};
use super::prediction::{combine, denoised_at_alpha};
use super::{Denoised, NoiseStream, Plan, Sampler};

struct UniPc {
    path: SigmaPath,
    prediction: PredictionType,
    /// Whether B(h) is h itself rather than e^h - 1.
    plain_b: bool,
    order: usize,
    lower_order_last: bool,
    /// Pictures seen at the latest steps, the last one first.
    seen: Vec<Tensor>,
    /// Where the last step began, and its order.
    last: Option<(Tensor, usize)>,
}

pub(super) fn build(plan: &Plan<'_>) -> Box<dyn Sampler> {
    let Plan { config, .. } = *plan;
    Box::new(UniPc {
        path: path(plan, None),
        prediction: config.prediction(),
        plain_b: config.solver_type == Some(SolverType::Bh1),
        order: config.solver_order.unwrap_or(2),
        lower_order_last: config.lower_order_final.unwrap_or(true),
        seen: Vec::new(),
        last: None,
    })
}

/// A step from a level to the next one, and what its formulas of some order are made of.
struct Move {
    /// Places of the steps before on the step's own measure, then its end, 1.
    places: Vec<f64>,
    /// The right sides of the order conditions.
    sides: Vec<f64>,
    /// B(h).
    scale: f64,
    /// Parts that are kept of the latents, and taken of the first picture.
    kept: f64,
    taken: f64,
    alpha: f64,
}

impl UniPc {
    /// From the level of `call` to the next one.
    fn step_from(&self, call: usize, order: usize) -> Move {
        let sigmas = &self.path.sigmas;
        let (from, (alpha, to)) = (amplitudes(sigmas[call]), amplitudes(sigmas[call + 1]));
        let start = lambda(sigmas[call]);
        let h = lambda(sigmas[call + 1]) - start;
        let before = (1..order).map(|back| (lambda(sigmas[call - back]) - start) / h);
        let gone = (-h).exp_m1();
        let scale = if self.plain_b { -h } else { gone };
        let mut phi = gone / -h - 1.0;
        let mut factorial = 1.0;
        let sides = (1..=order).map(|degree| {
            let side = phi * factorial / scale;
            factorial *= degree as f64 + 1.0;
            phi = phi / -h - 1.0 / factorial;
            side
        });
        Move {
            sides: sides.collect(),
            places: before.chain([1.0]).collect(),
            scale,
            kept: to / from.1,
            taken: -alpha * gone,
            alpha,
        }
    }

    /// Differences of the pictures before `first` from it, each over its place.
    fn differences(&self, first: usize, places: &[f64]) -> Result<Vec<Tensor>> {
        let base = &self.seen[first];
        let others = self.seen[first + 1..].iter().zip(places);
        others
            .map(|(picture, place)| (picture - base)? / *place)
            .collect()
    }

    /// The step before again, now that `seen[0]` is known at its end.
    fn corrected(&self, call: usize, begun: &Tensor, order: usize) -> Result<Tensor> {
        let step = self.step_from(call - 1, order);
        let shares = if order == 1 {
            vec![0.5]
        } else {
            solved(powers(&step.places), step.sides.clone())
        };
        let mut bends = self.differences(1, &step.places[..order - 1])?;
        bends.push((&self.seen[0] - &self.seen[1])?);
        step.moved(begun, &self.seen[1], &bends, &shares)
    }

    /// To the next level, from what is seen at this one and the ones before.
    fn predicted(&self, call: usize, latents: &Tensor, order: usize) -> Result<Tensor> {
        let step = self.step_from(call, order);
        let places = &step.places[..order - 1];
        let shares = match order {
            1 => Vec::new(),
            2 => vec![0.5],
            _ => solved(powers(places), step.sides[..order - 1].to_vec()),
        };
        let bends = self.differences(0, places)?;
        step.moved(latents, &self.seen[0], &bends, &shares)
    }
}

impl Move {
    fn moved(
        &self,
        latents: &Tensor,
        picture: &Tensor,
        bends: &[Tensor],
        shares: &[f64],
    ) -> Result<Tensor> {
        let mut moved = combine(self.kept, latents, self.taken, picture)?;
        for (bend, share) in bends.iter().zip(shares) {
            moved = combine(1.0, &moved, -self.alpha * self.scale * share, bend)?;
        }
        Ok(moved)
    }
}

/// Each row the powers of some places, from the power 0 on: the order conditions.
fn powers(places: &[f64]) -> Vec<Vec<f64>> {
    let rows = 0..places.len() as i32;
    rows.map(|power| places.iter().map(|place| place.powi(power)).collect())
        .collect()
}

/// The solution of as many linear equations as there are unknowns, by elimination without pivoting:
/// the places of the conditions all differ.
fn solved(mut rows: Vec<Vec<f64>>, mut sides: Vec<f64>) -> Vec<f64> {
    let count = sides.len();
    for pivot in 0..count {
        let (above, below) = rows.split_at_mut(pivot + 1);
        let row = &above[pivot];
        for (offset, other) in below.iter_mut().enumerate() {
            let factor = other[pivot] / row[pivot];
            for (value, from) in other.iter_mut().zip(row).skip(pivot) {
                *value -= factor * from;
            }
            sides[pivot + 1 + offset] -= factor * sides[pivot];
        }
    }
    for pivot in (0..count).rev() {
        let known: f64 = (pivot + 1..count)
            .map(|column| rows[pivot][column] * sides[column])
            .sum();
        sides[pivot] = (sides[pivot] - known) / rows[pivot][pivot];
    }
    sides
}

impl Sampler for UniPc {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn noised(&self, latents: &Tensor, noise: &Tensor, call: usize) -> Result<Tensor> {
        let (alpha, sigma) = amplitudes(self.path.sigmas[call]);
        combine(alpha, latents, sigma, noise)
    }

    fn step(
        &mut self,
        output: &Tensor,
        call: usize,
        latents: &Tensor,
        _noise: &mut NoiseStream,
    ) -> Result<Denoised> {
        let scale = amplitudes(self.path.sigmas[call]);
        let prediction = denoised_at_alpha(self.prediction, output, scale, latents)?;
        self.seen.truncate(self.order);
        self.seen.insert(0, prediction.clone());
        let latents = match self.last.take() {
            Some((begun, order)) => self.corrected(call, &begun, order)?,
            None => latents.clone(),
        };
        let left = self.path.timesteps.len() - call;
        // Straight to the picture in any case, since no noise is infinitely far.
        let straight = self.lower_order_last || self.path.sigmas[call + 1] == 0.0;
        let most = if straight {
            self.order.min(left)
        } else {
            self.order
        };
        let order = most.min(self.seen.len()).max(1);
        let moved = self.predicted(call, &latents, order)?;
        self.last = Some((latents, order));
        Ok(Denoised {
            latents: moved,
            prediction,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_equations_are_solved() {
        let rows = vec![
            vec![1.0, 1.0, 1.0],
            vec![-2.0, -1.0, 1.0],
            vec![4.0, 1.0, 1.0],
        ];
        let found = solved(rows, vec![6.0, -1.0, 9.0]);
        for (found, expected) in found.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
    }
}
