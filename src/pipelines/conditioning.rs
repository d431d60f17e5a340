//! Prompts to embeddings, and which of them hold at which step.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::{Note, Observer, PipelineError};
use crate::models::{DenoiserPrompt, StableDiffusion, TextEmbeddings, TokenizedText, Told};
use crate::nn::Interrupt;
use crate::recipe::{
    Branch, Call, Problem, PromptPlan, Recipe, calls_of, extract_networks, is_guided, step_of_call,
};

/// Repeating prompts so that both are equally long makes none longer than this many times.
const MOST_REPEATED: usize = 4;

/// What the denoiser is told of the prompts.
#[derive(Clone, Debug)]
pub struct Conditioning {
    /// All of one shape.
    texts: Vec<TextEmbeddings>,
    /// What holds at some step.
    holding: Vec<StepTexts>,
    /// For each call of the denoiser which of those does.
    at: Vec<usize>,
    /// How much each of the composed prompts counts.
    weights: Vec<f64>,
    told: Told,
}

/// The texts of a step, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StepTexts {
    /// Of the prompts that are composed, mostly one.
    positive: Vec<usize>,
    /// `None` without guidance.
    negative: Option<usize>,
}

/// The prompts as the denoiser reads them, once for all calls.
#[derive(Clone, Debug)]
pub struct ReadPrompts {
    /// For everything that is told at some step.
    read: Vec<Read>,
    at: Vec<usize>,
    weights: Vec<f64>,
}

#[derive(Clone, Debug, Default)]
struct Read {
    /// Both, the negative one first; `None` where no call is guided.
    guided: Option<Arc<DenoiserPrompt>>,
    /// The prompt alone; `None` where every call is guided.
    alone: Option<Arc<DenoiserPrompt>>,
}

impl Conditioning {
    /// The embeddings of the prompt at the first step.
    pub fn positive(&self) -> &TextEmbeddings {
        &self.texts[self.holding[self.at[0]].positive[0]]
    }

    /// Those of the negative prompt; `None` without guidance.
    pub fn negative(&self) -> Option<&TextEmbeddings> {
        self.holding[self.at[0]]
            .negative
            .map(|place| &self.texts[place])
    }

    pub fn is_guided(&self) -> bool {
        self.negative().is_some()
    }
}

impl ReadPrompts {
    /// Reads what some call needs.
    pub fn of(
        model: &StableDiffusion,
        conditioning: &Conditioning,
        calls: &[Call],
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let Conditioning {
            texts,
            holding,
            at,
            weights,
            told,
        } = conditioning;
        let needs = |place: usize, guided: bool| {
            let mut steps = at.iter().zip(calls);
            steps.any(|(&at, call)| at == place && call.guided == guided)
        };
        let read = |(place, step): (usize, &StepTexts)| {
            let read = |guided: bool, places: &mut dyn Iterator<Item = usize>| {
                let embeddings: Vec<_> = places.map(|place| texts[place].clone()).collect();
                let read = || model.read_prompt(&embeddings, *told, interrupt);
                needs(place, guided).then(read).transpose()
            };
            let alone = step.positive.iter().copied();
            Ok(Read {
                guided: read(true, &mut step.negative.into_iter().chain(alone.clone()))?,
                alone: read(false, &mut alone.into_iter())?,
            })
        };
        Ok(Self {
            read: holding
                .iter()
                .enumerate()
                .map(read)
                .collect::<Result<Vec<_>>>()?,
            at: at.clone(),
            weights: weights.clone(),
        })
    }

    /// For one of the calls they were read for, counted from 0.
    pub(super) fn for_call(&self, place: usize, call: Call) -> Result<&DenoiserPrompt> {
        let read = self.at.get(place).map(|&at| &self.read[at]);
        let read = read.and_then(|read| {
            if call.guided {
                read.guided.as_ref()
            } else {
                read.alone.as_ref()
            }
        });
        match read {
            Some(keys) => Ok(keys),
            None => candle_core::bail!("prompts were read for other calls"),
        }
    }

    /// How much each of the composed prompts counts.
    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How many texts a call is told.
    pub(super) fn texts_in(&self, call: Call) -> usize {
        self.weights.len() + usize::from(call.guided)
    }
}

