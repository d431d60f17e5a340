//! Networks that are used where people have their weights: found by name in one folder.

use std::path::{Path, PathBuf};

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
}

impl Extras {
    /// Looks into a folder, which need not exist; no file is opened.
    pub fn of(folder: &Path) -> Self {
        let first = |names: &[&str]| {
            let paths = names.iter().map(|name| folder.join(name));
            paths.into_iter().find(|path| path.is_file())
        };
        Self {
            folder: folder.to_path_buf(),
            lama: first(LAMA),
            sam: first(SAM),
            vgg: first(VGG),
        }
    }
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
}
