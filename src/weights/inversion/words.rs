//! Words of a prompt that stand for learnt rows.

use std::ops::Range;

/// How `ComfyUI` marks them.
const MARK: &str = "embedding:";
/// What may follow a marked name.
const EXTENSIONS: [&str; 3] = [".safetensors", ".pt", ".bin"];

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Read as it is.
    Text(&'t str),
    /// Stands for rows, by their places among those of all inversions.
    Rows(Range<usize>),
    /// Marked as standing for rows that nobody knows, by this name.
    Unknown(&'t str),
}

/// A word and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word<'t> {
    Known {
        /// Of the name, in the order given.
        index: usize,
        range: Range<usize>,
    },
    Unknown {
        name: &'t str,
        range: Range<usize>,
    },
}

impl Word<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Known { range, .. } | Self::Unknown { range, .. } => range.clone(),
        }
    }
}

/// All of them in a text, by names in small letters: of two that fit, the first given counts.
pub(super) fn words<'t>(text: &'t str, names: &[&str]) -> Vec<Word<'t>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let word = is_edge(text, at)
            .then(|| marked(text, at, names).or_else(|| bare(text, at, names)))
            .flatten();
        if let Some(word) = word {
            at = word.range().end;
            found.push(word);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// `embedding:name`, with or without its extension.
fn marked<'t>(text: &'t str, at: usize, names: &[&str]) -> Option<Word<'t>> {
    let start = at + begins(&text[at..], MARK)?;
    for (index, name) in names.iter().enumerate() {
        if let Some(length) = begins(&text[start..], name) {
            let mut end = start + length;
            let extension = EXTENSIONS
                .iter()
                .find_map(|extension| begins(&text[end..], extension));
            end += extension.unwrap_or(0);
            if is_edge(text, end) {
                let range = at..end;
                return Some(Word::Known { index, range });
            }
        }
    }
    let rest = &text[start..];
    let ends = |letter: char| letter.is_whitespace() || ",()[]:|".contains(letter);
    let length = rest.find(ends).unwrap_or(rest.len());
    (length > 0).then(|| Word::Unknown {
        name: &rest[..length],
        range: at..start + length,
    })
}

fn bare<'t>(text: &'t str, at: usize, names: &[&str]) -> Option<Word<'t>> {
    names.iter().enumerate().find_map(|(index, name)| {
        let end = at + begins(&text[at..], name)?;
        let range = at..end;
        is_edge(text, end).then_some(Word::Known { index, range })
    })
}

/// How long the beginning of a text is that is some word in whatever letters.
fn begins(text: &str, word: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    let mut wanted = word.chars().peekable();
    while wanted.peek().is_some() {
        let (_, letter) = letters.next()?;
        for small in letter.to_lowercase() {
            if wanted.next() != Some(small) {
                return None;
            }
        }
    }
    (!word.is_empty()).then(|| letters.next().map_or(text.len(), |(at, _)| at))
}

/// Whether no word goes on there.
fn is_edge(text: &str, at: usize) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let before = text[..at].chars().next_back().is_some_and(is_letter);
    let after = text[at..].chars().next().is_some_and(is_letter);
    !(before && after)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found, spelled as in the text.
    fn found<'t>(text: &'t str, names: &[&str]) -> Vec<&'t str> {
        let words = words(text, names);
        words.iter().map(|word| &text[word.range()]).collect()
    }

    #[test]
    fn a_name_is_found_as_a_word_in_whatever_letters() {
        let text = "Easy-Neg, (easy-neg:1.2) uneasy-neg easy-negs 日落 EASY-NEG";
        assert_eq!(
            found(text, &["easy-neg"]),
            ["Easy-Neg", "easy-neg", "EASY-NEG"]
        );
    }

    #[test]
    fn a_marked_name_may_have_its_extension() {
        let text = "embedding:ink.pt a, embedding:Ink, embedding:ink.safetensors";
        assert_eq!(
            found(text, &["ink"]),
            [
                "embedding:ink.pt",
                "embedding:Ink",
                "embedding:ink.safetensors"
            ]
        );
    }

    #[test]
    fn a_marked_name_nobody_knows_is_told() {
        let words = words("a (embedding:inks:1.1) ink", &["ink"]);
        let unknown = Word::Unknown {
            name: "inks",
            range: 3..17,
        };
        let known = Word::Known {
            index: 0,
            range: 23..26,
        };
        assert_eq!(words, [unknown, known]);
    }

    #[test]
    fn of_two_names_the_first_given_counts() {
        assert_eq!(
            found("ink wash ink", &["ink wash", "ink"]),
            ["ink wash", "ink"]
        );
    }
}
