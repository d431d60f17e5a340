//! The pictures of a history as people hold them, and where they are on disk.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{Named, OriginalAt};
use super::kept::{FaintPicture, KeptPicture};
use super::pictures::{FileName, Pictures};
use crate::library::FileError;
use crate::raster::{FaintOriginal, Original, Pixels, fit_within};

/// Longest side of the small copy of each picture, in pixels: sharp in the strip of states on any
/// screen.
pub const SMALL_SIDE: u32 = 96;

/// Puts pictures on disk and reads them again.
#[derive(Debug)]
pub(super) struct Album {
    pictures: Pictures,
    /// Pictures on disk that people can go to.
    known: Vec<FaintPicture>,
    /// Files that pictures in memory came from: each of them is there once.
    originals: BTreeMap<FileName, FaintOriginal>,
}

impl Album {
    pub(super) const fn new(pictures: Pictures) -> Self {
        Self {
            pictures,
            known: Vec::new(),
            originals: BTreeMap::new(),
        }
    }

    /// Puts a picture on disk with the file it came from, and names both.
    pub(super) fn keep(
        &mut self,
        picture: &KeptPicture,
        pixels: &Pixels,
    ) -> Result<Named, FileError> {
        if let Some(named) = picture.named()
            && self.pictures.is_there(named.picture)
        {
            return Ok(named);
        }
        let original = match pixels.original() {
            Some(original) => {
                let at = self.pictures.keep_original(original)?;
                self.originals.insert(at.file, original.downgrade());
                Some(at)
            }
            None => None,
        };
        let named = Named {
            picture: self.pictures.keep(pixels)?,
            original,
        };
        picture.name(named);
        self.remember(picture);
        Ok(named)
    }

    /// A picture on disk; `None` if it is not there, or cut short.
    pub(super) fn find(&mut self, named: Named) -> Result<Option<KeptPicture>, FileError> {
        let extent = self.pictures.measure(named.picture)?;
        let picture = extent.map(|extent| KeptPicture::on_disk(extent, named));
        if let Some(picture) = &picture {
            self.remember(picture);
        }
        Ok(picture)
    }

    fn remember(&mut self, picture: &KeptPicture) {
        self.known.retain(|known| known.upgrade().is_some());
        self.known.push(picture.downgrade());
    }

    /// A picture's pixels, with the file it came from; `None` if it is missing or damaged.
    pub(super) fn read(&mut self, named: Named) -> Result<Option<Pixels>, FileError> {
        let Some(pixels) = self.pictures.read(named.picture)? else {
            return Ok(None);
        };
        let original = match named.original {
            Some(at) => self.original(at)?,
            None => None,
        };
        Ok(Some(pixels.with_original(original)))
    }

    /// A picture's pixels. What is missing or damaged is an error.
    pub(super) fn recall(&mut self, picture: &KeptPicture) -> Result<Pixels, FileError> {
        // Without a name it is in memory alone, and nobody has to ask.
        let named = picture.named().unwrap_or_default();
        let read = self.read(named)?;
        let fitting = read.filter(|pixels| pixels.extent() == picture.extent());
        fitting.ok_or_else(|| self.pictures.lost(named.picture))
    }

    fn original(&mut self, at: OriginalAt) -> Result<Option<Original>, FileError> {
        let known = self.originals.get(&at.file);
        if let Some(original) = known.and_then(|known| known.at(at.place)) {
            return Ok(Some(original));
        }
        let file = self.pictures.read_original(at.file)?;
        let original = file.map(|file| Original::new(file, at.place));
        match &original {
            Some(original) => {
                self.originals.insert(at.file, original.downgrade());
            }
            None => {
                log::warn!("the file of a picture is lost: it will be saved with 8 bits, as sRGB");
            }
        }
        Ok(original)
    }

    /// A small copy of a picture; read from disk if it is there, else made and put there.
    pub(super) fn small(&mut self, picture: &KeptPicture) -> Result<Pixels, FileError> {
        let kept = picture.named();
        let kept = kept.and_then(|named| self.pictures.read_small(named.picture));
        if let Some(small) = kept {
            return Ok(small);
        }
        let pixels = self.recall(picture)?;
        Ok(self.make_small(picture, &pixels))
    }

    /// Puts a small copy of a picture on disk, if it is not there yet.
    pub(super) fn keep_small(&self, picture: &KeptPicture, pixels: &Pixels) {
        if let Some(named) = picture.named()
            && self.pictures.read_small(named.picture).is_none()
        {
            self.make_small(picture, pixels);
        }
    }

    fn make_small(&self, picture: &KeptPicture, pixels: &Pixels) -> Pixels {
        let small = fit_within(pixels, SMALL_SIDE);
        if let Some(named) = picture.named()
            && let Err(error) = self.pictures.keep_small(named.picture, &small)
        {
            // It is made anew the next time.
            log::warn!("a small copy of a picture is not kept: {error}");
        }
        small
    }

    /// Removes what neither `names` nor anybody who may go to a picture needs.
    pub(super) fn keep_only(&mut self, mut names: BTreeSet<FileName>) {
        self.known.retain(|known| known.upgrade().is_some());
        self.originals.retain(|_, known| known.is_in_memory());
        let pictures = self.known.iter().filter_map(FaintPicture::upgrade);
        for named in pictures.filter_map(|picture| picture.named()) {
            names.extend(named.files());
        }
        self.pictures.keep_only(&names);
    }

    /// Nobody can go to any picture any more.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}
