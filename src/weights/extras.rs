//! Networks that are used where people have their weights: found by name in one folder.

use std::path::{Path, PathBuf};

use super::named_files::weights_below;
use super::{PromptNames, WildcardFolder};

/// File names of big-lama, as they are published: `TorchScript`, safetensors, and the checkpoint in
/// the authors' folder.
const LAMA: &[&str] = &[
    "big-lama.safetensors",
    "big-lama.pt",
    "big-lama/models/best.ckpt",
];

/// File names of Segment Anything, as they are published: the quick one first.
const SAM: &[&str] = &[
    "mobile_sam-tiny-vitt.safetensors",
    "mobile_sam.safetensors",
    "mobile_sam.pt",
    "sam_vit_b_01ec64.safetensors",
    "sam_vit_b_01ec64.pth",
    "sam_vit_l_0b3195.safetensors",
    "sam_vit_l_0b3195.pth",
    "sam_vit_h_4b8939.safetensors",
    "sam_vit_h_4b8939.pth",
];

/// File names of VGG-19, as torchvision and others publish it.
const VGG: &[&str] = &["vgg19.safetensors", "vgg19-dcbb9e9d.pth", "vgg19.pth"];
/// File names of both networks of `AdaIN`, as they are published; `decoder` alone would be anything.
const ADAIN_ENCODER: &[&str] = &[
    "adain/vgg_normalised.safetensors",
    "adain/vgg_normalised.pth",
];
const ADAIN_DECODER: &[&str] = &["adain/decoder.safetensors", "adain/decoder.pth"];
/// Folder, in that of further weights, of networks that enlarge pictures.
const UPSCALE: &str = "upscale";
/// Folder, in that of further weights, of networks that have learnt one style.
pub const QUICK_STYLES: &str = "styles";
/// Folder, in that of further weights, of `LoRA` and its kin.
const LORAS: &str = "loras";
/// Folder, in that of further weights, of textual inversions.
const EMBEDDINGS: &str = "embeddings";
/// Extensions of files of weights.
pub const WEIGHTS: [&str; 4] = ["safetensors", "pth", "pt", "ckpt"];
/// Extensions of checkpoints: files that are a whole model.
pub const CHECKPOINTS: [&str; 6] = ["safetensors", "sft", "ckpt", "pt", "pth", "gguf"];
/// Parts of the names under which such networks are published; so named, they may lie beside the
/// others.
const UPSCALERS: [&str; 4] = ["esrgan", "realesr", "bsrgan", "swinir"];

/// What lies in the folder of further weights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Where people put them.
    pub folder: PathBuf,
    /// Weights of big-lama, which removes things.
    pub lama: Option<PathBuf>,
    /// Weights of Segment Anything, which finds what people point at.
    pub sam: Option<PathBuf>,
    /// Weights of VGG-19, which sees strokes and shapes.
    pub vgg: Option<PathBuf>,
    /// Weights of `AdaIN`'s encoder and decoder, which give a picture any style in one pass.
    pub adain: Option<(PathBuf, PathBuf)>,
    /// Weights of networks that have learnt one style, by name.
    pub quick_styles: Vec<PathBuf>,
    /// Weights of networks that enlarge pictures, by name.
    pub upscalers: Vec<PathBuf>,
    /// `LoRA` and its kin, also in folders of their own.
    pub loras: Vec<PathBuf>,
    /// What can be named in a prompt.
    pub names: PromptNames,
    /// Textual inversions, likewise.
    pub embeddings: Vec<PathBuf>,
}

impl Extras {
    /// Looks into a folder, which need not exist; no file is opened.
    pub fn of(folder: &Path) -> Self {
        let first = |names: &[&str]| {
            let paths = names.iter().map(|name| folder.join(name));
            paths.into_iter().find(|path| path.is_file())
        };
        let loras = weights_below(&[folder.join(LORAS)]);
        let embeddings = weights_below(&[folder.join(EMBEDDINGS)]);
        Self {
            folder: folder.to_path_buf(),
            lama: first(LAMA),
            sam: first(SAM),
            vgg: first(VGG),
            adain: first(ADAIN_ENCODER).zip(first(ADAIN_DECODER)),
            quick_styles: by_name(weights_in(&folder.join(QUICK_STYLES)).collect()),
            upscalers: upscalers(folder),
            names: PromptNames::of(&loras, &embeddings, &WildcardFolder::of(folder)),
            loras,
            embeddings,
        }
    }

