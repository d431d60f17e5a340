use std::path::PathBuf;
use std::sync::Arc;

use afterimage::engine::{
    EnlargedPart, Event, Extras, Failure, FinishedPicture, Job, OpenedPicture, Origin, Request,
    Stage, UpscalerCard,
};
use afterimage::library::FileError;
use afterimage::models::{CompactLayout, UpscalerLayout};
use afterimage::pipelines::Target;
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::Task;
use egui::accesskit::Toggled;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::FakeEngine;
use crate::window_kit::{
    Dropped, PICTURES, Window, click, generate_to_the_end, has, retype, settle, window,
};

fn picture(width: u32, height: u32) -> Arc<Pixels> {
    let extent = Extent::new(width, height);
    Arc::new(Pixels::from_rgb(extent, &vec![120; extent.area() * 3]).unwrap())
}

fn drop_files(window: &mut Window, paths: &[&str]) {
    for path in paths {
        let file = Arc::new(Dropped(PathBuf::from(path)));
        window.input_mut().dropped_files.push(file);
    }
    settle(window);
}

/// What the engine answers where the window asked for a file.
fn opened(window: &mut Window, engine: &FakeEngine, path: &str, pixels: &Arc<Pixels>) {
    let path = PathBuf::from(path);
    let asked = Request::Open { path: path.clone() };
    assert!(engine.requests().contains(&asked), "{}", path.display());
    engine.tell(Event::Opened {
        path,
        picture: Ok(OpenedPicture {
            pixels: Arc::clone(pixels),
            thumbnail: Arc::clone(pixels),
            origin: Origin::Unknown,
        }),
    });
    settle(window);
}

fn at_upscale(engine: &FakeEngine) -> Window {
    let mut window = window(engine);
    click(&mut window, "Upscale");
    window
}

/// With a picture of a size that was dropped, and Lanczos at work.
fn with_picture(engine: &FakeEngine, width: u32, height: u32) -> Window {
    let mut window = at_upscale(engine);
    click(&mut window, "Lanczos");
    drop_files(&mut window, &["/somewhere/cat.png"]);
    let pixels = picture(width, height);
    opened(&mut window, engine, "/somewhere/cat.png", &pixels);
    window
}

/// A network in the folder that is at work, and what the engine tells of it.
fn with_network(window: &mut Window, engine: &FakeEngine) {
    engine.tell(Event::Extras(Extras {
        folder: "/models".into(),
        upscalers: vec!["/models/upscale/general.pth".into()],
        ..Extras::default()
    }));
    settle(window);
    click(window, "general");
    inspected(window, engine, "general");
}

/// A network was asked about, and the engine tells what it is.
fn inspected(window: &mut Window, engine: &FakeEngine, name: &str) {
    inspected_as(window, engine, (name, 4));
}

/// The same of one that enlarges by a factor.
fn inspected_as(window: &mut Window, engine: &FakeEngine, (name, scale): (&str, usize)) {
    let name = name.to_owned();
    assert!(
        engine
            .requests()
            .contains(&Request::InspectUpscaler { name: name.clone() })
    );
    engine.tell(Event::Upscaler {
        name,
        card: Ok(UpscalerCard {
            layout: UpscalerLayout::Compact(CompactLayout {
                scale,
                ..CompactLayout::general()
            }),
            bytes: 5_000_000,
        }),
    });
    settle(window);
}

fn make(window: &mut Window, engine: &FakeEngine) -> Vec<Job> {
    let before = engine.jobs().len();
    click(window, "Make it larger");
    engine.jobs().split_off(before)
}

#[test]
fn without_a_network_of_ones_own_sprout_is_at_work_by_the_factor() {
    let engine = FakeEngine::default();
    let mut window = at_upscale(&engine);
    assert!(has(&window, "Sprout ×2") && has(&window, "Sprout ×4"));
    drop_files(&mut window, &["/somewhere/cat.png"]);
    opened(&mut window, &engine, "/somewhere/cat.png", &picture(64, 48));
    inspected_as(&mut window, &engine, ("sprout-x4", 4));
    assert!(has(&window, "64 × 48 → 256 × 192"));
    assert_eq!(make(&mut window, &engine)[0].recipe.model.name, "sprout-x4");
    for _ in 0..2 {
        click(&mut window, "×2");
        settle(&mut window);
    }
    inspected_as(&mut window, &engine, ("sprout-x2", 2));
    click(&mut window, "×2");
    assert!(has(&window, "64 × 48 → 128 × 96"));
    assert!(has(&window, "SRVGGNetCompact · ×2"));
}

