//! Families beside Stable Diffusion 1.x and 2.x, against the numbers of `tests/golden/make_families.py`;
//! runs of all families with a LoRA, against those of `make_lora_runs.py`.

use afterimage::models::{Manifest, StableDiffusion, Told};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{CancelToken, Made, Silent, encode_prompts, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Emphasis, Recipe, SizeCondition, Task};
use afterimage::weights::{Adapter, Adapters, FolderFiles, Strengths};
use candle_core::{Device, Tensor};

use crate::golden::{
    GUIDANCE, RUN, assert_agrees, epsilon_with_unet, made, model, path, recipe, tensors,
};

const LAYER: f32 = 1e-4;
/// Steps of the whole runs.
const STEPS: u32 = 20;

fn told(width: u32, height: u32) -> Told {
    Told {
        size: SizeCondition::whole(width, height),
        guidance: GUIDANCE,
        ..Told::default()
    }
}

/// A recipe whose prompts are taken as they stand, as diffusers takes them.
fn literal(change: impl FnOnce(&mut Draft)) -> Recipe {
    recipe(Task::TextToImage, Extent::new(16, 16), |draft| {
        draft.steps = STEPS;
        draft.emphasis = Emphasis::None;
        change(draft);
    })
}

fn draw(model: &StableDiffusion, change: impl FnOnce(&mut Draft)) -> Made {
    let recipe = literal(change);
    made(text_to_image(model, &recipe, &CancelToken::new(), &mut Silent).unwrap())
}

#[test]
fn both_text_encoders_of_xl_agree_and_the_pooled_text() {
    let (model, goldens) = (model("xl"), tensors("xl/golden.safetensors"));
    let never = Interrupt::never();
    let recipe = literal(|_| {});
    let read = encode_prompts(&model, &recipe, &mut Silent, &never).unwrap();
    for (name, text) in [
        ("prompt", read.positive()),
        ("negative", read.negative().unwrap()),
    ] {
        let golden = &goldens[&format!("embeddings.{name}")];
        assert_agrees(name, &text.tokens, golden, LAYER);
        let golden = &goldens[&format!("embeddings.pooled.{name}")];
        assert_agrees(name, text.pooled.as_ref().unwrap(), golden, LAYER);
    }
}

#[test]
fn the_denoiser_of_xl_agrees_with_sizes_and_two_pooled_prompts_in_a_batch() {
    let (model, goldens) = (model("xl"), tensors("xl/golden.safetensors"));
    let never = Interrupt::never();
    let both = |key: &str| {
        let rows = ["negative", "prompt"].map(|name| &goldens[&format!("embeddings.{key}{name}")]);
        Tensor::cat(&rows, 0).unwrap()
    };
    let told = Told {
        size: SizeCondition {
            original: (16, 24),
            crop: (1, 3),
            target: (18, 20),
        },
        guidance: GUIDANCE,
        ..Told::default()
    };
    let prompt = model
        .unet()
        .unwrap()
        .read(&both(""), Some(&both("pooled.")), told, &never);
    let prompt = prompt.unwrap();
    for size in ["even", "odd"] {
        let latents = &goldens[&format!("unet.{size}.latents")];
        let ours = model
            .unet()
            .unwrap()
            .forward_with(latents, 601.5, &prompt, None, &never);
        let golden = &goldens[&format!("unet.{size}.output")];
        assert_agrees(size, &ours.unwrap().0, golden, LAYER);
    }
}

#[test]
fn twenty_steps_of_xl_end_at_diffusers_latents() {
    let (model, goldens) = (model("xl"), tensors("xl/golden.safetensors"));
    let run = |key: &str, change: &dyn Fn(&mut Draft)| {
        let made = draw(&model, change);
        assert_agrees(
            key,
            &made.tensors.latents,
            &goldens[&format!("run.{key}")],
            RUN,
        );
    };
    for sampler in ["euler", "euler_ancestral"] {
        run(sampler, &|draft| draft.sampler = sampler.to_owned());
    }
    run("without_negative", &|draft| {
        draft.sampler = "euler".to_owned();
        draft.negative_prompt.clear();
    });
    run("told_sizes", &|draft| {
        draft.sampler = "euler".to_owned();
        draft.size_condition = Some(SizeCondition {
            original: (48, 40),
            crop: (8, 4),
            target: (24, 32),
        });
    });
}

/// A model with the LoRA of a golden, all of whose layers it has.
fn with_lora(name: &str) -> StableDiffusion {
    let manifest = Manifest::read(&FolderFiles::new(path(name))).unwrap();
    let lora = Adapter::open(&path(&format!("{name}_lora/lora.safetensors"))).unwrap();
    let strengths = Strengths {
        unet: 0.7,
        text: 0.7,
    };
    let mut adapters = Adapters::default();
    let unused = adapters.add(&lora, strengths, &manifest.modules()).unwrap();
    assert_eq!(unused, [""; 0]);
    let (keep, never) = (Keep::AsStored, Interrupt::never());
    StableDiffusion::load_with(manifest, &adapters, &Device::Cpu, keep, &never).unwrap()
}

