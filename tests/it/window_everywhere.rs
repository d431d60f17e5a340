//! What holds for the whole window: names, keys, both languages.

use std::collections::BTreeSet;
use std::path::PathBuf;

use afterimage::app::words::Language;
use afterimage::engine::{Event, JobId, Waiting};
use egui::{Key, Modifiers, Rect, Role, Shape};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    PICTURES, Window, click, generate_to_the_end, has, options, settle, window, window_with,
};

/// Roles of what people operate.
const CONTROLS: [Role; 4] = [
    Role::Button,
    Role::Slider,
    Role::TextInput,
    Role::MultilineTextInput,
];

fn controls(window: &Window) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for role in CONTROLS {
        for node in window.query_all_by_role(role) {
            let node = node.accesskit_node();
            if !node.is_disabled() {
                let name = node.label().unwrap_or_default();
                found.insert((format!("{role:?}"), name));
            }
        }
    }
    found
}

pub(crate) fn focused(window: &Window) -> Option<(String, String)> {
    CONTROLS.into_iter().find_map(|role| {
        window
            .query_all_by_role(role)
            .find(egui_kittest::Node::is_focused)
            .map(|node| {
                let name = node.accesskit_node().label().unwrap_or_default();
                (format!("{role:?}"), name)
            })
    })
}

#[test]
fn every_control_has_a_name_and_is_reached_by_tab() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    // From below, so that none has left the view before it is clicked.
    for fold in [
        "Speed",
        "Prompt reading",
        "Noise",
        "Sampler",
        "Negative prompt",
    ] {
        click(&mut window, fold);
    }
    let all = controls(&window);
    assert!(all.len() > 25, "{all:?}");
    assert!(
        all.iter().all(|(_, name)| !name.trim().is_empty()),
        "{all:?}"
    );
    let mut reached = BTreeSet::new();
    for _ in 0..2 * all.len() {
        window.key_press(Key::Tab);
        window.run_steps(2);
        reached.extend(focused(&window));
    }
    let missed: Vec<_> = all.difference(&reached).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn people_can_type_at_once() {
    let engine = FakeEngine::default();
    let window = window(&engine);
    let prompt = window.get_by_role_and_label(Role::MultilineTextInput, "Prompt");
    assert!(prompt.is_focused());
}

#[test]
fn the_language_switches_everything_at_once() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let english = controls(&window);
    click(&mut window, "EN / 中文");
    assert!(has(&window, "提示词"));
    let left: Vec<_> = english
        .intersection(&controls(&window))
        .filter(|(_, name)| !name.starts_with("EN /"))
        .cloned()
        .collect();
    assert!(left.is_empty(), "still English: {left:?}");
    click(&mut window, "EN / 中文");
    assert_eq!(controls(&window), english);
}

#[test]
fn tab_hides_the_panels_only_while_nothing_has_the_focus() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    window.key_press(Key::Tab);
    settle(&mut window);
    assert!(has(&window, "Recipe"));
    window.key_press(Key::Escape);
    settle(&mut window);
    window.key_press(Key::Tab);
    settle(&mut window);
    assert!(!has(&window, "Recipe"));
    window.key_press(Key::F9);
    settle(&mut window);
    assert!(has(&window, "Recipe"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Backslash);
    settle(&mut window);
    assert!(!has(&window, "Recipe"));
}

#[test]
fn shift_tab_brings_the_focus_back_after_escape() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    window.key_press(Key::Escape);
    settle(&mut window);
    assert!(window.ctx.memory(|memory| memory.focused().is_none()));
    window.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    settle(&mut window);
    assert!(has(&window, "Recipe"));
    assert!(window.ctx.memory(|memory| memory.focused().is_some()));
}

#[test]
fn the_sheet_of_keys_opens_and_closes() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    window.key_press(Key::F1);
    settle(&mut window);
    assert!(has(&window, "Stop and discard"));
    window.key_press(Key::Escape);
    settle(&mut window);
    assert!(!has(&window, "Stop and discard"));
}

#[test]
fn an_idle_window_rests() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    window.run_steps(8);
    let repaint = window
        .output()
        .viewport_output
        .values()
        .map(|output| output.repaint_delay)
        .min()
        .unwrap();
    assert_eq!(repaint, std::time::Duration::MAX);
}

/// Every text drawn: its place, what may be seen of it, and whether something was left out.
pub(crate) fn texts(window: &Window) -> Vec<(String, Rect, Rect, bool)> {
    fn collect(shape: &Shape, clip: Rect, found: &mut Vec<(String, Rect, Rect, bool)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, found)),
            Shape::Text(text) if !text.galley.text().trim().is_empty() => found.push((
                text.galley.text().to_owned(),
                text.visual_bounding_rect(),
                clip,
                text.galley.elided,
            )),
            _ => (),
        }
    }
    let mut found = Vec::new();
    for clipped in &window.output().shapes {
        collect(&clipped.shape, clipped.clip_rect, &mut found);
    }
    found
}

#[test]
fn no_text_is_cut_in_either_language_in_the_smallest_window() {
    for language in [Language::English, Language::Chinese] {
        let engine = FakeEngine::default();
        let mut start = options();
        start.language = Some(language);
        let mut window = window_with(&engine, start, [1116.0, 716.0]);
        busy(&mut window, &engine);
        let texts = texts(&window);
        assert!(texts.len() > 40);
        for (text, place, clip, elided) in &texts {
            assert!(!elided, "{language:?}: \"{text}\" is shortened");
            let cut = place.left() < clip.left() - 1.0 || place.right() > clip.right() + 1.0;
            assert!(!cut, "{language:?}: \"{text}\" at {place} is cut by {clip}");
        }
        for (index, (text, place, clip, _)) in texts.iter().enumerate() {
            for (other, there, _, _) in &texts[index + 1..] {
                let both = place
                    .intersect(*clip)
                    .shrink(1.0)
                    .intersect(there.shrink(1.0));
                assert!(
                    !both.is_positive(),
                    "{language:?}: \"{text}\" lies over \"{other}\""
                );
            }
        }
    }
}

/// A window with a finished picture, a run and a queue.
fn busy(window: &mut Window, engine: &FakeEngine) {
    let press = |window: &mut Window| {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        settle(window);
        engine.jobs().pop().unwrap()
    };
    let field = window
        .query_all_by_role(Role::MultilineTextInput)
        .next()
        .unwrap();
    field.focus();
    settle(window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    settle(window);
    let field = window
        .query_all_by_role(Role::MultilineTextInput)
        .next()
        .unwrap();
    field.type_text("a cat");
    settle(window);
    let job = press(window);
    engine.start(&job);
    engine.step(&job, 0, 19);
    settle(window);
    engine.finish_picture(&job, 0, PathBuf::from(PICTURES).join("103012417-7.png"));
    engine.finish(job.id);
    settle(window);
    let job = press(window);
    engine.start(&job);
    engine.step(&job, 0, 19);
    let waiting = Waiting {
        job: JobId(9),
        recipe: job.recipe,
        count: 2,
    };
    engine.tell(Event::Queue(vec![waiting]));
    settle(window);
}
