//! What the panel of the easel edits, and what it asks of the engine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Easel, Tools};
use crate::app::canvas::MaskLook;
use crate::engine::{Extras, Inputs, ModelCard};
use crate::pipelines::REMOVERS;
use crate::raster::{Extent, Margins, Mask, best_size};
use crate::recipe::{
    Change, Draft, Fill, Input, Limits, MaskedContent, Problem, Recipe, Region, Removal,
    ResizeMode, Strength, Task,
};

/// What is done with the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Verb {
    /// What is masked is painted anew, by a prompt.
    #[default]
    Fill,
    /// All of it is painted anew, by a prompt.
    Change,
    /// What is masked disappears.
    Remove,
    /// Room is added around the picture, to be filled.
    Extend,
    /// A part of the picture is kept.
    Crop,
}

/// How much of the picture the denoiser sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Around {
    /// The whole picture, unless it is much larger than what the model draws best.
    #[default]
    Auto,
    Whole,
    OnlyMask,
}

/// The size of a picture that is changed as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum NewSize {
    /// Its own, or one of its shape that the model draws best where it is much larger.
    #[default]
    Picture,
    /// That of the form of Create.
    Create,
}

/// The panel's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::app) struct EaselForm {
    /// Whether people were at the easel last.
    pub(in crate::app) here: bool,
    pub(in crate::app) verb: Verb,
    pub(in crate::app) prompt: String,
    pub(in crate::app) tools: Tools,
    pub(in crate::app) mask_shown: bool,
    pub(in crate::app) mask_color: [u8; 3],
    /// From 0 to 1.
    pub(in crate::app) mask_opacity: f32,
    /// By how many pixels the mask grows, shrinks or fades when asked to.
    pub(in crate::app) amount: f32,
    pub(in crate::app) fill_strength: f64,
    pub(in crate::app) change_strength: f64,
    pub(in crate::app) new_size: NewSize,
    /// How the picture takes a size of another shape.
    pub(in crate::app) resize: ResizeMode,
    pub(in crate::app) content: MaskedContent,
    pub(in crate::app) around: Around,
    /// Pixels around the mask that the denoiser sees where it does not see all.
    pub(in crate::app) padding: u32,
    pub(in crate::app) mask_blur: f32,
    pub(in crate::app) match_colors: bool,
    /// To be added around the picture.
    #[serde(skip)]
    pub(in crate::app) room: Margins,
    /// To be cut off the picture.
    #[serde(skip)]
    pub(in crate::app) cut: Margins,
}

impl Default for EaselForm {
    fn default() -> Self {
        Self {
            here: false,
            verb: Verb::default(),
            prompt: String::new(),
            tools: Tools::default(),
            mask_shown: true,
            mask_color: [0xf2, 0xa6, 0x5a],
            mask_opacity: 0.45,
            amount: 4.0,
            fill_strength: 1.0,
            change_strength: 0.6,
            new_size: NewSize::default(),
            resize: ResizeMode::default(),
            content: MaskedContent::default(),
            around: Around::default(),
            padding: 32,
            mask_blur: 4.0,
            match_colors: true,
            room: Margins::default(),
            cut: Margins::default(),
        }
    }
}

/// Pictures of more than so many times a model's own area are filled around the mask alone.
const MUCH_LARGER: f64 = 2.25;

/// What a press of the button asks: one recipe per job, all with the same inputs.
pub(in crate::app) struct Asked {
    pub(in crate::app) recipes: Vec<Recipe>,
    pub(in crate::app) inputs: Inputs,
}

impl EaselForm {
    pub(in crate::app) const fn look(&self) -> MaskLook {
        MaskLook {
            shown: self.mask_shown,
            color: self.mask_color,
            opacity: self.mask_opacity,
        }
    }

    /// Another picture is on the easel: what was to be added or cut was meant for the one before.
    pub(in crate::app) fn leave_picture(&mut self) {
        self.room = Margins::default();
        self.cut = Margins::default();
    }

    /// Whether the verb needs something painted.
    pub(in crate::app) const fn needs_mask(&self) -> bool {
        matches!(self.verb, Verb::Fill | Verb::Remove)
    }

