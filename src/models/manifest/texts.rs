//! The text encoders of a model before their weights are read, and how texts become their tokens.

use std::sync::Arc;

use super::files::text_weights;
use super::index::Index;
use crate::models::learnt_words::LearntWords;
use crate::models::prompt_chunks::{Chunk, ChunkedText, TokenCount};
use crate::models::prompt_text::EmptyText;
use crate::models::{
    ClipTextConfig, PromptIds, PromptText, PromptTokenizer, Qwen3Config, T5Config, WholeConfig,
    WholeText, WholeTokenizer,
};
use crate::recipe::{Emphasis, PromptPlan};
use crate::weights::{Inversions, ModelError, ModelFiles, ModelPart, Modules, Weights, parse_json};

/// What a denoiser is told of a text, by what its encoders answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlan {
    /// What the only encoder gives after its final norm.
    One,
    /// What two give beside each other, without their last layers; the second's whole text.
    Two,
    /// As of two, filled up with zeros to the width of a third, which follows: zeros where there is
    /// none. The whole text of both.
    Joint,
    /// The whole text of the only one that reads windows; the tokens of the one that reads it whole.
    PooledAndWhole,
    /// The tokens of the one that reads it whole, alone.
    Whole,
}

/// Tokens FLUX's second encoder reads: as the publishers of FLUX.1-dev run it, and those of
/// FLUX.1-schnell, which is not told the guidance.
const FLUX_WINDOW: usize = 512;
const SCHNELL_WINDOW: usize = 256;
/// Tokens Stable Diffusion 3's third encoder reads; diffusers' default.
const JOINT_WINDOW: usize = 256;

/// The text encoders of a model.
#[derive(Debug)]
pub struct TextParts {
    /// Reads texts in windows.
    pub first: Option<ClipPart>,
    /// Reads the same windows.
    pub second: Option<ClipPart>,
    /// Reads a text as a whole.
    pub whole: Option<WholePart>,
    pub plan: TextPlan,
}

/// A text encoder of CLIP's kind.
#[derive(Debug)]
pub struct ClipPart {
    pub config: ClipTextConfig,
    pub tokenizer: PromptTokenizer,
    pub(in crate::models) weights: Weights,
}

/// A text encoder that reads a text as a whole.
#[derive(Debug)]
pub struct WholePart {
    pub config: WholeConfig,
    pub tokenizer: WholeTokenizer,
    pub(in crate::models) weights: Weights,
}

/// A text of one step as all encoders are told it, before chunks are evened out.
#[derive(Clone, Debug)]
pub struct TokenizedText {
    /// At least one where there is an encoder of windows.
    pub chunks: Vec<Chunk>,
    pub whole: Option<WholeText>,
    /// The end of the text, where no encoder reads it.
    pub cut: Option<String>,
}

impl ClipPart {
    fn read(files: &dyn ModelFiles, place: usize) -> Result<Self, ModelError> {
        let (encoder, tokenizer) = names(place);
        let file = format!("{encoder}/config.json");
        let config: ClipTextConfig = parse_json(files, &file)?;
        config.check(&file)?;
        Ok(Self {
            tokenizer: PromptTokenizer::of_folder(
                files,
                &tokenizer,
                config.max_position_embeddings,
            )?,
            weights: text_weights(files, &encoder)?,
            config,
        })
    }
}

impl WholePart {
    fn read_qwen3(files: &dyn ModelFiles, place: usize) -> Result<Self, ModelError> {
        let (encoder, tokenizer) = names(place);
        let file = format!("{encoder}/config.json");
        let config: Qwen3Config = parse_json(files, &file)?;
        config.check(&file)?;
        let part = Self {
            config: WholeConfig::Qwen3(config),
            tokenizer: WholeTokenizer::of_qwen3(files, &tokenizer)?,
            weights: text_weights(files, &encoder)?,
        };
        part.check(&tokenizer)?;
        Ok(part)
    }

    fn read_t5(files: &dyn ModelFiles, place: usize, window: usize) -> Result<Self, ModelError> {
        let (encoder, tokenizer) = names(place);
        let file = format!("{encoder}/config.json");
        let config: T5Config = parse_json(files, &file)?;
        config.check(&file)?;
        let part = Self {
            config: WholeConfig::T5(config),
            tokenizer: WholeTokenizer::of_t5(files, &tokenizer, window)?,
            weights: text_weights(files, &encoder)?,
        };
        part.check(&tokenizer)?;
        Ok(part)
    }

    /// An id without a row would end a run.
    fn check(&self, folder: &str) -> Result<(), ModelError> {
        let (ids, rows) = (self.tokenizer.vocabulary(), self.config.vocabulary());
        if ids <= rows {
            return Ok(());
        }
        Err(ModelError::InvalidConfig {
            file: folder.to_owned(),
            reason: format!("it has {ids} tokens where the text encoder knows {rows}"),
        })
    }
}

