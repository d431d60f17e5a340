//! Samples at the depth a file has them.

use image::DynamicImage;

use crate::raster::Extent;

/// The channels of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Red, green and blue; else one gray.
    pub color: bool,
    pub alpha: bool,
}

impl Kind {
    pub const fn channels(self) -> usize {
        (if self.color { 3 } else { 1 }) + self.alpha as usize
    }

    /// Red, green and blue of a pixel of a row, and its alpha.
    pub(super) fn pixel(self, row: &[u16], x: usize) -> ([u16; 3], Option<u16>) {
        let samples = &row[x * self.channels()..];
        let color = if self.color {
            [samples[0], samples[1], samples[2]]
        } else {
            [samples[0]; 3]
        };
        (color, self.alpha.then(|| samples[self.channels() - 1]))
    }
}

/// Samples of 8 or 16 bits, pixel by pixel, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
}

/// All samples of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    pub extent: Extent,
    pub kind: Kind,
    pub values: Values,
}

/// A sample of either depth.
pub(super) trait Sample: Copy + Send + Sync {
    const MOST: Self;

    fn code(self) -> u16;

    /// Rounded to 8 bits.
    fn eight(self) -> u8;
}

impl Sample for u8 {
    const MOST: Self = Self::MAX;

    fn code(self) -> u16 {
        self.into()
    }

    fn eight(self) -> u8 {
        self
    }
}

impl Sample for u16 {
    const MOST: Self = Self::MAX;

    fn code(self) -> u16 {
        self
    }

    fn eight(self) -> u8 {
        ((u32::from(self) + 128) / 257) as u8
    }
}

impl Samples {
    /// As an image has them; floats become 16 bits.
    pub(super) fn of(image: DynamicImage) -> Self {
        let extent = Extent::new(image.width(), image.height());
        let kind = Kind {
            color: image.color().has_color(),
            alpha: image.color().has_alpha(),
        };
        let values = match image {
            DynamicImage::ImageLuma8(image) => Values::Eight(image.into_raw()),
            DynamicImage::ImageLumaA8(image) => Values::Eight(image.into_raw()),
            DynamicImage::ImageRgb8(image) => Values::Eight(image.into_raw()),
            DynamicImage::ImageRgba8(image) => Values::Eight(image.into_raw()),
            DynamicImage::ImageLuma16(image) => Values::Sixteen(image.into_raw()),
            DynamicImage::ImageLumaA16(image) => Values::Sixteen(image.into_raw()),
            DynamicImage::ImageRgb16(image) => Values::Sixteen(image.into_raw()),
            other => Values::Sixteen(match (kind.color, kind.alpha) {
                (false, false) => other.into_luma16().into_raw(),
                (false, true) => other.into_luma_alpha16().into_raw(),
                (true, false) => other.into_rgb16().into_raw(),
                (true, true) => other.into_rgba16().into_raw(),
            }),
        };
        Self {
            extent,
            kind,
            values,
        }
    }

    pub const fn is_sixteen(&self) -> bool {
        matches!(self.values, Values::Sixteen(_))
    }

    /// The largest value of a sample.
    pub const fn most(&self) -> u16 {
        if self.is_sixteen() {
            u16::MAX
        } else {
            u8::MAX as u16
        }
    }

    /// The channels of a pixel, from 0 to 1; what it has not is 0.
    pub fn pixel(&self, x: usize, y: usize) -> [f32; 4] {
        let channels = self.kind.channels();
        let first = (y * self.extent.width as usize + x) * channels;
        let mut pixel = [0.0; 4];
        match &self.values {
            Values::Eight(values) => {
                for (value, code) in pixel.iter_mut().zip(&values[first..first + channels]) {
                    *value = f32::from(*code) / f32::from(u8::MAX);
                }
            }
            Values::Sixteen(values) => {
                for (value, code) in pixel.iter_mut().zip(&values[first..first + channels]) {
                    *value = f32::from(*code) / f32::from(u16::MAX);
                }
            }
        }
        pixel
    }

