//! 3×3 convolution with a quarter of the multiplications: F(4×4, 3×3) of Lavin and Gray 2016, "Fast
//! Algorithms for Convolutional Neural Networks".
//!
//! Pictures are cut into tiles of 4×4 outputs, each of which sees 6×6 inputs. Both are transformed,
//! and for each of the 36 places of a transformed tile there is one product over the channels.

#![expect(unsafe_code, reason = "tasks write disjoint parts of one output")]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::shape::{ConvShape, Images, Picture};
use crate::kernels::finish::Finish;
use crate::kernels::level::{Level, load, multiply_add, store};
use crate::kernels::panels::Panels;
use crate::kernels::product::{Pieces, Product, Rows};
use crate::kernels::shared::Shared;
use crate::kernels::tile::VECTORS;
use crate::kernels::{Stop, Stopped};

/// Outputs of a tile, across and down.
const SIDE: usize = 4;
/// Inputs of a tile, across and down.
const REACH: usize = SIDE + 2;
/// Places of a transformed tile.
const PLACES: usize = REACH * REACH;
/// Transformed values of a chunk of tiles: they stay in a core's share of the last cache.
const CHUNK_VALUES: usize = 3 << 19;

/// One matrix `[outputs, inputs]` for each place of a transformed tile.
#[derive(Clone, Debug)]
pub(super) struct Transformed {
    places: Vec<Panels>,
}

impl Transformed {
    pub(super) fn bytes(&self) -> usize {
        self.places.iter().map(Panels::bytes).sum()
    }
}

/// Transforms the weights `[outputs, inputs, 3, 3]`: `G g Gᵀ`.
pub(super) fn pack(level: Level, shape: &ConvShape, weight: &[f32]) -> Transformed {
    let sizes = (shape.outputs, shape.inputs);
    let mut places: Vec<Panels> = (0..PLACES).map(|_| Panels::zeros(level, sizes)).collect();
    let parts = places
        .iter_mut()
        .map(|place| Shared::new(place.values_mut()));
    let parts: Vec<Shared<'_>> = parts.collect();
    let count = shape.outputs.div_ceil(level.panel());
    (0..count).into_par_iter().for_each(|panel| {
        level.run(WeightTransform {
            weight,
            sizes,
            panel,
            parts: &parts,
        });
    });
    Transformed { places }
}

/// Transforms the weights of one panel.
struct WeightTransform<'a> {
    weight: &'a [f32],
    sizes: (usize, usize),
    panel: usize,
    parts: &'a [Shared<'a>],
}

impl WithSimd for WeightTransform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (outputs, inputs) = self.sizes;
        let lanes = S::F32_LANES;
        let width = VECTORS * lanes;
        for input in 0..inputs {
            for vector in 0..VECTORS {
                let first = self.panel * width + vector * lanes;
                let there = outputs.saturating_sub(first).min(lanes);
                let mut kernel = [simd.splat_f32s(0.0); 9];
                for output in 0..there {
                    let values = &self.weight[((first + output) * inputs + input) * 9..][..9];
                    for (to, value) in kernel.iter_mut().zip(values) {
                        pulp::bytemuck::cast_slice_mut::<_, f32>(std::slice::from_mut(to))
                            [output] = *value;
                    }
                }
                let mut lines = [[kernel[0]; 3]; REACH];
                for x in 0..3 {
                    let column = spread(simd, [kernel[x], kernel[3 + x], kernel[6 + x]]);
                    for (line, value) in lines.iter_mut().zip(column) {
                        line[x] = value;
                    }
                }
                for (y, line) in lines.into_iter().enumerate() {
                    for (x, value) in spread(simd, line).into_iter().enumerate() {
                        let at = (self.panel * inputs + input) * width + vector * lanes;
                        // SAFETY: each panel is written by one task.
                        store(
                            simd,
                            unsafe { self.parts[y * REACH + x].part(at, lanes) },
                            value,
                        );
                    }
                }
            }
        }
    }
}

