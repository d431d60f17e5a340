//! `<lora:name:0.8>`: networks a prompt asks for, as A1111 has them.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<(\w+):([^>]+)>").expect("valid pattern"));

/// A network that a prompt asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedNetwork {
    /// `lora`, and what else people write.
    pub kind: String,
    pub name: String,
    /// In the denoiser and in text encoders; nothing where it is no number.
    pub weights: Option<(f64, f64)>,
    /// As it was typed.
    pub tag: String,
}

impl AskedNetwork {
    /// Whether it is a `LoRA` or one of its kin, all of which are read alike.
    pub fn is_adapter(&self) -> bool {
        ["lora", "lyco"].contains(&self.kind.as_str())
    }

    /// Of `name:text:unet`, or with `te=` and `unet=`: the first number is for text encoders, and for
    /// the denoiser too where there is no second.
    fn of(tag: &Captures<'_>) -> Self {
        let (name, numbers) = name_of(&tag[2]);
        let parts = numbers.split(':').filter(|part| !part.is_empty());
        let (named, placed): (Vec<_>, Vec<_>) = parts.partition(|part| part.contains('='));
        let number = |text: &str| {
            let number = text.trim().parse::<f64>().ok();
            number.filter(|number| number.is_finite())
        };
        let weight = |at: usize, key: &str, usual: f64| {
            let by_name = named.iter().rev().find_map(|part| {
                let (own, value) = part.split_once('=')?;
                (own.trim() == key).then_some(value)
            });
            let text = by_name.or_else(|| placed.get(at).copied());
            text.map_or(Some(usual), number)
        };
        let weights = || {
            let text = weight(0, "te", 1.0)?;
            Some((weight(1, "unet", text)?, text))
        };
        Self {
            kind: tag[1].to_lowercase(),
            weights: weights(),
            name: name.trim().to_owned(),
            tag: tag[0].to_owned(),
        }
    }
}

/// What is before the first colon, but that of a drive, and what follows.
fn name_of(text: &str) -> (&str, &str) {
    let is_drive = matches!(text.as_bytes(), [_, b':', b'\\' | b'/', ..]);
    let from = if is_drive { 2 } else { 0 };
    match text.get(from..).and_then(|rest| rest.find(':')) {
        Some(at) => (&text[..from + at], &text[from + at + 1..]),
        None => (text, ""),
    }
}

/// The prompt that is read, and the networks it asks for, in their order.
pub fn extract_networks(prompt: &str) -> (String, Vec<AskedNetwork>) {
    let networks: Vec<_> = TAG
        .captures_iter(prompt)
        .map(|tag| AskedNetwork::of(&tag))
        .collect();
    (TAG.replace_all(prompt, "").into_owned(), networks)
}

/// An adapter a picture was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterRef {
    pub name: String,
    /// In the denoiser.
    pub weight: f64,
    /// In text encoders.
    pub text_weight: f64,
    /// SHA-256 of its tensors, in hexadecimal: of a safetensors file all that follows its header, as
    /// kohya's scripts and A1111 have it; of another file the whole.
    pub sha256: String,
}

/// A textual inversion a picture was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbeddingRef {
    pub name: String,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(prompt: &str) -> Option<(f64, f64)> {
        extract_networks(prompt).1[0].weights
    }

    #[test]
    fn tags_are_taken_out_of_the_prompt_in_their_order() {
        let (prompt, networks) =
            extract_networks("a <lora:armor v1.5:0.8>knight, <hypernet:ink:1> a < b <LORA:x>");
        assert_eq!(prompt, "a knight,  a < b ");
        let asked: Vec<_> = networks
            .iter()
            .map(|network| (network.kind.as_str(), network.name.as_str()))
            .collect();
        assert_eq!(
            asked,
            [("lora", "armor v1.5"), ("hypernet", "ink"), ("lora", "x")]
        );
        assert_eq!(networks[0].tag, "<lora:armor v1.5:0.8>");
        assert!(networks[0].is_adapter() && !networks[1].is_adapter());
    }

    #[test]
    fn one_number_counts_everywhere_and_two_are_for_text_and_denoiser() {
        assert_eq!(weights("<lora:x>"), Some((1.0, 1.0)));
        assert_eq!(weights("<lora:x:0.5>"), Some((0.5, 0.5)));
        assert_eq!(weights("<lyco:x:0.5:-1>"), Some((-1.0, 0.5)));
        assert_eq!(weights("<lora:x:0.5:te=0>"), Some((0.0, 0.0)));
        assert_eq!(weights("<lora:x:0.5:unet=2>"), Some((2.0, 0.5)));
        assert_eq!(weights("<lora:x:strong>"), None);
        assert_eq!(weights("<lora:x:1:nan>"), None);
    }

    #[test]
    fn a_file_of_a_drive_is_a_name() {
        let (_, networks) = extract_networks(r"<lora:C:\loras\ink.safetensors:0.5>");
        assert_eq!(networks[0].name, r"C:\loras\ink.safetensors");
        assert_eq!(networks[0].weights, Some((0.5, 0.5)));
    }

    #[test]
    fn a_prompt_without_tags_stays_as_it_is() {
        let prompt = "(a cat:1.2), <3 <b>";
        assert_eq!(extract_networks(prompt), (prompt.to_owned(), Vec::new()));
    }
}
