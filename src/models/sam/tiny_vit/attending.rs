//! The parts that attend, within windows.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::super::config::TinyVitStage;
use super::super::windows;
use super::normed::normed_depthwise;
use crate::nn::{
    Activation, Bias, DepthwiseConv2d, Heads, Interrupt, LayerNorm, Linear, biased_attention,
};

/// Of the norms over rows.
const EPS: f64 = 1e-5;
/// How much wider the last part is inside.
const EXPANSION: usize = 4;

/// Attention within windows, a convolution across them, and a part that sees each pixel alone.
#[derive(Debug)]
pub(super) struct Attending {
    window: usize,
    heads: usize,
    norm: LayerNorm,
    qkv: Linear,
    projection: Linear,
    /// `[heads, window², window²]`
    biases: Tensor,
    local: DepthwiseConv2d,
    last_norm: LayerNorm,
    widen: Linear,
    narrow: Linear,
}

impl Attending {
    pub(super) fn new(stage: &TinyVitStage, vb: &VarBuilder<'_>) -> Result<Self> {
        let TinyVitStage {
            width,
            heads,
            window,
            ..
        } = *stage;
        let (attn, mlp) = (vb.pp("attn"), vb.pp("mlp"));
        let pixels = window * window;
        // The file has a bias for each distance, rows first.
        let distances: Vec<u32> = (0..pixels)
            .flat_map(|query| (0..pixels).map(move |key| (query, key)))
            .map(|(query, key)| {
                let down = (query / window).abs_diff(key / window);
                (down * window + (query % window).abs_diff(key % window)) as u32
            })
            .collect();
        let distances = Tensor::new(distances, vb.device())?;
        Ok(Self {
            window,
            heads,
            norm: LayerNorm::new(width, EPS, &attn.pp("norm"))?,
            qkv: Linear::new(width, 3 * width, &attn.pp("qkv"))?,
            projection: Linear::new(width, width, &attn.pp("proj"))?,
            biases: attn
                .get((heads, pixels), "attention_biases")?
                .index_select(&distances, 1)?
                .reshape((heads, pixels, pixels))?,
            local: normed_depthwise(width, 1, &vb.pp("local_conv"))?,
            last_norm: LayerNorm::new(width, EPS, &mlp.pp("norm"))?,
            widen: Linear::new(width, EXPANSION * width, &mlp.pp("fc1"))?,
            narrow: Linear::new(EXPANSION * width, width, &mlp.pp("fc2"))?,
        })
    }

    /// `[1, width, height, width]`, shape kept.
    pub(super) fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        interrupt.check()?;
        let (_, _, height, width) = xs.dims4()?;
        let pixels = xs.permute((0, 2, 3, 1))?.contiguous()?;
        let seen = windows::cut(&pixels, self.window)?;
        let seen = windows::join(&self.attend(&seen, interrupt)?, (height, width))?;
        let xs = (pixels + seen)?.permute((0, 3, 1, 2))?;
        let xs = self.local.forward(&xs, interrupt)?.permute((0, 2, 3, 1))?;
        let wide = self
            .widen
            .forward(&self.last_norm.forward(&xs)?, interrupt)?;
        let narrow = self
            .narrow
            .forward(&Activation::Gelu.forward(&wide)?, interrupt)?;
        (xs + narrow)?.permute((0, 3, 1, 2))
    }

    /// `[windows, window, window, width]`, shape kept.
    fn attend(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (count, side, _, width) = xs.dims4()?;
        let head_dim = width / self.heads;
        let qkv = self
            .qkv
            .forward(&self.norm.forward(xs)?, interrupt)?
            .reshape((count, side * side, self.heads, 3 * head_dim))?;
        let part = |index: usize| {
            qkv.narrow(3, index * head_dim, head_dim)?
                .reshape((count, side * side, width))
        };
        let heads = Heads {
            count: self.heads,
            causal: false,
        };
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let seen = biased_attention((&q, &k, &v), heads, Bias::Table(&self.biases), interrupt)?;
        self.projection
            .forward(&seen, interrupt)?
            .reshape((count, side, side, width))
    }
}
