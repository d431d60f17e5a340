use std::path::PathBuf;
use std::sync::{Arc, Weak};

use afterimage::app::AppOptions;
use afterimage::engine::{Event, OpenedPicture, Origin, Request};
use afterimage::library::EaselJournal;
use afterimage::raster::{Extent, Pixels};
use egui::accesskit::Toggled;
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{PICTURES, Window, click, has, options, settle, window, window_with};

const EXTENT: Extent = Extent::new(40, 30);

/// A picture of one color, with a file name to match.
fn picture(level: u8) -> Pixels {
    Pixels::from_rgb(EXTENT, &[level; 40 * 30 * 3]).unwrap()
}

/// What the clerk was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Keep,
    Recall,
    Small,
}

/// Answers as the engine's clerk would, from a real journal.
struct Clerk {
    engine: FakeEngine,
    journal: EaselJournal,
    folder: tempfile::TempDir,
}

impl Clerk {
    fn new(engine: &FakeEngine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (journal, kept) = EaselJournal::open(folder.path()).unwrap();
        assert!(kept.is_none());
        Self {
            engine: engine.clone(),
            journal,
            folder,
        }
    }

    /// The next start of the studio: another engine, the same folder.
    fn reopened(self, engine: &FakeEngine) -> Self {
        let Self {
            journal, folder, ..
        } = self;
        drop(journal);
        let (journal, kept) = EaselJournal::open(folder.path()).unwrap();
        engine.tell(Event::Easel(Ok(kept.map(Box::new))));
        Self {
            engine: engine.clone(),
            journal,
            folder,
        }
    }

    /// Answers what was asked since the last call, and gives it.
    fn answer(&mut self, window: &mut Window) -> Vec<Asked> {
        let mut asked = Vec::new();
        for request in self.engine.take_requests() {
            match request {
                Request::Keep(entry) => {
                    asked.push(Asked::Keep);
                    self.journal.append(*entry).unwrap();
                }
                Request::Recall(picture) => {
                    asked.push(Asked::Recall);
                    let pixels = self.journal.recall(&picture);
                    let pixels = pixels.map(Arc::new).map_err(Into::into);
                    self.engine.tell(Event::Recalled { picture, pixels });
                }
                Request::ShowSmall(picture) => {
                    asked.push(Asked::Small);
                    let small = self.journal.small(&picture);
                    let small = small.map(Arc::new).map_err(Into::into);
                    self.engine.tell(Event::Small { picture, small });
                }
                _ => {}
            }
        }
        settle(window);
        asked
    }

    /// Answers until nothing more is asked.
    fn answer_all(&mut self, window: &mut Window) {
        while !self.answer(window).is_empty() {}
    }
}

/// Puts a picture on the easel, as if it had been pasted.
fn put(window: &mut Window, engine: &FakeEngine, level: u8) -> Weak<Pixels> {
    let pixels = Arc::new(picture(level));
    let seen = Arc::downgrade(&pixels);
    let picture = OpenedPicture {
        pixels,
        thumbnail: Arc::new(picture(level)),
        origin: Origin::Unknown,
    };
    engine.tell(Event::Imported {
        picture: Box::new(picture),
        saved: Ok(PathBuf::from(PICTURES).join(format!("{level}.png"))),
    });
    settle(window);
    seen
}

fn undo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(window);
}

fn redo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(window);
}

/// Whether the strip says that a picture is on the easel.
fn is_here(window: &Window, level: u8) -> bool {
    let name = format!("Opened {level}.png");
    let node = window.get_by_role_and_label(egui::Role::Button, &name);
    node.accesskit_node().toggled() == Some(Toggled::True)
}

fn recalls(asked: &[Asked]) -> usize {
    let recalls = asked.iter().filter(|asked| **asked == Asked::Recall);
    recalls.count()
}

/// What is seen so far from the middle of the canvas.
fn level_at(window: &mut Window, x: f32) -> u8 {
    let room = window.get_by_role_and_label(egui::Role::Canvas, "Canvas");
    let at = room.rect().center() + vec2(x, 40.0);
    pixel(window, at)
}

fn pixel(window: &mut Window, at: Pos2) -> u8 {
    let image = window.render().unwrap();
    image.get_pixel(at.x as u32, at.y as u32).0[0]
}

