//! Two-dimensional convolution as a matrix product over unfolded tiles of the input.

#![expect(unsafe_code, reason = "tiles write disjoint columns of one output")]

use rayon::prelude::*;

use super::gemm::{SharedOut, Sizes, Threads, View, product_shared};
use super::{Stop, Stopped};

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

/// Sizes of a convolution: input `[batch, inputs, height, width]`, weight
/// `[outputs, inputs, kernel_height, kernel_width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
    pub kernel: (usize, usize),
    pub stride: usize,
    pub padding: Padding,
}

impl ConvShape {
    /// Height and width of the output; `None` where the kernel does not fit the padded input.
    pub fn out_size(&self) -> Option<(usize, usize)> {
        let side = |input: usize, before: usize, after: usize, kernel: usize| {
            Some((input + before + after).checked_sub(kernel)? / self.stride + 1)
        };
        Some((
            side(
                self.height,
                self.padding.top,
                self.padding.bottom,
                self.kernel.0,
            )?,
            side(
                self.width,
                self.padding.left,
                self.padding.right,
                self.kernel.1,
            )?,
        ))
    }

    /// A 1×1 kernel reads each pixel once: the input itself is the unfolded matrix.
    fn is_pointwise(&self) -> bool {
        self.kernel == (1, 1) && self.stride == 1 && self.padding == Padding::same(0)
    }

    /// Length of one output element's dot product.
    fn inner(&self) -> usize {
        self.inputs * self.kernel.0 * self.kernel.1
    }
}

/// Elements of one unfolded tile: about a megabyte, a core's share of cache.
const TILE_ELEMENTS: usize = 1 << 18;
/// Tiles are whole vectors wide.
const TILE_STEP: usize = 32;

/// Writes `[batch, outputs, out_height, out_width]` into `out`.
pub fn conv2d(
    shape: &ConvShape,
    (input, weight, bias): (&[f32], &[f32], Option<&[f32]>),
    out: &mut [f32],
    stop: Stop<'_>,
) -> Result<(), Stopped> {
    let Some((out_height, out_width)) = shape.out_size() else {
        return Ok(());
    };
    let pixels = out_height * out_width;
    assert_eq!(
        input.len(),
        shape.batch * shape.inputs * shape.height * shape.width
    );
    assert_eq!(weight.len(), shape.outputs * shape.inner());
    assert_eq!(out.len(), shape.batch * shape.outputs * pixels);

    // A product longer than a tile still has one of a single step.
    let tile = (TILE_ELEMENTS / shape.inner().max(1))
        .max(1)
        .next_multiple_of(TILE_STEP)
        .min(pixels);
    let tiles: Vec<Tile> = (0..shape.batch)
        .flat_map(|image| {
            (0..pixels).step_by(tile).map(move |first| Tile {
                image,
                first,
                len: tile.min(pixels - first),
            })
        })
        .collect();
    // Many tiles: one per thread at a time. Few: each product spreads over the pool.
    let threads = if tiles.len() >= 2 * rayon::current_num_threads() {
        Threads::One
    } else {
        Threads::Pool
    };
    let job = Job {
        shape,
        input,
        weight,
        bias,
        out: SharedOut::new(out),
        out_size: (out_height, out_width),
        threads,
    };
    match threads {
        Threads::One => tiles
            .par_iter()
            .try_for_each_init(Vec::new, |unfolded, tile| job.run(tile, unfolded, stop)),
        Threads::Pool => {
            let mut unfolded = Vec::new();
            tiles
                .iter()
                .try_for_each(|tile| job.run(tile, &mut unfolded, stop))
        }
    }
}

/// A run of output pixels of one picture.
#[derive(Clone, Copy)]
struct Tile {
    image: usize,
    first: usize,
    len: usize,
}

struct Job<'a> {
    shape: &'a ConvShape,
    input: &'a [f32],
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    out: SharedOut<'a>,
    out_size: (usize, usize),
    threads: Threads,
}

