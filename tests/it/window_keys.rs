use afterimage::engine::Request;
use egui::accesskit::Toggled;
use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::easel_kit::{at_easel, draw};
use crate::fake_engine::FakeEngine;
use crate::window_everywhere::{focused, texts};
use crate::window_kit::{
    Window, click, generate, has, options, settings, settle, window, window_with,
};

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

fn plain(window: &mut Window, key: Key) {
    window.key_press(key);
    settle(window);
}

/// Scrolls to a button, and clicks it.
fn find_and_click(window: &mut Window, name: &str) {
    let button = window.get_by_role_and_label(Role::Button, name);
    button.scroll_to_me();
    settle(window);
    click(window, name);
}

/// Goes to the settings, clicks a row's button, and presses a key.
fn rebind(window: &mut Window, row: &str, modifiers: Modifiers, key: Key) {
    click(window, "Settings");
    find_and_click(window, row);
    assert!(has(window, "Press a key…"));
    press(window, modifiers, key);
}

fn is_button(window: &Window, name: &str) -> bool {
    window.query_by_role_and_label(Role::Button, name).is_some()
}

/// Whether a tool or another choice is the chosen one.
fn is_chosen(window: &Window, name: &str) -> bool {
    let node = window.get_by_role_and_label(Role::Button, name);
    node.accesskit_node().toggled() == Some(Toggled::True)
}

/// What a tooltip says, as it is told to those who do not see it.
fn tip(window: &Window, name: &str) -> String {
    let node = window.get_by_role_and_label(Role::Button, name);
    node.accesskit_node().description().unwrap_or_default()
}

/// A start with settings kept before.
fn next_start(json: String) -> Window {
    let mut start = options();
    start.settings = Some(json);
    window_with(&FakeEngine::default(), start, [1440.0, 900.0])
}

#[test]
fn a_key_is_changed_by_a_click_and_a_press_and_can_be_reset() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    rebind(&mut window, "Brush: B", Modifiers::NONE, Key::N);
    assert!(is_button(&window, "Brush: N") && !has(&window, "Press a key…"));
    let json = settings(&engine);
    assert!(
        json.contains(r#""brush": ["#) && !json.contains("eraser"),
        "{json}"
    );
    click(&mut window, "Canvas");
    plain(&mut window, Key::E);
    assert!(is_chosen(&window, "Eraser"));
    plain(&mut window, Key::B);
    assert!(is_chosen(&window, "Eraser"));
    plain(&mut window, Key::N);
    assert!(is_chosen(&window, "Brush"));
    assert_eq!(tip(&window, "Brush"), "Paint the mask (N)");

    let mut again = next_start(json);
    click(&mut again, "Settings");
    assert!(is_button(&again, "Brush: N"));
    find_and_click(&mut again, "Reset: Brush");
    assert!(is_button(&again, "Brush: B") && !is_button(&again, "Reset: Brush"));

    click(&mut window, "Settings");
    find_and_click(&mut window, "Reset all keys");
    click(&mut window, "Canvas");
    plain(&mut window, Key::E);
    plain(&mut window, Key::N);
    assert!(is_chosen(&window, "Eraser"));
    plain(&mut window, Key::B);
    assert!(is_chosen(&window, "Brush"));
}

#[test]
fn a_key_another_command_has_is_taken_from_it_and_that_is_said() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    rebind(&mut window, "Brush: B", Modifiers::NONE, Key::E);
    assert!(has(&window, "was: Eraser"));
    assert!(is_button(&window, "Brush: E") && is_button(&window, "Eraser: no key"));
    find_and_click(&mut window, "Reset: Eraser");
    assert!(has(&window, "was: Brush"));
    assert!(is_button(&window, "Eraser: E") && is_button(&window, "Brush: no key"));
    // Where both are never meant, a key is shared.
    rebind(
        &mut window,
        "Picture after: →",
        Modifiers::NONE,
        Key::ArrowUp,
    );
    assert!(is_button(&window, "Look up: ↑") && !has(&window, "was:"));
}

