//! Changing and filling pictures, beside diffusers' pipelines.

use afterimage::models::StableDiffusion;
use afterimage::pipelines::{CancelToken, Canvas, Silent, image_to_image, inpaint};
use afterimage::recipe::{Emphasis, Recipe, Task};

use crate::golden::{Scene, epsilon_with_unet, made, model, recipe, scene, with_unet};

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

fn starts(name: &str) -> Scene {
    scene(&format!("{name}/starts.safetensors"))
}

fn recipe_of(task: Task, scene: &Scene, (sampler, schedule): (&str, &str)) -> Recipe {
    recipe(task, scene.image.extent(), |draft| {
        sampler.clone_into(&mut draft.sampler);
        schedule.clone_into(&mut draft.schedule);
        // Prompts are taken as they stand, as diffusers takes them.
        draft.emphasis = Emphasis::None;
    })
}

fn fill_with(model: &StableDiffusion, scene: &Scene) {
    for (sampler, schedule) in SAMPLERS {
        for strength in STRENGTHS {
            let fill = scene.fill(strength);
            let recipe = recipe_of(Task::Inpaint(fill.clone()), scene, (sampler, schedule));
            let canvas = Canvas {
                image: &scene.image,
                mask: &scene.mask,
            };
            let token = CancelToken::new();
            let made = made(inpaint(model, &recipe, &fill, canvas, &token, &mut Silent).unwrap());
            let key = format!("inpaint.{sampler}.{schedule}.{strength:?}");
            scene.assert_made(&key, &made, PICTURE, |at| scene.mask.values()[at] > 0);
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
        let (model, scene) = (model(name), starts(name));
        for (sampler, schedule) in SAMPLERS {
            for strength in STRENGTHS {
                let change = scene.change(strength);
                let task = Task::ImageToImage(change.clone());
                let recipe = recipe_of(task, &scene, (sampler, schedule));
                let token = CancelToken::new();
                let outcome =
                    image_to_image(&model, &recipe, &change, &scene.image, &token, &mut Silent);
                let key = format!("change.{sampler}.{schedule}.{strength:?}");
                scene.assert_made(&key, &made(outcome.unwrap()), PICTURE, |_| true);
            }
        }
    }
}

#[test]
fn a_filled_picture_is_that_of_diffusers_for_every_sampler_and_strength() {
    fill_with(&model("epsilon"), &starts("epsilon"));
}

#[test]
fn an_inpainting_denoiser_sees_the_mask_as_in_diffusers() {
    fill_with(&epsilon_with_unet("inpaint", "inpaint"), &starts("inpaint"));
}

#[test]
fn an_inpainting_denoiser_of_xl_does_too_and_is_told_sizes() {
    let model = with_unet("xl", "xl_inpaint", "xl_inpaint");
    fill_with(&model, &starts("xl_inpaint"));
}
