//! A transformer in which tokens look at a picture, and the picture at the tokens.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::SamConfig;
use crate::nn::{self, Heads, Interrupt, LayerNorm, Linear};

/// Of all norms.
const EPS: f64 = 1e-5;
const HEADS: usize = 8;
/// How much narrower looking across is.
const ACROSS: usize = 2;

#[derive(Debug)]
pub(super) struct TwoWayTransformer {
    layers: Vec<Layer>,
    last: Attention,
    last_norm: LayerNorm,
}

impl TwoWayTransformer {
    pub(super) fn new(config: &SamConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let layer = |index| Layer::new(config, index == 0, &vb.pp("layers").pp(index));
        Ok(Self {
            layers: (0..config.decoder_depth)
                .map(layer)
                .collect::<Result<_>>()?,
            last: Attention::new(config.width, ACROSS, &vb.pp("final_attn_token_to_image"))?,
            last_norm: LayerNorm::new(config.width, EPS, &vb.pp("norm_final_attn"))?,
        })
    }

    /// Tokens `[1, n, width]`, patches and their places `[1, m, width]`; returns what became of
    /// tokens and patches.
    pub(super) fn forward(
        &self,
        tokens: &Tensor,
        (patches, places): (&Tensor, &Tensor),
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Tensor)> {
        let mut both = (tokens.clone(), patches.clone());
        for layer in &self.layers {
            both = layer.forward(&both, (tokens, places), interrupt)?;
        }
        let (queries, keys) = both;
        let seen = self.last.forward(
            (&(&queries + tokens)?, &(&keys + places)?, &keys),
            interrupt,
        )?;
        Ok((self.last_norm.forward(&(queries + seen)?)?, keys))
    }
}

#[derive(Debug)]
struct Layer {
    among: Attention,
    is_first: bool,
    at_picture: Attention,
    at_tokens: Attention,
    widen: Linear,
    narrow: Linear,
    norms: [LayerNorm; 4],
}

impl Layer {
    fn new(config: &SamConfig, is_first: bool, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, hidden) = (config.width, config.decoder_hidden);
        let across = |name: &str| Attention::new(width, ACROSS, &vb.pp(name));
        let norm = |name: &str| LayerNorm::new(width, EPS, &vb.pp(name));
        Ok(Self {
            among: Attention::new(width, 1, &vb.pp("self_attn"))?,
            is_first,
            at_picture: across("cross_attn_token_to_image")?,
            at_tokens: across("cross_attn_image_to_token")?,
            widen: Linear::new(width, hidden, &vb.pp("mlp.lin1"))?,
            narrow: Linear::new(hidden, width, &vb.pp("mlp.lin2"))?,
            norms: [
                norm("norm1")?,
                norm("norm2")?,
                norm("norm3")?,
                norm("norm4")?,
            ],
        })
    }

    fn forward(
        &self,
        (queries, keys): &(Tensor, Tensor),
        (tokens, places): (&Tensor, &Tensor),
        interrupt: &Interrupt,
    ) -> Result<(Tensor, Tensor)> {
        let [norm1, norm2, norm3, norm4] = &self.norms;
        let queries = if self.is_first {
            self.among.forward((queries, queries, queries), interrupt)?
        } else {
            let placed = (queries + tokens)?;
            (queries + self.among.forward((&placed, &placed, queries), interrupt)?)?
        };
        let queries = norm1.forward(&queries)?;

        let placed_keys = (keys + places)?;
        let placed = (&queries + tokens)?;
        let seen = self
            .at_picture
            .forward((&placed, &placed_keys, keys), interrupt)?;
        let queries = norm2.forward(&(queries + seen)?)?;

        let wide = self.widen.forward(&queries, interrupt)?.relu()?;
        let queries = norm3.forward(&(&queries + self.narrow.forward(&wide, interrupt)?)?)?;

        let placed = (&queries + tokens)?;
        let seen = self
            .at_tokens
            .forward((&placed_keys, &placed, &queries), interrupt)?;
        Ok((queries, norm4.forward(&(keys + seen)?)?))
    }
}

/// Attention with a projection for each of its inputs.
#[derive(Debug)]
struct Attention {
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
}

impl Attention {
    fn new(width: usize, narrower: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let inner = width / narrower;
        let into = |name: &str| Linear::new(width, inner, &vb.pp(name));
        Ok(Self {
            q: into("q_proj")?,
            k: into("k_proj")?,
            v: into("v_proj")?,
            out: Linear::new(inner, width, &vb.pp("out_proj"))?,
        })
    }

    fn forward(
        &self,
        (q, k, v): (&Tensor, &Tensor, &Tensor),
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (q, k, v) = (
            self.q.forward(q, interrupt)?,
            self.k.forward(k, interrupt)?,
            self.v.forward(v, interrupt)?,
        );
        let heads = Heads {
            count: HEADS,
            causal: false,
        };
        let seen = nn::attention((&q, &k, &v), heads, interrupt)?;
        self.out.forward(&seen, interrupt)
    }
}
