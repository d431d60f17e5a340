//! Sizes of a convolution, and the pictures it sees.

#![expect(
    unsafe_code,
    reason = "channels are read while others of the same pixels are written"
)]

use crate::kernels::before::Before;
use crate::kernels::shared::Shared;

/// Zeros around the input, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
}

impl Padding {
    pub const fn same(pixels: usize) -> Self {
        Self {
            top: pixels,
            left: pixels,
            bottom: pixels,
            right: pixels,
        }
    }
}

/// How a convolution moves over its input: weight `[outputs, inputs, kernel_height, kernel_width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    pub inputs: usize,
    pub outputs: usize,
    pub kernel: (usize, usize),
    pub stride: usize,
    /// Pixels from one value of the kernel to the next; 1 for most.
    pub dilation: usize,
    pub padding: Padding,
}

impl ConvShape {
    /// Height and width of the output for those of the input; `None` where the kernel does not fit
    /// the padded input.
    pub fn out_size(&self, (height, width): (usize, usize)) -> Option<(usize, usize)> {
        let side = |input: usize, around: usize, kernel: usize| {
            let reach = (kernel.checked_sub(1)?) * self.dilation + 1;
            Some((input + around).checked_sub(reach)? / self.stride + 1)
        };
        let Padding {
            top,
            left,
            bottom,
            right,
        } = self.padding;
        Some((
            side(height, top + bottom, self.kernel.0)?,
            side(width, left + right, self.kernel.1)?,
        ))
    }

    pub(in crate::kernels) const fn taps(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }
}

/// How a convolution sees pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// As they lie.
    #[default]
    Once,
    /// Each so many times across and down.
    Repeated(usize),
    /// Each so many places from the next, zeros between them.
    Spread(usize),
}

/// Where the values of pictures lie.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// All channels of a pixel side by side, then those of the next.
    Whole(&'a [f32]),
    /// The first channels of wider pixels, the others of which are written meanwhile.
    First(FirstChannels<'a>),
}

/// See [`Pixels::First`]; made by [`super::WidePictures`] alone.
#[derive(Clone, Copy, Debug)]
pub struct FirstChannels<'a> {
    pub(super) of: Shared<'a>,
    /// Values from pixel to pixel.
    pub(super) pitch: usize,
}

impl<'a> From<&'a [f32]> for Pixels<'a> {
    fn from(values: &'a [f32]) -> Self {
        Self::Whole(values)
    }
}

impl Pixels<'_> {
    /// Whether there are so many pixels of so many channels.
    pub(in crate::kernels) fn fit(&self, pixels: usize, channels: usize) -> bool {
        match self {
            Self::Whole(values) => values.len() == pixels * channels,
            Self::First(first) => first.of.len() == pixels * first.pitch && channels <= first.pitch,
        }
    }
}

/// Pictures in channels-last order: `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    pub values: Pixels<'a>,
    pub batch: usize,
    pub height: usize,
    pub width: usize,
    pub seen: Seen,
    /// What becomes of a pixel's channels first; zeros around the picture stay zeros.
    pub before: Before<'a>,
}

impl Images<'_> {
    /// Height and width, as they are seen.
    pub fn seen(&self) -> (usize, usize) {
        let side = |pixels: usize| match self.seen {
            Seen::Once => pixels,
            Seen::Repeated(times) => pixels * times,
            Seen::Spread(places) => pixels.saturating_sub(1) * places + pixels.min(1),
        };
        (side(self.height), side(self.width))
    }
}

/// One picture with zeros around it.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Picture<'a> {
    values: Pixels<'a>,
    /// The first pixel, among those of all pictures.
    first: usize,
    size: (usize, usize),
    channels: usize,
    seen: Seen,
}

impl<'a> Picture<'a> {
    /// Picture `index` of some.
    pub(in crate::kernels) fn of(images: &Images<'a>, index: usize, channels: usize) -> Self {
        Self {
            values: images.values,
            first: index * images.height * images.width,
            size: (images.height, images.width),
            channels,
            seen: images.seen,
        }
    }

    /// The channels of the pixel at a place of the padded picture, whose first pixel lies at
    /// `padding`; nothing around it.
    #[inline(always)]
    pub(in crate::kernels) fn at(&self, y: usize, x: usize, padding: Padding) -> Option<&'a [f32]> {
        // Above and left of the picture this is a large number.
        let (y, x) = (y.wrapping_sub(padding.top), x.wrapping_sub(padding.left));
        let (y, x) = match self.seen {
            Seen::Once => (y, x),
            Seen::Repeated(times) => (y / times, x / times),
            Seen::Spread(places) if y % places != 0 || x % places != 0 => return None,
            Seen::Spread(places) => (y / places, x / places),
        };
        if y >= self.size.0 || x >= self.size.1 {
            return None;
        }
        let pixel = self.first + y * self.size.1 + x;
        Some(match &self.values {
            Pixels::Whole(values) => &values[pixel * self.channels..][..self.channels],
            // SAFETY: these channels are read alone, by the promise of who made it.
            Pixels::First(first) => unsafe { first.of.read(pixel * first.pitch, self.channels) },
        })
    }
}
