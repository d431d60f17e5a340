//! The prompt's field: its length, names, weights by key, and how it is read.

use afterimage::engine::{Event, Extras, Request};
use afterimage::recipe::Emphasis;
use afterimage::weights::PromptNames;
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{Window, click, generate, has, retype, settle, window};

const FIELD: Role = Role::MultilineTextInput;

fn type_prompt(window: &mut Window, text: &str) {
    retype(window, FIELD, "Prompt", text);
}

fn prompt(window: &Window) -> String {
    let field = window.get_by_role_and_label(FIELD, "Prompt");
    field.accesskit_node().value().unwrap_or_default()
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

#[test]
fn a_long_prompt_takes_chunks_and_without_a_syntax_its_end_is_left_out_visibly() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let long = format!("{}the last words", "cat ".repeat(75));
    type_prompt(&mut window, &long);
    assert!(has(&window, "78 / 150 tokens · 2 chunks"));
    assert!(!has(&window, "left out"));
    click(&mut window, "Prompt reading");
    click(&mut window, "Syntax: Literal");
    assert!(has(&window, "78 / 75 tokens"));
    assert!(has(&window, "left out: “the last words”"));
    click(&mut window, "Syntax: ComfyUI");
    assert!(!has(&window, "left out"));
}

#[test]
fn how_a_prompt_is_read_reaches_the_recipe() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let usual = generate(&mut window, &engine).recipe;
    assert_eq!((usual.emphasis, usual.clip_skip), (Emphasis::A1111, 1));
    click(&mut window, "Prompt reading");
    click(&mut window, "Syntax: No norm");
    retype(&mut window, Role::TextInput, "Clip skip", "2");
    let recipe = generate(&mut window, &engine).recipe;
    assert_eq!((recipe.emphasis, recipe.clip_skip), (Emphasis::NoNorm, 2));
    retype(&mut window, Role::TextInput, "Clip skip", "0");
    assert!(has(&window, "Clip skip must be from 1"));
}

#[test]
fn a_prompt_with_choices_is_sent_as_what_it_is_drawn_from() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    type_prompt(&mut window, "a {red|blue} cat");
    let recipe = generate(&mut window, &engine).recipe;
    assert_eq!(recipe.template.prompt.as_deref(), Some("a {red|blue} cat"));
}

#[test]
fn ctrl_and_arrows_weigh_the_word_at_the_cursor() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    type_prompt(&mut window, "a red cat");
    press(&mut window, Modifiers::COMMAND, Key::ArrowUp);
    assert_eq!(prompt(&window), "a red (cat:1.1)");
    press(&mut window, Modifiers::COMMAND, Key::ArrowUp);
    assert_eq!(prompt(&window), "a red (cat:1.2)");
    for _ in 0..3 {
        press(&mut window, Modifiers::COMMAND, Key::ArrowDown);
    }
    assert_eq!(prompt(&window), "a red (cat:0.9)");
    press(&mut window, Modifiers::COMMAND, Key::ArrowUp);
    assert_eq!(prompt(&window), "a red cat");
}

#[test]
fn names_are_offered_and_taken_by_keyboard() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    engine.tell(Event::Extras(Extras {
        names: PromptNames {
            loras: list(&["armor", "armour-dark"]),
            embeddings: list(&["easynegative"]),
            wildcards: list(&["zebras"]),
        },
        ..Extras::default()
    }));
    settle(&mut window);
    type_prompt(&mut window, "a knight <lora:ar");
    assert!(has(&window, "armour-dark"));
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(prompt(&window), "a knight <lora:armour-dark:1>");
    type_prompt(&mut window, "easyn");
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert_eq!(prompt(&window), "easynegative");
    type_prompt(&mut window, "a __ze");
    assert!(has(&window, "zebras"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!has(&window, "zebras"));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(prompt(&window), "a __ze\n");
}

#[test]
fn what_can_be_named_is_asked_for_again_when_people_come_back() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let asked = |engine: &FakeEngine| {
        let requests = engine.requests().into_iter();
        requests
            .filter(|request| *request == Request::ListExtras)
            .count()
    };
    let before = asked(&engine);
    click(&mut window, "Settings");
    click(&mut window, "Create");
    assert_eq!(asked(&engine), before + 1);
}
