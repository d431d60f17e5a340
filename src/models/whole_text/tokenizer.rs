//! Texts to the tokens of an encoder that reads them as a whole.

use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::{NormalizerWrapper, Precompiled};
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence as PreSequence;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{AddedToken, Encoding, Tokenizer};

use super::sentence_piece::SentencePiece;
use crate::models::tokenizer::read_complete;
use crate::recipe::{Emphasis, Piece, pieces};
use crate::weights::{self, Inversions, ModelError, ModelFiles};

const COMPLETE: &str = "tokenizer.json";
const SENTENCE_PIECE: &str = "spiece.model";
const END: &str = "</s>";
const PADDING: &str = "<pad>";
/// T5 was trained to fill gaps, which so many marks stand for; no file of pieces holds them.
const GAPS: usize = 100;

/// A tokenizer, and what goes around a text.
pub struct WholeTokenizer {
    tokenizer: Tokenizer,
    /// Its folder, for messages.
    folder: String,
    /// Around the text.
    before: Vec<u32>,
    after: Vec<u32>,
    /// Fills the window behind; else a text is as long as it is.
    padding: Option<u32>,
    window: usize,
}

impl std::fmt::Debug for WholeTokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WholeTokenizer(window: {})", self.window)
    }
}

/// A text as such an encoder is told it.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeText {
    pub ids: Vec<u32>,
    /// How much each of them counts.
    pub weights: Vec<f32>,
    /// Tokens of the text, even beyond the window.
    pub tokens: usize,
    /// The end of the text, where it is left out.
    pub cut: Option<String>,
}

impl WholeTokenizer {
    /// T5's, from `tokenizer.json` or, where there is none, `spiece.model`: the text, its end mark, and
    /// padding up to `window`.
    pub fn of_t5(files: &dyn ModelFiles, folder: &str, window: usize) -> Result<Self, ModelError> {
        let complete = format!("{folder}/{COMPLETE}");
        let (file, tokenizer) = if files.contains(&complete) {
            let tokenizer = read_complete(files, &complete)?;
            (complete, tokenizer)
        } else {
            let file = format!("{folder}/{SENTENCE_PIECE}");
            let found = SentencePiece::read(&files.read(&file)?, &file)?;
            let tokenizer = of_pieces(found).map_err(|error| ModelError::InvalidConfig {
                file: file.clone(),
                reason: error.to_string(),
            })?;
            (file, tokenizer)
        };
        let id_of = |token: &str| {
            tokenizer
                .token_to_id(token)
                .ok_or_else(|| ModelError::InvalidConfig {
                    file: file.clone(),
                    reason: format!("it has no token {token}"),
                })
        };
        let (end, padding) = (id_of(END)?, id_of(PADDING)?);
        Ok(Self {
            tokenizer,
            folder: folder.to_owned(),
            before: Vec::new(),
            after: vec![end],
            padding: Some(padding),
            window,
        })
    }

    /// Longest text in tokens, with what goes around it.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Tokens of text in a window.
    pub fn room(&self) -> usize {
        let around = self.before.len() + self.after.len();
        self.window.saturating_sub(around)
    }

    /// How many ids there are: one more than the largest.
    pub fn vocabulary(&self) -> usize {
        let ids = self.tokenizer.get_vocab(true);
        ids.values().max().map_or(0, |most| *most as usize + 1)
    }

    fn encoding(&self, text: &str) -> Result<Encoding, ModelError> {
        self.tokenizer
            .encode(text, false)
            .map_err(|error| ModelError::InvalidConfig {
                file: self.folder.clone(),
                reason: error.to_string(),
            })
    }

    /// The tokens of a text; each part that has a weight of its own is read by itself. Words that other
    /// encoders have learnt mean nothing here and are left out.
    pub fn read(
        &self,
        text: &str,
        emphasis: Emphasis,
        words: &Inversions,
    ) -> Result<WholeText, ModelError> {
        let mut placed = Vec::new();
        if emphasis == Emphasis::None {
            self.add_known(text, 1.0, words, &mut placed)?;
        } else {
            for piece in pieces(text, emphasis) {
                if let Piece::Words { text, weight } = piece {
                    self.add_known(&text, weight as f32, words, &mut placed)?;
                }
            }
        }
        let cut = placed.get(self.room()).map(|from| from.rest.clone());
        let mut ids = self.before.clone();
        let mut weights = vec![1.0; ids.len()];
        for token in placed.iter().take(self.room()) {
            ids.push(token.id);
            weights.push(token.weight);
        }
        ids.extend(&self.after);
        if let Some(padding) = self.padding {
            ids.resize(self.window.max(ids.len()), padding);
        }
        weights.resize(ids.len(), 1.0);
        Ok(WholeText {
            ids,
            weights,
            tokens: placed.len(),
            cut,
        })
    }

    fn add_known(
        &self,
        text: &str,
        weight: f32,
        words: &Inversions,
        placed: &mut Vec<Token>,
    ) -> Result<(), ModelError> {
        for (_, piece) in words.pieces(text) {
            if let weights::Piece::Text(text) = piece {
                self.add(text, weight, placed)?;
            }
        }
        Ok(())
    }

    fn add(&self, text: &str, weight: f32, placed: &mut Vec<Token>) -> Result<(), ModelError> {
        let encoding = self.encoding(text)?;
        let places = encoding.get_offsets().iter().map(|(from, _)| *from);
        let tokens = encoding.get_ids().iter().zip(places);
        let room = self.room();
        for (&id, from) in tokens {
            // Told of the first that is left out alone.
            let rest = (placed.len() == room)
                .then(|| text.get(from..).unwrap_or_default().trim().to_owned());
            placed.push(Token {
                id,
                weight,
                rest: rest.unwrap_or_default(),
            });
        }
        Ok(())
    }
}

/// One token of a text.
struct Token {
    id: u32,
    weight: f32,
    /// The text from it on.
    rest: String,
}

/// What transformers makes of the pieces of T5.
fn of_pieces(found: SentencePiece) -> tokenizers::Result<Tokenizer> {
    let SentencePiece {
        mut pieces,
        unknown,
        characters,
    } = found;
    let gaps: Vec<_> = (0..GAPS)
        .rev()
        .map(|gap| format!("<extra_id_{gap}>"))
        .collect();
    pieces.extend(gaps.iter().map(|gap| (gap.clone(), 0.0)));
    let mut tokenizer = Tokenizer::new(Unigram::from(pieces, unknown, false)?);
    if !characters.is_empty() {
        let precompiled = Precompiled::from(&characters).map_err(|error| format!("{error:?}"))?;
        tokenizer.with_normalizer(Some(NormalizerWrapper::from(precompiled)))?;
    }
    tokenizer.with_pre_tokenizer(Some(PreSequence::new(vec![
        WhitespaceSplit.into(),
        Metaspace::new('▁', PrependScheme::Always, true).into(),
    ])));
    let marks = [PADDING, END, "<unk>"].map(str::to_owned);
    let marks = marks.into_iter().chain(gaps);
    tokenizer.add_special_tokens(marks.map(|mark| AddedToken::from(mark, true)))?;
    Ok(tokenizer)
}
