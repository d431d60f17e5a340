//! A file of a network, looked at before it is read.

use std::path::{Path, PathBuf};

use super::{Upscaler, UpscalerLayout};
use crate::recipe::sha256_of;
use crate::weights::{ModelError, Weights};

/// A network that enlarges pictures, by its file; its weights are not read yet.
#[derive(Clone, Debug)]
pub struct UpscalerFile {
    path: PathBuf,
    weights: Weights,
    layout: UpscalerLayout,
}

impl UpscalerFile {
    /// Reads names and shapes. Fails with a reason where the file holds no network that enlarges.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let weights = Weights::open(path)?;
        let layout = UpscalerLayout::of(&weights).map_err(|error| weights.no_upscaler(&error))?;
        Ok(Self {
            path: path.to_path_buf(),
            weights,
            layout,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's name without its extension.
    pub fn name(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    pub const fn layout(&self) -> &UpscalerLayout {
        &self.layout
    }

    /// Bytes its weights take once they are read.
    pub fn weight_bytes(&self) -> u64 {
        self.layout.weight_bytes(&self.weights)
    }

    /// SHA-256 of the file, in hexadecimal.
    pub fn sha256(&self) -> String {
        sha256_of(&[self.weights.bytes()])
    }

    /// Reads the weights, to compute on the CPU.
    pub fn read(&self) -> Result<Upscaler, ModelError> {
        Upscaler::read(&self.weights)
    }
}
