//! An easel in memory that the journal is compared with.

mod damage;
mod keeping;
mod random;

use std::path::Path;
use std::sync::Arc;

use super::{EaselJournal, EaselState, Entry, FILE, Kept, KeptStep, PICTURES};
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

/// What an easel would keep.
#[derive(Default)]
struct Model {
    kept: Option<Kept>,
}

impl Model {
    fn now(&self) -> &EaselState {
        &self.kept.as_ref().unwrap().now
    }

    fn put(&mut self, after: EaselState) -> Entry {
        let entry = Entry::Picture(after.clone());
        match &mut self.kept {
            Some(kept) => {
                let before = std::mem::replace(&mut kept.now, after.clone());
                push(kept, KeptStep::Picture { before, after });
            }
            None => {
                self.kept = Some(Kept {
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
        push(kept, KeptStep::Mask(edit.clone()));
        Entry::Mask(edit)
    }

    fn back(&mut self) -> Entry {
        let kept = self.kept.as_mut().unwrap();
        kept.done -= 1;
        match kept.steps[kept.done].clone() {
            KeptStep::Mask(edit) => change(&mut kept.now.mask, edit.backward()),
            KeptStep::Picture { before, .. } => kept.now = before,
        }
        Entry::Back
    }

    fn forth(&mut self) -> Entry {
        let kept = self.kept.as_mut().unwrap();
        match kept.steps[kept.done].clone() {
            KeptStep::Mask(edit) => change(&mut kept.now.mask, edit.forward()),
            KeptStep::Picture { after, .. } => kept.now = after,
        }
        kept.done += 1;
        Entry::Forth
    }
}

fn push(kept: &mut Kept, step: KeptStep) {
    kept.steps.truncate(kept.done);
    kept.steps.push(step);
    kept.done = kept.steps.len();
}

fn change(mask: &mut TiledMask, changes: crate::raster::Changes) {
    for (at, values) in changes {
        mask.set(at, values);
    }
}

fn reopened(folder: &Path) -> Option<Kept> {
    EaselJournal::open(folder).unwrap().1
}

fn length(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(FILE)).unwrap().len()
}

/// Names of the picture files, sorted.
fn picture_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(PICTURES));
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
