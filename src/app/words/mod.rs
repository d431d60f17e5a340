//! Everything people read, in English and Simplified Chinese.
//!
//! [`Words`] has the fixed texts, [`phrases`], [`of_memory`] and [`of_style`] those with numbers and names in
//! them.

pub mod failures;
pub mod larger;
pub mod of_finish;
pub mod of_memory;
#[macro_use]
mod of_pictures;
#[macro_use]
pub mod of_models;
pub mod of_prompts;
pub mod of_ranking;
pub mod of_style;
pub mod phrases;
mod table;

use serde::{Deserialize, Serialize};

pub use table::Words;

/// A language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    /// Every language, with the name it has for itself.
    pub const ALL: [(Self, &'static str); 2] =
        [(Self::English, "English"), (Self::Chinese, "简体中文")];

    /// The language of a system's locale, such as `zh_CN.UTF-8`; `None` for one we do not speak.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let locale = locale.to_ascii_lowercase();
        if locale.starts_with("zh") {
            Some(Self::Chinese)
        } else {
            locale.starts_with("en").then_some(Self::English)
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }
}

/// The fixed texts of a language.
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &table::ENGLISH,
        Language::Chinese => &table::CHINESE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_understood() {
        assert_eq!(Language::of_locale("zh_CN.UTF-8"), Some(Language::Chinese));
        assert_eq!(Language::of_locale("en-GB"), Some(Language::English));
        assert_eq!(Language::of_locale("C"), None);
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (name, english, chinese) in table::rows() {
            assert!(!english.trim().is_empty(), "{name}");
            assert!(!chinese.trim().is_empty(), "{name}");
            // The switch between languages speaks to those who do not read the present one.
            let switch = name.starts_with("language_t");
            assert!(
                switch || english.is_ascii() || english.chars().all(|c| (c as u32) < 0x3000),
                "{name} is not English: {english}"
            );
        }
    }

    #[test]
    fn settings_keep_a_language_by_name() {
        let json = serde_json::to_string(&Language::Chinese).unwrap();
        assert_eq!(json, "\"chinese\"");
    }
}
