//! How a style is taken, as the panel edits it and the settings keep it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Slot, name_of};
use crate::app::at_style_again::Laid;
use crate::engine::Extras;
use crate::pipelines::{Features, FeaturesNeed, LAYER_SETS, sized};
use crate::raster::Extent;
use crate::recipe::{FeaturesRef, Input, Optimizer, Recipe, StartFrom, StyleInput, Styling};

/// What the usual weight of the style is.
const STYLE_WEIGHT: f64 = 1e6;

/// Which pictures are brought together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Pairing {
    #[default]
    Pair,
    /// The style stays while people flip through contents.
    ManyContents,
    /// The content stays while people flip through styles.
    ManyStyles,
    /// All at once, each with its weight.
    SeveralStyles,
}

impl Pairing {
    /// The side people flip through.
    pub(in crate::app) const fn turned(self) -> Slot {
        match self {
            Self::ManyStyles => Slot::Style,
            Self::Pair | Self::ManyContents | Self::SeveralStyles => Slot::Content,
        }
    }

    /// Whether several pictures lie on a side.
    pub(in crate::app) const fn gathers(self, slot: Slot) -> bool {
        match slot {
            Slot::Content => matches!(self, Self::ManyContents),
            Slot::Style => matches!(self, Self::ManyStyles | Self::SeveralStyles),
        }
    }
}

/// Everything but the pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::app) struct StyleForm {
    #[serde(alias = "company")]
    pub(in crate::app) pairing: Pairing,
    /// Of the usual weight.
    pub(in crate::app) style: f64,
    pub(in crate::app) content: f64,
    pub(in crate::app) stroke_scale: f32,
    pub(in crate::app) keep_colors: f32,
    /// Of the longer side, in pixels.
    pub(in crate::app) size: u32,
    pub(in crate::app) iterations: u32,
    /// By id; the best there is if none is chosen.
    pub(in crate::app) features: Option<String>,
    /// The quick style people chose, by name.
    pub(in crate::app) quick: Option<String>,
    pub(in crate::app) layers: String,
    pub(in crate::app) optimizer: Optimizer,
    pub(in crate::app) from_noise: bool,
    pub(in crate::app) coarse_to_fine: bool,
    /// What lay on the table.
    pub(in crate::app) laid: Laid,
    /// Files of styles people keep, newest first.
    pub(in crate::app) kept: Vec<PathBuf>,
    /// Seconds an evaluation took for each pixel, by features; what they are predicted from.
    pub(in crate::app) pace: Vec<(String, f64)>,
}

impl Default for StyleForm {
    fn default() -> Self {
        Self {
            pairing: Pairing::Pair,
            style: 1.0,
            content: 1.0,
            stroke_scale: 1.0,
            keep_colors: 0.0,
            size: 512,
            iterations: 300,
            features: None,
            quick: None,
            layers: LAYER_SETS[0].id.to_owned(),
            optimizer: Optimizer::Lbfgs,
            from_noise: false,
            coarse_to_fine: true,
            laid: Laid::default(),
            kept: Vec::new(),
            pace: Vec::new(),
        }
    }
}

