use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use afterimage::library::{Origin, read_picture};
use afterimage::raster::{Extent, Pixels, decode, encode_png};
use afterimage::recipe::Task;
use serde_json::Value;

use crate::command::{Desk, Said, names};
use crate::upscaling_kit::file;

fn picture(side: u32) -> Pixels {
    let extent = Extent::new(side, side);
    let rgb = (0..extent.area() * 3).map(|at| (at * 7 % 251) as u8);
    Pixels::from_rgb(extent, &rgb.collect::<Vec<_>>()).unwrap()
}

fn with_picture(side: u32) -> Desk {
    let desk = Desk::new();
    let file = encode_png(&picture(side), &[]).unwrap();
    std::fs::write(desk.path("cat.png"), file).unwrap();
    desk
}

fn upscale(desk: &Desk, more: &[&str]) -> Said {
    desk.run([&["upscale", "cat.png"], more].concat())
}

/// The folder of models, with a tiny network.
fn with_network(desk: &Desk, name: &str) {
    let folder = desk.path("data/afterimage/models/upscale");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(file(name), folder.join(name)).unwrap();
}

fn extent(path: &Path) -> Extent {
    read_picture(path).unwrap().pixels.extent()
}

fn lines(said: &Said) -> Vec<Value> {
    let lines = said.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn without_a_network_of_ones_own_sprout_makes_it_larger_and_says_so() {
    let desk = with_picture(20);
    for (scale, name) in [("4", "sprout-x4"), ("1.5", "sprout-x2")] {
        let said = upscale(&desk, &["--scale", scale, "--out", "large.png", "--force"]).well();
        let by = format!("by {name} (SRVGGNetCompact)");
        assert!(said.err.contains(&by), "{}", said.err);
        let made = read_picture(&desk.path("large.png")).unwrap();
        let Origin::Recipe(recipe) = made.origin else {
            panic!("{:?}", made.origin)
        };
        assert_eq!(recipe.model.name, name);
        assert_eq!(recipe.model.sha256.unwrap().len(), 64);
    }
    // By its name, too.
    let named = ["--model", "sprout-x2", "--out", "twice.png"];
    upscale(&desk, &named).well();
    assert_eq!(extent(&desk.path("twice.png")), Extent::new(40, 40));
    // One leaves the size as it is.
    let named = ["--model", "sprout-restore", "--out", "clean.png"];
    upscale(&desk, &named).well();
    assert_eq!(extent(&desk.path("clean.png")), Extent::new(20, 20));
}

#[test]
fn lanczos_makes_it_larger_and_says_so() {
    let desk = with_picture(20);
    let words = ["--method", "lanczos", "--out", "large.png"];
    let said = upscale(&desk, &words).well();
    assert_eq!(said.out, "large.png\n");
    assert!(said.err.contains("by Lanczos (no network)"), "{}", said.err);
    assert!(said.err.contains("20x20 to 80x80"), "{}", said.err);
    let made = read_picture(&desk.path("large.png")).unwrap();
    assert_eq!(made.pixels.extent(), Extent::new(80, 80));
    let Origin::Recipe(recipe) = made.origin else {
        panic!("{:?}", made.origin)
    };
    let Task::Upscale(enlargement) = &recipe.task else {
        panic!("{recipe:?}")
    };
    assert_eq!(enlargement.method, "lanczos");
    assert_eq!(enlargement.image.sha256, picture(20).sha256());
    assert!((enlargement.scale - 4.0).abs() < 1e-9 && recipe.model.name.is_empty());
    let texts = decode(&std::fs::read(desk.path("large.png")).unwrap())
        .unwrap()
        .texts;
    let parameters = &texts.iter().find(|(key, _)| key == "parameters").unwrap().1;
    assert!(parameters.contains("Postprocess upscale by: 4, Postprocess upscaler: lanczos"));
}

#[test]
fn a_network_is_found_by_name_or_file_and_its_recipe_makes_the_picture_again() {
    let desk = with_picture(21);
    with_network(&desk, "body_x4.pth");
    let said = upscale(&desk, &["--out", "found.png", "--tile", "8"]).well();
    assert!(said.err.contains("body_x4 (RRDBNet)"), "{}", said.err);
    assert!(said.err.contains("9 parts of 8x8"), "{}", said.err);
    assert!(said.err.contains("the network sees 19"), "{}", said.err);
    upscale(
        &desk,
        &["--model", "body_x4", "--out", "named.png", "--tile", "8"],
    )
    .well();
    let path = file("body_x4.pth");
    let path = path.to_str().unwrap();
    upscale(
        &desk,
        &["--model", path, "--out", "path.png", "--tile", "8"],
    )
    .well();
    let bytes = |name| std::fs::read(desk.path(name)).unwrap();
    assert_eq!(bytes("found.png"), bytes("named.png"));
    assert_eq!(bytes("found.png"), bytes("path.png"));
    let Origin::Recipe(recipe) = read_picture(&desk.path("found.png")).unwrap().origin else {
        panic!()
    };
    assert_eq!(recipe.model.name, "body_x4");
    assert_eq!(recipe.model.sha256.map(|hash| hash.len()), Some(64));
    let Task::Upscale(enlargement) = recipe.task else {
        panic!()
    };
    assert_eq!(
        (enlargement.tile, enlargement.tile_pad, enlargement.pre_pad),
        (8, 10, 10)
    );
    upscale(&desk, &["--method", "lanczos", "--out", "other.png"]).well();
    assert_ne!(bytes("found.png"), bytes("other.png"));
    upscale(&desk, &["--scale", "1.5", "--out", "half.png"]).well();
    assert_eq!(extent(&desk.path("half.png")), Extent::new(32, 32));
    upscale(&desk, &["--size", "50x33", "--out", "size.png"]).well();
    assert_eq!(extent(&desk.path("size.png")), Extent::new(50, 33));
}

#[test]
fn several_pictures_go_to_a_folder_and_programs_hear_of_every_part() {
    let desk = with_picture(20);
    std::fs::copy(desk.path("cat.png"), desk.path("dog.png")).unwrap();
    let words = [
        "upscale", "cat.png", "dog.png", "--scale", "2", "--json", "--out",
    ];
    desk.run([&words[..], &["one.png"]].concat())
        .refused(2, "give a folder");
    let said = desk.run([&words[..], &["new/"]].concat()).well();
    assert_eq!(names(&desk.path("new")), ["cat-x2.png", "dog-x2.png"]);
    let lines = lines(&said);
    let events: Vec<_> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        [
            "plan", "plan", "started", "tile", "picture", "started", "tile", "picture", "finished"
        ]
    );
    assert_eq!(lines[0]["to"], serde_json::json!([40, 40]));
    assert_eq!(lines[3]["tiles"], 1);
    assert_eq!(lines[8]["pictures"], 2);
    assert!(lines[8]["peak_memory_bytes"].as_u64().unwrap() > 0);
    desk.run([&words[..], &["new/"]].concat())
        .refused(1, "cat-x2.png exists already");
    desk.run([&words[..], &["new/", "--force"]].concat()).well();
}

