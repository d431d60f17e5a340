//! Weights of one network in several files, and the index that says which tensor lies where.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ModelError, ModelFiles, Weights, parse_json};

#[derive(Deserialize)]
struct Index {
    /// The file of each tensor, beside the index.
    weight_map: BTreeMap<String, String>,
}

impl Weights {
    /// The tensors an index of transformers or diffusers names, from the files beside it.
    pub fn of_index(files: &dyn ModelFiles, index: &str) -> Result<Self, ModelError> {
        let invalid = |reason: String| ModelError::InvalidConfig {
            file: index.to_owned(),
            reason,
        };
        let Index { weight_map } = parse_json(files, index)?;
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (tensor, file) in weight_map {
            names.entry(file).or_default().push(tensor);
        }
        if names.is_empty() {
            return Err(invalid("it names no file".to_owned()));
        }
        let folder = index.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts = Vec::with_capacity(names.len());
        for (file, tensors) in names {
            // Never outside of the model's folder.
            if file.contains(['/', '\\']) || file.starts_with('.') {
                return Err(invalid(format!(
                    "\"{file}\" is not the name of a file beside it"
                )));
            }
            parts.push((files.weights(&format!("{folder}/{file}"))?, tensors));
        }
        Self::joined(&parts, index.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use candle_core::{DType, Device};

    use super::super::{FolderFiles, write_tensors};
    use super::*;

    const INDEX: &str = "part/model.safetensors.index.json";

    fn folder(index: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("part");
        std::fs::create_dir(&part).unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(Path::new(&part).join(name), bytes);
        let first = write_tensors(&[("a", &[2], &[1.0, 2.0]), ("unused", &[1], &[9.0])]);
        let second = write_tensors(&[("b", &[2], &[3.0, 4.0]), ("c", &[1], &[5.0])]);
        write("one.safetensors", &first.unwrap()).unwrap();
        write("two.safetensors", &second.unwrap()).unwrap();
        write("model.safetensors.index.json", index.as_bytes()).unwrap();
        folder
    }

    fn read(index: &str) -> Result<Weights, ModelError> {
        let folder = folder(index);
        Weights::of_index(&FolderFiles::new(folder.path()), INDEX)
    }

    #[test]
    fn tensors_come_from_the_files_the_index_names() {
        let weights = read(
            r#"{"metadata": {}, "weight_map": {"a": "one.safetensors", "b": "two.safetensors",
                "c": "two.safetensors"}}"#,
        )
        .unwrap();
        assert_eq!(weights.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(weights.tensor_bytes(), 20);
        let vb = weights.builder(DType::F32, &Device::Cpu);
        let values =
            |name: &str, count: usize| vb.get(count, name).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values("a", 2), [1.0, 2.0]);
        assert_eq!(values("b", 2), [3.0, 4.0]);
        assert_eq!(values("c", 1), [5.0]);
        assert_eq!(weights.sha256().len(), 64);
    }

    #[test]
    fn an_index_that_does_not_fit_its_files_is_told() {
        for (index, told) in [
            (r#"{"weight_map": {}}"#, "names no file"),
            (r#"{"weight_map": {"z": "one.safetensors"}}"#, "no tensor z"),
            (r#"{"weight_map": {"a": "three.safetensors"}}"#, "three"),
            (
                r#"{"weight_map": {"a": "../part/one.safetensors"}}"#,
                "beside it",
            ),
            ("[]", "not a valid configuration"),
        ] {
            let text = read(index).unwrap_err().to_string();
            assert!(text.contains(told), "{text}");
        }
    }
}
