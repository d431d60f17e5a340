//! The weight files of a model's parts, under their usual names.

use crate::weights::{ModelError, ModelFiles, Weights};

const ENDINGS: [&str; 4] = ["safetensors", "fp16.safetensors", "bin", "fp16.bin"];

/// The first of the usual names that is there; the first of all, for the message, if none is.
pub(super) fn weights(
    files: &dyn ModelFiles,
    part: &str,
    stem: &str,
) -> Result<Weights, ModelError> {
    let names = ENDINGS.map(|ending| format!("{part}/{stem}.{ending}"));
    if let Some(name) = names.iter().find(|name| files.contains(name)) {
        return files.weights(name);
    }
    // Large parts lie in several files, with an index of their tensors.
    let indices = ["safetensors.index.json", "safetensors.index.fp16.json"];
    let mut indices = indices
        .map(|ending| format!("{part}/{stem}.{ending}"))
        .into_iter();
    match indices.find(|name| files.contains(name)) {
        Some(index) => Weights::of_index(files, &index),
        None => files.weights(&names[0]),
    }
}

/// As [`weights`], of a text encoder: transformers calls weights of torch's kind otherwise.
pub(super) fn text_weights(files: &dyn ModelFiles, part: &str) -> Result<Weights, ModelError> {
    let by_torch = format!("{part}/pytorch_model.bin");
    let by_torch_only = files.contains(&by_torch)
        && !files.contains(&format!("{part}/model.safetensors"))
        && !files.contains(&format!("{part}/model.fp16.safetensors"));
    if by_torch_only {
        files.weights(&by_torch)
    } else {
        weights(files, part, "model")
    }
}
