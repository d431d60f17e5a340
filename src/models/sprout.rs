//! Sprout, the model that is part of the program; `assets/sprout/README.md` is its card.

use std::path::Path;

use crate::weights::{CHECKPOINTS, EmbeddedFiles};

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
        file!("vae/preview_decoder.safetensors"),
    ],
};

/// Whether a model's name is that of a file, as its extension tells.
pub fn is_checkpoint(name: &str) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    CHECKPOINTS
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

/// Endings of an autoencoder's file beside the checkpoint it is meant for, as A1111 finds it.
const VAES_BESIDE: [&str; 3] = ["vae.safetensors", "vae.pt", "vae.ckpt"];

/// The autoencoder that lies beside a checkpoint under the same name, to be used in place of its own.
pub fn vae_beside(name: &str) -> Option<String> {
    let path = Path::new(name);
    if !is_checkpoint(name) || !path.is_absolute() {
        return None;
    }
    let beside = VAES_BESIDE.map(|ending| path.with_extension(ending));
    let found = beside.into_iter().find(|file| file.is_file())?;
    Some(found.display().to_string())
}

/// What people call the model of a recipe: an embedded one by its name, any other by that of its
/// folder or file.
pub fn title_of(name: &str) -> String {
    if name == SPROUT.name {
        return "Sprout".to_owned();
    }
    let path = Path::new(name);
    // Folders have dots in their names.
    let title = if is_checkpoint(name) {
        path.file_stem()
    } else {
        path.file_name()
    };
    title.map_or_else(
        || name.to_owned(),
        |title| title.to_string_lossy().into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_keep_their_dots_and_files_lose_their_kind() {
        for (name, title) in [
            ("sprout", "Sprout"),
            ("/models/stable-diffusion-v1.5", "stable-diffusion-v1.5"),
            ("/models/v1-5-pruned.safetensors", "v1-5-pruned"),
            ("/models/old.CKPT", "old"),
        ] {
            assert_eq!(title_of(name), title);
        }
    }

    #[test]
    fn an_autoencoder_beside_a_checkpoint_is_found_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("anime.vae.pt"), b"").unwrap();
        assert_eq!(
            vae_beside(&path("anime.safetensors")),
            Some(path("anime.vae.pt"))
        );
        assert_eq!(vae_beside(&path("other.safetensors")), None);
        assert_eq!(vae_beside(SPROUT.name), None);
    }
}
