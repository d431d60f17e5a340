use std::fs;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::checkpoint_kit::altered;
use crate::command::{Desk, Said};
use crate::golden::path;

const CURE: &str = "download this file again";

/// Asks for a picture by a model of these bytes. Nothing may come of it but one line.
fn generate(name: &str, bytes: &[u8]) -> Said {
    let desk = Desk::new();
    let file = desk.path(name);
    fs::write(&file, bytes).unwrap();
    let model = file.to_str().unwrap();
    let said = desk.run(["generate", "a cat", "--out", "a.png", "--model", model]);
    said.refused(1, name);
    assert!(!desk.path("a.png").exists());
    said
}

fn refused(name: &str, bytes: &[u8], words: &[&str]) {
    let said = generate(name, bytes);
    for words in words {
        said.refused(1, words);
    }
}

fn header(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

#[test]
fn a_file_that_came_in_part_or_not_at_all_is_to_be_fetched_again() {
    let (_folder, file) = altered("one", |_| {});
    let whole = fs::read(file).unwrap();
    refused(
        "cut.safetensors",
        &whole[..whole.len() - 1],
        &["length", CURE],
    );
    refused("cut.safetensors", &whole[..100], &["header", CURE]);
    refused("none.safetensors", b"", &["it is empty", CURE]);
    let torch = fs::read(path("single/one.ckpt")).unwrap();
    refused("cut.ckpt", &torch[..torch.len() / 2], &["damaged", CURE]);
    let stream = fs::read(path("single/one_stream.ckpt")).unwrap();
    refused("cut.ckpt", &stream[..stream.len() / 2], &["damaged", CURE]);
    let gguf = fs::read(path("gguf/kinds.gguf")).unwrap();
    refused(
        "cut.gguf",
        &gguf[..gguf.len() / 2],
        &["beyond the end", CURE],
    );
    refused("cut.gguf", &gguf[..10], &["beyond its end", CURE]);
}

/// Pickled instructions that would make a file, were they run.
const CODE: &[u8] = b"cos\nsystem\nU\x09touch ran\x85R.";

#[test]
fn a_pickle_with_code_in_it_is_described_and_never_run() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file("x/data.pkl", stored).unwrap();
    archive.write_all(CODE).unwrap();
    let archive = archive.finish().unwrap().into_inner();
    let plain = [b"\x80\x02", CODE].concat();
    for (bytes, words) in [
        (plain, "nothing in it is run"),
        (archive, "no named tensors"),
    ] {
        let desk = Desk::new();
        fs::write(desk.path("code.ckpt"), bytes).unwrap();
        let said = desk.run(["generate", "a cat", "--model", "./code.ckpt"]);
        said.refused(1, "code.ckpt");
        said.refused(1, words);
        said.refused(1, CURE);
        assert!(!desk.path("ran").exists());
    }
}

#[test]
fn an_archive_that_grows_without_end_is_not_unpacked() {
    let bomb = fs::read(path("single/bomb.ckpt")).unwrap();
    refused("bomb.ckpt", &bomb, &["compressed", CURE]);
}

#[test]
fn headers_that_tell_of_more_than_there_could_be_are_refused_before_room_is_made() {
    for text in [
        r#"{"a":{"dtype":"F16","shape":[1152921504606846976],"data_offsets":[0,8]}}"#,
        r#"{"a":{"dtype":"F16","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#,
        r#"{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,9223372036854775807]}}"#,
    ] {
        refused(
            "immense.safetensors",
            &header(text),
            &["in its header", CURE],
        );
    }
    let length = (1u64 << 60).to_le_bytes();
    refused("immense.safetensors", &length, &["longer than it is", CURE]);
}

#[test]
fn other_files_that_were_renamed_are_named_for_what_they_are() {
    let camera = fs::read(path("../formats/camera.jpg")).unwrap();
    let text = fs::read(path("../formats/gray16.png")).unwrap();
    for (bytes, words) in [
        (camera, "it is a picture"),
        (text, "it is a picture"),
        (
            b"<!DOCTYPE html><html></html>".to_vec(),
            "a page of the web",
        ),
        (b"Rar!\x1a\x07\0 and more".to_vec(), "unpack it first"),
    ] {
        refused("renamed.safetensors", &bytes, &[words, CURE]);
    }
}

#[test]
fn gguf_that_miscounts_its_tensors_is_refused() {
    let whole = fs::read(path("gguf/kinds.gguf")).unwrap();
    let count = u64::from_le_bytes(whole[8..16].try_into().unwrap());
    for (count, words) in [
        (1 << 60, "more than there is"),
        (count + 1, "damaged"),
        (count - 1, "fewer tensors than there is room for"),
        (0, "fewer tensors than there is room for"),
    ] {
        let mut altered = whole.clone();
        altered[8..16].copy_from_slice(&count.to_le_bytes());
        refused("miscounted.gguf", &altered, &[words, CURE]);
    }
}

#[test]
fn a_folder_where_a_file_should_be_is_named_as_one() {
    let desk = Desk::new();
    let folder = desk.path("some.safetensors");
    fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let model = path("epsilon");
    let usual = [
        "generate",
        "a cat",
        "--steps",
        "1",
        "--model",
        model.to_str().unwrap(),
    ];
    for (option, words) in [
        (
            "--vae",
            "some.safetensors is a folder where a file should be",
        ),
        ("--lora", "there is no LoRA"),
    ] {
        let said = desk.run(usual.iter().chain(&[option, folder]));
        said.refused(1, words);
        said.refused(1, folder);
    }
}
