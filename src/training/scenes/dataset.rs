//! Writing a folder of pictures and captions, in order, on several threads.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;
use serde::Serialize;

use super::attributes::{Backdrop, Color, Place, Relation, Style, Subject, Time, Weather};
use super::caption::{self, Caption, Captions};
use super::dice::{Dice, Stream};
use super::paint::paint;
use super::scene::{Figure, Scene};
use crate::raster::Pixels;

/// How the pictures are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `000000.png` and so on.
    Png,
    /// One file `pictures.u8`: count × size × size × 3 bytes of RGB.
    Raw,
}

/// What to write and where.
#[derive(Clone, Debug)]
pub struct DatasetRequest {
    pub count: u64,
    pub seed: u64,
    /// The folder: new, or empty.
    pub out: PathBuf,
    /// Side of the pictures, in pixels.
    pub size: u32,
    pub format: Format,
    /// The share of scenes that show mostly the usual, with captions that leave it out; 0 to 1.
    pub brief: f32,
    /// Only scenes whose complete English captions have all of these words.
    pub telling: Vec<String>,
    /// How many threads paint; at least one does.
    pub threads: usize,
}

/// Why no data set was written.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    #[error("the folder is not empty, choose a new one: {}", .0.display())]
    NotEmpty(PathBuf),
    #[error("cannot write the data set ({source}): {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot encode picture {index}: {source}")]
    Encode {
        index: u64,
        source: png::EncodingError,
    },
    #[error("cannot write the captions of picture {index}: {source}")]
    Caption {
        index: u64,
        source: serde_json::Error,
    },
    #[error(
        "only {found} of the first {TRIED} scenes tell of {}: ask for fewer scenes, or for other words",
        telling.join(", ")
    )]
    TooFewTell { found: usize, telling: Vec<String> },
    #[error("cannot start a painting thread: {0}")]
    Thread(io::Error),
    #[error("a painting thread stopped before picture {0}")]
    Lost(u64),
}

/// One line of `captions.jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    /// Absent when all pictures are in one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    index: u64,
    subject: Option<Subject>,
    color: Option<Color>,
    place: Place,
    time: Time,
    backdrop: Backdrop,
    weather: Weather,
    /// The second subject, its colour, and where the first is, seen from it.
    other: Option<Subject>,
    other_color: Option<Color>,
    relation: Option<Relation>,
    style: Style,
    /// Left, top, right and bottom of the subject, in shares of the picture.
    bounds: Option<[f32; 4]>,
    other_bounds: Option<[f32; 4]>,
    en: [&'a str; caption::COUNT],
    zh: [&'a str; caption::COUNT],
    complete_en: &'a str,
    complete_zh: &'a str,
}

/// A picture on its way from a painter to the writer.
struct Painted {
    /// PNG, or plain RGB.
    picture: Vec<u8>,
    line: String,
}

/// How many pictures a painter may be ahead of the writer.
const AHEAD: usize = 32;

/// Scenes that are looked at for words.
const TRIED: u64 = 4_000_000;
/// At a time.
const TRIED_TOGETHER: u64 = 16_384;

/// Paints `request.count` scenes into the folder.
///
/// The captions get their final name last, so a folder with a `captions.jsonl` is complete.
/// `progress` hears `(done, total)` after each picture.
pub fn write_dataset(
    request: &DatasetRequest,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), DatasetError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DatasetError::Write { path, source }
    };
    let scenes = chosen(request)?;
    fs::create_dir_all(&request.out).map_err(failed(&request.out))?;
    let mut entries = fs::read_dir(&request.out).map_err(failed(&request.out))?;
    if entries.next().is_some() {
        return Err(DatasetError::NotEmpty(request.out.clone()));
    }
    let partial = request.out.join("captions.jsonl.partial");
    let mut captions = BufWriter::new(File::create(&partial).map_err(failed(&partial))?);
    let raw = request.out.join("pictures.u8");
    let mut pictures = match request.format {
        Format::Png => None,
        Format::Raw => Some(BufWriter::new(File::create(&raw).map_err(failed(&raw))?)),
    };
    thread::scope(|scope| {
        let threads = request.threads.max(1);
        let scenes = &*scenes;
        let mut painters: Vec<Receiver<Result<Painted, DatasetError>>> = Vec::new();
        for first in 0..threads {
            let (sender, receiver) = sync_channel(AHEAD);
            thread::Builder::new()
                .name(format!("painter-{first}"))
                .spawn_scoped(scope, move || {
                    paint_share(request, scenes.iter().skip(first).step_by(threads), &sender);
                })
                .map_err(DatasetError::Thread)?;
            painters.push(receiver);
        }
        // Painter k has pictures k, k + n, k + 2n …: taking turns keeps them in order.
        for (at, &index) in scenes.iter().enumerate() {
            let receiver = &painters[at % threads];
            let Ok(painted) = receiver.recv() else {
                return Err(DatasetError::Lost(index));
            };
            let painted = painted?;
            if let Some(file) = &mut pictures {
                file.write_all(&painted.picture).map_err(failed(&raw))?;
            } else {
                let path = request.out.join(file_name(index));
                fs::write(&path, &painted.picture).map_err(failed(&path))?;
            }
            writeln!(captions, "{}", painted.line).map_err(failed(&partial))?;
            progress(at as u64 + 1, request.count);
        }
        Ok(())
    })?;
    if let Some(file) = &mut pictures {
        file.flush().map_err(failed(&raw))?;
    }
    captions.flush().map_err(failed(&partial))?;
    let done = request.out.join("captions.jsonl");
    fs::rename(&partial, &done).map_err(failed(&done))
}

