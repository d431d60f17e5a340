use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{Event, Failure, OpenedPicture, Origin, Request};
use afterimage::library::FileError;
use afterimage::raster::Area;
use afterimage::recipe::{ResizeMode, Task};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::easel_kit::{assert_near, at_easel, draw, expected, finish, on_screen, run};
use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    PICTURES, Window, click, generate_to_the_end, has, options, retype, settle, until, window,
    window_with,
};

#[test]
fn the_picture_is_cut_by_its_corner_and_the_cut_is_taken_back() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    draw(&mut window, &[[64.0, 64.0], [80.0, 64.0]]);
    window.key_press(Key::C);
    settle(&mut window);
    assert!(
        window
            .get_by_label("Cut the picture")
            .accesskit_node()
            .is_disabled()
    );
    draw(
        &mut window,
        &[[128.0, 128.0], [110.0, 110.0], [104.0, 100.0]],
    );
    retype(&mut window, egui::Role::TextInput, "Left", "8");
    click(&mut window, "Cut the picture");
    assert!(has(&window, "Cropped"));
    click(&mut window, "Fill");
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    engine.tell(Event::Cancelled { job: job.id });
    let extent = job.inputs.image.as_ref().unwrap().extent();
    assert!(
        extent.width.abs_diff(96) <= 1 && extent.height.abs_diff(100) <= 1,
        "{extent}"
    );
    let part = Area { x: 8, y: 0, extent };
    let mask = expected(&[[64.0, 64.0], [80.0, 64.0]]);
    assert_near(job.inputs.mask.as_ref().unwrap(), &mask.cropped(part));
    settle(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_near(job.inputs.mask.as_ref().unwrap(), &mask);
}

#[test]
fn a_result_is_seen_beside_the_picture_it_was_made_from() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    draw(&mut window, &[[64.0, 64.0], [80.0, 64.0]]);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    finish(&mut window, &engine, &job, "filled.png", 200);
    let pixel = |window: &mut Window, at: [f32; 2]| {
        let at = on_screen(window, at);
        window
            .render()
            .unwrap()
            .get_pixel(at.x as u32, at.y as u32)
            .0
    };
    let made = pixel(&mut window, [20.0, 20.0]);
    assert_eq!(made[..3], [200; 3]);
    window.key_press(Key::Y);
    settle(&mut window);
    assert_ne!(pixel(&mut window, [20.0, 20.0])[..3], [200; 3]);
    assert_eq!(pixel(&mut window, [100.0, 20.0])[..3], [200; 3]);
    // Once it is accepted people paint on it; asked for, it is seen beside the state before it.
    window.key_press(Key::Enter);
    settle(&mut window);
    assert_eq!(pixel(&mut window, [20.0, 20.0])[..3], [200; 3]);
    click(&mut window, "Compare");
    assert_ne!(pixel(&mut window, [20.0, 20.0])[..3], [200; 3]);
    click(&mut window, "Compare");
    assert_eq!(pixel(&mut window, [20.0, 20.0])[..3], [200; 3]);
    // Of the first picture there is no state before.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    window.key_press(Key::Y);
    settle(&mut window);
    draw(&mut window, &[[30.0, 30.0], [40.0, 30.0]]);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert!(job.inputs.mask.unwrap().values()[30 * 128 + 35] > 200);
}

#[test]
fn a_change_has_the_size_and_shape_people_choose() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    retype(&mut window, egui::Role::TextInput, "Width", "192");
    click(&mut window, "Canvas");
    settle(&mut window);
    click(&mut window, "Change");
    assert!(!has(&window, "Fill edges"));
    click(&mut window, "192 × 128");
    click(&mut window, "Fill edges");
    let job = run(&mut window, &engine, "Change the picture")
        .pop()
        .unwrap();
    assert_eq!((job.recipe.width, job.recipe.height), (192, 128));
    let Task::ImageToImage(change) = &job.recipe.task else {
        panic!("{:?}", job.recipe.task)
    };
    assert_eq!(change.resize, ResizeMode::ResizeAndFill);
}

