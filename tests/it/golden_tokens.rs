use std::io::Read as _;

use afterimage::models::PromptTokenizer;
use afterimage::weights::FolderFiles;
use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::golden::{MODELS, NEGATIVE, PROMPT, path, tensors};

#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
}

/// CLIP's byte alphabet in its order: printable bytes first, the others as letters from U+0100 on.
fn byte_alphabet() -> Vec<char> {
    let printable = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let others = (0..256).filter(|byte| !printable(byte)).count() as u32;
    (0..256u32)
        .filter(printable)
        .chain(256..256 + others)
        .map(|code| char::from_u32(code).unwrap())
        .collect()
}

/// Writes `vocab.json` and `merges.txt` of Stable Diffusion 1.x from `OpenAI`'s file of merges.
fn write_clip_tokenizer(folder: &std::path::Path) {
    let file = "../../assets/clip/merges.txt.gz";
    let file = std::fs::File::open(path(file)).unwrap();
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let merges: Vec<&str> = text.lines().skip(1).take(49152 - 256 - 2).collect();
    let alphabet = byte_alphabet();
    let tokens = alphabet
        .iter()
        .map(char::to_string)
        .chain(alphabet.iter().map(|c| format!("{c}</w>")))
        .chain(merges.iter().map(|pair| pair.replace(' ', "")))
        .chain(["<|startoftext|>".to_owned(), "<|endoftext|>".to_owned()]);
    let vocab: serde_json::Map<_, _> = tokens
        .enumerate()
        .map(|(id, token)| (token, id.into()))
        .collect();
    assert_eq!(vocab.len(), 49408);
    std::fs::create_dir(folder.join("tokenizer")).unwrap();
    std::fs::write(
        folder.join("tokenizer/vocab.json"),
        serde_json::to_vec(&vocab).unwrap(),
    )
    .unwrap();
    let merges = format!("#version: 0.2\n{}\n", merges.join("\n"));
    std::fs::write(folder.join("tokenizer/merges.txt"), merges).unwrap();
}

#[test]
fn openai_clips_own_vocabulary_gives_transformers_ids() {
    let folder = tempfile::tempdir().unwrap();
    write_clip_tokenizer(folder.path());
    let tokenizer = PromptTokenizer::new(&FolderFiles::new(folder.path()), 77).unwrap();
    let cases: Vec<Case> =
        serde_json::from_str(&std::fs::read_to_string(path("clip_tokens.json")).unwrap()).unwrap();
    for case in cases {
        assert_eq!(
            tokenizer.encode(&case.text).unwrap().ids,
            case.ids,
            "{:?}",
            case.text
        );
    }
}

#[test]
fn both_spellings_of_the_tokenizer_folder_give_transformers_ids() {
    for model in MODELS {
        let goldens = tensors(&format!("{model}/golden.safetensors"));
        let tokenizer = PromptTokenizer::new(&FolderFiles::new(path(model)), 77).unwrap();
        let long = PROMPT.repeat(9);
        for (name, text) in [
            ("prompt", PROMPT),
            ("negative", NEGATIVE),
            ("empty", ""),
            ("long", &long),
        ] {
            let golden = goldens[&format!("ids.{name}")].to_vec1::<i64>().unwrap();
            let ours = tokenizer.encode(text).unwrap();
            let ids: Vec<i64> = ours.ids.iter().map(|&id| i64::from(id)).collect();
            assert_eq!(ids, golden, "{model}: {name}");
        }
    }
}

#[test]
fn what_does_not_fit_the_window_is_told() {
    let tokenizer = PromptTokenizer::new(&FolderFiles::new(path("epsilon")), 77).unwrap();
    assert_eq!(tokenizer.encode(PROMPT).unwrap().cut, None);
    let long = format!("{}the last words", PROMPT.repeat(8));
    let tokens = tokenizer.encode(&long).unwrap();
    assert_eq!(tokens.ids.len(), 77);
    assert!(tokens.needed > 77);
    let cut = tokens.cut.unwrap();
    assert!(
        cut.ends_with("the last words") && long.ends_with(&cut),
        "{cut}"
    );
}
