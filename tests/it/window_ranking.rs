//! Of several pictures people keep the best, and sort the strip by words.

use std::path::PathBuf;
use std::sync::Arc;

use afterimage::app::words::Language;
use afterimage::engine::{
    ClipFolder, Event, Figures, Job, JobId, LibraryEntry, Likeness, LikenessEvent, LikenessRequest,
    Ranking, Request,
};
use afterimage::library::ASIDE;
use egui::Role;
use egui_kittest::kittest::Queryable as _;

use crate::fake_engine::{FakeEngine, pixels};
use crate::window_kit::{
    PICTURES, Window, click, generate, has, options, retype, settings, settle, window, window_with,
};

fn tell_clips(engine: &FakeEngine, window: &mut Window) {
    let clip = |name: &str, path: &str| ClipFolder {
        name: name.to_owned(),
        path: PathBuf::from(path),
    };
    engine.tell(Event::Likeness(LikenessEvent::Clips(vec![
        clip("sprout-clip", "sprout-clip"),
        clip("openai/clip-vit-base-patch32", "/hub/clip"),
    ])));
    settle(window);
}

/// What was asked to be compared last.
fn ranking(engine: &FakeEngine) -> Option<Ranking> {
    let of = |request| match request {
        Request::Likeness(LikenessRequest::Rank(ranking)) => Some(*ranking),
        _ => None,
    };
    engine.requests().into_iter().rev().find_map(of)
}

fn set_aside(engine: &FakeEngine) -> Option<Vec<PathBuf>> {
    let of = |request| match request {
        Request::Likeness(LikenessRequest::SetAside(pictures)) => Some(pictures),
        _ => None,
    };
    engine.requests().into_iter().rev().find_map(of)
}

fn tell_score(engine: &FakeEngine, ranking: &Ranking, picture: usize, score: f64) {
    engine.tell(Event::Likeness(LikenessEvent::Score {
        job: ranking.id,
        picture: ranking.pictures[picture].path.clone(),
        likeness: Ok(Likeness {
            cosine: score / 100.0,
            score,
        }),
    }));
}

fn finish(engine: &FakeEngine, job: JobId, window: &mut Window) {
    engine.tell(Event::Finished {
        job,
        figures: Figures::default(),
    });
    settle(window);
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(PICTURES).join(name)
}

/// Makes three pictures, `0.png` to `2.png`.
fn three_pictures(engine: &FakeEngine, window: &mut Window) -> Job {
    for side in ["Width", "Height"] {
        retype(window, Role::TextInput, side, "64");
    }
    retype(window, Role::TextInput, "Pictures", "3");
    let job = generate(window, engine);
    engine.start(&job);
    for picture in 0..3 {
        engine.finish_picture(&job, picture, file(&format!("{picture}.png")));
    }
    settle(window);
    engine.finish(job.id);
    settle(window);
    job
}

fn open_best(window: &mut Window, how: &str) {
    window
        .get_by_role_and_label(Role::Button, "Best of several")
        .click_accesskit();
    settle(window);
    window
        .get_by_role_and_label(Role::Button, how)
        .click_accesskit();
    settle(window);
}

#[test]
fn usually_nothing_is_compared() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    three_pictures(&engine, &mut window);
    assert_eq!(ranking(&engine), None);
    let asked = |request: &Request| matches!(request, Request::Likeness(_));
    assert!(!engine.requests().iter().any(asked));
}

