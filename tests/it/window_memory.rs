//! In the script a picture of 1024 × 1024 takes about 24 GB as a whole, a tenth of that in tiles.

use afterimage::app::AppOptions;
use afterimage::app::words::Language;
use afterimage::engine::Request;
use egui::{Key, Modifiers, Role};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    Window, click, generate, has, options, retype, settings, settle, window, window_with,
};

const SIZE: [f32; 2] = [1440.0, 900.0];

/// A window that may hold so many gigabytes while it draws.
fn within(engine: &FakeEngine, gigabytes: f64, language: Language) -> Window {
    let kept = format!(
        r#"{{"memory_limit": {gigabytes}, "language": "{}"}}"#,
        match language {
            Language::English => "english",
            Language::Chinese => "chinese",
        }
    );
    let options = AppOptions {
        settings: Some(kept),
        language: Some(language),
        ..options()
    };
    window_with(engine, options, SIZE)
}

fn square(window: &mut Window, side: &str, names: [&str; 2]) {
    for name in names {
        retype(window, Role::TextInput, name, side);
    }
}

const SIDES: [&str; 2] = ["Width", "Height"];

#[test]
fn what_fits_says_nothing_but_its_bytes() {
    let engine = FakeEngine::default();
    let mut window = within(&engine, 4.0, Language::English);
    assert!(!has(&window, "Fits by"));
    let job = generate(&mut window, &engine);
    assert_eq!(job.recipe.decode_tile, 0);
}

#[test]
fn what_is_decoded_in_tiles_to_fit_says_so_beside_the_button() {
    let engine = FakeEngine::default();
    let mut window = within(&engine, 8.0, Language::English);
    square(&mut window, "1024", SIDES);
    assert!(has(&window, "Fits by decoding in tiles of 512 pixels"));
    // The engine chooses by itself what the window foretells.
    assert!(
        engine
            .requests()
            .contains(&Request::AllowMemory(Some(8_000_000_000)))
    );
    assert_eq!(generate(&mut window, &engine).recipe.decode_tile, 0);
    square(&mut window, "256", SIDES);
    assert!(!has(&window, "Fits by"));
}

#[test]
fn what_cannot_fit_says_what_would_and_starts_nothing() {
    let engine = FakeEngine::default();
    let mut window = within(&engine, 1.0, Language::English);
    square(&mut window, "1024", SIDES);
    assert!(has(&window, "A picture of 1024x1024 needs"));
    assert!(has(&window, "1.00 GB may be used: choose at most"));
    click(&mut window, "Generate");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    assert!(engine.jobs().is_empty());
    square(&mut window, "128", SIDES);
    assert!(!has(&window, "may be used"));
    generate(&mut window, &engine);
}

#[test]
fn it_is_told_in_chinese_too() {
    let engine = FakeEngine::default();
    let mut window = within(&engine, 8.0, Language::Chinese);
    square(&mut window, "1024", ["宽度", "高度"]);
    assert!(has(&window, "以 512 像素的图块解码"));
    let mut window = within(&engine, 1.0, Language::Chinese);
    square(&mut window, "1024", ["宽度", "高度"]);
    assert!(has(&window, "请选择尺寸最大为"));
}

#[test]
fn what_is_free_counts_where_people_set_no_limit() {
    let engine = FakeEngine::default();
    let free = AppOptions {
        free_memory: || Some(8_000_000_000),
        ..options()
    };
    let mut window = window_with(&engine, free, SIZE);
    square(&mut window, "1024", SIDES);
    assert!(has(&window, "Fits by decoding in tiles of 512 pixels"));
    let is_limit = |request: &Request| matches!(request, Request::AllowMemory(_));
    assert!(
        !engine.requests().iter().any(is_limit),
        "the engine measures by itself"
    );
}

#[test]
fn the_limit_is_set_among_the_settings_and_kept() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Settings");
    retype(&mut window, Role::TextInput, "Limit, GB", "6");
    let told = Request::AllowMemory(Some(6_000_000_000));
    assert!(engine.requests().contains(&told));
    retype(&mut window, Role::TextInput, "Limit, GB", "0");
    assert!(engine.requests().contains(&Request::AllowMemory(None)));
    retype(&mut window, Role::TextInput, "Limit, GB", "6");
    window.state_mut().finish();
    assert!(
        settings(&engine).contains(r#""memory_limit": 6.0"#),
        "{}",
        settings(&engine)
    );
}

#[test]
fn tiles_can_be_asked_for_among_what_is_for_speed() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Speed");
    retype(&mut window, Role::TextInput, "Decode tile", "128");
    assert_eq!(generate(&mut window, &engine).recipe.decode_tile, 128);
    retype(&mut window, Role::TextInput, "Decode tile", "100");
    assert!(has(
        &window,
        "Tiles of 100 pixels cannot be decoded: give a multiple of 32"
    ));
}