/// The folders of the text encoder at a place, counted from 0, and of its tokenizer.
fn names(place: usize) -> (String, String) {
    let end = match place {
        0 => String::new(),
        place => format!("_{}", place + 1),
    };
    (format!("text_encoder{end}"), format!("tokenizer{end}"))
}

impl TextParts {
    /// `is_told_guidance`: whether the denoiser is.
    pub(super) fn read(
        files: &dyn ModelFiles,
        index: &Index,
        is_told_guidance: bool,
    ) -> Result<Self, ModelError> {
        let plan = index.pipeline.plan;
        if plan == TextPlan::Whole {
            return Ok(Self {
                first: None,
                second: None,
                whole: Some(WholePart::read_qwen3(files, 0)?),
                plan,
            });
        }
        let first = ClipPart::read(files, 0)?;
        let second = match plan {
            TextPlan::One | TextPlan::PooledAndWhole | TextPlan::Whole => None,
            TextPlan::Two | TextPlan::Joint => {
                let second = ClipPart::read(files, 1)?;
                if !second.tokenizer.reads_as(&first.tokenizer) {
                    return Err(ModelError::Unsupported {
                        file: names(1).1,
                        option: "another vocabulary or window than the first tokenizer's"
                            .to_owned(),
                    });
                }
                Some(second)
            }
        };
        let whole = match plan {
            TextPlan::Joint if index.has_encoder(2) => {
                Some(WholePart::read_t5(files, 2, JOINT_WINDOW)?)
            }
            TextPlan::PooledAndWhole => {
                let window = if is_told_guidance {
                    FLUX_WINDOW
                } else {
                    SCHNELL_WINDOW
                };
                Some(WholePart::read_t5(files, 1, window)?)
            }
            _ => None,
        };
        Ok(Self {
            first: Some(first),
            second,
            whole,
            plan,
        })
    }

    /// Widths of the prompt's tokens, where the encoders alone decide it, and of the pooled prompt.
    pub(super) fn widths(&self) -> (Option<usize>, Option<usize>) {
        let clips = [&self.first, &self.second];
        let width = clips
            .iter()
            .filter_map(|part| part.as_ref())
            .map(|part| part.config.hidden_size)
            .sum();
        let pooled = |part: &Option<ClipPart>| part.as_ref()?.config.projection_dim;
        let whole = self.whole.as_ref().map(|whole| whole.config.width());
        match self.plan {
            TextPlan::One => (Some(width), None),
            TextPlan::Two => (Some(width), pooled(&self.second)),
            TextPlan::Joint => (
                whole,
                pooled(&self.first)
                    .zip(pooled(&self.second))
                    .map(|(first, second)| first + second),
            ),
            TextPlan::PooledAndWhole => (whole, Some(width)),
            TextPlan::Whole => (whole, None),
        }
    }

    /// The narrowest tokens the encoders' answers fit into.
    pub(super) fn least_width(&self) -> usize {
        if self.plan == TextPlan::PooledAndWhole {
            return 0;
        }
        let clips = [&self.first, &self.second].into_iter().flatten();
        clips.map(|part| part.config.hidden_size).sum()
    }

    /// Tokens the denoiser is told of a prompt of one window.
    pub fn tokens(&self) -> usize {
        let window = self.window();
        match self.plan {
            TextPlan::One | TextPlan::Two => window,
            TextPlan::Joint => window + JOINT_WINDOW,
            TextPlan::PooledAndWhole | TextPlan::Whole => self.longest(),
        }
    }

    /// Tokens that are told in place of an absent encoder's.
    pub(in crate::models) const fn absent_tokens(&self) -> usize {
        match self.plan {
            TextPlan::Joint => JOINT_WINDOW,
            _ => 0,
        }
    }

    /// How many layers of every encoder of windows can be listened to; of two the last one never is. At
    /// least one.
    pub fn layers(&self) -> usize {
        let layers = |part: &Option<ClipPart>| {
            let part = part.as_ref();
            part.map(|part| part.config.num_hidden_layers)
        };
        match (layers(&self.first), layers(&self.second)) {
            (Some(first), Some(second)) => first.min(second).saturating_sub(1),
            (Some(layers), None) | (None, Some(layers)) => layers,
            (None, None) => 1,
        }
    }

    /// The longest prompt in tokens, with marks, that is read without being parted or cut.
    pub fn window(&self) -> usize {
        match (&self.first, &self.whole) {
            (Some(first), _) => first.tokenizer.window(),
            (None, Some(whole)) => whole.tokenizer.window(),
            (None, None) => 0,
        }
    }

    /// The longest text in tokens, with marks, that the encoder that reads on longest takes; what is cut
    /// is told by it.
    pub fn longest(&self) -> usize {
        match &self.whole {
            Some(whole) => whole.tokenizer.window(),
            None => self.window(),
        }
    }

