//! Where a picture is to be repainted.

use image::imageops;
use image::{GrayImage, Luma};

use super::{Area, Extent, Known, Pixels};

/// One byte a pixel, rows from the top: 255 repaints, 0 keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Mask {
    pub(super) extent: Extent,
    pub(super) values: Vec<u8>,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mask({})", self.extent)
    }
}

/// From here on a pixel counts as painted where there is only yes or no.
pub const PAINTED: u8 = 128;

impl Mask {
    /// Wraps `values`, one for each pixel of `extent`; `None` if there are more or fewer.
    pub fn from_values(extent: Extent, values: Vec<u8>) -> Option<Self> {
        (values.len() == extent.area()).then_some(Self { extent, values })
    }

    /// Reads a mask picture: white repaints, as in A1111, ComfyUI and diffusers; of one with
    /// transparency the transparent parts, as ComfyUI's `LoadImage` does.
    pub fn from_pixels(pixels: &Pixels) -> Self {
        let opaque = pixels.is_opaque();
        let value = |&[r, g, b, a]: &[u8; 4]| {
            if opaque {
                // Luma of ITU-R BT.601 in 16 bits, rounded: what PIL's `convert("L")` gives.
                let sum = 19595 * u32::from(r) + 38470 * u32::from(g) + 7471 * u32::from(b);
                ((sum + 0x8000) >> 16) as u8
            } else {
                u8::MAX - a
            }
        };
        Self {
            extent: pixels.extent(),
            values: pixels.rgba().as_chunks::<4>().0.iter().map(value).collect(),
        }
    }

    /// A picture of the mask: white repaints.
    pub fn to_pixels(&self) -> Pixels {
        Pixels {
            extent: self.extent,
            rgba: self
                .values
                .iter()
                .flat_map(|&v| [v, v, v, u8::MAX])
                .collect(),
            original: None,
            known: Known::default(),
        }
    }

    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// One byte a pixel, rows from the top.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// Repaints what was kept, and keeps what was repainted.
    pub fn inverted(&self) -> Self {
        self.map(|value| u8::MAX - value)
    }

    /// Painted or not, nothing between.
    pub fn binarized(&self) -> Self {
        self.map(|value| if value >= PAINTED { u8::MAX } else { 0 })
    }

    fn map(&self, change: impl Fn(u8) -> u8) -> Self {
        Self {
            extent: self.extent,
            values: self.values.iter().map(|&value| change(value)).collect(),
        }
    }

    /// The smallest rectangle around everything that is not wholly kept; `None` if nothing is.
    pub fn bounds(&self) -> Option<Area> {
        let width = self.extent.width as usize;
        let rows = || self.values.chunks_exact(width.max(1));
        let used = |row: &[u8]| row.iter().any(|&value| value > 0);
        let top = rows().position(used)?;
        let bottom = rows().rposition(used)?;
        let left = rows()
            .filter_map(|row| row.iter().position(|&value| value > 0))
            .min()?;
        let right = rows()
            .filter_map(|row| row.iter().rposition(|&value| value > 0))
            .max()?;
        Some(Area {
            x: left as u32,
            y: top as u32,
            extent: Extent::new((right - left + 1) as u32, (bottom - top + 1) as u32),
        })
    }

    /// With an outer edge that fades over about twice `sigma` pixels; what was painted stays as
    /// much so.
    pub fn softened(&self, sigma: f32) -> Self {
        if !(sigma.is_normal() && sigma > 0.0) {
            return self.clone();
        }
        // Boxes in a row, as PIL has it: the time does not grow with sigma.
        let blurred = imageops::fast_blur(&self.image(), sigma).into_raw();
        let values = self
            .values
            .iter()
            .zip(blurred)
            .map(|(&sharp, soft)| sharp.max(soft));
        Self {
            extent: self.extent,
            values: values.collect(),
        }
    }

    /// At another size, painted or not: painted wherever a painted pixel reaches, so that no stroke
    /// is too thin to be seen.
    pub fn touched(&self, extent: Extent) -> Self {
        // The pixels along one axis that lie, at least in part, under pixel `at` of the new one.
        let under = |at: u32, new: u32, old: u32| {
            let (at, new, old) = (u64::from(at), u64::from(new), u64::from(old));
            (at * old / new) as usize..((at + 1) * old).div_ceil(new) as usize
        };
        let width = self.extent.width as usize;
        let mut values = Vec::with_capacity(extent.area());
        for y in 0..extent.height {
            let rows = under(y, extent.height, self.extent.height);
            let columns: Vec<bool> = (0..width)
                .map(|x| rows.clone().any(|y| self.values[y * width + x] >= PAINTED))
                .collect();
            values.extend((0..extent.width).map(|x| {
                let touched = columns[under(x, extent.width, self.extent.width)].contains(&true);
                if touched { u8::MAX } else { 0 }
            }));
        }
        Self { extent, values }
    }

    /// Painted within `reach` rows and columns of anything that is not wholly kept.
    pub fn grown(&self, reach: usize) -> Self {
        let (width, height) = (self.extent.width as usize, self.extent.height as usize);
        let used: Vec<bool> = self.values.iter().map(|&value| value > 0).collect();
        let wide = spread(&used, (width, 1), (height, width), reach);
        let grown = spread(&wide, (height, width), (width, 1), reach);
        Self {
            extent: self.extent,
            values: grown
                .into_iter()
                .map(|used| if used { u8::MAX } else { 0 })
                .collect(),
        }
    }

