//! From what a person typed to a recipe, or every problem at once.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    Emphasis, ModelRef, NoiseSource, RECIPE_VERSION, Recipe, Shortcuts, SizeCondition, Task,
    Template, Variation, WeightBits, WildcardProblem, extract_networks, sampler_by_id,
    schedule_by_id,
};

/// The raw form: what the panel shows and the command line parses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub prompt: String,
    pub negative_prompt: String,
    pub emphasis: Emphasis,
    /// See [`Recipe::clip_skip`].
    pub clip_skip: u32,
    pub model: String,
    /// A file with another autoencoder than the model's own.
    pub vae: Option<String>,
    pub sampler: String,
    pub schedule: String,
    pub steps: u32,
    pub guidance: f32,
    pub shortcuts: Shortcuts,
    pub weight_bits: WeightBits,
    /// See [`Recipe::decode_tile`]; 0 leaves the choice to the memory.
    pub decode_tile: u32,
    pub seed: u64,
    pub noise: NoiseSource,
    pub variation: Variation,
    pub width: u32,
    pub height: u32,
    /// What Stable Diffusion XL is told of the size; the picture's own where nothing is said.
    pub size_condition: Option<SizeCondition>,
    /// Pictures to make, with seeds counting up from `seed`.
    pub count: u32,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            prompt: String::new(),
            negative_prompt: String::new(),
            emphasis: Emphasis::A1111,
            clip_skip: 1,
            model: "sprout".to_owned(),
            vae: None,
            // Its fresh noise mends what a step got wrong: few steps of a small model show it.
            sampler: "euler_ancestral".to_owned(),
            schedule: "normal".to_owned(),
            steps: 20,
            guidance: 4.0,
            shortcuts: Shortcuts::default(),
            weight_bits: WeightBits::default(),
            decode_tile: 0,
            seed: 0,
            noise: NoiseSource::default(),
            variation: Variation::default(),
            width: 256,
            height: 256,
            size_condition: None,
            count: 1,
        }
    }
}

/// What a model allows, as far as a recipe must respect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Width and height of a picture from a prompt alone must be multiples of this many pixels.
    pub size_factor: u32,
    /// Longest side, in pixels, that is accepted at all.
    pub max_side: u32,
    /// Steps of the training schedule: no sampler can take more.
    pub max_steps: u32,
}

/// The part of the form a problem belongs to, so that it can be shown beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Prompt,
    Size,
    Steps,
    Guidance,
    Sampler,
    Schedule,
    Count,
    GuidanceSpan,
    CacheInterval,
    DecodeTile,
    ClipSkip,
    Variation,
    Strength,
    Picture,
    Mask,
}

