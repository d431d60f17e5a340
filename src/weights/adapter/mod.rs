//! Adapters: files that change the weights of a model, such as `LoRA`.
//!
//! A file holds, for some modules of some networks, factors of a matrix that is added to the module's
//! weight. How the factors are multiplied (`LoRA`, `LoHa`, `LoKr`), whether the sum is given another length
//! (`DoRA`), and how modules are spelled (kohya, LDM, diffusers, PEFT) is told by the names of tensors.
//! Sums are made in f32 when a network is built, one tensor at a time, and rounded once to the kind of
//! numbers the weight has.

mod change;
mod family;
mod ldm;
mod matrix;
mod modules;
mod over;
mod role;
mod scale;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::torch::is_torch;
use super::{ModelError, Weights};
use change::Change;
pub use modules::{ModelPart, Modules};
pub use over::Adapters;
use role::{Role, split};
use scale::Scales;

/// The tensors of one module in a file, by what they are for.
type Tensors = BTreeMap<Role, String>;

/// One file of changes.
#[derive(Clone, Debug)]
pub struct Adapter {
    weights: Weights,
    /// By the name a module has in the file.
    modules: BTreeMap<String, Tensors>,
    /// Names of tensors that are for nothing known.
    unknown: Vec<String>,
    scales: Scales,
}

/// How much an adapter counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strengths {
    /// In the denoiser.
    pub unet: f64,
    /// In text encoders.
    pub text: f64,
}

impl Strengths {
    const fn of(self, part: ModelPart) -> f64 {
        match part {
            ModelPart::Unet => self.unet,
            ModelPart::TextEncoder | ModelPart::TextEncoder2 => self.text,
        }
    }
}

impl Adapter {
    /// Reads what is in a file; no tensor yet.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let weights = Weights::open(path)?;
        let scales = Scales::of(&weights, path)?;
        let mut modules = BTreeMap::<String, Tensors>::new();
        let mut unknown = Vec::new();
        for key in weights.names() {
            match split(key) {
                Some((module, role)) => {
                    if weights.dtype(key).is_none() {
                        return Err(ModelError::Unsupported {
                            file: weights.file().to_owned(),
                            option: format!("a kind of numbers in {key}"),
                        });
                    }
                    let tensors = modules.entry(module.to_owned()).or_default();
                    tensors.insert(role, key.to_owned());
                }
                None => unknown.push(key.to_owned()),
            }
        }
        if modules.is_empty() {
            return Err(ModelError::NoAdapter {
                file: weights.file().to_owned(),
            });
        }
        Ok(Self {
            weights,
            modules,
            unknown,
            scales,
        })
    }

    /// The bytes whose hash names it: of a safetensors file all that follows its header, which people
    /// edit; of another file the whole.
    pub fn content(&self) -> &[u8] {
        let bytes = self.weights.bytes();
        if is_torch(bytes) {
            return bytes;
        }
        let after_header = bytes.split_first_chunk().and_then(|(length, rest)| {
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            rest.get(length..)
        });
        after_header.unwrap_or(bytes)
    }

    /// What it changes in a model, and the names of its tensors that change nothing there.
    fn fit(&self, model: &Modules, strengths: Strengths) -> Result<Fit, ModelError> {
        let mut fit = Fit {
            changes: Vec::new(),
            unused: self.unknown.clone(),
        };
        let (mut asked, mut found) = (BTreeSet::new(), BTreeSet::new());
        for (name, tensors) in &self.modules {
            let place = modules::place_of(name);
            asked.insert(place.part);
            let Some(targets) = model.find(&place) else {
                fit.unused.extend(tensors.values().cloned());
                continue;
            };
            found.insert(place.part);
            let scale = targets
                .first()
                .and_then(|module| self.scales.of_module(place.part, module));
            let changes = Change::all_of(&self.weights, tensors, scale, strengths.of(place.part));
            for (end, change) in changes {
                let told = format!("{}.{end}", targets.join(", "));
                let size = change.size().ok_or_else(|| ModelError::Damaged {
                    file: self.weights.file().to_owned(),
                    reason: format!("the factors for {told} do not fit each other"),
                })?;
                let tensors = targets.iter().map(|module| format!("{module}.{end}"));
                let tensors: Option<Vec<(String, &[usize])>> = tensors
                    .map(|tensor| {
                        let shape = model.shape(place.part, &tensor)?;
                        Some((tensor, shape))
                    })
                    .collect();
                match tensors {
                    Some(tensors) => {
                        let changes = change
                            .shared_out(size, &tensors)
                            .map_err(|reason| self.other_family(model, &told, &reason))?;
                        let changes = changes.into_iter();
                        fit.changes
                            .extend(changes.map(|(tensor, change)| (place.part, tensor, change)));
                    }
                    None => fit.unused.extend(change.keys().map(str::to_owned)),
                }
            }
            fit.unused
                .extend(change::left_over(tensors).map(str::to_owned));
        }
        let is_foreign = asked.contains(&ModelPart::Unet) && !found.contains(&ModelPart::Unet);
        if found.is_empty() || is_foreign {
            return Err(ModelError::AdapterOfOtherFamily {
                file: self.weights.file().to_owned(),
                made_for: self.family(),
                model: model.family(),
                reason: "the model has none of the layers it changes".to_owned(),
            });
        }
        fit.unused.sort_unstable();
        Ok(fit)
    }

    fn other_family(&self, model: &Modules, target: &str, reason: &str) -> ModelError {
        ModelError::AdapterOfOtherFamily {
            file: self.weights.file().to_owned(),
            made_for: self.family(),
            model: model.family(),
            reason: format!("{target}: {reason}"),
        }
    }

    fn family(&self) -> String {
        family::of_file(&self.weights).to_owned()
    }
}

/// What an adapter does to a model.
struct Fit {
    /// Network, tensor, and what is done to it.
    changes: Vec<(ModelPart, String, Change)>,
    unused: Vec<String>,
}