#[test]
fn a_lora_for_xl_changes_all_three_networks_as_in_diffusers() {
    let (model, goldens) = (with_lora("xl"), tensors("xl_lora/golden.safetensors"));
    let read = encode_prompts(&model, &literal(|_| {}), &mut Silent, &Interrupt::never()).unwrap();
    let prompt = read.positive();
    assert_agrees("prompt", &prompt.tokens, &goldens["lora.prompt"], LAYER);
    let pooled = prompt.pooled.as_ref().unwrap();
    assert_agrees("pooled", pooled, &goldens["lora.pooled"], LAYER);
    for sampler in ["euler", "euler_ancestral"] {
        let made = draw(&model, |draft| draft.sampler = sampler.to_owned());
        let golden = &goldens[&format!("lora.{sampler}")];
        assert_agrees(sampler, &made.tensors.latents, golden, RUN);
    }
}

#[test]
fn twenty_steps_with_a_lora_end_at_diffusers_latents_and_picture() {
    for (name, samplers) in [
        ("epsilon", &["euler_ancestral", "euler"][..]),
        ("velocity", &["euler_ancestral", "euler"]),
        ("sd3", &["euler"]),
    ] {
        let (model, goldens) = (
            with_lora(name),
            tensors(&format!("{name}_lora/golden.safetensors")),
        );
        let side = 8 * model.manifest.autoencoder.factor() as u32;
        for sampler in samplers {
            let made = draw(&model, |draft| {
                (*sampler).clone_into(&mut draft.sampler);
                (draft.width, draft.height) = if name == "sd3" {
                    (32, 24)
                } else {
                    (side, side)
                };
            });
            let what = format!("{name} with a LoRA: {sampler}");
            assert_agrees(&what, &made.tensors.latents, &goldens[*sampler], RUN);
            if *sampler == "euler" {
                assert_pictured(&what, &made, &goldens["picture"]);
            }
        }
    }
}

/// Samplers diffusers has too.
const SHARED: [&str; 13] = [
    "ddim",
    "ddpm",
    "dpmpp_2m",
    "dpm_2",
    "dpm_2_ancestral",
    "euler",
    "euler_ancestral",
    "heun",
    "lcm",
    "lms",
    "plms",
    "tcd",
    "uni_pc",
];

#[test]
fn twenty_steps_of_every_shared_sampler_end_at_diffusers_latents_and_pictures() {
    for name in ["epsilon", "velocity", "xl"] {
        let (model, goldens) = (model(name), tensors(&format!("{name}/runs.safetensors")));
        let side = 8 * model.manifest.autoencoder.factor() as u32;
        for sampler in SHARED {
            let made = draw(&model, |draft| {
                draft.sampler = sampler.to_owned();
                (draft.width, draft.height) = (side, side);
            });
            let what = format!("{name}: {sampler}");
            let golden = &goldens[&format!("run.{sampler}")];
            assert_agrees(&what, &made.tensors.latents, golden, RUN);
            if sampler == "uni_pc" {
                assert_pictured(&what, &made, &goldens["picture"]);
            }
        }
    }
}

/// Asserts that a picture is diffusers' to two of 255.
fn assert_pictured(what: &str, made: &Made, golden: &Tensor) {
    let golden = golden.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(made.pixels.rgb().len(), golden.len(), "{what}");
    for (ours, theirs) in made.pixels.rgb().into_iter().zip(golden) {
        let gap = (f32::from(ours) - theirs * 255.0).abs();
        assert!(gap < 2.0, "{what}: {ours} is not {}", theirs * 255.0);
    }
}

#[test]
fn a_picture_of_xl_is_diffusers_to_two_of_255() {
    let (model, goldens) = (model("xl"), tensors("xl/golden.safetensors"));
    let made = draw(&model, |draft| draft.sampler = "euler".to_owned());
    assert_pictured("xl", &made, &goldens["picture"]);
}

#[test]
fn a_consistency_model_is_told_the_guidance_and_asked_once() {
    let (model, goldens) = (
        epsilon_with_unet("lcm", "lcm"),
        tensors("lcm/golden.safetensors"),
    );
    let never = Interrupt::never();
    let read = encode_prompts(&model, &literal(|_| {}), &mut Silent, &never);
    let read = read.unwrap();
    assert!(read.negative().is_none());
    let prompt = model
        .unet()
        .unwrap()
        .read(&read.positive().tokens, None, told(16, 16), &never);
    let latents = &goldens["unet.latents"];
    let ours = model
        .unet()
        .unwrap()
        .forward_with(latents, 601.5, &prompt.unwrap(), None, &never);
    assert_agrees("lcm", &ours.unwrap().0, &goldens["unet.output"], LAYER);
    let weaker = Told {
        guidance: 1.5,
        ..told(16, 16)
    };
    let prompt = model
        .unet()
        .unwrap()
        .read(&read.positive().tokens, None, weaker, &never);
    let other = model
        .unet()
        .unwrap()
        .forward_with(latents, 601.5, &prompt.unwrap(), None, &never);
    let gap = crate::golden::gap(&other.unwrap().0, &goldens["unet.output"]);
    assert!(gap > 1e-3, "the guidance changes nothing: {gap}");
}
