//! A prompt as a sentence: for who reads texts without any syntax.

use super::{Emphasis, Piece, PromptPlan, pieces};
use crate::recipe::extract_networks;

/// The words of a prompt as they are at its last step, without weights, tags of networks and the signs
/// that say so; of a composed one those parts that count for something, with commas between them.
pub fn plain_words(prompt: &str, emphasis: Emphasis) -> String {
    let (prompt, _) = extract_networks(prompt);
    let plan = PromptPlan::of(&prompt, emphasis, 1);
    let branches = plan.branches.iter().filter(|branch| branch.weight > 0.0);
    let words = branches
        .filter_map(|branch| branch.texts.last())
        .map(|timed| {
            let pieces = pieces(&timed.text, emphasis);
            let words = pieces.into_iter().map(|piece| match piece {
                Piece::Words { text, .. } => text,
                Piece::Break => " ".to_owned(),
            });
            let words: String = words.collect();
            words.split_whitespace().collect::<Vec<_>>().join(" ")
        });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_go_and_words_stay() {
        for (prompt, words) in [
            ("a red sailboat", "a red sailboat"),
            ("a (red:1.3) [sail]boat <lora:ink:0.5>", "a red sailboat"),
            ("a cat BREAK on a mat", "a cat on a mat"),
            ("a cat AND the moon :0.5 AND rain :-1", "a cat, the moon"),
            ("a [cat:dog:0.5] sleeps", "a dog sleeps"),
        ] {
            assert_eq!(plain_words(prompt, Emphasis::A1111), words, "{prompt}");
        }
        assert_eq!(plain_words("a (cat)", Emphasis::None), "a (cat)");
        assert_eq!(plain_words("(a:1.5) [cat]", Emphasis::Comfy), "a [cat]");
    }
}
