//! `scheduler/scheduler_config.json` of a checkpoint, and what its denoiser predicts.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::family::{Family, Kind};
use crate::weights::Weights;

/// What the denoiser's output means, and whether the last training step was all noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prediction {
    pub(super) velocity: bool,
    pub(super) zero_snr: bool,
}

impl Prediction {
    /// No shape tells it. In this order: tensors named for it, which trainers of Stable Diffusion XL
    /// write; the file's own words; the configuration beside it, as Stability and A1111 lay it; the
    /// most usual of the family, which for 2.x is the velocity (of 768 pixels) but for inpainting.
    pub(super) fn of(weights: &Weights, path: &Path, family: &Family) -> Self {
        let has = |name: &str| weights.shape(name).is_some();
        let zero_snr = has("ztsnr");
        let told = has("v_pred")
            .then_some(true)
            .or_else(|| told_by(weights))
            .or_else(|| told_beside(path));
        Self {
            velocity: told.unwrap_or(family.kind == Kind::Two && !family.inpaints),
            zero_snr,
        }
    }
}

/// What the metadata says: whether the velocity is predicted.
fn told_by(weights: &Weights) -> Option<bool> {
    match weights.about("modelspec.prediction_type") {
        Some("v") => return Some(true),
        Some("epsilon") => return Some(false),
        _ => {}
    }
    let architecture = weights.about("modelspec.architecture")?;
    if architecture.contains("v2-768-v") {
        Some(true)
    } else if architecture.contains("v2-512") {
        Some(false)
    } else {
        None
    }
}

/// Longest configuration that is looked into.
const MOST_BYTES: u64 = 1 << 16;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static VELOCITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\s*parameterization:\s*["']?v["']?\s*$"#).expect("valid pattern")
});

/// What a `.yaml` of latent diffusion says that is named like the checkpoint.
fn told_beside(path: &Path) -> Option<bool> {
    let file = File::open(path.with_extension("yaml")).ok()?;
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    text.contains("unet_config")
        .then(|| VELOCITY.is_match(&text))
}

/// As published with each family.
pub(super) fn config(kind: Kind, prediction: Prediction) -> Value {
    if kind == Kind::Joint {
        return json!({
            "_class_name": "FlowMatchEulerDiscreteScheduler",
            "num_train_timesteps": 1000,
            "shift": 3.0,
        });
    }
    let class = match (kind, prediction.velocity) {
        (Kind::Xl, _) => "EulerDiscreteScheduler",
        (_, true) => "DDIMScheduler",
        (_, false) => "PNDMScheduler",
    };
    let name = if prediction.velocity {
        "v_prediction"
    } else {
        "epsilon"
    };
    let mut config = json!({
        "_class_name": class,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "clip_sample": false,
        "num_train_timesteps": 1000,
        "prediction_type": name,
        "set_alpha_to_one": false,
        "skip_prk_steps": true,
        "steps_offset": 1,
        "trained_betas": null,
    });
    if kind == Kind::Xl {
        config["interpolation_type"] = json!("linear");
        config["timestep_spacing"] = json!("leading");
        config["use_karras_sigmas"] = json!(false);
    }
    if prediction.zero_snr {
        config["rescale_betas_zero_snr"] = json!(true);
    }
    config
}
