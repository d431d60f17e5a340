//! Prompts to token ids: CLIP's byte-level BPE, as transformers' `CLIPTokenizer` runs it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::{self, NFC, NormalizerWrapper, Replace};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence as PreSequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, Encoding, SplitDelimiterBehavior, Tokenizer};

use super::learnt_words::learnt_ids;
use super::vocabulary;
use crate::weights::{Inversions, ModelError, ModelFiles, Piece, parse_json};

const FOLDER: &str = "tokenizer";
const CONFIG: &str = "tokenizer_config.json";
const SPECIAL: &str = "special_tokens_map.json";
const COMPLETE: &str = "tokenizer.json";
const VOCAB: &str = "vocab.json";
const MERGES: &str = "merges.txt";

/// `OpenAI` CLIP's way of cutting a text into words.
const WORD_PATTERN: &str =
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// Both marks and a token between them.
const SMALLEST_WINDOW: usize = 3;

/// A tokenizer with the marks and the window of its model.
pub struct PromptTokenizer {
    tokenizer: Tokenizer,
    start: u32,
    end: u32,
    padding: u32,
    /// Where there is one.
    comma: Option<u32>,
    window: usize,
}

impl std::fmt::Debug for PromptTokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PromptTokenizer(window: {})", self.window)
    }
}

/// One prompt, ready for the text encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// As many as the window: start mark, text, end mark, padding.
    pub ids: Vec<u32>,
    /// Marks and text, as long as the whole prompt needs, even beyond the window.
    pub needed: usize,
    /// The end of the prompt, where it did not fit.
    pub cut: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SpecialTokens {
    bos_token: Value,
    eos_token: Value,
    pad_token: Value,
    model_max_length: Value,
}

impl SpecialTokens {
    /// A token is written as its text or as an object that holds it.
    fn text(value: &Value) -> Option<String> {
        value
            .as_str()
            .or_else(|| value.get("content")?.as_str())
            .map(str::to_owned)
    }

    fn read(files: &dyn ModelFiles, file: &str) -> Result<Self, ModelError> {
        if files.contains(file) {
            parse_json(files, file)
        } else {
            Ok(Self::default())
        }
    }
}

impl PromptTokenizer {
    /// Reads `tokenizer/`: from `tokenizer.json`, or from `vocab.json` and `merges.txt` where there
    /// is none. `positions` is the longest sequence the text encoder takes.
    pub fn new(files: &dyn ModelFiles, positions: usize) -> Result<Self, ModelError> {
        Self::of_folder(files, FOLDER, positions)
    }

    /// As [`Self::new`], from another folder of the model; from the model's own where it is empty.
    pub(super) fn of_folder(
        files: &dyn ModelFiles,
        folder: &str,
        positions: usize,
    ) -> Result<Self, ModelError> {
        let named = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let complete = named(COMPLETE);
        let (file, mut tokenizer) = if files.contains(&complete) {
            let tokenizer = read_complete(files, &complete)?;
            (complete, tokenizer)
        } else {
            let (vocab, merges) = (named(VOCAB), named(MERGES));
            let tokenizer = read_vocab_and_merges(files, &vocab, &merges)?;
            (vocab, tokenizer)
        };
        let (config, map) = (
            SpecialTokens::read(files, &named(CONFIG))?,
            SpecialTokens::read(files, &named(SPECIAL))?,
        );
        let id_of = |from_config: &Value, from_map: &Value, usual: &str| {
            let text = SpecialTokens::text(from_config)
                .or_else(|| SpecialTokens::text(from_map))
                .unwrap_or_else(|| usual.to_owned());
            tokenizer
                .token_to_id(&text)
                .ok_or_else(|| ModelError::InvalidConfig {
                    file: file.clone(),
                    reason: format!("it has no token {text}"),
                })
        };
        let start = id_of(&config.bos_token, &map.bos_token, "<|startoftext|>")?;
        let end = id_of(&config.eos_token, &map.eos_token, "<|endoftext|>")?;
        let padding = id_of(&config.pad_token, &map.pad_token, "<|endoftext|>")?;
        // A mark is never a part of a word, not even where people type it.
        let marks = [&config.pad_token, &map.pad_token].map(SpecialTokens::text);
        let marks = marks.into_iter().flatten().take(1);
        tokenizer
            .add_special_tokens(marks.map(|mark| AddedToken::from(mark, true)))
            .map_err(|error| ModelError::InvalidConfig {
                file,
                reason: error.to_string(),
            })?;
        // Files that do not limit the length hold a number beyond any integer.
        let asked = config
            .model_max_length
            .as_u64()
            .and_then(|length| usize::try_from(length).ok());
        Ok(Self {
            window: asked
                .map_or(positions, |length| length.min(positions))
                .max(SMALLEST_WINDOW),
            start,
            end,
            padding,
            comma: tokenizer.token_to_id(",</w>"),
            tokenizer,
        })
    }

    /// Longest prompt in tokens, with start and end mark.
    pub fn window(&self) -> usize {
        self.window
    }

    /// What ends a text.
    pub(super) fn end(&self) -> u32 {
        self.end
    }

    /// What fills the window behind a text.
    pub(super) fn padding(&self) -> u32 {
        self.padding
    }

    /// Whether both give the same ids for every text, whatever they fill the window with.
    pub(super) fn reads_as(&self, other: &Self) -> bool {
        let marks = |of: &Self| (of.start, of.end, of.window);
        marks(self) == marks(other)
            && self.tokenizer.get_vocab(true) == other.tokenizer.get_vocab(true)
    }

    /// Tokens of text in a window.
    pub(super) fn room(&self) -> usize {
        self.window - 2
    }

