//! What colours an object and its ground have: mixtures of Gaussians.
//!
//! As in Rother et al. 2004, "`GrabCut`"; the first clusters come from splitting along principal
//! axes, as in Orchard and Bouman 1991, "Color quantization of images".

/// Gaussians of a mixture; the paper's number.
const CLUSTERS: usize = 5;
/// Added to each variance, in squared 8-bit levels: flat colours have a little noise too.
const NOISE: f64 = 4.0;
/// Share of pixels that may have any colour at all, so that no single colour decides alone.
const STRAY: f32 = 1e-6;
/// Directions of a principal axis are sharp enough after so many multiplications.
const AXIS_ROUNDS: u32 = 12;

/// Colours in 8-bit levels.
type Color = [f64; 3];

/// Sums over the colours of a cluster.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    sum: Color,
    /// Of products of two channels.
    products: [Color; 3],
}

impl Moments {
    fn add(&mut self, color: [u8; 3]) {
        let color = color.map(f64::from);
        self.count += 1.0;
        for (row, &one) in color.iter().enumerate() {
            self.sum[row] += one;
            for (product, &other) in self.products[row].iter_mut().zip(&color) {
                *product += one * other;
            }
        }
    }

    fn of(colors: &[[u8; 3]]) -> Self {
        let mut moments = Self::default();
        for &color in colors {
            moments.add(color);
        }
        moments
    }

    fn mean(&self) -> Color {
        self.sum.map(|sum| sum / self.count.max(1.0))
    }

    fn covariance(&self) -> [Color; 3] {
        let mean = self.mean();
        std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                self.products[row][column] / self.count.max(1.0) - mean[row] * mean[column]
            })
        })
    }

    /// The direction in which the colours differ most, and the sum of squares along it.
    fn axis(&self) -> (Color, f64) {
        let covariance = self.covariance();
        // The column of the channel with the most variance is never across the axis.
        let widest = (0..3)
            .max_by(|&a, &b| covariance[a][a].total_cmp(&covariance[b][b]))
            .unwrap_or(0);
        let mut axis = covariance[widest];
        let mut variance = 0.0;
        for _ in 0..AXIS_ROUNDS {
            let length = dot(axis, axis).sqrt();
            if length < f64::MIN_POSITIVE {
                return (axis, 0.0);
            }
            axis = axis.map(|value| value / length);
            let turned = covariance.map(|row| dot(row, axis));
            variance = dot(axis, turned);
            axis = turned;
        }
        (axis, variance * self.count)
    }
}

fn dot(one: Color, other: Color) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// One Gaussian, as what is needed for its density.
#[derive(Clone, Copy, Debug)]
struct Gaussian {
    mean: [f32; 3],
    /// The inverse of the covariance: its diagonal, then the products of channels 0 and 1, 0 and 2,
    /// 1 and 2.
    inverse: [f32; 6],
    /// Logarithm of the share of the mixture over the norm of the density.
    scale: f32,
}

impl Gaussian {
    /// `total` colours are in the whole mixture.
    fn new(moments: &Moments, total: f64) -> Self {
        let [[a, b, c], [_, d, e], [_, _, f]] = moments.covariance();
        let (a, d, f) = (a + NOISE, d + NOISE, f + NOISE);
        let (xx, yy, zz) = (d * f - e * e, a * f - c * c, a * d - b * b);
        let (xy, xz, yz) = (c * e - b * f, b * e - c * d, b * c - a * e);
        let determinant = a * xx + b * xy + c * xz;
        let norm = (2.0 * std::f64::consts::PI).powi(3) * determinant;
        Self {
            mean: moments.mean().map(|value| value as f32),
            inverse: [xx, yy, zz, xy, xz, yz].map(|value| (value / determinant) as f32),
            scale: ((moments.count / total).ln() - 0.5 * norm.ln()) as f32,
        }
    }

