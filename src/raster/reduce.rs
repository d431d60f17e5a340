//! Parts of a picture at a half, a quarter, an eighth … of its size.

use super::{Extent, Known, Mask, Pixels};

/// Pixels along each side of a block that count: more would take longer and look the same.
const SAMPLES: usize = 4;

impl Extent {
    /// The size at 1/2^`level`, at least one pixel each way.
    pub const fn reduced(self, level: u32) -> Self {
        let block = 1 << level;
        Self::new(self.width.div_ceil(block), self.height.div_ceil(block))
    }
}

impl Pixels {
    /// `extent` pixels of the picture at 1/2^`level` of its size, from `corner` on: each the mean of
    /// a block of pixels, weighted by alpha. Beyond the picture its outermost pixels go on.
    ///
    /// On the caller's thread alone: whoever shows pictures must not wait until the pool that
    /// computes them has room.
    pub fn reduced(&self, level: u32, corner: [i64; 2], extent: Extent) -> Self {
        self.reduced_by(level, corner, extent, |_, alpha| alpha)
    }

    /// The same of the picture as far as a mask of its extent keeps it: transparent where that
    /// paints.
    pub fn kept_reduced(&self, mask: &Mask, level: u32, corner: [i64; 2], extent: Extent) -> Self {
        let values = mask.values();
        self.reduced_by(level, corner, extent, |at, alpha| kept(alpha, values[at]))
    }

    fn reduced_by(
        &self,
        level: u32,
        corner: [i64; 2],
        extent: Extent,
        alpha: impl Fn(usize, u8) -> u8,
    ) -> Self {
        let size = self.extent.reduced(level);
        let inside = |at: i64, side: u32| at.clamp(0, i64::from(side) - 1) as usize;
        let width = extent.width as usize;
        let mut rgba = vec![0; extent.area() * 4];
        for (row, out) in rgba.chunks_exact_mut((width * 4).max(4)).enumerate() {
            let y = inside(corner[1] + row as i64, size.height);
            for (column, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let x = inside(corner[0] + column as i64, size.width);
                *out = self.block([x << level, y << level], 1 << level, &alpha);
            }
        }
        Self {
            extent,
            rgba,
            original: None,
            known: Known::default(),
        }
    }

    /// The mean of a block of the picture's pixels, as far as the picture goes; of a large one, of
    /// pixels spread evenly over it. `alpha` gives that of a pixel, by its place and its own.
    fn block(&self, [x, y]: [usize; 2], side: usize, alpha: &impl Fn(usize, u8) -> u8) -> [u8; 4] {
        let Extent { width, height } = self.extent;
        let (width, height) = (width as usize, height as usize);
        let pixels = self.rgba.as_chunks::<4>().0;
        if side == 1 {
            let at = y * width + x;
            let [r, g, b, own] = pixels[at];
            return [r, g, b, alpha(at, own)];
        }
        let (right, bottom) = ((x + side).min(width), (y + side).min(height));
        let step = (side / SAMPLES).max(1);
        let (mut sums, mut count) = ([0u64; 4], 0u64);
        for row in (y..bottom).step_by(step) {
            let start = row * width + x;
            let row = &pixels[start..row * width + right];
            for (at, &[r, g, b, own]) in row.iter().enumerate().step_by(step) {
                count += 1;
                let weight = u64::from(alpha(start + at, own));
                sums[0] += u64::from(r) * weight;
                sums[1] += u64::from(g) * weight;
                sums[2] += u64::from(b) * weight;
                sums[3] += weight;
            }
        }
        let [r, g, b, alpha] = sums;
        if alpha == 0 {
            return [0; 4];
        }
        let mean = |sum: u64, over: u64| ((sum + over / 2) / over) as u8;
        [
            mean(r, alpha),
            mean(g, alpha),
            mean(b, alpha),
            mean(alpha, count),
        ]
    }

    /// Single pixels of the picture, with no side above `most`: rough, and made at once.
    pub fn sampled(&self, most: u32) -> Self {
        self.sampled_by(most, |_, alpha| alpha)
    }

    /// The same of the picture as far as a mask of its extent keeps it.
    pub fn kept_sampled(&self, mask: &Mask, most: u32) -> Self {
        let values = mask.values();
        self.sampled_by(most, |at, alpha| kept(alpha, values[at]))
    }

