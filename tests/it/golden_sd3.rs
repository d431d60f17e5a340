//! Stable Diffusion 3, against the numbers of `tests/golden/make_sd3.py`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterimage::models::{
    Checkpoint, DenoiserConfig, DenoiserWork, JointConfig, Manifest, StableDiffusion,
    TextEmbeddings, Told, WholeTokenizer, WithVae,
};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{
    CancelToken, Canvas, Made, PipelineError, Silent, encode_prompts, image_to_image, inpaint,
    text_to_image,
};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Emphasis, Limits, Problem, Recipe, Task};
use afterimage::weights::{FolderFiles, Inversions};
use candle_core::{Device, Tensor};
use serde::Deserialize;

use crate::golden::{assert_agrees, copy, made, model, path, recipe, scene, tensors};

const LAYER: f32 = 1e-4;
/// Steps of the whole runs.
const STEPS: u32 = 20;
/// Of 255, in a picture.
const PICTURE: f32 = 2.0;
/// Tokens the third encoder reads.
const WINDOW: usize = 256;

/// A recipe whose prompts are taken as they stand, as diffusers takes them.
fn literal(task: Task, extent: Extent, change: impl FnOnce(&mut Draft)) -> Recipe {
    recipe(task, extent, |draft| {
        draft.steps = STEPS;
        draft.emphasis = Emphasis::None;
        "euler".clone_into(&mut draft.sampler);
        change(draft);
    })
}

fn draw(model: &StableDiffusion, change: impl FnOnce(&mut Draft)) -> Made {
    let recipe = literal(Task::TextToImage, Extent::new(32, 24), change);
    made(text_to_image(model, &recipe, &CancelToken::new(), &mut Silent).unwrap())
}

/// The model `sd3` with the denoiser of one folder and the index of another, its files changed.
fn sd3_with(denoiser: &str, index: &str, change: impl FnOnce(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in [
        "tokenizer",
        "tokenizer_2",
        "tokenizer_3",
        "text_encoder",
        "text_encoder_2",
        "text_encoder_3",
        "vae",
        "scheduler",
    ] {
        copy(&path("sd3").join(part), &folder.path().join(part));
    }
    let part = "transformer";
    copy(&path(denoiser).join(part), &folder.path().join(part));
    let file = "model_index.json";
    fs::copy(path(index).join(file), folder.path().join(file)).unwrap();
    change(folder.path());
    folder
}

fn manifest(folder: &Path) -> Manifest {
    Manifest::read(&FolderFiles::new(folder)).unwrap()
}

fn load(folder: &Path) -> StableDiffusion {
    let manifest = manifest(folder);
    StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &Interrupt::never()).unwrap()
}

/// `sd3` without its third encoder.
fn with_two_encoders() -> StableDiffusion {
    load(sd3_with("sd3", "sd35", |_| {}).path())
}

#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
}

