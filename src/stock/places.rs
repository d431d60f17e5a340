//! Folders of models, and what lies in each: ours, Hugging Face's, ComfyUI's, A1111's.

use std::path::{Path, PathBuf};

use super::{Kind, StockError, comfy};

/// A folder in which weights lie, and what they are for where its name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) kind: Option<Kind>,
}

/// Whose layout a folder of models has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The studio's own.
    Studio,
    HuggingFace,
    ComfyUi,
    A1111,
    /// Just a folder, or one model.
    Plain,
}

impl Layout {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Studio => "Afterimage",
            Self::HuggingFace => "Hugging Face",
            Self::ComfyUi => "ComfyUI",
            Self::A1111 => "A1111",
            Self::Plain => "",
        }
    }

    /// The layout of a folder, or of a list of folders, as what is in it tells.
    pub(super) fn of(path: &Path) -> Self {
        let has = |inside: &str| path.join(inside).exists();
        let is_list = path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml");
        if is_list || has(COMFY_LIST) || has("models/checkpoints") || has("models/loras") {
            return Self::ComfyUi;
        }
        if has("models/Stable-diffusion") || has("Stable-diffusion") {
            return Self::A1111;
        }
        // What ComfyUI has in `models`.
        if has("checkpoints") && has("loras") {
            return Self::ComfyUi;
        }
        if repositories(path).next().is_some() {
            return Self::HuggingFace;
        }
        Self::Plain
    }
}

/// ComfyUI's list of further folders.
const COMFY_LIST: &str = "extra_model_paths.yaml";

/// What ComfyUI calls its folders; also what its list calls them.
pub(super) const COMFY_FOLDERS: &[(&str, Option<Kind>)] = &[
    ("checkpoints", Some(Kind::Checkpoint)),
    ("diffusion_models", Some(Kind::Denoiser)),
    ("unet", Some(Kind::Denoiser)),
    ("unet_gguf", Some(Kind::Denoiser)),
    ("loras", Some(Kind::Lora)),
    ("embeddings", Some(Kind::Embedding)),
    ("vae", Some(Kind::Vae)),
    ("vae_approx", Some(Kind::TinyVae)),
    ("clip", Some(Kind::TextEncoder)),
    ("text_encoders", Some(Kind::TextEncoder)),
    ("controlnet", Some(Kind::ControlNet)),
    ("upscale_models", Some(Kind::Upscaler)),
    ("diffusers", None),
];

/// What A1111 and Forge call theirs.
const A1111_FOLDERS: &[(&str, Option<Kind>)] = &[
    ("models/Stable-diffusion", Some(Kind::Checkpoint)),
    ("models/VAE", Some(Kind::Vae)),
    ("models/VAE-approx", Some(Kind::TinyVae)),
    ("models/Lora", Some(Kind::Lora)),
    ("models/LyCORIS", Some(Kind::Lora)),
    ("models/ControlNet", Some(Kind::ControlNet)),
    ("models/text_encoder", Some(Kind::TextEncoder)),
    ("models/ESRGAN", Some(Kind::Upscaler)),
    ("models/RealESRGAN", Some(Kind::Upscaler)),
    ("models/SwinIR", Some(Kind::Upscaler)),
    ("embeddings", Some(Kind::Embedding)),
];

/// What is called so in the studio's own folder; everything else may lie anywhere in it.
const STUDIO_FOLDERS: &[(&str, Option<Kind>)] = &[
    ("checkpoints", Some(Kind::Checkpoint)),
    ("loras", Some(Kind::Lora)),
    ("embeddings", Some(Kind::Embedding)),
    ("vae", Some(Kind::Vae)),
    ("vae_approx", Some(Kind::TinyVae)),
    ("text_encoders", Some(Kind::TextEncoder)),
    ("controlnet", Some(Kind::ControlNet)),
    ("upscale", Some(Kind::Upscaler)),
    ("styles", Some(Kind::QuickStyle)),
];

