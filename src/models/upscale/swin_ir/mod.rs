//! `SwinIR`: a transformer within windows between two convolutions. Liang et al. 2021, "`SwinIR`: Image
//! Restoration Using Swin Transformer" (arXiv 2108.10257).

mod block;
mod connection;
mod end;
mod group;
mod layout;
mod windows;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use self::connection::Connection;
use self::end::End;
use self::group::Group;
pub use self::layout::{SwinIrConnection, SwinIrEnd, SwinIrGroup, SwinIrLayout};
use self::windows::Windows;
use crate::nn::{Conv2d, ConvOptions, Interrupt, LayerNorm, channels_last, from_rows, to_rows};

/// Mean of each colour the networks were trained with; it is not in their files.
const MEAN: [f32; 3] = [0.4488, 0.4371, 0.4040];
/// Of all norms.
const EPS: f64 = 1e-5;

#[derive(Debug)]
pub(super) struct SwinIr {
    /// `[1, channels, 1, 1]`
    mean: Tensor,
    first: Conv2d,
    first_norm: Option<LayerNorm>,
    groups: Vec<Group>,
    norm: LayerNorm,
    after_groups: Connection,
    end: End,
    window: usize,
}

impl SwinIr {
    pub(super) fn new(layout: &SwinIrLayout, vb: &VarBuilder<'_>) -> Result<Self> {
        let SwinIrLayout {
            channels, width, ..
        } = *layout;
        let at = |name: &str| vb.pp(format!("{}{name}", layout.prefix));
        let mean = if channels == MEAN.len() {
            Tensor::new(&MEAN, vb.device())?.to_dtype(vb.dtype())?
        } else {
            Tensor::zeros(channels, vb.dtype(), vb.device())?
        };
        let norm = |name: &str| LayerNorm::new(width, EPS, &at(name));
        let first_norm = layout.norms_first.then(|| norm("patch_embed.norm"));
        let group = |(index, group)| Group::new(layout, group, &at(&format!("layers.{index}")));
        Ok(Self {
            first: Conv2d::new(channels, width, ConvOptions::three(), &at("conv_first"))?,
            first_norm: first_norm.transpose()?,
            groups: layout
                .groups
                .iter()
                .enumerate()
                .map(group)
                .collect::<Result<_>>()?,
            norm: norm("norm")?,
            after_groups: Connection::new(layout.connection, width, &at("conv_after_body"))?,
            end: End::new(layout, &mean, at)?,
            mean: mean.reshape((1, channels, 1, 1))?,
            window: layout.window,
        })
    }

    /// `[batch, channels, height, width]` to that of `scale` times the size.
    pub(super) fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let first = channels_last(&picture.broadcast_sub(&self.mean)?)?;
        let first = self.first.forward(&first, interrupt)?;
        let (batch, _, height, width) = first.dims4()?;
        let windows = |shift| {
            let size = (batch, height, width);
            Windows::new(size, self.window, shift, picture.device())
        };
        let windows = [windows(0)?, windows(self.window / 2)?];
        let mut xs = match &self.first_norm {
            Some(norm) => per_pixel(norm, &first)?,
            None => first.clone(),
        };
        for group in &self.groups {
            xs = group.forward(&xs, &windows, interrupt)?;
        }
        xs = per_pixel(&self.norm, &xs)?;
        xs = self.after_groups.forward(&xs, &first, interrupt)?;
        drop(first);
        self.end.forward(&xs, interrupt)
    }
}

/// Normalises `[batch, channels, height, width]` over the channels.
fn per_pixel(norm: &LayerNorm, xs: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = xs.dims4()?;
    from_rows(&norm.forward(&to_rows(xs)?)?, (height, width))
}