#[test]
fn a_picture_of_sixteen_bits_with_alpha_and_metadata_stays_one() {
    let desk = Desk::new();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 12, 10);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder
        .add_text_chunk("Author".to_owned(), "somebody".to_owned())
        .unwrap();
    let mut writer = encoder.write_header().unwrap();
    let samples: Vec<u8> = (0..12 * 10 * 8u32)
        .map(|at| (at * 37 % 253) as u8)
        .collect();
    writer.write_image_data(&samples).unwrap();
    writer.finish().unwrap();
    std::fs::write(desk.path("cat.png"), &bytes).unwrap();
    with_network(&desk, "body_x4.pth");
    for method in ["network", "lanczos"] {
        let out = format!("{method}.png");
        upscale(&desk, &["--method", method, "--out", &out]).well();
        let file = std::fs::read(desk.path(&out)).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(&file))
            .read_info()
            .unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (48, 40));
        assert_eq!(info.color_type, png::ColorType::Rgba);
        assert_eq!(info.bit_depth, png::BitDepth::Sixteen);
        let texts = &info.uncompressed_latin1_text;
        assert!(texts.iter().any(|text| text.text == "somebody"));
    }
    upscale(&desk, &["--out", "a.jpg"]).refused(1, "transparency");
    upscale(&desk, &["--out", "a.webp"]).refused(1, "16 bits");
}