    /// One value for each square of `side` pixels: painted as soon as one pixel of it is. The
    /// extent must be a multiple of `side`.
    pub fn cells(&self, side: u32) -> Self {
        let extent = Extent::new(self.extent.width / side, self.extent.height / side);
        let mut values = vec![0; extent.area()];
        for (y, row) in self
            .values
            .chunks_exact(self.extent.width as usize)
            .enumerate()
        {
            let from = y / side as usize * extent.width as usize;
            for (x, &value) in row.iter().enumerate() {
                if value >= PAINTED {
                    values[from + x / side as usize] = u8::MAX;
                }
            }
        }
        Self { extent, values }
    }

    /// Each value spread over a square of `side` pixels: undoes [`Self::cells`].
    pub fn spread(&self, side: u32) -> Self {
        let extent = Extent::new(self.extent.width * side, self.extent.height * side);
        let at = |x: u32, y: u32| self.values[((y / side) * self.extent.width + x / side) as usize];
        let rows = (0..extent.height).flat_map(|y| (0..extent.width).map(move |x| (x, y)));
        Self {
            extent,
            values: rows.map(|(x, y)| at(x, y)).collect(),
        }
    }

    fn image(&self) -> GrayImage {
        let Extent { width, height } = self.extent;
        GrayImage::from_fn(width, height, |x, y| {
            Luma([self.values[y as usize * width as usize + x as usize]])
        })
    }
}

/// Marks what is within `reach` of a mark along one axis; `(length, step)` of that axis and of the
/// other.
fn spread(
    marks: &[bool],
    (length, step): (usize, usize),
    (others, other_step): (usize, usize),
    reach: usize,
) -> Vec<bool> {
    let mut out = vec![false; marks.len()];
    for other in 0..others {
        let place = |at: usize| other * other_step + at * step;
        // How far the last mark is behind, from both ends.
        for backward in [false, true] {
            let mut behind = usize::MAX;
            for at in 0..length {
                let place = place(if backward { length - 1 - at } else { at });
                behind = if marks[place] {
                    0
                } else {
                    behind.saturating_add(1)
                };
                out[place] |= behind <= reach;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(width: u32, values: &[u8]) -> Mask {
        let extent = Extent::new(width, values.len() as u32 / width);
        Mask::from_values(extent, values.to_vec()).unwrap()
    }

    #[test]
    fn white_repaints_and_of_transparent_pictures_the_transparent_parts() {
        let read = |rgba: &[u8]| {
            let extent = Extent::new(rgba.len() as u32 / 4, 1);
            Mask::from_pixels(&Pixels::from_rgba(extent, rgba.to_vec()).unwrap())
        };
        assert_eq!(read(&[255, 255, 255, 255, 0, 0, 0, 255]).values(), [255, 0]);
        assert_eq!(
            read(&[200, 10, 10, 0, 255, 255, 255, 255]).values(),
            [255, 0]
        );
    }

    #[test]
    fn bounds_hold_every_touched_pixel() {
        let mut values = vec![0; 30];
        (values[7], values[15]) = (1, 255);
        let found = mask(6, &values).bounds().unwrap();
        assert_eq!((found.x, found.y, found.extent), (1, 1, Extent::new(3, 2)));
        assert_eq!(mask(6, &[0; 30]).bounds(), None);
    }

    #[test]
    fn softening_adds_a_fading_edge_and_takes_nothing_away() {
        let mut values = vec![0; 15 * 15];
        values[7 * 15 + 7] = 255;
        let soft = mask(15, &values).softened(2.0);
        assert_eq!(soft.values()[7 * 15 + 7], 255);
        assert!(soft.values()[7 * 15 + 8] > soft.values()[7 * 15 + 10]);
        assert_eq!(soft.values()[0], 0);
    }

    #[test]
    fn a_thin_stroke_is_seen_at_every_size() {
        let mut values = vec![0; 60 * 40];
        values[60 * 17..60 * 18].fill(255);
        let line = mask(60, &values);
        for (width, height) in [(3, 2), (60, 40), (7, 5), (90, 71), (1, 1)] {
            let scaled = line.touched(Extent::new(width, height));
            let painted = scaled.values().iter().filter(|&&value| value > 0).count();
            assert!(painted >= width as usize, "{width}x{height}: {painted}");
            assert!(painted <= 3 * width as usize, "{width}x{height}: {painted}");
        }
    }

    #[test]
    fn growing_reaches_as_far_as_asked_and_never_around_an_edge() {
        let mut values = vec![0; 9 * 7];
        values[3 * 9 + 8] = 1;
        let grown = mask(9, &values).grown(2);
        let painted: Vec<_> = (0..63).filter(|&at| grown.values()[at] > 0).collect();
        let expected: Vec<_> = (1..6)
            .flat_map(|y| (6..9).map(move |x| y * 9 + x))
            .collect();
        assert_eq!(painted, expected);
    }

    #[test]
    fn a_sigma_that_is_none_leaves_the_mask_as_it_is() {
        let drawn = mask(3, &[0, 255, 0]);
        for sigma in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-40] {
            assert_eq!(drawn.softened(sigma), drawn);
        }
    }

    #[test]
    fn a_thin_stroke_paints_every_cell_it_touches() {
        let mut values = vec![0; 8 * 4];
        values[3] = 255;
        let cells = mask(8, &values).cells(4);
        assert_eq!(cells.values(), [255, 0]);
        assert_eq!(cells.spread(4).cells(4), cells);
    }
}