#[test]
fn what_cannot_be_read_is_told_and_not_listed() {
    let engine = FakeEngine::default();
    let mut window = at_upscale(&engine);
    click(&mut window, "Lanczos");
    drop_files(&mut window, &["/somewhere/gone.png", "/somewhere/cat.png"]);
    assert!(has(&window, "gone.png") && has(&window, "cat.png"));
    engine.tell(Event::Opened {
        path: "/somewhere/gone.png".into(),
        picture: Err(Failure::File(FileError::Unreadable {
            path: "/somewhere/gone.png".to_owned(),
            reason: "it is gone".to_owned(),
        })),
    });
    settle(&mut window);
    assert!(has(&window, "it is gone"));
    assert!(window.query_by_label("gone.png").is_none());
    opened(&mut window, &engine, "/somewhere/cat.png", &picture(64, 48));
    assert_eq!(make(&mut window, &engine).len(), 1);
}

#[test]
fn a_picture_is_restored_at_its_own_size_without_a_network_of_ones_own() {
    let engine = FakeEngine::default();
    let mut window = at_upscale(&engine);
    drop_files(&mut window, &["/somewhere/cat.png"]);
    opened(&mut window, &engine, "/somewhere/cat.png", &picture(64, 48));
    click(&mut window, "Sprout Restore");
    inspected_as(&mut window, &engine, ("sprout-restore", 1));
    assert!(has(&window, "Takes away grain and JPEG's marks"));
    assert!(has(&window, "64 × 48 → 64 × 48"));
    click(&mut window, "Restore it");
    let job = engine.jobs().pop().unwrap();
    assert_eq!(job.recipe.model.name, "sprout-restore");
    assert_eq!((job.recipe.width, job.recipe.height), (64, 48));
    // Made larger meanwhile, what is restored is resampled.
    click(&mut window, "×2");
    assert!(has(&window, "64 × 48 → 128 × 96"));
}

#[test]
fn a_dropped_file_is_planned_and_made_larger_by_lanczos_which_is_said() {
    let engine = FakeEngine::default();
    let mut window = at_upscale(&engine);
    assert!(has(&window, "Drop pictures, paste one"));
    drop_files(&mut window, &["/somewhere/cat.png"]);
    opened(&mut window, &engine, "/somewhere/cat.png", &picture(64, 48));
    click(&mut window, "Lanczos");
    assert!(has(&window, "Lanczos is at work"));
    assert!(has(&window, "64 × 48 → 256 × 192"));
    let jobs = make(&mut window, &engine);
    let [job] = &jobs[..] else { panic!("{jobs:?}") };
    let Task::Upscale(enlargement) = &job.recipe.task else {
        panic!("{:?}", job.recipe.task)
    };
    assert_eq!(enlargement.method, "lanczos");
    assert_eq!(job.inputs.image.as_deref(), Some(&*picture(64, 48)));
    let wish = job.inputs.enlarging.as_ref().unwrap();
    assert_eq!((wish.target, wish.memory), (Target::Own, 2 << 30));
    // Nothing of it was taken over as settings of Create.
    click(&mut window, "Create");
    assert!(!has(&window, "There is no recipe"));
}

