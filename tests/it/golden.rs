//! Reads the numbers made by `tests/golden/make.py`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterimage::models::{Manifest, StableDiffusion};
use afterimage::nn::{Interrupt, Keep};
use afterimage::weights::FolderFiles;
use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::VarBuilder;
use candle_nn::var_builder::SimpleBackend;

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

/// Asserts that two tensors agree to one part in 10⁴ of the largest value, and tells how far off they
/// are, as such a part.
pub(crate) fn assert_agrees_in_parts(what: &str, ours: &Tensor, theirs: &Tensor) -> f32 {
    let most = gap(theirs, &theirs.zeros_like().unwrap());
    assert_agrees(what, ours, theirs, 1e-4 * most);
    gap(ours, theirs) / most
}

/// Gives zeros of any shape and counts what is learned of them.
struct Counting(Arc<AtomicUsize>);

impl SimpleBackend for Counting {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        if !name.contains("running") {
            self.0.fetch_add(shape.elem_count(), Ordering::Relaxed);
        }
        Tensor::zeros(shape, dtype, device)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        candle_core::bail!("{name} is asked for without a shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

/// How many numbers a network learns.
pub(crate) fn parameters<N>(make: impl FnOnce(&VarBuilder<'_>) -> Result<N>) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let backend = Box::new(Counting(Arc::clone(&count)));
    make(&VarBuilder::from_backend(backend, DType::F32, Device::Cpu)).unwrap();
    count.load(Ordering::Relaxed)
}