fn file_name(index: u64) -> String {
    format!("{index:06}.png")
}

/// Paints scenes until all are done or nobody listens any more.
fn paint_share<'a>(
    request: &DatasetRequest,
    scenes: impl Iterator<Item = &'a u64>,
    sender: &SyncSender<Result<Painted, DatasetError>>,
) {
    for index in scenes {
        let painted = paint_one(request, *index);
        let last = painted.is_err();
        if sender.send(painted).is_err() || last {
            return;
        }
    }
}

/// The scenes that are asked for: the first ones, or the first ones that tell of what is asked for.
fn chosen(request: &DatasetRequest) -> Result<Vec<u64>, DatasetError> {
    if request.telling.is_empty() {
        return Ok((0..request.count).collect());
    }
    let telling: Vec<String> = request.telling.iter().map(|it| it.to_lowercase()).collect();
    let tells = |index: &u64| {
        let caption = told(request, *index).1.complete_en.to_lowercase();
        telling.iter().all(|words| caption.contains(words))
    };
    let mut chosen = Vec::new();
    for first in (0..TRIED).step_by(TRIED_TOGETHER as usize) {
        let together = (first..TRIED.min(first + TRIED_TOGETHER)).into_par_iter();
        chosen.par_extend(together.filter(tells));
        if chosen.len() as u64 >= request.count {
            chosen.truncate(request.count as usize);
            return Ok(chosen);
        }
    }
    Err(DatasetError::TooFewTell {
        found: chosen.len(),
        telling: request.telling.clone(),
    })
}

/// A scene, and what is said of it.
fn told(request: &DatasetRequest, index: u64) -> (Scene, Captions) {
    if Dice::new(request.seed, index, Stream::Brief).chance(request.brief) {
        let scene = Scene::usual(request.seed, index);
        let captions = caption::brief_captions(&scene, request.seed, index);
        (scene, captions)
    } else {
        let scene = Scene::sample(request.seed, index);
        let captions = caption::captions(&scene, request.seed, index);
        (scene, captions)
    }
}