#[test]
fn the_press_that_is_waited_for_does_nothing_else() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    for (modifiers, key) in [
        (Modifiers::COMMAND, Key::O),
        (Modifiers::COMMAND, Key::Num1),
        (Modifiers::NONE, Key::F1),
        (Modifiers::NONE, Key::Tab),
        (Modifiers::NONE, Key::Enter),
        (Modifiers::NONE, Key::ArrowDown),
        (Modifiers::COMMAND, Key::G),
    ] {
        click(&mut window, "Settings");
        let row = window
            .query_all_by_role(Role::Button)
            .find_map(|node| {
                let name = node.accesskit_node().label()?;
                name.starts_with("Generate: ").then_some(name)
            })
            .unwrap();
        rebind(&mut window, &row, modifiers, key);
        // No sheet, no other place, no job; and the focus is where it was.
        assert!(!has(&window, "Path") && !has(&window, "Press a key…"));
        let (_, name) = focused(&window).unwrap();
        assert!(name.starts_with("Generate: "), "{name}");
        assert!(engine.jobs().is_empty());
    }
    click(&mut window, "Create");
    press(&mut window, Modifiers::COMMAND, Key::Enter);
    assert!(engine.jobs().is_empty());
    press(&mut window, Modifiers::COMMAND, Key::G);
    assert_eq!(engine.jobs().len(), 1);
}

#[test]
fn escape_leaves_the_key_and_backspace_leaves_none() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    rebind(&mut window, "Lasso: L", Modifiers::NONE, Key::Escape);
    assert!(is_button(&window, "Lasso: L") && !has(&window, "Press a key…"));
    rebind(
        &mut window,
        "Stop and keep: Esc",
        Modifiers::NONE,
        Key::Backspace,
    );
    assert!(is_button(&window, "Stop and keep: no key"));
    // The button does it still.
    click(&mut window, "Create");
    let job = generate(&mut window, &engine);
    engine.start(&job);
    settle(&mut window);
    assert_eq!(
        tip(&window, "Stop"),
        "Stop now and keep the picture as it is"
    );
    let stopped = || engine.requests().contains(&Request::Stop(job.id));
    plain(&mut window, Key::Escape);
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    assert!(!stopped());
    click(&mut window, "Stop");
    assert!(stopped());
}

#[test]
fn keys_of_copying_and_of_going_back_are_refused() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    rebind(&mut window, "Brush: B", Modifiers::SHIFT, Key::Tab);
    assert!(has(&window, "Shift+Tab always means the same"));
    window.event(Event::Copy);
    settle(&mut window);
    assert!(has(&window, "Ctrl+C always means the same"));
    // It still waits.
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    assert!(is_button(&window, "Brush: Ctrl+Shift+B"));
    assert!(!has(&window, "always means the same"));
}

#[test]
fn whoever_goes_elsewhere_wants_no_other_key() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Settings");
    find_and_click(&mut window, "Brush: B");
    find_and_click(&mut window, "Brush: Press a key…");
    assert!(!has(&window, "Press a key…"));
    find_and_click(&mut window, "Brush: B");
    find_and_click(&mut window, "Lasso: L");
    assert!(is_button(&window, "Brush: B") && is_button(&window, "Lasso: Press a key…"));
    let place = window
        .get_by_role_and_label(Role::Canvas, "Canvas")
        .rect()
        .center();
    window.hover_at(place);
    window.drag_at(place);
    window.step();
    window.drop_at(place);
    settle(&mut window);
    assert!(!has(&window, "Press a key…"));
    find_and_click(&mut window, "Lasso: L");
    click(&mut window, "Create");
    press(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(engine.jobs().len(), 1);
}

