//! A network's weights, looked at before they are read.

use std::path::{Path, PathBuf};

use super::{EmbeddedUpscaler, SPROUT_UPSCALE, Upscaler, UpscalerLayout};
use crate::weights::{Extras, ModelError, Weights};

/// Where a network's weights are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpscalerPlace {
    File(PathBuf),
    Embedded(&'static EmbeddedUpscaler),
}

/// A network that enlarges pictures; its weights are not read yet.
#[derive(Clone, Debug)]
pub struct UpscalerFile {
    place: UpscalerPlace,
    weights: Weights,
    layout: UpscalerLayout,
}

impl UpscalerFile {
    /// Reads names and shapes. Fails with a reason where the file holds no network that enlarges.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        Self::of(
            UpscalerPlace::File(path.to_path_buf()),
            Weights::open(path)?,
        )
    }

    /// The same of one that is part of the program.
    pub fn embedded(known: &'static EmbeddedUpscaler) -> Result<Self, ModelError> {
        let weights = Weights::from_static(known.bytes, known.name)?;
        Self::of(UpscalerPlace::Embedded(known), weights)
    }

    /// The network of that name or path: one that lies in the folder, or else an embedded one.
    pub fn named(name: &str, extras: &Extras) -> Result<Self, ModelError> {
        if let Some(path) = extras.upscaler(name) {
            return Self::open(&path);
        }
        let known = EmbeddedUpscaler::by_name(name);
        let unknown = || ModelError::UnknownUpscaler {
            name: name.to_owned(),
            folder: extras.folder.display().to_string(),
            there: format!(" ({})", upscaler_names(extras).join(", ")),
        };
        Self::embedded(known.ok_or_else(unknown)?)
    }

    /// The first network of the folder; without one, the embedded one for a factor.
    pub fn usual(factor: Option<f64>, extras: &Extras) -> Result<Self, ModelError> {
        match extras.upscalers.first() {
            Some(path) => Self::open(path),
            None => Self::embedded(EmbeddedUpscaler::usual(factor)),
        }
    }

    fn of(place: UpscalerPlace, weights: Weights) -> Result<Self, ModelError> {
        let layout = UpscalerLayout::of(&weights).map_err(|error| weights.no_upscaler(&error))?;
        Ok(Self {
            place,
            weights,
            layout,
        })
    }

    pub const fn place(&self) -> &UpscalerPlace {
        &self.place
    }

    /// What recipes call it: a file without its extension.
    pub fn name(&self) -> String {
        match &self.place {
            UpscalerPlace::File(path) => {
                let stem = path.file_stem().unwrap_or_default();
                stem.to_string_lossy().into_owned()
            }
            UpscalerPlace::Embedded(known) => known.name.to_owned(),
        }
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
        self.weights.sha256()
    }

    /// Reads the weights, to compute on the CPU.
    pub fn read(&self) -> Result<Upscaler, ModelError> {
        Upscaler::read(&self.weights)
    }
}

/// What recipes call the networks there are: those of the folder, and the embedded ones.
pub fn upscaler_names(extras: &Extras) -> Vec<String> {
    let stems = extras.upscalers.iter().filter_map(|path| path.file_stem());
    let stems = stems.map(|stem| stem.to_string_lossy().into_owned());
    let embedded = SPROUT_UPSCALE.iter().map(|known| known.name.to_owned());
    let mut names = Vec::new();
    for name in stems.chain(embedded) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
