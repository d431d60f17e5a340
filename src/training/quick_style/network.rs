//! The network a lesson teaches.

use candle_core::Result;

use crate::models::{Johnson, JohnsonLayout};
use crate::training::dice::{Dice, Stream};
use crate::training::parameters::{Parameters, Place, Variables, drawn, reach};

/// Narrower than the published one, and nearly as good for one style.
const LAYOUT: JohnsonLayout = JohnsonLayout {
    widths: [16, 32, 64],
    blocks: 4,
};

/// Colours of the network go from 0 to 255, everything else in it is about 1.
const COLOURS: f32 = 255.0;
/// The last layer, which gives colours.
const LAST: &str = "deconv3";

/// The weights a lesson begins with, as torch draws those of its layers: the same for the same seed.
pub(super) fn first(seed: u64) -> Parameters {
    let mut dice = Dice::new(seed, 0, Stream::Lesson);
    // How far weights of the convolution at hand may be from 0.
    let mut most = 0.0;
    Parameters::begin(places(), |place| {
        let (count, last) = (place.len(), place.name.starts_with(LAST));
        if place.shape.len() == 4 {
            most = reach(&place.shape);
            drawn(&mut dice, count, most)
        } else if last {
            // Gray, before anything is learnt.
            vec![0.5; count]
        } else if place.name.contains("conv2d") {
            drawn(&mut dice, count, most)
        } else if place.name.ends_with("weight") {
            vec![1.0; count]
        } else {
            vec![0.0; count]
        }
    })
}

/// Those an earlier lesson came to; `None` if there are not as many as the network has.
pub(super) fn resumed(values: Vec<f32>) -> Option<Parameters> {
    Parameters::new(places(), values)
}

/// A network that paints.
pub(super) fn painter(parameters: &Parameters) -> Result<Johnson> {
    Johnson::of(LAYOUT, parameters.fixed()?)
}

/// A network that can be taught.
pub(super) fn learner(variables: &Variables) -> Result<Johnson> {
    Johnson::of(LAYOUT, variables.tensors())
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
