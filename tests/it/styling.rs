use std::path::PathBuf;

use afterimage::library::{Origin, read_picture};
use afterimage::raster::{Extent, Pixels, encode_png};
use afterimage::recipe::{StartFrom, Task};

use crate::command::{Desk, Said};
use crate::golden::path;

/// Pictures in the desk's folder.
fn picture(desk: &Desk, name: &str, (width, height): (u32, u32)) -> PathBuf {
    let extent = Extent::new(width, height);
    let seed = name.len() as u32;
    let rgb: Vec<u8> = (0..extent.area() as u32)
        .flat_map(|at| {
            let (x, y) = (at % width, at / width);
            [
                (x * 5 * seed) as u8,
                (y * 7) as u8,
                ((x / 4 + y / 4) % 2 * 200) as u8,
            ]
        })
        .collect();
    let pixels = Pixels::from_rgb(extent, &rgb).unwrap();
    let path = desk.path(name);
    std::fs::write(&path, encode_png(&pixels, &[]).unwrap()).unwrap();
    path
}

/// The command with a narrow VGG-19, small and short.
fn style(desk: &Desk, more: &[&str]) -> Said {
    let weights = path("vgg/vgg19.pth");
    let usual = [
        "style",
        "content.png",
        "style.png",
        "--steps",
        "6",
        "--size",
        "48",
        "--seed",
        "3",
    ];
    let weights = ["--weights", weights.to_str().unwrap()];
    desk.run(usual.iter().chain(&weights).chain(more))
}

fn desk() -> Desk {
    let desk = Desk::new();
    picture(&desk, "content.png", (40, 30));
    picture(&desk, "style.png", (33, 35));
    desk
}

#[test]
fn every_evaluation_is_told_and_the_picture_can_be_made_again() {
    let desk = desk();
    let said = style(
        &desk,
        &["--out", "made.png", "--json", "--keep-colors", "0.5"],
    )
    .well();
    let events = said.events();
    let told: Vec<_> = events
        .iter()
        .filter(|event| event["event"] == "evaluation")
        .collect();
    assert_eq!(told.len(), 6);
    for (at, event) in told.iter().enumerate() {
        assert_eq!(event["evaluation"], at as u64 + 1);
        assert!(event["style_loss"].as_f64().unwrap() > 0.0);
        assert!(event["content_loss"].as_f64().unwrap() >= 0.0);
    }
    assert_eq!(events.last().unwrap()["event"], "finished");
    let made = read_picture(&desk.path("made.png")).unwrap();
    assert_eq!(made.pixels.extent(), Extent::new(48, 36));
    let Origin::Recipe(recipe) = &made.origin else {
        panic!("{:?}", made.origin)
    };
    let Task::Style(styling) = &recipe.task else {
        panic!("{recipe:?}")
    };
    let sha = |name: &str| read_picture(&desk.path(name)).unwrap().pixels.sha256();
    assert_eq!(styling.content.sha256, sha("content.png"));
    assert_eq!(styling.styles[0].image.sha256, sha("style.png"));
    assert_eq!((recipe.steps, recipe.seed), (6, 3));
    assert_eq!(styling.features.id, "vgg19");
    assert_eq!(styling.features.sha256.as_ref().unwrap().len(), 64);
    assert_eq!(styling.keep_colors, 0.5);
    style(&desk, &["--out", "again.png", "--keep-colors", "0.5"]).well();
    let again = read_picture(&desk.path("again.png")).unwrap();
    assert_eq!(again.pixels.rgba(), made.pixels.rgba());
}

#[test]
fn people_are_told_both_losses_and_where_the_picture_is() {
    let desk = desk();
    let said = style(
        &desk,
        &["--steps", "53", "--out", "made.png", "--init", "noise"],
    )
    .well();
    let lines: Vec<_> = said.out.lines().collect();
    assert!(lines[1].starts_with("50 of 53: style loss "), "{lines:?}");
    assert!(lines[2].contains("content loss"), "{lines:?}");
    assert_eq!(lines[3], "made.png");
}

