use std::path::{Path, PathBuf};
use std::sync::Arc;

use afterimage::engine::{
    Engine as _, EngineHandle, EngineOptions, Event, Failure, Hint, Request, Selection,
};
use afterimage::models::Prompt;
use afterimage::nn::Interrupt;
use afterimage::pipelines::{CancelToken, Segmenter, Wish, select_object};
use afterimage::raster::{Area, Extent, Mask, Pixels};
use tempfile::TempDir;

use crate::tiny_sam::{BOX, PICTURE, POINT, network, picture, shapes, write};

const CLICK: Hint = Hint::Point {
    x: POINT.0,
    y: POINT.1,
};

fn engine_in(folder: &TempDir) -> EngineHandle {
    let options = EngineOptions {
        pictures: folder.path().join("pictures"),
        settings_file: folder.path().join("settings.json"),
        easel: folder.path().join("easel"),
        models: folder.path().join("models"),
    };
    std::fs::create_dir_all(&options.models).unwrap();
    EngineHandle::start(options, Box::new(|| {})).unwrap()
}

fn ask(engine: &EngineHandle, number: u64, image: &Arc<Pixels>, hint: Hint) {
    let image = Arc::clone(image);
    let selection = Selection {
        number,
        image,
        hint,
    };
    engine.send(Request::Select(selection)).unwrap();
}

fn answer(engine: &EngineHandle, number: u64) -> Result<Arc<Mask>, Failure> {
    loop {
        match engine.next_event().unwrap() {
            Event::Selected { number: told, mask } if told == number => return mask,
            _ => {}
        }
    }
}

fn select(engine: &EngineHandle, number: u64, hint: Hint) -> Result<Arc<Mask>, Failure> {
    ask(engine, number, &picture(), hint);
    answer(engine, number)
}

fn expected(hint: Hint) -> Mask {
    let mut segmenter = Segmenter::new(network("vit"));
    let mask = segmenter.select(&picture(), hint, &CancelToken::new());
    mask.unwrap().unwrap()
}

fn built_in(hint: Hint) -> Mask {
    select_object(&picture(), hint, &CancelToken::new()).unwrap()
}

#[test]
fn weights_in_their_folder_are_used_from_the_next_click_on_whatever_their_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_in(&folder);
    assert_eq!(*select(&engine, 1, CLICK).unwrap(), built_in(CLICK));
    // A file of one network under the name of another.
    let file = folder.path().join("models/mobile_sam.safetensors");
    write(&file, &shapes("vit"));
    for (number, hint) in [(2, CLICK), (3, Hint::Box(BOX)), (4, CLICK)] {
        let mask = select(&engine, number, hint).unwrap();
        assert!(*mask == expected(hint) && *mask != built_in(hint));
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(*select(&engine, 5, CLICK).unwrap(), built_in(CLICK));
}

#[test]
fn where_nothing_stands_out_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_in(&folder);
    let flat = Pixels::from_rgb(Extent::new(64, 48), &[120; 64 * 48 * 3]).unwrap();
    let frame = Area {
        x: 10,
        y: 10,
        extent: Extent::new(40, 30),
    };
    ask(&engine, 1, &Arc::new(flat), Hint::Box(frame));
    assert_eq!(answer(&engine, 1), Err(Failure::NothingFound));
}

#[test]
fn a_newer_click_on_the_same_picture_is_answered_in_the_olders_stead() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_in(&folder);
    write(
        &folder.path().join("models/mobile_sam.safetensors"),
        &shapes("vit"),
    );
    let picture = picture();
    for number in 1..20 {
        ask(&engine, number, &picture, Hint::Point { x: 0, y: 0 });
    }
    ask(&engine, 20, &picture, CLICK);
    assert_eq!(*answer(&engine, 20).unwrap(), expected(CLICK));
}

/// What an engine tells of files that lie where the weights belong.
struct Spoiled {
    folder: TempDir,
    engine: EngineHandle,
}

impl Spoiled {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_in(&folder);
        Self { folder, engine }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("models/sam_vit_b_01ec64.pth")
    }

    fn told_of(&self, spoil: impl FnOnce(&Path)) -> String {
        let file = self.file();
        spoil(&file);
        let failure = select(&self.engine, 1, CLICK).unwrap_err();
        assert!(matches!(failure, Failure::Extra(_)), "{failure:?}");
        let text = failure.to_string();
        assert!(text.contains(&file.display().to_string()), "{text}");
        assert!(text.contains("move it out of its folder"), "{text}");
        text
    }
}

/// The shapes of a network, one of them changed.
fn with(network: &str, name: &str, shape: &[usize]) -> Vec<(String, Vec<usize>)> {
    let mut shapes = shapes(network);
    let entry = shapes.iter_mut().find(|entry| entry.0 == name).unwrap();
    entry.1 = shape.to_vec();
    shapes
}

