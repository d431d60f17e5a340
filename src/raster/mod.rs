//! The only image types: 8-bit pixels and masks of a known extent.

mod area;
mod avif;
mod blend;
mod brush;
mod codec;
mod columns;
mod decode;
mod digest;
mod edits;
mod envelope;
mod feather;
mod fill;
mod finish;
mod flood;
mod formats;
mod known;
mod lanczos;
mod lz4;
mod margins;
mod mask;
mod morphology;
mod original;
mod packed;
mod reduce;
mod resample;
mod resize;
mod shapes;
mod thumbnail;
mod tiles;
mod whole;

use serde::{Deserialize, Serialize};

pub use area::{Area, best_size};
pub use blend::match_colors;
pub use brush::{Segment, Stroke};
pub use codec::{CodecError, PARAMETERS, RECIPE, encode_finished_png, encode_png};
pub use decode::{Decoded, READABLE, decode};
pub use edits::Edit;
pub use fill::fill_smoothly;
pub use finish::{CURVE_ENTRIES, REACH, Touch};
pub use flood::{flood, similar};
pub use formats::{FORMATS, Format, Unfit};
use known::Known;
pub use lanczos::RowScaler;
pub use margins::{MOST_AROUND, MOST_MARGIN, Margins};
pub use mask::{Mask, PAINTED};
pub use original::{
    Beside, FaintOriginal, Finest, Header, Kind, Original, Place, PngStream, Samples, Seen, Values,
    see_png,
};
pub use packed::PackedMask;
pub use resample::{Resampling, Window, resampled};
pub use resize::{Fit, resized, resized_bilinear};
pub use shapes::{Coverage, polygon, rectangle};
pub use thumbnail::fit_within;
pub use tiles::{Changes, Ink, TILE, TileAt, TileValues, TiledMask};
pub use whole::{encode_whole, read_to_the_end};

/// Width and height of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extent {
    pub width: u32,
    pub height: u32,
}

impl Extent {
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// The largest size of this shape with no side above `most`, and none above its own.
    pub fn fitting(self, most: u32) -> Self {
        if self.width.max(self.height) <= most {
            self
        } else {
            self.with_longer_side(most)
        }
    }

    /// The size of this shape whose longer side is so long.
    pub fn with_longer_side(self, length: u32) -> Self {
        let longest = u64::from(self.width.max(self.height).max(1));
        let side = |side: u32| {
            let scaled = (u64::from(side) * u64::from(length) + longest / 2) / longest;
            (scaled as u32).max(1)
        };
        Self::new(side(self.width), side(self.height))
    }

    /// Number of pixels.
    pub const fn area(self) -> usize {
        self.width as usize * self.height as usize
    }
}

impl std::fmt::Display for Extent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A picture: 8-bit sRGB with straight alpha, four bytes a pixel, rows from the top; with the file it
/// came from, if that holds more. What is made of a picture by cutting, extending or painting into it
/// has the same file; what is made of it at another scale, or beside it, has none.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    extent: Extent,
    rgba: Vec<u8>,
    original: Option<Original>,
    known: Known,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({})", self.extent)
    }
}

impl Pixels {
    /// Wraps `rgba`, which must hold four bytes for each pixel of `extent`; `None` if it does not.
    pub fn from_rgba(extent: Extent, rgba: Vec<u8>) -> Option<Self> {
        (rgba.len() == extent.area() * 4).then_some(Self {
            extent,
            rgba,
            original: None,
            known: Known::default(),
        })
    }

    /// Opaque pixels from three bytes each; `None` if `rgb` has another length than `extent` asks.
    pub fn from_rgb(extent: Extent, rgb: &[u8]) -> Option<Self> {
        if rgb.len() != extent.area() * 3 {
            return None;
        }
        let rgba = rgb
            .as_chunks::<3>()
            .0
            .iter()
            .flat_map(|&[r, g, b]| [r, g, b, u8::MAX])
            .collect();
        Self::from_rgba(extent, rgba)
    }

    /// Nothing that can be seen.
    pub fn clear(extent: Extent) -> Self {
        Self {
            extent,
            rgba: vec![0; extent.area() * 4],
            original: None,
            known: Known::default(),
        }
    }

