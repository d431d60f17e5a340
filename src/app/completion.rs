//! Names a prompt can hold, offered while people type.

use egui::Suggestion;

use super::words::Words;
use crate::recipe::Emphasis;
use crate::weights::PromptNames;

/// Offered at once.
const MOST: usize = 20;
/// Letters of a bare word before names are offered.
const LEAST: usize = 2;
const LORA: &str = "<lora:";
const EMBEDDING: &str = "embedding:";
const WILDCARD: &str = "__";

/// What ends a word of a prompt.
pub(super) fn parts_words(letter: char) -> bool {
    letter.is_whitespace() || ",()[]{}|".contains(letter)
}

/// Names for the word before the cursor, the likeliest first.
pub(super) fn suggestions(
    word: &str,
    names: &PromptNames,
    emphasis: Emphasis,
    words: &Words,
) -> Vec<Suggestion> {
    let lora = |name: &str| format!("<lora:{name}:1>");
    let offers = if let Some(start) = word.strip_prefix(LORA) {
        offers(&names.loras, start, words.of_loras, lora)
    } else if let Some(start) = word.strip_prefix(EMBEDDING) {
        let insert = |name: &str| format!("{EMBEDDING}{name}");
        offers(&names.embeddings, start, words.of_embeddings, insert)
    } else if let Some(start) = word.strip_prefix(WILDCARD) {
        let insert = |name: &str| format!("__{name}__");
        if emphasis.is_none() {
            Vec::new()
        } else {
            offers(&names.wildcards, start, words.of_wildcards, insert)
        }
    } else if word.chars().count() >= LEAST {
        let mut own = offers(&names.embeddings, word, words.of_embeddings, str::to_owned);
        own.extend(offers(&names.loras, word, words.of_loras, lora));
        // In the middle of a word anything would be a name.
        own.retain(|offer| offer.starts);
        own
    } else {
        Vec::new()
    };
    let offers = offers.into_iter().filter(|offer| offer.insert != word);
    offers
        .take(MOST)
        .map(|offer| {
            Suggestion::new(offer.insert)
                .content(offer.name)
                .description(offer.kind)
        })
        .collect()
}

struct Offer {
    name: String,
    insert: String,
    kind: &'static str,
    /// It begins with what was typed.
    starts: bool,
}

/// The names that hold what was typed, those first that begin with it.
fn offers(
    names: &[String],
    typed: &str,
    kind: &'static str,
    insert: impl Fn(&str) -> String,
) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let found = names.iter().filter_map(|name| {
        let at = name.to_lowercase().find(&typed)?;
        Some(Offer {
            name: name.clone(),
            insert: insert(name),
            kind,
            starts: at == 0,
        })
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|offer| !offer.starts);
    found
}

#[cfg(test)]
mod tests {
    use super::super::words::{Language, words};
    use super::*;

    fn offered(word: &str, emphasis: Emphasis) -> Vec<String> {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let names = PromptNames {
            loras: list(&["armor", "dark-armor", "Ink"]),
            embeddings: list(&["easynegative", "inked"]),
            wildcards: list(&["colour", "places/city"]),
        };
        let found = suggestions(word, &names, emphasis, words(Language::English));
        found.into_iter().map(|found| found.insert).collect()
    }

    #[test]
    fn names_are_offered_for_what_begins_like_them() {
        let offered = |word| offered(word, Emphasis::A1111);
        assert_eq!(
            offered("<lora:AR"),
            ["<lora:armor:1>", "<lora:dark-armor:1>"]
        );
        assert_eq!(offered("embedding:").len(), 2);
        assert_eq!(offered("__ci"), ["__places/city__"]);
        assert_eq!(offered("ink"), ["inked", "<lora:Ink:1>"]);
        for nothing in ["", "i", "armour", "<lora:armor:1>", "inked"] {
            assert_eq!(offered(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn wildcards_are_offered_where_prompts_are_drawn() {
        assert!(offered("__co", Emphasis::None).is_empty());
        assert_eq!(offered("__co", Emphasis::Comfy), ["__colour__"]);
    }
}
