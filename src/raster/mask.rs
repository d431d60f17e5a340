//! Where a picture is to be repainted.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

use super::{Area, Extent, Pixels};

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
        if sigma <= 0.0 {
            return self.clone();
        }
        let blurred = imageops::blur(&self.image(), sigma).into_raw();
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

    /// Scaled to `extent` by linear interpolation.
    pub fn resized(&self, extent: Extent) -> Self {
        if extent == self.extent {
            return self.clone();
        }
        let Extent { width, height } = extent;
        Self {
            extent,
            values: imageops::resize(&self.image(), width, height, FilterType::Triangle).into_raw(),
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
    fn a_thin_stroke_paints_every_cell_it_touches() {
        let mut values = vec![0; 8 * 4];
        values[3] = 255;
        let cells = mask(8, &values).cells(4);
        assert_eq!(cells.values(), [255, 0]);
        assert_eq!(cells.spread(4).cells(4), cells);
    }
}
