use std::path::PathBuf;

use afterimage::weights::{Inversion, Inversions, ModelPart, Piece};
use candle_core::Tensor;

use crate::golden::{gap, path, tensors};

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
