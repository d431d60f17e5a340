//! The linear map from latents to colours that previews are drawn with, fitted to pictures: least
//! squares over every latent pixel of encoded scenes of the painter.

use candle_core::{Device, Result};

use super::{FitPictures, encoded};
use crate::models::{AutoencoderKl, LatentColors};
use crate::raster::Pixels;

/// What is added to every channel's own square, relative to their mean: channels that say the same
/// share what they say.
const RIDGE: f64 = 1e-9;

/// A map, and how far from the pictures it and the one before are.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedPreview {
    pub colors: LatentColors,
    /// Root of the mean squared difference of colours from -1 to 1.
    pub error: f64,
    /// Of the map that was used up to now.
    pub error_before: f64,
    /// The spread of the fitted map's colours over that of the pictures, and the same of the one before:
    /// above 1 previews have too much contrast.
    pub contrast: f64,
    pub contrast_before: f64,
}

/// Fits the map of an autoencoder; hears how many pictures are done.
pub(super) fn fit(
    autoencoder: &AutoencoderKl,
    pictures: FitPictures,
    done: &mut dyn FnMut(u32),
) -> Result<FittedPreview> {
    let config = autoencoder.config();
    let factor = config.factor() as u32;
    let mut samples = Samples::new(config.latent_channels);
    for index in 0..pictures.count {
        let picture = pictures.paint(index, factor);
        let latents = encoded(autoencoder, &picture)?.flatten_all()?;
        samples.add(&latents.to_vec1()?, &means(&picture, factor));
        done(index + 1);
    }
    let before = LatentColors::of(autoencoder, &Device::Cpu)?;
    let Some(colors) = samples.solve() else {
        candle_core::bail!("its latents say nothing about colours")
    };
    let (error, contrast) = samples.judge(&colors);
    let (error_before, contrast_before) = samples.judge(&before);
    Ok(FittedPreview {
        colors,
        error,
        error_before,
        contrast,
        contrast_before,
    })
}

/// The mean colours of squares of a side, from -1 to 1, row by row.
pub(super) fn means(picture: &Pixels, side: u32) -> Vec<[f64; 3]> {
    let extent = picture.extent();
    let (columns, rows) = (extent.width / side, extent.height / side);
    let pixels = picture.rgba().as_chunks::<4>().0;
    let mean = |at: u32| {
        let (left, top) = (at % columns * side, at / columns * side);
        let mut sums = [0.0; 3];
        for y in top..top + side {
            let start = (y * extent.width + left) as usize;
            for pixel in &pixels[start..start + side as usize] {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += f64::from(*value);
                }
            }
        }
        sums.map(|sum| sum / f64::from(side * side) / 127.5 - 1.0)
    };
    (0..columns * rows).map(mean).collect()
}

/// Sums over all latent pixels: enough to solve and to judge, however many there are.
struct Samples {
    channels: usize,
    count: f64,
    /// Of products of channels, the last of which is always 1: `[channels + 1, channels + 1]`.
    squares: Vec<Vec<f64>>,
    /// Of channels and colours: `[channels + 1, 3]`.
    mixed: Vec<[f64; 3]>,
    colors: [f64; 3],
    color_squares: f64,
}

impl Samples {
    fn new(channels: usize) -> Self {
        Self {
            channels,
            count: 0.0,
            squares: vec![vec![0.0; channels + 1]; channels + 1],
            mixed: vec![[0.0; 3]; channels + 1],
            colors: [0.0; 3],
            color_squares: 0.0,
        }
    }

    fn add(&mut self, latents: &[f32], colors: &[[f64; 3]]) {
        for (at, color) in colors.iter().enumerate() {
            let channel = |c: usize| f64::from(latents[c * colors.len() + at]);
            let values: Vec<f64> = (0..self.channels).map(channel).chain([1.0]).collect();
            for (row, value) in values.iter().enumerate() {
                for (sum, other) in self.squares[row].iter_mut().zip(&values) {
                    *sum += value * other;
                }
                for (sum, color) in self.mixed[row].iter_mut().zip(color) {
                    *sum += value * color;
                }
            }
            for (sum, color) in self.colors.iter_mut().zip(color) {
                *sum += color;
                self.color_squares += color * color;
            }
            self.count += 1.0;
        }
    }

    /// The map with the least error; `None` where there are not enough pixels, or all are alike.
    fn solve(&self) -> Option<LatentColors> {
        let mut rows = self.squares.clone();
        let mean = (0..self.channels).map(|c| rows[c][c]).sum::<f64>() / self.channels as f64;
        for (channel, row) in rows.iter_mut().enumerate().take(self.channels) {
            row[channel] += mean * RIDGE;
        }
        let solved = solved(rows, self.mixed.clone())?;
        let row = |row: &[f64; 3]| row.map(|value| value as f32);
        let (bias, matrix) = solved.split_last()?;
        Some(LatentColors {
            matrix: matrix.iter().map(row).collect(),
            bias: row(bias),
        })
    }