#[test]
fn with_memory_for_two_pictures_six_are_undone_and_redone() {
    let engine = FakeEngine::default();
    let mut clerk = Clerk::new(&engine);
    let few = AppOptions {
        most_in_memory: 2 * 40 * 30 * 4,
        ..options()
    };
    let mut window = window_with(&engine, few, [1440.0, 900.0]);
    click(&mut window, "Canvas");
    let levels = [10, 50, 90, 130, 170, 210];
    let seen = levels.map(|level| put(&mut window, &engine, level));
    let held = || seen.iter().filter(|seen| seen.strong_count() > 0).count();
    // Not on disk yet, so nothing may go.
    assert_eq!(held(), 6);
    clerk.answer_all(&mut window);
    assert_eq!(held(), 2);
    let mut recalled = 0;
    for &level in levels.iter().rev().skip(1) {
        undo(&mut window);
        if has(&window, "Working on it…") {
            // Until the picture has been read, another press has no effect.
            undo(&mut window);
        }
        recalled += recalls(&clerk.answer(&mut window));
        assert!(is_here(&window, level), "{level}");
    }
    assert_eq!(recalled, 4);
    clerk.answer_all(&mut window);
    assert_eq!(held(), 0);
    for &level in &levels[1..] {
        redo(&mut window);
        recalled += recalls(&clerk.answer(&mut window));
        assert!(is_here(&window, level), "{level}");
    }
    assert_eq!(recalled, 8);
    // A click in the strip goes to any of them.
    click(&mut window, "Opened 10.png");
    assert!(is_here(&window, 210) && has(&window, "Working on it…"));
    assert_eq!(recalls(&clerk.answer(&mut window)), 1);
    assert!(is_here(&window, 10) && !has(&window, "Working on it…"));
    click(&mut window, "Change");
    click(&mut window, "Change the picture");
    let job = engine.jobs().pop().unwrap();
    assert_eq!(**job.inputs.image.as_ref().unwrap(), picture(10));
}

/// A studio that was closed with pictures on the easel, opened again.
fn reopened(levels: &[u8]) -> (Clerk, Window) {
    let engine = FakeEngine::default();
    let mut clerk = Clerk::new(&engine);
    let mut first = window(&engine);
    click(&mut first, "Canvas");
    for &level in levels {
        put(&mut first, &engine, level);
    }
    clerk.answer_all(&mut first);
    drop(first);
    let engine = FakeEngine::default();
    let clerk = clerk.reopened(&engine);
    let mut window = window(&engine);
    click(&mut window, "Canvas");
    (clerk, window)
}

#[test]
fn a_state_whose_file_is_missing_is_told_and_the_easel_stays_as_it_was() {
    let (mut clerk, mut window) = reopened(&[20, 120, 220]);
    clerk.answer_all(&mut window);
    let pictures = clerk.folder.path().join("pictures");
    let aside = clerk.folder.path().join("moved");
    std::fs::rename(&pictures, &aside).unwrap();
    undo(&mut window);
    assert_eq!(clerk.answer(&mut window), [Asked::Recall]);
    assert!(has(&window, "is missing: put the file back"));
    assert_eq!(level_at(&mut window, 0.0), 220);
    // Nothing is written of it, and the same works once the file is back.
    assert!(clerk.answer(&mut window).is_empty());
    std::fs::rename(&aside, &pictures).unwrap();
    undo(&mut window);
    assert_eq!(recalls(&clerk.answer(&mut window)), 1);
    assert_eq!(level_at(&mut window, 0.0), 120);
}

#[test]
fn the_strip_comes_back_with_small_copies_asked_for_one_by_one() {
    let (mut clerk, mut window) = reopened(&[20, 120, 220]);
    for _ in 0..3 {
        assert_eq!(clerk.answer(&mut window), [Asked::Small]);
    }
    assert!(clerk.answer(&mut window).is_empty());
    let rows = window.query_all_by_role_and_label(egui::Role::Button, "Opened");
    let rows: Vec<Pos2> = rows.map(|row| row.rect().left_center()).collect();
    let levels = rows
        .iter()
        .map(|row| pixel(&mut window, *row + vec2(20.0, 0.0)));
    let levels: Vec<u8> = levels.collect();
    // The newest is on top.
    assert_eq!(levels, [220, 120, 20]);
}

#[test]
fn the_picture_is_compared_with_one_that_rests_on_disk() {
    let (mut clerk, mut window) = reopened(&[20, 220]);
    clerk.answer_all(&mut window);
    click(&mut window, "Compare");
    assert_eq!(level_at(&mut window, -60.0), 220);
    assert_eq!(recalls(&clerk.answer(&mut window)), 1);
    assert_eq!(level_at(&mut window, -60.0), 20);
    assert_eq!(level_at(&mut window, 60.0), 220);
    assert_eq!(recalls(&clerk.answer(&mut window)), 0);
    click(&mut window, "Compare");
    assert_eq!(level_at(&mut window, -60.0), 220);
}