/// Where weights lie in a folder of models, the folders whose names tell most first.
pub(super) fn places(root: &Path, layout: Layout) -> Result<Vec<Place>, StockError> {
    let named = |base: &Path, rows: &[(&str, Option<Kind>)]| -> Vec<Place> {
        let place = |(folder, kind): &(&str, Option<Kind>)| Place {
            folder: base.join(folder),
            kind: *kind,
        };
        rows.iter()
            .map(place)
            .filter(|place| place.folder.is_dir())
            .collect()
    };
    let whole = || Place {
        folder: root.to_owned(),
        kind: None,
    };
    Ok(match layout {
        Layout::Studio => {
            let mut places = named(root, STUDIO_FOLDERS);
            places.push(whole());
            places
        }
        Layout::ComfyUi if root.is_file() => comfy::places_of(root)?,
        Layout::ComfyUi => {
            let inside = root.join("models");
            let base = if inside.is_dir() { &inside } else { root };
            let mut places = named(base, COMFY_FOLDERS);
            let list = root.join(COMFY_LIST);
            if list.is_file() {
                places.extend(comfy::places_of(&list)?);
            }
            places
        }
        Layout::A1111 => {
            // People also name `models` alone.
            let is_models = root.join("Stable-diffusion").is_dir();
            let above = root.parent().filter(|_| is_models).unwrap_or(root);
            named(above, A1111_FOLDERS)
        }
        Layout::HuggingFace => {
            let place = |(_, folder): (String, PathBuf)| snapshot(&folder);
            let folders = repositories(root).filter_map(place);
            folders.map(|folder| Place { folder, kind: None }).collect()
        }
        Layout::Plain => vec![whole()],
    })
}

/// The repositories in a Hugging Face cache, by name, with their folders.
pub(super) fn repositories(cache: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten();
    let repository = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let name = name.strip_prefix("models--")?.replace("--", "/");
        Some((name, entry.path()))
    };
    let mut repositories: Vec<_> = entries.filter_map(repository).collect();
    repositories.sort();
    repositories.into_iter()
}

/// What a repository's cache shows: its main revision, or else the one that came last.
fn snapshot(repository: &Path) -> Option<PathBuf> {
    let snapshots = repository.join("snapshots");
    let main = std::fs::read_to_string(repository.join("refs/main")).ok();
    let main = main.map(|commit| snapshots.join(commit.trim()));
    if let Some(main) = main.filter(|main| main.is_dir()) {
        return Some(main);
    }
    let entries = std::fs::read_dir(snapshots).into_iter().flatten().flatten();
    let folders = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    folders.max_by_key(|path| path.metadata().and_then(|facts| facts.modified()).ok())
}

/// The name of the repository a path in a Hugging Face cache belongs to.
pub(super) fn repository_of(path: &Path) -> Option<String> {
    let mut parts = path.iter().filter_map(|part| part.to_str());
    let folder = parts.find(|part| part.starts_with("models--"))?;
    Some(folder.strip_prefix("models--")?.replace("--", "/"))
}

/// Where Hugging Face's programs keep what they got.
pub fn hub_cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    variable("HF_HUB_CACHE")
        .or_else(|| variable("HUGGINGFACE_HUB_CACHE"))
        .map_or_else(|| hub_home().join("hub"), PathBuf::from)
}

/// Where Hugging Face's programs keep everything.
pub(super) fn hub_home() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(home) = variable("HF_HOME") {
        return home.into();
    }
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| etcetera::home_dir().unwrap_or_default().join(".cache"));
    cache.join("huggingface")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(folders: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        root
    }

    #[test]
    fn layouts_are_recognised_by_what_is_in_them() {
        for (folders, layout) in [
            (&["models/checkpoints"][..], Layout::ComfyUi),
            (&["checkpoints", "loras"], Layout::ComfyUi),
            (&["models/Stable-diffusion", "embeddings"], Layout::A1111),
            (&["Stable-diffusion", "Lora"], Layout::A1111),
            (&["models--org--name/snapshots"], Layout::HuggingFace),
            (&["anything"], Layout::Plain),
        ] {
            let root = made(folders);
            assert_eq!(Layout::of(root.path()), layout, "{folders:?}");
        }
        assert_eq!(Layout::of(Path::new("/none/extra.yaml")), Layout::ComfyUi);
    }

    #[test]
    fn of_a1111_its_models_alone_are_enough_and_its_embeddings_are_found() {
        let root = made(&["models/Stable-diffusion", "embeddings"]);
        let models = root.path().join("models");
        let places = places(&models, Layout::A1111).unwrap();
        let folders: Vec<_> = places.iter().map(|place| place.folder.clone()).collect();
        assert_eq!(
            folders,
            [
                models.join("Stable-diffusion"),
                root.path().join("embeddings")
            ]
        );
    }

    #[test]
    fn of_a_hugging_face_cache_the_main_revision_is_shown() {
        let root = made(&[
            "models--a--b/snapshots/1",
            "models--a--b/snapshots/2",
            "models--a--b/refs",
        ]);
        let repository = root.path().join("models--a--b");
        std::fs::write(repository.join("refs/main"), "1").unwrap();
        let places = places(root.path(), Layout::HuggingFace).unwrap();
        assert_eq!(places.len(), 1);
        assert_eq!(places[0].folder, repository.join("snapshots/1"));
        assert_eq!(repository_of(&places[0].folder).as_deref(), Some("a/b"));
    }
}
