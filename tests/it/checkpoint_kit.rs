//! Tiny checkpoints in one file, and the folders diffusers would write of them: their names and shapes
//! are those of `tests/golden/make_checkpoints.py`, their numbers are drawn here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use serde_json::Value;

use crate::golden::path;

pub(crate) const FAMILIES: [&str; 3] = ["one", "two", "xl"];

/// What the script wrote of a family.
#[derive(Deserialize)]
pub(crate) struct Names {
    pub(crate) configs: BTreeMap<String, Value>,
    tensors: Vec<Twin>,
    checkpoint: BTreeMap<String, Vec<usize>>,
}

/// A tensor of the folder, and where the checkpoint has it.
#[derive(Deserialize)]
struct Twin {
    folder: String,
    name: String,
    shape: Vec<usize>,
    own: String,
    how: String,
}

/// A tensor's shape and bytes.
pub(crate) type Stored = (Vec<usize>, Vec<u8>);

impl Names {
    pub(crate) fn of(family: &str) -> Self {
        let text = fs::read_to_string(path(&format!("single/{family}.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The checkpoint's tensors, of numbers from a seed that are small enough for any network.
    pub(crate) fn checkpoint(&self, dtype: Dtype) -> BTreeMap<String, Stored> {
        let mut state = 0x2545_f491_4f6c_dd1du64;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        let one = |(name, shape): (&String, &Vec<usize>)| {
            let bytes = (0..shape.iter().product()).flat_map(|_| bytes_of(draw() / 4.0, dtype));
            (name.clone(), (shape.clone(), bytes.collect()))
        };
        self.checkpoint.iter().map(one).collect()
    }

    /// The tensors of one part of the folder, from those of the checkpoint.
    pub(crate) fn part(
        &self,
        folder: &str,
        checkpoint: &BTreeMap<String, Stored>,
    ) -> BTreeMap<String, Stored> {
        let twins = self.tensors.iter().filter(|twin| twin.folder == folder);
        twins
            .map(|twin| {
                let (shape, bytes) = &checkpoint[&twin.own];
                let bytes = match twin.how.split_once(' ') {
                    None if twin.how == "transposed" => transposed(shape, bytes),
                    None => bytes.clone(),
                    Some((_, third)) => {
                        let length = bytes.len() / 3;
                        let from = third.parse::<usize>().unwrap() * length;
                        bytes[from..from + length].to_vec()
                    }
                };
                (twin.name.clone(), (twin.shape.clone(), bytes))
            })
            .collect()
    }

    /// Writes the folder diffusers would, but for its tokenizers.
    pub(crate) fn write_folder(
        &self,
        folder: &Path,
        checkpoint: &BTreeMap<String, Stored>,
        dtype: Dtype,
    ) {
        for (part, config) in &self.configs {
            let file = if part.starts_with("text_encoder") {
                "model.safetensors"
            } else {
                "diffusion_pytorch_model.safetensors"
            };
            let tensors = self.part(part, checkpoint);
            let part = folder.join(part);
            fs::create_dir_all(&part).unwrap();
            fs::write(part.join("config.json"), config.to_string()).unwrap();
            write(&part.join(file), &tensors, dtype, None);
        }
    }
}

fn bytes_of(value: f32, dtype: Dtype) -> Vec<u8> {
    match dtype {
        Dtype::F16 => f16::from_f32(value).to_le_bytes().to_vec(),
        Dtype::BF16 => bf16::from_f32(value).to_le_bytes().to_vec(),
        Dtype::F32 => value.to_le_bytes().to_vec(),
        other => panic!("{other:?} is not drawn"),
    }
}

fn transposed(shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let [rows, columns] = shape else {
        panic!("not a matrix: {shape:?}")
    };
    let size = bytes.len() / (rows * columns);
    let at = |row: usize, column: usize| &bytes[(row * columns + column) * size..][..size];
    let order = (0..*columns).flat_map(|column| (0..*rows).map(move |row| (row, column)));
    order
        .flat_map(|(row, column)| at(row, column))
        .copied()
        .collect()
}

/// Writes a file of tensors, and what it says about itself.
pub(crate) fn write(
    file: &Path,
    tensors: &BTreeMap<String, Stored>,
    dtype: Dtype,
    about: Option<(&str, &str)>,
) {
    let views = tensors.iter().map(|(name, (shape, bytes))| {
        (name, TensorView::new(dtype, shape.clone(), bytes).unwrap())
    });
    let about = about.map(|(name, text)| [(name.to_owned(), text.to_owned())].into());
    fs::write(file, safetensors::serialize(views, about).unwrap()).unwrap();
}

/// A checkpoint of a family with an altered list of tensors, in a folder of its own.
pub(crate) fn altered(
    family: &str,
    alter: impl FnOnce(&mut BTreeMap<String, Stored>),
) -> (tempfile::TempDir, std::path::PathBuf) {
    let mut tensors = Names::of(family).checkpoint(Dtype::F16);
    alter(&mut tensors);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    write(&file, &tensors, Dtype::F16, None);
    (folder, file)
}

/// Writes tensors of f16 as GGUF, whose shapes begin with the innermost side.
pub(crate) fn write_gguf(file: &Path, tensors: &BTreeMap<String, Stored>) {
    const F16: u32 = 1;
    const ALIGNMENT: usize = 32;
    let mut head = b"GGUF\x03\0\0\0".to_vec();
    head.extend((tensors.len() as u64).to_le_bytes());
    head.extend(0u64.to_le_bytes());
    let mut data: Vec<u8> = Vec::new();
    for (name, (shape, bytes)) in tensors {
        head.extend((name.len() as u64).to_le_bytes());
        head.extend(name.as_bytes());
        head.extend((shape.len() as u32).to_le_bytes());
        head.extend(
            shape
                .iter()
                .rev()
                .flat_map(|&side| (side as u64).to_le_bytes()),
        );
        head.extend(F16.to_le_bytes());
        head.extend((data.len() as u64).to_le_bytes());
        data.extend(bytes);
        data.resize(data.len().next_multiple_of(ALIGNMENT), 0);
    }
    head.resize(head.len().next_multiple_of(ALIGNMENT), 0);
    head.extend(data);
    fs::write(file, head).unwrap();
}
