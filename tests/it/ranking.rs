use std::fs;
use std::path::{Path, PathBuf};

use afterimage::library::ASIDE;
use afterimage::models::embedded_clip;
use afterimage::raster::{Extent, Pixels, encode_png};

use crate::clip_kit::{copied, texts};
use crate::command::{Desk, Said, names};
use crate::golden::{path, tensors};

/// Lays both pictures of the goldens on a desk, and gives their scores for a text.
fn pictures(desk: &Desk, clip: &str, text: usize) -> [f32; 2] {
    let goldens = tensors(&format!("clip/{clip}/golden.safetensors"));
    for (index, name) in ["a.png", "b.png"].into_iter().enumerate() {
        let picture = &goldens[&format!("picture.{index}")];
        let (height, width, _) = picture.dims3().unwrap();
        let rgb = picture.flatten_all().unwrap().to_vec1::<u8>().unwrap();
        let extent = Extent::new(width as u32, height as u32);
        let pixels = Pixels::from_rgb(extent, &rgb).unwrap();
        fs::write(desk.path(name), encode_png(&pixels, &[]).unwrap()).unwrap();
    }
    let score = |index: usize| {
        let row = goldens["score"].get(index).unwrap().get(text).unwrap();
        row.to_scalar::<f32>().unwrap()
    };
    [score(0), score(1)]
}

fn rank(desk: &Desk, clip: &Path, text: &str, more: &[&str]) -> Said {
    let usual = ["rank", "--prompt", text, "--clip", clip.to_str().unwrap()];
    desk.run(usual.iter().chain(more))
}

#[test]
fn pictures_are_told_best_first_with_the_scores_of_transformers() {
    for clip in ["old", "new"] {
        let desk = Desk::new();
        let folder = path("clip").join(clip);
        for (index, text) in texts().iter().enumerate().take(3) {
            let theirs = pictures(&desk, clip, index);
            let said = rank(&desk, &folder, text, &["a.png", "b.png", "--json"]).well();
            let told = said.events();
            let ours: Vec<_> = told
                .iter()
                .map(|line| {
                    (
                        line["path"].as_str().unwrap(),
                        line["score"].as_f64().unwrap(),
                    )
                })
                .collect();
            assert!(ours[0].1 >= ours[1].1, "{ours:?}");
            for (name, score) in ours {
                let theirs = theirs[usize::from(name == "b.png")];
                assert!(
                    (score - f64::from(theirs)).abs() < 1e-3,
                    "{name}: {score} {theirs}"
                );
            }
        }
    }
}

#[test]
fn people_read_score_cosine_and_name() {
    let desk = Desk::new();
    pictures(&desk, "old", 0);
    let said = rank(&desk, &path("clip/old"), "the cat", &["a.png"]).well();
    let parts: Vec<_> = said.out.trim().split('\t').collect();
    assert_eq!(parts.len(), 3, "{}", said.out);
    assert!(parts[0].parse::<f64>().is_ok() && parts[1].parse::<f64>().is_ok());
    assert_eq!(parts[2], "a.png");
}

#[test]
fn a_picture_that_cannot_be_read_does_not_keep_the_others_from_being_told() {
    let desk = Desk::new();
    pictures(&desk, "old", 0);
    fs::write(desk.path("broken.png"), b"no picture").unwrap();
    let said = rank(
        &desk,
        &path("clip/old"),
        "the cat",
        &["broken.png", "a.png"],
    );
    said.refused(1, "broken.png cannot be read");
    assert!(said.out.contains("a.png"), "{}", said.out);
}

#[test]
fn without_any_clip_it_is_told_what_to_do() {
    let desk = Desk::new();
    pictures(&desk, "old", 0);
    let said = desk.run(["rank", "--prompt", "a cat", "a.png"]);
    if embedded_clip().is_some() {
        said.well();
    } else {
        said.refused(1, "there is no CLIP to compare with");
    }
}

