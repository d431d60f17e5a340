//! How near our results are to be, relative to the largest value.

use std::cell::RefCell;

use candle_core::{Device, Shape, Tensor};
use rand_mt::Mt;

/// Of products that are computed as they are defined.
pub(super) const DIRECT: f32 = 1e-4;
/// Of those with fewer multiplications.
pub(super) const WINOGRAD: f32 = 2e-4;

/// Fails where `ours` is not as near to `theirs`.
#[track_caller]
pub(super) fn assert_near(ours: &Tensor, theirs: &Tensor, tolerance: f32) {
    assert_eq!(ours.dims(), theirs.dims());
    let gap = gap(ours, theirs);
    assert!(gap <= tolerance, "gap {gap}");
}

/// The largest difference, relative to the largest of `theirs`.
pub(super) fn gap(ours: &Tensor, theirs: &Tensor) -> f32 {
    let most = |xs: &Tensor| -> f32 {
        let xs = xs.abs().unwrap().flatten_all().unwrap();
        xs.max(0).unwrap().to_scalar().unwrap()
    };
    most(&(ours - theirs).unwrap()) / most(theirs).max(f32::MIN_POSITIVE)
}

thread_local! {
    static NUMBERS: RefCell<Mt> = RefCell::new(Mt::new(17));
}

/// Numbers of mean 0 and deviation 1: those of a test are the same in every run, since each test has
/// a thread of its own.
pub(crate) fn random(shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let values: Vec<f32> = NUMBERS.with_borrow_mut(|numbers| {
        let mut uniform = || (numbers.next_u32() as f32 + 0.5) / 2f32.powi(32);
        // Box and Muller's way.
        let mut normal =
            || (-2.0 * uniform().ln()).sqrt() * (std::f32::consts::TAU * uniform()).cos();
        (0..shape.elem_count()).map(|_| normal()).collect()
    });
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}
