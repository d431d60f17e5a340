//! Reads the numbers made by `tests/golden/make.py`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterimage::models::{Manifest, StableDiffusion};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{Made, Outcome};
use afterimage::raster::{Extent, Mask, Pixels};
use afterimage::recipe::{
    Change, Draft, Fill, Input, Limits, MaskedContent, Recipe, Region, ResizeMode, Strength, Task,
};
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

/// Of latents after a whole run.
pub(crate) const RUN: f32 = 1e-3;

/// A recipe of the goldens' prompts, steps and seed.
pub(crate) fn recipe(task: Task, extent: Extent, change: impl FnOnce(&mut Draft)) -> Recipe {
    let mut draft = Draft {
        prompt: PROMPT.to_owned(),
        negative_prompt: NEGATIVE.to_owned(),
        steps: STEPS,
        guidance: GUIDANCE,
        seed: SEED,
        width: extent.width,
        height: extent.height,
        ..Draft::default()
    };
    change(&mut draft);
    let limits = Limits {
        size_factor: 1,
        max_side: 2048,
        max_steps: 1000,
    };
    draft.recipe_of(task, limits).unwrap()
}

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

/// The model `epsilon` with the denoiser of the folder `name`, and the index of the folder `index`.
pub(crate) fn epsilon_with_unet(name: &str, index: &str) -> StableDiffusion {
    with_unet("epsilon", name, index)
}

/// A model with the denoiser of the folder `name`, and the index of the folder `index`.
pub(crate) fn with_unet(base: &str, name: &str, index: &str) -> StableDiffusion {
    let folder = tempfile::tempdir().unwrap();
    let parts = fs::read_dir(path(base)).unwrap();
    for part in parts.map(|part| part.unwrap().file_name()) {
        let own = path(base).join(&part);
        if own.is_dir() && part != "unet" {
            copy(&own, &folder.path().join(&part));
        }
    }
    copy(&path(name).join("unet"), &folder.path().join("unet"));
    let file = "model_index.json";
    fs::copy(path(index).join(file), folder.path().join(file)).unwrap();
    let manifest = Manifest::read(&FolderFiles::new(folder.path())).unwrap();
    StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &Interrupt::never()).unwrap()
}

/// All that is in a folder, into one that may be there.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A picture and a mask a maker script painted, and the numbers that came of them.
pub(crate) struct Scene {
    pub(crate) image: Pixels,
    pub(crate) mask: Mask,
    pub(crate) goldens: HashMap<String, Tensor>,
}

pub(crate) fn scene(file: &str) -> Scene {
    let goldens = tensors(file);
    let bytes = |key: &str| {
        let tensor = goldens[key].flatten_all().unwrap();
        tensor.to_vec1::<u8>().unwrap()
    };
    let (height, width) = goldens["mask"].dims2().unwrap();
    let extent = Extent::new(width as u32, height as u32);
    Scene {
        image: Pixels::from_rgb(extent, &bytes("image")).unwrap(),
        mask: Mask::from_values(extent, bytes("mask")).unwrap(),
        goldens,
    }
}

impl Scene {
    /// A task that fills what the mask paints, its edge hard and its colours left as they come.
    pub(crate) fn fill(&self, strength: f64) -> Fill {
        Fill {
            image: Input {
                sha256: self.image.sha256(),
            },
            mask: Input {
                sha256: self.mask.sha256(),
            },
            strength: Strength(strength),
            region: Region::WholePicture,
            content: MaskedContent::Original,
            mask_blur: 0.0,
            match_colors: false,
        }
    }

    /// A task that changes the whole picture at its own size.
    pub(crate) fn change(&self, strength: f64) -> Change {
        Change {
            image: Input {
                sha256: self.image.sha256(),
            },
            strength: Strength(strength),
            resize: ResizeMode::JustResize,
        }
    }

    /// Asserts that a run ended at the latents and the picture of a key: the latter at the given
    /// pixels, to within `tolerance` of 255.
    pub(crate) fn assert_made(
        &self,
        key: &str,
        made: &Made,
        tolerance: f32,
        at: impl Fn(usize) -> bool,
    ) {
        let golden = &self.goldens[&format!("{key}.latents")];
        assert_agrees(key, &made.tensors.latents, golden, RUN);
        let picture = self.goldens[&format!("{key}.picture")]
            .flatten_all()
            .unwrap();
        let picture = picture.to_vec1::<f32>().unwrap();
        let ours = made.pixels.rgb();
        assert_eq!(ours.len(), picture.len());
        let mut most = 0.0_f32;
        for (index, (ours, theirs)) in ours.into_iter().zip(picture).enumerate() {
            let gap = (f32::from(ours) - theirs * 255.0).abs();
            if at(index / 3) {
                assert!(gap <= tolerance, "{key}: {ours} is not {}", theirs * 255.0);
                most = most.max(gap);
            }
        }
        tell(&format!("{most:.2} of 255: the picture of {key}"));
    }
}

#[expect(clippy::print_stdout, reason = "seen with --nocapture alone")]
fn tell(line: &str) {
    println!("{line}");
}

/// What came of a run that nobody ended.
pub(crate) fn made(outcome: Outcome) -> Made {
    match outcome {
        Outcome::Made(made) => *made,
        Outcome::Cancelled => panic!("nobody cancelled"),
    }
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
/// 1, and that the comparison means something; `--nocapture` shows by how much they differ.
pub(crate) fn assert_agrees(what: &str, ours: &Tensor, theirs: &Tensor, tolerance: f32) {
    let gap = gap(ours, theirs);
    let most = theirs.abs().unwrap().flatten_all().unwrap();
    let most = most.max(0).unwrap().to_scalar::<f32>().unwrap().max(1.0);
    tell(&format!("{:.1e}: {what}", gap / most));
    let allowed = tolerance * most;
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
