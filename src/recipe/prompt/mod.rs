//! What a prompt says beside its words: weights, what holds at which step, what is drawn by lot.
//!
//! The way from the text people type to what the text encoder is told: [`expand`] draws what is left
//! to chance, [`PromptPlan`] tells the texts of every step, [`pieces`] the weights of one text.

mod absolute;
mod attention;
mod branches;
mod dynamic;
mod emphasis;
mod plain;
mod plan;
mod schedule;

pub(super) use dynamic::expand;
pub use dynamic::{NoWildcards, WildcardProblem, Wildcards, is_dynamic};
pub use emphasis::{Emphasis, Piece, pieces};
pub use plain::plain_words;
pub use plan::{Branch, PromptPlan, TimedText};

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    use super::*;

    #[test]
    fn no_text_is_too_odd_to_be_read() {
        const SIGNS: [&str; 24] = [
            "a", "日", "(", ")", "[", "]", "{", "}", "|", ":", "::", "$$", "__", "*", "\\", " ",
            "1.5", "2-", ".5]", ":1.2)", "BREAK", " AND ", "\n", "é",
        ];
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut below = |most: usize| (random.next_u64() % most as u64) as usize;
        for _ in 0..3000 {
            let signs: Vec<_> = (0..below(20)).map(|_| SIGNS[below(SIGNS.len())]).collect();
            let text = signs.concat();
            let dynamic = is_dynamic(&text);
            let drawn = expand(&text, (1, 0), &NoWildcards);
            assert!(dynamic || drawn.as_ref() == Ok(&text), "{text}");
            for emphasis in Emphasis::ALL {
                let plan = PromptPlan::of(&text, emphasis, 7);
                for branch in plan.branches {
                    let told = &branch.texts[branch.at(6)];
                    assert!(!pieces(&told.text, emphasis).is_empty(), "{text}");
                }
            }
        }
    }
}
