//! Textual inversions: a line that is a prompt, then the tensors of a file by lines; or, where it
//! begins with a zero byte, the file itself.
#![no_main]

use std::path::Path;

use afterimage::weights::{Inversion, Inversions, ModelPart, Piece};
use afterimage_fuzz::{Header, in_a_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(file) = data.strip_prefix(&[0]) {
        in_a_file("Any-word.pt", file, |path| {
            look_into(path, "(any-word:1.2) embedding:Any-Word")
        });
        return;
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (prompt, lines) = text.split_once('\n').unwrap_or((text, ""));
    Header::of(lines).in_a_file("Any-word.safetensors", |path| look_into(path, prompt));
});

fn look_into(path: &Path, prompt: &str) {
    let Ok(inversion) = Inversion::open(path) else {
        return;
    };
    assert!(inversion.count() > 0);
    let Ok(words) = Inversions::named_in(&[prompt], &[path.to_owned()]) else {
        return;
    };
    for part in [ModelPart::TextEncoder, ModelPart::TextEncoder2] {
        for width in [768, 1280] {
            let _fits = words.rows(part, width).is_ok();
        }
    }
    let mut texts = 0;
    for (from, piece) in words.pieces(prompt) {
        if let Piece::Text(text) = piece {
            assert!(prompt[from..].starts_with(text));
            texts += text.len();
        }
    }
    assert!(texts <= prompt.len());
}
