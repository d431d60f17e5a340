//! What every block is told beside its tokens: time, guidance, the whole prompt.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::nn::{Activation, Interrupt, LayerNorm, Linear, Then, timestep_embedding};

/// Values of an embedded time.
pub(super) const TIME_WIDTH: usize = 256;
/// Guidance is told in thousandths, as time is.
const THOUSAND: f64 = 1000.0;
pub(super) const NORM_EPS: f64 = 1e-6;

/// Two layers: `[1, inputs]` to `[1, width]`.
#[derive(Debug)]
struct Embedder {
    first: Linear,
    second: Linear,
}

impl Embedder {
    fn new(inputs: usize, width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            first: Linear::new(inputs, width, &vb.pp("linear_1"))?,
            second: Linear::new(width, width, &vb.pp("linear_2"))?,
        })
    }

    fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let silu = Then::activate(Activation::Silu);
        let hidden = self.first.forward_then(xs, silu, interrupt)?;
        self.second.forward(&hidden, interrupt)
    }
}

/// diffusers' `time_text_embed`.
#[derive(Debug)]
pub(super) struct Telling {
    time: Embedder,
    /// Of networks that are told it.
    guidance: Option<Embedder>,
    text: Embedder,
}

impl Telling {
    pub(super) fn new(
        (width, pooled): (usize, usize),
        is_told_guidance: bool,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let of_time = |name: &str| Embedder::new(TIME_WIDTH, width, &vb.pp(name));
        Ok(Self {
            time: of_time("timestep_embedder")?,
            guidance: is_told_guidance
                .then(|| of_time("guidance_embedder"))
                .transpose()?,
            text: Embedder::new(pooled, width, &vb.pp("text_embedder"))?,
        })
    }

    /// The part that is the same at every step: `[1, width]`, of a whole prompt `[1, pooled]`.
    pub(super) fn of_prompt(
        &self,
        pooled: &Tensor,
        guidance: f32,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let text = self.text.forward(pooled, interrupt)?;
        let Some(embedder) = &self.guidance else {
            return Ok(text);
        };
        let guidance = embedded(f64::from(guidance) * THOUSAND, pooled)?;
        embedder.forward(&guidance, interrupt)? + text
    }

    /// With the time, up to 1000, after `SiLU`, as every block takes it.
    pub(super) fn at(
        &self,
        timestep: f64,
        of_prompt: &Tensor,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let time = self
            .time
            .forward(&embedded(timestep, of_prompt)?, interrupt)?;
        Activation::Silu.forward(&(time + of_prompt)?)
    }
}

fn embedded(number: f64, like: &Tensor) -> Result<Tensor> {
    timestep_embedding(number, TIME_WIDTH, (true, 0.0), like.device())
}

/// Shifts, scales and gates of a block, from what it is told.
#[derive(Debug)]
pub(super) struct Modulation {
    linear: Linear,
    parts: usize,
}

impl Modulation {
    /// Reads `linear` of `vb`: so many `parts`, each of `width` values.
    pub(super) fn new(width: usize, parts: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            linear: Linear::new(width, parts * width, &vb.pp("linear"))?,
            parts,
        })
    }

    /// `[1, width]` each.
    pub(super) fn of(&self, told: &Tensor, interrupt: &Interrupt) -> Result<Vec<Tensor>> {
        self.linear.forward(told, interrupt)?.chunk(self.parts, 1)
    }
}

/// A norm that is told its scale and shift.
pub(super) fn modulated(scale: &Tensor, shift: &Tensor) -> Result<LayerNorm> {
    LayerNorm::modulated(scale, shift, NORM_EPS)
}

/// The last norm: diffusers keeps the scale first, the file of Black Forest Labs the shift.
#[derive(Debug)]
pub(super) struct LastNorm {
    linear: Linear,
    shift_first: bool,
}

/// As a file of Black Forest Labs calls it.
const SHIFT_FIRST: &str = "final_layer.adaLN_modulation.1";

impl LastNorm {
    pub(super) fn new(width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let shift_first = vb.contains_tensor(&format!("{SHIFT_FIRST}.weight"));
        let name = if shift_first {
            SHIFT_FIRST
        } else {
            "norm_out.linear"
        };
        Ok(Self {
            linear: Linear::new(width, 2 * width, &vb.pp(name))?,
            shift_first,
        })
    }

    pub(super) fn of(&self, told: &Tensor, interrupt: &Interrupt) -> Result<LayerNorm> {
        let halves = self.linear.forward(told, interrupt)?.chunk(2, 1)?;
        let scale = usize::from(self.shift_first);
        modulated(&halves[scale], &halves[1 - scale])
    }
}
