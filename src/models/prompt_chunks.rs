//! Texts longer than the encoder's window: cut into chunks, each between marks of its own, as A1111
//! and `ComfyUI` cut them.

use super::learnt_words::learnt_ids;
use super::{PromptIds, PromptTokenizer};
use crate::recipe::{Emphasis, Piece, pieces};
use crate::weights::{self, Inversions, ModelError};

/// At the end of a chunk, what follows a comma so few tokens back goes to the next one; A1111's.
const COMMA_REACH: usize = 20;
/// `ComfyUI` keeps weighted parts shorter than this in one chunk.
const PARTED_FROM: usize = 8;

/// As much text as the encoder takes at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Start mark, text, end mark, padding: as many as the window.
    pub ids: PromptIds,
    /// How much each of them counts.
    pub weights: Vec<f32>,
}

/// A text in chunks.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkedText {
    /// At least one.
    pub chunks: Vec<Chunk>,
    /// Tokens of the text; chunks before the last count as full.
    pub tokens: usize,
    /// The end of the text, where it is left out.
    pub cut: Option<String>,
}

/// How long a prompt is, by its longest text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCount {
    pub tokens: usize,
    /// Of one chunk.
    pub room: usize,
    pub chunks: usize,
    pub cut: Option<String>,
}

impl Chunk {
    fn of(tokenizer: &PromptTokenizer, text: &[(u32, f32)]) -> Self {
        let ids: Vec<_> = text.iter().map(|&(id, _)| id).collect();
        let mut weights = vec![1.0];
        weights.extend(text.iter().map(|&(_, weight)| weight));
        weights.resize(tokenizer.window(), 1.0);
        Self {
            ids: PromptIds::of(tokenizer.marked(&ids)),
            weights,
        }
    }

    /// Without text.
    pub fn empty(tokenizer: &PromptTokenizer) -> Self {
        Self::of(tokenizer, &[])
    }
}

impl ChunkedText {
    /// The chunks of a text of one step, with learnt ids for the words that stand for rows.
    pub fn of(
        tokenizer: &PromptTokenizer,
        text: &str,
        emphasis: Emphasis,
        words: &Inversions,
    ) -> Result<Self, ModelError> {
        if emphasis == Emphasis::None {
            return Self::literally(tokenizer, text, words);
        }
        let mut filling = Filling::new(tokenizer);
        for piece in pieces(text, emphasis) {
            match piece {
                Piece::Break => filling.close(),
                Piece::Words { text, weight } => {
                    for (_, piece) in words.pieces(&text) {
                        filling.add_piece(piece, weight as f32, emphasis)?;
                    }
                }
            }
        }
        Ok(filling.finish())
    }

    /// One chunk of what fits.
    fn literally(
        tokenizer: &PromptTokenizer,
        text: &str,
        words: &Inversions,
    ) -> Result<Self, ModelError> {
        let tokens = tokenizer.encode_learnt(text, words)?;
        Ok(Self {
            chunks: vec![Chunk {
                weights: vec![1.0; tokens.ids.len()],
                ids: PromptIds::of(tokens.ids),
            }],
            tokens: tokens.needed - 2,
            cut: tokens.cut,
        })
    }
}

impl TokenCount {
    /// Of a text of one step.
    pub(super) fn of_text(
        tokenizer: &PromptTokenizer,
        text: &str,
        emphasis: Emphasis,
        words: &Inversions,
    ) -> Result<Self, ModelError> {
        let found = ChunkedText::of(tokenizer, text, emphasis, words)?;
        Ok(Self {
            tokens: found.tokens,
            room: tokenizer.room(),
            chunks: found.chunks.len(),
            cut: found.cut,
        })
    }
}

/// Chunks while they are filled.
struct Filling<'a> {
    tokenizer: &'a PromptTokenizer,
    room: usize,
    done: Vec<Chunk>,
    text: Vec<(u32, f32)>,
    /// Where the last comma of the chunk is.
    comma: Option<usize>,
}

impl<'a> Filling<'a> {
    fn new(tokenizer: &'a PromptTokenizer) -> Self {
        Self {
            tokenizer,
            room: tokenizer.room(),
            done: Vec::new(),
            text: Vec::new(),
            comma: None,
        }
    }

    /// Ends a chunk, full or not.
    fn close(&mut self) {
        self.done.push(Chunk::of(self.tokenizer, &self.text));
        self.text.clear();
        self.comma = None;
    }

    /// What is read as it is, or the rows of a word.
    fn add_piece(
        &mut self,
        piece: weights::Piece<'_>,
        weight: f32,
        emphasis: Emphasis,
    ) -> Result<(), ModelError> {
        let (ids, is_learnt) = match piece {
            weights::Piece::Text(text) => (self.tokenizer.ids(text)?, false),
            weights::Piece::Rows(rows) => (learnt_ids(rows).collect(), true),
            weights::Piece::Unknown(_) => return Ok(()),
        };
        match (emphasis, is_learnt) {
            (Emphasis::Comfy, _) => self.add_group(&ids, weight),
            (_, true) => self.add_whole(&ids, weight),
            (_, false) => self.add(&ids, weight),
        }
        Ok(())
    }

    /// Tokens that A1111 keeps in one chunk; only what is longer than a chunk is parted.
    fn add_whole(&mut self, ids: &[u32], weight: f32) {
        if !self.text.is_empty() && self.text.len() + ids.len() > self.room {
            self.close();
        }
        self.add(ids, weight);
    }

    /// Tokens one by one; where they do not fit, what follows a near comma goes along.
    fn add(&mut self, ids: &[u32], weight: f32) {
        for &id in ids {
            let full = self.text.len() == self.room;
            if self.tokenizer.is_comma(id) {
                // The comma that follows a full chunk begins the next one, and takes nothing along.
                if full {
                    self.close();
                }
                self.comma = Some(self.text.len());
            } else if full {
                let near = self
                    .comma
                    .filter(|comma| self.room - comma <= COMMA_REACH)
                    .map_or(self.room, |comma| comma + 1);
                let moved = self.text.split_off(near);
                self.close();
                self.text = moved;
            }
            self.text.push((id, weight));
        }
    }

    /// Tokens of one weight: few stay together.
    fn add_group(&mut self, ids: &[u32], weight: f32) {
        let mut left = ids;
        while self.text.len() + left.len() > self.room {
            // What is longer than a window is parted in any case.
            if ids.len() >= PARTED_FROM || self.text.is_empty() {
                let (now, later) = left.split_at(self.room - self.text.len());
                self.text.extend(now.iter().map(|&id| (id, weight)));
                left = later;
            }
            self.close();
        }
        self.text.extend(left.iter().map(|&id| (id, weight)));
    }

    fn finish(mut self) -> ChunkedText {
        let mut tokens = self.done.len() * self.room;
        if !self.text.is_empty() || self.done.is_empty() {
            tokens += self.text.len();
            self.close();
        }
        ChunkedText {
            chunks: self.done,
            tokens,
            cut: None,
        }
    }
}
