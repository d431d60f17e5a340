//! Tiles of pictures, transformed there and back.

#![expect(unsafe_code, reason = "tasks write disjoint parts of one output")]

use pulp::{Simd, WithSimd};

use super::lines::{made, seen};
use super::{Job, PLACES, REACH, Range, SIDE, Tiles, apart};
use crate::kernels::before::{Before, positive};
use crate::kernels::conv::shape::Picture;
use crate::kernels::level::{load, store};
use crate::kernels::shared::Shared;

pub(super) struct InputTransform<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) tiles: &'a Range,
    pub(super) which: Range,
    pub(super) inputs: Shared<'a>,
}

impl WithSimd for InputTransform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            job,
            tiles,
            which,
            inputs,
        } = self;
        let len = job.work.shape.inputs;
        let place = apart(tiles.len(), len);
        for tile in which {
            let (image, top, left) = job.tiles.place(tiles.start + tile);
            let picture = Picture::of(job.work.images, image, len);
            let before = job.work.images.before.of(image, len);
            let pixels: [Option<&[f32]>; PLACES] = std::array::from_fn(|place| {
                let (y, x) = (top + place / REACH, left + place % REACH);
                picture.at(y, x, job.work.shape.padding)
            });
            let mut channel = 0;
            while channel < len {
                let lanes = S::F32_LANES.min(len - channel);
                let columns: [_; REACH] = std::array::from_fn(|x| {
                    let column = std::array::from_fn(|y| {
                        let Some(pixel) = pixels[y * REACH + x] else {
                            return simd.splat_f32s(0.0);
                        };
                        let values = load(simd, &pixel[channel..channel + lanes]);
                        match &before {
                            Before::Channels(affine) => affine.apply(simd, channel, values),
                            Before::Positive => positive(simd, values),
                            // Rows are those of linear layers, which are computed directly.
                            Before::Nothing | Before::Rows(_) => values,
                        }
                    });
                    seen(simd, column)
                });
                (0..REACH).for_each(|y| {
                    let row = seen(simd, std::array::from_fn(|x| columns[x][y]));
                    for (x, value) in row.into_iter().enumerate() {
                        let at = (y * REACH + x) * place + tile * len + channel;
                        // SAFETY: each tile's inputs are written by one task.
                        let to = unsafe { inputs.part(at, lanes) };
                        store(simd, to, value);
                    }
                });
                channel += lanes;
            }
        }
    }
}

pub(super) struct OutputTransform<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) tiles: &'a Range,
    pub(super) which: Range,
    pub(super) outputs: Shared<'a>,
}

impl WithSimd for OutputTransform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            job,
            tiles,
            which,
            outputs,
        } = self;
        let len = job.work.shape.outputs;
        let place = apart(tiles.len(), job.columns);
        let Tiles { height, width, .. } = job.tiles;
        for tile in which {
            let (image, top, left) = job.tiles.place(tiles.start + tile);
            let mut channel = 0;
            while channel < len {
                let columns: [_; REACH] = std::array::from_fn(|x| {
                    let column = std::array::from_fn(|y| {
                        let at = (y * REACH + x) * place + tile * job.columns + channel;
                        // SAFETY: nobody writes outputs at this stage.
                        load(simd, unsafe { outputs.part(at, S::F32_LANES) })
                    });
                    made(simd, column)
                });
                (0..SIDE.min(height - top)).for_each(|y| {
                    let row = made(simd, std::array::from_fn(|x| columns[x][y]));
                    for (x, value) in row.into_iter().enumerate().take(width - left) {
                        let pixel = (image * height + top + y) * width + left + x;
                        // SAFETY: each tile's pixels are written by one task.
                        unsafe { job.target.write(simd, (pixel, channel), &[value]) };
                    }
                });
                channel += S::F32_LANES;
            }
        }
    }
}
