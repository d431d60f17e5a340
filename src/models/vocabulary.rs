//! What is checked of a vocabulary and its merges before a tokenizer is built of them: it would panic
//! where a merge makes a word that is longer than all it knows, and where JSON breaks off in its decoder.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Ids are fewer than this.
const MOST_WORDS: u64 = 1 << 24;

/// What is wrong with words and the pairs that are merged into others of them; `prefix` is what the
/// second one of a pair begins with, and loses.
pub(super) fn problem(
    words: &BTreeMap<String, u64>,
    merges: &[(String, String)],
    prefix: &str,
) -> Option<String> {
    let large = words.iter().find(|(_, id)| **id >= MOST_WORDS);
    if let Some((word, id)) = large {
        return Some(format!("the id of \"{word}\" is {id}"));
    }
    merges.iter().find_map(|(left, right)| {
        let merged = right
            .strip_prefix(prefix)
            .map(|right| format!("{left}{right}"));
        let known = merged.is_some_and(|merged| words.contains_key(&merged));
        (!known).then(|| {
            format!("\"{left} {right}\" is merged to a word that is not in the vocabulary")
        })
    })
}

/// The same of a `tokenizer.json`, which has to be JSON; nothing where it holds none of this kind.
pub(super) fn problem_of_complete(json: &[u8]) -> Option<String> {
    if let Err(error) = serde_json::from_slice::<Value>(json) {
        return Some(error.to_string());
    }
    #[derive(Deserialize)]
    struct Complete {
        model: Model,
        #[serde(default)]
        added_tokens: Vec<Added>,
    }
    #[derive(Deserialize)]
    struct Model {
        vocab: BTreeMap<String, u64>,
        merges: Vec<Merge>,
        continuing_subword_prefix: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Merge {
        Line(String),
        Pair(String, String),
    }
    #[derive(Deserialize)]
    struct Added {
        id: u64,
    }
    let Complete {
        model,
        added_tokens,
    } = serde_json::from_slice(json).ok()?;
    if let Some(Added { id }) = added_tokens.iter().find(|added| added.id >= MOST_WORDS) {
        return Some(format!("the id of an added word is {id}"));
    }
    let pair = |merge| match merge {
        Merge::Pair(left, right) => Some((left, right)),
        Merge::Line(line) => {
            let (left, right) = line.split_once(' ')?;
            Some((left.to_owned(), right.to_owned()))
        }
    };
    let merges: Vec<_> = model.merges.into_iter().filter_map(pair).collect();
    let prefix = model.continuing_subword_prefix.unwrap_or_default();
    problem(&model.vocab, &merges, &prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_of_another_vocabulary_and_ids_without_end_are_told() {
        let words = |id| BTreeMap::from([("lo".to_owned(), id), ("w".to_owned(), 1)]);
        let pair = |left: &str, right: &str| [(left.to_owned(), right.to_owned())];
        assert_eq!(problem(&words(0), &pair("l", "o"), ""), None);
        let foreign = problem(&words(0), &pair("lo", "w"), "").unwrap();
        assert!(foreign.contains("\"lo w\""), "{foreign}");
        let large = problem(&words(u64::from(u32::MAX)), &[], "").unwrap();
        assert!(large.contains("4294967295"), "{large}");
        let json = br#"{"model": {"vocab": {"l": 0}, "merges": ["l o"]}}"#;
        assert!(problem_of_complete(json).is_some());
        let json =
            br#"{"model": {"vocab": {}, "merges": []}, "added_tokens": [{"id": 4294967295}]}"#;
        assert!(problem_of_complete(json).is_some());
        let json = br#"{"model": {"vocab": {"lo": 0}, "merges": [["l", "o"]]}}"#;
        assert_eq!(problem_of_complete(json), None);
        assert_eq!(problem_of_complete(b"{}"), None);
    }

    #[test]
    fn what_is_no_json_is_told_before_anything_is_built_of_it() {
        for json in [
            &b"{\"decoder\": E=\": w"[..],
            b"{\"decoder\": [1e999]}",
            b"{\"decoder\": \"\xff\"}",
            b"",
        ] {
            assert!(problem_of_complete(json).is_some(), "{json:?}");
        }
    }
}