    /// Whether nothing can be seen through it.
    pub fn are_opaque(&self) -> bool {
        let channels = self.kind.channels();
        let alphas = channels - 1;
        !self.kind.alpha
            || match &self.values {
                Values::Eight(values) => {
                    let mut alphas = values.iter().skip(alphas).step_by(channels);
                    alphas.all(|&alpha| alpha == u8::MAX)
                }
                Values::Sixteen(values) => {
                    let mut alphas = values.iter().skip(alphas).step_by(channels);
                    alphas.all(|&alpha| alpha == u16::MAX)
                }
            }
    }

    /// Leaves alpha out.
    pub(super) fn drop_alpha(&mut self) {
        let channels = self.kind.channels();
        match &mut self.values {
            Values::Eight(values) => drop_last(values, channels),
            Values::Sixteen(values) => drop_last(values, channels),
        }
        self.kind.alpha = false;
    }

    /// A sample, rounded to 8 bits.
    pub(super) fn eight(&self, code: u16) -> u8 {
        if self.is_sixteen() {
            code.eight()
        } else {
            code as u8
        }
    }

    /// Whether a plain 8-bit PNG of the picture would have the same samples: an alpha that hides
    /// nothing would be left out.
    pub(super) fn are_plain(&self) -> bool {
        match &self.values {
            Values::Eight(values) if self.kind.alpha => {
                self.kind.color
                    && values
                        .iter()
                        .skip(3)
                        .step_by(4)
                        .any(|&alpha| alpha < u8::MAX)
            }
            Values::Eight(_) => self.kind.color,
            Values::Sixteen(_) => false,
        }
    }

    /// Gray samples become colours, each of them three times.
    pub(super) fn take_colors(&mut self) {
        match &mut self.values {
            Values::Eight(values) => *values = colored(values, self.kind.alpha),
            Values::Sixteen(values) => *values = colored(values, self.kind.alpha),
        }
        self.kind.color = true;
    }

    /// Samples of a row.
    pub(super) fn row<'a, T>(&self, values: &'a [T], y: u32) -> &'a [T] {
        let width = self.extent.width as usize * self.kind.channels();
        &values[y as usize * width..(y as usize + 1) * width]
    }

    /// The samples of a row, whatever their depth.
    pub(super) fn codes(&self, y: u32) -> Vec<u16> {
        match &self.values {
            Values::Eight(values) => self.row(values, y).iter().map(|v| v.code()).collect(),
            Values::Sixteen(values) => self.row(values, y).to_vec(),
        }
    }
}

/// Drops the last of so many channels, in place.
fn drop_last<T: Sample>(values: &mut Vec<T>, channels: usize) {
    let mut at = 0;
    values.retain(|_| {
        at += 1;
        at % channels != 0
    });
    values.shrink_to_fit();
}

fn colored<T: Sample>(grays: &[T], alpha: bool) -> Vec<T> {
    if alpha {
        let grays = grays.as_chunks().0.iter();
        grays.flat_map(|&[v, alpha]| [v, v, v, alpha]).collect()
    } else {
        grays.iter().flat_map(|&v| [v; 3]).collect()
    }
}

/// Samples as red, green, blue and alpha.
pub(super) fn spread<T: Sample>(kind: Kind, samples: &[T]) -> Vec<T> {
    let mut rgba = Vec::with_capacity(samples.len() / kind.channels() * 4);
    match (kind.color, kind.alpha) {
        (true, true) => rgba.extend_from_slice(samples),
        (true, false) => {
            for &[r, g, b] in samples.as_chunks().0 {
                rgba.extend([r, g, b, T::MOST]);
            }
        }
        (false, true) => {
            for &[v, alpha] in samples.as_chunks().0 {
                rgba.extend([v, v, v, alpha]);
            }
        }
        (false, false) => {
            for &v in samples {
                rgba.extend([v, v, v, T::MOST]);
            }
        }
    }
    rgba
}