    /// Everything that keeps the button from being pressed.
    pub(in crate::app) fn problems(
        &self,
        draft: &Draft,
        easel: &Easel,
        card: Option<&ModelCard>,
        limits: Limits,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.needs_mask() && easel.mask().is_empty() {
            problems.push(Problem::MaskEmpty);
        }
        if matches!(self.verb, Verb::Fill | Verb::Change) {
            let draft = self.draft(draft, self.size(draft, easel, card, None));
            problems.extend(draft.problems_of(&self.task(easel, card), limits));
        }
        problems
    }

    /// The jobs' recipes and inputs, or every problem at once.
    pub(in crate::app) fn ask(
        &self,
        draft: &Draft,
        easel: &Easel,
        card: Option<&ModelCard>,
        limits: Limits,
        extras: &Extras,
    ) -> Result<Asked, Vec<Problem>> {
        let problems = self.problems(draft, easel, card, limits);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mask = self.needs_mask().then(|| easel.mask().to_mask());
        let extent = easel.image().extent();
        let recipes = if self.verb == Verb::Remove {
            let removal = |method: &str| Removal {
                image: Input::default(),
                mask: Input::default(),
                method: method.to_owned(),
            };
            let recipe = |id: &str| Recipe::of_removal(removal(id), (extent.width, extent.height));
            let possible = REMOVERS.iter().filter(|row| row.is_possible(extras));
            possible.map(|row| recipe(row.id)).collect()
        } else {
            let draft = self.draft(draft, self.size(draft, easel, card, mask.as_ref()));
            vec![draft.recipe_of(self.task(easel, card), limits)?]
        };
        Ok(Asked {
            recipes,
            inputs: Inputs {
                image: Some(Arc::clone(easel.image())),
                mask: mask.map(Arc::new),
                ..Inputs::default()
            },
        })
    }

    /// The settings of Create with the easel's prompt and size.
    pub(in crate::app) fn draft(&self, draft: &Draft, size: Extent) -> Draft {
        Draft {
            prompt: self.prompt.clone(),
            width: size.width,
            height: size.height,
            ..draft.clone()
        }
    }

    fn task(&self, easel: &Easel, card: Option<&ModelCard>) -> Task {
        if self.verb == Verb::Change {
            return Task::ImageToImage(Change {
                image: Input::default(),
                strength: Strength(self.change_strength),
                resize: match self.new_size {
                    // Almost its own shape: nothing is to be lost.
                    NewSize::Picture => ResizeMode::JustResize,
                    NewSize::Create => self.resize,
                },
            });
        }
        Task::Inpaint(Fill {
            image: Input::default(),
            mask: Input::default(),
            strength: Strength(self.fill_strength),
            region: self.region(easel, card),
            content: self.content,
            mask_blur: self.mask_blur,
            match_colors: self.match_colors,
        })
    }

    fn region(&self, easel: &Easel, card: Option<&ModelCard>) -> Region {
        let only_mask = match self.around {
            Around::Auto => is_much_larger(easel.image().extent(), card),
            Around::Whole => false,
            Around::OnlyMask => true,
        };
        if only_mask {
            Region::OnlyMasked {
                padding: self.padding,
            }
        } else {
            Region::WholePicture
        }
    }

    /// The size that is generated. Without a mask to measure, that of a square of the model's own.
    pub(in crate::app) fn size(
        &self,
        draft: &Draft,
        easel: &Easel,
        card: Option<&ModelCard>,
        mask: Option<&Mask>,
    ) -> Extent {
        if self.verb == Verb::Change && self.new_size == NewSize::Create {
            return Extent::new(draft.width, draft.height);
        }
        let picture = easel.image().extent();
        let Some(card) = card else {
            return picture;
        };
        let best = |shown: Extent| {
            let Limits {
                size_factor,
                max_side,
                ..
            } = card.limits;
            best_size(shown, card.native, size_factor, max_side)
        };
        match (self.verb, self.region(easel, Some(card))) {
            (Verb::Change, _) if is_much_larger(picture, Some(card)) => best(picture),
            (Verb::Fill, Region::OnlyMasked { padding }) => {
                let bounds = mask.and_then(Mask::bounds);
                let shown = bounds.map(|bounds| bounds.grown(padding, bounds.extent, picture));
                best(shown.map_or(card.native, |area| area.extent))
            }
            _ => picture,
        }
    }
}

fn is_much_larger(picture: Extent, card: Option<&ModelCard>) -> bool {
    card.is_some_and(|card| picture.area() as f64 > MUCH_LARGER * card.native.area() as f64)
}