    /// All weight files.
    pub(super) fn weights(&self) -> impl Iterator<Item = &Weights> {
        let clips = [&self.first, &self.second].into_iter().flatten();
        let clips = clips.map(|part| &part.weights);
        clips.chain(self.whole.iter().map(|part| &part.weights))
    }

    /// What adapters can change.
    pub(super) fn modules(&self, mut modules: Modules) -> Modules {
        let parts = [
            (ModelPart::TextEncoder, &self.first),
            (ModelPart::TextEncoder2, &self.second),
        ];
        for (part, clip) in parts {
            if let Some(clip) = clip {
                modules = modules.with_weights(part, &clip.weights);
            }
        }
        modules
    }

    /// A text as all encoders are told it.
    pub fn tokenized(
        &self,
        text: &str,
        emphasis: Emphasis,
        words: &Inversions,
    ) -> Result<TokenizedText, ModelError> {
        let whole = self.whole.as_ref();
        let whole = whole.map(|part| part.tokenizer.read(text, emphasis, words));
        let whole = whole.transpose()?;
        let Some(first) = &self.first else {
            let cut = whole.as_ref().and_then(|whole| whole.cut.clone());
            return Ok(TokenizedText {
                chunks: Vec::new(),
                whole,
                cut,
            });
        };
        let mut found = ChunkedText::of(&first.tokenizer, text, emphasis, words)?;
        if emphasis == Emphasis::None
            && let Some(second) = &self.second
        {
            // Taken literally, each tokenizer reads the text by itself.
            let tokens = second.tokenizer.encode_learnt(text, words)?;
            found.chunks[0].ids.second = Some(tokens.ids);
        }
        if self.plan == TextPlan::PooledAndWhole {
            // The whole text is that of the first window.
            found.chunks.truncate(1);
        }
        // What windows leave out the other encoder may still read.
        let cut = match &whole {
            Some(whole) => whole.cut.clone(),
            None => found.cut,
        };
        Ok(TokenizedText {
            chunks: found.chunks,
            whole,
            cut,
        })
    }

    /// A chunk without text, where windows are read.
    pub fn empty_chunk(&self) -> Option<Chunk> {
        let first = self.first.as_ref()?;
        Some(Chunk::empty(&first.tokenizer))
    }

    /// A tokenized text as the encoders are told it, without the `skipped` last layers of CLIP's.
    pub fn told(
        &self,
        text: TokenizedText,
        emphasis: Emphasis,
        skipped: usize,
        words: &LearntWords,
    ) -> Result<PromptText, ModelError> {
        let whole = self.whole.as_ref();
        let empty = whole.map(|part| part.tokenizer.read("", emphasis, &Inversions::default()));
        Ok(PromptText {
            chunks: text.chunks,
            whole: text.whole,
            emphasis,
            skipped,
            empty: EmptyText {
                window: self
                    .empty_chunk()
                    .map_or_else(|| PromptIds::of(Vec::new()), |chunk| chunk.ids),
                whole: empty.transpose()?.map(|text| text.ids),
            },
            learnt: Arc::clone(&words.rows),
        })
    }

    /// How long a prompt is over a run of `steps`, by its longest text.
    pub fn count(
        &self,
        prompt: &str,
        emphasis: Emphasis,
        steps: u32,
        words: &Inversions,
    ) -> Result<TokenCount, ModelError> {
        let plan = PromptPlan::of(prompt, emphasis, steps);
        let texts = plan.branches.into_iter().flat_map(|branch| branch.texts);
        let mut longest: Option<TokenCount> = None;
        for timed in texts {
            let found = self.count_text(&timed.text, emphasis, words)?;
            if longest
                .as_ref()
                .is_none_or(|longest| found.tokens > longest.tokens)
            {
                longest = Some(found);
            }
        }
        match longest {
            Some(longest) => Ok(longest),
            None => self.count_text("", emphasis, words),
        }
    }

    fn count_text(
        &self,
        text: &str,
        emphasis: Emphasis,
        words: &Inversions,
    ) -> Result<TokenCount, ModelError> {
        let whole = self.whole.as_ref();
        let read = whole.map(|part| part.tokenizer.read(text, emphasis, words));
        let read = read.transpose()?;
        let first = self.first.as_ref();
        let first = first.filter(|_| self.plan != TextPlan::PooledAndWhole);
        if let Some(first) = first {
            let mut count = TokenCount::of_text(&first.tokenizer, text, emphasis, words)?;
            if let Some(read) = read {
                count.cut = read.cut;
            }
            return Ok(count);
        }
        Ok(TokenCount {
            tokens: read.as_ref().map_or(0, |read| read.tokens),
            room: whole.map_or(0, |part| part.tokenizer.room()),
            chunks: 1,
            cut: read.and_then(|read| read.cut),
        })
    }
}
