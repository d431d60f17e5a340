use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{
    Entry, Event, Extras, Failure, FinishedPicture, Hint, Job, Kept, KeptStep, LatentPreview,
    OpenedPicture, Origin, Request,
};
use afterimage::library::FileError;
use afterimage::raster::{Area, Extent, Ink, Mask, Pixels, Segment, Stroke, TiledMask};
use afterimage::recipe::{Region, ResizeMode, Task};
use afterimage::weights::ModelError;
use egui::{Key, Modifiers, Pos2, Rect, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::{FakeEngine, preview};
use crate::window_kit;
use crate::window_kit::{
    PICTURES, Window, click, generate_to_the_end, has, retype, settle, window,
};

/// A window with a picture of 128 × 128 on the easel.
pub(crate) fn at_easel(engine: &FakeEngine) -> Window {
    let mut window = window(engine);
    generate_to_the_end(&mut window, engine);
    click(&mut window, "Canvas");
    settle(&mut window);
    window
}

/// Where the picture lies: as large as fits around the middle of the canvas.
fn place(window: &Window) -> Rect {
    let room = window
        .get_by_role_and_label(egui::Role::Canvas, "Canvas")
        .rect();
    let side = (room.size() - vec2(48.0, 48.0)).min_elem();
    let corner = room.center() - vec2(side, side) / 2.0;
    Rect::from_min_size(pos2(corner.x.round(), corner.y.round()), vec2(side, side))
}

fn on_screen(window: &Window, at: [f32; 2]) -> Pos2 {
    let place = place(window);
    place.min + vec2(at[0], at[1]) / 128.0 * place.width()
}

/// Draws with the mouse from place to place of the picture.
pub(crate) fn draw(window: &mut Window, path: &[[f32; 2]]) {
    let path: Vec<Pos2> = path.iter().map(|at| on_screen(window, *at)).collect();
    window.hover_at(path[0]);
    window.step();
    window.drag_at(path[0]);
    window.step();
    for at in &path[1..] {
        window.hover_at(*at);
        window.step();
    }
    window.drop_at(path[path.len() - 1]);
    settle(window);
}

/// The mask a brush of the usual size and hardness leaves along a path.
fn expected(path: &[[f32; 2]]) -> Mask {
    let extent = Extent::new(128, 128);
    let mut stroke = Stroke::new(extent);
    let starts = std::iter::once(&path[0]).chain(path);
    for (&from, &to) in starts.zip(path) {
        stroke.draw(&Segment {
            from,
            to,
            radii: [12.0, 12.0],
            hardness: 0.8,
        });
    }
    let mut mask = TiledMask::empty(extent);
    for (at, values) in stroke.inked(&mask, Ink::FULL) {
        mask.set(at, values);
    }
    mask.to_mask()
}

fn assert_near(made: &Mask, wanted: &Mask) {
    assert_eq!(made.extent(), wanted.extent());
    let gaps = made.values().iter().zip(wanted.values());
    // The mouse has whole points, and a picture's pixel is several of them.
    let worst = gaps.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= 4, "off by {worst}");
}

/// Presses the primary button and gives the jobs that were sent.
fn run(window: &mut Window, engine: &FakeEngine, name: &str) -> Vec<Job> {
    let before = engine.jobs().len();
    click(window, name);
    engine.jobs().split_off(before)
}

/// Hands over a result of a color.
fn finish(window: &mut Window, engine: &FakeEngine, job: &Job, name: &str, color: u8) -> Pixels {
    engine.start(job);
    let extent = job.inputs.image.as_ref().unwrap().extent();
    let made = Pixels::from_rgb(extent, &vec![color; extent.area() * 3]).unwrap();
    engine.tell(Event::Picture(Box::new(FinishedPicture {
        job: job.id,
        picture: 0,
        pixels: Arc::new(made.clone()),
        thumbnail: Arc::new(made.clone()),
        recipe: job.recipe.clone(),
        saved: Ok(PathBuf::from(PICTURES).join(name)),
    })));
    engine.finish(job.id);
    settle(window);
    made
}

#[test]
fn a_stroke_of_the_mouse_is_the_mask_of_the_job() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    assert!(has(&window, "Paint over what should change"));
    let path = [[30.0, 40.0], [60.0, 70.0], [90.0, 50.0]];
    draw(&mut window, &path);
    retype(
        &mut window,
        egui::Role::MultilineTextInput,
        "Fill with",
        "a white lighthouse",
    );
    let jobs = run(&mut window, &engine, "Fill the mask");
    let [job] = &jobs[..] else { panic!() };
    assert_near(job.inputs.mask.as_ref().unwrap(), &expected(&path));
    assert_eq!(job.recipe.prompt, "a white lighthouse");
    let Task::Inpaint(fill) = &job.recipe.task else {
        panic!("{:?}", job.recipe.task)
    };
    assert_eq!(fill.region, Region::WholePicture);
    assert_eq!((job.recipe.width, job.recipe.height), (128, 128));
}

