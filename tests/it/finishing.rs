//! The last touch to a picture is seen at once and done to its pixels when it is saved.

use std::path::PathBuf;

use afterimage::engine::{Event, Request};
use afterimage::recipe::Finish;
use egui::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    PICTURES, Window, click, generate, generate_to_the_end, has, retype, settle, slider, unsaved,
    window,
};
use crate::window_results::drop_picture;

/// The finish of the last picture that was asked to be saved or copied.
fn asked(engine: &FakeEngine) -> Finish {
    let finish = |request| match request {
        Request::SaveAs { finish, .. } | Request::Copy { finish, .. } => Some(*finish),
        _ => None,
    };
    let requests = engine.requests().into_iter().rev();
    requests.into_iter().find_map(finish).unwrap()
}

/// Opens the group below the recipe.
fn open(window: &mut Window) {
    click(window, "Finish");
    window
        .get_by_role_and_label(Role::Slider, "Exposure")
        .scroll_to_me();
    settle(window);
}

fn set(window: &mut Window, name: &str, value: &str) {
    retype(window, Role::TextInput, name, value);
    window.key_press(egui::Key::Enter);
    settle(window);
}

#[test]
fn what_is_slid_is_copied_and_saved_and_can_be_put_back() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    open(&mut window);
    set(&mut window, "Exposure", "0.5");
    set(&mut window, "Grain", "0.3");
    let wanted = Finish {
        exposure: 0.5,
        grain: 0.3,
        ..Finish::default()
    };
    click(&mut window, "Copy");
    assert_eq!(asked(&engine), wanted);
    click(&mut window, "Save as…");
    retype(&mut window, Role::TextInput, "Path", "/elsewhere/boat");
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    assert_eq!(asked(&engine), wanted);

    click(&mut window, "Reset");
    assert_eq!(slider(&window, "Exposure"), 0.0);
    click(&mut window, "Copy");
    assert!(asked(&engine).is_off());
}

#[test]
fn a_curve_is_bent_by_its_points_and_by_colour() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    open(&mut window);
    click(&mut window, "Curve: Red");
    let point = window.get_by_role_and_label(Role::Slider, "Curve 3");
    assert_eq!(point.accesskit_node().numeric_value(), Some(0.5));
    point.focus();
    settle(&mut window);
    for _ in 0..5 {
        window.key_press(egui::Key::ArrowRight);
        settle(&mut window);
    }
    click(&mut window, "Copy");
    let curves = asked(&engine).curves;
    assert!((curves.red.0[2] - 0.6).abs() < 1e-4, "{curves:?}");
    assert_eq!(curves.all, Finish::default().curves.all);
}

#[test]
fn each_picture_has_a_touch_of_its_own() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    open(&mut window);
    set(&mut window, "Warmth", "0.4");
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.finish_picture(&job, 0, PathBuf::from(PICTURES).join("second.png"));
    engine.finish(job.id);
    settle(&mut window);
    assert_eq!(slider(&window, "Warmth"), 0.0);
    let prompt = &job.recipe.prompt;
    click(&mut window, &format!("Picture 2: {prompt}"));
    assert!((slider(&window, "Warmth") - 0.4).abs() < 1e-6);
}

#[test]
fn a_picture_made_again_gets_its_touch_back() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let mut recipe = generate_to_the_end(&mut window, &engine).recipe;
    let finish = Finish {
        contrast: 0.25,
        ..Finish::default()
    };
    recipe.finishes = vec![finish];
    // That takes its recipe over.
    drop_picture(&mut window, &engine, &recipe);
    assert!(has(&window, "contrast 0.25"));
    // Its pixels have it already.
    open(&mut window);
    assert_eq!(slider(&window, "Contrast"), 0.0);
    generate_to_the_end(&mut window, &engine);
    assert!((slider(&window, "Contrast") - 0.25).abs() < 1e-6);
}

#[test]
fn a_picture_that_has_no_file_has_none_when_its_finished_copy_is_saved() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.tell(Event::Picture(Box::new(unsaved(&job))));
    engine.finish(job.id);
    settle(&mut window);
    open(&mut window);
    set(&mut window, "Exposure", "0.5");
    let path = PathBuf::from("/elsewhere/boat.png");
    // The bar has a button of this name, and the note that the picture was not saved.
    window
        .get_all_by_role_and_label(Role::Button, "Save as…")
        .next()
        .unwrap()
        .click();
    settle(&mut window);
    retype(&mut window, Role::TextInput, "Path", "/elsewhere/boat.png");
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    engine.tell(Event::Saved {
        path,
        result: Ok(()),
    });
    settle(&mut window);
    assert!(has(&window, "Not saved"));
}