    fn sampled_by(&self, most: u32, alpha: impl Fn(usize, u8) -> u8) -> Self {
        let Extent { width, height } = self.extent;
        let step = width.max(height).div_ceil(most.max(1)).max(1);
        let extent = Extent::new(width.div_ceil(step), height.div_ceil(step));
        let pixels = self.rgba.as_chunks::<4>().0;
        let rgba = (0..height)
            .step_by(step as usize)
            .flat_map(|y| {
                let row = y as usize * width as usize;
                let columns = (0..width as usize).step_by(step as usize);
                columns.map(move |x| row + x)
            })
            .flat_map(|at| {
                let [r, g, b, own] = pixels[at];
                [r, g, b, alpha(at, own)]
            })
            .collect();
        Self {
            extent,
            rgba,
            original: None,
            known: Known::default(),
        }
    }
}

/// The alpha of a pixel where a mask has the given value.
fn kept(alpha: u8, painted: u8) -> u8 {
    alpha.min(u8::MAX - painted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(extent: Extent, color: impl Fn(u32, u32) -> [u8; 4]) -> Pixels {
        let rgba = (0..extent.height)
            .flat_map(|y| (0..extent.width).map(move |x| (x, y)))
            .flat_map(|(x, y)| color(x, y));
        Pixels::from_rgba(extent, rgba.collect()).unwrap()
    }

    #[test]
    fn each_pixel_is_the_mean_of_its_block_also_at_the_ragged_edge() {
        let whole = picture(Extent::new(5, 3), |x, y| [(x * 10 + y) as u8, 0, 0, 255]);
        let size = whole.extent().reduced(1);
        assert_eq!(size, Extent::new(3, 2));
        let half = whole.reduced(1, [0, 0], size);
        let reds: Vec<u8> = half.rgba().iter().step_by(4).copied().collect();
        // (0 + 10 + 1 + 11) / 4 rounds to 6; the corner is a pixel by itself.
        assert_eq!(reds, [6, 26, 41, 7, 27, 42]);
    }

    #[test]
    fn what_is_transparent_has_no_say_in_the_colour() {
        let clear = picture(Extent::new(2, 2), |x, _| {
            [200 * x as u8, 9, 9, 255 * x as u8]
        });
        let one = clear.reduced(1, [0, 0], Extent::new(1, 1));
        assert_eq!(one.rgba(), [200, 9, 9, 128]);
    }

    #[test]
    fn beyond_the_picture_its_edge_goes_on() {
        let whole = picture(Extent::new(2, 2), |x, y| [(x + 2 * y) as u8, 0, 0, 255]);
        let wide = whole.reduced(0, [-1, -1], Extent::new(4, 3));
        let reds: Vec<u8> = wide.rgba().iter().step_by(4).copied().collect();
        assert_eq!(reds, [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn what_a_mask_paints_is_transparent_at_every_size_and_the_rest_as_it_is() {
        let extent = Extent::new(40, 24);
        let whole = picture(extent, |x, y| [x as u8, y as u8, 7, 255 - (x % 5) as u8]);
        let values = (0..extent.area()).map(|at| if at % 40 < 16 { 255 } else { (at % 3) as u8 });
        let mask = Mask::from_values(extent, values.collect()).unwrap();
        let pixels = whole.rgba().as_chunks::<4>().0.iter().zip(mask.values());
        let rgba = pixels.flat_map(|(&[r, g, b, a], &value)| [r, g, b, a.min(255 - value)]);
        let kept = Pixels::from_rgba(extent, rgba.collect()).unwrap();
        for level in 0..4 {
            let (corner, size) = ([1, -1], Extent::new(6, 5));
            let reduced = whole.kept_reduced(&mask, level, corner, size);
            assert_eq!(reduced, kept.reduced(level, corner, size), "level {level}");
        }
        assert_eq!(whole.kept_sampled(&mask, 9), kept.sampled(9));
        let painted = whole.kept_reduced(&mask, 3, [0, 0], Extent::new(2, 3));
        assert!(
            painted
                .rgba()
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 0)
        );
    }

    #[test]
    fn a_sample_has_the_pictures_own_pixels() {
        let whole = picture(Extent::new(7, 4), |x, y| [x as u8, y as u8, 0, 255]);
        let few = whole.sampled(3);
        assert_eq!(few.extent(), Extent::new(3, 2));
        assert_eq!(few.rgba()[4..8], [3, 0, 0, 255]);
        assert_eq!(few.rgba()[12..16], [0, 3, 0, 255]);
    }
}
