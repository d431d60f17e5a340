use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use afterimage::library::{Origin, read_picture};
use afterimage::raster::Extent;

use crate::command::Desk;
use crate::xvfb::{CONTROL, HEIGHT, Screen, wait_for};

/// The studio, running; gone when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn pictures_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                pictures_below(&path)
            } else if path.extension().is_some_and(|extension| extension == "png") {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect()
}

/// Inside the prompt's field, and on the Generate button, in a window of 1280×800 with the layout
/// of `shared/design/window`.
const PROMPT: (i16, i16) = (210, 70);
const GENERATE: (i16, i16) = (210, HEIGHT as i16 - 56);
/// A part of the canvas that lies within every picture shown there.
const CANVAS: ((u16, u16), (u16, u16)) = ((600, 250), (80, 80));

#[test]
fn a_typed_prompt_becomes_a_picture_watched_step_by_step_in_the_real_window() {
    let desk = Desk::new();
    let screen = Screen::start();
    let studio = desk
        .program()
        .env("DISPLAY", &screen.display)
        .env_remove("WAYLAND_DISPLAY")
        .env("XDG_RUNTIME_DIR", desk.folder.path())
        .env("LANG", "C.UTF-8")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _studio = Running(studio);
    screen.window("Afterimage");
    // A theme's few flat colours and the shades of its letters, not an empty window.
    wait_for("the first frame", || (screen.shot().colors() > 40).then_some(()));

    let prompt = "a white cat in the snow at night";
    screen.click(PROMPT.0, PROMPT.1);
    screen.press(&[CONTROL, u32::from('a')]);
    screen.write(prompt);
    let idle = screen.shot().part(CANVAS.0, CANVAS.1);
    screen.click(GENERATE.0, GENERATE.1);

    let mut frames = BTreeSet::new();
    let pictures = desk.path("data");
    let file = wait_for("a saved picture", || {
        let part = screen.shot().part(CANVAS.0, CANVAS.1);
        if part != idle {
            frames.insert(part);
        }
        pictures_below(&pictures).pop()
    });
    assert!(frames.len() >= 3, "{} different previews were seen", frames.len());

    let picture = read_picture(&file).unwrap();
    assert_eq!(picture.pixels.extent(), Extent::new(128, 128));
    let Origin::Recipe(recipe) = picture.origin else { panic!("{:?}", picture.origin) };
    assert_eq!(recipe.prompt, prompt);
    assert_eq!(recipe.model.name, "sprout");
    assert_eq!(recipe.stopped_after, None);
}
