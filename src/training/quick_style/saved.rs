//! Files of styles that were learnt, and of those that are being learnt.
//!
//! Both say what they are in their header. The finished ones hold the network under its published names,
//! so that other programs can use it; the unfinished ones the state of the optimiser, to the bit, and the
//! style: a lesson can go on from its file alone.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::{Lesson, LessonError, Order, RATE, network};
use crate::kernels::Adam;
use crate::library::{Existing, write_atomically};
use crate::raster::{Extent, Pixels, fit_within};
use crate::weights::{ModelError, WEIGHTS, Weights, write_tensors_about};

/// Where a file's header says what it is.
const ABOUT: &str = "afterimage.quick_style";
/// Extension of a style that is not learnt yet.
const UNFINISHED: &str = "unfinished";
const STYLE: &str = "style";
const VALUES: &str = "adam.values";
const MEAN: &str = "adam.mean";
const SQUARES: &str = "adam.squares";
/// Of a finished style: how its style picture looks, `[3, height, width]` from 0 to 1.
const THUMBNAIL: &str = "thumbnail";
/// Longest side of that, in pixels.
const THUMBNAIL_SIDE: u32 = 96;

/// What a file says about itself.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    #[serde(flatten)]
    order: Order,
    done: u32,
}

/// A style that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct QuickStyle {
    pub path: PathBuf,
    /// How people call it.
    pub name: String,
    /// How its style picture looks; other programs do not tell.
    pub thumbnail: Option<Pixels>,
    /// How it was made, if it was made here.
    pub order: Option<Order>,
}

/// A lesson that can go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    pub path: PathBuf,
    pub order: Order,
    pub done: u32,
    /// How its style picture looks.
    pub thumbnail: Pixels,
}

/// The file a lesson goes on from, of the style whose file is `finished`.
pub fn unfinished_file(finished: &Path) -> PathBuf {
    finished.with_extension(UNFINISHED)
}

/// The file of the style a lesson makes, of which `unfinished` is the state.
pub fn finished_file(unfinished: &Path) -> PathBuf {
    unfinished.with_extension(WEIGHTS[0])
}

/// The styles and lessons of a folder, by name; what is no such file is left out.
pub fn find_quick_styles(folder: &Path) -> (Vec<QuickStyle>, Vec<Unfinished>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let is = |path: &&PathBuf, known: &[&str]| {
        let extension = path.extension().unwrap_or_default();
        known
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    };
    let styles = paths.iter().filter(|path| is(path, &WEIGHTS));
    let lessons = paths.iter().filter(|path| is(path, &[UNFINISHED]));
    (
        styles.filter_map(|path| QuickStyle::of(path)).collect(),
        lessons.filter_map(|path| Unfinished::of(path)).collect(),
    )
}

impl QuickStyle {
    fn of(path: &Path) -> Option<Self> {
        let told = || {
            let weights = Weights::open(path).ok()?;
            let about = about(&weights)?;
            Some((about.order, picture(&weights, THUMBNAIL).ok()))
        };
        let name = || path.file_stem().map(OsStr::to_string_lossy);
        let (order, thumbnail) = told().unzip();
        Some(Self {
            path: path.to_path_buf(),
            name: match &order {
                Some(Order { name, .. }) => name.clone(),
                None => name()?.into_owned(),
            },
            thumbnail: thumbnail.flatten(),
            order,
        })
    }
}

impl Unfinished {
    fn of(path: &Path) -> Option<Self> {
        let weights = Weights::open(path).ok()?;
        let About { order, done } = about(&weights)?;
        Some(Self {
            path: path.to_path_buf(),
            thumbnail: fit_within(&picture(&weights, STYLE).ok()?, THUMBNAIL_SIDE),
            order,
            done,
        })
    }
}

impl Lesson {
    /// Goes on from a file.
    pub fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        let weights = Weights::open(path)?;
        let damaged = |reason: String| ModelError::Damaged {
            file: path.display().to_string(),
            reason,
        };
        let About { order, done } =
            about(&weights).ok_or_else(|| damaged("it is no unfinished style".to_owned()))?;
        let read = || {
            let Some(parameters) = network::resumed(weights.values(VALUES)?) else {
                candle_core::bail!("it is of another network")
            };
            let moments = (weights.values(MEAN)?, weights.values(SQUARES)?);
            let count = parameters.values.len();
            if (moments.0.len(), moments.1.len()) != (count, count) {
                candle_core::bail!("it remembers other weights than it has")
            }
            Ok((parameters, moments, picture(&weights, STYLE)?))
        };
        let (parameters, moments, style) =
            read().map_err(|error: candle_core::Error| damaged(error.to_string()))?;
        Ok(Self {
            style,
            parameters,
            adam: Adam::resumed(RATE, done.cast_signed(), moments),
            done,
            order,
        })
    }

    /// Writes its state, all of it or nothing.
    pub fn save(&self, path: &Path) -> std::result::Result<(), LessonError> {
        let (mean, squares) = self.adam.moments();
        let count = self.parameters.values.len();
        // Before the first step nothing is remembered.
        let none = vec![0.0; count];
        let moment = |kept| if self.done == 0 { &none[..] } else { kept };
        let vector = [count];
        let planes = self.style.planes();
        let size = size_of(&self.style);
        let tensors = [
            (VALUES, &vector[..], &self.parameters.values[..]),
            (MEAN, &vector, moment(mean)),
            (SQUARES, &vector, moment(squares)),
            (STYLE, &size, &planes),
        ];
        self.write(path, &tensors, &self.order)
    }

    /// Writes the network, for good.
    pub fn finish(&self, path: &Path) -> std::result::Result<(), LessonError> {
        let thumbnail = fit_within(&self.style, THUMBNAIL_SIDE);
        let (size, planes) = (size_of(&thumbnail), thumbnail.planes());
        // Where people keep their pictures is nobody's business.
        let order = Order {
            contents: Vec::new(),
            ..self.order.clone()
        };
        let network = self.parameters.tensors();
        let network = network
            .iter()
            .map(|(name, shape, values)| (*name, *shape, &values[..]));
        let thumbnail = (THUMBNAIL, &size[..], &planes[..]);
        let tensors: Vec<_> = network.chain([thumbnail]).collect();
        self.write(path, &tensors, &order)
    }

    fn write(
        &self,
        path: &Path,
        tensors: &[(&str, &[usize], &[f32])],
        order: &Order,
    ) -> std::result::Result<(), LessonError> {
        let about = About {
            order: order.clone(),
            done: self.done,
        };
        let about = serde_json::to_string(&about)
            .map_err(|error| LessonError::Computation(error.to_string()))?;
        let file = write_tensors_about(tensors, Some((ABOUT, &about)))
            .map_err(LessonError::Computation)?;
        Ok(write_atomically(path, &file, Existing::Replace)?)
    }
}

fn about(weights: &Weights) -> Option<About> {
    serde_json::from_str(weights.about(ABOUT)?).ok()
}

/// `[3, height, width]`.
fn size_of(picture: &Pixels) -> [usize; 3] {
    let Extent { width, height } = picture.extent();
    [3, height as usize, width as usize]
}

fn picture(weights: &Weights, name: &str) -> Result<Pixels> {
    let Some(&[3, height, width]) = weights.shape(name) else {
        candle_core::bail!("it has no picture {name}")
    };
    let extent = Extent::new(width as u32, height as u32);
    let planes = weights.values(name)?;
    Pixels::from_planes(extent, &planes)
        .ok_or_else(|| candle_core::Error::msg(format!("its picture {name} is damaged")))
}
