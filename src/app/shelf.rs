//! The pictures the window knows: those of the library and those made since it opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Context, TextureHandle, TextureOptions};

use super::canvas::color_image;
use crate::engine::{Failure, Likeness};
use crate::raster::Pixels;
use crate::recipe::Recipe;

/// Names a picture of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PictureId(pub(super) u64);

/// A picture the window can show.
pub(super) struct Picture {
    pub(super) id: PictureId,
    pub(super) path: Option<PathBuf>,
    pub(super) recipe: Option<Recipe>,
    pub(super) thumbnail: TextureHandle,
    /// In memory while it is shown, and until it is saved.
    pub(super) pixels: Option<Arc<Pixels>>,
    /// Whether those are a smaller version of what its file has.
    pub(super) reduced: bool,
    /// Why it has no file.
    pub(super) not_saved: Option<Failure>,
    /// How well it fits the words it was compared with last.
    pub(super) likeness: Option<Likeness>,
    /// Grows from the newest to the oldest.
    age: i64,
}

impl Picture {
    /// All of it, if that is in memory.
    pub(super) fn whole(&self) -> Option<&Arc<Pixels>> {
        self.pixels.as_ref().filter(|_| !self.reduced)
    }

    /// Its file has been read.
    pub(super) fn take(&mut self, pixels: Arc<Pixels>) {
        (self.pixels, self.reduced) = (Some(pixels), false);
    }

    fn score(&self) -> f64 {
        let likeness = self.likeness.as_ref();
        likeness.map_or(f64::NEG_INFINITY, |likeness| likeness.score)
    }

    pub(super) fn prompt(&self) -> &str {
        self.recipe
            .as_ref()
            .map_or("", |recipe| recipe.prompt.as_str())
    }

    pub(super) fn file_name(&self) -> String {
        self.path
            .as_deref()
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// What is known of a picture when it arrives.
pub(super) struct Arrival {
    pub(super) path: Option<PathBuf>,
    pub(super) recipe: Option<Recipe>,
    pub(super) thumbnail: Arc<Pixels>,
    pub(super) pixels: Option<Arc<Pixels>>,
    /// Whether those are a smaller version of what its file has.
    pub(super) reduced: bool,
    pub(super) not_saved: Option<Failure>,
}

/// Pictures, newest first unless people want the best first.
#[derive(Default)]
pub(super) struct Shelf {
    pictures: Vec<Picture>,
    next: u64,
    /// Ages of the newest and of the oldest.
    ages: (i64, i64),
    best_first: bool,
}

impl Shelf {
    /// Whether a picture has no file yet.
    pub(super) fn has_unsaved(&self) -> bool {
        self.pictures
            .iter()
            .any(|picture| picture.not_saved.is_some())
    }

    pub(super) fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    pub(super) fn get(&self, id: PictureId) -> Option<&Picture> {
        self.pictures.iter().find(|picture| picture.id == id)
    }

    pub(super) fn get_mut(&mut self, id: PictureId) -> Option<&mut Picture> {
        self.pictures.iter_mut().find(|picture| picture.id == id)
    }

    pub(super) fn by_path(&self, path: &Path) -> Option<PictureId> {
        self.pictures
            .iter()
            .find(|picture| picture.path.as_deref() == Some(path))
            .map(|picture| picture.id)
    }

    /// Puts a new picture first.
    pub(super) fn add(&mut self, ctx: &Context, arrival: Arrival) -> PictureId {
        self.ages.0 -= 1;
        let picture = self.picture(ctx, arrival, self.ages.0);
        let id = picture.id;
        self.pictures.insert(0, picture);
        id
    }

    /// Puts a picture of the library last; what is on the shelf already stays where it is.
    pub(super) fn add_older(&mut self, ctx: &Context, arrival: Arrival) {
        let known = arrival
            .path
            .as_deref()
            .is_some_and(|path| self.by_path(path).is_some());
        if !known {
            self.ages.1 += 1;
            let picture = self.picture(ctx, arrival, self.ages.1);
            self.pictures.push(picture);
        }
    }

    fn picture(&mut self, ctx: &Context, arrival: Arrival, age: i64) -> Picture {
        let id = PictureId(self.next);
        self.next += 1;
        Picture {
            id,
            path: arrival.path,
            recipe: arrival.recipe,
            thumbnail: ctx.load_texture(
                "thumbnail",
                color_image(&arrival.thumbnail),
                TextureOptions::LINEAR,
            ),
            pixels: arrival.pixels,
            reduced: arrival.reduced,
            not_saved: arrival.not_saved,
            likeness: None,
            age,
        }
    }

    /// Takes a picture off the shelf.
    pub(super) fn remove(&mut self, id: PictureId) {
        self.pictures.retain(|picture| picture.id != id);
    }

    /// Whether those that fit some words best come first.
    pub(super) fn is_best_first(&self) -> bool {
        self.best_first
    }

    /// Those come first that fit the words they were compared with best; those that were not compared
    /// come last.
    pub(super) fn best_first(&mut self) {
        self.best_first = true;
        self.pictures
            .sort_by(|a, b| b.score().total_cmp(&a.score()).then(a.age.cmp(&b.age)));
    }

    pub(super) fn newest_first(&mut self) {
        self.best_first = false;
        self.pictures.sort_by_key(|picture| picture.age);
    }

    /// Puts pictures in the order of [`Self::best_first`], others as they stand.
    pub(super) fn sort_ids(&self, ids: &mut [PictureId]) {
        let score = |id: &PictureId| self.get(*id).map_or(f64::NEG_INFINITY, Picture::score);
        ids.sort_by(|a, b| score(b).total_cmp(&score(a)));
    }

    /// The picture `by` places after `id`, or the one at the end of the shelf that way.
    pub(super) fn neighbour(&self, id: Option<PictureId>, by: isize) -> Option<PictureId> {
        let last = self.pictures.len().checked_sub(1)?;
        let here = id.and_then(|id| self.pictures.iter().position(|picture| picture.id == id));
        let there = here.map_or(0, |here| here.saturating_add_signed(by).min(last));
        Some(self.pictures[there].id)
    }

    /// Frees the pixels of every picture that can be read from its file again.
    pub(super) fn forget_pixels_except(&mut self, kept: Option<PictureId>) {
        for picture in &mut self.pictures {
            if Some(picture.id) != kept && picture.path.is_some() && picture.not_saved.is_none() {
                picture.pixels = None;
            }
        }
    }
}