#[test]
fn a_network_that_is_there_is_at_work_with_its_reach_and_its_plan() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 64, 48);
    with_network(&mut window, &engine);
    assert!(has(&window, "SRVGGNetCompact · ×4 · sees 34 px around"));
    assert!(has(&window, "in one part"));
    click(&mut window, "×2");
    assert!(has(&window, "64 × 48 → 128 × 96"));
    let job = make(&mut window, &engine).pop().unwrap();
    assert_eq!(job.recipe.model.name, "general");
    let wish = job.inputs.enlarging.unwrap();
    assert_eq!(wish.target, Target::Factor(2.0));
    click(&mut window, "Pixels");
    retype(&mut window, egui::Role::TextInput, "Longer side", "500");
    assert!(has(&window, "64 × 48 → 500 × 375"));
    click(&mut window, "Lanczos");
    assert!(has(&window, "Lanczos is at work"));
}

#[test]
fn parts_and_overlap_are_chosen_and_what_does_not_fit_is_refused_beforehand() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 400, 300);
    with_network(&mut window, &engine);
    click(&mut window, "Parts");
    retype(&mut window, egui::Role::TextInput, "Side", "128");
    assert!(has(&window, "12 parts of 128×128 · seams may show"));
    click(&mut window, "Seamless");
    assert!(has(&window, "12 parts of 128×128 · no seam"));
    let wish = make(&mut window, &engine)
        .pop()
        .unwrap()
        .inputs
        .enlarging
        .unwrap();
    assert_eq!((wish.tiling.tile, wish.tiling.pad), (Some(128), 34));
    retype(&mut window, egui::Role::TextInput, "Memory, GB", "0.1");
    assert!(has(&window, "allow more memory"));
    assert!(make(&mut window, &engine).is_empty());
}

#[test]
fn parts_are_seen_as_they_are_done_and_the_result_beside_what_it_was() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 64, 48);
    let job = make(&mut window, &engine).pop().unwrap();
    engine.tell(Event::Started {
        job: job.id,
        recipe: Box::new(job.recipe.clone()),
        count: 1,
    });
    engine.tell(Event::Stage {
        job: job.id,
        picture: 0,
        stage: Stage::Upscale,
    });
    let line = |window: &Window| {
        window
            .query_by_role_and_label(egui::Role::Slider, "Line between before and after")
            .is_some()
    };
    settle(&mut window);
    assert!(has(&window, "Making it larger") && !line(&window));
    for (corner, (width, height)) in [([0, 0], (256, 192)), ([0, 0], (256, 96))] {
        engine.tell(Event::Part(EnlargedPart {
            job: job.id,
            extent: Extent::new(256, 192),
            corner,
            pixels: picture(width, height),
        }));
    }
    for step in [0, 1] {
        engine.tell(Event::Step {
            job: job.id,
            picture: 0,
            step,
            steps: 2,
            took: std::time::Duration::from_secs(3),
        });
    }
    settle(&mut window);
    assert!(has(&window, "Part 1 of 2 · 3.0 s a part"));
    assert!(has(&window, "3.0 s left"));
    assert!(line(&window), "the part is seen beside the picture");
    let made = picture(256, 192);
    engine.tell(Event::Picture(Box::new(FinishedPicture {
        reduced: false,
        job: job.id,
        picture: 0,
        pixels: Arc::clone(&made),
        thumbnail: made,
        recipe: job.recipe.clone(),
        saved: Ok(PathBuf::from(PICTURES).join("cat-larger.png")),
    })));
    engine.finish(job.id);
    settle(&mut window);
    assert!(line(&window) && has(&window, "Saved as cat-larger.png"));
    click(&mut window, "Compare");
    assert!(!line(&window));
    // The key of the canvas does the same here.
    window.key_press(egui::Key::Y);
    settle(&mut window);
    assert!(line(&window));
    for (key, share) in [
        (egui::Key::End, 1.0),
        (egui::Key::Home, 0.0),
        (egui::Key::ArrowRight, 0.02),
    ] {
        let role = egui::Role::Slider;
        let name = "Line between before and after";
        window.get_by_role_and_label(role, name).focus();
        window.key_press(key);
        settle(&mut window);
        let value = window
            .get_by_role_and_label(role, name)
            .accesskit_node()
            .numeric_value();
        assert!((value.unwrap() - share).abs() < 1e-6, "{key:?}: {value:?}");
    }
    // Up to pixels that are squares with a grid.
    for _ in 0..12 {
        click(&mut window, "Zoom in");
    }
    assert!(has(&window, "Actual size"));
    let has_grid = |window: &Window| {
        let button = window.get_by_role_and_label(egui::Role::Button, "Grid");
        button.accesskit_node().toggled() == Some(Toggled::True)
    };
    assert!(has_grid(&window), "there is one at first");
    click(&mut window, "Grid");
    assert!(!has_grid(&window));
    click(&mut window, "Create");
    click(&mut window, "Upscale");
    assert!(has(&window, "cat.png"));
}

