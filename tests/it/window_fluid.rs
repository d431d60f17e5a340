use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{
    Entry, Event, Failure, MaskChange, OpenedPicture, Origin, Request, Reshape,
};
use afterimage::raster::{Extent, Mask, Pixels};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    Dropped, Window, click, generate_to_the_end, has, retype, settle, until, window,
};

/// More than is worked on between two frames.
const LARGE: Extent = Extent::new(600, 500);

fn gray(extent: Extent, level: u8) -> Arc<Pixels> {
    let rgb = vec![level; extent.area() * 3];
    Arc::new(Pixels::from_rgb(extent, &rgb).unwrap())
}

/// Hands over what the window has asked to be opened.
fn opened(window: &mut Window, engine: &FakeEngine, path: &str, pixels: &Arc<Pixels>) {
    engine.tell(Event::Opened {
        path: PathBuf::from(path),
        picture: Ok(OpenedPicture {
            pixels: Arc::clone(pixels),
            thumbnail: gray(Extent::new(8, 8), 0),
            origin: Origin::Unknown,
        }),
    });
    settle(window);
}

/// Drops a picture on the window.
fn put(window: &mut Window, engine: &FakeEngine, path: &str, pixels: &Arc<Pixels>) {
    let dropped = Dropped(PathBuf::from(path));
    window.input_mut().dropped_files.push(Arc::new(dropped));
    settle(window);
    opened(window, engine, path, pixels);
}

/// A window with a picture on the easel.
fn at_easel(engine: &FakeEngine, pixels: &Arc<Pixels>) -> Window {
    let mut window = window(engine);
    click(&mut window, "Canvas");
    put(&mut window, engine, "/pictures/first.png", pixels);
    window
}

/// The last of the requests that `pick` picks.
fn asked<T>(engine: &FakeEngine, pick: impl Fn(Request) -> Option<T>) -> Option<T> {
    engine.requests().into_iter().rev().find_map(pick)
}

/// The last piece of work that was asked for, with its number.
fn work(engine: &FakeEngine) -> (u64, Reshape) {
    let work = asked(engine, |request| match request {
        Request::Reshape(work) => Some((work.number, work.how)),
        _ => None,
    });
    work.unwrap()
}

/// Does the work that was asked for last, as the engine would.
fn do_work(window: &mut Window, engine: &FakeEngine) {
    let work = asked(engine, |request| match request {
        Request::Reshape(work) => Some(*work),
        _ => None,
    });
    let work = work.unwrap();
    engine.tell(Event::Reshaped {
        number: work.number,
        result: Ok(Box::new(work.how.of(&work.state))),
    });
    settle(window);
}

fn kept(engine: &FakeEngine) -> Vec<Entry> {
    let entry = |request| match request {
        Request::Keep(entry) => Some(*entry),
        _ => None,
    };
    engine.requests().into_iter().filter_map(entry).collect()
}

fn undo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(window);
}

fn redo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(window);
}

#[test]
fn a_mask_is_written_by_the_engine_as_it_was_when_the_sheet_was_opened() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine, &gray(Extent::new(64, 64), 9));
    click(&mut window, "Invert");
    click(&mut window, "Save mask…");
    retype(&mut window, Role::TextInput, "Path", "/tmp/a mask");
    window.key_press(Key::Enter);
    settle(&mut window);
    let saved = asked(&engine, |request| match request {
        Request::SaveMask {
            mask,
            path,
            overwrite,
        } => Some((mask, path, overwrite)),
        _ => None,
    });
    let (mask, path, overwrite) = saved.unwrap();
    assert!(mask.to_mask().values().iter().all(|&value| value == 255));
    assert_eq!((path, overwrite), (PathBuf::from("/tmp/a mask.png"), false));
}

#[test]
fn a_mask_is_read_from_its_picture_by_the_engine() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine, &gray(LARGE, 9));
    click(&mut window, "Load mask…");
    retype(&mut window, Role::TextInput, "Path", "/tmp/mask.png");
    window.key_press(Key::Enter);
    settle(&mut window);
    let picture = gray(LARGE, 200);
    opened(&mut window, &engine, "/tmp/mask.png", &picture);
    let (_, Reshape::Take(taken)) = work(&engine) else {
        panic!("{:?}", work(&engine))
    };
    assert!(Arc::ptr_eq(&taken, &picture));
    do_work(&mut window, &engine);
    let entries = kept(&engine);
    let Some(Entry::Mask(edit)) = entries.last() else {
        panic!("{entries:?}")
    };
    let changed = edit.forward();
    let tile = changed[0].1.as_ref().unwrap();
    assert_eq!((tile[0], tile[LARGE.width as usize]), (200, 0));
}