#[test]
fn keys_are_changed_by_keyboard_alone() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    press(&mut window, Modifiers::COMMAND, Key::Comma);
    let there =
        |window: &Window| focused(window).is_some_and(|(_, name)| name == "Smart selection: S");
    for _ in 0..100 {
        if there(&window) {
            break;
        }
        press(&mut window, Modifiers::SHIFT, Key::Tab);
    }
    assert!(there(&window));
    let row = window.get_by_role_and_label(Role::Button, "Smart selection: S");
    assert!(row.rect().bottom() < 900.0, "it came into sight");
    plain(&mut window, Key::Enter);
    plain(&mut window, Key::K);
    assert!(is_button(&window, "Smart selection: K"));
    let (_, name) = focused(&window).unwrap();
    assert_eq!(name, "Smart selection: K");
}

#[test]
fn a_letter_that_commands_can_still_be_written() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    rebind(&mut window, "Generate: Ctrl+↵", Modifiers::NONE, Key::G);
    click(&mut window, "Create");
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Prompt")
        .focus();
    settle(&mut window);
    plain(&mut window, Key::G);
    assert!(engine.jobs().is_empty());
    plain(&mut window, Key::Escape);
    plain(&mut window, Key::G);
    assert_eq!(engine.jobs().len(), 1);
}

#[test]
fn what_is_held_can_be_another_key() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    let path = [[20.0, 20.0], [60.0, 60.0]];
    let masked = |window: &Window| !has(window, "Paint over what should change");
    window.key_down(Key::Space);
    draw(&mut window, &path);
    window.key_up(Key::Space);
    assert!(!masked(&window), "Space moves the picture");
    rebind(
        &mut window,
        "Hold to move the picture: Space",
        Modifiers::NONE,
        Key::H,
    );
    click(&mut window, "Canvas");
    assert_eq!(tip(&window, "Move"), "Move the picture (V, or hold H)");
    window.key_down(Key::H);
    draw(&mut window, &path);
    window.key_up(Key::H);
    assert!(!masked(&window));
    window.key_down(Key::Space);
    draw(&mut window, &path);
    window.key_up(Key::Space);
    assert!(masked(&window));
}

#[test]
fn the_picture_is_zoomed_while_nothing_is_typed() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    let percent = |window: &Window, percent: &str| {
        texts(window).iter().any(|(text, _, _, _)| text == percent)
    };
    plain(&mut window, Key::Num1);
    assert!(percent(&window, "100 %"));
    // A plus is a shifted key on many keyboards.
    press(&mut window, Modifiers::SHIFT, Key::Plus);
    assert!(percent(&window, "150 %"));
    rebind(&mut window, "Zoom out: −", Modifiers::NONE, Key::PageDown);
    click(&mut window, "Canvas");
    plain(&mut window, Key::Minus);
    assert!(percent(&window, "150 %"));
    plain(&mut window, Key::PageDown);
    assert!(percent(&window, "100 %"));
    assert_eq!(
        tip(&window, "Zoom out"),
        "Make the picture smaller (PageDown)"
    );
}

#[test]
fn a_shape_is_closed_by_its_key() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    rebind(&mut window, "Close the shape: ↵", Modifiers::NONE, Key::C);
    click(&mut window, "Canvas");
    plain(&mut window, Key::P);
    for corner in [[20.0, 20.0], [80.0, 20.0], [50.0, 80.0]] {
        draw(&mut window, &[corner, corner]);
    }
    plain(&mut window, Key::Enter);
    assert!(has(&window, "Paint over what should change"));
    plain(&mut window, Key::C);
    assert!(!has(&window, "Paint over what should change"));
}

