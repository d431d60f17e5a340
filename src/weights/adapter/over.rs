//! Networks built with adapters: their weights are changed as they are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::VarBuilder;
use candle_nn::var_builder::SimpleBackend;

use super::super::ModelError;
use super::change::Change;
use super::{Adapter, ModelPart, Modules, Strengths};

/// What is done to each tensor of a network, one after the other.
type Changes = BTreeMap<String, Vec<Change>>;

/// Adapters together, fitted to one model.
#[derive(Clone, Debug, Default)]
pub struct Adapters(BTreeMap<ModelPart, Arc<Changes>>);

impl Adapters {
    /// Adds one after those there are; what it changes must be there in `model` and of its shapes.
    /// Returns the names of the file's tensors that change nothing.
    pub fn add(
        &mut self,
        adapter: &Adapter,
        strengths: Strengths,
        model: &Modules,
    ) -> std::result::Result<Vec<String>, ModelError> {
        let fit = adapter.fit(model, strengths)?;
        for (part, tensor, change) in fit.changes {
            if !change.is_nothing() {
                let changes = Arc::make_mut(self.0.entry(part).or_default());
                changes.entry(tensor).or_default().push(change);
            }
        }
        Ok(fit.unused)
    }

    /// The same door, through which the tensors of a network arrive changed.
    pub fn over(&self, part: ModelPart, door: VarBuilder<'static>) -> VarBuilder<'static> {
        let Some(changes) = self.0.get(&part) else {
            return door;
        };
        let (dtype, device) = (door.dtype(), door.device().clone());
        let changed = Changed {
            door,
            changes: Arc::clone(changes),
        };
        VarBuilder::from_backend(Box::new(changed), dtype, device)
    }
}

/// Tensors behind a door, changed.
struct Changed {
    door: VarBuilder<'static>,
    changes: Arc<Changes>,
}

impl Changed {
    /// Sums are made in f32 and rounded once.
    fn change(&self, name: &str, tensor: Tensor) -> Result<Tensor> {
        let Some(changes) = self.changes.get(name) else {
            return Ok(tensor);
        };
        let stored = tensor.dtype();
        let mut sum = tensor.to_dtype(DType::F32)?;
        for change in changes {
            sum = change.apply(&sum)?;
        }
        sum.to_dtype(stored)
    }
}

impl SimpleBackend for Changed {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        hint: candle_nn::Init,
        dtype: DType,
        _device: &Device,
    ) -> Result<Tensor> {
        let tensor = self.door.get_with_hints_dtype(shape, name, hint, dtype)?;
        self.change(name, tensor)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, _device: &Device) -> Result<Tensor> {
        self.change(name, self.door.get_unchecked_dtype(name, dtype)?)
    }

    /// Blocks of a changed tensor are not its own any more.
    fn contains_tensor(&self, name: &str) -> bool {
        let own = self.door.contains_tensor(name);
        let of_blocks = || name.rsplit_once('.').map(|(tensor, _)| tensor);
        own && of_blocks().is_none_or(|tensor| !self.changes.contains_key(tensor))
    }
}
