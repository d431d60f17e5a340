use std::path::PathBuf;

use afterimage::models::{ChunkedText, StableDiffusion};
use afterimage::nn::Interrupt;
use afterimage::pipelines::{Conditioning, Silent, encode_prompts};
use afterimage::raster::Extent;
use afterimage::recipe::{Emphasis, Task};
use afterimage::weights::{Inversion, Inversions, ModelPart, Piece};
use candle_core::Tensor;

use crate::golden::{assert_agrees, gap, model, path, recipe, tensors};

const EMBEDDING: f32 = 1e-4;
/// What the goldens were made with.
const PROMPT: &str = "A red inkwash sailboat, at sunset!";

fn rows() -> Tensor {
    tensors("adapters/inversion.safetensors")["rows"].clone()
}

fn file(name: &str) -> PathBuf {
    path("adapters").join(format!("inversion_{name}"))
}

#[test]
fn the_rows_of_a_word_are_read_from_every_tools_file() {
    for name in [
        "a1111.pt",
        "parameters.pt",
        "a1111.safetensors",
        "two.safetensors",
    ] {
        let read = Inversion::open(&file(name)).unwrap();
        assert_eq!(read.count(), 2, "{name}");
        let ours = read.rows(ModelPart::TextEncoder, 24).unwrap();
        assert_eq!(gap(ours, &rows()), 0.0, "{name}");
    }
    let one = Inversion::open(&file("one.bin")).unwrap();
    let ours = one.rows(ModelPart::TextEncoder, 24).unwrap();
    assert_eq!(gap(ours, &rows().narrow(0, 0, 1).unwrap()), 0.0);
    let two = Inversion::open(&file("two.safetensors")).unwrap();
    let second = two.rows(ModelPart::TextEncoder2, 32).unwrap();
    assert_eq!(second.dims(), [2, 32]);
}

#[test]
fn rows_for_another_model_and_files_of_something_else_are_refused_with_the_cure() {
    let read = Inversion::open(&file("a1111.pt")).unwrap();
    for (part, width) in [(ModelPart::TextEncoder, 768), (ModelPart::TextEncoder2, 24)] {
        let text = read.rows(part, width).unwrap_err().to_string();
        assert!(text.contains("inversion_a1111.pt"), "{text}");
        assert!(text.contains("leave its name out of the prompt"), "{text}");
    }
    let lora = path("adapters/set_old.safetensors");
    let text = Inversion::open(&lora).unwrap_err().to_string();
    assert!(text.contains("is no textual inversion"), "{text}");
}

#[test]
fn a_text_is_cut_at_the_names_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = ["Ink Wash.pt", "ink.pt", "unused.pt"]
        .map(|name| folder.path().join(name))
        .into();
    for copy in &files[..2] {
        std::fs::copy(file("a1111.pt"), copy).unwrap();
    }
    std::fs::write(&files[2], "what no text names is not opened").unwrap();
    let text = "a (ink wash:1.2) boat, embedding:ink, embedding:none";
    let known = Inversions::named_in(&["blurry", text], &files).unwrap();
    let pieces: Vec<_> = known
        .pieces(text)
        .into_iter()
        .map(|(_, piece)| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Rows(rows) => format!("{rows:?}"),
            Piece::Unknown(name) => format!("?{name}"),
        })
        .collect();
    assert_eq!(
        pieces,
        ["a (", "0..2", ":1.2) boat, ", "2..4", ", ", "?none"]
    );
    let error = Inversions::named_in(&["unused"], &files).unwrap_err();
    assert!(error.to_string().contains("unused.pt"));
}

/// A model that has learnt the word "inkwash" from a file.
fn taught(name: &str, from: &str) -> StableDiffusion {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Inkwash.safetensors");
    std::fs::copy(path(from), &file).unwrap();
    let mut model = model(name);
    let words = Inversions::named_in(&["inkwash"], &[file]).unwrap();
    model.learn(words).unwrap();
    model
}

fn read(model: &StableDiffusion, prompt: &str, emphasis: Emphasis) -> Conditioning {
    let recipe = recipe(Task::TextToImage, Extent::new(16, 16), |draft| {
        prompt.clone_into(&mut draft.prompt);
        "blurry inkwash".clone_into(&mut draft.negative_prompt);
        draft.emphasis = emphasis;
    });
    encode_prompts(model, &recipe, &mut Silent, &Interrupt::never()).unwrap()
}