#[test]
fn a_result_is_looked_at_accepted_and_taken_back() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    draw(&mut window, &[[64.0, 64.0], [80.0, 64.0]]);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    let made = finish(&mut window, &engine, &job, "filled.png", 200);
    assert!(has(&window, "Result 1"));
    window.key_press(Key::Enter);
    settle(&mut window);
    assert!(!has(&window, "Result 1"));
    assert!(has(&window, "Filled"));
    // The next job starts from the accepted picture, with nothing masked any more.
    click(&mut window, "Change");
    let job = run(&mut window, &engine, "Change the picture")
        .pop()
        .unwrap();
    assert_eq!(**job.inputs.image.as_ref().unwrap(), made);
    assert!(job.inputs.mask.is_none());
    engine.tell(Event::Cancelled { job: job.id });
    settle(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    click(&mut window, "Fill");
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_ne!(**job.inputs.image.as_ref().unwrap(), made);
    assert_near(
        job.inputs.mask.as_ref().unwrap(),
        &expected(&[[64.0, 64.0], [80.0, 64.0]]),
    );
}

#[test]
fn what_is_done_goes_to_disk_at_once_and_comes_back_at_the_next_start() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    draw(&mut window, &[[64.0, 64.0], [80.0, 64.0]]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(&mut window);
    let kept: Vec<Entry> = engine
        .requests()
        .into_iter()
        .filter_map(|request| match request {
            Request::Keep(entry) => Some(*entry),
            _ => None,
        })
        .collect();
    let [
        Entry::Picture(first),
        Entry::Mask(edit),
        Entry::Back,
        Entry::Forth,
    ] = &kept[..]
    else {
        panic!("{kept:?}")
    };
    let mut now = first.clone();
    for (at, values) in edit.forward() {
        now.mask.set(at, values);
    }
    let kept = Kept {
        first: first.clone(),
        steps: vec![KeptStep::Mask(edit.clone())],
        done: 1,
        now: now.clone(),
    };
    // The next start.
    let engine = FakeEngine::default();
    engine.tell(Event::Easel(Ok(Some(Box::new(kept)))));
    let mut window = window_kit::window(&engine);
    click(&mut window, "Canvas");
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_eq!(*job.inputs.mask.unwrap(), now.mask.to_mask());
    engine.tell(Event::Cancelled { job: job.id });
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    assert!(has(&window, "Paint over what should change"));
}

#[test]
fn room_is_added_around_the_picture_and_masked() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    click(&mut window, "Extend");
    retype(&mut window, egui::Role::TextInput, "Right", "32");
    click(&mut window, "Add room");
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_eq!((job.recipe.width, job.recipe.height), (160, 128));
    let mask = job.inputs.mask.unwrap();
    assert_eq!(
        (mask.values()[0], mask.values()[127], mask.values()[128]),
        (0, 0, 255)
    );
}

#[test]
fn a_thing_people_point_at_is_looked_for_and_masked() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    window.key_press(Key::S);
    settle(&mut window);
    draw(&mut window, &[[20.0, 30.0], [60.0, 70.0]]);
    let asked = engine
        .requests()
        .into_iter()
        .rev()
        .find_map(|request| match request {
            Request::Select(selection) => Some(selection),
            _ => None,
        });
    let asked = asked.unwrap();
    let Hint::Box(area) = asked.hint else {
        panic!("{:?}", asked.hint)
    };
    assert!(area.x.abs_diff(20) <= 1 && area.extent.height.abs_diff(40) <= 2);
    let mut values = vec![0; 128 * 128];
    values[40 * 128 + 40] = 255;
    let mask = Mask::from_values(Extent::new(128, 128), values).unwrap();
    engine.tell(Event::Selected {
        number: asked.number,
        mask: Ok(Arc::new(mask.clone())),
    });
    settle(&mut window);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_eq!(*job.inputs.mask.unwrap(), mask);
}

#[test]
fn the_smart_tool_tells_who_looks_for_things() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    assert!(engine.requests().contains(&Request::ListExtras));
    window.key_press(Key::S);
    settle(&mut window);
    let network = "Segment Anything (mobile_sam.pt)";
    assert!(has(&window, "Built-in, by colours and edges") && !has(&window, network));
    engine.tell(Event::Extras(Extras {
        sam: Some(PathBuf::from("/models/mobile_sam.pt")),
        ..Extras::default()
    }));
    settle(&mut window);
    assert!(has(&window, network) && !has(&window, "Built-in, by colours and edges"));
    // While it looks, that is told; of a file that is of no use, what to do.
    draw(&mut window, &[[20.0, 30.0], [60.0, 70.0]]);
    assert!(has(&window, "Looking for the thing…"));
    let cause = ModelError::Damaged {
        file: "/models/mobile_sam.pt".to_owned(),
        reason: "too short".to_owned(),
    };
    engine.tell(Event::Selected {
        number: 1,
        mask: Err(Failure::Extra(cause.clone())),
    });
    settle(&mut window);
    assert!(!has(&window, "Looking for the thing…"));
    assert!(has(&window, &Failure::Extra(cause).to_string()));
    window.key_press(Key::B);
    settle(&mut window);
    assert!(!has(&window, network));
}