/// One thing that keeps a draft from being a recipe.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Problem {
    #[error("the size {width}x{height} does not fit: this model draws multiples of {factor} pixels, for example {}x{}", near(*width, *factor), near(*height, *factor))]
    SizeNotMultiple {
        width: u32,
        height: u32,
        factor: u32,
    },
    #[error("the size {width}x{height} is too large: no side may exceed {max} pixels")]
    SizeTooLarge { width: u32, height: u32, max: u32 },
    #[error("the size {width}x{height} has no pixels: give at least {factor}x{factor}")]
    SizeZero {
        width: u32,
        height: u32,
        factor: u32,
    },
    #[error("{0} has a weight that is no number: write it as <lora:name:0.8>")]
    NetworkWeight(String),
    #[error("0 steps make no picture: give at least 1, about 20 is usual")]
    NoSteps,
    #[error(
        "{steps} steps are more than the {max} this model was trained with: give at most {max}"
    )]
    TooManySteps { steps: u32, max: u32 },
    #[error("guidance must be a number of at least 0, about 2 to 8 is usual")]
    Guidance,
    #[error("there is no sampler \"{0}\": choose one of {ids}", ids = ids(super::SAMPLERS.iter().map(|row| row.id)))]
    UnknownSampler(String),
    #[error("there is no schedule \"{0}\": choose one of {ids}", ids = ids(super::SCHEDULES.iter().map(|row| row.id)))]
    UnknownSchedule(String),
    #[error("there is no way to remove called \"{0}\": choose another")]
    UnknownMethod(String),
    #[error(
        "there is no style, or not the one this recipe was made with: give at least one picture"
    )]
    StyleMissing,
    #[error("there are no features \"{0}\": choose vgg19 or embedded")]
    UnknownFeatures(String),
    #[error("there is no set of layers \"{0}\": choose first_five or gatys")]
    UnknownLayers(String),
    #[error(
        "the weights of style and content must be numbers of at least 0, that of the style above 0; 1e6 and 1 are usual"
    )]
    StyleWeights,
    #[error(
        "the stroke size must be from {least} to {most}: 1 leaves strokes as large as they are"
    )]
    StrokeScale { least: f32, most: f32 },
    #[error("how far colours are kept must be from 0, the style's, to 1, the content's")]
    KeepColors,
    #[error("the longer side must be from {least} to {most} pixels, 512 is usual")]
    StyleSize { least: u32, most: u32 },
    #[error("0 pictures were asked for: give a count of at least 1")]
    NoPictures,
    #[error(
        "guidance must begin before it ends, both from 0 to 1 of the run: 0 to 1 guides all of it"
    )]
    GuidanceSpan,
    #[error("the cache interval must be at least 1: 1 computes every step whole, 3 is usual")]
    CacheInterval,
    #[error(
        "tiles of {tile} pixels cannot be decoded: give a multiple of {step}, or 0 for the whole picture where it fits into memory"
    )]
    DecodeTile { tile: u32, step: u32 },
    #[error("{0}")]
    Wildcard(WildcardProblem),
    #[error(
        "clip skip must be from 1, the last layer of the text encoder, to the number of its layers{}", most.map_or_else(String::new, |most| format!(", here {most}"))
    )]
    ClipSkip { most: Option<u32> },
    #[error(
        "the variation's strength must be from 0, which is this seed's picture, to 1, which is the other's"
    )]
    Variation,
    #[error(
        "this model cannot be drawn by {sampler} on the schedule {schedule}: its latents lie on a straight line; choose one of {}, and the schedule normal", ids(fitting.iter().copied())
    )]
    SamplerUnsuited {
        sampler: String,
        schedule: String,
        /// Samplers that can.
        fitting: Vec<&'static str>,
    },
    #[error(
        "this model has no outermost layers to compute alone: set the cache interval to 1, which computes every step whole"
    )]
    CacheUnsuited,
    #[error("the strength must be above 0 and at most 1, about 0.6 is usual")]
    Strength,
    #[error(
        "strength {strength} of {steps} steps is less than one step: raise either, to at least {least} steps"
    )]
    StrengthWithoutStep {
        strength: f64,
        steps: u32,
        least: u32,
    },
    #[error("the picture this starts from is not here: open it again")]
    PictureMissing,
    #[error("the picture is not the one this recipe was made with: open that one")]
    OtherPicture,
    #[error("the mask is not here, or not the one this recipe was made with")]
    MaskMissing,
    #[error(
        "the mask is {mask_width}x{mask_height} and the picture {width}x{height}: give a mask of the picture's size"
    )]
    MaskSize {
        width: u32,
        height: u32,
        mask_width: u32,
        mask_height: u32,
    },
    #[error("the mask is empty: paint what is to be filled in white")]
    MaskEmpty,
    #[error("the mask covers the whole picture: leave something to fill it from")]
    MaskWhole,
    #[error("the mask's blur must be a number from 0 to 256, 4 is usual")]
    MaskBlur,
    #[error(
        "filling a whole picture of {width}x{height} generates that size, not {asked_width}x{asked_height}: give no size, or fill only the masked part"
    )]
    FillSize {
        width: u32,
        height: u32,
        asked_width: u32,
        asked_height: u32,
    },
}

/// Pixels; a blur is for seams.
const MAX_BLUR: f32 = 256.0;

/// Sides of tiles are multiples of this, in pixels: a quarter of one is shared with the next, and is a
/// whole number of latents.
pub fn tile_step(factor: u32) -> u32 {
    4 * factor.max(1)
}

/// The multiple of `factor` nearest to a side, at least one.
pub(crate) fn near(side: u32, factor: u32) -> u32 {
    (side.saturating_add(factor / 2) / factor).max(1) * factor
}

fn ids(rows: impl Iterator<Item = &'static str>) -> String {
    rows.collect::<Vec<_>>().join(", ")
}