#[test]
fn a_picture_is_copied_by_the_engine_and_that_is_said_once_it_is() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    click(&mut window, "Copy");
    let copied = asked(&engine, |request| match request {
        Request::Copy { pixels, .. } => Some(pixels),
        _ => None,
    });
    assert_eq!(copied.unwrap().extent(), Extent::new(128, 128));
    assert!(!has(&window, "Copied"));
    engine.tell(Event::Copied(Ok(())));
    settle(&mut window);
    assert!(has(&window, "Copied"));
    let failure = Failure::Clipboard {
        reason: "it is occupied".to_owned(),
    };
    engine.tell(Event::Copied(Err(failure.clone())));
    settle(&mut window);
    assert!(!has(&window, "Copied") && has(&window, &failure.to_string()));
}

#[test]
fn an_empty_picture_is_not_pasted_and_the_next_one_is() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let paste = |window: &mut Window, image: egui::ColorImage| {
        window.event(egui::Event::PasteImage(Arc::new(image)));
        settle(window);
    };
    let imported = || {
        asked(&engine, |request| match request {
            Request::Import { pixels } => Some(pixels),
            _ => None,
        })
    };
    paste(&mut window, egui::ColorImage::default());
    let image = egui::ColorImage::filled([4, 3], egui::Color32::RED);
    // The first may still be looked at.
    until(&mut window, |window| {
        paste(window, image.clone());
        imported().is_some()
    });
    assert_eq!(imported().unwrap().extent(), Extent::new(4, 3));
}

#[test]
fn a_step_that_changes_much_of_the_mask_is_taken_by_the_engine_both_ways() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine, &gray(Extent::new(2100, 1100), 9));
    click(&mut window, "Invert");
    assert_eq!(work(&engine).1, Reshape::Change(MaskChange::Invert));
    do_work(&mut window, &engine);
    assert!(!has(&window, "Paint over what should change"));
    let before = kept(&engine).len();

    undo(&mut window);
    let (number, how) = work(&engine);
    assert!(matches!(how, Reshape::Step { back: true, .. }), "{how:?}");
    // Until it is done, the journal has it as it was, and nothing else is begun.
    undo(&mut window);
    assert_eq!((work(&engine).0, kept(&engine).len()), (number, before));
    do_work(&mut window, &engine);
    assert!(has(&window, "Paint over what should change"));
    assert_eq!(kept(&engine)[before..], [Entry::Back]);

    // One that came to nothing can be taken again.
    redo(&mut window);
    engine.tell(Event::Reshaped {
        number: work(&engine).0,
        result: Err(Failure::Panicked {
            message: "out of luck".to_owned(),
        }),
    });
    settle(&mut window);
    assert!(has(&window, "out of luck"));
    assert_eq!(kept(&engine).len(), before + 1);
    redo(&mut window);
    let (_, how) = work(&engine);
    assert!(matches!(how, Reshape::Step { back: false, .. }), "{how:?}");
    do_work(&mut window, &engine);
    assert!(!has(&window, "Paint over what should change"));
    assert_eq!(kept(&engine)[before..], [Entry::Back, Entry::Forth]);
}

#[test]
fn a_search_in_a_picture_that_left_the_easel_is_ended() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine, &gray(LARGE, 9));
    window.key_press(Key::S);
    settle(&mut window);
    let middle = window
        .get_by_role_and_label(Role::Canvas, "Canvas")
        .rect()
        .center();
    window.hover_at(middle);
    window.step();
    window.drag_at(middle);
    window.step();
    window.drop_at(middle);
    settle(&mut window);
    let number = asked(&engine, |request| match request {
        Request::Select(selection) => Some(selection.number),
        _ => None,
    });
    let number = number.unwrap();
    assert!(has(&window, "Looking for the thing…"));
    let end = Request::EndSearch { number };
    assert!(!engine.requests().contains(&end));
    put(
        &mut window,
        &engine,
        "/pictures/other.png",
        &gray(LARGE, 77),
    );
    assert!(engine.requests().contains(&end));
    assert!(!has(&window, "Looking for the thing…"));
    // An answer that was on its way is not laid into the other picture's mask.
    let mask = Mask::from_values(LARGE, vec![255; LARGE.area()]).unwrap();
    engine.tell(Event::Selected {
        number,
        mask: Ok(Arc::new(mask)),
    });
    settle(&mut window);
    let worked = asked(&engine, |request| match request {
        Request::Reshape(work) => Some(work.how),
        _ => None,
    });
    assert_eq!(worked, None);
}
