use afterimage::library::{Origin, read_picture};
use afterimage::models::{Manifest, MemoryNeeds};
use afterimage::pipelines::{CancelToken, Demand, MemoryPlan, Silent, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Recipe, Shortcuts, Span, Task, WeightBits};
use afterimage::weights::FolderFiles;
use serde_json::{Value, json};

use crate::command::Desk;
use crate::golden::{gap, made, model, path, recipe};
use crate::studio_kit::{self, Studio};

/// What was foretold, the first thing that is said.
fn planned(desk: &Desk, more: &[&str]) -> Value {
    let usual = [
        "--json", "--seed", "3", "--size", "64x64", "--steps", "1", "--force", "--out", "a.png",
    ];
    let events = desk.generate(&[&usual[..], more].concat()).well().events();
    assert_eq!(events[0]["event"], "planned");
    events[0].clone()
}

fn bytes_of(planned: &Value) -> u64 {
    planned["memory_bytes"].as_u64().unwrap()
}

/// The pixels of the picture, and the tiles its recipe tells of.
fn picture(desk: &Desk) -> (Vec<u8>, u32) {
    let file = read_picture(&desk.path("a.png")).unwrap();
    let Origin::Recipe(recipe) = file.origin else {
        panic!("{:?}", file.origin)
    };
    (file.pixels.rgb(), recipe.decode_tile)
}

#[test]
fn what_fits_is_drawn_as_it_is_asked_for() {
    let desk = Desk::new();
    let planned = planned(&desk, &["--memory-limit", "64GiB"]);
    assert_eq!(planned["allowed_bytes"], 64_u64 << 30);
    assert_eq!(planned["fits_by"], json!([]));
    assert_eq!(planned.get("message"), None);
    assert_eq!(picture(&desk).1, 0);
}

#[test]
fn tiles_that_are_asked_for_change_the_picture_a_little_and_are_in_its_recipe() {
    let desk = Desk::new();
    planned(&desk, &[]);
    let (whole, _) = picture(&desk);
    planned(&desk, &["--decode-tile", "32"]);
    let (tiled, side) = picture(&desk);
    assert_eq!(side, 32);
    assert_ne!(tiled, whole);
}

#[test]
fn what_cannot_fit_is_refused_with_numbers_and_nothing_is_begun() {
    let desk = Desk::new();
    let limit = bytes_of(&planned(&desk, &[])).to_string();
    let usual = [
        "--memory-limit",
        &limit,
        "--size",
        "1024x1024",
        "--out",
        "b.png",
    ];
    let said = desk.generate(&[&usual[..], &["--json"]].concat());
    assert_eq!(said.code, Some(1));
    for told in [
        "a picture of 1024x1024 needs ",
        " may be used: choose at most ",
    ] {
        assert!(said.err.contains(told), "{}", said.err);
    }
    let events = said.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["event"], "failed");
    assert!(!desk.path("b.png").exists());
    desk.generate(&["--memory-limit", "1MiB"])
        .refused(1, "choose a smaller model, or allow more memory");
    desk.generate(&["--memory-limit", "much"])
        .refused(2, "an amount of memory");
    desk.generate(&["--decode-tile", "100"])
        .refused(2, "give a multiple of 8");
}

fn needs() -> MemoryNeeds {
    let manifest = Manifest::read(&FolderFiles::new(path("epsilon"))).unwrap();
    manifest.needs()
}

#[test]
fn text_encoders_are_dropped_and_read_again_and_the_pictures_stay_what_they_are() {
    let prompts = ["a cat", "a mat in the snow", "a cat"];
    let mut roomy = Studio::new();
    let expected = prompts.map(|prompt| roomy.make(studio_kit::recipe(prompt)).unwrap().0.pixels);
    let mut narrow = Studio::new();
    let mut draft = Draft::default();
    draft.adopt(&studio_kit::recipe(prompts[0]));
    let demand = Demand::of(&draft, &needs());
    let whole = MemoryPlan::of(&needs(), &demand, None).unwrap();
    narrow.allow_memory(whole.bytes - 1);
    for (prompt, expected) in prompts.into_iter().zip(expected) {
        let (made, notes) = narrow.make(studio_kit::recipe(prompt)).unwrap();
        assert_eq!(made.pixels, expected, "{prompt}");
        assert_eq!(
            notes,
            ["fits into memory by unloading the text encoders once the prompts are read"]
        );
        assert_eq!(made.recipe.decode_tile, 0);
    }
}

#[test]
fn the_engine_refuses_what_does_not_fit_whoever_asks() {
    let mut studio = Studio::new();
    studio.allow_memory(1 << 20);
    let refusal = studio.make(studio_kit::recipe("a cat")).unwrap_err();
    assert!(refusal.contains("may be used"), "{refusal}");
    studio.allow_memory(64 << 30);
    assert!(studio.make(studio_kit::recipe("a cat")).is_ok());
}

#[test]
fn a_model_that_was_refused_is_not_taken_for_the_next_one() {
    let halved = || Recipe {
        weight_bits: WeightBits::Half,
        ..studio_kit::recipe("a cat")
    };
    let expected = Studio::new().make(halved()).unwrap().0.pixels;
    let mut studio = Studio::new();
    studio.make(studio_kit::recipe("a cat")).unwrap();
    studio.allow_memory(1 << 20);
    let mut other = studio_kit::recipe("a cat");
    other.model.name = path("velocity").display().to_string();
    studio.make(other).unwrap_err();
    studio.allow_memory(64 << 30);
    assert_eq!(studio.make(halved()).unwrap().0.pixels, expected);
}

#[test]
fn one_text_after_the_other_is_the_same_picture() {
    let mut model = model("epsilon");
    for shortcuts in [
        Shortcuts::default(),
        Shortcuts {
            guidance: Span { from: 0.0, to: 0.6 },
            cache_interval: 2,
        },
    ] {
        let recipe = recipe(Task::TextToImage, Extent::new(16, 24), |draft| {
            "a cat AND a mat :0.7 AND snow".clone_into(&mut draft.prompt);
            draft.shortcuts = shortcuts;
        });
        let mut latents = [false, true].into_iter().map(|one_text| {
            model.one_text = one_text;
            let outcome = text_to_image(&model, &recipe, &CancelToken::new(), &mut Silent);
            made(outcome.unwrap()).tensors.latents
        });
        let (together, apart) = (latents.next().unwrap(), latents.next().unwrap());
        let gap = gap(&together, &apart);
        assert!(gap < 1e-5, "{gap}");
    }
}
