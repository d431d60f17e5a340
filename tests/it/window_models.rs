//! The models people have, seen and used in the window, and further ones got.

use std::path::PathBuf;
use std::sync::Arc;

use afterimage::app::words::Language;
use afterimage::engine::{
    Download, DownloadId, DownloadState, Event, Request, StockEvent, StockRequest,
};
use afterimage::stock::fetch::{CURATED, GetError, Progress, RepoName, Wish};
use afterimage::stock::{Details, Family, Item, Kind, Layout, Root, StockError, Told};
use egui::{Key, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake_engine::FakeEngine;
use crate::window_everywhere::focused;
use crate::window_kit::{Window, click, copied, has, options, retype, settle, window, window_with};

const ROOT: &str = "/home/people/ComfyUI";

fn item(name: &str, kind: Kind, family: Option<Family>) -> Item {
    Item {
        path: PathBuf::from(ROOT).join(format!("{name}.safetensors")),
        name: name.to_owned(),
        root: ROOT.into(),
        bytes: 2_135_000_000,
        told: Told {
            kind,
            family,
            precision: Some("f16".to_owned()),
            licence: Some("openrail".to_owned()),
            title: None,
            problem: None,
        },
        thumbnail: None,
        sha256: None,
    }
}

fn root(added: bool) -> Root {
    Root {
        path: ROOT.into(),
        layout: Layout::ComfyUi,
        added,
        problem: None,
    }
}

fn tell(engine: &FakeEngine, event: StockEvent) {
    engine.tell(Event::Stock(Box::new(event)));
}

fn listed(items: Vec<Item>) -> StockEvent {
    StockEvent::Listed {
        items: Arc::new(items),
        roots: vec![root(true)],
        whole: true,
        has_token: false,
        free: Some(41_000_000_000),
    }
}

/// The window at its models, of which there are three.
fn at_models(engine: &FakeEngine) -> Window {
    let mut window = window(engine);
    click(&mut window, "Models");
    let items = vec![
        item("night", Kind::Checkpoint, Some(Family::Sd1)),
        item("armor", Kind::Lora, Some(Family::Sdxl)),
        item("clear", Kind::Vae, None),
    ];
    tell(engine, listed(items));
    settle(&mut window);
    window
}

/// What was asked about models.
fn asked(engine: &FakeEngine) -> Vec<StockRequest> {
    let of_stock = |request| match request {
        Request::Stock(request) => Some(request),
        _ => None,
    };
    engine.requests().into_iter().filter_map(of_stock).collect()
}

fn row_is_there(window: &Window, name: &str) -> bool {
    window.query_by_role_and_label(Role::Button, name).is_some()
}

fn path_of(name: &str) -> PathBuf {
    PathBuf::from(ROOT).join(format!("{name}.safetensors"))
}

#[test]
fn what_lies_in_the_folders_is_listed_and_searched() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    assert!(asked(&engine).contains(&StockRequest::List));
    for name in ["night", "armor", "clear"] {
        assert!(row_is_there(&window, name), "{name}");
    }
    retype(&mut window, Role::TextInput, "Search", "sdxl");
    assert!(row_is_there(&window, "armor") && !row_is_there(&window, "night"));
    assert!(has(&window, "1 of 3"));
    retype(&mut window, Role::TextInput, "Search", "nothing like it");
    assert!(has(&window, "Nothing fits"));
    retype(&mut window, Role::TextInput, "Search", " ");
    click(&mut window, "VAE");
    assert!(row_is_there(&window, "clear") && !row_is_there(&window, "armor"));
    click(&mut window, "All");
    assert!(row_is_there(&window, "armor"));
}

#[test]
fn of_a_thousand_models_only_those_that_are_seen_are_drawn() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Models");
    let name = |number| format!("model {number:04}");
    let items = (0..1000).map(|number| item(&name(number), Kind::Lora, None));
    tell(&engine, listed(items.collect()));
    settle(&mut window);
    let rows = window.query_all_by_label_contains("model 0").count();
    assert!((5..60).contains(&rows), "{rows}");
    let pictures = asked(&engine);
    let pictures = pictures
        .iter()
        .filter(|asked| matches!(asked, StockRequest::ShowPicture(_)));
    assert!(pictures.count() < 60);
    // The keyboard goes on where nothing is drawn yet.
    click(&mut window, "model 0000");
    for _ in 0..5 {
        window.key_press(Key::PageDown);
        settle(&mut window);
    }
    window.key_press(Key::ArrowDown);
    settle(&mut window);
    let last = asked(&engine)
        .into_iter()
        .rev()
        .find_map(|asked| match asked {
            StockRequest::Look(path) => Some(path),
            _ => None,
        });
    assert_eq!(last, Some(path_of("model 0051")));
    assert_eq!(focused(&window).unwrap().1, "model 0051");
}