    /// Logarithm of the density at a colour, times the share of the mixture.
    fn log_density(&self, color: [f32; 3]) -> f32 {
        let [x, y, z] = [0, 1, 2].map(|channel| color[channel] - self.mean[channel]);
        let [xx, yy, zz, xy, xz, yz] = self.inverse;
        let squares = xx * x * x + yy * y * y + zz * z * z;
        let products = xy * x * y + xz * x * z + yz * y * z;
        self.scale - 0.5 * squares - products
    }
}

/// The colours of one side of a selection.
#[derive(Clone, Debug)]
pub(super) struct Mixture {
    gaussians: Vec<Gaussian>,
}

impl Mixture {
    /// Fits `colors`; of none, every colour is as likely as any other.
    pub(super) fn fitted(colors: Vec<[u8; 3]>) -> Self {
        let total = colors.len() as f64;
        let mut clusters = vec![(Moments::of(&colors), colors)];
        while clusters.len() < CLUSTERS {
            let spreads = clusters.iter().map(|(moments, _)| moments.axis());
            let widest = spreads
                .enumerate()
                .max_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
            let Some((index, (axis, spread))) = widest else {
                break;
            };
            // Nothing to tell apart: noise alone would explain it.
            if spread < NOISE * clusters[index].0.count {
                break;
            }
            let (moments, colors) = clusters.swap_remove(index);
            let middle = dot(moments.mean(), axis);
            let (one, other): (Vec<_>, Vec<_>) = colors
                .into_iter()
                .partition(|color| dot(color.map(f64::from), axis) <= middle);
            for part in [one, other] {
                clusters.push((Moments::of(&part), part));
            }
        }
        Self::of(clusters.iter().map(|(moments, _)| *moments), total)
    }

    /// Fits `colors` anew, each counted for the Gaussian it is most likely from.
    pub(super) fn refitted(&self, colors: &[[u8; 3]]) -> Self {
        if self.gaussians.is_empty() {
            return Self::fitted(colors.to_vec());
        }
        let mut clusters = vec![Moments::default(); self.gaussians.len()];
        for &color in colors {
            let at = color.map(f32::from);
            let densities = self.gaussians.iter().map(|one| one.log_density(at));
            let likeliest = densities.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
            clusters[likeliest.map_or(0, |(index, _)| index)].add(color);
        }
        Self::of(clusters.into_iter(), colors.len() as f64)
    }

    fn of(clusters: impl Iterator<Item = Moments>, total: f64) -> Self {
        let used = clusters.filter(|moments| moments.count > 0.0);
        Self {
            gaussians: used.map(|moments| Gaussian::new(&moments, total)).collect(),
        }
    }

    /// How unlikely a colour is: the negative logarithm of its density.
    pub(super) fn cost(&self, color: [u8; 3]) -> f32 {
        let at = color.map(f32::from);
        let densities = self.gaussians.iter().map(|one| one.log_density(at).exp());
        let anything = 256.0_f32.powi(-3);
        -(densities.sum::<f32>() * (1.0 - STRAY) + anything * STRAY).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seen_colours_are_likelier_than_others() {
        let colors =
            (0..600).map(|at| [200 + at % 7, 30 + at % 5, (at % 2) * 180].map(|v| v as u8));
        let mixture = Mixture::fitted(colors.collect());
        for seen in [[203, 32, 0], [203, 32, 180]] {
            for other in [[203, 32, 90], [20, 200, 0], [255; 3]] {
                assert!(mixture.cost(seen) + 3.0 < mixture.cost(other));
            }
        }
    }

    #[test]
    fn one_colour_or_none_gives_costs_that_are_numbers() {
        for colors in [vec![], vec![[9; 3]], vec![[255; 3]; 1000]] {
            let mixture = Mixture::fitted(colors.clone()).refitted(&colors);
            for color in [[0; 3], [9; 3], [255; 3]] {
                assert!(mixture.cost(color).is_finite());
            }
        }
    }
}