    /// A text's ids, without marks.
    pub(super) fn ids(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        self.encoding(text).map(|found| found.get_ids().to_vec())
    }

    /// The comma that ends a word, where it is one.
    pub(super) fn is_comma(&self, id: u32) -> bool {
        self.comma == Some(id)
    }

    /// Ids between the marks, padded to the window; at most as many as it has room for.
    pub(super) fn marked(&self, text: &[u32]) -> Vec<u32> {
        let mut ids = Vec::with_capacity(self.window);
        ids.push(self.start);
        ids.extend(text);
        ids.push(self.end);
        ids.resize(self.window, self.padding);
        ids
    }

    fn encoding(&self, text: &str) -> Result<Encoding, ModelError> {
        self.tokenizer
            .encode(text, false)
            .map_err(|error| ModelError::InvalidConfig {
                file: "tokenizer".to_owned(),
                reason: error.to_string(),
            })
    }

    /// Ids of a prompt, cut or padded to the window.
    pub fn encode(&self, prompt: &str) -> Result<Tokens, ModelError> {
        Ok(self.fitted(prompt, &self.placed(prompt)?))
    }

    /// As [`Self::encode`], with learnt ids for the words that stand for rows.
    pub(super) fn encode_learnt(
        &self,
        prompt: &str,
        words: &Inversions,
    ) -> Result<Tokens, ModelError> {
        let mut placed = Vec::new();
        for (from, piece) in words.pieces(prompt) {
            match piece {
                Piece::Text(text) => {
                    let own = self.placed(text)?.into_iter();
                    placed.extend(own.map(|(id, at)| (id, from + at)));
                }
                Piece::Rows(rows) => placed.extend(learnt_ids(rows).map(|id| (id, from))),
                Piece::Unknown(_) => {}
            }
        }
        Ok(self.fitted(prompt, &placed))
    }

    /// A text's ids and where in it each begins.
    fn placed(&self, text: &str) -> Result<Vec<(u32, usize)>, ModelError> {
        let encoding = self.encoding(text)?;
        let places = encoding.get_offsets().iter().map(|(from, _)| *from);
        Ok(encoding.get_ids().iter().copied().zip(places).collect())
    }

    /// What fits the window of ids and their places in a prompt.
    fn fitted(&self, prompt: &str, placed: &[(u32, usize)]) -> Tokens {
        let room = self.room();
        let ids: Vec<_> = placed.iter().take(room).map(|&(id, _)| id).collect();
        let cut = placed
            .get(room)
            .map(|&(_, from)| prompt.get(from..).unwrap_or_default().trim().to_owned());
        Tokens {
            ids: self.marked(&ids),
            needed: placed.len() + 2,
            cut,
        }
    }
}

pub(super) fn read_complete(files: &dyn ModelFiles, file: &str) -> Result<Tokenizer, ModelError> {
    let invalid = |reason: String| ModelError::InvalidConfig {
        file: file.to_owned(),
        reason,
    };
    let bytes = files.read(file)?;
    if let Some(problem) = vocabulary::problem_of_complete(&bytes) {
        return Err(invalid(problem));
    }
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| invalid(error.to_string()))?;
    // Some files carry the settings of their last use; the window is ours to keep.
    tokenizer
        .with_truncation(None)
        .map_err(|error| invalid(error.to_string()))?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

fn read_vocab_and_merges(
    files: &dyn ModelFiles,
    vocab: &str,
    merges: &str,
) -> Result<Tokenizer, ModelError> {
    let words: BTreeMap<String, u64> = parse_json(files, vocab)?;
    let invalid = |reason: String| ModelError::InvalidConfig {
        file: merges.to_owned(),
        reason,
    };
    let bytes = files.read(merges)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| invalid(error.to_string()))?;
    let merges = text
        .lines()
        .filter(|line| !line.starts_with("#version") && !line.trim().is_empty())
        .map(|line| {
            line.split_once(' ')
                .map(|(left, right)| (left.to_owned(), right.to_owned()))
                .ok_or_else(|| invalid(format!("\"{line}\" is not a pair")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(problem) = vocabulary::problem(&words, &merges, "") {
        return Err(invalid(problem));
    }
    let words = words.into_iter().map(|(word, id)| (word, id as u32));
    build_clip(words.collect(), merges).map_err(|error| invalid(error.to_string()))
}

fn build_clip(vocab: Vocab, merges: Vec<(String, String)>) -> tokenizers::Result<Tokenizer> {
    let model = BPE::builder()
        .vocab_and_merges(vocab, merges)
        .unk_token("<|endoftext|>".to_owned())
        .continuing_subword_prefix(String::new())
        .end_of_word_suffix("</w>".to_owned())
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    let steps: Vec<NormalizerWrapper> = vec![
        NFC.into(),
        Replace::new(
            tokenizers::normalizers::replace::ReplacePattern::Regex(r"\s+".to_owned()),
            " ",
        )?
        .into(),
        normalizers::Lowercase.into(),
    ];
    tokenizer.with_normalizer(Some(normalizers::Sequence::new(steps)))?;
    let words = Split::new(
        SplitPattern::Regex(WORD_PATTERN.to_owned()),
        SplitDelimiterBehavior::Removed,
        true,
    )?;
    let bytes = ByteLevel::default().add_prefix_space(false);
    tokenizer.with_pre_tokenizer(Some(PreSequence::new(vec![words.into(), bytes.into()])));
    let marks = ["<|startoftext|>", "<|endoftext|>"].map(|mark| AddedToken::from(mark, true));
    tokenizer.add_special_tokens(marks)?;
    Ok(tokenizer)
}
