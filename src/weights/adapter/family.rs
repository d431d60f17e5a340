//! Which kind of model a file was made for, for messages.

use super::super::Weights;
use super::role::{Role, split};

const SD1: &str = "Stable Diffusion 1";
const SD2: &str = "Stable Diffusion 2";
const SDXL: &str = "Stable Diffusion XL";
const SD3: &str = "Stable Diffusion 3";
const FLUX: &str = "FLUX";
const OTHER: &str = "another kind of model";

/// What trainers write into the header: a name, and parts of its text.
const TOLD: [(&str, &[(&str, &str)]); 2] = [
    (
        "modelspec.architecture",
        &[
            ("stable-diffusion-xl", SDXL),
            ("stable-diffusion-v1", SD1),
            ("stable-diffusion-v2", SD2),
            ("stable-diffusion-3", SD3),
            ("flux", FLUX),
        ],
    ),
    (
        "ss_base_model_version",
        &[
            ("sdxl", SDXL),
            ("sd_v1", SD1),
            ("sd_v2", SD2),
            ("sd3", SD3),
            ("flux", FLUX),
        ],
    ),
];

/// Parts of names that only one kind of model has.
const LAYERS: [(&str, &str); 5] = [
    ("single_transformer_blocks", FLUX),
    ("double_blocks", FLUX),
    ("joint_blocks", SD3),
    ("lora_te2_", SDXL),
    ("text_encoder_2.", SDXL),
];

/// By the width of prompts the denoiser reads.
pub(super) fn of_prompt_width(width: Option<usize>) -> &'static str {
    match width {
        Some(768) => SD1,
        Some(1024) => SD2,
        Some(2048) => SDXL,
        _ => OTHER,
    }
}

/// By what a file says of itself, else by its layers, else by the width of prompts it expects.
pub(super) fn of_file(weights: &Weights) -> &'static str {
    let told = TOLD.iter().find_map(|(key, known)| {
        let text = weights.about(key)?;
        known
            .iter()
            .find_map(|(part, family)| text.contains(part).then_some(*family))
    });
    let by_layers = || {
        let mut layers = LAYERS.iter();
        layers.find_map(|(part, family)| {
            let has = weights.names().any(|name| name.contains(part));
            has.then_some(*family)
        })
    };
    let by_width = || {
        let width = weights.names().find_map(|name| match split(name)? {
            (module, Role::Down)
                if module.ends_with("attn2_to_k") || module.ends_with("attn2.to_k") =>
            {
                weights.shape(name)?.get(1).copied()
            }
            _ => None,
        });
        of_prompt_width(width)
    };
    told.or_else(by_layers).unwrap_or_else(by_width)
}