#[test]
fn nothing_is_accepted_or_lost_by_going_about() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    let path = [[64.0, 64.0], [80.0, 64.0]];
    draw(&mut window, &path);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    finish(&mut window, &engine, &job, "filled.png", 200);
    click(&mut window, "Canvas");
    for key in [Key::ArrowRight, Key::ArrowRight, Key::ArrowLeft] {
        window.key_press(key);
        settle(&mut window);
    }
    assert!(has(&window, "Result 1") && !has(&window, "Filled"));
    click(&mut window, "Settings");
    click(&mut window, "Canvas");
    assert!(has(&window, "Result 1") && !has(&window, "Filled"));
    click(&mut window, "Leave");
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_near(job.inputs.mask.as_ref().unwrap(), &expected(&path));
}

#[test]
fn removing_asks_every_method_for_a_result() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    click(&mut window, "Remove");
    draw(&mut window, &[[20.0, 20.0], [40.0, 20.0]]);
    let jobs = run(&mut window, &engine, "Remove what is masked");
    let methods: Vec<_> = jobs
        .iter()
        .map(|job| match &job.recipe.task {
            Task::Remove(removal) => removal.method.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(methods, ["exemplar", "telea"]);
    for (job, color) in jobs.iter().zip([10, 20]) {
        finish(&mut window, &engine, job, &format!("{color}.png"), color);
    }
    assert!(has(&window, "Result 1 · exemplar") && has(&window, "Result 2 · telea"));
    click(&mut window, "Result 2 · telea");
    click(&mut window, "Refine");
    // The mask stays for another try.
    let job = run(&mut window, &engine, "Remove what is masked")
        .pop()
        .unwrap();
    assert_eq!(job.inputs.image.as_ref().unwrap().rgba()[0], 20);
}

#[test]
fn with_weights_a_network_removes_too_and_without_it_is_told_where_they_belong() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    click(&mut window, "Remove");
    let folder = "/home/someone/with/a/long/way/to/everything/afterimage/models";
    let tell = |lama: Option<&str>| {
        engine.tell(Event::Extras(Extras {
            folder: folder.into(),
            lama: lama.map(|file| format!("{folder}/{file}").into()),
            sam: None,
        }));
    };
    tell(None);
    settle(&mut window);
    let told = "With big-lama.pt in /home/someone/with/…ng/afterimage/models a network removes \
                things too.";
    assert!(has(&window, told));
    tell(Some("big-lama.pt"));
    settle(&mut window);
    assert!(!has(&window, told));
    draw(&mut window, &[[20.0, 20.0], [40.0, 20.0]]);
    let jobs = run(&mut window, &engine, "Remove what is masked");
    let removals = jobs.iter().map(|job| match &job.recipe.task {
        Task::Remove(removal) => removal.method.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(removals.collect::<Vec<_>>(), ["exemplar", "telea", "lama"]);
}

#[test]
fn keys_choose_tools_and_sizes_and_invert() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    window.key_press(Key::I);
    settle(&mut window);
    window.key_press(Key::E);
    for _ in 0..3 {
        window.key_press(Key::CloseBracket);
    }
    settle(&mut window);
    draw(&mut window, &[[64.0, 64.0], [64.0, 65.0]]);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    let mask = job.inputs.mask.unwrap();
    let at = |x: usize, y: usize| mask.values()[y * 128 + x];
    assert_eq!((at(0, 0), at(64, 64), at(127, 127)), (255, 0, 255));
    // Three steps larger than 24: the eraser reaches beyond 12 pixels.
    assert!(at(64 + 13, 64) < 255);
}

#[test]
fn a_preview_is_seen_inside_the_mask_alone() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    draw(&mut window, &[[30.0, 64.0], [98.0, 64.0]]);
    window.key_press(Key::M);
    settle(&mut window);
    let before = window.render().unwrap();
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    engine.start(&job);
    engine.show(LatentPreview {
        place: Some(Area::whole(Extent::new(128, 128))),
        ..preview(job.id, 0, 1)
    });
    settle(&mut window);
    let during = window.render().unwrap();
    let differs = |at: [f32; 2]| {
        let at = on_screen(&window, at);
        let pixel = |image: &image::RgbaImage| *image.get_pixel(at.x as u32, at.y as u32);
        pixel(&before) != pixel(&during)
    };
    assert!(differs([64.0, 64.0]) || differs([50.0, 60.0]));
    assert!(!differs([64.0, 20.0]) && !differs([64.0, 110.0]));
}

#[test]
fn the_picture_people_go_back_to_create_with_is_the_one_of_the_easel() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    let job = {
        draw(&mut window, &[[64.0, 64.0], [70.0, 64.0]]);
        run(&mut window, &engine, "Fill the mask").pop().unwrap()
    };
    finish(&mut window, &engine, &job, "filled.png", 77);
    click(&mut window, "Accept");
    click(&mut window, "Create");
    assert!(has(&window, "filled.png"));
}

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
    window_kit::until(&mut window, |_| imported().is_some());
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
