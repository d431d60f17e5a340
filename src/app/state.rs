//! What the window keeps over a restart: one serialized struct, saved by the engine as JSON.

use serde::{Deserialize, Serialize};

use super::easel::EaselForm;
use super::keys::KeyMap;
use super::ranking::RankForm;
use super::style::StyleForm;
use super::timing::Timings;
use super::upscaling::UpscaleForm;
use super::words::{Language, words};
use crate::recipe::{Draft, Emphasis, Limits, Problem, Recipe};

/// Models people opened before that stay in the list.
const RECENT_MODELS: usize = 6;

/// Which theme the window has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ThemeChoice {
    #[default]
    System,
    Dark,
    Light,
}

/// Everything that survives a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    pub(super) language: Language,
    pub(super) theme: ThemeChoice,
    /// Size of text and controls, 1 being the design's.
    pub(super) scale: f32,
    /// That compute; one for each core where nothing is chosen.
    pub(super) threads: Option<u16>,
    /// Gigabytes that may be held while a picture is drawn; 0: what is free.
    pub(super) memory_limit: f64,
    pub(super) form: Form,
    pub(super) rank: RankForm,
    pub(super) easel: EaselForm,
    pub(super) finish_open: bool,
    pub(super) style: StyleForm,
    pub(super) upscale: UpscaleForm,
    pub(super) keys: KeyMap,
    /// Folders, the last opened first.
    pub(super) recent_models: Vec<String>,
    pub(super) timings: Timings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::English,
            theme: ThemeChoice::System,
            scale: 1.0,
            threads: None,
            memory_limit: 0.0,
            form: Form::default(),
            rank: RankForm::default(),
            easel: EaselForm::default(),
            finish_open: false,
            style: StyleForm::default(),
            upscale: UpscaleForm::default(),
            keys: KeyMap::default(),
            recent_models: Vec::new(),
            timings: Timings::default(),
        }
    }
}

/// What the left panel edits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    pub(super) draft: Draft,
    /// The picture whose settings were taken over last.
    pub(super) adopted: Option<Recipe>,
    /// Else each run draws a new seed.
    pub(super) seed_locked: bool,
    /// A picture of few steps follows every change.
    pub(super) live: bool,
    pub(super) negative_open: bool,
    pub(super) sampler_open: bool,
    pub(super) reading_open: bool,
    pub(super) noise_open: bool,
    pub(super) told_size_open: bool,
    pub(super) speed_open: bool,
}

impl Settings {
    /// The settings of a text read at start; where there is none, or none that can be read, those of
    /// a first start: a prompt is there already.
    pub(super) fn at_start(json: Option<&str>, system: Option<Language>) -> Self {
        let read = json.and_then(|json| {
            serde_json::from_str::<Self>(json)
                .inspect_err(|error| log::warn!("the settings cannot be read: {error}"))
                .ok()
        });
        read.unwrap_or_else(|| Self::first(system.unwrap_or_default()))
    }

    fn first(language: Language) -> Self {
        let mut settings = Self {
            language,
            ..Self::default()
        };
        words(language)
            .first_prompt
            .clone_into(&mut settings.form.draft.prompt);
        settings.form.new_seed();
        settings
    }

    /// Bytes that may be held while a picture is drawn, where people set a limit.
    pub(super) fn memory_limit(&self) -> Option<u64> {
        (self.memory_limit > 0.0).then_some((self.memory_limit * 1e9) as u64)
    }

    pub(super) fn to_json(&self) -> String {
        // Plain data without maps of other keys than strings: this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Puts a model folder first in the list of recent ones.
    pub(super) fn remember_model(&mut self, folder: &str) {
        self.recent_models.retain(|known| known != folder);
        self.recent_models.insert(0, folder.to_owned());
        self.recent_models.truncate(RECENT_MODELS);
    }

    /// Switches the language; a prompt nobody changed yet follows.
    pub(super) fn speak(&mut self, language: Language) {
        if self.form.draft.prompt == words(self.language).first_prompt {
            words(language)
                .first_prompt
                .clone_into(&mut self.form.draft.prompt);
        }
        self.language = language;
    }
}

impl Form {
    /// Draws a seed that is easy to read, say and type.
    pub(super) fn new_seed(&mut self) {
        self.draft.seed = u64::from(rand::random::<u32>());
    }

    /// The recipe of the next run; one that makes an adopted picture again names its weights.
    pub(super) fn recipe(&self, limits: Limits) -> Result<Recipe, Vec<Problem>> {
        let mut recipe = self.draft.recipe(limits)?;
        if let Some(adopted) = &self.adopted
            && adopted.asks_the_same(&recipe)
        {
            recipe.model.sha256.clone_from(&adopted.model.sha256);
            recipe.vae.clone_from(&adopted.vae);
            recipe.adapters.clone_from(&adopted.adapters);
            recipe.embeddings.clone_from(&adopted.embeddings);
        }
        Ok(recipe)
    }

    /// Takes over all settings of a picture, and keeps its seed so that the next run makes it again.
    pub(super) fn adopt(&mut self, recipe: &Recipe) {
        self.draft.adopt(recipe);
        self.adopted = Some(recipe.clone());
        self.seed_locked = true;
        self.negative_open |= !self.draft.negative_prompt.is_empty();
        self.reading_open |= self.draft.emphasis != Emphasis::A1111 || self.draft.clip_skip != 1;
        self.speed_open |= !self.draft.shortcuts.are_off()
            || !self.draft.weight_bits.are_stored()
            || self.draft.decode_tile > 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_their_json() {
        let mut settings = Settings::at_start(None, Some(Language::Chinese));
        settings.form.seed_locked = true;
        settings.remember_model("/models/a");
        assert_eq!(
            Settings::at_start(Some(&settings.to_json()), None),
            settings
        );
    }

    #[test]
    fn unreadable_settings_are_those_of_a_first_start() {
        let settings = Settings::at_start(Some("{ not json"), Some(Language::Chinese));
        assert_eq!(settings.language, Language::Chinese);
        assert!(!settings.form.draft.prompt.is_empty());
    }

    #[test]
    fn settings_of_another_version_keep_what_is_understood() {
        let settings = Settings::at_start(Some(r#"{"theme":"light","new_thing":1}"#), None);
        assert_eq!(settings.theme, ThemeChoice::Light);
        assert_eq!(settings.scale, 1.0);
    }

    #[test]
    fn recent_models_are_few_and_each_is_named_once() {
        let mut settings = Settings::default();
        for name in ["a", "b", "a", "c", "d", "e", "f", "g"] {
            settings.remember_model(name);
        }
        assert_eq!(settings.recent_models, ["g", "f", "e", "d", "c", "a"]);
    }

    #[test]
    fn the_first_prompt_follows_the_language_and_a_written_one_stays() {
        let mut settings = Settings::at_start(None, Some(Language::English));
        settings.speak(Language::Chinese);
        assert_eq!(
            settings.form.draft.prompt,
            words(Language::Chinese).first_prompt
        );
        "mine".clone_into(&mut settings.form.draft.prompt);
        settings.speak(Language::English);
        assert_eq!(settings.form.draft.prompt, "mine");
    }
}
