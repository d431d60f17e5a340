use afterimage::nn::Interrupt;
use afterimage::pipelines::{CancelToken, Silent, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Recipe, SAMPLERS, SCHEDULES, Task};
use candle_core::Tensor;

use crate::golden::{MODELS, RUN, assert_agrees, made, model, recipe, tensors};

const LAYER: f32 = 1e-4;

#[test]
fn text_embeddings_agree() {
    for name in MODELS {
        let (model, goldens) = (model(name), tensors(&format!("{name}/golden.safetensors")));
        for prompt in ["prompt", "negative", "empty", "long"] {
            let ids = goldens[&format!("ids.{prompt}")].to_vec1::<i64>().unwrap();
            let ids: Vec<u32> = ids.into_iter().map(|id| id as u32).collect();
            let ours = model
                .text()
                .unwrap()
                .first()
                .unwrap()
                .forward(&ids, &Interrupt::never())
                .unwrap();
            let golden = &goldens[&format!("embeddings.{prompt}")];
            assert_agrees(&format!("{name}: {prompt}"), &ours, golden, LAYER);
        }
    }
}

#[test]
fn one_call_of_the_unet_agrees_at_sizes_its_blocks_divide_and_do_not() {
    for name in MODELS {
        let (model, goldens) = (model(name), tensors(&format!("{name}/golden.safetensors")));
        let context = Tensor::cat(
            &[
                &goldens["embeddings.negative"],
                &goldens["embeddings.prompt"],
            ],
            0,
        )
        .unwrap();
        for size in ["even", "odd"] {
            let latents = &goldens[&format!("unet.{size}.latents")];
            let ours = model
                .unet()
                .unwrap()
                .forward(latents, 601.5, &context, &Interrupt::never())
                .unwrap();
            let golden = &goldens[&format!("unet.{size}.output")];
            assert_agrees(&format!("{name}: {size}"), &ours, golden, LAYER);
        }
    }
}

#[test]
fn the_autoencoder_agrees_both_ways() {
    for name in MODELS {
        let (model, goldens) = (model(name), tensors(&format!("{name}/golden.safetensors")));
        let never = Interrupt::never();
        let decoded = model
            .autoencoder
            .decode(&goldens["vae.latents"], &never)
            .unwrap();
        assert_agrees(
            &format!("{name}: decode"),
            &decoded,
            &goldens["vae.decoded"],
            LAYER,
        );
        let (mean, logvar) = model
            .autoencoder
            .encode(&goldens["vae.picture"], &never)
            .unwrap();
        assert_agrees(&format!("{name}: mean"), &mean, &goldens["vae.mean"], LAYER);
        assert_agrees(
            &format!("{name}: log-variance"),
            &logvar,
            &goldens["vae.logvar"],
            LAYER,
        );
    }
}

fn recipe_of(name: &str, side: u32, change: impl FnOnce(&mut Draft)) -> Recipe {
    recipe(Task::TextToImage, Extent::new(side, side), |draft| {
        name.clone_into(&mut draft.model);
        change(draft);
    })
}

#[test]
fn ten_steps_on_each_schedule_of_diffusers_end_at_its_latents() {
    for name in MODELS {
        let (model, goldens) = (model(name), tensors(&format!("{name}/golden.safetensors")));
        let side = 8 * model.manifest.autoencoder.factor() as u32;
        let mut runs = 0;
        for sampler in SAMPLERS {
            for schedule in SCHEDULES {
                let Some(golden) = goldens.get(&format!("run.{}.{}", sampler.id, schedule.id))
                else {
                    continue;
                };
                runs += 1;
                let recipe = recipe_of(name, side, |draft| {
                    draft.sampler = sampler.id.to_owned();
                    draft.schedule = schedule.id.to_owned();
                });
                let token = CancelToken::new();
                let made = made(text_to_image(&model, &recipe, &token, &mut Silent).unwrap());
                let what = format!("{name}: {} on {}", sampler.id, schedule.id);
                assert_agrees(&what, &made.tensors.latents, golden, RUN);
            }
        }
        assert_eq!(runs, 8);
    }
}

#[test]
fn a_whole_picture_without_guidance_is_diffusers_to_the_last_bit_or_one_off() {
    for name in MODELS {
        let (model, goldens) = (model(name), tensors(&format!("{name}/golden.safetensors")));
        let side = 8 * model.manifest.autoencoder.factor() as u32;
        let recipe = recipe_of(name, side, |draft| {
            draft.sampler = "ddim".to_owned();
            draft.steps = 3;
            draft.guidance = 1.0;
        });
        let token = CancelToken::new();
        let made = made(text_to_image(&model, &recipe, &token, &mut Silent).unwrap());
        let golden = goldens["picture.unguided"]
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        assert_eq!(made.pixels.rgb().len(), golden.len());
        for (ours, theirs) in made.pixels.rgb().into_iter().zip(golden) {
            let gap = (f32::from(ours) - theirs * 255.0).abs();
            assert!(gap < 0.6, "{ours} is not {}", theirs * 255.0);
        }
    }
}
