//! Z-Image, against the numbers of `tests/golden/make_z_image.py`.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use afterimage::models::{
    Checkpoint, Manifest, StableDiffusion, TextEmbeddings, Told, WholeTokenizer,
};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{CancelToken, Made, Silent, encode_prompts, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Emphasis, Recipe, Task};
use afterimage::weights::{FolderFiles, Inversions, ModelFiles, Weights};
use candle_core::{DType, Device, Tensor};

use crate::golden::{RUN, assert_agrees, copy, made, model, path, recipe, tensors};

const LAYER: f32 = 1e-4;
const STEPS: u32 = 4;
const PROMPT: &str = "A red sailboat 一只红色的帆船, 在日落时的海边";
const NEGATIVE: &str = "blurry 模糊";

/// A recipe whose prompts are taken as they stand, as diffusers takes them.
fn literal(change: impl FnOnce(&mut Draft)) -> Recipe {
    recipe(Task::TextToImage, Extent::new(32, 32), |draft| {
        PROMPT.clone_into(&mut draft.prompt);
        NEGATIVE.clone_into(&mut draft.negative_prompt);
        draft.steps = STEPS;
        draft.guidance = 1.0;
        draft.emphasis = Emphasis::None;
        "euler".clone_into(&mut draft.sampler);
        change(draft);
    })
}

fn draw(model: &StableDiffusion, change: impl FnOnce(&mut Draft)) -> Made {
    let recipe = literal(change);
    made(text_to_image(model, &recipe, &CancelToken::new(), &mut Silent).unwrap())
}

fn answer(model: &StableDiffusion, latents: &Tensor) -> Tensor {
    let goldens = tensors("z_image/golden.safetensors");
    let never = Interrupt::never();
    let text = TextEmbeddings {
        tokens: goldens["embeddings.prompt"].unsqueeze(0).unwrap(),
        pooled: None,
    };
    let prompt = model.denoiser.read(&[text], Told::default(), &never);
    // Time 0.3985 is what this level leaves.
    let answer = model
        .denoiser
        .forward(latents, 601.5, &prompt.unwrap(), None, &never);
    answer.unwrap().0
}

#[derive(serde::Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
}

#[test]
fn a_prompt_becomes_a_question_in_the_chat_it_was_trained_on() {
    let text = fs::read_to_string(path("z_image/tokens.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    let files = FolderFiles::new(path("z_image"));
    let tokenizer = WholeTokenizer::of_qwen3(&files, "tokenizer").unwrap();
    for Case { text, ids } in &cases {
        let read = tokenizer.read(text, Emphasis::None, &Inversions::default());
        let read = read.unwrap();
        assert!(read.ids == *ids, "{text:?}");
        assert_eq!(read.cut.is_some(), text.len() > 2000, "{text:?}");
    }
    // Weights mean nothing to a language model: the words are told without them.
    let [weighed, plain] = [
        ("a (red:1.3) boat", Emphasis::A1111),
        ("a red boat", Emphasis::None),
    ]
    .map(|(text, emphasis)| tokenizer.read(text, emphasis, &Inversions::default()));
    assert_eq!(weighed.unwrap(), plain.unwrap());
}

#[test]
fn prompts_in_two_languages_are_read_as_transformers_reads_them() {
    let (model, goldens) = (model("z_image"), tensors("z_image/golden.safetensors"));
    let recipe = literal(|draft| draft.guidance = 2.5);
    let read = encode_prompts(&model, &recipe, &mut Silent, &Interrupt::never()).unwrap();
    for (name, text) in [
        ("prompt", read.positive()),
        ("negative", read.negative().unwrap()),
    ] {
        let golden = goldens[&format!("embeddings.{name}")].unsqueeze(0).unwrap();
        assert_agrees(name, &text.tokens, &golden, LAYER);
    }
}

#[test]
fn the_network_agrees_where_tokens_are_filled_up_and_where_not() {
    let (model, goldens) = (model("z_image"), tensors("z_image/golden.safetensors"));
    for size in ["full", "filled"] {
        let latents = &goldens[&format!("network.{size}.latents")];
        let golden = &goldens[&format!("network.{size}.output")];
        assert_agrees(size, &answer(&model, latents), golden, LAYER);
    }
}

#[test]
fn four_steps_end_at_diffusers_latents_without_guidance_and_with() {
    let (model, goldens) = (model("z_image"), tensors("z_image/golden.safetensors"));
    // diffusers counts guidance from 0, this studio from 1.
    for (name, guidance) in [("plain", 1.0), ("guided", 2.5)] {
        let made = draw(&model, |draft| draft.guidance = guidance);
        let golden = &goldens[&format!("run.{name}")];
        assert_agrees(name, &made.tensors.latents, golden, RUN);
    }
    let made = draw(&model, |_| {});
    let golden = goldens["picture"].flatten_all().unwrap();
    for (ours, theirs) in made
        .pixels
        .rgb()
        .into_iter()
        .zip(golden.to_vec1::<f32>().unwrap())
    {
        let gap = (f32::from(ours) - theirs * 255.0).abs();
        assert!(gap < 2.0, "{ours} is not {}", theirs * 255.0);
    }
}

#[test]
fn a_file_in_its_authors_names_computes_the_bits_of_its_folder() {
    let desk = tempfile::tempdir().unwrap();
    for part in ["text_encoder", "tokenizer", "vae"] {
        copy(&path("z_image").join(part), &desk.path().join(part));
    }
    let text = fs::read_to_string(path("z_image/names.json")).unwrap();
    let names: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).unwrap();
    let folder = FolderFiles::new(path("z_image"));
    let manifest = Manifest::read(&folder).unwrap();
    let weights: &Weights = manifest.denoiser_weights();
    let vb = weights.as_stored(DType::F32, &Device::Cpu);
    let mut tensors_of_file = HashMap::new();
    for (own, parts) in &names {
        let parts = parts
            .iter()
            .map(|name| vb.get(weights.shape(name).unwrap(), name).unwrap());
        let tensor = Tensor::cat(&parts.collect::<Vec<_>>(), 0).unwrap();
        tensors_of_file.insert(format!("model.diffusion_model.{own}"), tensor);
    }
    let file = desk.path().join("z_image_turbo.safetensors");
    candle_core::safetensors::save(&tensors_of_file, &file).unwrap();
    let file = Checkpoint::open(&file).unwrap();
    let load = |files: &dyn ModelFiles| {
        let manifest = Manifest::read(files).unwrap();
        let never = Interrupt::never();
        StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never).unwrap()
    };
    let (of_file, of_folder) = (load(&file), load(&folder));
    assert_eq!(of_file.manifest.scheduler, of_folder.manifest.scheduler);
    let latents = &tensors("z_image/golden.safetensors")["network.filled.latents"];
    let bits = |model: &StableDiffusion| {
        let values = answer(model, latents).flatten_all().unwrap();
        let values = values.to_vec1::<f32>().unwrap().into_iter();
        values.map(f32::to_bits).collect::<Vec<_>>()
    };
    assert!(bits(&of_file) == bits(&of_folder));
}

#[test]
fn it_is_taken_up_with_eight_steps_and_no_guidance() {
    let manifest = Manifest::read(&FolderFiles::new(path("z_image"))).unwrap();
    let usual = manifest.usual("Z-Image-Turbo");
    assert_eq!((usual.guidance, usual.steps), (1.0, 8));
    assert_eq!(manifest.family().unwrap().title, "Z-Image");
    assert_eq!(manifest.scheduler.shift, Some(3.0));
}
