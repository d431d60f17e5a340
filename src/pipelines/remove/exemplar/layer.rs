//! A picture at one size of the pyramid.

use super::stitch::Copied;

/// Red, green, blue (0 to 255) and how rough the picture is around the pixel.
pub(super) type Sample = [f32; 4];

/// One size of the pyramid.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) samples: Vec<Sample>,
    /// Where nothing is known.
    pub(super) missing: Vec<bool>,
    /// Where something is missing one size finer: known here, but no example for others.
    pub(super) touched: Vec<bool>,
}

/// How much roughness counts beside colour: without it a smooth patch, which is never far from any
/// other, wins everywhere, and grass becomes a lawn. After Newson et al. 2014, "Video inpainting of
/// complex scenes".
const ROUGHNESS: f32 = 8.0;
/// Pixels to each side over which roughness is taken.
const REACH: usize = 6;

impl Layer {
    /// The finest layer; `colors` may hold anything plausible where something is missing.
    pub(super) fn finest(width: usize, colors: &[[f32; 3]], missing: Vec<bool>) -> Self {
        let height = missing.len() / width;
        let samples = roughness(width, height, colors, &missing)
            .into_iter()
            .zip(colors)
            .map(|(rough, &[r, g, b])| [r, g, b, ROUGHNESS * rough])
            .collect();
        Self {
            width,
            height,
            samples,
            touched: missing.clone(),
            missing,
        }
    }

    /// Half the size, rounded up: each pixel the mean of what is known of up to four.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        // Sums of the known samples and of the others, and how many there are.
        let mut sums = vec![[([0.0; 4], 0.0); 2]; width * height];
        for (at, sample) in self.samples.iter().enumerate() {
            let (x, y) = (at % self.width, at / self.width);
            let (sum, count) = &mut sums[y / 2 * width + x / 2][usize::from(self.missing[at])];
            for (sum, value) in sum.iter_mut().zip(sample) {
                *sum += value;
            }
            *count += 1.0;
        }
        let samples = sums.iter().map(|[known, missing]| {
            let (sum, count) = if known.1 > 0.0 { known } else { missing };
            sum.map(|sum| sum / count)
        });
        Self {
            width,
            height,
            samples: samples.collect(),
            missing: sums.iter().map(|[known, _]| known.1 == 0.0).collect(),
            touched: sums.iter().map(|[_, missing]| missing.1 > 0.0).collect(),
        }
    }

    /// Samples of the next smaller layer where none are known.
    pub(super) fn take_over(&mut self, coarse: &Self) {
        for at in (0..self.samples.len()).filter(|&at| self.missing[at]) {
            let (x, y) = (at % self.width, at / self.width);
            self.samples[at] = coarse.samples[y / 2 * coarse.width + x / 2];
        }
    }

    pub(super) fn set(&mut self, samples: Vec<(usize, Sample)>) {
        for (at, sample) in samples {
            self.samples[at] = sample;
        }
    }

    /// Samples of other places, in pairs of place and origin.
    pub(super) fn copy(&mut self, copied: &[Copied]) {
        for &(at, from) in copied {
            self.samples[at] = self.samples[from];
        }
    }

    /// Places whose coordinates differ by at most `reach` from those of `at`, itself among them.
    pub(super) fn around(&self, at: usize, reach: usize) -> impl Iterator<Item = usize> + use<> {
        let (x, y, width) = (at % self.width, at / self.width, self.width);
        let columns = x.saturating_sub(reach)..=(x + reach).min(width - 1);
        let rows = y.saturating_sub(reach)..=(y + reach).min(self.height - 1);
        rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
    }
}

/// Mean size of the luma gradient around each pixel, over the known ones: by sums over rectangles.
fn roughness(width: usize, height: usize, colors: &[[f32; 3]], missing: &[bool]) -> Vec<f32> {
    let luma = |at: usize| colors[at].iter().sum::<f32>() / 3.0;
    // Gradient and number of known pixels above and left of each corner.
    let stride = width + 1;
    let mut sums = vec![[0.0f64; 2]; stride * (height + 1)];
    for y in 0..height {
        let mut row = [0.0; 2];
        for x in 0..width {
            let at = y * width + x;
            let right = if x + 1 < width { at + 1 } else { at };
            let below = if y + 1 < height { at + width } else { at };
            if !missing[at] && !missing[right] && !missing[below] {
                let gradient = (luma(right) - luma(at)).abs() + (luma(below) - luma(at)).abs();
                row = [row[0] + f64::from(gradient), row[1] + 1.0];
            }
            let above = sums[y * stride + x + 1];
            sums[(y + 1) * stride + x + 1] = [above[0] + row[0], above[1] + row[1]];
        }
    }
    (0..colors.len())
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let (top, bottom) = (y.saturating_sub(REACH), (y + REACH + 1).min(height));
            let (left, right) = (x.saturating_sub(REACH), (x + REACH + 1).min(width));
            let sum = |which: usize| {
                sums[bottom * stride + right][which]
                    - sums[bottom * stride + left][which]
                    - sums[top * stride + right][which]
                    + sums[top * stride + left][which]
            };
            (sum(0) / sum(1).max(1.0)) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_layer_knows_what_one_of_four_pixels_knows() {
        let colors: Vec<[f32; 3]> = (0..16).map(|at| [at as f32; 3]).collect();
        let missing = (0..16).map(|at| [0, 1, 4, 5, 10].contains(&at)).collect();
        let half = Layer::finest(4, &colors, missing).halved();
        assert_eq!((half.width, half.height), (2, 2));
        assert_eq!(half.missing, [true, false, false, false]);
        assert_eq!(half.touched, [true, false, false, true]);
        // Of 10, 11, 14 and 15 the first is missing.
        assert!((half.samples[3][0] - 40.0 / 3.0).abs() < 1e-4);
    }

    #[test]
    fn roughness_tells_stripes_from_a_plain() {
        let colors: Vec<[f32; 3]> = (0..60 * 8)
            .map(|at| {
                if at % 60 < 30 {
                    [50.0; 3]
                } else {
                    [(at % 2 * 100) as f32; 3]
                }
            })
            .collect();
        let rough = roughness(60, 8, &colors, &vec![false; 480]);
        assert!(
            rough[10] < 1.0 && rough[50] > 50.0,
            "{} {}",
            rough[10],
            rough[50]
        );
    }
}
