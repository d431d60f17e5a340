//! Guidance in an interval and step caching, beside `tests/golden/make_shortcuts.py`.

use afterimage::models::{DenoiserWork, StableDiffusion, Told, UNetConfig};
use afterimage::nn::Interrupt;
use afterimage::pipelines::{
    CancelToken, Canvas, Silent, encode_prompts, image_to_image, inpaint, text_to_image,
};
use afterimage::raster::Extent;
use afterimage::recipe::{Recipe, Shortcuts, Span, Task};
use afterimage::samplers::{NoiseStream, Plan, Schedule, Solver};
use candle_core::Tensor;
use serde::Deserialize;

use crate::golden::{
    MODELS, STEPS, Scene, assert_agrees, epsilon_with_unet, made, model, path, recipe, scene,
    tensors,
};

/// Of 255, in a picture.
const PICTURE: f32 = 2.0;
const STRENGTH: f64 = 0.65;
const SAMPLERS: [&str; 3] = ["ddim", "euler_ancestral", "dpmpp_2m"];
const SHORTCUTS: [Shortcuts; 6] = [
    shortcuts(0.0, 1.0, 2),
    shortcuts(0.0, 1.0, 3),
    shortcuts(0.0, 1.0, 5),
    shortcuts(0.2, 0.7, 1),
    shortcuts(0.2, 0.7, 3),
    shortcuts(0.0, 0.5, 4),
];

const fn shortcuts(from: f64, to: f64, cache_interval: u32) -> Shortcuts {
    Shortcuts {
        guidance: Span { from, to },
        cache_interval,
    }
}

/// Every sampler with every way to leave something out: its key in the goldens, and its recipe.
fn asked(verb: &str, task: &Task, extent: Extent) -> Vec<(String, Recipe)> {
    let of = |sampler: &str, shortcuts: Shortcuts| {
        let Span { from, to } = shortcuts.guidance;
        let interval = shortcuts.cache_interval;
        let recipe = recipe(task.clone(), extent, |draft| {
            sampler.clone_into(&mut draft.sampler);
            draft.shortcuts = shortcuts;
        });
        (
            format!("{verb}.{sampler}.{from:?}.{to:?}.{interval}"),
            recipe,
        )
    };
    let all = SAMPLERS
        .into_iter()
        .flat_map(|sampler| SHORTCUTS.map(|shortcuts| of(sampler, shortcuts)));
    all.collect()
}

/// Asserts that so many calls are whole, and so many guided, as in the reference.
fn assert_calls(scene: &Scene, key: &str, recipe: &Recipe) {
    let golden = scene.goldens[&format!("{key}.calls")]
        .to_vec1::<i64>()
        .unwrap();
    let steps = recipe.task.strength().steps_of(STEPS);
    let calls = recipe.shortcuts.calls(steps, true);
    let whole = calls.iter().filter(|call| call.whole).count();
    let guided = calls.iter().filter(|call| call.guided).count();
    assert_eq!([whole as i64, guided as i64], golden[..], "{key}");
}

fn draw_with(model: &StableDiffusion, name: &str) {
    let scene = scene(&format!("{name}/shortcuts.safetensors"));
    let side = 8 * model.manifest.autoencoder.factor() as u32;
    for (key, recipe) in asked("draw", &Task::TextToImage, Extent::new(side, side)) {
        assert_calls(&scene, &key, &recipe);
        let outcome = text_to_image(model, &recipe, &CancelToken::new(), &mut Silent);
        scene.assert_made(&key, &made(outcome.unwrap()), PICTURE, |_| true);
    }
}

#[test]
fn pictures_from_a_prompt_are_those_of_the_reference() {
    for name in MODELS {
        draw_with(&model(name), name);
    }
}

#[test]
fn so_they_are_with_sprouts_blocks() {
    draw_with(&epsilon_with_unet("sprout-like", "epsilon"), "sprout-like");
}

#[test]
fn changed_and_filled_pictures_are_those_of_the_reference() {
    let (model, scene) = (model("epsilon"), scene("epsilon/shortcuts.safetensors"));
    let extent = scene.image.extent();
    let change = scene.change(STRENGTH);
    for (key, recipe) in asked("change", &Task::ImageToImage(change.clone()), extent) {
        assert_calls(&scene, &key, &recipe);
        let token = CancelToken::new();
        let outcome = image_to_image(&model, &recipe, &change, &scene.image, &token, &mut Silent);
        scene.assert_made(&key, &made(outcome.unwrap()), PICTURE, |_| true);
    }
    let fill = scene.fill(STRENGTH);
    let canvas = Canvas {
        image: &scene.image,
        mask: &scene.mask,
    };
    for (key, recipe) in asked("inpaint", &Task::Inpaint(fill.clone()), extent) {
        let token = CancelToken::new();
        let outcome = inpaint(&model, &recipe, &fill, canvas, &token, &mut Silent);
        let painted = |at: usize| scene.mask.values()[at] > 0;
        scene.assert_made(&key, &made(outcome.unwrap()), PICTURE, painted);
    }
}

