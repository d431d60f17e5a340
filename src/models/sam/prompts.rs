//! Clicks and rectangles as the decoder takes them.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::Prompt;
use super::config::SamConfig;

/// Which of the file's marks is whose.
const CLICKED: usize = 1;
const TOP_LEFT: usize = 2;
const BOTTOM_RIGHT: usize = 3;

#[derive(Debug)]
pub(super) struct PromptEncoder {
    /// `[2, width / 2]`: random frequencies of a place.
    frequencies: Tensor,
    /// `[1, width]` each: what a place is.
    marks: Vec<Tensor>,
    /// `[1, width]`: added to a click's company, which is no place.
    nowhere: Tensor,
    context: Context,
    side: f64,
}

/// What the decoder knows of every patch beside the picture.
#[derive(Debug)]
pub(super) struct Context {
    /// `[1, grid², width]`: where it is.
    pub(super) places: Tensor,
    /// `[1, 1, width]`: that no mask was given along.
    pub(super) no_mask: Tensor,
}

impl PromptEncoder {
    pub(super) fn new(config: &SamConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (width, grid) = (config.width, config.grid);
        let frequencies = vb.get(
            (2, width / 2),
            "pe_layer.positional_encoding_gaussian_matrix",
        )?;
        let middle = |index: usize| (index as f32 + 0.5) / grid as f32;
        let middles: Vec<f32> = (0..grid * grid)
            .flat_map(|at| [middle(at % grid), middle(at / grid)])
            .collect();
        let middles = Tensor::from_vec(middles, (grid * grid, 2), vb.device())?;
        let marks = vb.pp("point_embeddings");
        Ok(Self {
            context: Context {
                places: waves(&middles, &frequencies)?.unsqueeze(0)?,
                no_mask: vb.get((1, width), "no_mask_embed.weight")?.unsqueeze(0)?,
            },
            frequencies,
            marks: (0..=BOTTOM_RIGHT)
                .map(|index| marks.get((1, width), &format!("{index}.weight")))
                .collect::<Result<_>>()?,
            nowhere: vb.get((1, width), "not_a_point_embed.weight")?,
            side: config.side as f64,
        })
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// The prompt in two tokens, `[1, 2, width]`.
    pub(super) fn tokens(&self, prompt: Prompt) -> Result<Tensor> {
        let tokens = match prompt {
            Prompt::Point { x, y } => [self.place(x, y, CLICKED)?, self.nowhere.clone()],
            Prompt::Box {
                left,
                top,
                right,
                bottom,
            } => [
                self.place(left, top, TOP_LEFT)?,
                self.place(right, bottom, BOTTOM_RIGHT)?,
            ],
        };
        Tensor::cat(&tokens, 0)?.unsqueeze(0)
    }

    /// A pixel and what it is, `[1, width]`.
    fn place(&self, x: f32, y: f32, mark: usize) -> Result<Tensor> {
        let middle = Tensor::new(&[[x, y]], self.frequencies.device())?.affine(1.0, 0.5)?;
        let place = waves(&(middle / self.side)?, &self.frequencies)?;
        place + &self.marks[mark]
    }
}

/// Places `[n, 2]` of a square of side 1 as sines and cosines, `[n, width]` (Tancik et al. 2020,
/// "Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains").
fn waves(places: &Tensor, frequencies: &Tensor) -> Result<Tensor> {
    let angles = (places
        .affine(2.0, -1.0)?
        .to_dtype(DType::F32)?
        .matmul(frequencies)?
        * (2.0 * std::f64::consts::PI))?;
    Tensor::cat(&[angles.sin()?, angles.cos()?], 1)
}
