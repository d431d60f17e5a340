//! Attention within windows, and a part that sees each pixel alone. Liu et al. 2021, "Swin
//! Transformer: Hierarchical Vision Transformer using Shifted Windows".

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::EPS;
use super::layout::SwinIrLayout;
use super::windows::Windows;
use crate::nn::{Activation, Bias, Heads, Interrupt, LayerNorm, Linear, Then, biased_attention};

#[derive(Debug)]
pub(super) struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    heads: Heads,
    /// `[heads, window², window²]`
    biases: Tensor,
    projection: Linear,
    norm2: LayerNorm,
    widen: Linear,
    narrow: Linear,
}

impl Block {
    pub(super) fn new(layout: &SwinIrLayout, heads: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let SwinIrLayout {
            width,
            hidden,
            window,
            ..
        } = *layout;
        let (attn, mlp) = (vb.pp("attn"), vb.pp("mlp"));
        let (area, reach) = (window * window, 2 * window - 1);
        // The file has a bias for each distance from key to query, rows first.
        let distances: Vec<u32> = (0..area * area)
            .map(|at| (at / area, at % area))
            .map(|(query, key)| {
                let down = query / window + window - 1 - key / window;
                let across = query % window + window - 1 - key % window;
                (down * reach + across) as u32
            })
            .collect();
        let distances = Tensor::new(distances, vb.device())?;
        let biases = attn
            .get((reach * reach, heads), "relative_position_bias_table")?
            .index_select(&distances, 0)?
            .t()?
            .reshape((heads, area, area))?;
        Ok(Self {
            norm1: LayerNorm::new(width, EPS, &vb.pp("norm1"))?,
            qkv: Linear::new(width, 3 * width, &attn.pp("qkv"))?,
            heads: Heads {
                count: heads,
                causal: false,
            },
            biases,
            projection: Linear::new(width, width, &attn.pp("proj"))?,
            norm2: LayerNorm::new(width, EPS, &vb.pp("norm2"))?,
            widen: Linear::new(width, hidden, &mlp.pp("fc1"))?,
            narrow: Linear::new(hidden, width, &mlp.pp("fc2"))?,
        })
    }

    /// `[pixels, width]`, shape kept.
    pub(super) fn forward(
        &self,
        rows: &Tensor,
        windows: &Windows,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let xs = windows.cut(rows)?;
        let seen = self.attend(&xs, windows, interrupt)?;
        let xs = self
            .projection
            .forward_then(&seen, Then::plus(&xs), interrupt)?;
        let gelu = Then::activate(Activation::Gelu);
        let wide = self
            .widen
            .forward_normed(&self.norm2, &xs, gelu, interrupt)?;
        let xs = self
            .narrow
            .forward_then(&wide, Then::plus(&xs), interrupt)?;
        windows.join(&xs)
    }

    /// `[windows, window², width]`, shape kept.
    fn attend(&self, xs: &Tensor, windows: &Windows, interrupt: &Interrupt) -> Result<Tensor> {
        let width = xs.dim(2)?;
        let qkv = self
            .qkv
            .forward_normed(&self.norm1, xs, Then::default(), interrupt)?;
        let seen = windows.kinds().map(|(kind, mask)| {
            let qkv = qkv.narrow(0, kind.start, kind.len())?;
            let part = |index: usize| qkv.narrow(2, index * width, width)?.contiguous();
            let (q, k, v) = (part(0)?, part(1)?, part(2)?);
            let biases = match mask {
                Some(mask) => &self.biases.broadcast_add(&mask.to_dtype(xs.dtype())?)?,
                None => &self.biases,
            };
            biased_attention((&q, &k, &v), self.heads, Bias::Table(biases), interrupt)
        });
        Tensor::cat(&seen.collect::<Result<Vec<_>>>()?, 0)
    }
}