#[test]
fn texts_become_the_tokens_transformers_gives_from_either_file() {
    let bytes = fs::read(path("sd3/t5_tokens.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_slice(&bytes).unwrap();
    let pieces_alone = sd3_with("sd3", "sd3", |folder| {
        fs::remove_file(folder.join("tokenizer_3/tokenizer.json")).unwrap();
    });
    for folder in [&path("sd3"), pieces_alone.path()] {
        let files = FolderFiles::new(folder);
        let tokenizer = WholeTokenizer::of_t5(&files, "tokenizer_3", WINDOW).unwrap();
        for case in &cases {
            let read = tokenizer.read(&case.text, Emphasis::None, &Inversions::default());
            assert_eq!(read.unwrap().ids, case.ids, "{:?}", case.text);
        }
        let long = &cases.iter().last().unwrap().text;
        let cut = tokenizer.read(long, Emphasis::None, &Inversions::default());
        let cut = cut.unwrap();
        assert!(cut.tokens > WINDOW);
        let cut = cut.cut.unwrap();
        assert!(!cut.is_empty() && long.trim().ends_with(&cut), "{cut}");
    }
}

#[test]
fn three_text_encoders_agree_and_two_of_them() {
    let goldens = tensors("sd3/golden.safetensors");
    let never = Interrupt::never();
    let read = |model: &StableDiffusion| {
        let recipe = literal(Task::TextToImage, Extent::new(32, 24), |_| {});
        encode_prompts(model, &recipe, &mut Silent, &never).unwrap()
    };
    let ours = read(&model("sd3"));
    for (name, text) in [
        ("prompt", ours.positive()),
        ("negative", ours.negative().unwrap()),
    ] {
        let golden = &goldens[&format!("embeddings.{name}")];
        assert_agrees(name, &text.tokens, golden, LAYER);
        let golden = &goldens[&format!("embeddings.pooled.{name}")];
        assert_agrees(name, text.pooled.as_ref().unwrap(), golden, LAYER);
    }
    // Behind CLIP's window the third encoder alone, whose numbers are smaller.
    let third = |text: &Tensor| text.narrow(1, 77, WINDOW).unwrap();
    let golden = &goldens["embeddings.prompt"];
    assert_agrees(
        "third",
        &third(&ours.positive().tokens),
        &third(golden),
        LAYER,
    );
    let ours = read(&with_two_encoders());
    let golden = &tensors("sd3/runs.safetensors")["two.embeddings.prompt"];
    assert_agrees("two", &ours.positive().tokens, golden, LAYER);
}

#[test]
fn the_transformer_agrees_at_every_size_with_norms_and_two_attentions_or_without() {
    let told = tensors("sd3/golden.safetensors");
    for name in ["sd3", "sd35"] {
        let goldens = tensors(&format!("{name}/golden.safetensors"));
        let index = name;
        let model = load(sd3_with(name, index, |_| {}).path());
        let never = Interrupt::never();
        let text = |which: &str| {
            let tokens = &told[&format!("embeddings.{which}")];
            let tokens = if name == "sd3" {
                tokens.clone()
            } else {
                let clip = tokens.narrow(1, 0, 77).unwrap();
                let zeros = tokens.narrow(1, 77, WINDOW).unwrap().zeros_like().unwrap();
                Tensor::cat(&[clip, zeros], 1).unwrap()
            };
            TextEmbeddings {
                tokens,
                pooled: Some(told[&format!("embeddings.pooled.{which}")].clone()),
            }
        };
        let texts = ["negative", "prompt"].map(text);
        let prompt = model
            .denoiser
            .read(&texts, Told::default(), &never)
            .unwrap();
        for size in ["square", "wide"] {
            let latents = &goldens[&format!("transformer.{size}.latents")];
            let ours = model
                .denoiser
                .forward(latents, 601.5, &prompt, None, &never);
            let golden = &goldens[&format!("transformer.{size}.output")];
            assert_agrees(&format!("{name} {size}"), &ours.unwrap().0, golden, LAYER);
        }
    }
}

#[test]
fn the_autoencoder_of_sixteen_channels_agrees_with_its_shift() {
    let (model, goldens) = (model("sd3"), tensors("sd3/golden.safetensors"));
    let never = Interrupt::never();
    let (mean, _) = model
        .autoencoder
        .encode(&goldens["vae.pixels"], &never)
        .unwrap();
    let scaled = model.autoencoder.scale(&mean).unwrap();
    assert_agrees("encoded", &scaled, &goldens["vae.scaled"], LAYER);
    let decoded = model.decode(&goldens["vae.latents"], None, &never).unwrap();
    assert_agrees("decoded", &decoded, &goldens["vae.decoded"], LAYER);
}

/// Asserts that a picture is the golden one, to [`PICTURE`].
fn assert_picture(key: &str, made: &Made, golden: &Tensor) {
    let golden = golden.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let ours = made.pixels.rgb();
    assert_eq!(ours.len(), golden.len(), "{key}");
    for (ours, golden) in ours.into_iter().zip(golden) {
        let gap = (f32::from(ours) - golden * 255.0).abs();
        assert!(gap <= PICTURE, "{key}: {ours} is not {}", golden * 255.0);
    }
}

#[test]
fn twenty_steps_end_at_diffusers_picture_with_guidance_and_without() {
    let (model, goldens) = (model("sd3"), tensors("sd3/runs.safetensors"));
    let run = |model: &StableDiffusion, key: &str, change: &dyn Fn(&mut Draft)| {
        let made = draw(model, change);
        let golden = &goldens[&format!("run.{key}")];
        assert_agrees(key, &made.tensors.latents, golden, 1e-3);
        if let Some(golden) = goldens.get(&format!("run.{key}.picture")) {
            assert_picture(key, &made, golden);
        }
    };
    run(&model, "guided", &|_| {});
    run(&model, "alone", &|draft| draft.guidance = 1.0);
    run(&with_two_encoders(), "two", &|_| {});
    let dynamic = sd3_with("sd3", "sd3", |folder| {
        let config = r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0,
            "use_dynamic_shifting": true, "base_shift": 0.5, "max_shift": 1.16}"#;
        fs::write(folder.join("scheduler/scheduler_config.json"), config).unwrap();
    });
    run(&load(dynamic.path()), "dynamic", &|_| {});
}

#[test]
fn twenty_steps_of_a_denoiser_in_two_files_end_at_diffusers_latents() {
    let model = load(sd3_with("sd35", "sd35", |_| {}).path());
    let goldens = tensors("sd35/golden.safetensors");
    let made = draw(&model, |_| {});
    let golden = &goldens["run.guided"];
    assert_agrees("guided", &made.tensors.latents, golden, 1e-3);
}

#[test]
fn a_changed_and_a_filled_picture_are_those_of_diffusers() {
    let (model, scene) = (model("sd3"), scene("sd3/starts.safetensors"));
    let token = CancelToken::new();
    let change = scene.change(0.65);
    let task = Task::ImageToImage(change.clone());
    let recipe = literal(task, scene.image.extent(), |_| {});
    let outcome = image_to_image(&model, &recipe, &change, &scene.image, &token, &mut Silent);
    scene.assert_made("change.0.65", &made(outcome.unwrap()), PICTURE, |_| true);
    for strength in [1.0, 0.65] {
        let fill = scene.fill(strength);
        let recipe = literal(Task::Inpaint(fill.clone()), scene.image.extent(), |_| {});
        let canvas = Canvas {
            image: &scene.image,
            mask: &scene.mask,
        };
        let outcome = inpaint(&model, &recipe, &fill, canvas, &token, &mut Silent);
        let key = format!("inpaint.{strength:?}");
        scene.assert_made(&key, &made(outcome.unwrap()), PICTURE, |at| {
            scene.mask.values()[at] > 0
        });
    }
}

#[test]
fn weighed_parts_count_for_the_third_encoder_too() {
    let model = model("sd3");
    let never = Interrupt::never();
    let tokens = |prompt: &str, emphasis| {
        let recipe = recipe(Task::TextToImage, Extent::new(32, 24), |draft| {
            prompt.clone_into(&mut draft.prompt);
            draft.emphasis = emphasis;
        });
        let read = encode_prompts(&model, &recipe, &mut Silent, &never).unwrap();
        read.positive().tokens.narrow(1, 77, WINDOW).unwrap()
    };
    let literal = tokens("a cat", Emphasis::None);
    for emphasis in [Emphasis::A1111, Emphasis::Comfy] {
        let gap = |prompt: &str| crate::golden::gap(&tokens(prompt, emphasis), &literal);
        assert_eq!(gap("a cat"), 0.0, "{emphasis:?}");
        assert!(gap("a (cat:1.4)") > 1e-3, "{emphasis:?}");
    }
}

#[test]
fn a_folder_says_its_family_its_limits_and_what_it_is_usually_drawn_with() {
    let manifest = manifest(&path("sd3"));
    assert_eq!(manifest.family().unwrap().title, "Stable Diffusion 3");
    let usual = manifest.usual("a model");
    assert_eq!((usual.steps, usual.sampler), (28, Some("euler")));
    let turbo = manifest.usual("stable-diffusion-3.5-large-turbo");
    assert_eq!((turbo.steps, turbo.guidance), (4, 1.0));
    // A patch of two latents, each of two pixels; positions of twelve patches.
    assert_eq!(manifest.pixel_factor(), 4);
    assert_eq!(manifest.most_pixels(), Some(48));
    assert!(matches!(manifest.denoiser, DenoiserConfig::Joint(_)));
    assert_eq!(manifest.texts.tokens(), 77 + WINDOW);
    let without = self::manifest(sd3_with("sd3", "sd35", |_| {}).path());
    assert!(without.weight_bytes() < manifest.weight_bytes());
    assert!(without.resident_bytes(Keep::AsStored) < manifest.resident_bytes(Keep::AsStored));
}

#[test]
fn what_does_not_fit_a_flow_is_refused_and_what_fits_is_named() {
    let model = model("sd3");
    let refused = |change: &dyn Fn(&mut Draft)| {
        let recipe = literal(Task::TextToImage, Extent::new(32, 24), change);
        match text_to_image(&model, &recipe, &CancelToken::new(), &mut Silent) {
            Err(PipelineError::Recipe(problem)) => problem,
            other => panic!("{other:?}"),
        }
    };
    let problem = refused(&|draft| "ddim".clone_into(&mut draft.sampler));
    assert!(matches!(problem, Problem::SamplerUnsuited { .. }));
    let text = problem.to_string();
    assert!(text.contains("euler, heun, dpm_2, lms"), "{text}");
    let problem = refused(&|draft| draft.shortcuts.cache_interval = 3);
    assert_eq!(problem, Problem::CacheUnsuited);
}

#[test]
fn parts_of_other_models_are_refused_and_named() {
    let refused = |change: &dyn Fn(&Path)| {
        let folder = sd3_with("sd3", "sd3", |folder| change(folder));
        Manifest::read(&FolderFiles::new(folder.path()))
            .unwrap_err()
            .to_string()
    };
    let replace = |file: &'static str, from: &'static str, to: &'static str| {
        move |folder: &Path| {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{text}");
            fs::write(&path, text.replace(from, to)).unwrap();
        }
    };
    for (file, from, to, told) in [
        (
            "transformer/config.json",
            "\"joint_attention_dim\": 48",
            "\"joint_attention_dim\": 64",
            "width 64",
        ),
        (
            "transformer/config.json",
            "\"pooled_projection_dim\": 32",
            "\"pooled_projection_dim\": 40",
            "pooled prompt of width 40",
        ),
        (
            "scheduler/scheduler_config.json",
            "FlowMatchEulerDiscreteScheduler",
            "EulerDiscreteScheduler",
            "scheduler_config.json",
        ),
        (
            "text_encoder_3/config.json",
            "\"d_kv\": 8",
            "\"d_kv\": 0",
            "d_kv",
        ),
        (
            "model_index.json",
            "SD3Transformer2DModel",
            "FluxTransformer2DModel",
            "FluxTransformer2DModel",
        ),
    ] {
        let text = refused(&replace(file, from, to));
        assert!(text.contains(told), "{file}: {text}");
    }
    let text = refused(&|folder| {
        fs::remove_file(folder.join("tokenizer_3/tokenizer.json")).unwrap();
        fs::write(folder.join("tokenizer_3/spiece.model"), b"not pieces").unwrap();
    });
    assert!(text.contains("tokenizer_3/spiece.model"), "{text}");
}

