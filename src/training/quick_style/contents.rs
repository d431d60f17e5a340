//! The pictures a network is shown while it learns a style.

use std::path::{Path, PathBuf};

use candle_core::{Device, Result, Tensor};

use crate::library::read_picture;
use crate::raster::{Area, Extent, Fit, Pixels, fit_within, resized};
use crate::training::dice::{Dice, Stream};
use crate::training::scenes::{Scene, Style, paint};

/// Pictures of people that are looked at, at most: they lie in memory.
const MOST: usize = 48;
/// Longest side they are kept at, in pixels: about the size results have.
const KEPT_SIDE: u32 = 448;
/// What part of the pictures is drawn by lot all the same: shapes and light nobody has photographed.
const SCENES: f32 = 0.35;
/// Sides of what is cut out, relative to what the network sees of it. It norms each picture by all of
/// it: it must have seen whole pictures as well as parts.
const LEAST_CUT: f32 = 1.0;
const MOST_CUT: f32 = 2.3;

/// Pictures to cut from.
#[derive(Debug)]
pub struct Contents {
    pictures: Vec<Pixels>,
}

impl Contents {
    /// Reads pictures, evenly chosen where there are many; those that cannot be read are left out.
    pub fn read(paths: &[PathBuf]) -> Self {
        let every = paths.len().div_ceil(MOST).max(1);
        let read = |path: &PathBuf| Self::kept(path);
        let pictures = paths.iter().step_by(every).filter_map(read);
        Self {
            pictures: pictures.collect(),
        }
    }

    fn kept(path: &Path) -> Option<Pixels> {
        match read_picture(path) {
            Ok(file) => Some(fit_within(&file.pixels, KEPT_SIDE)),
            Err(error) => {
                log::info!("a picture is not learnt from: {error}");
                None
            }
        }
    }

    /// The picture of a step, `[1, 3, side, side]` from 0 to 1: the same for the same seed.
    pub(super) fn draw(&self, (seed, step): (u64, u32), side: u32) -> Result<Tensor> {
        let mut dice = Dice::new(seed, 1 + u64::from(step), Stream::Lesson);
        let whole = if self.pictures.is_empty() || dice.chance(SCENES) {
            let scene = Scene::sample(seed, u64::from(step)).in_style(Style::Flat);
            paint(&scene, (side as f32 * MOST_CUT).round() as u32)
        } else {
            let at = dice.below(self.pictures.len() as u32);
            self.pictures[at as usize].clone()
        };
        let cut = cut(&whole, side, &mut dice);
        let planes = changed(cut.planes(), &mut dice);
        let side = side as usize;
        Tensor::from_vec(planes, (1, 3, side, side), &Device::Cpu)
    }

    /// What people see the network paint: the first picture they gave, else a scene.
    pub(super) fn shown(&self, seed: u64, side: u32) -> Pixels {
        match self.pictures.first() {
            Some(picture) => fit_within(picture, side),
            None => paint(&Scene::sample(seed, 0), side),
        }
    }
}

/// A square cut out anywhere, at a scale drawn by lot, perhaps mirrored.
fn cut(picture: &Pixels, side: u32, dice: &mut Dice) -> Pixels {
    let Extent { width, height } = picture.extent();
    let most = width.min(height);
    let wanted = side as f32 * dice.range(LEAST_CUT, MOST_CUT);
    let cut = (wanted.round() as u32).clamp(1, most);
    let area = Area {
        x: dice.below(width - cut + 1),
        y: dice.below(height - cut + 1),
        extent: Extent::new(cut, cut),
    };
    let square = resized(
        &picture.cropped(area),
        Extent::new(side, side),
        Fit::Stretch,
    );
    if dice.chance(0.5) {
        mirrored(&square)
    } else {
        square
    }
}

fn mirrored(picture: &Pixels) -> Pixels {
    let row = picture.extent().width as usize * 4;
    let rows = picture.rgba().chunks_exact(row.max(1));
    let rgba = rows.flat_map(|row| row.as_chunks::<4>().0.iter().rev().flatten().copied());
    Pixels::from_rgba(picture.extent(), rgba.collect()).unwrap_or_else(|| picture.clone())
}

/// In another light: contents are of every brightness, contrast and tint.
fn changed(mut planes: Vec<f32>, dice: &mut Dice) -> Vec<f32> {
    let area = planes.len() / 3;
    let (contrast, light) = (dice.range(0.75, 1.3), dice.range(-0.08, 0.08));
    for plane in planes.chunks_exact_mut(area.max(1)) {
        let tint = dice.range(-0.05, 0.05);
        for value in plane {
            *value = ((*value - 0.5) * contrast + 0.5 + light + tint).clamp(0.0, 1.0);
        }
    }
    planes
}