impl Problem {
    pub fn field(&self) -> Field {
        match self {
            Self::NetworkWeight(_) | Self::Wildcard(_) => Field::Prompt,
            Self::SizeNotMultiple { .. }
            | Self::SizeTooLarge { .. }
            | Self::SizeZero { .. }
            | Self::StyleSize { .. }
            | Self::FillSize { .. } => Field::Size,
            Self::NoSteps | Self::TooManySteps { .. } => Field::Steps,
            Self::Guidance => Field::Guidance,
            Self::UnknownSampler(_) | Self::SamplerUnsuited { .. } => Field::Sampler,
            Self::UnknownSchedule(_) => Field::Schedule,
            Self::NoPictures => Field::Count,
            Self::GuidanceSpan => Field::GuidanceSpan,
            Self::CacheInterval | Self::CacheUnsuited => Field::CacheInterval,
            Self::DecodeTile { .. } => Field::DecodeTile,
            Self::ClipSkip { .. } => Field::ClipSkip,
            Self::Variation => Field::Variation,
            Self::Strength | Self::StrengthWithoutStep { .. } => Field::Strength,
            Self::PictureMissing
            | Self::OtherPicture
            | Self::StyleMissing
            | Self::UnknownFeatures(_)
            | Self::UnknownLayers(_)
            | Self::StyleWeights
            | Self::StrokeScale { .. }
            | Self::KeepColors => Field::Picture,
            Self::MaskMissing
            | Self::MaskSize { .. }
            | Self::MaskEmpty
            | Self::MaskWhole
            | Self::MaskBlur
            | Self::UnknownMethod(_) => Field::Mask,
        }
    }
}

impl Draft {
    /// Every problem that can be seen in the draft, in the order of the form.
    pub fn problems(&self, limits: Limits) -> Vec<Problem> {
        self.problems_of(&Task::TextToImage, limits)
    }

    /// As [`Self::problems`], where the form is filled in for the given task.
    pub fn problems_of(&self, task: &Task, limits: Limits) -> Vec<Problem> {
        let (width, height, factor) = (self.width, self.height, limits.size_factor.max(1));
        let mut problems = Vec::new();
        let (_, networks) = extract_networks(&self.prompt);
        let unread = networks.into_iter().filter(|asked| asked.weights.is_none());
        problems.extend(unread.map(|asked| Problem::NetworkWeight(asked.tag)));
        if width == 0 || height == 0 {
            problems.push(Problem::SizeZero {
                width,
                height,
                factor,
            });
        } else if width > limits.max_side || height > limits.max_side {
            problems.push(Problem::SizeTooLarge {
                width,
                height,
                max: limits.max_side,
            });
        } else if *task == Task::TextToImage
            && (!width.is_multiple_of(factor) || !height.is_multiple_of(factor))
        {
            // What starts from a picture is padded to a multiple and cut back after.
            problems.push(Problem::SizeNotMultiple {
                width,
                height,
                factor,
            });
        }
        if self.steps == 0 {
            problems.push(Problem::NoSteps);
        } else if self.steps > limits.max_steps {
            problems.push(Problem::TooManySteps {
                steps: self.steps,
                max: limits.max_steps,
            });
        }
        if !self.guidance.is_finite() || self.guidance < 0.0 {
            problems.push(Problem::Guidance);
        }
        if sampler_by_id(&self.sampler).is_none() {
            problems.push(Problem::UnknownSampler(self.sampler.clone()));
        }
        if schedule_by_id(&self.schedule).is_none() {
            problems.push(Problem::UnknownSchedule(self.schedule.clone()));
        }
        if self.count == 0 {
            problems.push(Problem::NoPictures);
        }
        if !self.shortcuts.guidance.is_valid() {
            problems.push(Problem::GuidanceSpan);
        }
        if self.shortcuts.cache_interval == 0 {
            problems.push(Problem::CacheInterval);
        }
        let step = tile_step(factor);
        if !self.decode_tile.is_multiple_of(step) {
            problems.push(Problem::DecodeTile {
                tile: self.decode_tile,
                step,
            });
        }
        if self.clip_skip == 0 {
            problems.push(Problem::ClipSkip { most: None });
        }
        if !self.variation.is_valid() {
            problems.push(Problem::Variation);
        }
        problems.extend(self.strength_problem(task));
        if let Task::Inpaint(fill) = task
            && !(0.0..=MAX_BLUR).contains(&fill.mask_blur)
        {
            problems.push(Problem::MaskBlur);
        }
        problems
    }

    fn strength_problem(&self, task: &Task) -> Option<Problem> {
        let strength = task.strength();
        if !(strength.0 > 0.0 && strength.0 <= 1.0) {
            return Some(Problem::Strength);
        }
        (self.steps > 0 && strength.steps_of(self.steps) == 0).then(|| {
            Problem::StrengthWithoutStep {
                strength: strength.0,
                steps: self.steps,
                least: (1.0 / strength.0).ceil() as u32,
            }
        })
    }

    /// The recipe of the first picture, or every problem at once.
    pub fn recipe(&self, limits: Limits) -> Result<Recipe, Vec<Problem>> {
        self.recipe_of(Task::TextToImage, limits)
    }