impl Job<'_> {
    fn run(&self, tile: &Tile, unfolded: &mut Vec<f32>, stop: Stop<'_>) -> Result<(), Stopped> {
        if stop() {
            return Err(Stopped);
        }
        let shape = self.shape;
        let pixels = self.out_size.0 * self.out_size.1;
        let out_view = View {
            offset: tile.image * shape.outputs * pixels + tile.first,
            row_stride: pixels,
            col_stride: 1,
        };
        if let Some(bias) = self.bias {
            for (channel, value) in bias.iter().enumerate() {
                // SAFETY: each tile is run once and owns its pixels in every channel.
                unsafe {
                    self.out
                        .fill_row(out_view.offset + channel * pixels, tile.len, *value);
                }
            }
        }
        let plane = shape.height * shape.width;
        let image = &self.input[tile.image * shape.inputs * plane..][..shape.inputs * plane];
        let (columns, columns_view) = if shape.is_pointwise() {
            let view = View {
                offset: tile.first,
                row_stride: plane,
                col_stride: 1,
            };
            (image, view)
        } else {
            unfolded.resize(shape.inner() * tile.len, 0.0);
            self.unfold(image, tile, unfolded);
            let view = View {
                offset: 0,
                row_stride: tile.len,
                col_stride: 1,
            };
            (unfolded.as_slice(), view)
        };
        let weight_view = View {
            offset: 0,
            row_stride: shape.inner(),
            col_stride: 1,
        };
        let sizes = Sizes {
            rows: shape.outputs,
            inner: shape.inner(),
            cols: tile.len,
        };
        // SAFETY: each tile is run once and owns its pixels in every channel.
        unsafe {
            product_shared(
                sizes,
                (self.out, out_view),
                (self.weight, weight_view),
                (columns, columns_view),
                (1.0, self.bias.is_some()),
                self.threads,
            );
        }
        Ok(())
    }

    /// Row `(channel, ky, kx)` of the unfolded matrix holds, for each output pixel of the tile, the
    /// input it meets at that place of the kernel.
    fn unfold(&self, image: &[f32], tile: &Tile, unfolded: &mut [f32]) {
        let shape = self.shape;
        let (kernel_height, kernel_width) = shape.kernel;
        let plane = shape.height * shape.width;
        let row = |(index, row): (usize, &mut [f32])| {
            let channel = index / (kernel_height * kernel_width);
            let ky = index / kernel_width % kernel_height;
            let kx = index % kernel_width;
            self.unfold_row(
                &image[channel * plane..][..plane],
                (ky, kx),
                tile.first,
                row,
            );
        };
        match self.threads {
            Threads::One => unfolded
                .chunks_exact_mut(tile.len)
                .enumerate()
                .for_each(row),
            Threads::Pool => unfolded
                .par_chunks_exact_mut(tile.len)
                .enumerate()
                .for_each(row),
        }
    }

    fn unfold_row(&self, plane: &[f32], (ky, kx): (usize, usize), first: usize, row: &mut [f32]) {
        let shape = self.shape;
        let out_width = self.out_size.1;
        let mut done = 0;
        while done < row.len() {
            let (y, x) = ((first + done) / out_width, (first + done) % out_width);
            let len = (out_width - x).min(row.len() - done);
            let part = &mut row[done..done + len];
            done += len;
            let in_y = (y * shape.stride + ky).wrapping_sub(shape.padding.top);
            if in_y >= shape.height {
                part.fill(0.0);
                continue;
            }
            let line = &plane[in_y * shape.width..][..shape.width];
            if shape.stride == 1 {
                shifted_copy(line, (x + kx) as isize - shape.padding.left as isize, part);
            } else {
                for (i, value) in part.iter_mut().enumerate() {
                    let in_x = ((x + i) * shape.stride + kx).wrapping_sub(shape.padding.left);
                    *value = line.get(in_x).copied().unwrap_or(0.0);
                }
            }
        }
    }
}

/// Copies `line[from..]` into `part`, zeros where `from` reaches outside the line.
fn shifted_copy(line: &[f32], from: isize, part: &mut [f32]) {
    let before = ((-from).max(0) as usize).min(part.len());
    let start = from.max(0) as usize;
    let inside = line.len().saturating_sub(start).min(part.len() - before);
    part[..before].fill(0.0);
    if inside > 0 {
        part[before..before + inside].copy_from_slice(&line[start..start + inside]);
    }
    part[before + inside..].fill(0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_longer_than_a_tile_is_made_all_the_same() {
        let inputs = TILE_ELEMENTS + 1;
        let shape = ConvShape {
            batch: 1,
            inputs,
            outputs: 1,
            height: 1,
            width: 2,
            kernel: (1, 1),
            stride: 1,
            padding: Padding::same(0),
        };
        let input = [vec![1.0; inputs], vec![0.0; inputs]].concat();
        let mut out = [0.0; 2];
        let weight = vec![0.5; inputs];
        conv2d(&shape, (&input, &weight, None), &mut out, &|| false).unwrap();
        // Of each channel both pixels: the first half of the channels is all ones.
        assert_eq!(
            out,
            [(inputs / 2 + 1) as f32 / 2.0, (inputs / 2) as f32 / 2.0]
        );
    }
}
