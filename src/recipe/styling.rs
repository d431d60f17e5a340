//! How a picture takes over the style of others.

use serde::{Deserialize, Serialize};

use super::{Input, Problem, Recipe};

/// A picture in the style of others: strokes and palette of theirs on its own shapes. The recipe's
/// steps are evaluations of both losses, its size that of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Styling {
    pub content: Input,
    /// At least one, unless a network has learnt its style already.
    pub styles: Vec<StyleInput>,
    /// Where the style goes; everywhere if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Input>,
    pub features: FeaturesRef,
    /// Which of the features of VGG-19 are looked at, by id; the embedded ones have no choice.
    pub layers: String,
    pub style_weight: f64,
    pub content_weight: f64,
    pub optimizer: Optimizer,
    pub start: StartFrom,
    /// The size of the style pictures relative to the content's: strokes grow and shrink with it.
    pub stroke_scale: f32,
    /// From 0, the style's colours, to 1, the content's.
    pub keep_colors: f32,
    /// Whether small versions are made first, and enlarged.
    pub coarse_to_fine: bool,
}

/// A picture whose style is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StyleInput {
    pub image: Input,
    /// Relative to the others, above 0.
    pub weight: f32,
}

/// What sees strokes and shapes, and once it has been read, its exact weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeaturesRef {
    /// A way to see, by its id.
    pub id: String,
    /// SHA-256 of its file, in hexadecimal; the embedded features need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The network of one style, by its name or file, where it is one that needs no style picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick: Option<String>,
}

/// What walks down the losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    #[default]
    Lbfgs,
    Adam,
}

/// What the picture is at first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartFrom {
    #[default]
    Content,
    Noise,
    /// Another picture, as an earlier run left it.
    Picture(Input),
}

impl Styling {
    /// What the stroke size can be.
    pub const STROKES: std::ops::RangeInclusive<f32> = 0.25..=4.0;
    /// What the longer side can be, in pixels.
    pub const SIDES: std::ops::RangeInclusive<u32> = 32..=4096;

    /// What keeps it from being run with the size and the evaluations of `recipe`.
    pub fn check(&self, recipe: &Recipe) -> Result<(), Problem> {
        if recipe.steps == 0 {
            return Err(Problem::NoSteps);
        }
        if !Self::SIDES.contains(&recipe.width.max(recipe.height)) {
            let (least, most) = Self::SIDES.into_inner();
            return Err(Problem::StyleSize { least, most });
        }
        let positive = |style: &StyleInput| style.weight.is_finite() && style.weight > 0.0;
        let has_style = !self.styles.is_empty() || self.features.quick.is_some();
        if !has_style || !self.styles.iter().all(positive) {
            return Err(Problem::StyleMissing);
        }
        let finite = self.style_weight.is_finite() && self.content_weight.is_finite();
        if !finite || self.style_weight <= 0.0 || self.content_weight < 0.0 {
            return Err(Problem::StyleWeights);
        }
        if !Self::STROKES.contains(&self.stroke_scale) {
            let (least, most) = Self::STROKES.into_inner();
            return Err(Problem::StrokeScale { least, most });
        }
        if !(0.0..=1.0).contains(&self.keep_colors) {
            return Err(Problem::KeepColors);
        }
        Ok(())
    }

    /// Styles that were given, with weights that sum to 1.
    pub fn shares(&self) -> Vec<f32> {
        let sum: f32 = self.styles.iter().map(|style| style.weight).sum();
        self.styles.iter().map(|style| style.weight / sum).collect()
    }
}
