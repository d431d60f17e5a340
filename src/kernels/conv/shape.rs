//! Sizes of a convolution.

use crate::kernels::before::Before;

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

/// Pictures in channels-last order: `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    pub values: &'a [f32],
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
    values: &'a [f32],
    size: (usize, usize),
    channels: usize,
    seen: Seen,
}

impl<'a> Picture<'a> {
    /// Picture `index` of some.
    pub(in crate::kernels) fn of(images: &Images<'a>, index: usize, channels: usize) -> Self {
        let len = images.height * images.width * channels;
        Self {
            values: &images.values[index * len..][..len],
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
        (y < self.size.0 && x < self.size.1)
            .then(|| &self.values[(y * self.size.1 + x) * self.channels..][..self.channels])
    }
}