    /// As [`Self::recipe`], for the given task.
    pub fn recipe_of(&self, task: Task, limits: Limits) -> Result<Recipe, Vec<Problem>> {
        let problems = self.problems_of(&task, limits);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Recipe {
            version: RECIPE_VERSION,
            task,
            prompt: self.prompt.clone(),
            negative_prompt: self.negative_prompt.clone(),
            template: Template::of(&self.prompt, &self.negative_prompt, self.emphasis),
            emphasis: self.emphasis,
            clip_skip: self.clip_skip,
            model: ModelRef::named(self.model.clone()),
            vae: self.vae.clone().map(ModelRef::named),
            sampler: self.sampler.clone(),
            schedule: self.schedule.clone(),
            steps: self.steps,
            guidance: self.guidance,
            adapters: Vec::new(),
            embeddings: Vec::new(),
            shortcuts: self.shortcuts,
            weight_bits: self.weight_bits,
            decode_tile: self.decode_tile,
            seed: self.seed,
            noise: self.noise,
            // The other seed means nothing where it has no strength.
            variation: if self.variation.is_off() {
                Variation::default()
            } else {
                self.variation
            },
            width: self.width,
            height: self.height,
            size_condition: self.size_condition,
            stopped_after: None,
            finishes: Vec::new(),
        })
    }

    /// Takes over everything a recipe says, its prompts as they were drawn; the count becomes 1, since a recipe is one picture.
    pub fn adopt(&mut self, recipe: &Recipe) {
        *self = Self {
            prompt: recipe.prompt.clone(),
            negative_prompt: recipe.negative_prompt.clone(),
            emphasis: recipe.emphasis,
            clip_skip: recipe.clip_skip,
            model: recipe.model.name.clone(),
            vae: recipe.vae.as_ref().map(|vae| vae.name.clone()),
            sampler: recipe.sampler.clone(),
            schedule: recipe.schedule.clone(),
            steps: recipe.steps,
            guidance: recipe.guidance,
            shortcuts: recipe.shortcuts,
            weight_bits: recipe.weight_bits,
            decode_tile: recipe.decode_tile,
            seed: recipe.seed,
            noise: recipe.noise,
            variation: recipe.variation,
            width: recipe.width,
            height: recipe.height,
            size_condition: recipe.size_condition,
            count: 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    const LIMITS: Limits = Limits {
        size_factor: 8,
        max_side: 2048,
        max_steps: 1000,
    };

    #[test]
    fn a_plain_draft_is_a_recipe_and_comes_back_from_it() {
        let draft = Draft {
            prompt: "a cat".to_owned(),
            shortcuts: Shortcuts {
                guidance: Span { from: 0.1, to: 0.8 },
                cache_interval: 3,
            },
            weight_bits: WeightBits::Half,
            decode_tile: 512,
            emphasis: Emphasis::Comfy,
            clip_skip: 2,
            noise: NoiseSource::Nv,
            variation: Variation {
                seed: 5,
                strength: 0.2,
            },
            ..Draft::default()
        };
        let recipe = draft.recipe(LIMITS).unwrap();
        let mut again = Draft::default();
        again.adopt(&recipe);
        assert_eq!(again, draft);
    }

    #[test]
    fn an_empty_prompt_is_allowed() {
        assert!(Draft::default().recipe(LIMITS).is_ok());
    }

    #[test]
    fn all_problems_are_told_at_once_beside_their_fields() {
        let draft = Draft {
            steps: 0,
            guidance: f32::NAN,
            width: 100,
            sampler: "eulr".to_owned(),
            schedule: "karas".to_owned(),
            count: 0,
            shortcuts: Shortcuts {
                guidance: Span { from: 0.8, to: 0.2 },
                cache_interval: 0,
            },
            decode_tile: 100,
            clip_skip: 0,
            variation: Variation {
                seed: 5,
                strength: 1.5,
            },
            ..Draft::default()
        };
        let problems = draft.recipe(LIMITS).unwrap_err();
        let fields: Vec<_> = problems.iter().map(Problem::field).collect();
        assert_eq!(
            fields,
            [
                Field::Size,
                Field::Steps,
                Field::Guidance,
                Field::Sampler,
                Field::Schedule,
                Field::Count,
                Field::GuidanceSpan,
                Field::CacheInterval,
                Field::DecodeTile,
                Field::ClipSkip,
                Field::Variation
            ]
        );
    }

    #[test]
    fn each_problem_says_what_to_do() {
        let draft = Draft {
            width: 100,
            height: 60,
            ..Draft::default()
        };
        assert_eq!(
            draft.problems(LIMITS)[0].to_string(),
            "the size 100x60 does not fit: this model draws multiples of 8 pixels, for example 104x64"
        );
    }
}