#[test]
fn a_prompt_taken_literally_is_read_as_diffusers_reads_it() {
    let model = taught("epsilon", "adapters/inversion_a1111.safetensors");
    let goldens = tensors("adapters/inversion.safetensors");
    let ours = read(&model, PROMPT, Emphasis::None);
    let golden = &goldens["embeddings"];
    assert_agrees("literal", &ours.positive().tokens, golden, EMBEDDING);
    // Where diffusers has ids of the vocabulary, so has ours; behind it begin its added tokens.
    let words = &model.words.inversions;
    let tokenizer = model.manifest.tokenizer().unwrap();
    let ours = ChunkedText::of(tokenizer, PROMPT, Emphasis::None, words).unwrap();
    let theirs = goldens["ids"].to_vec1::<i64>().unwrap();
    let vocabulary = model
        .manifest
        .texts
        .first
        .as_ref()
        .unwrap()
        .config
        .vocab_size as i64;
    let mut learnt = 0;
    for (ours, theirs) in ours.chunks[0].ids.first.iter().zip(theirs) {
        if theirs < vocabulary {
            assert_eq!(i64::from(*ours), theirs);
        } else {
            learnt += 1;
        }
    }
    assert_eq!(learnt, 2);
}

#[test]
fn the_rows_of_a_word_have_its_weight_and_stay_in_one_chunk() {
    let model = taught("epsilon", "adapters/inversion_a1111.safetensors");
    let goldens = tensors("inversions/golden.safetensors");
    let moved = "a ".repeat(74) + "inkwash boat";
    for (name, prompt) in [
        ("weighed", "a (inkwash:1.3) boat, embedding:inkwash"),
        ("moved", &moved),
    ] {
        for (key, emphasis) in [("a1111", Emphasis::A1111), ("comfy", Emphasis::Comfy)] {
            let key = format!("{name}.{key}");
            let ours = read(&model, prompt, emphasis);
            assert_agrees(&key, &ours.positive().tokens, &goldens[&key], EMBEDDING);
        }
    }
}

#[test]
fn both_text_encoders_of_xl_have_rows_of_their_own() {
    let model = taught("xl", "inversions/two.safetensors");
    let goldens = tensors("inversions/golden.safetensors");
    // Without brackets all read the same.
    for emphasis in [Emphasis::None, Emphasis::A1111, Emphasis::Comfy] {
        let ours = read(&model, PROMPT.trim_end_matches('!'), emphasis);
        for (name, text) in [
            ("prompt", ours.positive()),
            ("negative", ours.negative().unwrap()),
        ] {
            let golden = &goldens[&format!("xl.{name}")];
            let what = format!("{name}, {}", emphasis.id());
            assert_agrees(&what, &text.tokens, golden, EMBEDDING);
            let golden = &goldens[&format!("xl.pooled.{name}")];
            assert_agrees(&what, text.pooled.as_ref().unwrap(), golden, EMBEDDING);
        }
    }
    let ours = read(&model, PROMPT, Emphasis::None);
    let golden = &goldens["xl.literal"];
    assert_agrees("literal", &ours.positive().tokens, golden, EMBEDDING);
}

#[test]
fn the_count_of_tokens_counts_rows_and_the_cut_begins_at_their_word() {
    let model = taught("epsilon", "adapters/inversion_a1111.safetensors");
    let count = |prompt: &str, emphasis, words: &Inversions| {
        model
            .manifest
            .texts
            .count(prompt, emphasis, 4, words)
            .unwrap()
    };
    let (known, none) = (&model.words.inversions, &Inversions::default());
    let plain = count("a boat", Emphasis::A1111, none).tokens;
    let named = count("a (inkwash:1.2) boat", Emphasis::A1111, known).tokens;
    assert_eq!(named, plain + 2);
    let long = "a ".repeat(75) + "inkwash boat";
    let cut = count(&long, Emphasis::None, known).cut;
    assert_eq!(cut.as_deref(), Some("inkwash boat"));
}

#[test]
fn what_was_read_of_a_word_is_forgotten_with_it() {
    let mut model = taught("epsilon", "adapters/inversion_a1111.safetensors");
    let with = read(&model, PROMPT, Emphasis::A1111);
    model.learn(Inversions::default()).unwrap();
    let without = read(&model, PROMPT, Emphasis::A1111);
    assert!(gap(&with.positive().tokens, &without.positive().tokens) > 0.01);
    let fresh = crate::golden::model("epsilon");
    let fresh = read(&fresh, PROMPT, Emphasis::A1111);
    assert_eq!(
        gap(&without.positive().tokens, &fresh.positive().tokens),
        0.0
    );
}