/// Limits as the engine has them are checked before a run.
#[test]
fn a_size_that_is_no_whole_patch_is_refused() {
    let limits = Limits {
        size_factor: manifest(&path("sd3")).pixel_factor() as u32,
        max_side: 48,
        max_steps: 1000,
    };
    let draft = Draft {
        width: 30,
        height: 24,
        ..Draft::default()
    };
    let problems = draft.problems(limits);
    assert!(matches!(
        problems[0],
        Problem::SizeNotMultiple { factor: 4, .. }
    ));
}

#[test]
fn the_transformer_looks_between_its_blocks_and_stops_there() {
    let model = model("sd3");
    let goldens = tensors("sd3/golden.safetensors");
    let latents = &goldens["transformer.square.latents"];
    let text = TextEmbeddings {
        tokens: goldens["embeddings.prompt"].clone(),
        pooled: Some(goldens["embeddings.pooled.prompt"].clone()),
    };
    let texts = [text.clone(), text];
    let prompt = model
        .denoiser
        .read(&texts, Told::default(), &Interrupt::never());
    let prompt = prompt.unwrap();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let interrupt = Interrupt::when(move || counted.fetch_add(1, Ordering::SeqCst) >= 2);
    let stopped = model
        .denoiser
        .forward(latents, 500.0, &prompt, None, &interrupt);
    assert!(stopped.is_err());
    assert!(looks.load(Ordering::SeqCst) <= 2 + 8);
}