/// Encodes both prompts of a recipe; what does not fit the window is told to `observer`.
pub fn encode_prompts(
    model: &StableDiffusion,
    recipe: &Recipe,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> std::result::Result<Conditioning, PipelineError> {
    let steps = recipe.steps.max(1);
    // What the prompt asks for beside words is in the model already.
    let (prompt, _) = extract_networks(&recipe.prompt);
    let plan = PromptPlan::of(&prompt, recipe.emphasis, steps);
    // Composed prompts are weighed against the negative one even where the scale is 1.
    let told = model.manifest.denoiser.is_told_guidance();
    let guided = (is_guided(recipe.guidance) && !told) || !plan.is_single();
    let mut encoder = Encoder {
        model,
        recipe,
        skipped: skipped_layers(model, recipe)?,
        observer,
        interrupt,
    };
    let mut branches = Vec::with_capacity(plan.branches.len());
    for branch in &plan.branches {
        branches.push(encoder.branch(branch, |window, cut| Note::PromptCut { window, cut })?);
    }
    let negative = PromptPlan::of_negative(&recipe.negative_prompt, recipe.emphasis, steps);
    let negative = &negative.branches[0];
    let note = |window, cut| Note::NegativePromptCut { window, cut };
    let zeros = recipe.negative_prompt.is_empty() && model.manifest.zeros_for_empty;
    let negative_texts = match guided {
        true if zeros => Some(vec![branches[0][0].zeros_like()?]),
        true => Some(encoder.branch(negative, note)?),
        false => None,
    };
    let mut texts = Texts::default();
    let places: Vec<_> = branches
        .iter()
        .map(|branch| texts.add(branch))
        .collect::<Vec<_>>();
    let negative_places = negative_texts.as_ref().map(|branch| texts.add(branch));
    if model.manifest.denoiser.batches_texts() {
        texts.even_out(&places)?;
    }
    let (mut holding, mut at) = (Vec::new(), Vec::new());
    for call in 0..calls_of(&recipe.sampler, steps) {
        let step = step_of_call(&recipe.sampler, call);
        let now = StepTexts {
            positive: plan
                .branches
                .iter()
                .zip(&places)
                .map(|(branch, places)| places[branch.at(step)])
                .collect(),
            negative: negative_places
                .as_ref()
                .map(|places| places[negative.at(step)]),
        };
        let place = holding.iter().position(|known| *known == now);
        at.push(place.unwrap_or(holding.len()));
        if place.is_none() {
            holding.push(now);
        }
    }
    Ok(Conditioning {
        texts: texts.embeddings,
        holding,
        at,
        weights: plan.branches.iter().map(|branch| branch.weight).collect(),
        told: Told {
            size: recipe.told_size(),
            guidance: recipe.guidance,
            apart: model.one_text,
        },
    })
}

/// Layers at the end of the text encoder that are not listened to.
fn skipped_layers(
    model: &StableDiffusion,
    recipe: &Recipe,
) -> std::result::Result<usize, PipelineError> {
    let most = model.manifest.layers_of_text() as u32;
    if !(1..=most).contains(&recipe.clip_skip) {
        return Err(PipelineError::Recipe(Problem::ClipSkip {
            most: Some(most),
        }));
    }
    Ok(recipe.clip_skip as usize - 1)
}

struct Encoder<'a> {
    model: &'a StableDiffusion,
    recipe: &'a Recipe,
    skipped: usize,
    observer: &'a mut dyn Observer,
    interrupt: &'a Interrupt,
}

impl Encoder<'_> {
    /// The embeddings of a branch's texts, one for each; the same text gives the same tensor. Texts
    /// that hold one after the other are filled up with empty chunks to the longest.
    fn branch(
        &mut self,
        branch: &Branch,
        note: fn(usize, String) -> Note,
    ) -> std::result::Result<Vec<TextEmbeddings>, PipelineError> {
        let parts = &self.model.manifest.texts;
        let words = &self.model.words;
        let emphasis = self.recipe.emphasis;
        let mut tokenized: BTreeMap<_, TokenizedText> = BTreeMap::new();
        for timed in &branch.texts {
            if !tokenized.contains_key(&timed.text) {
                let found = parts.tokenized(&timed.text, emphasis, &words.inversions)?;
                if let Some(cut) = &found.cut {
                    self.observer.note(note(parts.longest(), cut.clone()));
                }
                tokenized.insert(&timed.text, found);
            }
        }
        let longest = tokenized.values().map(|text| text.chunks.len()).max();
        let empty = parts.empty_chunk();
        let mut encoded = BTreeMap::new();
        for (text, mut found) in tokenized {
            if let (Some(longest), Some(empty)) = (longest, &empty) {
                found.chunks.resize(longest, empty.clone());
            }
            let told = parts.told(found, emphasis, self.skipped, words)?;
            encoded.insert(text, self.model.embeddings(&told, self.interrupt)?);
        }
        let texts = branch.texts.iter();
        Ok(texts.map(|timed| encoded[&timed.text].clone()).collect())
    }
}

