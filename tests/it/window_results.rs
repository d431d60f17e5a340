//! What the engine tells is what people see, and what they do about it is what the engine is asked.

use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{
    Event, Failure, JobId, LibraryEntry, OpenedPicture, Origin, Request, Waiting,
};
use afterimage::library::FileError;
use afterimage::recipe::{Recipe, Shortcuts, Span};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::{FakeEngine, pixels};
use crate::window_kit::{
    Dropped, PICTURES, Window, click, copied, generate, generate_to_the_end, has, retype, settle,
    slider, unsaved, window,
};

fn asked(engine: &FakeEngine, request: &Request) -> bool {
    engine.requests().contains(request)
}

#[test]
fn a_run_shows_its_steps_its_rate_and_its_end() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.step(&job, 0, 9);
    settle(&mut window);
    assert!(has(&window, "Step 9 of 20 · 10.0 steps/s"));
    assert!(has(&window, "1.1 s left"));
    engine.finish_picture(&job, 0, PathBuf::from(PICTURES).join("x-7.png"));
    engine.finish(job.id);
    settle(&mut window);
    assert!(has(&window, "Saved as x-7.png"));
    assert!(window.query_by_label("Stop").is_none());
}

#[test]
fn escape_stops_and_shift_escape_discards() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    settle(&mut window);
    window.key_press(Key::Escape);
    settle(&mut window);
    assert!(asked(&engine, &Request::Stop(job.id)));
    assert!(has(&window, "Stopping…"));
    engine.tell(Event::Cancelled { job: job.id });
    settle(&mut window);

    let job = generate(&mut window, &engine);
    engine.start(&job);
    settle(&mut window);
    window.key_press_modifiers(Modifiers::SHIFT, Key::Escape);
    settle(&mut window);
    assert!(asked(&engine, &Request::Discard(job.id)));
    assert!(!asked(&engine, &Request::Stop(job.id)));
}

#[test]
fn escape_without_a_run_asks_for_nothing() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let before = engine.requests().len();
    window.key_press(Key::Escape);
    settle(&mut window);
    assert_eq!(engine.requests().len(), before);
}

#[test]
fn what_waits_can_be_moved_and_removed() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let recipe = generate(&mut window, &engine).recipe;
    let waiting = |id| Waiting {
        job: JobId(id),
        recipe: recipe.clone(),
        count: 2,
    };
    engine.tell(Event::Queue(vec![waiting(5), waiting(6)]));
    settle(&mut window);
    assert!(has(&window, "2 pictures · 20 steps"));
    click(&mut window, "Move up waiting 2");
    let up = Request::Move {
        job: JobId(6),
        place: 0,
    };
    assert!(asked(&engine, &up));
    click(&mut window, "Move down waiting 1");
    let down = Request::Move {
        job: JobId(5),
        place: 1,
    };
    assert!(asked(&engine, &down));
    click(&mut window, "Remove waiting 2");
    assert!(asked(&engine, &Request::Discard(JobId(6))));
}

#[test]
fn a_failed_job_says_why_and_the_next_one_clears_it() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.tell(Event::Failed {
        job: job.id,
        failure: Failure::Computation {
            reason: "out of numbers".to_owned(),
        },
    });
    settle(&mut window);
    assert!(has(&window, "The computation failed: out of numbers"));
    generate_to_the_end(&mut window, &engine);
    assert!(!has(&window, "out of numbers"));
}

fn opened(recipe: &Recipe) -> OpenedPicture {
    let picture = Arc::new(pixels(recipe));
    OpenedPicture {
        thumbnail: Arc::clone(&picture),
        pixels: picture,
        origin: Origin::Recipe(Box::new(recipe.clone())),
    }
}

fn some_recipe(window: &mut Window, engine: &FakeEngine) -> Recipe {
    let recipe = generate(window, engine).recipe;
    Recipe {
        prompt: "a rose at dawn".to_owned(),
        steps: 31,
        shortcuts: Shortcuts {
            guidance: Span { from: 0.1, to: 0.8 },
            cache_interval: 3,
        },
        seed: 77,
        ..recipe
    }
}

/// Drops a file on the window that holds a picture of this recipe.
pub(crate) fn drop_picture(window: &mut Window, engine: &FakeEngine, recipe: &Recipe) {
    let path = PathBuf::from("/home/people/old.png");
    window
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(path.clone())));
    settle(window);
    assert!(asked(engine, &Request::Open { path: path.clone() }));
    engine.tell(Event::Opened {
        path,
        picture: Ok(opened(recipe)),
    });
    settle(window);
}

#[test]
fn a_dropped_picture_brings_its_settings_back_and_undo_takes_them_away() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let recipe = some_recipe(&mut window, &engine);
    drop_picture(&mut window, &engine, &recipe);
    let left_out = "guidance from 0.1 to 0.8, one whole step in 3";
    assert!(has(&window, left_out));
    let job = generate(&mut window, &engine);
    assert_eq!(job.recipe, recipe);
    assert_eq!(slider(&window, "Step cache"), 3.0);
    click(&mut window, "Undo");
    assert_eq!(generate(&mut window, &engine).recipe.steps, 20);
}

