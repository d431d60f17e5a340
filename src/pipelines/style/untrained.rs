//! A network of VGG-19's kind that nobody trained.
//!
//! Random filters see textures almost as trained ones do: Ustyuzhaninov et al. 2017, "What Does It
//! Take to Generate Natural Textures?"; He et al. 2016, "A Powerful Generative Model Using Random
//! Weights for the Deep Image Representation". What each filter gives of the styles is brought to
//! mean 0 and deviation 1, so that each says as much as any other (after Mishkin and Matas 2016,
//! "All You Need Is a Good Init").

use candle_core::{Device, Result, Tensor};

use super::losses::StyleModel;
use crate::models::{Vgg19, VggConv};
use crate::nn::{Interrupt, Products, to_rows};
use crate::recipe::NoiseSource;
use crate::samplers::NoiseStream;

/// Channels of its convolutions.
pub(super) const WIDTHS: [usize; 5] = [48, 48, 64, 64, 96];
/// The seed of the filters: with it they are the same everywhere.
const SEED: u64 = 2017;
/// Deviations below count as this.
const LEAST: f32 = 1e-4;

/// The network for some styles.
pub(super) fn untrained(styles: &[StyleModel], interrupt: &Interrupt) -> Result<Vgg19> {
    let mut noise = NoiseStream::new(NoiseSource::TorchCpu, SEED);
    let mut convs = Vec::with_capacity(WIDTHS.len());
    let mut inputs = 3;
    for (conv, width) in VggConv::ALL.into_iter().zip(WIDTHS) {
        let mut values = noise.draw(width * inputs * 9);
        convs.push(filters(&values, &vec![0.0; width], inputs)?);
        let moments = moments(&network(&convs)?, conv, styles, interrupt)?;
        for (filter, (_, deviation)) in values.chunks_exact_mut(inputs * 9).zip(&moments) {
            for value in filter {
                *value /= deviation;
            }
        }
        let biases = moments.iter().map(|(mean, deviation)| -mean / deviation);
        convs.pop();
        convs.push(filters(&values, &biases.collect::<Vec<_>>(), inputs)?);
        inputs = width;
    }
    network(&convs)
}

/// Weight and bias of a convolution.
fn filters(weights: &[f32], biases: &[f32], inputs: usize) -> Result<(Tensor, Tensor)> {
    let weight = Tensor::from_slice(weights, (biases.len(), inputs, 3, 3), &Device::Cpu)?;
    Ok((weight, Tensor::new(biases, &Device::Cpu)?))
}

fn network(convs: &[(Tensor, Tensor)]) -> Result<Vgg19> {
    // Nobody else has this network: what is rounded differs from nothing.
    Vgg19::of(convs, &Device::Cpu, Products::Fast)
}

/// Mean and deviation of what each filter of a convolution gives of the styles.
fn moments(
    vgg: &Vgg19,
    conv: VggConv,
    styles: &[StyleModel],
    interrupt: &Interrupt,
) -> Result<Vec<(f32, f32)>> {
    let mut sums: Vec<(f64, f64)> = Vec::new();
    for StyleModel { picture, share, .. } in styles {
        for seen in vgg.forward(picture, &[conv], interrupt)? {
            let rows = to_rows(&seen)?;
            let of = |rows: &Tensor| rows.mean(1)?.flatten_all()?.to_vec1::<f32>();
            let (means, squares) = (of(&rows)?, of(&rows.sqr()?)?);
            sums.resize(means.len(), (0.0, 0.0));
            for (sum, (mean, square)) in sums.iter_mut().zip(means.iter().zip(squares)) {
                sum.0 += f64::from(share * mean);
                sum.1 += f64::from(share * square);
            }
        }
    }
    let moment = |(mean, square): (f64, f64)| {
        let deviation = (square - mean * mean).max(0.0).sqrt() as f32;
        (mean as f32, deviation.max(LEAST))
    };
    Ok(sums.into_iter().map(moment).collect())
}