#[test]
fn many_dropped_files_wait_in_the_queue_unread() {
    let engine = FakeEngine::default();
    let mut window = at_upscale(&engine);
    click(&mut window, "Lanczos");
    let paths = ["/a/one.png", "/a/two.png", "/a/three.png"];
    drop_files(&mut window, &paths);
    opened(&mut window, &engine, paths[0], &picture(30, 20));
    for name in ["one.png", "two.png", "three.png"] {
        assert!(has(&window, name), "{name}");
    }
    let jobs = make(&mut window, &engine);
    assert_eq!(jobs.len(), 3);
    assert!(jobs[0].inputs.image.is_some());
    for (job, path) in jobs.iter().zip(paths).skip(1) {
        assert!(job.inputs.image.is_none());
        let wish = job.inputs.enlarging.as_ref().unwrap();
        assert_eq!(wish.file.as_deref(), Some(std::path::Path::new(path)));
    }
    click(&mut window, "Take out picture 2");
    assert!(!has(&window, "two.png"));
    assert!(engine.requests().contains(&Request::Discard(jobs[1].id)));
    click(&mut window, "three.png");
    opened(&mut window, &engine, paths[2], &picture(50, 40));
    assert!(has(&window, "50 × 40 → 200 × 160"));
}

#[test]
fn a_picture_of_the_library_comes_along_and_another_takes_its_place() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    generate_to_the_end(&mut window, &engine);
    click(&mut window, "Upscale");
    click(&mut window, "Lanczos");
    assert!(has(&window, "128 × 128 → 512 × 512"));
    let job = make(&mut window, &engine).pop().unwrap();
    assert_eq!(job.inputs.image.unwrap().extent(), Extent::new(128, 128));
}

#[test]
fn the_panel_speaks_both_languages() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 64, 48);
    with_network(&mut window, &engine);
    let toggle = window.get_all_by_role(egui::Role::Button).find_map(|node| {
        let label = node.accesskit_node().label()?;
        label.contains("中文").then_some(label)
    });
    click(&mut window, &toggle.unwrap());
    assert!(has(&window, "感受野 34 像素"));
    assert!(has(&window, "整张一次完成"));
    click(&mut window, "放大图片");
    assert_eq!(engine.jobs().len(), 1);
}

#[test]
fn networks_are_compared_on_one_part_and_the_best_is_taken() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 400, 300);
    with_network(&mut window, &engine);
    click(&mut window, "Compare all…");
    let jobs = engine.jobs();
    let tried: Vec<_> = jobs
        .iter()
        .map(|job| (job.recipe.model.name.as_str(), &job.inputs))
        .collect();
    let names: Vec<_> = tried.iter().map(|(name, _)| *name).collect();
    let all = [
        "general",
        "sprout-x2",
        "sprout-x4",
        "sprout-x4-crisp",
        "sprout-restore",
        "",
    ];
    assert_eq!(names, all);
    for (_, inputs) in &tried {
        assert_eq!(inputs.image, tried[0].1.image);
        assert!(inputs.enlarging.as_ref().unwrap().is_trial);
    }
    let part = tried[0].1.image.as_ref().unwrap();
    assert_eq!(part.extent(), Extent::new(96, 96));
    for job in &jobs {
        engine.tell(Event::Started {
            job: job.id,
            recipe: Box::new(job.recipe.clone()),
            count: 1,
        });
        engine.tell(Event::Trial {
            job: job.id,
            pixels: picture(384, 384),
        });
        engine.finish(job.id);
    }
    settle(&mut window);
    let images = |window: &Window| {
        let names = [
            "general",
            "Sprout ×2",
            "Sprout ×4",
            "Sprout ×4 Crisp",
            "Sprout Restore",
            "Lanczos",
        ];
        let shown = names.map(|name| {
            let role = egui::Role::Image;
            window.query_by_role_and_label(role, name).is_some()
        });
        shown.into_iter().filter(|shown| *shown).count()
    };
    assert_eq!(images(&window), 6);
    click(&mut window, "Use Lanczos");
    assert_eq!(images(&window), 0);
    assert!(has(&window, "Lanczos is at work"));
    // Esc leaves it too, and what was not tried yet is not.
    click(&mut window, "Compare all…");
    window.key_press(egui::Key::Escape);
    settle(&mut window);
    assert_eq!(images(&window), 0);
    let job = engine.jobs().pop().unwrap();
    assert!(engine.requests().contains(&Request::Discard(job.id)));
}

