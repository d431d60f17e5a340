//! Changing and filling pictures, beside diffusers' pipelines.

use std::fs;

use afterimage::models::{Manifest, StableDiffusion};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{CancelToken, Canvas, Made, Outcome, Silent, image_to_image, inpaint};
use afterimage::raster::{Extent, Mask, Pixels};
use afterimage::recipe::{
    Change, Draft, Fill, Input, Limits, MaskedContent, Recipe, Region, ResizeMode, Strength, Task,
};
use afterimage::weights::FolderFiles;
use candle_core::{Device, Tensor};

use crate::golden::{GUIDANCE, NEGATIVE, PROMPT, SEED, STEPS, assert_agrees, model, path, tensors};

const RUN: f32 = 1e-3;
/// Of 255, in a picture.
const PICTURE: f32 = 1.0;

const SAMPLERS: [(&str, &str); 5] = [
    ("ddim", "normal"),
    ("euler", "normal"),
    ("euler_ancestral", "normal"),
    ("dpmpp_2m", "normal"),
    ("dpmpp_2m", "karras"),
];
const STRENGTHS: [f64; 2] = [1.0, 0.65];

struct Scene {
    image: Pixels,
    mask: Mask,
    goldens: std::collections::HashMap<String, Tensor>,
}

fn scene(name: &str) -> Scene {
    let goldens = tensors(&format!("{name}/starts.safetensors"));
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

/// The inpainting denoiser with the other parts of `epsilon`.
fn inpainting_model() -> StableDiffusion {
    let folder = tempfile::tempdir().unwrap();
    for part in ["tokenizer", "text_encoder", "vae", "scheduler"] {
        copy(&path("epsilon").join(part), &folder.path().join(part));
    }
    copy(&path("inpaint/unet"), &folder.path().join("unet"));
    let index = "model_index.json";
    fs::copy(path("inpaint").join(index), folder.path().join(index)).unwrap();
    let manifest = Manifest::read(&FolderFiles::new(folder.path())).unwrap();
    StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &Interrupt::never()).unwrap()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn recipe(task: Task, (sampler, schedule): (&str, &str), extent: Extent) -> Recipe {
    let draft = Draft {
        prompt: PROMPT.to_owned(),
        negative_prompt: NEGATIVE.to_owned(),
        sampler: sampler.to_owned(),
        schedule: schedule.to_owned(),
        steps: STEPS,
        guidance: GUIDANCE,
        seed: SEED,
        width: extent.width,
        height: extent.height,
        ..Draft::default()
    };
    let limits = Limits {
        size_factor: 1,
        max_side: 2048,
        max_steps: 1000,
    };
    draft.recipe_of(task, limits).unwrap()
}

fn input(sha256: String) -> Input {
    Input { sha256 }
}

fn fill_of(scene: &Scene, strength: f64) -> Fill {
    Fill {
        image: input(scene.image.sha256()),
        mask: input(scene.mask.sha256()),
        strength: Strength(strength),
        region: Region::WholePicture,
        content: MaskedContent::Original,
        mask_blur: 0.0,
        match_colors: false,
    }
}

fn made(outcome: Outcome) -> Made {
    match outcome {
        Outcome::Made(made) => *made,
        Outcome::Cancelled => panic!("nobody cancelled"),
    }
}

/// Compares latents, and the pixels at the given places.
fn compare(scene: &Scene, key: &str, made: &Made, at: impl Fn(usize) -> bool) {
    let golden = &scene.goldens[&format!("{key}.latents")];
    assert_agrees(key, &made.tensors.latents, golden, RUN);
    let picture = scene.goldens[&format!("{key}.picture")]
        .flatten_all()
        .unwrap();
    let picture = picture.to_vec1::<f32>().unwrap();
    let ours = made.pixels.rgb();
    assert_eq!(ours.len(), picture.len());
    for (index, (ours, theirs)) in ours.into_iter().zip(picture).enumerate() {
        let gap = (f32::from(ours) - theirs * 255.0).abs();
        assert!(
            !at(index / 3) || gap <= PICTURE,
            "{key}: {ours} is not {}",
            theirs * 255.0
        );
    }
}

fn fill_with(model: &StableDiffusion, scene: &Scene) {
    for (sampler, schedule) in SAMPLERS {
        for strength in STRENGTHS {
            let fill = fill_of(scene, strength);
            let task = Task::Inpaint(fill.clone());
            let recipe = recipe(task, (sampler, schedule), scene.image.extent());
            let canvas = Canvas {
                image: &scene.image,
                mask: &scene.mask,
            };
            let token = CancelToken::new();
            let made = made(inpaint(model, &recipe, &fill, canvas, &token, &mut Silent).unwrap());
            let key = format!("inpaint.{sampler}.{schedule}.{strength:?}");
            compare(scene, &key, &made, |at| scene.mask.values()[at] > 0);
            let same =
                |at: &usize| made.pixels.rgba()[at * 4..][..4] == scene.image.rgba()[at * 4..][..4];
            assert!(
                (0..scene.image.extent().area())
                    .filter(|&at| scene.mask.values()[at] == 0)
                    .all(|at| same(&at)),
                "{key}: a pixel outside the mask has changed"
            );
        }
    }
}

#[test]
fn a_changed_picture_is_that_of_diffusers_for_every_sampler_and_strength() {
    for name in ["epsilon", "velocity"] {
        let (model, scene) = (model(name), scene(name));
        for (sampler, schedule) in SAMPLERS {
            for strength in STRENGTHS {
                let change = Change {
                    image: input(scene.image.sha256()),
                    strength: Strength(strength),
                    resize: ResizeMode::JustResize,
                };
                let task = Task::ImageToImage(change.clone());
                let recipe = recipe(task, (sampler, schedule), scene.image.extent());
                let token = CancelToken::new();
                let outcome =
                    image_to_image(&model, &recipe, &change, &scene.image, &token, &mut Silent);
                let key = format!("change.{sampler}.{schedule}.{strength:?}");
                compare(&scene, &key, &made(outcome.unwrap()), |_| true);
            }
        }
    }
}

#[test]
fn a_filled_picture_is_that_of_diffusers_for_every_sampler_and_strength() {
    fill_with(&model("epsilon"), &scene("epsilon"));
}

#[test]
fn an_inpainting_denoiser_sees_the_mask_as_in_diffusers() {
    fill_with(&inpainting_model(), &scene("inpaint"));
}
