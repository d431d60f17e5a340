use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId,
    OpenedPicture, Request,
};
use afterimage::library::{Origin, read_picture};
use afterimage::pipelines::{CancelToken, Remover, Tools};
use afterimage::raster::{Extent, Mask, decode, encode_png};
use afterimage::recipe::{Input, Recipe, Removal};
use moxcms::ColorProfile;
use png::chunk::ChunkType;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::command::Desk;

const SIDE: u32 = 16;
const EXTENT: Extent = Extent::new(SIDE, SIDE);

/// Little-endian, without an entry.
const EXIF: &[u8] = b"II*\0\x08\0\0\0\0\0\0\0\0\0";
const PRIVATE: ChunkType = ChunkType(*b"prVt");

/// 16 bits of Display P3 at random, with EXIF and a chunk nobody knows.
fn camera_file() -> Vec<u8> {
    let mut data = vec![0; EXTENT.area() * 6];
    ChaCha8Rng::seed_from_u64(8).fill_bytes(&mut data);
    let mut info = png::Info::with_size(SIDE, SIDE);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Sixteen;
    info.icc_profile = Some(ColorProfile::new_display_p3().encode().unwrap().into());
    info.exif_metadata = Some(EXIF.into());
    let mut file = Vec::new();
    let encoder = png::Encoder::with_info(&mut file, info).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_chunk(PRIVATE, b"as it was").unwrap();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    file
}

fn mask(inside: impl Fn(u32, u32) -> bool) -> Mask {
    let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    let values = places.map(|(x, y)| if inside(x, y) { 255 } else { 0 });
    Mask::from_values(EXTENT, values.collect()).unwrap()
}

fn middle() -> Mask {
    mask(|x, y| (4..10).contains(&x) && (3..8).contains(&y))
}

/// A picture and the mask of its middle, on disk.
fn desk() -> Desk {
    let desk = Desk::new();
    std::fs::write(desk.path("camera.png"), camera_file()).unwrap();
    let mask = encode_png(&middle().to_pixels(), &[]).unwrap();
    std::fs::write(desk.path("mask.png"), mask).unwrap();
    desk
}

/// Bytes of each pixel, the profile and the EXIF of a file, as png alone reads it.
struct Raw {
    pixels: Vec<[u8; 6]>,
    profile: Vec<u8>,
    exif: Vec<u8>,
}

fn raw(file: &[u8]) -> Raw {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    assert_eq!(
        reader.output_color_type(),
        (png::ColorType::Rgb, png::BitDepth::Sixteen)
    );
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    let info = reader.info();
    Raw {
        pixels: data.as_chunks().0.to_vec(),
        profile: info.icc_profile.as_ref().unwrap().to_vec(),
        exif: info.exif_metadata.as_ref().unwrap().to_vec(),
    }
}

/// A saved file has everything of the camera's but what masks paint.
fn assert_kept(desk: &Desk, path: &Path, masks: &[Mask]) {
    let saved = std::fs::read(path).unwrap();
    let camera = std::fs::read(desk.path("camera.png")).unwrap();
    let (before, after) = (raw(&camera), raw(&saved));
    let is_painted = |at: usize| masks.iter().any(|mask| mask.values()[at] > 0);
    let mut new = 0;
    for (at, (old, found)) in before.pixels.iter().zip(&after.pixels).enumerate() {
        assert!(is_painted(at) || old == found, "{at}: {old:?}, {found:?}");
        new += usize::from(old != found);
    }
    assert!(new > 0, "nothing was painted");
    assert_eq!(after.profile, before.profile);
    assert_eq!(after.exif, EXIF);
    let private = [&9u32.to_be_bytes()[..], b"prVt", b"as it was"].concat();
    assert!(saved.windows(private.len()).any(|found| found == private));
    let origin = read_picture(path).unwrap().origin;
    assert!(matches!(origin, Origin::Recipe(_)), "{origin:?}");
}

