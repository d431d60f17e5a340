//! From what the records say to what the easel takes up again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::{History, OriginalAt, Sheet, Step};
use super::pictures::{FileName, Pictures};
use super::state::{EaselState, Kept, KeptStep};
use crate::library::FileError;
use crate::raster::{Original, Pixels};

/// What a history keeps, up to the first step that needs something damaged or missing; `None` if
/// that is the first picture already.
pub(super) fn restored(history: &History, pictures: &Pictures) -> Result<Option<Kept>, FileError> {
    let mut restorer = Restorer {
        pictures,
        read: BTreeMap::new(),
        originals: BTreeMap::new(),
    };
    let Some(first) = restorer.state(&history.first)? else {
        return Ok(None);
    };
    let mut steps = Vec::with_capacity(history.steps.len());
    let mut sheet = history.first.clone();
    for step in &history.steps {
        let Some(step) = restorer.step(step, &mut sheet)? else {
            break;
        };
        steps.push(step);
    }
    let done = history.done.min(steps.len());
    let now = match history.after(done) {
        Some(sheet) => restorer.state(&sheet)?,
        None => None,
    };
    Ok(now.map(|now| Kept {
        first,
        steps,
        done,
        now,
    }))
}

/// Reads pictures, each of them once.
struct Restorer<'a> {
    pictures: &'a Pictures,
    read: BTreeMap<(FileName, Option<OriginalAt>), Option<Arc<Pixels>>>,
    originals: BTreeMap<FileName, Option<Original>>,
}

impl Restorer<'_> {
    /// A step as the easel knows it, and what `sheet` is after it.
    fn step(&mut self, step: &Step, sheet: &mut Sheet) -> Result<Option<KeptStep>, FileError> {
        match step {
            Step::Mask(edit) => {
                let fits = sheet.mask.take(edit);
                Ok(fits.then(|| KeptStep::Mask(edit.clone())))
            }
            Step::Picture(next) => {
                let states = self.state(sheet)?.zip(self.state(next)?);
                next.clone_into(sheet);
                Ok(states.map(|(before, after)| KeptStep::Picture { before, after }))
            }
        }
    }

    fn state(&mut self, sheet: &Sheet) -> Result<Option<EaselState>, FileError> {
        let image = self.image(sheet)?;
        let fitting = image.filter(|image| image.extent() == sheet.mask.extent());
        Ok(fitting
            .zip(sheet.mask.unpacked())
            .map(|(image, mask)| EaselState { image, mask }))
    }

    fn image(&mut self, sheet: &Sheet) -> Result<Option<Arc<Pixels>>, FileError> {
        let key = (sheet.picture, sheet.original);
        if let Some(image) = self.read.get(&key) {
            return Ok(image.clone());
        }
        let original = match sheet.original {
            Some(original) => self.original(original)?,
            None => None,
        };
        let image = self.pictures.read(sheet.picture)?;
        let image = image.map(|image| Arc::new(image.with_original(original)));
        self.read.insert(key, image.clone());
        Ok(image)
    }

    fn original(&mut self, at: OriginalAt) -> Result<Option<Original>, FileError> {
        let file = if let Some(file) = self.originals.get(&at.file) {
            file.clone()
        } else {
            let file = self.pictures.read_original(at.file)?;
            let file = file.map(|file| Original::new(file, at.place));
            if file.is_none() {
                log::warn!("the file of a picture is lost: it will be saved with 8 bits, as sRGB");
            }
            self.originals.insert(at.file, file.clone());
            file
        };
        Ok(file.map(|file| file.at(at.place)))
    }
}
