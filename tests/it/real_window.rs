use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use afterimage::library::{Origin, encode_picture, read_picture};
use afterimage::raster::Extent;
use afterimage::recipe::Task;
use afterimage::training::scenes::{Scene, paint};

use crate::command::Desk;
use crate::upscaling_kit::file;
use crate::xvfb::{CONTROL, ENTER, HEIGHT, Screen, WIDTH, wait_for};

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

/// Inside the prompt's field, and on the Generate button, in a window of 1280×800.
const PROMPT: (i16, i16) = (210, 70);
const GENERATE: (i16, i16) = (210, HEIGHT as i16 - 56);
/// A part of the canvas that lies within every picture shown there.
const CANVAS: ((u16, u16), (u16, u16)) = ((600, 250), (80, 80));

/// Opens the studio on a screen of its own, and waits for its first frame.
fn open(desk: &Desk, screen: &Screen, arguments: &[&str]) -> Running {
    let studio = desk
        .program()
        .args(arguments)
        .env("DISPLAY", &screen.display)
        .env_remove("WAYLAND_DISPLAY")
        .env("XDG_RUNTIME_DIR", desk.folder.path())
        .env("LANG", "C.UTF-8")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(studio);
    screen.window("Afterimage");
    // A theme's few flat colours and the shades of its letters, not an empty window.
    wait_for("the first frame", || {
        (screen.shot().colors() > 40).then_some(())
    });
    running
}

/// Waits until the window has caught up with the keyboard and the mouse.
fn settle(screen: &Screen) {
    let mut before = screen.shot();
    wait_for("the window to come to rest", || {
        std::thread::sleep(Duration::from_millis(300));
        let now = screen.shot();
        let still = now == before;
        before = now;
        still.then_some(())
    });
}

#[test]
fn a_typed_prompt_becomes_a_picture_watched_step_by_step_in_the_real_window() {
    let desk = Desk::new();
    // So many steps that several are seen on a machine that is slow to draw a window.
    let settings = desk.path("config/afterimage");
    std::fs::create_dir_all(&settings).unwrap();
    let steps = r#"{"form": {"draft": {"steps": 200}}}"#;
    std::fs::write(settings.join("settings.json"), steps).unwrap();
    let screen = Screen::start();
    let _studio = open(&desk, &screen, &[]);

    let prompt = "a white cat in the snow at night";
    screen.click(PROMPT.0, PROMPT.1);
    settle(&screen);
    screen.press(&[CONTROL, u32::from('a')]);
    screen.write(prompt);
    settle(&screen);
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
    // One of them may be the finished picture.
    assert!(
        frames.len() > 3,
        "{} different frames were seen",
        frames.len()
    );

    let picture = read_picture(&file).unwrap();
    assert_eq!(picture.pixels.extent(), Extent::new(256, 256));
    let Origin::Recipe(recipe) = picture.origin else {
        panic!("{:?}", picture.origin)
    };
    assert_eq!(recipe.prompt, prompt);
    assert_eq!(recipe.model.name, "sprout");
    assert_eq!(recipe.steps, 200);
    assert_eq!(recipe.stopped_after, None);
}

/// Waits until the canvas shows more than a theme's few colours.
fn see_a_picture(screen: &Screen) {
    wait_for("the picture", || {
        let colors: BTreeSet<_> = screen.shot().part(CANVAS.0, CANVAS.1).into_iter().collect();
        (colors.len() > 30).then_some(())
    });
    settle(screen);
}

