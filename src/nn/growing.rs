//! Feature maps that layers add channels to.

use candle_core::{Result, Shape, Tensor};

use super::order::{is_channels_last, pixel_order, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::{Activation, Conv2d, Interrupt, Then};
use crate::kernels::WidePictures;

/// A feature map that convolutions of all its channels add theirs to, where it lies: nothing is
/// copied from layer to layer.
#[derive(Debug)]
pub struct Growing(Map);

#[derive(Debug)]
enum Map {
    Wide(WidePictures, Shape),
    Candle(Tensor),
}

impl Growing {
    /// Begins with `xs` `[batch, channels, height, width]`, and room for `most` channels.
    pub fn of(xs: &Tensor, most: usize) -> Result<Self> {
        let (batch, channels, height, width) = xs.dims4()?;
        if !on_our_kernels(xs) || !is_channels_last(xs) || most < channels {
            return Ok(Self(Map::Candle(xs.clone())));
        }
        let xs = pixels(xs)?;
        let widths = (channels, most);
        let wide = WidePictures::of(&elements(&xs)?, (batch, height, width), widths);
        let shape = Shape::from((batch, height, width, most));
        Ok(Self(Map::Wide(wide, shape)))
    }

    /// Adds what a convolution of the channels there are, that keeps the size, makes of them,
    /// activated.
    pub fn grow(
        &mut self,
        conv: &Conv2d,
        activation: Activation,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let then = Then::activate(activation);
        match &mut self.0 {
            Map::Wide(wide, _) => conv.append(wide, then, interrupt),
            Map::Candle(map) => {
                let new = conv.forward_then(map, then, interrupt)?;
                *map = Tensor::cat(&[&*map, &new], 1)?;
                Ok(())
            }
        }
    }

    /// `[batch, channels, height, width]`, once all channels are there.
    pub fn whole(self) -> Result<Tensor> {
        match self.0 {
            Map::Wide(wide, shape) => match wide.whole() {
                Some(values) => pixel_order(&tensor_of(values, shape)?),
                None => candle_core::bail!("some of {shape:?} are not there yet"),
            },
            Map::Candle(map) => Ok(map),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::near::{WINOGRAD, assert_near, random};
    use crate::nn::{ConvOptions, channels_last};

    #[test]
    fn channels_are_those_of_copies_laid_side_by_side() {
        for (first, growths, (height, width)) in [
            (1, [1, 1], (1, 1)),
            (5, [3, 20], (7, 9)),
            (40, [32, 8], (20, 33)),
        ] {
            let xs = random((2, first, height, width));
            let most = first + growths[0] + growths[1];
            let mut inputs = first;
            let convs = growths.map(|outputs| {
                let weight = random((outputs, inputs, 3, 3));
                inputs += outputs;
                Conv2d::of(&weight, Some(random(outputs)), ConvOptions::three()).unwrap()
            });
            let never = Interrupt::never();
            let [ours, plain] = [channels_last(&xs).unwrap(), xs].map(|xs| {
                let mut map = Growing::of(&xs, most).unwrap();
                for conv in &convs {
                    map.grow(conv, Activation::LeakyRelu { below: 0.2 }, &never)
                        .unwrap();
                }
                map.whole().unwrap()
            });
            assert_eq!(ours.dims(), [2, most, height, width]);
            assert_near(&ours, &plain, WINOGRAD);
        }
    }

    #[test]
    fn a_map_without_some_of_its_channels_is_not_whole() {
        let xs = channels_last(&random((1, 2, 3, 3))).unwrap();
        assert!(Growing::of(&xs, 3).unwrap().whole().is_err());
        let other = Conv2d::of(&random((4, 2, 3, 3)), None, ConvOptions::three()).unwrap();
        let mut map = Growing::of(&xs, 3).unwrap();
        let grown = map.grow(&other, Activation::Relu, &Interrupt::never());
        assert!(grown.is_err(), "there is no room for four more");
    }
}
