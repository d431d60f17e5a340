//! Which files of a repository are needed.

use std::collections::BTreeMap;

use super::source::RemoteFile;
use super::{GetError, RepoName};
use crate::stock::diffusers::INDEX;

/// Files to get, and their bytes together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub files: Vec<RemoteFile>,
    pub bytes: u64,
}

/// Endings of texts and configurations a model may need.
const TEXTS: [&str; 5] = ["json", "txt", "model", "md", "jinja"];
/// Folders of parts that no picture needs.
const UNUSED: [&str; 3] = ["safety_checker", "feature_extractor", "image_encoder"];
/// Files of weights of other frameworks.
const FOREIGN: [&str; 3] = ["openvino_", "tf_model", "flax_"];
/// Beyond this, several files are several models.
const SEVERAL: u64 = 1 << 30;

/// What stands between a name and its ending where numbers are stored in another way.
const VARIANTS: [&str; 7] = ["fp16", "bf16", "fp32", "fp8", "int8", "ema", "non_ema"];

/// The files to get: those named, or else all that the model needs, once each; weights in `variant`
/// (such as `fp16`) where there are such, and safetensors rather than anything else.
pub(super) fn plan(
    repo: &RepoName,
    all: &[RemoteFile],
    variant: Option<&str>,
    named: &[String],
) -> Result<Plan, GetError> {
    let files = if named.is_empty() {
        needed(repo, all, variant)?
    } else {
        these(repo, all, named)?
    };
    let bytes = files.iter().map(|file| file.bytes).sum();
    Ok(Plan { files, bytes })
}

fn these(
    repo: &RepoName,
    all: &[RemoteFile],
    named: &[String],
) -> Result<Vec<RemoteFile>, GetError> {
    let one = |name: &String| {
        let file = all.iter().find(|file| file.path == *name);
        file.cloned().ok_or_else(|| GetError::NoFile {
            repo: repo.to_string(),
            file: name.clone(),
            there: names(&all.iter().collect::<Vec<_>>()),
        })
    };
    let mut files: Vec<_> = named.iter().map(one).collect::<Result<_, _>>()?;
    // The card tells the licence.
    files.extend(all.iter().find(|file| file.path == "README.md").cloned());
    Ok(files)
}

fn needed(
    repo: &RepoName,
    all: &[RemoteFile],
    variant: Option<&str>,
) -> Result<Vec<RemoteFile>, GetError> {
    let is_folder = all.iter().any(|file| file.path == INDEX);
    let mut folders: BTreeMap<&str, Vec<&RemoteFile>> = BTreeMap::new();
    for file in all {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder).or_default().push(file);
    }
    let mut files: Vec<RemoteFile> = Vec::new();
    let mut any_weights = false;
    for (folder, inside) in folders {
        let unused = UNUSED.contains(&folder) || folder.contains('/') || folder.starts_with('.');
        if is_folder && unused {
            continue;
        }
        let weights = if is_folder && folder.is_empty() {
            // The same model once more, in one file.
            Vec::new()
        } else {
            weights(&inside, variant)
        };
        if !is_folder && weights.len() > 1 && are_several(&weights) {
            return Err(GetError::Several {
                repo: repo.to_string(),
                there: names(&weights),
            });
        }
        any_weights |= !weights.is_empty();
        let texts = inside.iter().filter(|file| is_text(file, &weights));
        files.extend(texts.map(|file| (*file).clone()));
        files.extend(weights.into_iter().cloned());
    }
    if any_weights {
        Ok(files)
    } else {
        Err(GetError::NoWeights {
            repo: repo.to_string(),
        })
    }
}

/// Whether files of weights are models of their own, and not parts of one.
fn are_several(weights: &[&RemoteFile]) -> bool {
    let are_parts = weights.iter().all(|file| file.path.contains("-of-"));
    let bytes: u64 = weights.iter().map(|file| file.bytes).sum();
    !are_parts && bytes > SEVERAL
}

/// The one set of weights of a folder that fits best.
fn weights<'f>(inside: &[&'f RemoteFile], variant: Option<&str>) -> Vec<&'f RemoteFile> {
    let mut sets: BTreeMap<(usize, String), Vec<&RemoteFile>> = BTreeMap::new();
    let mut others = Vec::new();
    for &file in inside {
        let name = name_of(file);
        if FOREIGN.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let Some((stem, ending @ ("safetensors" | "bin"))) = name.rsplit_once('.') else {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            if ["sft", "gguf", "ckpt", "pt", "pth"].contains(&ending) {
                others.push(file);
            }
            continue;
        };
        let stem = without_part(stem);
        let own = stem.rsplit_once('.').map(|(_, own)| own);
        let own = own.filter(|own| VARIANTS.contains(own) || Some(*own) == variant);
        let is_safe = ending == "safetensors";
        // Best first; other variants than the one asked for come last.
        let fit = match own {
            own if own == variant => 0,
            None => 2,
            Some("fp16") => 4,
            Some("bf16") => 6,
            Some(_) => 8,
        };
        let set = (
            fit + usize::from(!is_safe),
            own.unwrap_or_default().to_owned(),
        );
        sets.entry(set).or_default().push(file);
    }
    match sets.into_values().next() {
        Some(set) => set,
        None => others,
    }
}

