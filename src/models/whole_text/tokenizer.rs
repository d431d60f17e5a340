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
    around: Around,
    window: usize,
}

/// What a text is told in.
#[derive(Clone, Copy, Debug)]
enum Around {
    /// Its own tokens and an end mark, then padding up to the window.
    Marks { end: u32, padding: u32 },
    /// A question of a chat, whose frame takes so many tokens.
    Chat { frame: usize },
}

/// What a language model that was taught to chat expects before and behind a question it is to answer.
const CHAT: (&str, &str) = ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n");
/// Tokens of a chat that diffusers tells Z-Image.
const CHAT_WINDOW: usize = 512;

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
            around: Around::Marks { end, padding },
            window,
        })
    }

    /// Qwen3's, from `tokenizer.json`: the text as a question in its chat, as long as it is.
    pub fn of_qwen3(files: &dyn ModelFiles, folder: &str) -> Result<Self, ModelError> {
        let file = format!("{folder}/{COMPLETE}");
        let mut of_chat = Self {
            tokenizer: read_complete(files, &file)?,
            folder: folder.to_owned(),
            around: Around::Chat { frame: 0 },
            window: CHAT_WINDOW,
        };
        for mark in ["<|im_start|>", "<|im_end|>"] {
            if of_chat.tokenizer.token_to_id(mark).is_none() {
                return Err(ModelError::InvalidConfig {
                    file,
                    reason: format!("it has no token {mark}"),
                });
            }
        }
        let frame = of_chat.encoding(&in_chat(""))?.get_ids().len();
        of_chat.around = Around::Chat { frame };
        Ok(of_chat)
    }

    /// Longest text in tokens, with what goes around it.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Tokens of text in a window.
    pub fn room(&self) -> usize {
        let around = match self.around {
            Around::Marks { .. } => 1,
            Around::Chat { frame } => frame,
        };
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
        let (end, padding) = match self.around {
            Around::Marks { end, padding } => (end, padding),
            Around::Chat { frame } => return self.read_chat(text, emphasis, words, frame),
        };
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
        let (mut ids, mut weights) = (Vec::new(), Vec::new());
        for token in placed.iter().take(self.room()) {
            ids.push(token.id);
            weights.push(token.weight);
        }
        ids.push(end);
        ids.resize(self.window.max(ids.len()), padding);
        weights.resize(ids.len(), 1.0);
        Ok(WholeText {
            ids,
            weights,
            tokens: placed.len(),
            cut,
        })
    }

    /// A text in a chat, told at once: words that meet become tokens together. A language model knows no
    /// weights; they are left out.
    fn read_chat(
        &self,
        text: &str,
        emphasis: Emphasis,
        words: &Inversions,
        frame: usize,
    ) -> Result<WholeText, ModelError> {
        let mut told = String::new();
        let mut tell = |text: &str| {
            for (_, piece) in words.pieces(text) {
                if let weights::Piece::Text(text) = piece {
                    told.push_str(text);
                }
            }
        };
        if emphasis == Emphasis::None {
            tell(text);
        } else {
            for piece in pieces(text, emphasis) {
                if let Piece::Words { text, .. } = piece {
                    tell(&text);
                }
            }
        }
        let encoding = self.encoding(&in_chat(&told))?;
        let mut ids = encoding.get_ids().to_vec();
        let tokens = ids.len().saturating_sub(frame);
        let cut = encoding.get_offsets().get(self.window).map(|(from, _)| {
            let from = from.saturating_sub(CHAT.0.len()).min(told.len());
            told.get(from..).unwrap_or_default().trim().to_owned()
        });
        ids.truncate(self.window);
        Ok(WholeText {
            weights: vec![1.0; ids.len()],
            ids,
            tokens,
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

fn in_chat(text: &str) -> String {
    let (before, after) = CHAT;
    format!("{before}{text}{after}")
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
