use std::fs;
use std::path::{Path, PathBuf};

use afterimage::models::{AutoencoderKl, LATENT_COLORS, LatentColors};
use afterimage::training::preview::{FitPictures, fit_preview};
use afterimage::training::reading::Attribute;
use afterimage::weights::FolderFiles;
use candle_core::Device;
use serde_json::{Map, Value, json};

use crate::clip_kit::copied;
use crate::command::{Desk, Said};
use crate::golden::path;

/// A tiny CLIP that reads with the painter's own names.
fn reader(desk: &Desk) -> PathBuf {
    let folder = copied("new", &desk.path("clip"));
    let texts = |value: &str| json!({"en": value, "zh": format!("{value}的画")});
    let table: Map<String, Value> = Attribute::ALL
        .into_iter()
        .map(|(attribute, name)| {
            let values = attribute.values().into_iter();
            let values: Map<_, _> = values
                .map(|value| (value.to_owned(), texts(value)))
                .collect();
            (name.to_owned(), values.into())
        })
        .collect();
    fs::write(folder.join("reading.json"), Value::from(table).to_string()).unwrap();
    folder
}

fn evaluate(desk: &Desk, clip: &Path, more: &[&str]) -> Said {
    let model = path("epsilon");
    let usual = [
        "evaluate",
        model.to_str().unwrap(),
        "--captions",
        "4",
        "--steps",
        "1",
        "--clip",
        clip.to_str().unwrap(),
    ];
    desk.run(usual.iter().chain(more))
}

#[test]
fn held_out_captions_are_drawn_and_read_in_both_languages() {
    let desk = Desk::new();
    let clip = reader(&desk);
    let said = evaluate(&desk, &clip, &["--json"]).well();
    let events = said.events();
    let of = |kind: &str| -> Vec<&Value> {
        events.iter().filter(|line| line["event"] == kind).collect()
    };
    // A fifth of them comes on top, of held-out combinations.
    let pictures = of("picture");
    assert_eq!(pictures.len(), 5);
    let caption = |at: usize| pictures[at]["caption"].as_str().unwrap();
    assert!(caption(0).is_ascii() && !caption(1).is_ascii());
    assert_eq!(pictures[0]["read"].as_object().unwrap().len(), 5);
    let rows = of("row");
    let counts: Vec<_> = rows
        .iter()
        .map(|row| row["pictures"].as_u64().unwrap())
        .collect();
    assert_eq!(counts[..3], [5, 3, 2]);
    assert!(counts[3] >= 1);
    assert_eq!(counts[4..6], [5, 5]);
    assert_eq!(counts[6], counts[3]);
    for row in rows {
        let place = row["percent"]["place"].as_f64().unwrap();
        assert!((0.0..=100.0).contains(&place));
    }
    let again = evaluate(&desk, &clip, &["--json"]).well();
    let without_time = |said: &Said| {
        let mut events = said.events();
        events.pop();
        events
    };
    assert_eq!(without_time(&said), without_time(&again));
}

#[test]
fn people_read_a_table() {
    let desk = Desk::new();
    let said = evaluate(&desk, &reader(&desk), &[]).well();
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines.len(), 8, "{}", said.out);
    for word in [
        "subject", "color", "place", "time", "style", "both", "pictures",
    ] {
        assert!(lines[0].contains(word), "{}", lines[0]);
    }
    assert!(lines[1].starts_with("drawn "));
    assert!(lines[5].contains("read in English"));
}

#[test]
fn texts_that_are_missing_are_named() {
    let desk = Desk::new();
    let clip = reader(&desk);
    let file = clip.join("reading.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"lighthouse\"", "\"candle\"")).unwrap();
    evaluate(&desk, &clip, &[]).refused(1, "it lacks subject/lighthouse");
}

#[test]
fn a_fitted_map_is_nearer_to_pictures_and_is_used_from_then_on() {
    let desk = Desk::new();
    let folder = desk.path("model");
    fs::create_dir_all(folder.join("vae")).unwrap();
    for entry in fs::read_dir(path("epsilon/vae")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join("vae").join(entry.file_name())).unwrap();
    }
    let files = FolderFiles::new(&folder);
    let pictures = FitPictures {
        count: 6,
        side: 32,
        seed: 1,
    };
    let fitted = fit_preview(&files, pictures, &mut |_| ()).unwrap();
    assert!(fitted.error < fitted.error_before, "{fitted:?}");
    assert!(fitted.contrast <= 1.0 + 1e-6, "{fitted:?}");
    let words = [
        "fit",
        "preview",
        "--pictures",
        "6",
        "--size",
        "32",
        "--seed",
        "1",
        "--model",
    ];
    let model = folder.to_str().unwrap();
    let said = desk.run(words.iter().chain(&[model])).well();
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let told: LatentColors = serde_json::from_value(told[LATENT_COLORS].clone()).unwrap();
    for (ours, theirs) in told.matrix.iter().zip(&fitted.colors.matrix) {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-4);
        }
    }
    let colors = || {
        let autoencoder = AutoencoderKl::read(&files).unwrap();
        LatentColors::of(&autoencoder, &Device::Cpu).unwrap()
    };
    assert_ne!(colors(), told);
    desk.run(words.iter().chain(&[model, "--write"])).well();
    assert_eq!(colors(), told);
    let config = folder.join("vae/config.json");
    let text = fs::read_to_string(&config).unwrap();
    let mut config_now: Value = serde_json::from_str(&text).unwrap();
    config_now[LATENT_COLORS]["matrix"] = json!([[1, 2, 3]]);
    fs::write(&config, config_now.to_string()).unwrap();
    let error = AutoencoderKl::read(&files).unwrap_err();
    assert!(
        error.to_string().contains("a row of three numbers"),
        "{error}"
    );
}
