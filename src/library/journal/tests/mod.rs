//! An easel in memory that the journal is compared with.

mod damage;
mod keeping;
mod random;
mod resting;

use std::path::Path;
use std::sync::Arc;

use super::{
    EaselJournal, EaselState, Entry, FILE, HeldState, Kept, KeptPicture, KeptState, KeptStep,
    PICTURES,
};
use crate::raster::{Area, Edit, Extent, Ink, Mask, Pixels, TiledMask};

/// A small picture of two tiles, or of one, full of a value, with nothing masked.
fn state(width: u32, value: u8) -> EaselState {
    let extent = Extent::new(width, 8);
    let rgba = vec![value; extent.area() * 4];
    EaselState {
        image: Arc::new(Pixels::from_rgba(extent, rgba).unwrap()),
        mask: TiledMask::empty(extent),
    }
}

/// All that a journal keeps, with every picture.
#[derive(Clone, Debug, PartialEq)]
struct Whole {
    first: EaselState,
    steps: Vec<WholeStep>,
    done: usize,
    now: EaselState,
}

#[derive(Clone, Debug, PartialEq)]
enum WholeStep {
    Mask(Edit),
    Picture {
        before: EaselState,
        after: EaselState,
    },
}

impl Whole {
    /// Recalls every picture, all of which must be readable.
    fn recalled(journal: &mut EaselJournal, kept: Kept) -> Self {
        let mut whole = |KeptState { picture, mask }: KeptState| EaselState {
            image: Arc::new(journal.recall(&picture).unwrap()),
            mask,
        };
        let first = whole(kept.first);
        let steps = kept.steps.into_iter().map(|step| match step {
            KeptStep::Mask(edit) => WholeStep::Mask(edit),
            KeptStep::Picture { before, after } => WholeStep::Picture {
                before: whole(before),
                after: whole(after),
            },
        });
        let steps = steps.collect();
        let HeldState { image, mask, .. } = kept.now;
        Self {
            first,
            steps,
            done: kept.done,
            now: EaselState { image, mask },
        }
    }
}

/// A state as the easel hands it over.
fn held_state(state: &EaselState) -> HeldState {
    HeldState {
        picture: KeptPicture::new(state.image.extent()),
        image: Arc::clone(&state.image),
        mask: state.mask.clone(),
    }
}

/// What an easel would keep.
#[derive(Default)]
struct Model {
    kept: Option<Whole>,
}

impl Model {
    fn now(&self) -> &EaselState {
        &self.kept.as_ref().unwrap().now
    }

    fn put(&mut self, after: EaselState) -> Entry {
        let entry = Entry::Picture(held_state(&after));
        match &mut self.kept {
            Some(kept) => {
                let before = std::mem::replace(&mut kept.now, after.clone());
                push(kept, WholeStep::Picture { before, after });
            }
            None => {
                self.kept = Some(Whole {
                    first: after.clone(),
                    steps: Vec::new(),
                    done: 0,
                    now: after,
                });
            }
        }
        entry
    }

    /// Lays ink over some pixels of the mask, which must not have been there yet.
    fn paint(&mut self, x: u32, opacity: f32) -> Entry {
        let kept = self.kept.as_mut().unwrap();
        let extent = Extent::new(5, 3);
        let coverage = Mask::from_values(extent, vec![255; extent.area()]).unwrap();
        let ink = Ink {
            opacity,
            erases: false,
        };
        let changes = kept
            .now
            .mask
            .inked(Area { x, y: 2, extent }, &coverage, ink);
        let edit = Edit::make(&mut kept.now.mask, changes).unwrap();
        push(kept, WholeStep::Mask(edit.clone()));
        Entry::Mask(edit)
    }

    fn back(&mut self) -> Entry {
        let kept = self.kept.as_mut().unwrap();
        kept.done -= 1;
        match kept.steps[kept.done].clone() {
            WholeStep::Mask(edit) => change(&mut kept.now.mask, edit.backward()),
            WholeStep::Picture { before, .. } => kept.now = before,
        }
        Entry::Back
    }

    fn forth(&mut self) -> Entry {
        let kept = self.kept.as_mut().unwrap();
        match kept.steps[kept.done].clone() {
            WholeStep::Mask(edit) => change(&mut kept.now.mask, edit.forward()),
            WholeStep::Picture { after, .. } => kept.now = after,
        }
        kept.done += 1;
        Entry::Forth
    }
}

fn push(kept: &mut Whole, step: WholeStep) {
    kept.steps.truncate(kept.done);
    kept.steps.push(step);
    kept.done = kept.steps.len();
}

fn change(mask: &mut TiledMask, changes: crate::raster::Changes) {
    for (at, values) in changes {
        mask.set(at, values);
    }
}

/// What a journal keeps, all of it read.
fn opened(folder: &Path) -> (EaselJournal, Option<Whole>) {
    let (mut journal, kept) = EaselJournal::open(folder).unwrap();
    let whole = kept.map(|kept| Whole::recalled(&mut journal, kept));
    (journal, whole)
}

fn reopened(folder: &Path) -> Option<Whole> {
    opened(folder).1
}

fn length(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(FILE)).unwrap().len()
}

/// Names of the picture files and of those they came from, sorted.
fn picture_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(PICTURES));
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("small"))
        .collect();
    names.sort();
    names
}
