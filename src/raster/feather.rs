//! Edges that fade.

use rayon::prelude::*;

use super::Mask;
use super::columns::by_columns;

impl Mask {
    /// With an edge that fades inward and outward alike over about twice `sigma` pixels (Gaussian).
    /// Beyond its border the mask goes on as it ends there.
    pub fn feathered(&self, sigma: f32) -> Self {
        if !(sigma.is_normal() && sigma > 0.0) || self.values.is_empty() {
            return self.clone();
        }
        // More than the whole mask is no wider edge.
        let longest = self.extent.width.max(self.extent.height);
        let box_blur = BoxBlur::third_of(f64::from(sigma).min(f64::from(longest)));
        let width = self.extent.width as usize;
        let mut rows = vec![0.0; self.values.len()];
        rows.par_chunks_mut(width)
            .zip(self.values.par_chunks(width))
            .for_each_init(Vec::new, |spare, (row, values)| {
                for (soft, &value) in row.iter_mut().zip(values) {
                    *soft = f32::from(value);
                }
                box_blur.thrice(row, spare);
            });
        let values = by_columns(&rows, self.extent, |before, after| {
            let mut column = before.to_vec();
            box_blur.thrice(&mut column, &mut Vec::new());
            for (after, value) in after.iter_mut().zip(column) {
                *after = (value + 0.5) as u8;
            }
        });
        Self {
            extent: self.extent,
            values,
        }
    }
}

/// A mean over a box with a part of a pixel at each end (Gwosdek et al. 2011). Three in a row are
/// close to a Gaussian, in a time that does not grow with its width.
struct BoxBlur {
    /// Whole pixels to each side.
    reach: usize,
    /// How much the pixel behind them counts.
    end: f64,
}

impl BoxBlur {
    /// That of which three in a row spread as far as a Gaussian of `sigma`.
    fn third_of(sigma: f64) -> Self {
        let spread = sigma * sigma / 3.0;
        let reach = ((12.0 * spread + 1.0).sqrt() * 0.5 - 0.5).floor();
        let end = (2.0 * reach + 1.0) * (reach * (reach + 1.0) - 3.0 * spread)
            / (6.0 * (spread - (reach + 1.0) * (reach + 1.0)));
        Self {
            reach: reach as usize,
            end,
        }
    }

    fn thrice(&self, line: &mut [f32], spare: &mut Vec<f32>) {
        for _ in 0..3 {
            self.once(line, spare);
        }
    }

    fn once(&self, line: &mut [f32], spare: &mut Vec<f32>) {
        let (Some(&first), Some(&last)) = (line.first(), line.last()) else {
            return;
        };
        // The line with as much of its ends repeated as the box sees.
        let margin = self.reach + 1;
        spare.clear();
        spare.resize(margin, first);
        spare.extend_from_slice(line);
        spare.resize(line.len() + 2 * margin, last);
        let share = 1.0 / (2.0 * (self.reach as f64 + self.end) + 1.0);
        let (before, after) = (&spare[..], &spare[2 * margin..]);
        let mut sum: f64 = spare[..2 * margin].iter().copied().map(f64::from).sum();
        sum -= f64::from(spare[0]);
        for ((value, &before), (&inner, &after)) in line
            .iter_mut()
            .zip(before)
            .zip(spare[1..].iter().zip(after))
        {
            let ends = f64::from(before + after);
            *value = (share * (sum + self.end * ends)) as f32;
            sum += f64::from(after) - f64::from(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;

    fn half(width: u32, height: u32) -> Mask {
        let values = (0..width * height)
            .map(|at| if at % width < width / 2 { 255 } else { 0 })
            .collect();
        Mask::from_values(Extent::new(width, height), values).unwrap()
    }

    #[test]
    fn an_edge_fades_inward_and_outward_alike() {
        let soft = half(40, 3).feathered(4.0);
        let row = &soft.values()[..40];
        assert!(row.is_sorted_by(|a, b| a >= b));
        for at in 0..20 {
            let sum = u32::from(row[at]) + u32::from(row[39 - at]);
            assert!(sum.abs_diff(255) <= 1, "{sum} at {at}");
        }
        assert_eq!((row[2], row[37]), (255, 0));
    }

    #[test]
    fn it_fades_as_a_gaussian_does() {
        for sigma in [0.4, 0.9, 1.7, 3.0, 8.0] {
            let soft = half(80, 2).feathered(sigma);
            // The share of a Gaussian beyond each pixel's middle, summed up in small steps.
            let beyond = |distance: f32| {
                let step = 0.01;
                let density = |x: f32| (-0.5 * (x / sigma).powi(2)).exp();
                let sum: f32 = (0..6000)
                    .map(|i| density(distance + (i as f32 + 0.5) * step))
                    .sum();
                sum * step / (sigma * (2.0 * std::f32::consts::PI).sqrt())
            };
            for at in 40..70 {
                let middle = at as f32 + 0.5 - 40.0;
                let expected = 255.0 * beyond(middle);
                let found = f32::from(soft.values()[at]);
                let most = if sigma < 1.0 { 12.0 } else { 5.0 };
                assert!(
                    (found - expected).abs() < most,
                    "{found} instead of {expected} at {middle} for {sigma}"
                );
            }
        }
    }

    #[test]
    fn down_and_across_are_the_same() {
        let mut values = vec![0; 31 * 31];
        values[15 * 31 + 15] = 255;
        values[9 * 31 + 20] = 255;
        values[20 * 31 + 9] = 255;
        let soft = Mask::from_values(Extent::new(31, 31), values)
            .unwrap()
            .feathered(1.5);
        for at in 0..31 * 31 {
            assert_eq!(soft.values()[at], soft.values()[at % 31 * 31 + at / 31]);
        }
    }

    #[test]
    fn the_border_neither_darkens_nor_brightens() {
        for sigma in [0.3, 2.0, 77.7, 1e9] {
            for value in [0, 255] {
                let mask = Mask::from_values(Extent::new(37, 5), vec![value; 185]).unwrap();
                assert_eq!(mask.feathered(sigma), mask);
            }
        }
    }

    #[test]
    fn a_sigma_that_is_none_leaves_the_mask_as_it_is() {
        let mask = half(6, 2);
        for sigma in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-40] {
            assert_eq!(mask.feathered(sigma), mask);
        }
        let nothing = Mask::from_values(Extent::new(0, 4), Vec::new()).unwrap();
        assert_eq!(nothing.feathered(2.0), nothing);
    }
}