/// Embeddings, each once.
#[derive(Default)]
struct Texts {
    embeddings: Vec<TextEmbeddings>,
}

impl Texts {
    /// Their places.
    fn add(&mut self, embeddings: &[TextEmbeddings]) -> Vec<usize> {
        let place = |found: &TextEmbeddings| {
            let mut known = self.embeddings.iter();
            known
                .position(|known| known.tokens.id() == found.tokens.id())
                .unwrap_or_else(|| {
                    self.embeddings.push(found.clone());
                    self.embeddings.len() - 1
                })
        };
        embeddings.iter().map(place).collect()
    }

    /// Makes all equally long, so that one batch takes them. Composed prompts are filled up with their
    /// last vector, as A1111 does. Prompt and negative prompt are repeated, which attention does not
    /// notice: each counts as if it were alone.
    fn even_out(&mut self, positives: &[Vec<usize>]) -> Result<()> {
        let lengths = |texts: &Self| -> Result<Vec<usize>> {
            let texts = texts.embeddings.iter();
            texts.map(|text| text.tokens.dim(1)).collect()
        };
        let found = lengths(self)?;
        if found.iter().all(|&length| length == found[0]) {
            return Ok(());
        }
        let positives: Vec<_> = positives.iter().flatten().copied().collect();
        let longest = positives.iter().map(|&place| found[place]).max();
        for &place in &positives {
            fill_up(&mut self.embeddings[place].tokens, longest.unwrap_or(0))?;
        }
        let found = lengths(self)?;
        let longest = found.iter().copied().max().unwrap_or(1);
        let common = found
            .iter()
            .copied()
            .fold(1, |common, length| common / gcd(common, length) * length);
        let tokens = self.embeddings.iter_mut().map(|text| &mut text.tokens);
        for (embeddings, length) in tokens.zip(found) {
            if common <= longest * MOST_REPEATED {
                *embeddings = embeddings.repeat((1, common / length, 1))?;
            } else {
                fill_up(embeddings, longest)?;
            }
        }
        Ok(())
    }
}

/// Repeats the last vector up to a length.
fn fill_up(embeddings: &mut Tensor, length: usize) -> Result<()> {
    let own = embeddings.dim(1)?;
    if own < length {
        let last = embeddings.narrow(1, own - 1, 1)?;
        let filling = last.repeat((1, length - own, 1))?;
        *embeddings = Tensor::cat(&[&*embeddings, &filling], 1)?;
    }
    Ok(())
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;

    fn text(length: usize) -> TextEmbeddings {
        let numbers = Tensor::arange(0.0_f32, length as f32, &Device::Cpu).unwrap();
        TextEmbeddings {
            tokens: numbers.reshape((1, length, 1)).unwrap(),
            pooled: None,
        }
    }

    fn numbers(text: &TextEmbeddings) -> Vec<f32> {
        let tensor = text.tokens.to_dtype(DType::F32).unwrap();
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn prompts_of_one_length_stay_the_tensors_they_are() {
        let (mut texts, prompt) = (Texts::default(), text(2));
        let places = texts.add(&[prompt.clone(), text(2), prompt.clone()]);
        assert_eq!(places, [0, 1, 0]);
        texts.even_out(&[places]).unwrap();
        assert_eq!(texts.embeddings[0].tokens.id(), prompt.tokens.id());
    }

    #[test]
    fn prompt_and_negative_prompt_are_repeated_to_a_common_length() {
        let mut texts = Texts::default();
        let prompt = texts.add(&[text(3)]);
        texts.add(&[text(2)]);
        texts.even_out(&[prompt]).unwrap();
        let found: Vec<_> = texts.embeddings.iter().map(numbers).collect();
        assert_eq!(found[0], [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
        assert_eq!(found[1], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn composed_prompts_are_filled_up_with_their_last_vector() {
        let mut texts = Texts::default();
        let prompts = [texts.add(&[text(4)]), texts.add(&[text(2)])];
        texts.add(&[text(2)]);
        texts.even_out(&prompts).unwrap();
        let found: Vec<_> = texts.embeddings.iter().map(numbers).collect();
        assert_eq!(found[1], [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(found[2], [0.0, 1.0, 0.0, 1.0]);
    }
}
