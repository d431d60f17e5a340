//! Texts about the last touch to a picture.

use super::Language::{self, Chinese, English};
use super::words;
use crate::recipe::Finish;

/// What of the last touch is on: `exposure 0.5, grain 0.2`.
pub fn finish(language: Language, finish: &Finish) -> String {
    let words = words(language);
    let names = [
        words.exposure,
        words.contrast,
        words.saturation,
        words.warmth,
        words.tint,
        words.denoise,
        words.sharpen,
        words.grain,
    ];
    let numbers = names.into_iter().zip(finish.numbers());
    let on = numbers.filter(|(_, value)| *value != 0.0);
    let mut parts: Vec<_> = on
        .map(|(name, value)| format!("{} {value}", name.to_lowercase()))
        .collect();
    if !finish.curves.are_off() {
        parts.push(words.curve.to_lowercase());
    }
    parts.join(match language {
        English => ", ",
        Chinese => "，",
    })
}
