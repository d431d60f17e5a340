//! Which tensors of a file a network asks for: what it does not know of belongs to another one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::VarBuilder;
use candle_nn::var_builder::SimpleBackend;

use super::Weights;

/// Weights, and for each name whether it was asked for so far.
#[derive(Clone, Debug)]
pub struct Asked {
    weights: Weights,
    names: Arc<BTreeMap<String, AtomicBool>>,
}

impl Asked {
    /// Nothing was asked for yet.
    pub fn of(weights: &Weights) -> Self {
        let names = weights
            .names()
            .map(|name| (name.to_owned(), AtomicBool::new(false)));
        Self {
            weights: weights.clone(),
            names: Arc::new(names.collect()),
        }
    }

    /// [`Weights::builder`], and what it is asked for is noted.
    pub fn builder(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), dtype, device.clone())
    }

    /// The names nobody asked for, in alphabetical order.
    pub fn left(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter();
        let left = names.filter(|(_, asked)| !asked.load(Ordering::Relaxed));
        left.map(|(name, _)| name.as_str())
    }

    fn note(&self, name: &str) {
        if let Some(asked) = self.names.get(name) {
            asked.store(true, Ordering::Relaxed);
        }
    }
}

impl SimpleBackend for Asked {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        hint: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        self.note(name);
        self.weights.get(shape, name, hint, dtype, device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        self.note(name);
        self.weights.get_unchecked(name, dtype, device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.weights.contains_tensor(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::write_tensors;

    #[test]
    fn what_nobody_asked_for_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("w.safetensors");
        let one = [1usize];
        let tensors = ["a.b", "c", "d"].map(|name| (name, &one[..], &[0.0][..]));
        std::fs::write(&file, write_tensors(&tensors).unwrap()).unwrap();
        let asked = Asked::of(&Weights::open(&file).unwrap());
        assert!(asked.left().eq(["a.b", "c", "d"]));
        let vb = asked.builder(DType::F32, &Device::Cpu);
        vb.pp("a").get(1, "b").unwrap();
        vb.get(2, "c").unwrap_err();
        assert!(asked.left().eq(["d"]));
    }
}
