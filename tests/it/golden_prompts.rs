//! Weights, chunks, clip skip, schedules and composed prompts, beside `tests/golden/make_prompts.py`.

use afterimage::models::{ChunkedText, StableDiffusion};
use afterimage::nn::Interrupt;
use afterimage::pipelines::{CancelToken, Silent, encode_prompts, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Emphasis, Recipe, Shortcuts, Span, Task};
use afterimage::weights::Inversions;
use candle_core::Tensor;
use serde::Deserialize;

use crate::golden::{
    NEGATIVE, PROMPT, RUN, assert_agrees, gap, made, model, path, recipe, tensors,
};

const EMBEDDING: f32 = 1e-4;

#[derive(Deserialize)]
struct Cases {
    steps: u32,
    embeddings: Vec<EmbeddingCase>,
    runs: Vec<RunCase>,
}

#[derive(Deserialize)]
struct EmbeddingCase {
    key: String,
    prompt: String,
    emphasis: Emphasis,
    clip_skip: u32,
    ids: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct RunCase {
    key: String,
    prompt: String,
    negative_prompt: String,
}

fn cases() -> Cases {
    let text = std::fs::read_to_string(path("prompts.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn drawn(change: impl FnOnce(&mut Draft)) -> Recipe {
    recipe(Task::TextToImage, Extent::new(16, 16), |draft| {
        "ddim".clone_into(&mut draft.sampler);
        change(draft);
    })
}

fn latents(model: &StableDiffusion, recipe: &Recipe) -> Tensor {
    let outcome = text_to_image(model, recipe, &CancelToken::new(), &mut Silent);
    made(outcome.unwrap()).tensors.latents
}

#[test]
fn weighed_and_chunked_prompts_give_the_tokens_and_embeddings_of_a1111_and_comfyui() {
    let (model, goldens) = (model("epsilon"), tensors("epsilon/prompts.safetensors"));
    let cases = cases().embeddings;
    assert_eq!(cases.len(), 48);
    let mut most: f32 = 0.0;
    for case in cases {
        let tokenizer = model.manifest.tokenizer().unwrap();
        let found = ChunkedText::of(
            tokenizer,
            &case.prompt,
            case.emphasis,
            &Inversions::default(),
        )
        .unwrap();
        let ids: Vec<_> = found
            .chunks
            .into_iter()
            .map(|chunk| chunk.ids.first)
            .collect();
        assert_eq!(ids, case.ids, "{}", case.key);
        let recipe = drawn(|draft| {
            draft.prompt.clone_from(&case.prompt);
            draft.emphasis = case.emphasis;
            draft.clip_skip = case.clip_skip;
            draft.guidance = 1.0;
        });
        let found = encode_prompts(&model, &recipe, &mut Silent, &Interrupt::never()).unwrap();
        let golden = &goldens[&case.key];
        assert_agrees(&case.key, &found.positive().tokens, golden, EMBEDDING);
        most = most.max(gap(&found.positive().tokens, golden));
    }
    println!("embeddings are off by at most {most}");
}

#[test]
fn prompts_that_change_and_are_composed_end_at_the_latents_of_the_reference() {
    let (model, goldens) = (model("epsilon"), tensors("epsilon/prompts.safetensors"));
    let Cases { steps, runs, .. } = cases();
    assert_eq!(runs.len(), 6);
    for case in runs {
        let recipe = drawn(|draft| {
            draft.prompt.clone_from(&case.prompt);
            draft.negative_prompt.clone_from(&case.negative_prompt);
            draft.steps = steps;
        });
        let ours = latents(&model, &recipe);
        let golden = &goldens[&case.key];
        println!("{} is off by {}", case.key, gap(&ours, golden));
        assert_agrees(&case.prompt, &ours, golden, RUN);
    }
}

#[test]
fn a_prompt_without_syntax_is_the_same_to_the_bit_in_every_syntax() {
    let model = model("epsilon");
    let drawn = |emphasis| {
        let recipe = drawn(|draft| draft.emphasis = emphasis);
        let bits = latents(&model, &recipe).flatten_all().unwrap();
        let bits = bits.to_vec1::<f32>().unwrap();
        bits.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    let literal = drawn(Emphasis::None);
    for emphasis in Emphasis::ALL {
        assert_eq!(drawn(emphasis), literal, "{}", emphasis.id());
    }
}

#[test]
fn every_sign_is_text_where_there_is_no_syntax() {
    let model = model("epsilon");
    let prompt = format!("({PROMPT}:1.3) [{NEGATIVE}|a] BREAK AND");
    let recipe = drawn(|draft| {
        draft.prompt.clone_from(&prompt);
        draft.emphasis = Emphasis::None;
    });
    let found = encode_prompts(&model, &recipe, &mut Silent, &Interrupt::never()).unwrap();
    let ids = model
        .manifest
        .tokenizer()
        .unwrap()
        .encode(&prompt)
        .unwrap()
        .ids;
    let literal = model
        .text()
        .unwrap()
        .first()
        .unwrap()
        .forward(&ids, &Interrupt::never());
    assert_eq!(gap(&found.positive().tokens, &literal.unwrap()), 0.0);
}

#[test]
fn composed_prompts_bear_shortcuts() {
    let model = model("epsilon");
    let composed = |shortcuts: Shortcuts| {
        let recipe = drawn(|draft| {
            "red sailboat AND the moon :0.6".clone_into(&mut draft.prompt);
            draft.shortcuts = shortcuts;
        });
        latents(&model, &recipe)
    };
    let whole = composed(Shortcuts::default());
    let short = composed(Shortcuts {
        guidance: Span { from: 0.0, to: 0.6 },
        cache_interval: 2,
    });
    let gap = gap(&whole, &short);
    assert!(gap > 0.0 && gap.is_finite(), "{gap}");
}

#[test]
fn layers_that_are_not_there_cannot_be_skipped() {
    let model = model("epsilon");
    let recipe = drawn(|draft| draft.clip_skip = 3);
    let refused = encode_prompts(&model, &recipe, &mut Silent, &Interrupt::never());
    let told = refused.unwrap_err().to_string();
    assert!(
        told.starts_with("clip skip must be from 1") && told.ends_with("here 2"),
        "{told}"
    );
}
