//! Matrix products on slices: a checked door to the `gemm` crate, and the linear layer.

#![expect(
    unsafe_code,
    reason = "gemm takes raw pointers; bounds are checked here"
)]

use gemm::Parallelism;
use rayon::prelude::*;

use super::{Stop, Stopped};

/// A matrix in a slice: element `(i, j)` lies at `offset + i * row_stride + j * col_stride`.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) offset: usize,
    pub(super) row_stride: usize,
    pub(super) col_stride: usize,
}

impl View {
    fn last(self, rows: usize, cols: usize) -> usize {
        self.offset + (rows - 1) * self.row_stride + (cols - 1) * self.col_stride
    }
}

/// How a product is spread over threads.
#[derive(Clone, Copy)]
pub(super) enum Threads {
    /// On the calling thread alone: the caller runs many products at once.
    One,
    /// On the whole pool.
    Pool,
}

/// An output many tasks write at once, each its own elements.
#[derive(Clone, Copy)]
pub(super) struct SharedOut<'a> {
    start: *mut f32,
    len: usize,
    borrowed: std::marker::PhantomData<&'a mut [f32]>,
}

// SAFETY: the pointer is only used by `product_shared` and `fill_row`, whose callers promise that
// concurrent calls touch disjoint elements.
unsafe impl Send for SharedOut<'_> {}
// SAFETY: as above.
unsafe impl Sync for SharedOut<'_> {}

impl<'a> SharedOut<'a> {
    pub(super) fn new(out: &'a mut [f32]) -> Self {
        Self {
            start: out.as_mut_ptr(),
            len: out.len(),
            borrowed: std::marker::PhantomData,
        }
    }

    /// Sets `len` elements from `offset` on to `value`.
    ///
    /// # Safety
    /// No other thread may touch these elements during the call.
    pub(super) unsafe fn fill_row(self, offset: usize, len: usize, value: f32) {
        assert!(offset + len <= self.len);
        // SAFETY: in bounds by the assertion, unshared by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(offset), len) }.fill(value);
    }
}

/// Sizes of a product: `[rows, inner] x [inner, cols]`.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) rows: usize,
    pub(super) inner: usize,
    pub(super) cols: usize,
}

/// `out = scale * (lhs x rhs)`, added to what `out` holds when `accumulate` is set.
///
/// # Safety
/// No other thread may touch the elements of `out` that `out_view` names during the call.
pub(super) unsafe fn product_shared(
    sizes: Sizes,
    (out, out_view): (SharedOut<'_>, View),
    (lhs, lhs_view): (&[f32], View),
    (rhs, rhs_view): (&[f32], View),
    (scale, accumulate): (f32, bool),
    threads: Threads,
) {
    let Sizes { rows, inner, cols } = sizes;
    if rows == 0 || cols == 0 {
        return;
    }
    assert!(inner > 0, "a product needs an inner dimension");
    assert!(out_view.last(rows, cols) < out.len);
    assert!(lhs_view.last(rows, inner) < lhs.len());
    assert!(rhs_view.last(inner, cols) < rhs.len());
    let parallelism = match threads {
        Threads::One => Parallelism::None,
        Threads::Pool => Parallelism::Rayon(0),
    };
    // SAFETY: every element the strides reach is in bounds by the assertions above; `out` is not
    // shared by the caller's promise and cannot overlap the inputs, which are borrowed.
    unsafe {
        gemm::gemm(
            rows,
            cols,
            inner,
            out.start.add(out_view.offset),
            out_view.col_stride as isize,
            out_view.row_stride as isize,
            accumulate,
            lhs.as_ptr().add(lhs_view.offset),
            lhs_view.col_stride as isize,
            lhs_view.row_stride as isize,
            rhs.as_ptr().add(rhs_view.offset),
            rhs_view.col_stride as isize,
            rhs_view.row_stride as isize,
            1.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// Rows of a linear layer computed between two looks at the stop.
const LINEAR_ROWS: usize = 1024;

/// `out[rows, outputs] = input[rows, inputs] x weight[outputs, inputs]ᵀ + bias[outputs]`.
pub fn linear(
    inputs: usize,
    outputs: usize,
    (input, weight, bias): (&[f32], &[f32], Option<&[f32]>),
    out: &mut [f32],
    stop: Stop<'_>,
) -> Result<(), Stopped> {
    assert_eq!(weight.len(), inputs * outputs);
    assert_eq!(input.len() / inputs * outputs, out.len());
    for (input, out) in input
        .chunks(LINEAR_ROWS * inputs)
        .zip(out.chunks_mut(LINEAR_ROWS * outputs))
    {
        if stop() {
            return Err(Stopped);
        }
        if let Some(bias) = bias {
            out.par_chunks_exact_mut(outputs)
                .for_each(|row| row.copy_from_slice(bias));
        }
        let sizes = Sizes {
            rows: input.len() / inputs,
            inner: inputs,
            cols: outputs,
        };
        let row_major = |row_stride| View {
            offset: 0,
            row_stride,
            col_stride: 1,
        };
        let transposed = View {
            offset: 0,
            row_stride: 1,
            col_stride: inputs,
        };
        // SAFETY: `out` is borrowed mutably here and nowhere else.
        unsafe {
            product_shared(
                sizes,
                (SharedOut::new(out), row_major(outputs)),
                (input, row_major(inputs)),
                (weight, transposed),
                (1.0, bias.is_some()),
                Threads::Pool,
            );
        }
    }
    Ok(())
}
