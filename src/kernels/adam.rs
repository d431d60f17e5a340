//! Adam. Kingma and Ba 2015 (arXiv 1412.6980), as `torch.optim.Adam` has it by default.

const MEAN: f32 = 0.9;
const SQUARES: f32 = 0.999;
const LEAST: f32 = 1e-8;

/// Walks down a function, one evaluation after the other.
#[derive(Clone, Debug)]
pub struct Adam {
    /// How far a value moves in a step.
    pub rate: f32,
    taken: i32,
    mean: Vec<f32>,
    squares: Vec<f32>,
}

impl Adam {
    pub const fn new(rate: f32) -> Self {
        Self {
            rate,
            taken: 0,
            mean: Vec::new(),
            squares: Vec::new(),
        }
    }

    /// One that goes on where another one was.
    pub fn resumed(rate: f32, taken: i32, (mean, squares): (Vec<f32>, Vec<f32>)) -> Self {
        Self {
            rate,
            taken,
            mean,
            squares,
        }
    }

    /// What it remembers of the gradients: their mean and that of their squares.
    pub fn moments(&self) -> (&[f32], &[f32]) {
        (&self.mean, &self.squares)
    }

    /// Moves `place` by its gradient.
    pub fn advance(&mut self, place: &mut [f32], gradient: &[f32]) {
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
    pub const fn bytes(values: u64) -> u64 {
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

    #[test]
    fn who_goes_on_walks_the_same_way() {
        let gradient = |place: &[f32]| place.iter().map(|x| 2.0 * x).collect::<Vec<_>>();
        let mut whole = (Adam::new(0.1), [3.0f32, -2.0]);
        for _ in 0..5 {
            let gradient = gradient(&whole.1);
            whole.0.advance(&mut whole.1, &gradient);
        }
        let (mean, squares) = whole.0.moments();
        let kept = (mean.to_vec(), squares.to_vec());
        let mut on = (Adam::resumed(0.1, 5, kept), whole.1);
        for (adam, place) in [&mut whole, &mut on].map(|(adam, place)| (adam, place)) {
            let gradient = gradient(place);
            adam.advance(place, &gradient);
        }
        assert_eq!(whole.1, on.1);
    }
}
