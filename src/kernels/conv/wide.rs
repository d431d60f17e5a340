//! Pictures that convolutions add channels to, where they lie.

#![expect(
    unsafe_code,
    reason = "what is about to be written is not zeroed first"
)]

use rayon::prelude::*;

use super::shape::FirstChannels;
use super::{
    Before, Finish, Images, PackedConv, Pixels, Seen, Shared, Stop, Stopped, Work, Written,
};
use crate::kernels::fresh::fresh;

/// Values one task copies, about.
const CHUNK: usize = 1 << 15;

/// Pictures `[batch, height, width, channels]`, of which the first channels are there.
#[derive(Debug)]
pub struct WidePictures {
    values: Vec<f32>,
    size: (usize, usize, usize),
    channels: usize,
    filled: usize,
}

impl WidePictures {
    /// Of `channels`, at least one, the first `filled` are those of `values`, pictures of a size
    /// `(batch, height, width)`.
    pub fn of(
        values: &[f32],
        size: (usize, usize, usize),
        (filled, channels): (usize, usize),
    ) -> Self {
        let pixels = size.0 * size.1 * size.2;
        assert!(0 < filled && filled <= channels);
        assert_eq!(values.len(), pixels * filled);
        // SAFETY: the first channels are written below, the others are read once they are there.
        let mut wide = unsafe { fresh(pixels * channels) };
        wide.par_chunks_exact_mut(channels)
            .zip(values.par_chunks_exact(filled))
            .with_min_len(CHUNK.div_ceil(channels))
            .for_each(|(wide, pixel)| wide[..filled].copy_from_slice(pixel));
        Self {
            values: wide,
            size,
            channels,
            filled,
        }
    }

    /// Channels that are there.
    pub const fn filled(&self) -> usize {
        self.filled
    }

    /// All values; nothing where some are not there yet.
    pub fn whole(self) -> Option<Vec<f32>> {
        (self.filled == self.channels).then_some(self.values)
    }

    /// Whether a convolution sees all channels there are, has room for its own, and keeps the size.
    pub fn takes(&self, conv: &PackedConv) -> bool {
        let (shape, (_, height, width)) = (conv.shape(), self.size);
        shape.inputs == self.filled
            && shape.outputs <= self.channels - self.filled
            && shape.out_size((height, width)) == Some((height, width))
    }

    /// Adds what a convolution makes, which these pictures take; `finish` has no residual.
    pub fn append(
        &mut self,
        conv: &PackedConv,
        finish: Finish<'_>,
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        assert!(self.takes(conv) && finish.residual.is_none());
        let (shape, pitch) = (conv.shape(), self.channels);
        let (batch, height, width) = self.size;
        let shared = Shared::new(&mut self.values);
        let images = Images {
            values: Pixels::First(FirstChannels { of: shared, pitch }),
            batch,
            height,
            width,
            seen: Seen::Once,
            before: Before::Nothing,
        };
        let work = Work {
            shape,
            images: &images,
            size: (height, width),
            written: Written {
                pitch,
                gates: false,
            },
            finish,
            stop,
        };
        // What is written lies behind what is read.
        conv.write(&work, work.target_in(shared.from(shape.inputs)))?;
        self.filled += shape.outputs;
        Ok(())
    }
}