/// A name without its number among several parts: `-00001-of-00002`.
fn without_part(stem: &str) -> String {
    /// Letters on both sides of `-of-`.
    const NUMBER: usize = 6;
    let number = |at: usize| Some((at.checked_sub(NUMBER)?, at + "-of-".len() + NUMBER - 1));
    match stem.find("-of-").and_then(number) {
        Some((from, to)) if to <= stem.len() && stem.is_char_boundary(from) => {
            format!("{}{}", &stem[..from], &stem[to..])
        }
        _ => stem.to_owned(),
    }
}

/// Configurations and texts; an index of weights only beside the weights it is of.
fn is_text(file: &RemoteFile, weights: &[&RemoteFile]) -> bool {
    let name = name_of(file);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if name.contains(".index.") {
        let (stem, _) = name.split_once(".index").unwrap_or((name, ""));
        let stem = stem
            .trim_end_matches(".safetensors")
            .trim_end_matches(".bin");
        let stem = stem.split('.').next().unwrap_or(stem);
        let are_parts = weights.iter().any(|weights| weights.path.contains("-of-"));
        return are_parts
            && weights
                .iter()
                .any(|weights| name_of(weights).starts_with(stem));
    }
    name.starts_with("LICENSE") || TEXTS.contains(&ending)
}

fn name_of(file: &RemoteFile) -> &str {
    file.path
        .rsplit_once('/')
        .map_or(&*file.path, |(_, name)| name)
}

/// Some of their names.
fn names(files: &[&RemoteFile]) -> String {
    const MOST: usize = 12;
    let mut names: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    names.truncate(MOST);
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::source::ContentName;
    use super::*;

    fn file(path: &str) -> RemoteFile {
        let is_large =
            path.ends_with("safetensors") || path.ends_with("bin") || path.ends_with("ckpt");
        RemoteFile {
            path: path.to_owned(),
            bytes: if is_large { 1 << 30 } else { 100 },
            content: ContentName::Git("0".repeat(40)),
        }
    }

    fn planned(paths: &[&str], variant: Option<&str>) -> Result<Vec<String>, GetError> {
        let all: Vec<_> = paths.iter().map(|path| file(path)).collect();
        let repo = RepoName::parse("org/name").unwrap();
        let plan = plan(&repo, &all, variant, &[])?;
        Ok(plan.files.into_iter().map(|file| file.path).collect())
    }

    const SD15: &[&str] = &[
        ".gitattributes",
        "README.md",
        "model_index.json",
        "v1-5-pruned.ckpt",
        "v1-5-pruned-emaonly.safetensors",
        "feature_extractor/preprocessor_config.json",
        "safety_checker/model.safetensors",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/model.fp16.safetensors",
        "text_encoder/model.safetensors",
        "text_encoder/pytorch_model.bin",
        "text_encoder/flax_model.msgpack",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.bin",
        "unet/diffusion_pytorch_model.fp16.bin",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "unet/diffusion_pytorch_model.non_ema.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "unet/model.onnx",
        "vae/config.json",
        "vae/diffusion_pytorch_model.bin",
        "vae/openvino_model.bin",
    ];

    #[test]
    fn of_a_model_in_a_folder_every_part_comes_once() {
        let plain = planned(SD15, None).unwrap();
        let expected = [
            "README.md",
            "model_index.json",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/model.safetensors",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.bin",
        ];
        assert_eq!(plain, expected);
    }

    #[test]
    fn a_variant_comes_where_there_is_one() {
        let half = planned(SD15, Some("fp16")).unwrap();
        assert!(half.contains(&"unet/diffusion_pytorch_model.fp16.safetensors".to_owned()));
        assert!(half.contains(&"text_encoder/model.fp16.safetensors".to_owned()));
        assert!(half.contains(&"vae/diffusion_pytorch_model.bin".to_owned()));
        assert!(!half.contains(&"unet/diffusion_pytorch_model.safetensors".to_owned()));
        let only = planned(&["model_index.json", "unet/a.fp16.safetensors"], None).unwrap();
        assert_eq!(only.len(), 2);
    }

    #[test]
    fn weights_in_parts_come_with_their_index() {
        let paths = [
            "model_index.json",
            "transformer/a-00001-of-00002.safetensors",
            "transformer/a-00002-of-00002.safetensors",
            "transformer/a.safetensors.index.json",
            "unet/b.safetensors",
            "unet/b.safetensors.index.json",
        ];
        let planned = planned(&paths, None).unwrap();
        assert_eq!(planned.len(), 5);
        assert!(!planned.contains(&"unet/b.safetensors.index.json".to_owned()));
    }

    #[test]
    fn a_repository_of_one_part_comes_whole_and_one_of_several_models_asks() {
        let one = planned(
            &["README.md", "config.json", "a.safetensors", "a.bin"],
            None,
        )
        .unwrap();
        assert_eq!(one, ["README.md", "config.json", "a.safetensors"]);
        let several = planned(&["a.safetensors", "b.safetensors"], None).unwrap_err();
        assert!(matches!(several, GetError::Several { .. }), "{several}");
        let none = planned(&["README.md", "model.onnx"], None).unwrap_err();
        assert!(matches!(none, GetError::NoWeights { .. }));
    }

    #[test]
    fn named_files_come_alone_with_the_card() {
        let all: Vec<_> = ["README.md", "a.safetensors", "b.safetensors"]
            .map(file)
            .to_vec();
        let repo = RepoName::parse("org/name").unwrap();
        let plan_of = |name: &str| plan(&repo, &all, None, &[name.to_owned()]);
        assert_eq!(plan_of("b.safetensors").unwrap().files.len(), 2);
        let error = plan_of("c.safetensors").unwrap_err().to_string();
        assert!(error.contains("a.safetensors, b.safetensors"), "{error}");
    }
}