    /// The root of a map's mean squared error, and its contrast relative to the pictures'.
    fn judge(&self, map: &LatentColors) -> (f64, f64) {
        let rows: Vec<[f64; 3]> = map
            .matrix
            .iter()
            .chain([&map.bias])
            .map(|row| row.map(f64::from))
            .collect();
        let (mut made_squares, mut mixed) = (0.0, 0.0);
        let mut made = [0.0; 3];
        for (a, row) in rows.iter().enumerate() {
            for color in 0..3 {
                mixed += row[color] * self.mixed[a][color];
                made[color] += row[color] * self.squares[a][self.channels];
                for (b, other) in rows.iter().enumerate() {
                    made_squares += row[color] * other[color] * self.squares[a][b];
                }
            }
        }
        let error = made_squares - 2.0 * mixed + self.color_squares;
        let spread = |squares: f64, sums: [f64; 3]| {
            let means = sums.map(|sum| sum * sum / self.count);
            squares - means.iter().sum::<f64>()
        };
        let contrast = spread(made_squares, made) / spread(self.color_squares, self.colors);
        let values = 3.0 * self.count;
        ((error / values).max(0.0).sqrt(), contrast.max(0.0).sqrt())
    }
}

/// Solves `rows x = right` by elimination with the largest pivot.
fn solved(mut rows: Vec<Vec<f64>>, mut right: Vec<[f64; 3]>) -> Option<Vec<[f64; 3]>> {
    let size = rows.len();
    for column in 0..size {
        let size_of = |row: &usize| rows[*row][column].abs();
        let pivot = (column..size).max_by(|a, b| size_of(a).total_cmp(&size_of(b)))?;
        rows.swap(column, pivot);
        right.swap(column, pivot);
        let own = rows[column][column];
        if own.abs() < f64::MIN_POSITIVE || !own.is_finite() {
            return None;
        }
        for row in column + 1..size {
            let share = rows[row][column] / own;
            let (above, below) = rows.split_at_mut(row);
            for (value, taken) in below[0].iter_mut().zip(&above[column]).skip(column) {
                *value -= share * taken;
            }
            let taken = right[column];
            for (value, taken) in right[row].iter_mut().zip(taken) {
                *value -= share * taken;
            }
        }
    }
    for row in (0..size).rev() {
        let mut value = right[row];
        for (known, share) in right[row + 1..].iter().zip(&rows[row][row + 1..]) {
            for (value, known) in value.iter_mut().zip(known) {
                *value -= share * known;
            }
        }
        right[row] = value.map(|value| value / rows[row][row]);
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;

    /// Values of no order, from -1 to 1.
    fn noise(at: usize) -> f64 {
        f64::from((at as u32).wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 23) - 1.0
    }

    #[test]
    fn the_map_that_made_the_colours_is_found() {
        let map = LatentColors {
            matrix: vec![[0.3, -0.2, 0.1], [0.05, 0.4, 0.0], [-0.1, 0.2, 0.5]],
            bias: [0.1, -0.05, 0.2],
        };
        let pixels = 400;
        let latents: Vec<f32> = (0..3 * pixels).map(|at| noise(at) as f32).collect();
        let colors: Vec<[f64; 3]> = (0..pixels)
            .map(|at| {
                std::array::from_fn(|color| {
                    let parts = map.matrix.iter().enumerate().map(|(c, row)| {
                        f64::from(row[color]) * f64::from(latents[c * pixels + at])
                    });
                    f64::from(map.bias[color]) + parts.sum::<f64>()
                })
            })
            .collect();
        let mut samples = Samples::new(3);
        samples.add(&latents, &colors);
        let found = samples.solve().unwrap();
        for (ours, theirs) in found.matrix.iter().zip(&map.matrix) {
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert!((ours - theirs).abs() < 1e-5, "{found:?}");
            }
        }
        let (error, contrast) = samples.judge(&found);
        assert!(
            error < 1e-5 && (contrast - 1.0).abs() < 1e-4,
            "{error} {contrast}"
        );
        let loud = LatentColors {
            matrix: map.matrix.iter().map(|row| row.map(|x| 2.0 * x)).collect(),
            bias: map.bias,
        };
        let (error, contrast) = samples.judge(&loud);
        assert!(
            error > 0.1 && (contrast - 2.0).abs() < 1e-4,
            "{error} {contrast}"
        );
    }

    #[test]
    fn latents_that_are_all_alike_make_no_map() {
        let mut samples = Samples::new(2);
        samples.add(&[0.0; 20], &[[0.5; 3]; 10]);
        assert_eq!(samples.solve(), None);
    }

    #[test]
    fn colours_are_means_of_squares_in_the_order_of_latents() {
        let extent = Extent::new(4, 2);
        let rgb: Vec<u8> = (0..8)
            .flat_map(|at| if at % 4 < 2 { [0; 3] } else { [255; 3] })
            .collect();
        let pixels = Pixels::from_rgb(extent, &rgb).unwrap();
        assert_eq!(means(&pixels, 2), [[-1.0; 3], [1.0; 3]]);
    }
}
