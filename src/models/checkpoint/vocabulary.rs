//! CLIP's vocabulary, which checkpoints lack and every family shares: part of the program.

use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

/// The merges CLIP uses, after a line that is none; `assets/clip/README.md` tells where they are from.
static MERGES: &[u8] = include_bytes!("../../../assets/clip/merges.txt.gz");

/// Tokens: an alphabet of bytes, the same at the end of a word, one for each merge, two marks.
pub(super) const TOKENS: usize = 49408;

/// `tokenizer/merges.txt`.
pub(super) fn merges() -> &'static [u8] {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = String::new();
        if let Err(error) = GzDecoder::new(MERGES).read_to_string(&mut text) {
            log::error!("CLIP's merges in the program: {error}");
        }
        text
    });
    TEXT.as_bytes()
}

/// `tokenizer/vocab.json`.
pub(super) fn vocab() -> &'static [u8] {
    static JSON: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let alphabet = byte_alphabet();
        let text = String::from_utf8_lossy(merges());
        let tokens = alphabet
            .iter()
            .map(char::to_string)
            .chain(alphabet.iter().map(|letter| format!("{letter}</w>")))
            .chain(text.lines().skip(1).map(|pair| pair.replace(' ', "")))
            .chain(["<|startoftext|>".to_owned(), "<|endoftext|>".to_owned()]);
        let numbered = tokens.enumerate().map(|(id, token)| (token, id.into()));
        let vocab: serde_json::Map<_, _> = numbered.collect();
        serde_json::Value::Object(vocab).to_string().into_bytes()
    });
    &JSON
}

/// CLIP's letters for bytes in its order: printable bytes first, the others from U+0100 on.
fn byte_alphabet() -> Vec<char> {
    let printable = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let others = (0..256).filter(|byte| !printable(byte)).count() as u32;
    let codes = (0..256).filter(printable).chain(256..256 + others);
    codes.filter_map(char::from_u32).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_vocabulary_is_clips() {
        let vocab: BTreeMap<String, usize> = serde_json::from_slice(vocab()).unwrap();
        assert_eq!(vocab.len(), TOKENS);
        for (token, id) in [("!", 0), ("cat</w>", 2368), ("<|startoftext|>", 49406)] {
            assert_eq!(vocab[token], id, "{token}");
        }
    }
}