#[test]
fn a_file_that_is_of_no_use_is_named_with_why_and_what_to_do() {
    let spoiled = Spoiled::new();
    let text = spoiled.told_of(|file| std::fs::write(file, b"<html>Not found</html>").unwrap());
    assert!(text.contains("damaged"), "{text}");
    let text = spoiled.told_of(|file| {
        write(file, &shapes("vit"));
        let whole = std::fs::read(file).unwrap();
        std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    });
    assert!(text.contains("damaged"), "{text}");
    let other = "tests/golden/epsilon/unet/diffusion_pytorch_model.safetensors";
    let text = spoiled.told_of(|file| {
        std::fs::copy(other, file).unwrap();
    });
    assert!(
        text.contains("Segment Anything") && text.contains("no tensor"),
        "{text}"
    );

    let places = "image_encoder.pos_embed";
    let waves = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";
    let distances = "image_encoder.blocks.0.attn.rel_pos_h";
    let biases = "image_encoder.layers.2.blocks.0.attn.attention_biases";
    for (network, name, shape) in [
        ("vit", places, &[1, 8, 8, 0][..]),
        ("vit", places, &[1, 8, 8]),
        ("vit", places, &[1, 4000, 1, 24]),
        ("vit", places, &[1, 4, 8, 24]),
        ("vit", waves, &[2, 7]),
        ("vit", waves, &[1, 16]),
        ("vit", distances, &[5, 7]),
        ("vit", distances, &[4, 8]),
        ("vit", distances, &[99, 8]),
        ("vit", "mask_decoder.mask_tokens.weight", &[3, 32]),
        ("tiny", biases, &[3, 24]),
        ("tiny", biases, &[3, 289]),
        ("tiny", biases, &[5, 25]),
    ] {
        let text = spoiled.told_of(|file| write(file, &with(network, name, shape)));
        assert!(
            text.contains("does not hold the weights of Segment Anything"),
            "{text}"
        );
    }
    let text = spoiled.told_of(|file| {
        let mut shapes = shapes("tiny");
        shapes.retain(|(name, _)| !name.ends_with("layers.2.blocks.1.mlp.fc2.bias"));
        write(file, &shapes);
    });
    assert!(
        text.contains("no tensor image_encoder.layers.2.blocks.1.mlp.fc2.bias"),
        "{text}"
    );
    // It goes on, and does as it said.
    std::fs::remove_file(spoiled.file()).unwrap();
    let mask = select(&spoiled.engine, 2, CLICK).unwrap();
    assert_eq!(*mask, built_in(CLICK));
}

#[test]
fn a_picture_is_looked_at_once_and_another_one_anew() {
    let mut segmenter = Segmenter::new(network("vit"));
    let (first, second) = (picture(), picture());
    let go_on = CancelToken::new();
    assert!(!segmenter.has_seen(&first));
    let mask = segmenter.select(&first, CLICK, &go_on).unwrap();
    assert!(segmenter.has_seen(&first) && !segmenter.has_seen(&second));
    assert_eq!(segmenter.select(&first, CLICK, &go_on).unwrap(), mask);
    // The same content at another place is another picture to it.
    assert_eq!(segmenter.select(&second, CLICK, &go_on).unwrap(), mask);
    assert!(segmenter.has_seen(&second) && !segmenter.has_seen(&first));
}

#[test]
fn an_end_asked_for_leaves_no_mask_and_a_nowhere_an_empty_one() {
    let mut segmenter = Segmenter::new(network("vit"));
    let picture = picture();
    for wish in [Wish::Stop, Wish::Discard] {
        let token = CancelToken::new();
        token.ask(wish);
        assert_eq!(segmenter.select(&picture, CLICK, &token).unwrap(), None);
        assert!(!segmenter.has_seen(&picture));
    }
    let beside = Hint::Box(Area {
        x: PICTURE.width,
        y: 0,
        extent: Extent::new(5, 5),
    });
    let mask = segmenter.select(&picture, beside, &CancelToken::new());
    let mask = mask.unwrap().unwrap();
    assert!(mask.values().iter().all(|&value| value == 0));
}

#[test]
fn the_network_refuses_a_picture_larger_than_it_sees() {
    let sam = network("vit");
    let never = Interrupt::never();
    let rgb = vec![0; 3 * 65 * 10];
    assert!(sam.embed(&rgb, (65, 10), &never).is_err());
    assert!(sam.embed(&rgb, (10, 64), &never).is_err());
    let embedding = sam.embed(&rgb[..3 * 64 * 10], (64, 10), &never).unwrap();
    let point = Prompt::Point { x: 3.0, y: 4.0 };
    assert_eq!(sam.masks(&embedding, point, &never).unwrap().fit.len(), 4);
}