    /// Puts pixels in the place of what was there, the upper left one at `corner`; what lies beyond
    /// the picture is left out.
    pub fn put(&mut self, [x, y]: [u32; 2], pixels: &Self) {
        self.known = Known::default();
        let Extent { width, height } = self.extent;
        let wide = pixels.extent.width.min(width.saturating_sub(x)) as usize * 4;
        let rows = pixels
            .rgba
            .chunks_exact((pixels.extent.width as usize * 4).max(4));
        for (row, y) in rows.zip(y..height) {
            let at = (y as usize * width as usize + x as usize) * 4;
            if wide > 0 {
                self.rgba[at..at + wide].copy_from_slice(&row[..wide]);
            }
        }
    }

    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// Four bytes a pixel, rows from the top.
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Three bytes a pixel; alpha is dropped.
    pub fn rgb(&self) -> Vec<u8> {
        self.rgba
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|&[r, g, b, _]| [r, g, b])
            .collect()
    }

    /// Red, green and blue, one plane after the other, from 0 to 1; alpha is dropped.
    pub fn planes(&self) -> Vec<f32> {
        let rgba = self.rgba.as_chunks::<4>().0;
        (0..3)
            .flat_map(|channel| rgba.iter().map(move |pixel| pixel[channel]))
            .map(|value| f32::from(value) / 255.0)
            .collect()
    }

    /// The reverse of [`Self::planes`], rounded; `None` if there are not three planes of `extent`.
    pub fn from_planes(extent: Extent, planes: &[f32]) -> Option<Self> {
        let area = extent.area();
        if planes.len() != 3 * area {
            return None;
        }
        let rgb: Vec<u8> = (0..area)
            .flat_map(|pixel| [pixel, area + pixel, 2 * area + pixel])
            .map(|at| (planes[at].clamp(0.0, 1.0) * 255.0).round() as u8)
            .collect();
        Self::from_rgb(extent, &rgb)
    }

    /// The file it came from.
    pub const fn original(&self) -> Option<&Original> {
        self.original.as_ref()
    }

    #[must_use]
    pub fn with_original(mut self, original: Option<Original>) -> Self {
        self.known.forget_samples();
        Self { original, ..self }
    }

    /// As another version of the whole of `picture`, from the same file.
    #[must_use]
    pub fn in_place_of(self, picture: &Self) -> Self {
        let original = picture.original.as_ref();
        let original = original.map(|original| {
            if self.extent == picture.extent {
                original.clone()
            } else {
                original.displaced()
            }
        });
        self.with_original(original)
    }

    /// The channels of the samples a PNG of it has, and whether they have 16 bits; told from its file's
    /// header, if it has one.
    pub fn samples(&self) -> (Kind, bool) {
        self.known.samples(|| {
            let alpha = !self.is_opaque();
            let original = self.original.as_ref();
            let of_file = original.and_then(Original::samples);
            of_file.map_or((Kind { color: true, alpha }, false), |(kind, sixteen)| {
                let alpha = alpha || kind.alpha;
                (Kind { alpha, ..kind }, sixteen)
            })
        })
    }

    /// Finds out what [`Self::samples`] and [`Self::is_opaque`] tell, so that whoever must not wait
    /// knows it at once.
    pub fn look_through(&self) {
        self.samples();
    }

    /// Whether nothing can be seen through it; looked at once.
    pub fn is_opaque(&self) -> bool {
        self.known.opaque(|| {
            let mut alphas = self.rgba.iter().skip(3).step_by(4);
            alphas.all(|&alpha| alpha == u8::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_refuse_a_buffer_of_another_size() {
        assert!(Pixels::from_rgba(Extent::new(2, 2), vec![0; 15]).is_none());
        assert!(Pixels::from_rgb(Extent::new(2, 2), &[0; 12]).is_some());
    }

    #[test]
    fn what_is_put_takes_its_place_and_no_more() {
        let mut pixels = Pixels::clear(Extent::new(3, 2));
        let put = Pixels::from_rgb(Extent::new(2, 2), &[7; 12]).unwrap();
        pixels.put([2, 1], &put);
        pixels.put([9, 9], &put);
        let seen: Vec<bool> = pixels.rgba().chunks(4).map(|pixel| pixel[3] > 0).collect();
        assert_eq!(seen, [false, false, false, false, false, true]);
        assert_eq!(Extent::new(300, 90).fitting(100), Extent::new(100, 30));
        assert_eq!(Extent::new(30, 9).fitting(100), Extent::new(30, 9));
    }

    #[test]
    fn rgb_round_trips() {
        let rgb: Vec<u8> = (0..12).collect();
        let pixels = Pixels::from_rgb(Extent::new(2, 2), &rgb).unwrap();
        assert!(pixels.is_opaque());
        assert_eq!(pixels.rgb(), rgb);
    }
}