/// `G g`: three weights in a line, transformed.
#[inline(always)]
fn spread<S: Simd>(simd: S, [a, b, c]: [S::f32s; 3]) -> [S::f32s; REACH] {
    let times = |factor: f32, value| simd.mul_f32s(simd.splat_f32s(factor), value);
    let (plus, minus) = (|a, b| simd.add_f32s(a, b), |a, b| simd.sub_f32s(a, b));
    let outer = times(-1.0 / 6.0, plus(a, c));
    let middle = times(1.0 / 6.0, b);
    let far = plus(times(1.0 / 24.0, a), times(1.0 / 6.0, c));
    let half = times(1.0 / 12.0, b);
    [
        times(1.0 / 4.0, a),
        minus(outer, middle),
        plus(outer, middle),
        plus(far, half),
        minus(far, half),
        c,
    ]
}

/// The tiles of one or more pictures, counted row by row.
#[derive(Clone, Copy)]
struct Tiles {
    across: usize,
    down: usize,
    height: usize,
    width: usize,
}

impl Tiles {
    const fn of((height, width): (usize, usize)) -> Self {
        Self {
            across: width.div_ceil(SIDE),
            down: height.div_ceil(SIDE),
            height,
            width,
        }
    }

    const fn per_picture(&self) -> usize {
        self.across * self.down
    }

    /// Picture, row and column of the first pixel of a tile.
    const fn place(&self, tile: usize) -> (usize, usize, usize) {
        let within = tile % self.per_picture();
        (
            tile / self.per_picture(),
            within / self.across * SIDE,
            within % self.across * SIDE,
        )
    }
}

pub(super) fn conv(
    shape: &ConvShape,
    weights: &Transformed,
    images: &Images<'_>,
    size: (usize, usize),
    finish: Finish<'_>,
    out: &mut [f32],
    stop: Stop<'_>,
) -> Result<(), Stopped> {
    let Some(panels) = weights.places.first() else {
        return Ok(());
    };
    let tiles = Tiles::of(size);
    let all = images.batch * tiles.per_picture();
    let columns = panels.count() * panels.level.panel();
    let largest = CHUNK_VALUES / (PLACES * (shape.inputs + columns));
    let threads = rayon::current_num_threads();
    let zeros = vec![0.0; shape.inputs];
    let job = Job {
        shape,
        weights,
        images,
        tiles,
        finish,
        out: Shared::new(out),
        zeros: &zeros,
        columns,
    };
    // A chunk for each thread at a time, or, where there are few tiles, all threads for one.
    let chunk = largest.clamp(24, 192);
    if all >= 2 * threads * chunk || threads == 1 {
        let chunks: Vec<_> = (0..all).step_by(chunk).collect();
        chunks
            .par_iter()
            .try_for_each_init(Scratch::default, |scratch, &first| {
                job.alone(first..all.min(first + chunk), scratch, stop)
            })
    } else {
        let mut scratch = Scratch::default();
        let chunk = chunk * threads;
        (0..all)
            .step_by(chunk)
            .try_for_each(|first| job.together(first..all.min(first + chunk), &mut scratch, stop))
    }
}

/// Transformed inputs `[place][tile][inputs]` and outputs `[place][tile][columns]`.
#[derive(Default)]
struct Scratch {
    inputs: Vec<f32>,
    outputs: Vec<f32>,
}

struct Job<'a> {
    shape: &'a ConvShape,
    weights: &'a Transformed,
    images: &'a Images<'a>,
    tiles: Tiles,
    finish: Finish<'a>,
    out: Shared<'a>,
    zeros: &'a [f32],
    columns: usize,
}

type Range = std::ops::Range<usize>;