#[test]
fn trials_have_the_size_that_is_asked_for_in_pixels() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 400, 300);
    with_network(&mut window, &engine);
    click(&mut window, "Pixels");
    retype(&mut window, egui::Role::TextInput, "Longer side", "1000");
    click(&mut window, "Compare all…");
    for job in engine.jobs() {
        let wish = job.inputs.enlarging.unwrap();
        assert_eq!(wish.target, Target::Factor(2.5));
    }
}

#[test]
fn a_network_of_another_folder_is_named_without_it_and_found_by_its_file() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 64, 48);
    with_network(&mut window, &engine);
    click(&mut window, "Open file…");
    retype(
        &mut window,
        egui::Role::TextInput,
        "Path",
        "/elsewhere/mine.pth",
    );
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    inspected(&mut window, &engine, "/elsewhere/mine.pth");
    let job = make(&mut window, &engine).pop().unwrap();
    assert_eq!(job.recipe.model.name, "mine");
    let wish = job.inputs.enlarging.unwrap();
    assert_eq!(wish.network, Some(PathBuf::from("/elsewhere/mine.pth")));
    click(&mut window, "general");
    let job = make(&mut window, &engine).pop().unwrap();
    assert_eq!(job.recipe.model.name, "general");
    assert_eq!(job.inputs.enlarging.unwrap().network, None);
}

#[test]
fn a_result_that_left_the_memory_is_seen_again_when_people_come_back() {
    let engine = FakeEngine::default();
    let mut window = with_picture(&engine, 64, 48);
    let job = make(&mut window, &engine).pop().unwrap();
    engine.start(&job);
    let made = picture(256, 192);
    let path = PathBuf::from(PICTURES).join("cat-larger.png");
    engine.tell(Event::Picture(Box::new(FinishedPicture {
        reduced: false,
        job: job.id,
        picture: 0,
        pixels: Arc::clone(&made),
        thumbnail: Arc::clone(&made),
        recipe: job.recipe.clone(),
        saved: Ok(path.clone()),
    })));
    engine.finish(job.id);
    settle(&mut window);
    let line = |window: &Window| {
        let role = egui::Role::Slider;
        let name = "Line between before and after";
        window.query_by_role_and_label(role, name).is_some()
    };
    assert!(line(&window));
    // Another picture is made at Create; the result, which has a file, leaves the memory.
    click(&mut window, "Create");
    assert!(!line(&window));
    generate_to_the_end(&mut window, &engine);
    engine.take_requests();
    click(&mut window, "Upscale");
    let asked = engine
        .requests()
        .into_iter()
        .find_map(|request| match request {
            Request::SeeResult { path, room } => Some((path, room)),
            _ => None,
        });
    let (asked, room) = asked.expect("it is read again");
    assert_eq!(asked, path);
    assert!(room < 2 << 30, "what is held counts");
    // What is seen of it is smaller than it is, and lies where all of it would.
    engine.tell(Event::Seen {
        path: asked,
        seen: Ok((picture(128, 96), true)),
    });
    settle(&mut window);
    assert!(line(&window) && has(&window, "ready"));
    let job = make(&mut window, &engine).pop().unwrap();
    assert_eq!(job.inputs.image.unwrap().extent(), Extent::new(64, 48));
}
