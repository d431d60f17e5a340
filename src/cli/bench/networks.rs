//! Our networks beside stock candle's, and the stages of one picture by Sprout.

use candle_transformers::models::stable_diffusion::{unet_2d, vae};

use super::full_size::{SD15_AUTOENCODER, SD15_UNET, SMALL_UNET, autoencoder, inputs, unet};
use super::random_weights::random_weights;
use super::{median, say_machine, say_peak_memory};
use crate::cli::{CommandError, console::say, failed};
use crate::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId, Request,
};
use crate::nn::Interrupt;
use crate::recipe::{Draft, Limits};

/// A network in both implementations: blocks as `(channels, attention)`.
struct UnetCase {
    name: &'static str,
    config: &'static str,
    blocks: &'static [(usize, bool)],
    layers: usize,
    context: usize,
    side: usize,
    runs: usize,
}

const SMALL: UnetCase = UnetCase {
    name: "UNet 64/128/192, latent 32",
    config: SMALL_UNET,
    blocks: &[(64, true), (128, true), (192, false)],
    layers: 2,
    context: 256,
    side: 32,
    runs: 7,
};

const SD15: UnetCase = UnetCase {
    name: "UNet of SD 1.5, latent 32",
    config: SD15_UNET,
    blocks: &[(320, true), (640, true), (1280, true), (1280, false)],
    layers: 2,
    context: 768,
    side: 32,
    runs: 3,
};

/// Prints times and ratios; with `full`, of Stable Diffusion 1.5's sizes too.
pub(super) fn run(full: bool, options: EngineOptions) -> Result<(), CommandError> {
    say_machine()?;
    sprout(options)?;
    compare_unet(&SMALL)?;
    if full {
        compare_unet(&SD15)?;
        compare_decoder()?;
    }
    say_peak_memory()
}

/// The command of the README, by stage.
fn sprout(options: EngineOptions) -> Result<(), CommandError> {
    let folder = tempfile::tempdir().map_err(failed)?;
    let options = EngineOptions {
        pictures: folder.path().to_path_buf(),
        ..options
    };
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let draft = Draft {
        prompt: "a red sailboat on the ocean at sunset".to_owned(),
        seed: 7,
        ..Draft::default()
    };
    let limits = Limits {
        size_factor: 8,
        max_side: 256,
        max_steps: 1000,
    };
    let recipe = draft
        .recipe(limits)
        .map_err(|problems| failed(format!("{problems:?}")))?;
    let job = Job {
        id: JobId(0),
        recipe,
        count: 1,
        inputs: Inputs::default(),
        destination: Destination::Library,
        dump_latents: Vec::new(),
        threads: None,
    };
    engine
        .send(Request::Submit(Box::new(job)))
        .map_err(failed)?;
    while let Some(event) = engine.next_event() {
        match event {
            Event::Finished { figures, .. } => {
                let stages: Vec<_> = figures
                    .stages
                    .iter()
                    .map(|(stage, took)| format!("{} {:.3} s", stage.id(), took.as_secs_f64()))
                    .collect();
                return say(&format!(
                    "Sprout, 20 steps at 256x256: {}",
                    stages.join(", ")
                ));
            }
            Event::Failed { failure, .. } => return Err(failed(failure)),
            _ => {}
        }
    }
    Err(CommandError::Failed("the engine ended".to_owned()))
}

fn compare_unet(case: &UnetCase) -> Result<(), CommandError> {
    let (latents, context) = inputs(4, case.side, case.context).map_err(failed)?;
    let ours = {
        let network = unet(case.config).map_err(failed)?;
        median(case.runs, || {
            network
                .forward(&latents, 500.0, &context, &Interrupt::never())
                .map(drop)
        })?
    };
    let blocks = case
        .blocks
        .iter()
        .map(|&(out_channels, attends)| unet_2d::BlockConfig {
            out_channels,
            use_cross_attn: attends.then_some(1),
            attention_head_dim: 8,
        });
    let config = unet_2d::UNet2DConditionModelConfig {
        blocks: blocks.collect(),
        layers_per_block: case.layers,
        cross_attention_dim: case.context,
        ..Default::default()
    };
    let network = unet_2d::UNet2DConditionModel::new(random_weights(), 4, 4, false, config)
        .map_err(failed)?;
    let stock = median(case.runs, || {
        network.forward(&latents, 500.0, &context).map(drop)
    })?;
    say_ratio(case.name, ours.as_secs_f64(), stock.as_secs_f64())
}

fn compare_decoder() -> Result<(), CommandError> {
    let (latents, _) = inputs(4, 32, 1).map_err(failed)?;
    let ours = {
        let network = autoencoder(SD15_AUTOENCODER).map_err(failed)?;
        median(1, || {
            network.decode(&latents, &Interrupt::never()).map(drop)
        })?
    };
    let config = vae::AutoEncoderKLConfig {
        block_out_channels: vec![128, 256, 512, 512],
        layers_per_block: 2,
        latent_channels: 4,
        norm_num_groups: 32,
        use_quant_conv: true,
        use_post_quant_conv: true,
    };
    let network = vae::AutoEncoderKL::new(random_weights(), 3, 3, config).map_err(failed)?;
    let stock = median(1, || network.decode(&latents).map(drop))?;
    say_ratio(
        "VAE decoder of SD 1.5, latent 32",
        ours.as_secs_f64(),
        stock.as_secs_f64(),
    )
}

fn say_ratio(name: &str, ours: f64, stock: f64) -> Result<(), CommandError> {
    say(&format!(
        "{name}: ours {ours:.3} s, stock candle {stock:.3} s, ratio {:.2}",
        ours / stock
    ))
}
