//! What some denoisers are told beside the picture, the time and the prompt.

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::UNetConfig;
use super::layout::TIME_FACTOR;
use crate::nn::{Activation, Interrupt, Linear, timestep_embedding};
use crate::recipe::SizeCondition;

/// How many numbers tell of a picture's size.
pub(super) const NUMBERS: usize = 6;

/// What a model may be told of a picture, of which each takes what it was made for, and how to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    pub size: SizeCondition,
    /// The scale of guidance, for models that learnt to do without a second call.
    pub guidance: f32,
    /// The texts of a batch are computed one after the other: the same prediction, in the memory of one.
    pub apart: bool,
}

/// The sizes of the picture and the pooled prompt, added to the timestep's embedding: Podell et al.
/// 2023, "SDXL: Improving Latent Diffusion Models for High-Resolution Image Synthesis", section 2.2.
#[derive(Debug)]
pub(super) struct AddedEmbedding {
    first: Linear,
    second: Linear,
    pooled_width: usize,
    number_width: usize,
    order: (bool, f64),
}

impl AddedEmbedding {
    /// `None` where the network takes none.
    pub(super) fn of(config: &UNetConfig, vb: &VarBuilder<'_>) -> Result<Option<Self>> {
        let Some((pooled_width, number_width)) = config.added_widths() else {
            return Ok(None);
        };
        let vb = vb.pp("add_embedding");
        let width = TIME_FACTOR * config.block_out_channels[0];
        let together = pooled_width + NUMBERS * number_width;
        Ok(Some(Self {
            first: Linear::new(together, width, &vb.pp("linear_1"))?,
            second: Linear::new(width, width, &vb.pp("linear_2"))?,
            pooled_width,
            number_width,
            order: (config.flip_sin_to_cos, config.freq_shift),
        }))
    }

    /// `pooled` `[batch, pooled_width]`; returns `[batch, time_width]`.
    pub(super) fn forward(
        &self,
        pooled: Option<&Tensor>,
        size: SizeCondition,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let Some(pooled) = pooled else {
            candle_core::bail!("this denoiser needs the pooled prompt of a second text encoder")
        };
        let (batch, width) = pooled.dims2()?;
        if width != self.pooled_width {
            let expected = self.pooled_width;
            candle_core::bail!("a pooled prompt of {width} numbers, not {expected}")
        }
        let numbers = size.numbers().map(|number| {
            timestep_embedding(
                f64::from(number),
                self.number_width,
                self.order,
                pooled.device(),
            )
        });
        let numbers = numbers.into_iter().collect::<Result<Vec<_>>>()?;
        let numbers = Tensor::cat(&numbers, 1)?.repeat((batch, 1))?;
        let together = Tensor::cat(&[pooled, &numbers], 1)?;
        let hidden = self.first.forward(&together, interrupt)?;
        self.second
            .forward(&Activation::Silu.forward(&hidden)?, interrupt)
    }
}

/// The guidance as consistency models learnt it: Luo et al. 2023, "Latent Consistency Models",
/// section 4.2.
#[derive(Debug)]
pub(super) struct GuidanceEmbedding {
    /// `[first, width]`
    projection: Tensor,
    width: usize,
}

/// The reference multiplies the guidance as it does timesteps.
const GUIDANCE_FACTOR: f64 = 1000.0;

impl GuidanceEmbedding {
    /// `None` where the network takes none.
    pub(super) fn of(config: &UNetConfig, vb: &VarBuilder<'_>) -> Result<Option<Self>> {
        let projection = |width| {
            let shape = (config.block_out_channels[0], width);
            let weight = vb.get(shape, "time_embedding.cond_proj.weight")?;
            Ok(Self {
                projection: weight.to_dtype(candle_core::DType::F32)?,
                width,
            })
        };
        config.time_cond_proj_dim.map(projection).transpose()
    }

    /// What is added to the timestep's sinusoids, `[1, first]`.
    pub(super) fn forward(&self, guidance: f32, device: &Device) -> Result<Tensor> {
        // The reference divides by one less than half the width.
        let scaled = (f64::from(guidance) - 1.0) * GUIDANCE_FACTOR;
        timestep_embedding(scaled, self.width, (false, 1.0), device)?.matmul(&self.projection.t()?)
    }
}
