//! The weights of a network while it is taught, as one vector an optimiser walks over.

use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};

use crate::models::{Johnson, JohnsonLayout};
use crate::training::dice::{Dice, Stream};

/// The network that is taught: narrower than the published one, and nearly as good for one style.
pub(super) const LAYOUT: JohnsonLayout = JohnsonLayout {
    widths: [16, 32, 64],
    blocks: 4,
};

/// Colours of the network go from 0 to 255, everything else in it is about 1.
const COLOURS: f32 = 255.0;
/// The last layer, which gives colours.
const LAST: &str = "deconv3";

/// One tensor of the network.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    shape: Vec<usize>,
    /// What a value of the vector is multiplied by in the network: what is learnt at one pace is then
    /// of one size.
    unit: f32,
}

impl Place {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// All weights of the network.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    places: Vec<Place>,
    pub(super) values: Vec<f32>,
}

impl Parameters {
    /// Those a lesson begins with, as torch draws those of its layers: the same for the same seed.
    pub(super) fn drawn(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0, Stream::Lesson);
        let places = places();
        let mut values = Vec::new();
        // How far weights of the convolution at hand may be from 0.
        let mut most = 0.0;
        for place in &places {
            let last = place.name.starts_with(LAST);
            match place.shape[..] {
                [_, inputs, high, wide] => {
                    most = ((inputs * high * wide) as f32).sqrt().recip();
                    values.extend((0..place.len()).map(|_| dice.range(-most, most)));
                }
                // Gray, before anything is learnt.
                _ if last => values.extend(vec![0.5; place.len()]),
                _ if place.name.contains("conv2d") => {
                    values.extend((0..place.len()).map(|_| dice.range(-most, most)));
                }
                _ if place.name.ends_with("weight") => values.extend(vec![1.0; place.len()]),
                _ => values.extend(vec![0.0; place.len()]),
            }
        }
        Self { places, values }
    }

    /// Those an earlier lesson came to; `None` if they are not as many as the network has.
    pub(super) fn of(values: Vec<f32>) -> Option<Self> {
        let places = places();
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

    /// A network that paints.
    pub(super) fn network(&self) -> Result<Johnson> {
        let tensors = self.tensors().into_iter().map(|(name, shape, values)| {
            Ok((
                name.to_owned(),
                Tensor::from_vec(values, shape, &Device::Cpu)?,
            ))
        });
        Johnson::of(LAYOUT, tensors.collect::<Result<_>>()?)
    }

    /// A network that can be taught.
    pub(super) fn learner(&self) -> Result<Learner> {
        let variables = self.tensors().into_iter().map(|(name, shape, values)| {
            let value = Tensor::from_vec(values, shape, &Device::Cpu)?;
            Ok((name.to_owned(), Var::from_tensor(&value)?))
        });
        let variables: Vec<(String, Var)> = variables.collect::<Result<_>>()?;
        let tensors: HashMap<_, _> = variables
            .iter()
            .map(|(name, variable)| (name.clone(), variable.as_tensor().clone()))
            .collect();
        Ok(Learner {
            network: Johnson::of(LAYOUT, tensors)?,
            variables,
        })
    }

    /// The gradient of the vector.
    pub(super) fn gradient(&self, learner: &Learner, gradients: &GradStore) -> Result<Vec<f32>> {
        let mut all = Vec::with_capacity(self.values.len());
        for (place, (name, variable)) in self.places.iter().zip(&learner.variables) {
            let Some(own) = gradients.get(variable) else {
                candle_core::bail!("{name} has no part in the picture")
            };
            let own = own.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
            all.extend(own.into_iter().map(|value| value * place.unit));
        }
        Ok(all)
    }
}

/// A network whose weights candle follows.
pub(super) struct Learner {
    pub(super) network: Johnson,
    variables: Vec<(String, Var)>,
}

fn places() -> Vec<Place> {
    let tensors = LAYOUT.tensors().into_iter();
    let place = |(name, shape): (String, Vec<usize>)| Place {
        unit: if name.starts_with(LAST) { COLOURS } else { 1.0 },
        name,
        shape,
    };
    tensors.map(place).collect()
}
