use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{
    Entry, Event, Extras, Failure, Hint, Kept, KeptStep, LatentPreview, Request,
};
use afterimage::raster::{Area, Extent, Mask};
use afterimage::recipe::{Region, Task};
use afterimage::weights::ModelError;
use egui::{Key, Modifiers};

use crate::easel_kit::{assert_near, at_easel, draw, expected, finish, on_screen, run};
use crate::fake_engine::{FakeEngine, preview};
use crate::window_kit;
use crate::window_kit::{click, has, retype, settle};

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
fn what_create_leaves_out_for_speed_the_easel_leaves_out_too() {
    let engine = FakeEngine::default();
    let mut window = at_easel(&engine);
    click(&mut window, "Create");
    click(&mut window, "Speed");
    retype(&mut window, egui::Role::TextInput, "Step cache", "3");
    click(&mut window, "Canvas");
    draw(&mut window, &[[64.0, 64.0], [80.0, 64.0]]);
    let job = run(&mut window, &engine, "Fill the mask").pop().unwrap();
    assert_eq!(job.recipe.shortcuts.cache_interval, 3);
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
        first: first.kept(),
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
            upscalers: Vec::new(),
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
