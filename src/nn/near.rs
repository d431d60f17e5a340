//! How near our results are to be, relative to the largest value.

use candle_core::Tensor;

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
