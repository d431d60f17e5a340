//! The window without a screen, around a scripted engine.

use std::path::PathBuf;
use std::sync::Arc;

use afterimage::app::words::Language;
use afterimage::app::{App, AppOptions, Device};
use afterimage::engine::{Failure, FinishedPicture, Job, Request};
use afterimage::library::FileError;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::{FakeEngine, pixels};

/// Where the scripted library lies.
pub(crate) const PICTURES: &str = "/home/people/Pictures/Afterimage";

pub(crate) type Window = Harness<'static, App>;

/// Options of a first start in English.
pub(crate) fn options() -> AppOptions {
    AppOptions {
        settings: None,
        settings_put_aside: None,
        language: Some(Language::English),
        pictures_folder: PathBuf::from(PICTURES),
        device: Device {
            name: "CPU".to_owned(),
            cores: 4,
            simd: "AVX-512".to_owned(),
            memory_bytes: 22_900_000_000,
        },
        open: None,
        most_in_memory: 1 << 30,
        free_memory: || None,
        wake: Arc::new(|| ()),
    }
}

/// A window of a size, started with options; dark.
pub(crate) fn window_with(engine: &FakeEngine, options: AppOptions, size: [f32; 2]) -> Window {
    let app = App::new(Box::new(engine.clone()), options, None);
    let mut window = Harness::builder()
        .with_size(size)
        .with_theme(egui::Theme::Dark)
        .with_max_steps(32)
        .with_context_setup(App::install)
        .build_ui_state(
            |ui, app: &mut App| {
                let ctx = ui.ctx().clone();
                app.tick(&ctx);
                app.show(ui);
            },
            app,
        );
    settle(&mut window);
    window
}

/// A window as people first see it.
pub(crate) fn window(engine: &FakeEngine) -> Window {
    window_with(engine, options(), [1440.0, 900.0])
}

/// Lets events and layout come to rest; messages that leave by themselves do not keep it waiting.
pub(crate) fn settle(window: &mut Window) {
    window.run_steps(4);
}

/// Frame after frame until something holds that is done beside the window.
pub(crate) fn until(window: &mut Window, holds: impl Fn(&mut Window) -> bool) {
    const MOST_TRIES: usize = 4000;
    for _ in 0..MOST_TRIES {
        if holds(window) {
            return;
        }
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("it never came");
}

/// Clicks the button of a name.
pub(crate) fn click(window: &mut Window, name: &str) {
    window
        .get_by_role_and_label(egui::Role::Button, name)
        .click();
    settle(window);
}

pub(crate) fn has(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

/// Presses Generate and gives the job that was sent.
pub(crate) fn generate(window: &mut Window, engine: &FakeEngine) -> Job {
    click(window, "Generate");
    engine.jobs().pop().unwrap()
}

/// Generates one picture of 128 × 128 from beginning to end, and gives its job.
pub(crate) fn generate_to_the_end(window: &mut Window, engine: &FakeEngine) -> Job {
    for side in ["Width", "Height"] {
        retype(window, egui::Role::TextInput, side, "128");
    }
    let job = generate(window, engine);
    engine.start(&job);
    for step in 1..=job.recipe.steps {
        engine.step(&job, 0, step);
        settle(window);
    }
    let path = PathBuf::from(PICTURES).join(format!("{}.png", job.recipe.seed));
    engine.finish_picture(&job, 0, path);
    engine.finish(job.id);
    settle(window);
    job
}

/// A job's picture that could not be written.
pub(crate) fn unsaved(job: &Job) -> FinishedPicture {
    let pixels = Arc::new(pixels(&job.recipe));
    FinishedPicture {
        reduced: false,
        job: job.id,
        picture: 0,
        thumbnail: Arc::clone(&pixels),
        pixels,
        recipe: job.recipe.clone(),
        saved: Err(Failure::File(FileError::Unwritable {
            path: PICTURES.to_owned(),
            reason: "no space left on device".to_owned(),
        })),
    }
}

/// The settings last sent to be written.
pub(crate) fn settings(engine: &FakeEngine) -> String {
    engine
        .requests()
        .into_iter()
        .rev()
        .find_map(|request| match request {
            Request::SaveSettings { json } => Some(json),
            _ => None,
        })
        .unwrap()
}

/// Replaces the text of a field of a role and name.
pub(crate) fn retype(window: &mut Window, role: egui::Role, name: &str, text: &str) {
    let field = window.get_by_role_and_label(role, name);
    field.focus();
    settle(window);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    settle(window);
    window.get_by_role_and_label(role, name).type_text(text);
    settle(window);
}

/// The number a slider stands at.
pub(crate) fn slider(window: &Window, name: &str) -> f64 {
    window
        .get_by_role_and_label(egui::Role::Slider, name)
        .accesskit_node()
        .numeric_value()
        .unwrap()
}

/// A file that was dropped.
#[derive(Debug)]
pub(crate) struct Dropped(pub(crate) PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window leaves reading to the engine".to_owned())
    }
}

/// What was copied to the clipboard as text.
pub(crate) fn copied(window: &Window) -> Option<String> {
    window
        .output()
        .platform_output
        .commands
        .iter()
        .find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
}
