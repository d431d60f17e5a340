//! Reads the numbers made by `tests/golden/make.py`.

use std::collections::HashMap;
use std::path::PathBuf;

use afterimage::models::{Manifest, StableDiffusion};
use afterimage::nn::{Interrupt, Keep};
use afterimage::weights::FolderFiles;
use candle_core::{Device, Tensor};

/// The tiny random-weight models: one spelled like Stable Diffusion 1.5's folder, one like today's
/// libraries write them.
pub(crate) const MODELS: [&str; 2] = ["epsilon", "velocity"];

/// What the goldens of both models were made with.
pub(crate) const PROMPT: &str = "A red sailboat, on the ocean's edge at sunset!";
pub(crate) const NEGATIVE: &str = "blurry 日落";
pub(crate) const GUIDANCE: f32 = 4.0;
pub(crate) const STEPS: u32 = 10;
pub(crate) const SEED: u64 = 7;

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

pub(crate) fn tensors(file: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(path(file), &Device::Cpu).unwrap()
}

pub(crate) fn model(name: &str) -> StableDiffusion {
    let manifest = Manifest::read(&FolderFiles::new(path(name))).unwrap();
    StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &Interrupt::never()).unwrap()
}

/// Largest absolute difference.
pub(crate) fn gap(ours: &Tensor, theirs: &Tensor) -> f32 {
    assert_eq!(ours.dims(), theirs.dims());
    let gap = (ours - theirs)
        .unwrap()
        .abs()
        .unwrap()
        .flatten_all()
        .unwrap();
    gap.max(0).unwrap().to_scalar().unwrap()
}

/// Asserts that two tensors agree to `tolerance`, relative to their largest value where that is above
/// 1, and that the comparison means something.
pub(crate) fn assert_agrees(what: &str, ours: &Tensor, theirs: &Tensor, tolerance: f32) {
    let gap = gap(ours, theirs);
    let most = theirs.abs().unwrap().flatten_all().unwrap();
    let allowed = tolerance * most.max(0).unwrap().to_scalar::<f32>().unwrap().max(1.0);
    assert!(gap <= allowed, "{what}: off by {gap}, allowed {allowed}");
    let spread = theirs
        .flatten_all()
        .unwrap()
        .var(0)
        .unwrap()
        .to_scalar::<f32>()
        .unwrap();
    assert!(spread > 1e-4, "{what}: the golden numbers are all alike");
}
