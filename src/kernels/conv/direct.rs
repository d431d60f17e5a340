//! Convolution of any kind as a product of the pixels under the kernel, read where they lie.

#![expect(unsafe_code, reason = "tasks write disjoint rows of one output")]

use rayon::prelude::*;

use super::Work;
use super::shape::{ConvShape, Images, Picture, Pixels};
use crate::kernels::Stopped;
use crate::kernels::finish::Target;
use crate::kernels::level::Level;
use crate::kernels::panels::Panels;
use crate::kernels::product::{Pieces, Product, Rows};

/// Pixels whose inputs one task reads while it goes through the weights.
const PIXELS: usize = 144;
/// Tasks that keep all cores busy to the end.
const TASKS: usize = 32;

/// The weights `[outputs, inputs, kernel_height, kernel_width]` as the product reads them.
pub(super) fn pack(level: Level, shape: &ConvShape, weight: &[f32]) -> Panels {
    let (taps, inputs) = (shape.taps(), shape.inputs);
    Panels::pack(level, (shape.outputs, taps * inputs), |output, inner| {
        weight[(output * inputs + inner % inputs) * taps + inner / inputs]
    })
}

pub(super) fn conv(weights: &Panels, work: &Work<'_>, target: Target<'_>) -> Result<(), Stopped> {
    let Work {
        shape,
        images,
        size: (height, width),
        stop,
        ..
    } = *work;
    // Rows are read where they lie, so that what comes before has to be done with first.
    let sizes = (images.batch, shape.inputs);
    let values = match images.values {
        Pixels::Whole(values) => Some(images.before.apply(weights.level, sizes, values)),
        // Made with nothing before.
        Pixels::First(_) => None,
    };
    let images = Images {
        values: values.as_deref().map_or(images.values, Pixels::Whole),
        ..*images
    };
    let pixels = height * width;
    let zeros = vec![0.0; shape.inputs];
    let product = Product {
        weights,
        pieces: Pieces {
            count: shape.taps(),
            len: shape.inputs,
        },
        target,
        adds: false,
    };
    let blocks = pixels.div_ceil(PIXELS);
    // Few pixels and many channels: the weights are what has to be divided.
    let shares = (TASKS / (images.batch * blocks)).clamp(1, weights.count());
    let panels = weights.count().div_ceil(shares);
    let tasks: Vec<_> = (0..images.batch)
        .flat_map(|image| (0..blocks).map(move |block| (image, block)))
        .flat_map(|(image, block)| (0..shares).map(move |share| (image, block, share)))
        .collect();
    tasks.par_iter().try_for_each_init(
        Vec::new,
        |starts: &mut Vec<*const f32>, &(image, block, share)| {
            if stop() {
                return Err(Stopped);
            }
            let picture = Picture::of(&images, image, shape.inputs);
            let first = block * PIXELS;
            starts.clear();
            for pixel in first..pixels.min(first + PIXELS) {
                let (y, x) = (pixel / width * shape.stride, pixel % width * shape.stride);
                for ky in 0..shape.kernel.0 {
                    for kx in 0..shape.kernel.1 {
                        let (y, x) = (y + ky * shape.dilation, x + kx * shape.dilation);
                        let pixel = picture.at(y, x, shape.padding);
                        starts.push(pixel.unwrap_or(&zeros).as_ptr());
                    }
                }
            }
            let rows = Rows {
                starts,
                first: image * pixels + first,
            };
            let panels = share * panels..weights.count().min((share + 1) * panels);
            // SAFETY: every start is that of a pixel's channels, `inputs` values; each task is run
            // once and owns its pixels in its panels.
            unsafe { product.run(&rows, panels) };
            Ok(())
        },
    )
}