#[test]
fn a_model_is_looked_at_and_its_trigger_words_are_copied() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    click(&mut window, "armor");
    assert!(asked(&engine).contains(&StockRequest::Look(path_of("armor"))));
    let details = Details {
        rows: vec![("ss_network_dim".to_owned(), "8".to_owned())],
        trigger_words: vec!["knight".to_owned(), "plate armor".to_owned()],
        tensors: 192,
        elements: 5_000_000,
    };
    let path = path_of("armor");
    tell(
        &engine,
        StockEvent::Looked {
            path,
            details: Ok(details),
        },
    );
    settle(&mut window);
    for text in ["ss_network_dim", "SDXL", "openrail", "5 M"] {
        assert!(has(&window, text), "{text}");
    }
    window
        .get_by_role_and_label(Role::Button, "plate armor")
        .click();
    window.step();
    assert_eq!(copied(&window).as_deref(), Some("plate armor"));
    settle(&mut window);
    window
        .get_by_role_and_label(Role::Button, "Copy all")
        .click();
    window.step();
    assert_eq!(copied(&window).as_deref(), Some("knight, plate armor"));
    assert!(
        !row_is_there(&window, "Use this model"),
        "it is none by itself"
    );
}

#[test]
fn a_hash_is_computed_when_it_is_asked_for() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    click(&mut window, "night");
    click(&mut window, "Compute hash");
    assert!(asked(&engine).contains(&StockRequest::Hash(path_of("night"))));
    assert!(has(&window, "computing"));
    let sha256 = "6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa";
    let path = path_of("night");
    tell(
        &engine,
        StockEvent::Hashed {
            path,
            sha256: Ok(sha256.to_owned()),
        },
    );
    settle(&mut window);
    assert!(has(&window, "6ce0161689"));
    window
        .get_by_role_and_label(Role::Button, "Copy hash")
        .click();
    window.step();
    assert_eq!(copied(&window).as_deref(), Some(sha256));
}

#[test]
fn a_model_is_used_with_one_press() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    click(&mut window, "night");
    click(&mut window, "Use this model");
    let model = path_of("night").display().to_string();
    assert!(
        engine
            .requests()
            .contains(&Request::Inspect { model, vae: None })
    );
    assert!(has(&window, "Prompt"));
}

#[test]
fn any_repository_and_well_known_ones_are_got() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    assert!(has(&window, "41.0 GB free"));
    retype(&mut window, Role::TextInput, "Repository", "not one");
    click(&mut window, "Get");
    assert!(has(&window, "Write it as ORG/NAME"));
    retype(&mut window, Role::TextInput, "Repository", "org/name");
    assert!(!has(&window, "Write it as ORG/NAME"));
    click(&mut window, "Get");
    let typed = Wish::of(RepoName::parse("org/name").unwrap());
    assert!(asked(&engine).contains(&StockRequest::Get(Box::new(typed))));
    retype(&mut window, Role::TextInput, "Repository", "org/name@v2");
    click(&mut window, "Weights: fp16");
    click(&mut window, "Get");
    let typed = Wish {
        revision: "v2".to_owned(),
        variant: Some("fp16".to_owned()),
        ..Wish::of(RepoName::parse("org/name").unwrap())
    };
    assert!(asked(&engine).contains(&StockRequest::Get(Box::new(typed))));
    click(&mut window, "Get Stable Diffusion 1.5");
    let known = Wish {
        variant: CURATED[0].variant.map(str::to_owned),
        ..Wish::of(RepoName::parse(CURATED[0].repo).unwrap())
    };
    assert!(asked(&engine).contains(&StockRequest::Get(Box::new(known))));
}