impl Job<'_> {
    fn level(&self) -> Level {
        self.weights.places[0].level
    }

    fn room<'s>(&self, tiles: &Range, scratch: &'s mut Scratch) -> (Shared<'s>, Shared<'s>) {
        let grow = |values: &mut Vec<f32>, len: usize| {
            if values.len() < len {
                values.resize(len, 0.0);
            }
        };
        grow(
            &mut scratch.inputs,
            PLACES * tiles.len() * self.shape.inputs,
        );
        grow(&mut scratch.outputs, PLACES * tiles.len() * self.columns);
        (
            Shared::new(&mut scratch.inputs),
            Shared::new(&mut scratch.outputs),
        )
    }

    /// On the calling thread.
    fn alone(&self, tiles: Range, scratch: &mut Scratch, stop: Stop<'_>) -> Result<(), Stopped> {
        let (inputs, outputs) = self.room(&tiles, scratch);
        if stop() {
            return Err(Stopped);
        }
        let count = tiles.len();
        self.transform_inputs(&tiles, 0..count, inputs);
        for place in 0..PLACES {
            self.multiply(
                count,
                place,
                0..self.weights.places[place].count(),
                inputs,
                outputs,
            );
        }
        self.transform_outputs(&tiles, 0..count, outputs);
        Ok(())
    }

    /// On all threads.
    fn together(&self, tiles: Range, scratch: &mut Scratch, stop: Stop<'_>) -> Result<(), Stopped> {
        let (inputs, outputs) = self.room(&tiles, scratch);
        if stop() {
            return Err(Stopped);
        }
        let count = tiles.len();
        (0..count)
            .into_par_iter()
            .for_each(|tile| self.transform_inputs(&tiles, tile..tile + 1, inputs));
        (0..PLACES).into_par_iter().for_each(|place| {
            self.multiply(
                count,
                place,
                0..self.weights.places[place].count(),
                inputs,
                outputs,
            );
        });
        if stop() {
            return Err(Stopped);
        }
        (0..count)
            .into_par_iter()
            .for_each(|tile| self.transform_outputs(&tiles, tile..tile + 1, outputs));
        Ok(())
    }

    fn transform_inputs(&self, tiles: &Range, which: Range, inputs: Shared<'_>) {
        self.level().run(InputTransform {
            job: self,
            tiles,
            which,
            inputs,
        });
    }

    fn transform_outputs(&self, tiles: &Range, which: Range, outputs: Shared<'_>) {
        self.level().run(OutputTransform {
            job: self,
            tiles,
            which,
            outputs,
        });
    }

    fn multiply(
        &self,
        count: usize,
        place: usize,
        panels: Range,
        inputs: Shared<'_>,
        outputs: Shared<'_>,
    ) {
        let len = self.shape.inputs;
        // SAFETY: nobody writes inputs at this stage.
        let inputs = unsafe { inputs.part(place * count * len, count * len) };
        let starts: Vec<*const f32> = inputs.chunks_exact(len).map(<[f32]>::as_ptr).collect();
        let product = Product {
            weights: &self.weights.places[place],
            pieces: Pieces { count: 1, len },
            out: outputs,
            columns: self.columns,
            finish: Finish::default(),
        };
        let rows = Rows {
            starts: &starts,
            first: place * count,
        };
        // SAFETY: every start is that of a tile's inputs; each place is computed by one task.
        unsafe { product.run(&rows, panels) };
    }
}

struct InputTransform<'a> {
    job: &'a Job<'a>,
    tiles: &'a Range,
    which: Range,
    inputs: Shared<'a>,
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
        let (count, len) = (tiles.len(), job.shape.inputs);
        for tile in which {
            let (image, top, left) = job.tiles.place(tiles.start + tile);
            let picture = Picture::of(job.images, image, job.shape, job.zeros);
            let pixels: [&[f32]; PLACES] = std::array::from_fn(|place| {
                let (y, x) = (top + place / REACH, left + place % REACH);
                picture.at(y, x, job.shape.padding)
            });
            let mut channel = 0;
            while channel < len {
                let lanes = S::F32_LANES.min(len - channel);
                let mut values = [[simd.splat_f32s(0.0); REACH]; REACH];
                for x in 0..REACH {
                    let column = std::array::from_fn(|y| {
                        let pixel = &pixels[y * REACH + x][channel..channel + lanes];
                        load(simd, pixel)
                    });
                    let column = seen(simd, column);
                    for y in 0..REACH {
                        values[y][x] = column[y];
                    }
                }
                for (y, row) in values.into_iter().enumerate() {
                    for (x, value) in seen(simd, row).into_iter().enumerate() {
                        let at = ((y * REACH + x) * count + tile) * len + channel;
                        // SAFETY: each tile's inputs are written by one task.
                        let to = unsafe { inputs.part(at, lanes) };
                        store(simd, to, value);
                    }
                }
                channel += lanes;
            }
        }
    }
}