#[test]
fn the_best_stays_and_the_others_are_set_aside_and_told() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    retype(
        &mut window,
        Role::MultilineTextInput,
        "Prompt",
        "a (red:1.2) cat",
    );
    open_best(&mut window, "Keep best");
    tell_clips(&engine, &mut window);
    three_pictures(&engine, &mut window);
    let asked = ranking(&engine).unwrap();
    assert_eq!(asked.clip, "sprout-clip");
    let texts: Vec<_> = asked.pictures.iter().map(|ranked| &*ranked.text).collect();
    assert_eq!(texts, ["a red cat"; 3]);
    assert!(has(&window, "compared 0 of 3"));
    for (picture, score) in [12.0, 31.5, 20.0].into_iter().enumerate() {
        tell_score(&engine, &asked, picture, score);
    }
    settle(&mut window);
    assert!(has(&window, "compared 3 of 3"));
    finish(&engine, asked.id, &mut window);
    assert!(has(&window, "Picture 1 of this run, likeness 31.5"));
    assert!(has(&window, "Picture 3 of this run, likeness 12.0"));
    let aside = set_aside(&engine).unwrap();
    assert_eq!(aside, [file("2.png"), file("0.png")]);
    let moved = aside.iter().map(|from| {
        let to = from.with_file_name(ASIDE).join(from.file_name().unwrap());
        (from.clone(), to)
    });
    engine.tell(Event::Likeness(LikenessEvent::SetAside {
        moved: moved.collect(),
        failure: None,
    }));
    settle(&mut window);
    assert!(has(&window, "2 pictures were set aside, not deleted"));
    assert!(!has(&window, "Picture 2 of this run"));
    assert!(has(&window, "Picture 1 of this run, likeness 31.5"));
}

#[test]
fn a_run_without_a_prompt_is_left_as_it_is() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    retype(&mut window, Role::MultilineTextInput, "Prompt", " ");
    open_best(&mut window, "Keep best");
    tell_clips(&engine, &mut window);
    three_pictures(&engine, &mut window);
    assert_eq!(ranking(&engine), None);
    assert_eq!(set_aside(&engine), None);
}

#[test]
fn best_first_sets_nothing_aside() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    open_best(&mut window, "Best first");
    tell_clips(&engine, &mut window);
    window
        .get_by_role_and_label(Role::Button, "Compared by: openai/clip-vit-base-patch32")
        .click_accesskit();
    settle(&mut window);
    three_pictures(&engine, &mut window);
    let asked = ranking(&engine).unwrap();
    assert_eq!(asked.clip, "/hub/clip");
    for (picture, score) in [1.0, 2.0, 3.0].into_iter().enumerate() {
        tell_score(&engine, &asked, picture, score);
    }
    finish(&engine, asked.id, &mut window);
    assert!(has(&window, "Picture 1 of this run, likeness 3.0"));
    assert_eq!(set_aside(&engine), None);
    assert!(settings(&engine).contains("\"best_first\""));
}

#[test]
fn a_comparison_that_is_stopped_sets_nothing_aside() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    open_best(&mut window, "Keep best");
    tell_clips(&engine, &mut window);
    three_pictures(&engine, &mut window);
    let asked = ranking(&engine).unwrap();
    tell_score(&engine, &asked, 2, 9.0);
    settle(&mut window);
    click(&mut window, "Stop comparing");
    let stop = |request: &Request| *request == Request::Stop(asked.id);
    assert!(engine.requests().iter().any(stop));
    engine.tell(Event::Cancelled { job: asked.id });
    settle(&mut window);
    assert!(has(&window, "Picture 1 of this run, likeness 9.0"));
    assert_eq!(set_aside(&engine), None);
    assert!(!has(&window, "compared"));
}

#[test]
fn a_run_that_is_broken_off_is_not_compared() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    open_best(&mut window, "Keep best");
    tell_clips(&engine, &mut window);
    retype(&mut window, Role::TextInput, "Pictures", "3");
    let job = generate(&mut window, &engine);
    engine.start(&job);
    engine.finish_picture(&job, 0, file("0.png"));
    engine.tell(Event::Cancelled { job: job.id });
    settle(&mut window);
    assert_eq!(ranking(&engine), None);
}

#[test]
fn without_a_clip_people_are_told_how_to_get_one() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    open_best(&mut window, "Best first");
    engine.tell(Event::Likeness(LikenessEvent::Clips(Vec::new())));
    settle(&mut window);
    assert!(has(&window, "There is no CLIP yet"));
    assert!(has(&window, "Open CLIP folder…"));
    assert!(has(&window, "Ask for more than one picture above."));
}