impl StyleForm {
    /// What sees strokes and shapes: what was chosen where it can be, else the best there is.
    pub(in crate::app) fn seeing(&self, extras: &Extras) -> &'static Features {
        let possible = |features: &&Features| features.is_possible(extras);
        let chosen = self.features.as_deref().and_then(Features::by_id);
        let best = || Features::best(extras);
        chosen.filter(possible).unwrap_or_else(best)
    }

    /// The network that paints where it knows a style, by name: the one people chose if it is there,
    /// else the first.
    pub(in crate::app) fn quick_used(&self, extras: &Extras) -> Option<String> {
        if self.seeing(extras).needs != FeaturesNeed::Quick {
            return None;
        }
        let chosen = self.quick.as_deref();
        let chosen = chosen.filter(|name| extras.quick_style(name).is_some());
        let first = || extras.quick_styles.first().map(|path| name_of(path));
        chosen.map(str::to_owned).or_else(first)
    }

    /// A quick style paints from now on.
    pub(in crate::app) fn use_quick(&mut self, name: String) {
        self.features = Features::of_quick().map(|features| features.id.to_owned());
        self.quick = Some(name);
    }

    /// A style picture was laid on the table: it is to be seen again.
    pub(in crate::app) fn leave_quick(&mut self) {
        let chosen = self.features.as_deref().and_then(Features::by_id);
        if chosen.is_some_and(|features| features.needs == FeaturesNeed::Quick) {
            self.features = None;
        }
    }

    /// The recipe for a content of some size, styles of some weights, and perhaps a mask or a picture
    /// to go on from: their contents are named by whoever runs it.
    pub(in crate::app) fn recipe(
        &self,
        content: Extent,
        weights: &[f32],
        (masked, goes_on): (bool, bool),
        (extras, seed): (&Extras, u64),
    ) -> Recipe {
        let seeing = self.seeing(extras);
        let quick = self.quick_used(extras);
        // Who knows a style is shown none.
        let weights = if quick.is_some() { &[] } else { weights };
        let styling = Styling {
            content: Input::default(),
            styles: weights
                .iter()
                .map(|weight| StyleInput {
                    image: Input::default(),
                    weight: *weight,
                })
                .collect(),
            mask: masked.then(Input::default),
            features: FeaturesRef {
                id: seeing.id.to_owned(),
                sha256: None,
                quick,
            },
            layers: self.layers.clone(),
            style_weight: self.style * STYLE_WEIGHT,
            content_weight: self.content,
            optimizer: self.optimizer,
            start: match (goes_on, self.from_noise) {
                _ if !seeing.optimizes() => StartFrom::Content,
                (true, _) => StartFrom::Picture(Input::default()),
                (false, true) => StartFrom::Noise,
                (false, false) => StartFrom::Content,
            },
            stroke_scale: self.stroke_scale,
            keep_colors: self.keep_colors,
            coarse_to_fine: self.coarse_to_fine,
        };
        let size = sized(content, self.size);
        let steps = if seeing.optimizes() {
            self.iterations
        } else {
            1
        };
        Recipe::of_styling(styling, (steps, seed), (size.width, size.height))
    }

    /// Takes over everything a recipe says but the pictures.
    pub(in crate::app) fn adopt(&mut self, recipe: &Recipe, styling: &Styling) {
        self.style = styling.style_weight / STYLE_WEIGHT;
        self.content = styling.content_weight;
        self.stroke_scale = styling.stroke_scale;
        self.keep_colors = styling.keep_colors;
        self.size = recipe.width.max(recipe.height);
        self.iterations = recipe.steps;
        self.features = Some(styling.features.id.clone());
        self.quick.clone_from(&styling.features.quick);
        self.layers.clone_from(&styling.layers);
        self.optimizer = styling.optimizer;
        self.from_noise = styling.start == StartFrom::Noise;
        self.coarse_to_fine = styling.coarse_to_fine;
    }

    /// Remembers how fast evaluations were.
    pub(in crate::app) fn learn(&mut self, features: &str, seconds_per_pixel: f64) {
        self.pace.retain(|(known, _)| known != features);
        self.pace.push((features.to_owned(), seconds_per_pixel));
    }

    pub(in crate::app) fn pace_of(&self, features: &str) -> Option<f64> {
        let known = self.pace.iter().find(|(known, _)| known == features);
        known.map(|(_, pace)| *pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Task;

    #[test]
    fn what_a_recipe_says_comes_back_into_the_form() {
        let form = StyleForm {
            style: 2.0,
            keep_colors: 0.25,
            size: 300,
            iterations: 40,
            from_noise: true,
            ..StyleForm::default()
        };
        let extras = Extras::default();
        let size = Extent::new(600, 400);
        let recipe = form.recipe(size, &[1.0], (false, false), (&extras, 7));
        assert_eq!((recipe.width, recipe.height, recipe.seed), (300, 200, 7));
        let Task::Style(styling) = &recipe.task else {
            panic!()
        };
        assert_eq!(styling.check(&recipe), Ok(()));
        let mut other = StyleForm::default();
        other.adopt(&recipe, styling);
        assert_eq!(other.features.as_deref(), Some("embedded"));
        other.features = None;
        assert_eq!(other, form);
    }

    #[test]
    fn without_weights_the_embedded_features_see() {
        let form = StyleForm {
            features: Some("vgg19".to_owned()),
            ..StyleForm::default()
        };
        let mut extras = Extras::default();
        assert_eq!(form.seeing(&extras).id, "embedded");
        extras.vgg = Some(PathBuf::from("vgg19.pth"));
        assert_eq!(form.seeing(&extras).id, "vgg19");
        assert_eq!(StyleForm::default().seeing(&extras).id, "vgg19");
    }
}