/// The loop as it was before there were shortcuts.
fn plain_loop(model: &StableDiffusion, recipe: &Recipe, shape: &[usize]) -> Tensor {
    let never = Interrupt::never();
    let conditioning = encode_prompts(model, recipe, &mut Silent, &never).unwrap();
    let negative = conditioning.negative().unwrap();
    let context = Tensor::cat(&[&negative.tokens, &conditioning.positive().tokens], 0).unwrap();
    let plan = Plan {
        config: &model.manifest.scheduler,
        schedule: Schedule::NORMAL,
        steps: recipe.steps as usize,
        first_step: 0,
        tokens: 0,
    };
    let mut sampler = Solver::by_id(&recipe.sampler).unwrap().start(&plan);
    let mut noise = NoiseStream::new(recipe.noise, recipe.seed);
    let drawn = noise.tensor(shape, &model.device).unwrap();
    let mut latents = (drawn * sampler.init_noise_sigma()).unwrap();
    for (step, timestep) in sampler.timesteps().to_vec().into_iter().enumerate() {
        let input = sampler.scale_input(&latents, step).unwrap();
        let both = Tensor::cat(&[&input, &input], 0).unwrap();
        let output = model
            .unet()
            .unwrap()
            .forward(&both, timestep, &context, &never);
        let halves = output.unwrap().chunk(2, 0).unwrap();
        let (negative, positive) = (&halves[0], &halves[1]);
        let away = ((positive - negative).unwrap() * f64::from(recipe.guidance)).unwrap();
        let output = (negative + away).unwrap();
        let done = sampler.step(&output, step, &latents, &mut noise).unwrap();
        latents = done.latents;
    }
    latents
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

#[test]
fn a_picture_without_shortcuts_is_what_it_always_was_to_the_bit() {
    let model = model("epsilon");
    for sampler in SAMPLERS {
        let recipe = recipe(Task::TextToImage, Extent::new(16, 16), |draft| {
            sampler.clone_into(&mut draft.sampler);
            draft.shortcuts = shortcuts(0.0, 1.0, 1);
        });
        let outcome = text_to_image(&model, &recipe, &CancelToken::new(), &mut Silent);
        let ours = made(outcome.unwrap()).tensors.latents;
        let plain = plain_loop(&model, &recipe, ours.dims());
        assert_eq!(bits(&ours), bits(&plain), "{sampler}");
    }
}

#[test]
fn what_was_kept_of_both_prompts_serves_for_either_and_not_for_more() {
    for name in MODELS {
        let (model, goldens) = (model(name), tensors(&format!("{name}/golden.safetensors")));
        let never = Interrupt::never();
        let prompts = ["embeddings.negative", "embeddings.prompt"].map(|key| goldens[key].clone());
        let both = Tensor::cat(&prompts, 0).unwrap();
        let latents = &goldens["unet.odd.latents"];
        let call = |latents: &Tensor, context: &Tensor, kept| {
            let prompt = model
                .unet()
                .unwrap()
                .read(context, None, Told::default(), &never)
                .unwrap();
            let unet = model.unet().unwrap();
            let done = unet.forward_with(latents, 601.5, &prompt, kept, &never);
            done.unwrap()
        };
        let (whole, kept) = call(latents, &both, None);
        // From the same latents the outermost layers give again what they gave.
        let (outer, _) = call(latents, &both, Some(kept.clone()));
        assert_eq!(bits(&outer), bits(&whole), "{name}");
        let second = latents.narrow(0, 1, 1).unwrap();
        let (outer, _) = call(&second, &prompts[1], Some(kept.of_last(1).unwrap()));
        assert_agrees(name, &outer, &whole.narrow(0, 1, 1).unwrap(), 1e-5);
        assert!(kept.of_last(3).is_err());
    }
}

/// A UNet, and the multiplications of its calls as torch counts them.
#[derive(Deserialize)]
struct Counted {
    unet: String,
    config: UNetConfig,
    side_whole_outer: Vec<(f64, f64, f64)>,
}

#[test]
fn work_is_counted_as_torch_counts_it() {
    let text = std::fs::read_to_string(path("work.json")).unwrap();
    let counted: Vec<Counted> = serde_json::from_str(&text).unwrap();
    assert_eq!(counted.len(), 5);
    for Counted {
        unet,
        config,
        side_whole_outer,
    } in counted
    {
        let work = DenoiserWork::of_unet(&config, 77);
        for (side, whole, outer) in side_whole_outer {
            let pixels = side * side;
            assert_eq!(work.whole(pixels), whole, "{unet} at {side}");
            assert_eq!(work.outer(pixels), outer, "{unet} at {side}");
        }
    }
}