    /// The names of the networks that have learnt one style, as ` (a, b)`; nothing where there are none.
    pub fn quick_style_names(&self) -> String {
        names(&self.quick_styles)
    }

    /// The file of a network that enlarges pictures: the name of one that lies here, with or without
    /// its extension, or a path to one.
    pub fn upscaler(&self, name: &str) -> Option<PathBuf> {
        named(&self.upscalers, name)
    }

    /// The file of a network that has learnt one style, likewise.
    pub fn quick_style(&self, name: &str) -> Option<PathBuf> {
        named(&self.quick_styles, name)
    }
}

/// The one of that name, with or without its extension; or a path to one.
fn named(paths: &[PathBuf], name: &str) -> Option<PathBuf> {
    let is_named = |path: &&PathBuf| {
        let names = [path.file_name(), path.file_stem()];
        names
            .into_iter()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(name))
    };
    let path = || Some(PathBuf::from(name)).filter(|path| path.is_file());
    paths.iter().find(is_named).cloned().or_else(path)
}

/// As ` (a, b)`; nothing where there are none.
fn names(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.file_stem().unwrap_or_default().to_string_lossy())
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" ({})", names.join(", "))
    }
}

/// The files of weights in a folder.
fn weights_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| {
        let extension = path.extension().unwrap_or_default();
        let is_weights = WEIGHTS
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known));
        is_weights && path.is_file()
    })
}

fn by_name(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    paths
}

fn upscalers(folder: &Path) -> Vec<PathBuf> {
    let is_published = |path: &PathBuf| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        UPSCALERS.iter().any(|part| name.contains(part))
    };
    let upscale = folder.join(UPSCALE);
    let own = weights_in(&upscale);
    by_name(own.chain(weights_in(folder).filter(is_published)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_found_by_the_names_they_are_published_under() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Extras::of(&folder.path().join("none")).lama, None);
        for name in [
            "vgg19-dcbb9e9d.pth",
            "big-lama.pt",
            "sam_vit_b_01ec64.pth",
            "mobile_sam.pt",
        ] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let found = Extras::of(folder.path());
        assert_eq!(found.lama, Some(folder.path().join("big-lama.pt")));
        assert_eq!(found.vgg, Some(folder.path().join("vgg19-dcbb9e9d.pth")));
        assert_eq!(found.sam, Some(folder.path().join("mobile_sam.pt")));
    }

    #[test]
    fn networks_that_enlarge_are_found_by_name_and_by_path() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("upscale");
        std::fs::create_dir(&own).unwrap();
        for path in [
            own.join("4x-anything.pth"),
            own.join("notes.txt"),
            folder.path().join("RealESRGAN_x4plus.pth"),
            folder.path().join("big-lama.pt"),
        ] {
            std::fs::write(path, b"").unwrap();
        }
        let found = Extras::of(folder.path());
        let expected = [
            own.join("4x-anything.pth"),
            folder.path().join("RealESRGAN_x4plus.pth"),
        ];
        assert_eq!(found.upscalers, expected);
        assert_eq!(
            found.upscaler("realesrgan_X4plus"),
            Some(expected[1].clone())
        );
        assert_eq!(found.upscaler("4x-anything.pth"), Some(expected[0].clone()));
        let path = folder.path().join("big-lama.pt");
        assert_eq!(found.upscaler(path.to_str().unwrap()), Some(path));
        assert_eq!(found.upscaler("big-lama"), None);
    }

    #[test]
    fn what_prompts_can_name_is_named_without_folder_and_extension() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "loras/ink/old.safetensors",
            "loras/armor.pt",
            "loras/armor.sft",
            "loras/armor.txt",
            "embeddings/easy.bin",
            "wildcards/places/city.txt",
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        let names = Extras::of(folder.path()).names;
        assert_eq!(names.loras, ["armor", "old"]);
        assert_eq!(names.embeddings, ["easy"]);
        assert_eq!(names.wildcards, ["places/city"]);
    }
}