#[test]
fn what_the_mouse_masks_is_filled_and_everything_else_stays_bit_for_bit() {
    let desk = Desk::new();
    let screen = Screen::start();
    let before = paint(&Scene::sample(7, 3), 128);
    let picture = desk.path("scene.png");
    std::fs::write(&picture, encode_picture(&before, None).unwrap()).unwrap();
    let _studio = open(&desk, &screen, &[&picture.display().to_string()]);
    see_a_picture(&screen);
    screen.press(&[CONTROL, u32::from('2')]);
    settle(&screen);
    // Across the middle of the picture, with a brush of 24 of its 128 pixels.
    screen.drag(&[(600, 300), (640, 310), (680, 290)]);
    settle(&screen);
    screen.click(PROMPT.0, PROMPT.1 + 40);
    settle(&screen);
    screen.write("a red balloon");
    settle(&screen);
    screen.click(GENERATE.0, GENERATE.1);

    let pictures = desk.path("data");
    let file = wait_for("a saved picture", || pictures_below(&pictures).pop());
    let made = read_picture(&file).unwrap();
    let Origin::Recipe(recipe) = made.origin else {
        panic!("{:?}", made.origin)
    };
    assert_eq!(recipe.prompt, "a red balloon");
    assert!(matches!(recipe.task, Task::Inpaint(_)));
    let differs = |x: u32, y: u32| {
        let at = (y * 128 + x) as usize * 4;
        before.rgba()[at..at + 4] != made.pixels.rgba()[at..at + 4]
    };
    let everywhere = (0..128).flat_map(|y| (0..128).map(move |x| (x, y)));
    let changed: Vec<_> = everywhere.filter(|&(x, y)| differs(x, y)).collect();
    // A stroke of 80 by 20 points and its brush: far from all of the picture.
    assert!((500..4000).contains(&changed.len()), "{}", changed.len());
    assert!((0..128).all(|x| !differs(x, 0) && !differs(x, 127)));
}

#[test]
fn a_picture_is_made_larger_by_a_network_and_its_parts_are_seen_as_they_are_done() {
    let desk = Desk::new();
    let settings = desk.path("config/afterimage");
    std::fs::create_dir_all(&settings).unwrap();
    // Small parts, so that several are seen.
    let parts = r#"{"upscale": {"tile": 32}}"#;
    std::fs::write(settings.join("settings.json"), parts).unwrap();
    let networks = desk.path("data/afterimage/models/upscale");
    std::fs::create_dir_all(&networks).unwrap();
    std::fs::copy(file("body_x4.pth"), networks.join("body_x4.pth")).unwrap();
    let screen = Screen::start();
    let picture = desk.path("scene.png");
    let before = paint(&Scene::sample(7, 3), 128);
    std::fs::write(&picture, encode_picture(&before, None).unwrap()).unwrap();
    let _studio = open(&desk, &screen, &[&picture.display().to_string()]);
    see_a_picture(&screen);
    screen.press(&[CONTROL, u32::from('4')]);
    settle(&screen);
    // The pointer comes into the window with the first click.
    screen.click(700, 300);
    settle(&screen);
    screen.click(GENERATE.0, GENERATE.1);

    let mut frames = BTreeSet::new();
    let pictures = desk.path("data");
    let file = wait_for("a saved picture", || {
        // Right of the line, where the larger one is.
        frames.insert(screen.shot().part((700, 250), (80, 80)));
        pictures_below(&pictures).pop()
    });
    assert!(frames.len() > 1, "no part was seen before the file");
    let made = read_picture(&file).unwrap();
    assert_eq!(made.pixels.extent(), Extent::new(512, 512));
    let Origin::Recipe(recipe) = made.origin else {
        panic!("{:?}", made.origin)
    };
    assert_eq!(recipe.model.name, "body_x4");
    let Task::Upscale(enlargement) = recipe.task else {
        panic!("{:?}", recipe.task)
    };
    assert_eq!((enlargement.tile, enlargement.scale), (32, 4.0));
    assert_eq!(enlargement.image.sha256, before.sha256());
}

#[test]
fn a_studio_killed_in_the_middle_of_a_stroke_reopens_as_it_was_before_it() {
    let desk = Desk::new();
    let screen = Screen::start();
    let picture = desk.path("scene.png");
    let scene = encode_picture(&paint(&Scene::sample(7, 3), 128), None).unwrap();
    std::fs::write(&picture, scene).unwrap();
    let aside = (WIDTH as i16 - 20, 120);
    let seen = || screen.shot().part(CANVAS.0, CANVAS.1);
    let studio = open(&desk, &screen, &[&picture.display().to_string()]);
    see_a_picture(&screen);
    screen.press(&[CONTROL, u32::from('2')]);
    settle(&screen);
    let unmasked = seen();
    screen.drag(&[(600, 300), (640, 310), (680, 290)]);
    screen.release(aside);
    wait_for("the stroke", || (seen() != unmasked).then_some(()));
    settle(&screen);
    let masked = seen();
    // What was done is on disk within a second.
    std::thread::sleep(Duration::from_secs(1));
    screen.hold(&[(600, 280), (660, 320)]);
    drop(studio);
    screen.release(aside);

    let _again = open(&desk, &screen, &[]);
    wait_for("the mask", || {
        settle(&screen);
        (seen() == masked).then_some(())
    });
    // And it can still be undone.
    screen.press(&[CONTROL, u32::from('z')]);
    wait_for("the picture without its mask", || {
        (seen() == unmasked).then_some(())
    });
}

