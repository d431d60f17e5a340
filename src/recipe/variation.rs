//! A picture near that of a seed.

use serde::{Deserialize, Serialize};

/// How far the initial noise is moved towards that of another seed; by default not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variation {
    pub seed: u64,
    /// From 0, the picture's own seed, to 1, the other one. A number of its own, so that its decimal
    /// digits survive.
    pub strength: f64,
}

impl Variation {
    pub fn is_off(&self) -> bool {
        self.strength == 0.0
    }

    /// Whether its strength is one.
    pub fn is_valid(&self) -> bool {
        (0.0..=1.0).contains(&self.strength)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strength_is_from_0_to_1() {
        let at = |strength| Variation { seed: 1, strength };
        assert!(at(0.0).is_off() && at(0.0).is_valid());
        assert!(!at(0.3).is_off() && at(0.3).is_valid() && at(1.0).is_valid());
        for strength in [-0.1, 1.1, f64::NAN] {
            assert!(!at(strength).is_valid(), "{strength}");
        }
    }
}
