//! The paper's image encoder: a transformer over patches, most blocks within windows, a few over
//! the whole picture (Li et al. 2022, "Exploring Plain Vision Transformer Backbones for Object
//! Detection").

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::{SamConfig, VitBlock, VitConfig};
use super::neck::Neck;
use super::windows;
use crate::kernels::Padding;
use crate::nn::{
    Activation, Bias, Conv2d, ConvOptions, Heads, Interrupt, LayerNorm, Linear, biased_attention,
};

/// Of all norms.
const EPS: f64 = 1e-6;

#[derive(Debug)]
pub(super) struct Vit {
    patches: Conv2d,
    /// `[1, grid, grid, width]`
    places: Tensor,
    blocks: Vec<Block>,
    neck: Neck,
}

impl Vit {
    pub(super) fn new(config: &VitConfig, sam: &SamConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let patches = ConvOptions {
            kernel: config.patch,
            stride: config.patch,
            padding: Padding::same(0),
        };
        let block = |(index, block): (usize, &VitBlock)| {
            Block::new(config, *block, &vb.pp("blocks").pp(index))
        };
        Ok(Self {
            patches: Conv2d::new(3, config.width, patches, &vb.pp("patch_embed.proj"))?,
            places: vb.get((1, sam.grid, sam.grid, config.width), "pos_embed")?,
            blocks: config
                .blocks
                .iter()
                .enumerate()
                .map(block)
                .collect::<Result<_>>()?,
            neck: Neck::new(config.width, sam.width, &vb.pp("neck"))?,
        })
    }

    /// `[1, 3, side, side]` to `[1, outputs, grid, grid]`.
    pub(super) fn forward(&self, picture: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let patches = self.patches.forward(picture, interrupt)?;
        let mut xs = patches.permute((0, 2, 3, 1))?.add(&self.places)?;
        for block in &self.blocks {
            xs = block.forward(&xs, interrupt)?;
        }
        self.neck.forward(&xs.permute((0, 3, 1, 2))?, interrupt)
    }
}

#[derive(Debug)]
struct Block {
    norm1: LayerNorm,
    attention: Attention,
    norm2: LayerNorm,
    widen: Linear,
    narrow: Linear,
    window: Option<usize>,
}

impl Block {
    fn new(config: &VitConfig, block: VitBlock, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, hidden) = (config.width, config.hidden);
        Ok(Self {
            norm1: LayerNorm::new(width, EPS, &vb.pp("norm1"))?,
            attention: Attention::new(config, block.reach, &vb.pp("attn"))?,
            norm2: LayerNorm::new(width, EPS, &vb.pp("norm2"))?,
            widen: Linear::new(width, hidden, &vb.pp("mlp.lin1"))?,
            narrow: Linear::new(hidden, width, &vb.pp("mlp.lin2"))?,
            window: block.is_window.then_some(block.reach),
        })
    }

    /// `[1, grid, grid, width]`, shape kept.
    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        interrupt.check()?;
        let (_, height, width, _) = xs.dims4()?;
        let seen = self.norm1.forward(xs)?;
        let seen = match self.window {
            Some(side) => {
                let seen = windows::cut(&seen, side)?;
                let seen = self.attention.forward(&seen, interrupt)?;
                windows::join(&seen, (height, width))?
            }
            None => self.attention.forward(&seen, interrupt)?,
        };
        let xs = (xs + seen)?;
        let wide = self.widen.forward(&self.norm2.forward(&xs)?, interrupt)?;
        let narrow = self
            .narrow
            .forward(&Activation::Gelu.forward(&wide)?, interrupt)?;
        xs + narrow
    }
}

/// Attention over a square grid that also looks at how far apart query and key are.
#[derive(Debug)]
struct Attention {
    qkv: Linear,
    projection: Linear,
    heads: usize,
    /// `[side, head_dim, side]`: for each row a query lies in, what to take of it for each row a key
    /// lies in.
    rows: Tensor,
    /// The same for columns.
    columns: Tensor,
}

impl Attention {
    fn new(config: &VitConfig, side: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let width = config.width;
        let head_dim = width / config.heads;
        // Distance d between query and key is row d + side - 1 of the file's table.
        let distances: Vec<u32> = (0..side)
            .flat_map(|query| (0..side).map(move |key| (query + side - 1 - key) as u32))
            .collect();
        let distances = Tensor::new(distances, vb.device())?;
        let table = |name: &str| {
            vb.get((2 * side - 1, head_dim), name)?
                .index_select(&distances, 0)?
                .reshape((side, side, head_dim))?
                .transpose(1, 2)?
                .contiguous()
        };
        Ok(Self {
            qkv: Linear::new(width, 3 * width, &vb.pp("qkv"))?,
            projection: Linear::new(width, width, &vb.pp("proj"))?,
            heads: config.heads,
            rows: table("rel_pos_h")?,
            columns: table("rel_pos_w")?,
        })
    }

    /// `[windows, side, side, width]`, shape kept.
    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let (count, side, _, width) = xs.dims4()?;
        let (heads, head_dim, pixels) = (self.heads, width / self.heads, side * side);
        let qkv = self
            .qkv
            .forward(xs, interrupt)?
            .reshape((count, pixels, 3 * width))?;
        let part = |index: usize| qkv.narrow(2, index * width, width)?.contiguous();
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let placed = q.reshape((count, side, side, heads, head_dim))?;
        // Queries of one row, or column, meet the same part of the table.
        let rows = placed
            .transpose(0, 1)?
            .reshape((side, count * side * heads, head_dim))?
            .matmul(&self.rows)?
            .reshape((side, count, side, heads, side))?
            .transpose(0, 1)?
            .reshape((count, pixels, heads, side))?;
        let columns = placed
            .permute((2, 0, 1, 3, 4))?
            .reshape((side, count * side * heads, head_dim))?
            .matmul(&self.columns)?
            .reshape((side, count, side, heads, side))?
            .permute((1, 2, 0, 3, 4))?
            .reshape((count, pixels, heads, side))?;
        let heads = Heads {
            count: heads,
            causal: false,
        };
        let bias = Bias::Grid {
            rows: &rows,
            columns: &columns,
        };
        let seen = biased_attention((&q, &k, &v), heads, bias, interrupt)?;
        self.projection
            .forward(&seen, interrupt)?
            .reshape((count, side, side, width))
    }
}