#[test]
fn the_keys_of_the_whole_window_can_be_others_too() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    press(&mut window, Modifiers::COMMAND, Key::Plus);
    assert!((window.ctx.zoom_factor() - 1.1).abs() < 1e-6);
    press(&mut window, Modifiers::COMMAND, Key::Num0);
    let larger = "Everything larger: Ctrl++, Ctrl+=";
    rebind(&mut window, larger, Modifiers::NONE, Key::F6);
    for (modifiers, key) in [
        (Modifiers::COMMAND, Key::Plus),
        (Modifiers::COMMAND, Key::Equals),
    ] {
        press(&mut window, modifiers, key);
        assert_eq!(window.ctx.zoom_factor(), 1.0);
    }
    plain(&mut window, Key::F6);
    assert!((window.ctx.zoom_factor() - 1.1).abs() < 1e-6);

    let closes = |window: &mut Window, modifiers: Modifiers, key: Key| {
        // The release would be a frame of its own.
        window.event(Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        });
        window.step();
        let outputs = window.output().viewport_output.values();
        let mut commands = outputs.flat_map(|output| &output.commands);
        commands.any(|command| matches!(command, egui::ViewportCommand::Close))
    };
    assert!(closes(&mut window, Modifiers::COMMAND, Key::Q));
    rebind(
        &mut window,
        "Close the window: Ctrl+Q",
        Modifiers::ALT,
        Key::F4,
    );
    assert!(!closes(&mut window, Modifiers::COMMAND, Key::Q));
    assert!(closes(&mut window, Modifiers::ALT, Key::F4));
}

#[test]
fn the_sheet_shows_the_keys_of_now() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    rebind(&mut window, "Full screen: F11", Modifiers::ALT, Key::F12);
    click(&mut window, "Create");
    plain(&mut window, Key::F1);
    assert!(has(&window, "Alt+F12") && !has(&window, "F11"));
    plain(&mut window, Key::Escape);
    rebind(&mut window, "These keys: F1, ?", Modifiers::NONE, Key::F2);
    click(&mut window, "Create");
    plain(&mut window, Key::F1);
    assert!(!has(&window, "Stop and discard"));
    plain(&mut window, Key::F2);
    assert!(has(&window, "Stop and discard"));
    plain(&mut window, Key::Escape);
    assert!(!has(&window, "Stop and discard"));
}

#[test]
fn no_text_of_the_keys_is_cut_in_either_language() {
    // Wide keys, and the buttons that reset them, beside the longest names.
    const WIDE: &str = r#"{"close":["Ctrl+Alt+Shift+PageDown"],"usual_size":["Ctrl+Alt+Shift+F12"],
        "swap":["Ctrl+Alt+Shift+F12"],"hand":["Ctrl+Alt+Insert"],"show_mask":["Ctrl+Alt+Shift+F10"],
        "original":["Ctrl+Shift+Backspace"],"redo":["Ctrl+Shift+Z","Ctrl+Y","Alt+Backspace"]}"#;
    for language in ["english", "chinese"] {
        for keys in ["{}", WIDE] {
            let mut start = options();
            start.settings = Some(format!(r#"{{"language":"{language}","keys":{keys}}}"#));
            let engine = FakeEngine::default();
            let mut window = window_with(&engine, start, [1116.0, 2400.0]);
            press(&mut window, Modifiers::COMMAND, Key::Comma);
            assert!(texts(&window).len() > 120);
            none_is_cut(&window, keys == WIDE);
            none_lies_over_another(&window);
            plain(&mut window, Key::F1);
            none_is_cut(&window, keys == WIDE);
        }
    }
}

fn none_is_cut(window: &Window, may_be_short: bool) {
    for (text, place, clip, elided) in texts(window) {
        let cut = place.left() < clip.left() - 1.0 || place.right() > clip.right() + 1.0;
        assert!(
            !cut && (may_be_short || !elided),
            "\"{text}\" at {place} is cut by {clip}"
        );
    }
}

fn none_lies_over_another(window: &Window) {
    let texts = texts(window);
    for (index, (text, place, clip, _)) in texts.iter().enumerate() {
        for (other, there, _, _) in &texts[index + 1..] {
            let both = place.intersect(*clip).shrink(1.0);
            let both = both.intersect(there.shrink(1.0));
            assert!(!both.is_positive(), "\"{text}\" lies over \"{other}\"");
        }
    }
}
