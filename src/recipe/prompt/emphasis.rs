//! How strongly parts of a prompt count, in the ways of different tools.

use serde::{Deserialize, Serialize};

use super::{absolute, attention};

/// Whose syntax a prompt is in, and what its weights do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emphasis {
    /// Every sign is text, as diffusers takes it: what does not fit the encoder's window is cut.
    /// Pictures from before there was a syntax are of this kind.
    #[default]
    None,
    /// A1111's syntax and its "Original": embeddings are multiplied, then scaled back to their mean.
    A1111,
    /// A1111's syntax and its "No norm": embeddings are multiplied.
    NoNorm,
    /// `ComfyUI`'s: round brackets alone, and embeddings move away from those of an empty prompt.
    Comfy,
}

impl Emphasis {
    pub const ALL: [Self; 4] = [Self::A1111, Self::NoNorm, Self::Comfy, Self::None];

    /// The name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::A1111 => "a1111",
            Self::NoNorm => "no_norm",
            Self::Comfy => "comfy",
        }
    }

    /// What A1111 calls it, or would.
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::A1111 => "Original",
            Self::NoNorm => "No norm",
            Self::Comfy => "ComfyUI",
        }
    }

    pub fn by_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.label() == label)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Whether square brackets, `BREAK` and `AND` mean something.
    pub(super) const fn is_of_a1111(self) -> bool {
        matches!(self, Self::A1111 | Self::NoNorm)
    }
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Words {
        text: String,
        weight: f64,
    },
    /// What follows begins another chunk.
    Break,
}

impl Piece {
    pub(super) fn words(text: impl Into<String>, weight: f64) -> Self {
        Self::Words {
            text: text.into(),
            weight,
        }
    }
}

/// A text of one step as parts with their weights, without the signs that say so.
pub fn pieces(text: &str, emphasis: Emphasis) -> Vec<Piece> {
    match emphasis {
        Emphasis::None => vec![Piece::words(text, 1.0)],
        Emphasis::A1111 | Emphasis::NoNorm => attention::pieces(text),
        Emphasis::Comfy => absolute::pieces(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_emphasis_every_sign_is_text() {
        let text = "(a:1.2) [b] BREAK c\\)";
        assert_eq!(pieces(text, Emphasis::None), [Piece::words(text, 1.0)]);
    }

    #[test]
    fn ids_are_what_recipes_hold_and_labels_find_their_kind() {
        for emphasis in Emphasis::ALL {
            let json = serde_json::to_string(&emphasis).unwrap();
            assert_eq!(json, format!("\"{}\"", emphasis.id()));
            assert_eq!(Emphasis::by_label(emphasis.label()), Some(emphasis));
        }
    }
}
