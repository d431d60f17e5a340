use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use afterimage::library::{Origin, read_picture};

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