#[test]
fn an_alpha_that_hides_nothing_does_not_keep_a_picture_from_being_a_jpeg() {
    let desk = Desk::new();
    let write = |alpha: u8| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 12, 10);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().unwrap();
        let mut samples = [70, 140, 210, 255].repeat(120);
        samples[7] = alpha;
        writer.write_image_data(&samples).unwrap();
        writer.finish().unwrap();
        std::fs::write(desk.path("cat.png"), bytes).unwrap();
    };
    write(255);
    let flat = ["--method", "lanczos", "--scale", "2", "--out", "a.jpg"];
    upscale(&desk, &flat).well();
    let made = read_picture(&desk.path("a.jpg")).unwrap().pixels;
    assert_eq!(made.extent(), Extent::new(24, 20));
    let near = |pixel: &[u8]| {
        pixel
            .iter()
            .zip([70, 140, 210])
            .all(|(a, b)| a.abs_diff(b) < 4)
    };
    assert!(made.rgba().chunks_exact(4).all(|pixel| near(&pixel[..3])));
    write(254);
    upscale(&desk, &["--scale", "2", "--out", "b.jpg"]).refused(1, "transparency");
}

#[test]
fn what_cannot_be_done_is_refused_before_the_work() {
    let desk = with_picture(40);
    with_network(&desk, "compact_general.pth");
    let refused = |code: i32, words: &str, more: &[&str]| {
        let said = upscale(&desk, more);
        said.refused(code, words);
    };
    // No disk holds that much.
    let huge = ["--method", "lanczos", "--scale", "50000", "--out", "a.png"];
    refused(1, "MiB left on that disk", &huge);
    refused(1, "16383", &["--scale", "500", "--out", "a.webp"]);
    refused(1, "65535", &["--scale", "1700", "--out", "a.jpg"]);
    refused(2, "no such kind of picture", &["--out", "a.tga"]);
    refused(
        1,
        "are allowed: allow more memory",
        &["--memory", "100MiB", "--out", "a.png"],
    );
    refused(
        1,
        "give a factor above 0",
        &["--scale", "0", "--out", "a.png"],
    );
    refused(
        1,
        "parts of at least 40",
        &[
            "--tile",
            "8",
            "--tile-pad",
            "40",
            "--feather",
            "--out",
            "a.png",
        ],
    );
    refused(
        1,
        "there is no network \"none\"",
        &["--model", "none", "--out", "a.png"],
    );
    refused(
        1,
        "(compact_general, sprout-x2, sprout-x4, sprout-x4-crisp, sprout-restore)",
        &["--model", "none", "--out", "a.png"],
    );
    refused(
        2,
        "is for --method network",
        &["--model", "x", "--method", "lanczos", "--out", "a.png"],
    );
    let other = crate::golden::path("vgg/vgg19.pth");
    refused(
        1,
        "holds no network that enlarges",
        &["--model", other.to_str().unwrap(), "--out", "a.png"],
    );
    refused(1, "exists already", &["--out", "cat.png"]);
    std::fs::write(desk.path("cat.png"), b"no picture").unwrap();
    refused(1, "not a picture we can read", &["--out", "a.png"]);
    assert_eq!(names(desk.folder.path()), ["cat.png", "data"]);
}

#[test]
fn a_plan_is_told_and_nothing_done() {
    let desk = with_picture(40);
    let said = upscale(&desk, &["--plan", "--json", "--out", "a.png"]).well();
    let lines = lines(&said);
    assert_eq!(lines[0]["event"], "plan");
    assert_eq!(lines[0]["method"], "network");
    assert!(!desk.path("a.png").exists());
}

#[test]
fn other_kinds_of_files_are_written_too() {
    let desk = with_picture(16);
    for name in ["a.webp", "a.jpg", "plain"] {
        upscale(&desk, &["--scale", "2", "--out", name]).well();
        assert_eq!(extent(&desk.path(name)), Extent::new(32, 32), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_leaves_nothing_behind() {
    let desk = with_picture(900);
    let mut running = desk
        .program()
        .args([
            "upscale",
            "cat.png",
            "--scale",
            "12",
            "--out",
            "new/large.png",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let begun = || desk.path("new").is_dir() && !names(&desk.path("new")).is_empty();
    while !begun() {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "nothing was begun"
        );
        assert!(running.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = running.id().to_string();
    let asked = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(asked.unwrap().success());
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("the run was cancelled"), "{err}");
    assert!(names(&desk.path("new")).is_empty());
}