#[test]
fn the_filmstrip_shows_what_is_clicked_and_keeps_the_settings() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let recipe = some_recipe(&mut window, &engine);
    let path = PathBuf::from(PICTURES).join("1.png");
    engine.tell(Event::Library(vec![LibraryEntry {
        path: path.clone(),
        thumbnail: Arc::new(pixels(&recipe)),
        recipe: Some(Box::new(recipe.clone())),
    }]));
    settle(&mut window);
    click(&mut window, "Picture 1: a rose at dawn");
    assert!(asked(&engine, &Request::Open { path: path.clone() }));
    engine.tell(Event::Opened {
        path,
        picture: Ok(opened(&recipe)),
    });
    settle(&mut window);
    assert!(has(&window, "Saved as 1.png"));
    assert_eq!(generate(&mut window, &engine).recipe.steps, 20);
    click(&mut window, "Use recipe");
    assert_eq!(generate(&mut window, &engine).recipe, recipe);
}

#[test]
fn arrow_keys_go_along_the_filmstrip() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let first = generate_to_the_end(&mut window, &engine).recipe.seed;
    let second = generate_to_the_end(&mut window, &engine).recipe.seed;
    window.key_press(Key::Escape);
    settle(&mut window);
    let name = "Picture 1: a red sailboat on the ocean at sunset, mountains behind";
    window.get_by_role_and_label(Role::Button, name).focus();
    settle(&mut window);
    assert!(has(&window, &format!("Saved as {second}.png")));
    window.key_press(Key::ArrowRight);
    settle(&mut window);
    let path = PathBuf::from(PICTURES).join(format!("{first}.png"));
    assert!(asked(&engine, &Request::Open { path }));
    assert!(has(&window, &format!("Saved as {first}.png")));
}

#[test]
fn a_picture_that_could_not_be_saved_stays_and_can_be_saved_elsewhere() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    let picture = unsaved(&job);
    engine.tell(Event::Picture(Box::new(picture.clone())));
    engine.finish(job.id);
    settle(&mut window);
    assert!(has(&window, "no space left on device"));
    assert!(has(&window, "Not saved"));

    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    settle(&mut window);
    retype(&mut window, Role::TextInput, "Path", "/elsewhere/boat");
    window.key_press(Key::Enter);
    settle(&mut window);
    let path = PathBuf::from("/elsewhere/boat.png");
    let save = |overwrite| Request::SaveAs {
        finish: Box::default(),
        pixels: Arc::clone(&picture.pixels),
        recipe: Some(Box::new(picture.recipe.clone())),
        path: path.clone(),
        overwrite,
    };
    assert!(asked(&engine, &save(false)));
    engine.tell(Event::Saved {
        path: path.clone(),
        result: Err(Failure::File(FileError::Exists {
            path: path.display().to_string(),
        })),
    });
    settle(&mut window);
    assert!(has(&window, "exists already"));
    click(&mut window, "Replace");
    assert!(asked(&engine, &save(true)));
    let result = Ok(());
    engine.tell(Event::Saved { path, result });
    settle(&mut window);
    assert!(!has(&window, "no space left"));
    assert!(
        window
            .query_by_role_and_label(Role::TextInput, "Path")
            .is_none()
    );
}

#[test]
fn what_is_typed_first_takes_the_place_of_what_the_sheet_began_with() {
    let typed = |window: &mut Window, text: &str| {
        let field = window.get_by_role_and_label(Role::TextInput, "Path");
        assert!(field.is_focused());
        field.type_text(text);
        settle(window);
        let field = window.get_by_role_and_label(Role::TextInput, "Path");
        field.value().unwrap_or_default()
    };
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    window.key_press_modifiers(Modifiers::COMMAND, Key::O);
    settle(&mut window);
    assert_eq!(typed(&mut window, "/pictures/cat.png"), "/pictures/cat.png");
    window.key_press(Key::Escape);
    settle(&mut window);

    generate_to_the_end(&mut window, &engine);
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    settle(&mut window);
    // The folder and the ending stay.
    let renamed = typed(&mut window, "boat");
    assert!(renamed.ends_with("/boat.png"), "{renamed}");
}

#[test]
fn the_recipe_is_copied_as_other_tools_read_it() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate_to_the_end(&mut window, &engine);
    window
        .get_by_role_and_label(Role::Button, "Copy recipe")
        .click();
    let mut text = None;
    for _ in 0..4 {
        window.step();
        text = text.or_else(|| copied(&window));
    }
    let text = text.unwrap();
    assert!(text.starts_with("a red sailboat"), "{text}");
    assert!(
        text.contains(&format!("Seed: {}", job.recipe.seed)),
        "{text}"
    );
}

#[test]
fn pictures_of_a_run_are_tiles_and_others_wait() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    retype(&mut window, Role::TextInput, "Pictures", "4");
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.finish_picture(&job, 0, PathBuf::from("/a.png"));
    engine.step(&job, 1, 3);
    settle(&mut window);
    assert!(has(&window, "2 of 4"));
    assert!(has(&window, "picture 2 of 4"));
    click(&mut window, "Picture 1 of this run");
    assert!(has(&window, &format!("{} · torch CPU", job.recipe.seed)));
    click(&mut window, "Picture 2 of this run");
    assert!(has(
        &window,
        &format!("{} · torch CPU", job.recipe.seed + 1)
    ));
}

