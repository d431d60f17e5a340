//! From what the records say to what the easel takes up again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::album::Album;
use super::history::{History, Named, Sheet, Step};
use super::kept::KeptPicture;
use super::pictures::FileName;
use super::state::{HeldState, Kept, KeptState, KeptStep};
use crate::library::FileError;

/// What a history keeps, up to the first step that needs something damaged or missing; `None` if
/// that is the first picture already.
///
/// The picture on the easel alone is read. Of the others it is known whether they are there and as
/// long as they should be; what else is wrong with them is found when they are recalled.
pub(super) fn restored(history: &History, album: &mut Album) -> Result<Option<Kept>, FileError> {
    let mut damaged = BTreeSet::new();
    loop {
        let mut restorer = Restorer {
            album: &mut *album,
            damaged: &damaged,
            found: BTreeMap::new(),
        };
        let Some(states) = restorer.states(history)? else {
            return Ok(None);
        };
        let States {
            first,
            steps,
            done,
            now: (named, KeptState { picture, mask }),
        } = states;
        let read = album.read(named)?;
        if let Some(pixels) = read.filter(|pixels| pixels.extent() == picture.extent()) {
            let image = Arc::new(pixels);
            let now = HeldState {
                picture,
                image,
                mask,
            };
            return Ok(Some(Kept {
                first,
                steps,
                done,
                now,
            }));
        }
        // What came before it may be whole.
        damaged.insert(named.picture);
    }
}

/// All that is kept, before any picture has been read.
struct States {
    first: KeptState,
    steps: Vec<KeptStep>,
    done: usize,
    now: (Named, KeptState),
}

/// Finds pictures, each of them once.
struct Restorer<'a> {
    album: &'a mut Album,
    damaged: &'a BTreeSet<FileName>,
    found: BTreeMap<Named, Option<KeptPicture>>,
}

impl Restorer<'_> {
    fn states(&mut self, history: &History) -> Result<Option<States>, FileError> {
        let Some(first) = self.state(&history.first)? else {
            return Ok(None);
        };
        let mut steps = Vec::with_capacity(history.steps.len());
        let mut sheet = history.first.clone();
        for step in &history.steps {
            let Some(step) = self.step(step, &mut sheet)? else {
                break;
            };
            steps.push(step);
        }
        let done = history.done.min(steps.len());
        let now = match history.after(done) {
            Some(sheet) => self.state(&sheet)?.map(|state| (sheet.named(), state)),
            None => None,
        };
        Ok(now.map(|now| States {
            first,
            steps,
            done,
            now,
        }))
    }

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

    fn state(&mut self, sheet: &Sheet) -> Result<Option<KeptState>, FileError> {
        let picture = self.picture(sheet.named())?;
        let fitting = picture.filter(|picture| picture.extent() == sheet.mask.extent());
        Ok(fitting
            .zip(sheet.mask.unpacked())
            .map(|(picture, mask)| KeptState { picture, mask }))
    }

    fn picture(&mut self, named: Named) -> Result<Option<KeptPicture>, FileError> {
        if let Some(picture) = self.found.get(&named) {
            return Ok(picture.clone());
        }
        let picture = if self.damaged.contains(&named.picture) {
            None
        } else {
            self.album.find(named)?
        };
        self.found.insert(named, picture.clone());
        Ok(picture)
    }
}