fn download(state: DownloadState) -> Download {
    Download {
        id: DownloadId(7),
        wish: Wish::of(RepoName::parse("org/name").unwrap()),
        state,
        progress: Progress {
            file: "unet/a.safetensors".to_owned(),
            done: 500_000_000,
            total: 2_000_000_000,
            rate: Some(10_000_000.0),
            waits: false,
        },
    }
}

#[test]
fn what_comes_is_seen_paused_gone_on_with_and_cancelled() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    let mut tells = |state| {
        tell(&engine, StockEvent::Downloads(vec![download(state)]));
        settle(&mut window);
    };
    tells(DownloadState::Running);
    assert!(has(&window, "500 MB of 2.0 GB"));
    assert!(has(&window, "10 MB/s") && has(&window, "left"));
    click(&mut window, "Pause org/name");
    assert!(asked(&engine).contains(&StockRequest::Pause(DownloadId(7))));
    let mut tells = |state| {
        tell(&engine, StockEvent::Downloads(vec![download(state)]));
        settle(&mut window);
    };
    tells(DownloadState::Paused);
    assert!(has(&window, "paused"));
    click(&mut window, "Continue org/name");
    assert!(asked(&engine).contains(&StockRequest::GoOn(DownloadId(7))));
    click(&mut window, "Cancel org/name");
    assert!(asked(&engine).contains(&StockRequest::Cancel(DownloadId(7))));
}

#[test]
fn why_a_model_does_not_come_and_that_it_came_is_told() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    let gated = GetError::NeedsToken {
        repo: "org/name".to_owned(),
        endpoint: "https://huggingface.co".to_owned(),
    };
    let failed = download(DownloadState::Failed(gated));
    tell(&engine, StockEvent::Downloads(vec![failed]));
    settle(&mut window);
    assert!(has(&window, "huggingface-cli login"));
    let done = download(DownloadState::Done("/hub".into()));
    tell(&engine, StockEvent::Downloads(vec![done]));
    settle(&mut window);
    assert!(has(&window, "org/name is here"));
    assert!(!row_is_there(&window, "Pause org/name"));
}

#[test]
fn folders_of_other_programs_come_and_go() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    click(&mut window, "Add…");
    retype(&mut window, Role::TextInput, "Path", "/data/webui");
    window.key_press(Key::Enter);
    settle(&mut window);
    let added = StockRequest::AddFolder("/data/webui".into());
    assert!(asked(&engine).contains(&added));
    let path = "/data/webui".to_owned();
    tell(&engine, StockEvent::Refused(StockError::NoFolder { path }));
    settle(&mut window);
    assert!(has(&window, "There is no folder /data/webui"));
    click(&mut window, "Take away the folder /home/people/ComfyUI");
    assert!(asked(&engine).contains(&StockRequest::RemoveFolder(ROOT.into())));
}

#[test]
fn every_control_at_the_models_has_a_name_and_is_reached_by_tab() {
    let engine = FakeEngine::default();
    let mut window = at_models(&engine);
    click(&mut window, "night");
    let all: Vec<String> = window
        .query_all_by_role(Role::Button)
        .chain(window.query_all_by_role(Role::TextInput))
        .filter(|node| !node.accesskit_node().is_disabled())
        .map(|node| node.accesskit_node().label().unwrap_or_default())
        .collect();
    assert!(all.iter().all(|name| !name.trim().is_empty()), "{all:?}");
    let mut reached = Vec::new();
    for _ in 0..2 * all.len() {
        window.key_press(Key::Tab);
        window.run_steps(2);
        reached.extend(focused(&window).map(|(_, name)| name));
    }
    let missed: Vec<_> = all.iter().filter(|name| !reached.contains(name)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn the_models_speak_chinese_too() {
    let engine = FakeEngine::default();
    let mut start = options();
    start.language = Some(Language::Chinese);
    let mut window = window_with(&engine, start, [1116.0, 716.0]);
    click(&mut window, "模型库");
    tell(&engine, listed(vec![item("night", Kind::Checkpoint, None)]));
    let failed = download(DownloadState::Failed(GetError::WrongBytes {
        file: "a".to_owned(),
    }));
    tell(&engine, StockEvent::Downloads(vec![failed]));
    settle(&mut window);
    for text in ["获取模型", "文件夹", "名称", "已丢弃", "剩余 41.0 GB"] {
        assert!(has(&window, text), "{text}");
    }
}
