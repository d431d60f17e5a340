//! L-BFGS as `torch.optim.LBFGS` walks without a line search. Nocedal 1980, "Updating Quasi-Newton
//! Matrices with Limited Storage"; the order of looks and steps is that of torch's documentation and
//! its golden numbers.

use std::collections::VecDeque;

use crate::kernels::{absolute_sum, add_scaled, dot, largest};

/// Steps of one call of torch's `step`; its bound on evaluations, 25, lies beyond their number where
/// no line is searched.
const CALL: usize = 20;
/// Steps that are remembered.
pub(super) const HISTORY: usize = 100;
const LEAST_GRADIENT: f32 = 1e-7;
const LEAST_CHANGE: f32 = 1e-9;
/// Below this curvature a step teaches nothing.
const LEAST_CURVATURE: f32 = 1e-10;

/// Walks down a function, one evaluation after the other.
#[derive(Debug, Default)]
pub(super) struct Lbfgs {
    rate: f32,
    steps: VecDeque<Remembered>,
    /// Of the newest step.
    curvature: f32,
    before: Option<Before>,
    /// Steps since the present call began.
    in_call: usize,
}

/// A step, and how the gradient changed along it.
#[derive(Debug)]
struct Remembered {
    step: Vec<f32>,
    change: Vec<f32>,
    /// One over their product.
    weight: f32,
}

/// Where the last step began.
#[derive(Debug)]
struct Before {
    loss: f32,
    gradient: Vec<f32>,
    step: Vec<f32>,
}

impl Lbfgs {
    pub(super) fn new(rate: f32) -> Self {
        Self {
            rate,
            ..Self::default()
        }
    }

    /// Moves `place` to where the next evaluation shall be, from its loss and gradient; where torch's
    /// call ends it stays, and a new call begins there.
    pub(super) fn advance(&mut self, place: &mut [f32], loss: f32, gradient: &[f32]) {
        let is_flat = largest(gradient) <= LEAST_GRADIENT;
        if self.in_call > 0 && self.is_at_end(loss) || is_flat {
            self.in_call = 0;
            return;
        }
        self.in_call += 1;
        let length = if self.before.is_some() || !self.steps.is_empty() {
            self.rate
        } else {
            (1.0 / absolute_sum(gradient)).min(1.0) * self.rate
        };
        self.remember(gradient);
        let mut direction = self.direction(gradient);
        let descends = dot(gradient, &direction) <= -LEAST_CHANGE;
        if descends {
            add_scaled(place, &direction, length);
        }
        for value in &mut direction {
            *value *= length;
        }
        self.before = Some(Before {
            loss,
            gradient: gradient.to_vec(),
            step: direction,
        });
        // The last step of a call is looked at by the next call.
        if !descends || self.in_call == CALL {
            self.in_call = 0;
        }
    }

    /// What is walked down is from now on another function that bends much as the one before: what
    /// the last step changed tells nothing of it, those before it do.
    pub(super) fn turn(&mut self) {
        self.before = None;
    }

    /// Whether the last step changed nothing worth going on for.
    fn is_at_end(&self, loss: f32) -> bool {
        self.before.as_ref().is_some_and(|before| {
            largest(&before.step) <= LEAST_CHANGE || (loss - before.loss).abs() < LEAST_CHANGE
        })
    }

    fn remember(&mut self, gradient: &[f32]) {
        let Some(before) = self.before.take() else {
            if self.steps.is_empty() {
                self.curvature = 1.0;
            }
            return;
        };
        let Before {
            gradient: mut change,
            step,
            ..
        } = before;
        for (change, now) in change.iter_mut().zip(gradient) {
            *change = now - *change;
        }
        let product = dot(&change, &step);
        if product > LEAST_CURVATURE {
            if self.steps.len() == HISTORY {
                self.steps.pop_front();
            }
            self.curvature = product / dot(&change, &change);
            self.steps.push_back(Remembered {
                step,
                change,
                weight: 1.0 / product,
            });
        }
    }

    /// Nocedal's two loops: the gradient times the inverse curvature that the steps tell.
    fn direction(&self, gradient: &[f32]) -> Vec<f32> {
        let mut direction: Vec<f32> = gradient.iter().map(|value| -value).collect();
        let mut parts = Vec::with_capacity(self.steps.len());
        for Remembered {
            step,
            change,
            weight,
        } in self.steps.iter().rev()
        {
            let part = dot(step, &direction) * weight;
            add_scaled(&mut direction, change, -part);
            parts.push(part);
        }
        for value in &mut direction {
            *value *= self.curvature;
        }
        for (remembered, part) in self.steps.iter().zip(parts.iter().rev()) {
            let other = dot(&remembered.change, &direction) * remembered.weight;
            add_scaled(&mut direction, &remembered.step, part - other);
        }
        direction
    }

    /// Bytes it needs at most for a vector of so many values.
    pub(super) const fn bytes(values: u64, evaluations: u64) -> u64 {
        let remembered = if evaluations < HISTORY as u64 {
            evaluations
        } else {
            HISTORY as u64
        };
        // Two vectors a step; the last step's beginning, the direction and the gradient.
        (2 * remembered + 4) * values * size_of::<f32>() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valley_is_walked_to_its_bottom_and_not_left() {
        // Of x⁴ + 10 y².
        let mut place = vec![2.0f32, 1.0];
        let mut lbfgs = Lbfgs::new(1.0);
        let loss = |place: &[f32]| place[0].powi(4) + 10.0 * place[1].powi(2);
        for _ in 0..200 {
            let gradient = [4.0 * place[0].powi(3), 20.0 * place[1]];
            let now = loss(&place);
            lbfgs.advance(&mut place, now, &gradient);
        }
        assert!(loss(&place) < 1e-6, "{place:?}");
    }

    #[test]
    fn what_was_learnt_of_one_valley_helps_in_the_next() {
        let gradient =
            |place: &[f32], bottom: f32| [2.0 * (place[0] - bottom), 200.0 * (place[1] - bottom)];
        let loss = |place: &[f32], bottom: f32| {
            (place[0] - bottom).powi(2) + 100.0 * (place[1] - bottom).powi(2)
        };
        let mut place = vec![3.0f32, 1.0];
        let mut lbfgs = Lbfgs::new(1.0);
        for _ in 0..15 {
            let (now, way) = (loss(&place, 0.0), gradient(&place, 0.0));
            lbfgs.advance(&mut place, now, &way);
        }
        lbfgs.turn();
        for _ in 0..3 {
            let (now, way) = (loss(&place, 1.0), gradient(&place, 1.0));
            lbfgs.advance(&mut place, now, &way);
        }
        assert!(loss(&place, 1.0) < 1e-3, "{place:?}");
    }

    #[test]
    fn memory_stops_growing_at_the_history_length() {
        assert!(Lbfgs::bytes(10, 5) < Lbfgs::bytes(10, 100));
        assert_eq!(Lbfgs::bytes(10, 100), Lbfgs::bytes(10, 300));
    }
}
