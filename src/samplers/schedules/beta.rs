//! Levels at the quantiles of a beta distribution: many at both ends, few between. Lee et al. 2024,
//! "Beta Sampling is All You Need".

use super::{Bounds, ramp};

/// Both parameters of the distribution.
const SHAPE: f64 = 0.6;
/// Euler's beta function of them: Γ(0.6)² / Γ(1.2).
const NORM: f64 = 1.489192248812817 * 1.489192248812817 / 0.9181687423997607;
/// Terms of the power series below one half, each less than half of the one before.
const TERMS: usize = 54;
/// Halvings until neighbours in f64 are reached.
const HALVINGS: usize = 60;

pub(super) fn space(bounds: &Bounds<'_>, steps: usize) -> Vec<f64> {
    let (low, high) = (bounds.lowest, bounds.highest);
    ramp(steps)
        .map(|done| low + quantile(1.0 - done) * (high - low))
        .collect()
}

/// Where the distribution has gathered the given share. It is symmetric about one half.
fn quantile(share: f64) -> f64 {
    if share > 0.5 {
        return 1.0 - quantile(1.0 - share);
    }
    let (mut low, mut high) = (0.0, 0.5);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if gathered(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The share below `x`, at most one half: the power series of the incomplete beta function.
fn gathered(x: f64) -> f64 {
    let mut factor = 1.0;
    let mut sum = 0.0;
    for term in 0..TERMS {
        let term = term as f64;
        sum += factor / (SHAPE + term);
        factor *= x * (term + 1.0 - SHAPE) / (term + 1.0);
    }
    x.powf(SHAPE) * sum / NORM
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.beta.ppf(share, 0.6, 0.6)`.
    #[test]
    fn quantiles_are_scipys() {
        for (share, expected) in [
            (0.0, 0.0),
            (0.01, 0.000_861_238_821_542_906),
            (0.2, 0.122_921_750_458_332_92),
            (0.5, 0.5),
            (0.8, 0.877_078_249_541_667_1),
            (1.0, 1.0),
        ] {
            let found = quantile(share);
            assert!((found - expected).abs() < 1e-12, "{share}: {found}");
        }
    }
}
