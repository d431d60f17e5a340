//! What is done to a finished picture's light, colours and grain.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Points of a curve, evenly apart from dark to light.
pub const CURVE_POINTS: usize = 5;

/// The last touch: seen at once, done to the pixels when a picture is saved. All of it off by
/// default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Finish {
    /// In stops: 1 doubles the light.
    #[serde(skip_serializing_if = "is_off")]
    pub exposure: f32,
    /// From -1, half of it, to 1, twice as much.
    #[serde(skip_serializing_if = "is_off")]
    pub contrast: f32,
    /// From -1, gray, to 1, twice as colourful.
    #[serde(skip_serializing_if = "is_off")]
    pub saturation: f32,
    /// White balance from -1, bluish, to 1, amber.
    #[serde(skip_serializing_if = "is_off")]
    pub warmth: f32,
    /// White balance from -1, greenish, to 1, magenta.
    #[serde(skip_serializing_if = "is_off")]
    pub tint: f32,
    #[serde(skip_serializing_if = "Curves::are_off")]
    pub curves: Curves,
    /// From 0 to 1: how much of the noise goes; edges stay.
    #[serde(skip_serializing_if = "is_off")]
    pub denoise: f32,
    /// From 0 to 2: how much of the finest detail is added again.
    #[serde(skip_serializing_if = "is_off")]
    pub sharpen: f32,
    /// Of a film, from 0 to 1.
    #[serde(skip_serializing_if = "is_off")]
    pub grain: f32,
}

/// One curve for all colours, and one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curves {
    pub all: Curve,
    pub red: Curve,
    pub green: Curve,
    pub blue: Curve,
}

/// What becomes of dark to light, from 0 to 1, at points that lie evenly apart; between them it
/// goes smoothly, and never beyond the points beside it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Curve(pub [f32; CURVE_POINTS]);

impl Default for Curve {
    fn default() -> Self {
        Self(std::array::from_fn(place_of))
    }
}

/// From 0 to 1, where a point of a curve lies.
pub fn place_of(point: usize) -> f32 {
    point as f32 / (CURVE_POINTS - 1) as f32
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_off(value: &f32) -> bool {
    *value == 0.0
}

impl Finish {
    /// All of it but the curves: light, then detail.
    pub const fn numbers(&self) -> [f32; 8] {
        [
            self.exposure,
            self.contrast,
            self.saturation,
            self.warmth,
            self.tint,
            self.denoise,
            self.sharpen,
            self.grain,
        ]
    }

    /// Whether nothing is done.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }
}

/// What is on: `exposure 0.5, curves, grain 0.2`.
impl fmt::Display for Finish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            "exposure",
            "contrast",
            "saturation",
            "warmth",
            "tint",
            "denoise",
            "sharpen",
            "grain",
        ];
        let numbers = names.into_iter().zip(self.numbers());
        let on = numbers.filter(|(_, value)| *value != 0.0);
        let mut parts: Vec<_> = on.map(|(name, value)| format!("{name} {value}")).collect();
        if !self.curves.are_off() {
            parts.push("curves".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

impl Curves {
    pub fn are_off(&self) -> bool {
        *self == Self::default()
    }

    /// What becomes of each colour's darkness, red first.
    pub fn at(&self, x: f32) -> [f32; 3] {
        [self.red, self.green, self.blue].map(|curve| self.all.at(curve.at(x)))
    }
}

impl Curve {
    /// What becomes of `x` from 0 to 1: a cubic whose slopes keep it between its points, after
    /// Fritsch and Carlson 1980, "Monotone Piecewise Cubic Interpolation".
    pub fn at(&self, x: f32) -> f32 {
        let Self(points) = self;
        let last = CURVE_POINTS - 1;
        let along = x.clamp(0.0, 1.0) * last as f32;
        let left = (along as usize).min(last - 1);
        let t = along - left as f32;
        let rise = |from: usize| points[from + 1] - points[from];
        let slope = |at: usize| match at {
            0 => rise(0),
            at if at == last => rise(last - 1),
            at => {
                let (before, after) = (rise(at - 1), rise(at));
                if before * after <= 0.0 {
                    0.0
                } else {
                    // The harmonic mean is never more than twice the smaller one.
                    2.0 * before * after / (before + after)
                }
            }
        };
        let (square, cube) = (t * t, t * t * t);
        let between = points[left] * (2.0 * cube - 3.0 * square + 1.0)
            + slope(left) * (cube - 2.0 * square + t)
            + points[left + 1] * (3.0 * square - 2.0 * cube)
            + slope(left + 1) * (cube - square);
        between.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_nobody_bent_changes_nothing() {
        for step in 0..=100 {
            let x = step as f32 / 100.0;
            assert!((Curve::default().at(x) - x).abs() < 1e-6);
            assert!(Curves::default().at(x).iter().all(|y| (y - x).abs() < 2e-6));
        }
    }

    #[test]
    fn a_curve_goes_through_its_points_and_not_beyond_them() {
        let curve = Curve([0.1, 0.1, 0.8, 0.75, 1.0]);
        for (point, height) in curve.0.into_iter().enumerate() {
            assert!((curve.at(place_of(point)) - height).abs() < 1e-6);
        }
        for step in 0..1000 {
            let x = step as f32 / 1000.0;
            let left = (x * 4.0) as usize;
            let (a, b) = (curve.0[left], curve.0[left + 1]);
            let y = curve.at(x);
            assert!(y >= a.min(b) - 1e-6 && y <= a.max(b) + 1e-6, "{x}: {y}");
        }
    }

    #[test]
    fn what_is_off_is_not_written_and_what_is_on_survives() {
        assert_eq!(serde_json::to_string(&Finish::default()).unwrap(), "{}");
        let finish = Finish {
            exposure: 0.5,
            curves: Curves {
                red: Curve([0.0, 0.3, 0.5, 0.7, 1.0]),
                ..Curves::default()
            },
            ..Finish::default()
        };
        let json = serde_json::to_string(&finish).unwrap();
        assert!(!json.contains("grain"), "{json}");
        assert_eq!(serde_json::from_str::<Finish>(&json).unwrap(), finish);
        assert!(!finish.is_off());
    }
}