/// Inside the zones of the style table, and a part of its result.
const CONTENT: (i16, i16) = (500, 190);
const STYLE: (i16, i16) = (500, 450);
const RESULT: ((u16, u16), (u16, u16)) = ((720, 160), (150, 120));

#[test]
fn two_dropped_files_make_a_third_that_is_seen_growing() {
    let desk = Desk::new();
    let settings = desk.path("config/afterimage");
    std::fs::create_dir_all(&settings).unwrap();
    let short = r#"{"style": {"size": 96, "iterations": 60, "features": "embedded"}}"#;
    std::fs::write(settings.join("settings.json"), short).unwrap();
    let dropped = [(3, "content.png"), (5, "style.png")].map(|(seed, name)| {
        let picture = paint(&Scene::sample(7, seed), 128);
        let path = desk.path(name);
        std::fs::write(&path, encode_picture(&picture, None).unwrap()).unwrap();
        (path, picture)
    });
    let screen = Screen::start();
    let _studio = open(&desk, &screen, &[]);
    let window = screen.window("Afterimage");
    screen.press(&[CONTROL, u32::from('3')]);
    settle(&screen);
    let shown = |(x, y): (i16, i16)| {
        let part = screen.shot().part((x as u16 - 40, y as u16 - 40), (80, 80));
        part.into_iter().collect::<BTreeSet<_>>().len()
    };
    for ((path, _), zone) in dropped.iter().zip([CONTENT, STYLE]) {
        let empty = shown(zone);
        screen.drop_file(window, path, zone);
        wait_for("the dropped picture", || {
            (shown(zone) > empty + 20).then_some(())
        });
        settle(&screen);
    }
    let idle = screen.shot().part(RESULT.0, RESULT.1);
    screen.press(&[CONTROL, ENTER]);
    let mut frames = BTreeSet::new();
    let pictures = desk.path("data");
    let file = wait_for("a saved picture", || {
        let part = screen.shot().part(RESULT.0, RESULT.1);
        if part != idle {
            frames.insert(part);
        }
        pictures_below(&pictures).pop()
    });
    assert!(
        frames.len() > 3,
        "{} different frames were seen",
        frames.len()
    );
    let Origin::Recipe(recipe) = read_picture(&file).unwrap().origin else {
        panic!()
    };
    let Task::Style(styling) = recipe.task else {
        panic!("{:?}", recipe.task)
    };
    let [(_, content), (_, style)] = dropped;
    assert_eq!(styling.content.sha256, content.sha256());
    assert_eq!(styling.styles[0].image.sha256, style.sha256());
}

/// Processor time of a process so far, in ticks of the kernel's clock.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // Fields are counted from the name's closing bracket, since a name may hold blanks.
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn an_idle_window_without_focus_takes_no_processor_time() {
    let desk = Desk::new();
    let screen = Screen::start();
    let studio = open(&desk, &screen, &[]);
    screen.unfocus();
    let process = studio.0.id();
    let spent = |time| {
        let before = ticks(process);
        std::thread::sleep(time);
        ticks(process) - before
    };
    wait_for("the window to come to rest", || {
        (spent(Duration::from_secs(2)) == 0).then_some(())
    });
    // A tick of slack: the kernel now and then counts another process's moment as ours.
    assert!(spent(Duration::from_secs(10)) <= 1);
}

#[test]
fn without_a_display_one_line_names_the_way_that_needs_none() {
    let line = refusal_without_a_display(&Desk::new(), &[]);
    assert!(line.contains("afterimage generate"), "{line}");
}

#[test]
fn without_a_display_no_session_is_recorded_and_no_file_is_left() {
    let desk = Desk::new();
    let file = desk.path("session.jsonl");
    refusal_without_a_display(&desk, &["bench", "record", &file.display().to_string()]);
    assert!(!file.exists());
}

/// The one line a command fails with that wants a window where none can be.
fn refusal_without_a_display(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk
        .program()
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}
