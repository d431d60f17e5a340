//! The weights of a network while it is taught, as one vector an optimiser walks over.

use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};

use super::dice::Dice;

/// One tensor of a network.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    /// What a value of the vector is multiplied by in the network: what is learnt at one pace is then
    /// of one size.
    pub(super) unit: f32,
}

impl Place {
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// How far torch draws weights of a convolution `[outputs, inputs, height, width]` from 0; 0 of other
/// shapes.
pub(super) fn reach(shape: &[usize]) -> f32 {
    match shape {
        [_, inputs, high, wide] => ((inputs * high * wide) as f32).sqrt().recip(),
        _ => 0.0,
    }
}

/// So many values, uniform between a number and its negative.
pub(super) fn drawn(dice: &mut Dice, count: usize, most: f32) -> Vec<f32> {
    (0..count).map(|_| dice.range(-most, most)).collect()
}

/// All weights of a network.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    places: Vec<Place>,
    pub(super) values: Vec<f32>,
}

impl Parameters {
    /// Those a training begins with, one tensor after the other.
    pub(super) fn begin(places: Vec<Place>, first: impl FnMut(&Place) -> Vec<f32>) -> Self {
        let values = places.iter().flat_map(first).collect();
        Self { places, values }
    }

    /// Those an earlier training came to; `None` if there are not as many values as the network has.
    pub(super) fn new(places: Vec<Place>, values: Vec<f32>) -> Option<Self> {
        let count: usize = places.iter().map(Place::len).sum();
        (values.len() == count).then_some(Self { places, values })
    }

    /// Names, shapes and values as the network has them.
    pub(super) fn tensors(&self) -> Vec<(&str, &[usize], Vec<f32>)> {
        let mut left = &self.values[..];
        let parts = self.places.iter().map(|place| {
            let (own, others) = left.split_at(place.len());
            left = others;
            let values = own.iter().map(|value| value * place.unit).collect();
            (&*place.name, &*place.shape, values)
        });
        parts.collect()
    }

    /// The same for a network that works.
    pub(super) fn fixed(&self) -> Result<HashMap<String, Tensor>> {
        let tensors = self.tensors().into_iter();
        let tensor = |(name, shape, values): (&str, &[usize], Vec<f32>)| {
            let value = Tensor::from_vec(values, shape, &Device::Cpu)?;
            Ok((name.to_owned(), value))
        };
        tensors.map(tensor).collect()
    }

    /// The same for a network that is taught.
    pub(super) fn variables(&self) -> Result<Variables> {
        let tensors = self.tensors().into_iter();
        let variable = |(name, shape, values): (&str, &[usize], Vec<f32>)| {
            let value = Tensor::from_vec(values, shape, &Device::Cpu)?;
            Ok((name.to_owned(), Var::from_tensor(&value)?))
        };
        Ok(Variables(tensors.map(variable).collect::<Result<_>>()?))
    }

    /// The gradient of the vector.
    pub(super) fn gradient(&self, of: &Variables, gradients: &GradStore) -> Result<Vec<f32>> {
        let mut all = Vec::with_capacity(self.values.len());
        for (place, (name, variable)) in self.places.iter().zip(&of.0) {
            let Some(own) = gradients.get(variable) else {
                candle_core::bail!("{name} has no part in the picture")
            };
            let own = own.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
            all.extend(own.into_iter().map(|value| value * place.unit));
        }
        Ok(all)
    }
}

/// Weights candle follows, by their names.
pub(super) struct Variables(Vec<(String, Var)>);

impl Variables {
    /// What a network is made of.
    pub(super) fn tensors(&self) -> HashMap<String, Tensor> {
        let tensor =
            |(name, variable): &(String, Var)| (name.clone(), variable.as_tensor().clone());
        self.0.iter().map(tensor).collect()
    }
}