#[test]
fn a_job_that_waited_leaves_the_picture_people_look_at() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let seen = generate_to_the_end(&mut window, &engine);
    let name = format!("Saved as {}.png", seen.recipe.seed);
    let running = generate(&mut window, &engine);
    engine.start(&running);
    settle(&mut window);
    assert!(!has(&window, &name));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    let waiting = engine.jobs().pop().unwrap();
    assert_ne!(waiting.id, running.id);
    click(&mut window, &format!("Picture 1: {}", seen.recipe.prompt));
    let other = PathBuf::from(PICTURES).join("other.png");
    engine.finish_picture(&running, 0, other);
    engine.finish(running.id);
    engine.start(&waiting);
    engine.step(&waiting, 0, 3);
    settle(&mut window);
    assert!(has(&window, "Step 3 of 20 · 10.0 steps/s"));
    engine.tell(Event::Cancelled { job: waiting.id });
    settle(&mut window);
    assert!(has(&window, &name));
}

#[test]
fn why_a_job_failed_stays_while_the_next_one_runs() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let failing = generate(&mut window, &engine);
    engine.start(&failing);
    settle(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    let next = engine.jobs().pop().unwrap();
    assert_ne!(next.id, failing.id);
    engine.tell(Event::Failed {
        job: failing.id,
        failure: Failure::Computation {
            reason: "out of numbers".to_owned(),
        },
    });
    engine.start(&next);
    engine.step(&next, 0, 1);
    settle(&mut window);
    assert!(has(&window, "The computation failed: out of numbers"));
    assert!(has(&window, "Step 1 of 20"));
    click(&mut window, "Dismiss");
    assert!(!has(&window, "out of numbers"));
}

#[test]
fn what_is_saved_is_what_was_seen_when_saving_was_asked_for() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let seen = generate_to_the_end(&mut window, &engine);
    let running = generate(&mut window, &engine);
    click(&mut window, &format!("Picture 1: {}", seen.recipe.prompt));
    // Panels that are hidden do not hide the sheet.
    window.key_press(Key::F9);
    settle(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    settle(&mut window);
    engine.start(&running);
    engine.step(&running, 0, 1);
    engine.finish_picture(&running, 0, PathBuf::from(PICTURES).join("other.png"));
    engine.finish(running.id);
    settle(&mut window);
    retype(&mut window, Role::TextInput, "Path", "/tmp/kept.png");
    window.key_press(Key::Enter);
    settle(&mut window);
    let saved = engine
        .requests()
        .into_iter()
        .find_map(|request| match request {
            Request::SaveAs { recipe, .. } => recipe,
            _ => None,
        });
    assert_eq!(saved.map(|recipe| *recipe), Some(seen.recipe));
}

/// Whether the window, told to close, refuses.
fn stays_open(window: &mut Window) -> bool {
    let viewport = window.input_mut().viewports.entry(egui::ViewportId::ROOT);
    viewport
        .or_default()
        .events
        .push(egui::ViewportEvent::Close);
    window.step();
    window
        .output()
        .viewport_output
        .values()
        .flat_map(|output| &output.commands)
        .any(|command| *command == egui::ViewportCommand::CancelClose)
}

#[test]
fn closing_with_an_unsaved_picture_is_asked_about_once() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.tell(Event::Picture(Box::new(unsaved(&job))));
    engine.finish(job.id);
    settle(&mut window);
    assert!(stays_open(&mut window));
    settle(&mut window);
    assert!(has(&window, "A picture is not saved yet"));
    assert!(!stays_open(&mut window));
}

#[test]
fn closing_during_a_run_is_asked_about_once() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    settle(&mut window);
    assert!(stays_open(&mut window));
    settle(&mut window);
    assert!(has(&window, "A picture is still being made"));
    assert!(!stays_open(&mut window));
}

#[test]
fn a_picture_that_cannot_be_saved_is_asked_about_after_the_run_was() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    settle(&mut window);
    assert!(stays_open(&mut window));
    engine.tell(Event::Picture(Box::new(unsaved(&job))));
    engine.finish(job.id);
    settle(&mut window);
    assert!(stays_open(&mut window));
    settle(&mut window);
    assert!(has(&window, "A picture is not saved yet"));
}

#[test]
fn closing_with_everything_done_and_saved_is_not_asked_about() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    assert!(!stays_open(&mut window));
}

#[test]
fn a_picture_made_again_names_its_weights_until_something_else_is_asked() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let mut recipe = generate_to_the_end(&mut window, &engine).recipe;
    recipe.model.sha256 = Some("6ce0".to_owned());
    drop_picture(&mut window, &engine, &recipe);
    let again = generate(&mut window, &engine);
    assert_eq!(again.recipe, recipe);
    engine.finish(again.id);
    settle(&mut window);
    click(&mut window, "New seed");
    let other = generate(&mut window, &engine);
    assert_eq!(other.recipe.model.sha256, None);
}