#[test]
fn a_run_that_cannot_be_compared_says_so_when_it_ends() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    open_best(&mut window, "Keep best");
    engine.tell(Event::Likeness(LikenessEvent::Clips(Vec::new())));
    settle(&mut window);
    window
        .get_by_role_and_label(Role::Button, "Best of several")
        .click_accesskit();
    settle(&mut window);
    assert!(!has(&window, "There is no CLIP yet"));
    three_pictures(&engine, &mut window);
    assert!(has(&window, "There is no CLIP yet"));
}

#[test]
fn a_run_that_ends_while_the_strip_is_sorted_is_compared_afterwards() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    library(&engine, &mut window);
    open_best(&mut window, "Best first");
    window
        .get_by_role_and_label(Role::Button, "Likeness")
        .click_accesskit();
    settle(&mut window);
    tell_clips(&engine, &mut window);
    window
        .get_by_role_and_label(Role::Button, "Sort the strip")
        .click_accesskit();
    settle(&mut window);
    let strip = ranking(&engine).unwrap();
    let run = three_pictures(&engine, &mut window);
    assert_eq!(ranking(&engine).unwrap().id, strip.id);
    finish(&engine, strip.id, &mut window);
    let asked = ranking(&engine).unwrap();
    assert_ne!(asked.id, strip.id);
    let files: Vec<_> = asked.pictures.iter().map(|ranked| &ranked.path).collect();
    assert_eq!(files.len(), 3, "{:?}", run.id);
    assert_eq!(*files[0], file("0.png"));
}

/// Three pictures of the library, the newest first.
fn library(engine: &FakeEngine, window: &mut Window) {
    let job = generate(window, engine);
    let entry = |name: &str| {
        let mut recipe = job.recipe.clone();
        name.clone_into(&mut recipe.prompt);
        (recipe.width, recipe.height) = (64, 64);
        LibraryEntry {
            path: file(&format!("{name}.png")),
            thumbnail: Arc::new(pixels(&recipe)),
            recipe: Some(Box::new(recipe)),
        }
    };
    engine.tell(Event::Library(["new", "middle", "old"].map(entry).into()));
    settle(window);
}

#[test]
fn the_strip_is_sorted_by_words_and_comes_back() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    library(&engine, &mut window);
    window
        .get_by_role_and_label(Role::Button, "Likeness")
        .click_accesskit();
    settle(&mut window);
    tell_clips(&engine, &mut window);
    retype(
        &mut window,
        Role::TextInput,
        "Words to sort by",
        "a windmill",
    );
    window
        .get_by_role_and_label(Role::Button, "Sort the strip")
        .click_accesskit();
    settle(&mut window);
    let asked = ranking(&engine).unwrap();
    let texts: Vec<_> = asked.pictures.iter().map(|ranked| &*ranked.text).collect();
    assert_eq!(texts, ["a windmill"; 3]);
    for (picture, score) in [5.0, 7.0, 9.0].into_iter().enumerate() {
        tell_score(&engine, &asked, picture, score);
    }
    finish(&engine, asked.id, &mut window);
    assert!(has(&window, "Picture 1: old, likeness 9.0"));
    assert!(has(&window, "Picture 3: new, likeness 5.0"));
    window
        .get_by_role_and_label(Role::Button, "Newest first")
        .click_accesskit();
    settle(&mut window);
    assert!(has(&window, "Picture 1: new"));
    assert!(has(&window, "Picture 3: old"));
}

#[test]
fn the_panels_speak_chinese() {
    let engine = FakeEngine::default();
    let mut chinese = options();
    chinese.language = Some(Language::Chinese);
    let mut window = window_with(&engine, chinese, [1440.0, 900.0]);
    for name in ["择优", "只留最佳", "相似度"] {
        window
            .get_by_role_and_label(Role::Button, name)
            .click_accesskit();
        settle(&mut window);
    }
    tell_clips(&engine, &mut window);
    assert!(has(&window, "不会删除"));
    assert!(has(&window, "排列图片条"));
    assert!(has(&window, "比较者: Sprout-CLIP"));
}