/// A checkpoint in one file of the denoiser in its publisher's names, CLIP's text encoders of as many
/// words as their vocabulary has, and no autoencoder.
fn published(folder: &Path) -> std::path::PathBuf {
    const WORDS: usize = 49408;
    let mut own = tensors("sd35/published.safetensors");
    let mut all: HashMap<String, Tensor> = own
        .drain()
        .map(|(name, tensor)| (format!("model.diffusion_model.{name}"), tensor))
        .collect();
    for (part, place) in [("text_encoder", "clip_l"), ("text_encoder_2", "clip_g")] {
        let tensors = tensors(&format!("sd3/{part}/model.safetensors"));
        all.extend(tensors.into_iter().map(|(name, tensor)| {
            let tensor = if name.ends_with("token_embedding.weight") {
                let (rows, width) = tensor.dims2().unwrap();
                tensor
                    .pad_with_zeros(0, 0, WORDS - rows)
                    .unwrap()
                    .reshape((WORDS, width))
                    .unwrap()
            } else {
                tensor
            };
            let name = format!("text_encoders.{place}.transformer.{name}");
            (name, tensor)
        }));
    }
    let file = folder.join("sd35.safetensors");
    candle_core::safetensors::save(&all, &file).unwrap();
    file
}

#[test]
fn a_checkpoint_in_its_publishers_names_computes_what_its_folder_does_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let file = published(folder.path());
    let checkpoint = Checkpoint::open(&file).unwrap();
    let text = Manifest::read(&checkpoint).unwrap_err().to_string();
    assert!(text.contains("holds no VAE"), "{text}");
    let vae = path("sd3/vae/diffusion_pytorch_model.safetensors");
    let whole = WithVae::over(Box::new(checkpoint), &vae).unwrap();
    let manifest = Manifest::read(&whole).unwrap();
    assert_eq!(manifest.family().unwrap().id, "sd3");
    assert_eq!(manifest.autoencoder.shift_factor, Some(0.0609));
    let from_folder = self::manifest(sd3_with("sd35", "sd35", |_| {}).path());
    let DenoiserConfig::Joint(config) = &from_folder.denoiser else {
        panic!("{:?}", from_folder.denoiser)
    };
    // What no shape tells is as published.
    let config = JointConfig {
        sample_size: 128,
        ..config.clone()
    };
    assert_eq!(manifest.denoiser, DenoiserConfig::Joint(config));
    let goldens = tensors("sd35/golden.safetensors");
    let told = tensors("sd3/golden.safetensors");
    let never = Interrupt::never();
    let outputs = [manifest, from_folder].map(|manifest| {
        let model = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never).unwrap();
        let texts = ["negative", "prompt"].map(|which| TextEmbeddings {
            tokens: told[&format!("embeddings.{which}")].clone(),
            pooled: Some(told[&format!("embeddings.pooled.{which}")].clone()),
        });
        let prompt = model
            .denoiser
            .read(&texts, Told::default(), &never)
            .unwrap();
        let latents = &goldens["transformer.wide.latents"];
        let output = model
            .denoiser
            .forward(latents, 601.5, &prompt, None, &never);
        output
            .unwrap()
            .0
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap()
    });
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn t5_in_a_checkpoint_is_read_where_its_vocabulary_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = published(folder.path());
    let mut all = candle_core::safetensors::load(&file, &Device::Cpu).unwrap();
    let third = tensors("sd3/text_encoder_3/model.safetensors");
    all.extend(third.into_iter().map(|(name, tensor)| {
        let name = format!("text_encoders.t5xxl.transformer.{name}");
        (name, tensor)
    }));
    candle_core::safetensors::save(&all, &file).unwrap();
    let vae = path("sd3/vae/diffusion_pytorch_model.safetensors");
    let read = || {
        let checkpoint = Checkpoint::open(&file).unwrap();
        let whole = WithVae::over(Box::new(checkpoint), &vae).unwrap();
        Manifest::read(&whole).unwrap()
    };
    assert!(read().texts.whole.is_none());
    let pieces = path("sd3/tokenizer_3/spiece.model");
    fs::copy(pieces, folder.path().join("spiece.model")).unwrap();
    let of_folder = self::manifest(&path("sd3"));
    let never = Interrupt::never();
    let recipe = literal(Task::TextToImage, Extent::new(16, 16), |_| {});
    let told = [read(), of_folder].map(|manifest| {
        assert!(manifest.texts.whole.is_some());
        let model = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never).unwrap();
        let read = encode_prompts(&model, &recipe, &mut Silent, &never).unwrap();
        // Behind the window of CLIP's.
        let tokens = read.positive().tokens.narrow(1, 77, WINDOW).unwrap();
        tokens.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    });
    assert_eq!(told[0], told[1]);
    assert!(told[0].iter().any(|value| *value != told[0][0]));
}

/// A transformer, and the multiplications of its calls as torch counts them.
#[derive(Deserialize)]
struct Counted {
    config: JointConfig,
    side_whole: Vec<(f64, f64)>,
}

#[test]
fn work_is_counted_as_torch_counts_it() {
    let text = fs::read_to_string(path("sd35/work.json")).unwrap();
    let counted: Vec<Counted> = serde_json::from_str(&text).unwrap();
    assert_eq!(counted.len(), 3);
    for Counted { config, side_whole } in counted {
        let work = DenoiserWork::of_joint(&config, 77 + WINDOW);
        for (side, whole) in side_whole {
            let ours = work.whole(side * side);
            assert!(
                (ours / whole - 1.0).abs() < 1e-12,
                "{config:?} at {side}: {ours}"
            );
            assert_eq!(work.outer(side * side), ours);
        }
    }
}