fn paint_one(request: &DatasetRequest, index: u64) -> Result<Painted, DatasetError> {
    let (scene, words) = told(request, index);
    let pixels = paint(&scene, request.size);
    let rgb = rgb_from(&pixels);
    let picture = match request.format {
        Format::Raw => rgb,
        Format::Png => png_from_rgb(&rgb, request.size)
            .map_err(|source| DatasetError::Encode { index, source })?,
    };
    fn texts(captions: &[Caption; caption::COUNT]) -> [&str; caption::COUNT] {
        captions.each_ref().map(|caption| caption.text.as_str())
    }
    let other = scene.company.map(|company| company.figure);
    let line = Line {
        file: (request.format == Format::Png).then(|| file_name(index)),
        index,
        subject: scene.figure.map(|figure| figure.subject),
        color: scene.figure.map(|figure| figure.color),
        place: scene.place,
        time: scene.time,
        backdrop: scene.backdrop,
        weather: scene.weather,
        other: other.map(|figure| figure.subject),
        other_color: other.map(|figure| figure.color),
        relation: scene.company.map(|company| company.relation),
        style: scene.style,
        bounds: scene.figure.as_ref().map(Figure::bounds),
        other_bounds: other.as_ref().map(Figure::bounds),
        en: texts(&words.en),
        zh: texts(&words.zh),
        complete_en: &words.complete_en,
        complete_zh: &words.complete_zh,
    };
    let line =
        serde_json::to_string(&line).map_err(|source| DatasetError::Caption { index, source })?;
    Ok(Painted { picture, line })
}

fn rgb_from(pixels: &Pixels) -> Vec<u8> {
    pixels
        .rgba()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

fn png_from_rgb(rgb: &[u8], size: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{DatasetError, DatasetRequest, Format, write_dataset};

    /// A folder of this test's own, removed before use.
    fn folder(name: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("target/scenes-tests")
            .join(format!("{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        path
    }

    fn request(name: &str, format: Format, threads: usize) -> DatasetRequest {
        DatasetRequest {
            count: 7,
            seed: 3,
            out: folder(name),
            size: 32,
            format,
            brief: 0.0,
            telling: Vec::new(),
            threads,
        }
    }

    #[test]
    fn only_scenes_that_tell_of_what_is_asked_for_are_painted() {
        let words = ["flying cars".to_owned(), "night".to_owned()];
        let told = DatasetRequest {
            count: 3,
            telling: words.to_vec(),
            ..request("telling", Format::Raw, 2)
        };
        write_dataset(&told, &mut |_, _| {}).unwrap();
        let text = fs::read_to_string(told.out.join("captions.jsonl")).unwrap();
        assert_eq!(text.lines().count(), 3);
        for line in text.lines() {
            let caption = line.to_lowercase();
            assert!(words.iter().all(|words| caption.contains(words)), "{line}");
        }
        fs::remove_dir_all(&told.out).unwrap();
    }

    #[test]
    fn threads_do_not_change_the_bytes() {
        let one = request("one", Format::Raw, 1);
        let three = request("three", Format::Raw, 3);
        let mut heard = Vec::new();
        write_dataset(&one, &mut |done, total| heard.push((done, total))).unwrap();
        write_dataset(&three, &mut |_, _| {}).unwrap();
        assert_eq!(heard.last(), Some(&(7, 7)));
        for file in ["pictures.u8", "captions.jsonl"] {
            let bytes = fs::read(one.out.join(file)).unwrap();
            assert_eq!(bytes, fs::read(three.out.join(file)).unwrap());
        }
        assert_eq!(
            fs::read(one.out.join("pictures.u8")).unwrap().len(),
            7 * 32 * 32 * 3
        );
        fs::remove_dir_all(&one.out).unwrap();
        fs::remove_dir_all(&three.out).unwrap();
    }

    #[test]
    fn png_files_and_one_line_for_each() {
        let request = request("png", Format::Png, 2);
        write_dataset(&request, &mut |_, _| {}).unwrap();
        let text = fs::read_to_string(request.out.join("captions.jsonl")).unwrap();
        assert_eq!(text.lines().count(), 7);
        for (index, line) in text.lines().enumerate() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["index"], index);
            assert_eq!(value["en"].as_array().unwrap().len(), 3);
            assert_eq!(value["bounds"].is_null(), value["subject"].is_null());
            assert!(value["style"].is_string());
            assert!(request.out.join(value["file"].as_str().unwrap()).exists());
        }
        let again = write_dataset(&request, &mut |_, _| {});
        assert!(matches!(again, Err(DatasetError::NotEmpty(_))));
        fs::remove_dir_all(&request.out).unwrap();
    }
}