/// Spoils a copy of a CLIP and expects to be told so in one line.
fn refused(spoil: impl FnOnce(&Path), words: &str) {
    let desk = Desk::new();
    pictures(&desk, "old", 0);
    let folder = copied("old", &desk.path("clip"));
    spoil(&folder);
    rank(&desk, &folder, "a cat", &["a.png"]).refused(1, words);
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn what_is_no_whole_clip_is_named_for_what_it_is() {
    for (from, to, words) in [
        (
            "\"model_type\": \"clip\"",
            "\"model_type\": \"clip_vision_model\"",
            "sees pictures alone",
        ),
        (
            "\"model_type\": \"clip\"",
            "\"model_type\": \"siglip\"",
            "names siglip",
        ),
        ("\"patch_size\": 8", "\"patch_size\": 0", "patch_size is 0"),
        (
            "\"patch_size\": 8",
            "\"patch_size\": 16",
            "does not fit its config.json",
        ),
        (
            "\"image_size\": 32",
            "\"image_size\": 4000000000",
            "image_size is",
        ),
        (
            "\"num_attention_heads\": 4",
            "\"num_attention_heads\": 5",
            "5 heads",
        ),
    ] {
        refused(|folder| edit(folder, "config.json", from, to), words);
    }
    for file in [
        "config.json",
        "model.safetensors",
        "vocab.json",
        "merges.txt",
    ] {
        refused(|folder| fs::remove_file(folder.join(file)).unwrap(), file);
    }
    let cut = |folder: &Path| {
        let file = folder.join("model.safetensors");
        let bytes = fs::read(&file).unwrap();
        fs::write(file, &bytes[..1000]).unwrap();
    };
    refused(cut, "damaged");
    let other_square = |folder: &Path| {
        edit(
            folder,
            "preprocessor_config.json",
            "\"crop_size\": 32",
            "\"crop_size\": 24",
        );
    };
    refused(other_square, "32x32");
}

#[test]
fn one_file_is_no_clip() {
    let desk = Desk::new();
    pictures(&desk, "old", 0);
    let file = path("clip/old/model.safetensors");
    rank(&desk, &file, "a cat", &["a.png"]).refused(1, "it is one file");
    rank(&desk, &desk.path("nothing"), "a cat", &["a.png"]).refused(1, "no such folder");
}

#[test]
fn half_a_clip_is_told_to_be_half() {
    let halve = |folder: &Path| {
        let file = folder.join("model.safetensors");
        let mut tensors = candle_core::safetensors::load(&file, &candle_core::Device::Cpu).unwrap();
        tensors.retain(|name, _| !name.starts_with("text_"));
        candle_core::safetensors::save(&tensors, &file).unwrap();
    };
    refused(halve, "one of both encoders alone");
}

fn scores(said: &Said) -> Vec<(PathBuf, f64)> {
    let told = said.events().into_iter();
    let told = told.filter(|line| line["event"] == "score");
    told.map(|line| {
        let path = PathBuf::from(line["path"].as_str().unwrap());
        (path, line["score"].as_f64().unwrap())
    })
    .collect()
}

#[test]
fn of_several_pictures_the_best_stay_and_the_others_are_set_aside() {
    let desk = Desk::new();
    let clip = path("clip/old");
    let keep = [
        "--count",
        "4",
        "--keep",
        "1",
        "--seed",
        "3",
        "--out",
        "cat.png",
        "--clip",
        clip.to_str().unwrap(),
        "--json",
    ];
    let said = desk.generate(&keep).well();
    let told = scores(&said);
    assert_eq!(told.len(), 4, "{}", said.out);
    let best = &told[0];
    assert!(told.iter().all(|(_, score)| *score <= best.1), "{told:?}");
    assert!(best.1 > told[3].1, "all are alike");
    let kept: Vec<_> = (1..=4)
        .map(|number| desk.path(&format!("cat-{number}.png")))
        .filter(|path| path.exists())
        .collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].file_name(), best.0.file_name());
    assert_eq!(names(&desk.path(ASIDE)).len(), 3);
}

#[test]
fn without_json_the_kept_ones_are_told_with_their_scores() {
    let desk = Desk::new();
    let clip = path("clip/new");
    let keep = [
        "--count",
        "3",
        "--keep",
        "2",
        "--out",
        "cat.png",
        "--clip",
        clip.to_str().unwrap(),
    ];
    let said = desk.generate(&keep).well();
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", said.out);
    let score = |line: &str| line.split('\t').next().unwrap().parse::<f64>().unwrap();
    assert!(score(lines[0]) >= score(lines[1]));
    assert_eq!(names(&desk.path(ASIDE)).len(), 1);
}
