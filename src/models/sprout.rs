//! Sprout, the model that is part of the program; `assets/sprout/README.md` is its card.

use std::path::Path;

use crate::weights::EmbeddedFiles;

macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../assets/sprout/model/", $name)).as_slice(),
        )
    };
}

/// Sprout's folder, as it would lie on disk. Static, so that the program holds it once.
pub static SPROUT: EmbeddedFiles = EmbeddedFiles {
    name: "sprout",
    files: &[
        file!("model_index.json"),
        file!("scheduler/scheduler_config.json"),
        file!("text_encoder/config.json"),
        file!("text_encoder/model.safetensors"),
        file!("tokenizer/merges.txt"),
        file!("tokenizer/tokenizer_config.json"),
        file!("tokenizer/vocab.json"),
        file!("unet/config.json"),
        file!("unet/diffusion_pytorch_model.safetensors"),
        file!("vae/config.json"),
        file!("vae/diffusion_pytorch_model.safetensors"),
    ],
};

/// What people call the model of a recipe: an embedded one by its name, any other by its folder's.
pub fn title_of(name: &str) -> String {
    if name == SPROUT.name {
        return "Sprout".to_owned();
    }
    Path::new(name).file_name().map_or_else(
        || name.to_owned(),
        |folder| folder.to_string_lossy().into_owned(),
    )
}
