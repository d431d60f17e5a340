use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use afterimage::library::{Origin, encode_picture, read_picture};
use afterimage::raster::{Extent, Pixels};
use afterimage::training::quick_style::SAVED_EVERY;
use serde_json::Value;

use crate::command::{Desk, names};
use crate::golden::path;

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Kills the program at five different moments of a run without end.
#[test]
fn after_five_kills_every_picture_is_whole_and_no_part_has_a_final_name() {
    let model = path("epsilon");
    for round in 0..5u64 {
        let desk = Desk::new();
        let out = desk.path("out");
        std::fs::create_dir(&out).unwrap();
        let mut run = desk
            .program()
            .args([
                "generate", "a cat", "--steps", "1", "--count", "100000", "--out", "out/",
                "--model",
            ])
            .arg(&model)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Not before the first picture: a kill during start-up shows nothing.
        let patience = Instant::now() + Duration::from_mins(1);
        while names(&out).iter().all(|name| !has_extension(name, "png")) {
            assert!(Instant::now() < patience, "no picture within a minute");
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(13 * round));
        run.kill().unwrap();
        run.wait().unwrap();
        let names = names(&out);
        for name in &names {
            if has_extension(name, "part") {
                assert!(name.starts_with(".afterimage-"), "{name}");
                continue;
            }
            let file = read_picture(&out.join(name)).unwrap();
            assert!(matches!(file.origin, Origin::Recipe(_)), "{name}");
        }
        assert!(names.iter().any(|name| has_extension(name, "png")));
    }
}

/// The step a line of a lesson tells of.
fn step_of(line: &str) -> Option<u64> {
    let line: Value = serde_json::from_str(line).unwrap();
    line["step"].as_u64()
}

/// Kills the program while it learns a style, and has it learn the same again.
#[test]
fn after_a_kill_a_lesson_goes_on_from_where_it_was_saved() {
    let desk = Desk::new();
    let extent = Extent::new(32, 32);
    let style = Pixels::from_rgb(extent, &[200, 90, 30].repeat(extent.area())).unwrap();
    std::fs::write(
        desk.path("style.png"),
        encode_picture(&style, None).unwrap(),
    )
    .unwrap();
    let saved = u64::from(SAVED_EVERY);
    let steps = (saved + 3).to_string();
    let command = [
        "quick-style",
        "style.png",
        "--out",
        "quick.safetensors",
        "--json",
        "--steps",
        &steps,
    ];
    let mut run = desk
        .program()
        .args(command)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(run.stdout.take().unwrap()).lines();
    // The step after the one that is saved has begun once that is told.
    let mut told = lines.map(|line| step_of(&line.unwrap()));
    assert!(told.any(|step| step == Some(saved + 1)));
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(!desk.path("quick.safetensors").exists());
    let again = desk.run(command);
    assert_eq!(again.code, Some(0), "{}", again.err);
    let first = again.out.lines().find_map(step_of);
    assert_eq!(first, Some(saved));
    assert!(desk.path("quick.safetensors").is_file());
}