#[test]
fn tab_shows_the_original_though_a_control_was_clicked() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    draw(&mut window, &[[64.0, 64.0], [80.0, 64.0]]);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    finish(&mut window, &engine, &job, "filled.png", 200);
    click(&mut window, "Mask");
    let tab = |pressed| egui::Event::Key {
        key: Key::Tab,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    let level = |window: &mut Window| {
        let at = on_screen(window, [20.0, 20.0]);
        window.step();
        window
            .render()
            .unwrap()
            .get_pixel(at.x as u32, at.y as u32)
            .0[0]
    };
    window.event(tab(true));
    assert_ne!(level(&mut window), 200);
    window.event(tab(false));
    assert_eq!(level(&mut window), 200);
}

#[test]
fn a_pasted_picture_is_saved_and_comes_onto_the_easel() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    let image = egui::ColorImage::filled([40, 30], egui::Color32::from_rgb(10, 200, 30));
    window.event(egui::Event::PasteImage(Arc::new(image)));
    let imported = || {
        let pixels = |request| match request {
            Request::Import { pixels } => Some(pixels),
            _ => None,
        };
        engine.requests().into_iter().find_map(pixels)
    };
    until(&mut window, |_| imported().is_some());
    let pixels = imported().unwrap();
    assert_eq!(pixels.rgba()[..4], [10, 200, 30, 255]);
    engine.tell(Event::Imported {
        picture: Box::new(OpenedPicture {
            pixels: Arc::clone(&pixels),
            thumbnail: Arc::clone(&pixels),
            origin: Origin::Unknown,
        }),
        saved: Ok(PathBuf::from(PICTURES).join("pasted.png")),
    });
    settle(&mut window);
    assert!(has(&window, "Opened pasted.png"));
    click(&mut window, "Change");
    let job = run(&mut window, &engine, "Change the picture")
        .pop()
        .unwrap();
    assert_eq!(job.inputs.image, Some(pixels));
}

#[test]
fn a_long_message_takes_more_lines_instead_of_a_wider_window() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    let path = format!("/home/someone/{}", "a".repeat(400));
    engine.tell(Event::NotKept(Failure::File(FileError::Unwritable {
        path: path.clone(),
        reason: "no space left".to_owned(),
    })));
    settle(&mut window);
    let told = window.get_by_label_contains(&path).rect();
    assert!(told.width() <= 430.0, "{told:?}");
}

#[test]
fn in_a_narrow_window_the_bar_shows_icons_and_every_button_is_in_sight() {
    for (width, lean) in [(1440.0, false), (1200.0, true), (900.0, true)] {
        let engine = FakeEngine::default();
        let mut window = window_with(&engine, options(), [width, 700.0]);
        generate_to_the_end(&mut window, &engine);
        click(&mut window, "Canvas");
        settle(&mut window);
        let rect = |name| {
            window
                .get_by_role_and_label(egui::Role::Button, name)
                .rect()
        };
        let canvas = window
            .get_by_role_and_label(egui::Role::Canvas, "Canvas")
            .rect();
        assert_eq!(rect("Copy").width() < 30.0, lean, "at {width}");
        for name in ["Undo", "Fit", "Mask", "Compare", "Open", "Reveal"] {
            let button = rect(name);
            assert!(button.left() >= canvas.left() && button.right() <= canvas.right());
            // The picture begins below.
            assert!(button.bottom() <= canvas.top(), "{name} at {width}");
        }
    }
}

#[test]
fn all_that_can_be_done_to_a_picture_stands_in_one_row() {
    let engine = FakeEngine::default();
    let window = at_easel(&engine);
    let top = |name| {
        window
            .get_by_role_and_label(egui::Role::Button, name)
            .rect()
            .top()
    };
    for name in ["Change", "Remove", "Extend", "Crop"] {
        assert_eq!(top(name), top("Fill"), "{name}");
    }
}
