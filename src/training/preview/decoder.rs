//! A tiny decoder for previews: TAESD's layout, taught by what the autoencoder makes of scenes.
//!
//! Its pictures are half as large as the autoencoder's along each side (at a factor of 2 or more), which
//! takes a quarter of the time, and nobody looks closer at a picture on its way. What the denoiser has in
//! mind before its last steps is the mean of what may become of the noise, so the network is shown mixtures
//! of two pictures' latents too, and has to make the same mixture of the pictures.

use candle_core::{Device, Result, Tensor};

use super::map::means;
use super::{Doing, FitPictures, encoded};
use crate::kernels::Adam;
use crate::models::{AutoencoderKl, TinyDecoder, TinyLayout};
use crate::nn::Interrupt;
use crate::training::dice::{Dice, Stream};
use crate::training::parameters::{Parameters, Place, drawn, reach};
use crate::weights::write_tensors;

/// Channels of its layers.
const WIDTH: usize = 32;
/// Latent pixels along each side of what it is shown, and how many of them at once.
const CROP: usize = 16;
const BATCH: usize = 16;
/// How far Adam moves a value in a step at first; at the end it is hardly moved.
const RATE: f32 = 2e-3;
/// Steps in which it comes to that.
const WARMING: u32 = 50;
/// What part of the crops are mixtures.
const MIXED: f32 = 0.5;
/// One picture of so many, and at least one, is looked at alone, to tell how near it comes.
const HELD_OUT: usize = 16;

/// What is to be learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderOrder {
    pub pictures: FitPictures,
    pub steps: u32,
}

/// A tiny decoder, and how far from pictures it has not learnt from it is.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedDecoder {
    /// A file of safetensors.
    pub bytes: Vec<u8>,
    /// Root of the mean squared difference of colours from -1 to 1, at the size it draws.
    pub error: f64,
}

/// Latents `[1, channels, side, side]` and the picture to be made of them `[1, 3, side, side]`, from -1
/// to 1.
struct Sample {
    latents: Tensor,
    picture: Tensor,
}

impl Sample {
    /// A part of both, of latent pixels from a place on.
    fn crop(&self, (top, left): (usize, usize), side: usize, times: usize) -> Result<[Tensor; 2]> {
        let part = |whole: &Tensor, times: usize| {
            let part = whole.narrow(2, times * top, times * side)?;
            part.narrow(3, times * left, times * side)?.contiguous()
        };
        Ok([part(&self.latents, 1)?, part(&self.picture, times)?])
    }
}

pub(super) fn fit(
    autoencoder: &AutoencoderKl,
    order: DecoderOrder,
    done: &mut dyn FnMut(Doing, u32),
) -> Result<FittedDecoder> {
    let config = autoencoder.config();
    let doublings = (config.factor().ilog2() as usize).saturating_sub(1);
    let layout = TinyLayout::small(config.latent_channels, WIDTH, doublings);
    let times = 1 << doublings;
    let reduced = (config.factor() / times) as u32;
    let mut samples = Vec::new();
    for index in 0..order.pictures.count {
        let picture = order.pictures.paint(index, config.factor() as u32);
        let latents = encoded(autoencoder, &picture)?;
        let side = picture.extent().width as usize / reduced as usize;
        let colours = means(&picture, reduced).into_iter().flatten();
        let colours: Vec<f32> = colours.map(|value| value as f32).collect();
        let picture = Tensor::from_vec(colours, (1, side, side, 3), &Device::Cpu)?;
        samples.push(Sample {
            latents,
            picture: picture.permute((0, 3, 1, 2))?.contiguous()?,
        });
        done(Doing::Encoding, index + 1);
    }
    let held_out = (samples.len() / HELD_OUT).max(1);
    if held_out >= samples.len() {
        candle_core::bail!("it takes a picture to learn from and another one to look at")
    }
    let learnt = samples.split_off(held_out);
    let seed = order.pictures.seed;
    let mut parameters = first(&layout, seed);
    let mut adam = Adam::new(RATE);
    for step in 0..order.steps {
        let mut dice = Dice::new(seed, 1 + u64::from(step), Stream::Decoder);
        let [latents, wanted] = batch(&learnt, times, &mut dice)?;
        let variables = parameters.variables()?;
        let network = TinyDecoder::of(&layout, variables.tensors())?;
        let made = network.decode(&latents, &Interrupt::never())?;
        let gradients = (made - wanted)?.abs()?.mean_all()?.backward()?;
        let gradient = parameters.gradient(&variables, &gradients)?;
        adam.rate = rate(step, order.steps);
        adam.advance(&mut parameters.values, &gradient);
        done(Doing::Learning, step + 1);
    }
    let network = TinyDecoder::of(&layout, parameters.fixed()?)?;
    let tensors = parameters.tensors();
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, shape, values)| (*name, *shape, &values[..]))
        .collect();
    Ok(FittedDecoder {
        error: error(&network, &samples)?,
        bytes: write_tensors(&tensors).map_err(candle_core::Error::msg)?,
    })
}

/// Weights as large as keep what passes about as it was, and no more than gray in the end.
fn first(layout: &TinyLayout, seed: u64) -> Parameters {
    let mut dice = Dice::new(seed, 0, Stream::Decoder);
    let places = layout.tensors().into_iter();
    let places = places.map(|(name, shape)| Place {
        name,
        shape,
        unit: 1.0,
    });
    Parameters::begin(places.collect(), |place| match place.shape[..] {
        [_] => vec![0.0; place.len()],
        _ => drawn(&mut dice, place.len(), 3_f32.sqrt() * reach(&place.shape)),
    })
}

/// Crops of latents and of pictures `times` as large, by lot.
fn batch(samples: &[Sample], times: usize, dice: &mut Dice) -> Result<[Tensor; 2]> {
    let mut latents = Vec::new();
    let mut pictures = Vec::new();
    for _ in 0..BATCH {
        let mut crop = || {
            let sample = &samples[dice.below(samples.len() as u32) as usize];
            let whole = sample.latents.dim(3)?;
            let side = whole.min(CROP);
            let mut place = || dice.between(0, (whole - side) as u32) as usize;
            sample.crop((place(), place()), side, times)
        };
        let [mut latent, mut picture] = crop()?;
        let [other_latent, other_picture] = crop()?;
        if dice.chance(MIXED) {
            let share = f64::from(dice.unit());
            latent = ((latent * share)? + (other_latent * (1.0 - share))?)?;
            picture = ((picture * share)? + (other_picture * (1.0 - share))?)?;
        }
        latents.push(latent);
        pictures.push(picture);
    }
    Ok([Tensor::cat(&latents, 0)?, Tensor::cat(&pictures, 0)?])
}

/// Rises at first, and falls like half a cosine to nearly nothing.
fn rate(step: u32, steps: u32) -> f32 {
    let part = step as f32 / steps.max(1) as f32;
    let falling = 0.01 + 0.99 * 0.5 * (1.0 + (std::f32::consts::PI * part).cos());
    RATE * ((step + 1) as f32 / WARMING as f32).min(1.0) * falling
}

fn error(network: &TinyDecoder, samples: &[Sample]) -> Result<f64> {
    let mut sum = 0.0;
    for sample in samples {
        let made = network.decode(&sample.latents, &Interrupt::never())?;
        let square = (made - &sample.picture)?.sqr()?.mean_all()?;
        sum += f64::from(square.to_scalar::<f32>()?);
    }
    Ok((sum / samples.len() as f64).sqrt())
}
