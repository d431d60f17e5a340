//! Colours of the surroundings, flowing into a hole.

use super::{Extent, Known, Mask, PAINTED, Pixels};

/// Sums of what is known at one level of the pyramid: three values and how much is known of them.
pub(super) struct Level {
    pub(super) extent: Extent,
    /// Three values times their weight, and that weight, of each pixel.
    pub(super) values: Vec<[f32; 4]>,
}

impl Level {
    /// Half as large, rounded up: each pixel the sum of up to four.
    pub(super) fn halved(&self) -> Self {
        let Extent { width, height } = self.extent;
        let extent = Extent::new(width.div_ceil(2), height.div_ceil(2));
        let mut values = vec![[0.0; 4]; extent.area()];
        for (at, value) in self.values.iter().enumerate() {
            let (x, y) = (at % width as usize, at / width as usize);
            let sum = &mut values[y / 2 * extent.width as usize + x / 2];
            for (sum, value) in sum.iter_mut().zip(value) {
                *sum += value;
            }
        }
        Self { extent, values }
    }

    /// Colour at a place between pixels, from the four around it.
    pub(super) fn sample(&self, x: f32, y: f32) -> [f32; 3] {
        let Extent { width, height } = self.extent;
        let (x, y) = (
            x.clamp(0.0, (width - 1) as f32),
            y.clamp(0.0, (height - 1) as f32),
        );
        let (left, top) = (x.floor() as usize, y.floor() as usize);
        let (right, bottom) = (
            (left + 1).min(width as usize - 1),
            (top + 1).min(height as usize - 1),
        );
        let (fx, fy) = (x - left as f32, y - top as f32);
        let mut color = [0.0; 3];
        for (column, row, share) in [
            (left, top, (1.0 - fx) * (1.0 - fy)),
            (right, top, fx * (1.0 - fy)),
            (left, bottom, (1.0 - fx) * fy),
            (right, bottom, fx * fy),
        ] {
            let value = &self.values[row * width as usize + column];
            for (color, value) in color.iter_mut().zip(value) {
                *color += share * value;
            }
        }
        color
    }

    /// Everywhere the values that are known, spread smoothly over the gaps: summed into ever smaller
    /// copies, and the gaps of each filled from the next smaller one (push and pull, Gortler et al.
    /// 1996). `nothing` where nothing at all is known. No weights are left.
    pub(super) fn spread(self, nothing: f32) -> Self {
        let mut levels = vec![self];
        while let Some(last) = levels.last()
            && last.extent.area() > 1
        {
            levels.push(last.halved());
        }
        let mut coarser: Option<Self> = None;
        for mut level in levels.into_iter().rev() {
            let width = level.extent.width as usize;
            for at in 0..level.values.len() {
                let weight = level.values[at][3];
                let color = if weight > 0.0 {
                    std::array::from_fn(|channel| level.values[at][channel] / weight)
                } else {
                    let (x, y) = ((at % width) as f32, (at / width) as f32);
                    coarser.as_ref().map_or([nothing; 3], |level| {
                        level.sample(x / 2.0 - 0.25, y / 2.0 - 0.25)
                    })
                };
                level.values[at][..3].copy_from_slice(&color);
            }
            coarser = Some(level);
        }
        coarser.unwrap_or(Self {
            extent: Extent::new(0, 0),
            values: Vec::new(),
        })
    }
}

/// The picture with the colours around the painted pixels spread smoothly over them; gray where
/// everything is painted. Alpha stays, and what is wholly transparent counts as painted.
pub fn fill_smoothly(pixels: &Pixels, mask: &Mask) -> Pixels {
    let known = pixels
        .rgba()
        .as_chunks::<4>()
        .0
        .iter()
        .zip(mask.values())
        .map(|(&[r, g, b, a], &painted)| {
            if painted >= PAINTED || a == 0 {
                [0.0; 4]
            } else {
                [f32::from(r), f32::from(g), f32::from(b), 1.0]
            }
        })
        .collect();
    let level = Level {
        extent: pixels.extent(),
        values: known,
    };
    let filled = level.spread(127.5).values;
    let rgba = pixels
        .rgba()
        .as_chunks::<4>()
        .0
        .iter()
        .zip(mask.values())
        .zip(filled)
        .flat_map(|((&[r, g, b, a], &painted), color)| {
            if painted >= PAINTED || a == 0 {
                let [r, g, b] = [color[0], color[1], color[2]].map(|value| value.round() as u8);
                [r, g, b, a]
            } else {
                [r, g, b, a]
            }
        })
        .collect();
    Pixels {
        extent: pixels.extent(),
        rgba,
        original: None,
        known: Known::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_takes_the_colours_around_it_and_the_rest_stays() {
        let extent = Extent::new(16, 16);
        let side = |at: usize| {
            if at % 16 < 8 {
                [200, 0, 0, 255]
            } else {
                [0, 0, 200, 255]
            }
        };
        let pixels = Pixels::from_rgba(extent, (0..256).flat_map(side).collect()).unwrap();
        let hole = |at: usize| (2..14).contains(&(at % 16)) && (6..10).contains(&(at / 16));
        let values = (0..256).map(|at| if hole(at) { 255 } else { 0 }).collect();
        let mask = Mask::from_values(extent, values).unwrap();
        let filled = fill_smoothly(&pixels, &mask);
        for at in 0..256 {
            let (new, old) = (
                &filled.rgba()[at * 4..at * 4 + 4],
                &pixels.rgba()[at * 4..at * 4 + 4],
            );
            assert!(hole(at) || new == old);
        }
        let (left, right) = (
            &filled.rgba()[(8 * 16 + 3) * 4..],
            &filled.rgba()[(8 * 16 + 12) * 4..],
        );
        assert!(left[0] > 120 && left[2] < 80, "{:?}", &left[..4]);
        assert!(right[2] > 120 && right[0] < 80, "{:?}", &right[..4]);
    }

    #[test]
    fn with_nothing_known_it_is_gray() {
        let extent = Extent::new(3, 2);
        let pixels = Pixels::from_rgba(extent, vec![255; 24]).unwrap();
        let mask = Mask::from_values(extent, vec![255; 6]).unwrap();
        assert_eq!(
            fill_smoothly(&pixels, &mask).rgba()[..4],
            [128, 128, 128, 255]
        );
    }
}