#[test]
fn what_is_removed_leaves_the_rest_of_the_file_as_it_was() {
    let desk = desk();
    desk.run([
        "inpaint",
        "camera.png",
        "--mask",
        "mask.png",
        "--method",
        "telea",
        "--out",
        "out.png",
    ])
    .well();
    assert_kept(&desk, &desk.path("out.png"), &[middle()]);
    let seen = decode(&camera_file()).unwrap().pixels;
    let telea = Remover::by_id("telea").unwrap();
    let tools = Tools {
        token: &CancelToken::new(),
        lama: &|| panic!("telea asks for a network"),
    };
    let filled = telea.remove(&seen, &middle(), &tools);
    let filled = filled.unwrap().unwrap();
    let saved = read_picture(&desk.path("out.png")).unwrap().pixels;
    let gaps = saved.rgba().iter().zip(filled.rgba());
    let gap = gaps.map(|(a, b)| a.abs_diff(*b)).max();
    assert!(gap <= Some(1), "{gap:?}");
}

#[test]
fn what_a_model_fills_leaves_the_rest_of_the_file_as_it_was() {
    let desk = desk();
    let more = ["--mask", "mask.png", "--mask-blur", "0", "--out", "out.png"];
    desk.with_model("inpaint", "camera.png", &more).well();
    assert_kept(&desk, &desk.path("out.png"), &[middle()]);
}

#[test]
fn a_picture_changed_as_a_whole_keeps_profile_and_exif() {
    let desk = desk();
    desk.generate(&["--init", "camera.png", "--out", "out.png"])
        .well();
    assert_kept(&desk, &desk.path("out.png"), &[mask(|_, _| true)]);
}

#[test]
fn a_chain_of_changes_loses_nothing_on_its_way_through_the_library() {
    let desk = desk();
    let options = EngineOptions {
        pictures: desk.path("pictures"),
        settings_file: desk.path("settings.json"),
        easel: desk.path("easel"),
        models: desk.path("models"),
    };
    let engine = EngineHandle::start(options, Box::new(|| {})).unwrap();
    let masks = [middle(), mask(|x, y| x > 11 && y > 9)];
    let mut path = desk.path("camera.png");
    for (number, mask) in masks.iter().enumerate() {
        let image = opened(&engine, &path).pixels;
        let inputs = Inputs {
            image: Some(image),
            mask: Some(Arc::new(mask.clone())),
            ..Inputs::default()
        };
        path = removed(&engine, number as u64, inputs);
    }
    assert_kept(&desk, &path, &masks);
    // A picture saved once more, without having been changed.
    let last = opened(&engine, &path);
    let Origin::Recipe(recipe) = last.origin else {
        panic!("{:?}", last.origin)
    };
    let copy = desk.path("copy.png");
    let request = Request::SaveAs {
        pixels: last.pixels,
        recipe: Some(recipe),
        path: copy.clone(),
        overwrite: false,
    };
    engine.send(request).unwrap();
    assert_eq!(saved(&engine), Ok(()));
    assert_kept(&desk, &copy, &masks);
}

fn opened(engine: &EngineHandle, path: &Path) -> OpenedPicture {
    let path = path.to_path_buf();
    engine.send(Request::Open { path }).unwrap();
    loop {
        if let Some(Event::Opened { picture, .. }) = engine.next_event() {
            return picture.unwrap();
        }
    }
}

fn saved(engine: &EngineHandle) -> Result<(), String> {
    loop {
        if let Some(Event::Saved { result, .. }) = engine.next_event() {
            return result.map_err(|failure| failure.to_string());
        }
    }
}

/// Where the library has put the picture.
fn removed(engine: &EngineHandle, id: u64, inputs: Inputs) -> PathBuf {
    let removal = Removal {
        image: Input::default(),
        mask: Input::default(),
        method: "telea".to_owned(),
    };
    let job = Job {
        id: JobId(id),
        recipe: Recipe::of_removal(removal, (SIDE, SIDE)),
        count: 1,
        inputs,
        destination: Destination::Library,
        dump_latents: Vec::new(),
        threads: None,
    };
    engine.send(Request::Submit(Box::new(job))).unwrap();
    let mut path = None;
    loop {
        match engine.next_event().unwrap() {
            Event::Picture(picture) => path = Some(picture.saved.unwrap()),
            Event::Finished { .. } => return path.unwrap(),
            Event::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
    }
}

#[test]
fn other_kinds_of_pictures_are_not_written_by_name_alone() {
    let desk = desk();
    let more = ["--mask", "mask.png", "--out", "x.jpg"];
    desk.with_model("inpaint", "camera.png", &more)
        .refused(2, "name it .png");
    let words = ["inpaint", "camera.png", "--method", "telea"];
    desk.run(words.iter().chain(&more))
        .refused(2, "name it .png");
    assert!(!desk.path("x.jpg").exists());
}
