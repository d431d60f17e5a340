//! Strokes that hold together: every patch of a picture is drawn to the one of the styles that is most
//! like it. After Kwatra et al. 2005, "Texture Optimization for Example-Based Synthesis", and Li and
//! Wand 2016, "Combining Markov Random Fields and Convolutional Neural Networks for Image Synthesis".

use super::planes::Planes;
use crate::kernels::{Point, nearest_points};
use crate::pipelines::axes::Axes;

/// Pixels along each side of a patch.
const SIDE: usize = 9;
/// Pixels from a patch to the next.
const STRIDE: usize = 3;
/// Patches of the styles, at most.
const MOST: usize = 16_000;
/// Patches their directions are learned from, at most.
const LEARNED_FROM: usize = 2000;
/// How much less a patch counts that has no like: its squared gap to this power.
const DOUBT: f32 = -0.6;
/// Added to a squared gap, which is of values from 0 to 1.
const LEAST_GAP: f32 = 1e-2;

/// The patches of some styles.
pub(super) struct Strokes {
    axes: Axes,
    points: Vec<Point>,
    /// `SIDE²` values of each plane, for every point.
    patches: Vec<Vec<f32>>,
}

/// What a picture's patches are drawn to, laid over each other.
pub(super) struct Pull {
    /// Of each plane.
    values: Vec<f32>,
    /// How strongly each pixel is pulled; 1 on average.
    strengths: Vec<f32>,
}

impl Strokes {
    /// Of styles with shares that sum to 1; `None` where none is as large as a patch.
    pub(super) fn of(styles: &[(Planes, f32)]) -> Option<Self> {
        let mut patches = Vec::new();
        for (style, share) in styles {
            let all = corners(style, 1);
            let most = (MOST as f32 * share).ceil().max(1.0) as usize;
            // A step that divides the rows would take the same columns of each.
            let columns = style.width.saturating_sub(SIDE) + 1;
            let mut step = all.len().div_ceil(most).max(1);
            while step > 1 && columns.is_multiple_of(step) {
                step += 1;
            }
            patches.extend(all.iter().step_by(step).map(|at| patch(style, *at)));
        }
        let every = patches.len().div_ceil(LEARNED_FROM).max(1);
        let learned: Vec<&Vec<f32>> = patches.iter().step_by(every).collect();
        let axes = Axes::of(&learned)?;
        let points = patches.iter().map(|patch| axes.point(patch)).collect();
        Some(Self {
            axes,
            points,
            patches,
        })
    }

    /// Bytes it takes at most, with a picture of so many pixels.
    pub(super) const fn bytes(pixels: u64) -> u64 {
        let patch = (3 * SIDE * SIDE * size_of::<f32>() + size_of::<Point>()) as u64;
        (MOST as u64 + pixels / (STRIDE * STRIDE) as u64) * patch
    }

    /// What the patches of a picture are drawn to now.
    pub(super) fn pull(&self, picture: &Planes) -> Pull {
        let corners = corners(picture, STRIDE);
        let own: Vec<_> = corners.iter().map(|at| patch(picture, *at)).collect();
        let queries: Vec<_> = own.iter().map(|patch| self.axes.point(patch)).collect();
        let found = nearest_points(&queries, &self.points);
        let (width, area) = (picture.width, picture.height * picture.width);
        let mut values = vec![0.0; picture.values.len()];
        let mut strengths = vec![0.0; area];
        for ((corner, own), found) in corners.iter().zip(&own).zip(found) {
            let like = &self.patches[found as usize];
            let gap: f32 = own.iter().zip(like).map(|(a, b)| (a - b) * (a - b)).sum();
            let strength = (gap + LEAST_GAP).powf(DOUBT);
            for (at, value) in like.iter().enumerate() {
                let (plane, within) = (at / (SIDE * SIDE), at % (SIDE * SIDE));
                let pixel = corner + within / SIDE * width + within % SIDE;
                values[plane * area + pixel] += strength * value;
                if plane == 0 {
                    strengths[pixel] += strength;
                }
            }
        }
        let mean = strengths.iter().sum::<f32>() / area as f32;
        for (at, value) in values.iter_mut().enumerate() {
            *value /= strengths[at % area].max(f32::MIN_POSITIVE);
        }
        for strength in &mut strengths {
            *strength /= mean.max(f32::MIN_POSITIVE);
        }
        Pull { values, strengths }
    }
}

impl Pull {
    /// The weighted mean square of how far a picture is from it; its gradient is added to one.
    pub(super) fn loss(&self, picture: &Planes, weight: f64, gradient: &mut [f32]) -> f64 {
        let factor = weight / picture.values.len() as f64;
        let area = self.strengths.len();
        let mut sum = 0.0;
        for (at, (value, wanted)) in picture.values.iter().zip(&self.values).enumerate() {
            let strength = self.strengths[at % area];
            let gap = value - wanted;
            sum += f64::from(strength * gap * gap);
            gradient[at] += 2.0 * factor as f32 * strength * gap;
        }
        factor * sum
    }
}

/// First pixels of patches that lie wholly in a picture, every `stride` of them and the last ones.
fn corners(picture: &Planes, stride: usize) -> Vec<usize> {
    let along = |side: usize| -> Vec<usize> {
        let Some(last) = side.checked_sub(SIDE) else {
            return Vec::new();
        };
        let mut places: Vec<_> = (0..last).step_by(stride).collect();
        places.push(last);
        places
    };
    let columns = along(picture.width);
    let rows = along(picture.height).into_iter();
    rows.flat_map(|y| columns.iter().map(move |x| y * picture.width + x))
        .collect()
}

fn patch(picture: &Planes, corner: usize) -> Vec<f32> {
    let area = picture.height * picture.width;
    let planes = picture.values.chunks_exact(area);
    planes
        .flat_map(|plane| {
            (0..SIDE).flat_map(move |row| {
                let start = corner + row * picture.width;
                plane[start..start + SIDE].iter().copied()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripes(width: usize, period: usize) -> Planes {
        let value = |at: usize| {
            if at % width % period < period / 2 {
                0.9
            } else {
                0.1
            }
        };
        Planes {
            values: (0..3 * 30 * width).map(value).collect(),
            height: 30,
            width,
        }
    }

    #[test]
    fn a_picture_is_drawn_to_the_style_and_stays_there() {
        let style = stripes(40, 8);
        let strokes = Strokes::of(&[(style.clone(), 1.0)]).unwrap();
        let none = &mut vec![0.0; style.values.len()];
        assert!(strokes.pull(&style).loss(&style, 1.0, none) < 1e-9);
        let mut faint = stripes(33, 8);
        for value in &mut faint.values {
            *value = 0.5 + 0.4 * (*value - 0.5);
        }
        let pull = strokes.pull(&faint);
        let mut gradient = vec![0.0; faint.values.len()];
        let before = pull.loss(&faint, 1.0, &mut gradient);
        for (value, gradient) in faint.values.iter_mut().zip(&gradient) {
            *value -= 0.4 * 990.0 * gradient;
        }
        let after = pull.loss(&faint, 1.0, &mut gradient);
        assert!(after < 0.5 * before, "{before} {after}");
        assert!(Strokes::of(&[(stripes(5, 2), 1.0)]).is_none());
    }
}
