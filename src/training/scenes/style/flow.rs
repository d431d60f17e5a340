//! Which way a picture runs at each pixel: the smoothed structure tensor.

use super::noise::clouds;
use super::plane::{Picture, Plane};

/// The direction of lines in a picture.
pub(super) struct Flow {
    /// Along the lines, in turns; a half turn is the same direction.
    pub(super) turn: Vec<f32>,
    /// From 0 (no direction) to 1 (all lines run one way).
    pub(super) firmness: Vec<f32>,
    /// How strong the edges around are.
    pub(super) strength: Vec<f32>,
}

/// The angle of a vector in turns, from -0.5 to 0.5, by plain arithmetic.
fn turn_of(x: f32, y: f32) -> f32 {
    let (wide, high) = (x.abs(), y.abs());
    let z = wide.min(high) / wide.max(high).max(1e-20);
    let z2 = z * z;
    let arc = z
        * (0.999_866
            + z2 * (-0.330_299_5 + z2 * (0.180_141 + z2 * (-0.085_133 + z2 * 0.020_835_1))))
        / std::f32::consts::TAU;
    let quarter = if high > wide { 0.25 - arc } else { arc };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    if y < 0.0 { -half } else { half }
}

impl Flow {
    /// The flow of a picture; where it has no lines, a gentle flow of its own that `seed` draws.
    pub(super) fn of(picture: &Picture, reach: usize, seed: u32) -> Self {
        let side = picture.side;
        let mut across = Plane::new(side, 0.0);
        let mut down = Plane::new(side, 0.0);
        let mut both = Plane::new(side, 0.0);
        for plane in picture.planes() {
            for y in 0..side {
                for x in 0..side {
                    let (gx, gy) = plane.slope(x, y);
                    let at = y * side + x;
                    across.at[at] += gx * gx;
                    down.at[at] += gy * gy;
                    both.at[at] += gx * gy;
                }
            }
        }
        let (across, down, both) = (
            across.blurred(reach),
            down.blurred(reach),
            both.blurred(reach),
        );
        let idle = clouds(side, side as f32 * 0.22, seed);
        let mut flow = Self {
            turn: Vec::with_capacity(side * side),
            firmness: Vec::with_capacity(side * side),
            strength: Vec::with_capacity(side * side),
        };
        for at in 0..side * side {
            let (e, g, f) = (across.at[at], down.at[at], both.at[at]);
            // Slopes run across the lines: the doubled angle is turned by a half.
            let (dx, dy) = (g - e, -2.0 * f);
            let own = idle.at[at] * 0.22;
            let (sin, cos) = super::super::shape::sin_cos(own * 2.0);
            let weight = 3.0;
            flow.turn
                .push(turn_of(dx + cos * weight, dy + sin * weight) * 0.5);
            let length = (dx * dx + dy * dy).sqrt();
            flow.firmness.push(length / (e + g + 4.0));
            flow.strength.push((e + g).sqrt());
        }
        flow
    }
}

#[cfg(test)]
mod tests {
    use super::turn_of;

    #[test]
    fn angles_are_right() {
        for step in 0..64 {
            let turns = (step as f32 + 0.5) / 64.0 - 0.5;
            let (sin, cos) = (turns * std::f32::consts::TAU).sin_cos();
            assert!((turn_of(cos, sin) - turns).abs() < 1e-4, "{turns}");
        }
    }
}