struct OutputTransform<'a> {
    job: &'a Job<'a>,
    tiles: &'a Range,
    which: Range,
    outputs: Shared<'a>,
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
        let (count, len) = (tiles.len(), job.shape.outputs);
        let Tiles { height, width, .. } = job.tiles;
        for tile in which {
            let (image, top, left) = job.tiles.place(tiles.start + tile);
            let mut channel = 0;
            while channel < len {
                let lanes = S::F32_LANES.min(len - channel);
                let mut values = [[simd.splat_f32s(0.0); REACH]; SIDE];
                for x in 0..REACH {
                    let column = std::array::from_fn(|y| {
                        let at = ((y * REACH + x) * count + tile) * job.columns + channel;
                        // SAFETY: nobody writes outputs at this stage.
                        load(simd, unsafe { outputs.part(at, S::F32_LANES) })
                    });
                    let column = made(simd, column);
                    for y in 0..SIDE {
                        values[y][x] = column[y];
                    }
                }
                for (y, row) in values.into_iter().enumerate().take(height - top) {
                    let row = made(simd, row);
                    for (x, value) in row.into_iter().enumerate().take(width - left) {
                        let pixel = (image * height + top + y) * width + left + x;
                        let at = pixel * len + channel;
                        // SAFETY: each tile's pixels are written by one task.
                        let to = unsafe { job.out.part(at, lanes) };
                        job.finish.write(simd, value, (channel, at), to);
                    }
                }
                channel += lanes;
            }
        }
    }
}

/// `Bᵀ d`: six inputs in a line, transformed.
#[inline(always)]
fn seen<S: Simd>(simd: S, d: [S::f32s; REACH]) -> [S::f32s; REACH] {
    let (two, four, five) = (
        simd.splat_f32s(2.0),
        simd.splat_f32s(4.0),
        simd.splat_f32s(5.0),
    );
    let minus = |a, b, c| multiply_add(simd, simd.neg_f32s(a), b, c);
    let plus = |a, b, c| multiply_add(simd, a, b, c);
    let even = minus(four, d[2], d[4]);
    let odd = minus(four, d[1], d[3]);
    let even2 = simd.sub_f32s(d[4], d[2]);
    let odd2 = simd.mul_f32s(two, simd.sub_f32s(d[3], d[1]));
    [
        plus(four, d[0], minus(five, d[2], d[4])),
        simd.add_f32s(even, odd),
        simd.sub_f32s(even, odd),
        simd.add_f32s(even2, odd2),
        simd.sub_f32s(even2, odd2),
        plus(four, d[1], minus(five, d[3], d[5])),
    ]
}

/// `Aᵀ m`: four outputs in a line out of six transformed ones.
#[inline(always)]
fn made<S: Simd>(simd: S, m: [S::f32s; REACH]) -> [S::f32s; SIDE] {
    let splat = |value| simd.splat_f32s(value);
    let plus = |a, b, c| multiply_add(simd, a, b, c);
    let (sum, gap) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
    let (sum2, gap2) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
    [
        simd.add_f32s(m[0], simd.add_f32s(sum, sum2)),
        plus(splat(2.0), gap2, gap),
        plus(splat(4.0), sum2, sum),
        simd.add_f32s(plus(splat(8.0), gap2, gap), m[5]),
    ]
}