#[test]
fn several_styles_a_mask_and_an_earlier_picture_are_in_the_recipe() {
    let desk = desk();
    picture(&desk, "other-style.png", (20, 50));
    picture(&desk, "mask.png", (40, 30));
    let more = [
        "--also",
        "other-style.png",
        "--mix",
        "3,1",
        "--mask",
        "mask.png",
    ];
    style(&desk, &[&more[..], &["--out", "first.png"]].concat()).well();
    style(
        &desk,
        &[&more[..], &["--from", "first.png", "--out", "second.png"]].concat(),
    )
    .well();
    let Origin::Recipe(recipe) = read_picture(&desk.path("second.png")).unwrap().origin else {
        panic!()
    };
    let Task::Style(styling) = &recipe.task else {
        panic!()
    };
    let weights: Vec<_> = styling.styles.iter().map(|style| style.weight).collect();
    assert_eq!(weights, [3.0, 1.0]);
    assert!(styling.mask.is_some());
    let first = read_picture(&desk.path("first.png"))
        .unwrap()
        .pixels
        .sha256();
    assert!(matches!(&styling.start, StartFrom::Picture(input) if input.sha256 == first));
}

#[test]
fn without_weights_the_embedded_features_do_it() {
    let desk = desk();
    let usual = [
        "style",
        "content.png",
        "style.png",
        "--steps",
        "3",
        "--size",
        "64",
    ];
    let said = desk.run(usual.iter().chain(&["--out", "made.png"])).well();
    assert!(said.out.contains("features embedded"), "{}", said.out);
}

#[test]
fn what_cannot_be_done_is_refused_before_any_work() {
    let desk = desk();
    picture(&desk, "small-mask.png", (10, 10));
    std::fs::write(desk.path("taken.png"), b"mine").unwrap();
    style(&desk, &["--out", "taken.png"]).refused(1, "exists already");
    assert_eq!(std::fs::read(desk.path("taken.png")).unwrap(), b"mine");
    style(&desk, &["--out", "x.png", "--features", "embedded"]).refused(2, "--weights");
    style(&desk, &["--out", "x.png", "--mask", "small-mask.png"]).refused(1, "10x10");
    style(
        &desk,
        &[
            "--out",
            "x.png",
            "--mix",
            "1,2",
            "--also",
            "style.png",
            "--mix",
            "1",
        ],
    )
    .refused(2, "--mix");
    style(&desk, &["--out", "x.png", "--stroke-size", "9"]).refused(1, "stroke size");
    style(&desk, &["--out", "x.png", "--size", "5"]).refused(1, "longer side");
    style(&desk, &["--out", "x.png", "--style-weight", "0"]).refused(1, "weights");
    let other = path("vgg/other_bn.safetensors");
    style(
        &desk,
        &["--out", "x.png", "--weights", other.to_str().unwrap()],
    )
    .refused(1, "VGG-19");
    let words = [
        "style",
        "content.png",
        "style.png",
        "--features",
        "vgg19",
        "--out",
        "x.png",
    ];
    desk.run(words).refused(1, "vgg19-dcbb9e9d.pth");
    assert!(!desk.path("x.png").exists());
}

#[test]
fn a_quick_style_is_made_without_a_window_and_paints_a_picture() {
    let desk = desk();
    let learn = |more: &[&str]| {
        let usual = ["quick-style", "style.png", "--out", "quick.safetensors"];
        let usual = usual.iter().chain(&["--steps", "3", "--content", "."]);
        desk.run(usual.chain(more))
    };
    let said = learn(&["--json"]).well();
    let events = said.events();
    let steps = events.iter().filter(|event| event["event"] == "step");
    let steps: Vec<_> = steps.map(|event| event["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [0, 1, 2, 3]);
    assert_eq!(events[events.len() - 2]["path"], "quick.safetensors");
    assert_eq!(events.last().unwrap()["event"], "finished");
    assert!(!desk.path("quick.unfinished").exists());
    learn(&[]).refused(1, "exists already");

    let paint = |more: &[&str]| {
        let usual = ["style", "content.png", "--size", "48", "--out", "made.png"];
        desk.run(usual.iter().chain(more))
    };
    paint(&["--quick", "quick.safetensors"]).well();
    let made = read_picture(&desk.path("made.png")).unwrap();
    assert_eq!(made.pixels.extent(), Extent::new(48, 36));
    let Origin::Recipe(recipe) = &made.origin else {
        panic!("{:?}", made.origin)
    };
    let Task::Style(styling) = &recipe.task else {
        panic!("{:?}", recipe.task)
    };
    assert_eq!(styling.features.id, "quick");
    assert_eq!(styling.features.quick.as_deref(), Some("quick.safetensors"));
    assert_eq!(styling.features.sha256.as_ref().unwrap().len(), 64);

    paint(&["--quick", "none", "--force"]).refused(1, "there is no quick style");
    paint(&["--features", "quick", "style.png", "--force"]).refused(2, "--quick");
    let both = [
        "--quick",
        "quick.safetensors",
        "--features",
        "embedded",
        "--force",
    ];
    paint(&both).refused(2, "--quick");
}
