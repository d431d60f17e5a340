//! Adam. Kingma and Ba 2015 (arXiv 1412.6980), as `torch.optim.Adam` has it by default.

const MEAN: f32 = 0.9;
const SQUARES: f32 = 0.999;
const LEAST: f32 = 1e-8;

/// Walks down a function, one evaluation after the other.
#[derive(Debug)]
pub(super) struct Adam {
    rate: f32,
    taken: i32,
    mean: Vec<f32>,
    squares: Vec<f32>,
}

impl Adam {
    pub(super) const fn new(rate: f32) -> Self {
        Self {
            rate,
            taken: 0,
            mean: Vec::new(),
            squares: Vec::new(),
        }
    }

    /// Moves `place` by its gradient.
    pub(super) fn advance(&mut self, place: &mut [f32], gradient: &[f32]) {
        self.mean.resize(place.len(), 0.0);
        self.squares.resize(place.len(), 0.0);
        self.taken += 1;
        let (mean_part, squares_part) = (
            1.0 - MEAN.powi(self.taken),
            (1.0 - SQUARES.powi(self.taken)).sqrt(),
        );
        let averages = self.mean.iter_mut().zip(&mut self.squares);
        for ((place, gradient), (mean, squares)) in place.iter_mut().zip(gradient).zip(averages) {
            *mean = MEAN * *mean + (1.0 - MEAN) * gradient;
            *squares = SQUARES * *squares + (1.0 - SQUARES) * gradient * gradient;
            let deviation = squares.sqrt() / squares_part + LEAST;
            *place -= self.rate / mean_part * *mean / deviation;
        }
    }

    /// Bytes it needs for a vector of so many values.
    pub(super) const fn bytes(values: u64) -> u64 {
        3 * values * size_of::<f32>() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_as_long_as_the_rate_whatever_the_gradient() {
        let mut place = [1.0f32, 1.0, 1.0];
        Adam::new(0.1).advance(&mut place, &[1e-3, -50.0, 0.0]);
        for (place, wanted) in place.iter().zip([0.9, 1.1, 1.0]) {
            assert!((place - wanted).abs() < 1e-4, "{place}");
        }
    }
}
