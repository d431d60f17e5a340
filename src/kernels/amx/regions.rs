//! How a picture's output is divided, and how the rows of a part are read.

use std::ops::Range;

use super::product::NOWHERE;
use super::tiles::SIDE;
use crate::kernels::conv::ConvShape;

/// Output pixels of a part: enough that reading all weights for them is no burden.
pub(super) const PIXELS: usize = 768;
/// Output pixels across a part, at most.
const ACROSS: usize = 64;

/// A rectangle of the output, of one or more pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) images: Range<usize>,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

/// Divides `batch` outputs of `height` times `width` pixels into parts of at most about so many.
pub(super) fn divide(batch: usize, (height, width): (usize, usize), pixels: usize) -> Vec<Region> {
    let across = width.div_ceil(ACROSS).max(1);
    let wide = width
        .div_ceil(across)
        .next_multiple_of(SIDE)
        .min(width)
        .max(1);
    let high = even(height, (pixels / wide).max(1));
    let together = if high >= height {
        even(batch, (pixels / (wide * height).max(1)).max(1))
    } else {
        1
    };
    let mut regions = Vec::new();
    for image in (0..batch).step_by(together) {
        for top in (0..height).step_by(high) {
            for left in (0..width).step_by(wide) {
                regions.push(Region {
                    images: image..batch.min(image + together),
                    rows: top..height.min(top + high),
                    columns: left..width.min(left + wide),
                });
            }
        }
    }
    regions
}

/// Parts of about one size, of at most `most`.
fn even(all: usize, most: usize) -> usize {
    all.div_ceil(all.div_ceil(most).max(1)).max(1)
}

/// How the input of a region lies in memory: pixel after pixel, line after line, picture after
/// picture, with all the zeros around it.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// Input pixels of a line.
    pub(super) width: usize,
    /// Lines of a picture.
    pub(super) height: usize,
    /// Values of a pixel, in splits.
    pub(super) pitch: usize,
}

impl Lines {
    pub(super) fn of(shape: &ConvShape, region: &Region, depth: usize) -> Self {
        let reach = |outputs: usize, kernel: usize| {
            (outputs - 1) * shape.stride + (kernel - 1) * shape.dilation + 1
        };
        // Rows a multiple of 4096 bytes apart would be in each other's way in the caches.
        let even = (depth * shape.stride).is_multiple_of(32);
        Self {
            width: reach(region.columns.len(), shape.kernel.1),
            height: reach(region.rows.len(), shape.kernel.0),
            pitch: depth + usize::from(even),
        }
    }

    /// Splits of so many pictures, and of what the last group reads beyond them.
    pub(super) const fn len(&self, images: usize, stride: usize) -> usize {
        (images * self.height * self.width + SIDE * stride) * self.pitch
    }

    pub(super) fn taps(&self, shape: &ConvShape) -> Vec<usize> {
        let (down, across) = shape.kernel;
        let taps = (0..down).flat_map(|y| (0..across).map(move |x| (y, x)));
        taps.map(|(y, x)| (y * self.width + x) * shape.dilation * self.pitch)
            .collect()
    }

    /// Starts of the groups of a region, and the output rows they belong to.
    pub(super) fn groups(
        &self,
        shape: &ConvShape,
        region: &Region,
        (height, width): (usize, usize),
    ) -> (Vec<usize>, Vec<u32>) {
        let (rows, columns) = (region.rows.len(), region.columns.len());
        // A group may run on into the next line where that wastes less than to begin anew.
        let runs_on = shape.stride == 1 && self.width < columns.next_multiple_of(SIDE);
        let line = self.width * shape.stride;
        let (mut groups, mut places) = (Vec::new(), Vec::new());
        for (index, image) in region.images.clone().enumerate() {
            let first = index * self.height * self.width;
            let mut push = |from: usize, y: usize, x: usize| {
                groups.push((first + from) * self.pitch);
                places.extend((x..x + SIDE).map(|x| {
                    let (y, x) = if runs_on {
                        (y + x / self.width, x % self.width)
                    } else {
                        (y, x)
                    };
                    if y >= rows || x >= columns {
                        return NOWHERE;
                    }
                    let (y, x) = (region.rows.start + y, region.columns.start + x);
                    ((image * height + y) * width + x) as u32
                }));
            };
            if runs_on {
                let last = (rows - 1) * self.width + columns;
                for at in (0..last).step_by(SIDE) {
                    push(at, at / self.width, at % self.width);
                }
            } else {
                for y in 0..rows {
                    for x in (0..columns).step_by(SIDE) {
                        push(y * line + x * shape.stride, y, x);
                    }
                }
            }
        }
        (groups, places)
    }
}
