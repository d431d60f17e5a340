//! What the records of a journal add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Result};

use serde::{Deserialize, Serialize};

use super::file::{Reader, Version};
use super::pictures::FileName;
use crate::raster::{Edit, PackedMask, Place};

/// A picture, by name, and its mask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sheet {
    pub(super) picture: FileName,
    pub(super) mask: PackedMask,
    /// The file the picture came from. It is no part of the sheet in a record: most have none, and
    /// those written before there were any shall be read.
    #[serde(skip)]
    pub(super) original: Option<OriginalAt>,
}

/// The file a picture came from, by name, and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct OriginalAt {
    pub(super) file: FileName,
    pub(super) place: Place,
}

/// A picture on disk, with the file it came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) picture: FileName,
    pub(super) original: Option<OriginalAt>,
}

impl Named {
    /// Names of all that is on disk.
    pub(super) fn files(self) -> impl Iterator<Item = FileName> {
        let original = self.original.map(|original| original.file);
        std::iter::once(self.picture).chain(original)
    }
}

impl Sheet {
    pub(super) const fn named(&self) -> Named {
        Named {
            picture: self.picture,
            original: self.original,
        }
    }
}

/// What a record says. The order is that of the file's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Record {
    Picture(Sheet),
    Mask(Edit),
    Back,
    Forth,
    /// A picture that came from a file; what is read is a [`Record::Picture`] with it.
    PictureOf(Sheet, OriginalAt),
}

impl Record {
    pub(super) fn picture(sheet: Sheet) -> Self {
        match sheet.original {
            Some(original) => Self::PictureOf(sheet, original),
            None => Self::Picture(sheet),
        }
    }

    /// The first version of the file that knows it.
    pub(super) const fn version(&self) -> Version {
        match self {
            Self::PictureOf(..) => Version::Files,
            Self::Picture(_) | Self::Mask(_) | Self::Back | Self::Forth => Version::First,
        }
    }

    /// Bytes it takes on disk, about.
    fn bytes(&self) -> u64 {
        let written = postcard::to_stdvec(self);
        written.map_or(0, |bytes| bytes.len() as u64)
    }

    /// `None` if these are not the bytes of one record.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (record, rest) = postcard::take_from_bytes(bytes).ok()?;
        let record = match record {
            Self::PictureOf(sheet, original) => Self::Picture(Sheet {
                original: Some(original),
                ..sheet
            }),
            other => other,
        };
        rest.is_empty().then_some(record)
    }
}

/// A step, smaller than at the easel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Mask(Edit),
    Picture(Sheet),
}

impl Step {
    fn record(&self) -> Record {
        match self {
            Self::Mask(edit) => Record::Mask(edit.clone()),
            Self::Picture(sheet) => Record::picture(sheet.clone()),
        }
    }
}

/// What was found in a file.
pub(super) struct Reading {
    pub(super) history: Option<History>,
    /// Nothing is cut short or damaged.
    pub(super) is_whole: bool,
    /// Nothing is said that is not needed.
    pub(super) is_compact: bool,
}

/// All that was done and can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct History {
    pub(super) first: Sheet,
    pub(super) steps: Vec<Step>,
    /// Steps that are not undone.
    pub(super) done: usize,
}

impl History {
    /// What a file says, up to its end or to where it is damaged.
    pub(super) fn read(from: &mut Reader<impl Read>) -> Result<Reading> {
        let mut history: Option<Self> = None;
        let mut count = 0;
        let mut is_readable = true;
        while let Some(bytes) = from.next()? {
            let Some(record) = Record::read(&bytes) else {
                is_readable = false;
                break;
            };
            count += 1;
            match (&mut history, record) {
                (Some(history), record) => history.take(record),
                (none, Record::Picture(first) | Record::PictureOf(first, _)) => {
                    *none = Some(Self {
                        first,
                        steps: Vec::new(),
                        done: 0,
                    });
                }
                // There is nothing to be done to.
                (None, Record::Mask(_) | Record::Back | Record::Forth) => {}
            }
        }
        let needed = history.as_ref().map_or(0, Self::record_count);
        let is_whole = is_readable && from.is_at_end();
        Ok(Reading {
            history,
            is_whole,
            // A record that is not needed takes away another one, or nothing: it is one too many.
            is_compact: is_whole && needed == count,
        })
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Picture(sheet) | Record::PictureOf(sheet, _) => {
                self.push(Step::Picture(sheet));
            }
            Record::Mask(edit) => self.push(Step::Mask(edit)),
            Record::Back => self.done = self.done.saturating_sub(1),
            Record::Forth => self.done = self.steps.len().min(self.done + 1),
        }
    }

    /// What had been undone before is gone.
    fn push(&mut self, step: Step) {
        self.steps.truncate(self.done);
        self.steps.push(step);
        self.done = self.steps.len();
    }

    /// The records that say all this and nothing else.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> {
        let undone = self.steps.len() - self.done;
        std::iter::once(Record::picture(self.first.clone()))
            .chain(self.steps.iter().map(Step::record))
            .chain(std::iter::repeat_n(Record::Back, undone))
    }

    const fn record_count(&self) -> usize {
        1 + self.steps.len() + (self.steps.len() - self.done)
    }

    /// The first picture and all that took its place.
    fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        let later = self.steps.iter().filter_map(|step| match step {
            Step::Picture(sheet) => Some(sheet),
            Step::Mask(_) => None,
        });
        std::iter::once(&self.first).chain(later)
    }

    /// Names of all pictures and of the files they came from.
    pub(super) fn files(&self) -> BTreeSet<FileName> {
        self.sheets()
            .flat_map(|sheet| sheet.named().files())
            .collect()
    }

    /// What is on the easel after some steps; `None` if one of them does not fit what it is done
    /// to.
    pub(super) fn after(&self, steps: usize) -> Option<Sheet> {
        let steps = self.steps.get(..steps)?;
        let (mut sheet, mut from) = (&self.first, 0);
        for (index, step) in steps.iter().enumerate() {
            if let Step::Picture(after) = step {
                (sheet, from) = (after, index + 1);
            }
        }
        let mut sheet = sheet.clone();
        let fits = steps[from..].iter().all(|step| match step {
            Step::Mask(edit) => sheet.mask.take(edit),
            Step::Picture(_) => true,
        });
        fits.then_some(sheet)
    }

    /// Leaves out all steps from one on.
    pub(super) fn cut(&mut self, from: usize) {
        self.steps.truncate(from);
        self.done = self.done.min(from);
    }

    /// Forgets the oldest steps that are done until the rest takes no more than `most` bytes on
    /// disk, each file counted once, as long as `bytes_of` says; whether any had to go.
    pub(super) fn forget_oldest(&mut self, most: u64, bytes_of: &impl Fn(FileName) -> u64) -> bool {
        // How many sheets need each file.
        let mut needed: BTreeMap<FileName, usize> = BTreeMap::new();
        for file in self.sheets().flat_map(|sheet| sheet.named().files()) {
            *needed.entry(file).or_default() += 1;
        }
        let mut bytes = self.records().map(|record| record.bytes()).sum::<u64>()
            + needed.keys().map(|&file| bytes_of(file)).sum::<u64>();
        let mut first = &self.first;
        let mut gone = 0;
        while bytes > most && gone < self.done {
            let step = &self.steps[gone];
            bytes = bytes.saturating_sub(step.record().bytes());
            if let Step::Picture(sheet) = step {
                for file in first.named().files() {
                    let sheets = needed.entry(file).or_default();
                    *sheets = sheets.saturating_sub(1);
                    if *sheets == 0 {
                        bytes = bytes.saturating_sub(bytes_of(file));
                    }
                }
                first = sheet;
            }
            gone += 1;
        }
        if gone == 0 {
            return false;
        }
        let Some(sheet) = self.after(gone) else {
            return false;
        };
        self.first = sheet;
        self.steps.drain(..gone);
        self.done -= gone;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Extent, TiledMask};

    /// Records as they were written before pictures had files.
    #[derive(Serialize)]
    #[expect(dead_code, reason = "the order of all of them counts")]
    enum Before {
        Picture((FileName, PackedMask)),
        Mask(Edit),
        Back,
        Forth,
    }

    /// A name of its own for each number.
    fn name(number: u8) -> FileName {
        postcard::from_bytes(&[number; 32]).unwrap()
    }

    #[test]
    fn a_file_counts_once_and_until_its_last_picture_is_forgotten() {
        let sheet = |picture: u8, has_file: bool| Sheet {
            picture: name(picture),
            mask: PackedMask::new(&TiledMask::empty(Extent::new(10, 10))),
            original: has_file.then(|| OriginalAt {
                file: name(100),
                place: Place::Nowhere,
            }),
        };
        let steps = [
            sheet(1, true),
            sheet(0, true),
            sheet(2, false),
            sheet(3, false),
        ];
        let steps: Vec<Step> = steps.map(Step::Picture).into();
        let whole = History {
            first: sheet(0, true),
            done: steps.len(),
            steps,
        };
        // Far more than the records.
        let bytes_of = |file| {
            if file == name(100) {
                5_000_000
            } else {
                1_000_000
            }
        };
        let gone = |most: u64| {
            let mut history = whole.clone();
            history.forget_oldest(most, &bytes_of);
            whole.steps.len() - history.steps.len()
        };
        let little = 10_000;
        assert_eq!(gone(9_000_000 + little), 0);
        // The first picture comes once more, two steps later.
        assert_eq!(gone(8_000_000 + little), 2);
        // With its last picture the file goes too.
        assert_eq!(gone(7_999_999), 3);
        assert_eq!(gone(2_000_000 + little), 3);
        assert_eq!(gone(1_999_999), 4);
        assert_eq!(gone(0), 4);
    }

    #[test]
    fn records_from_before_there_were_files_are_read() {
        let mask = PackedMask::new(&TiledMask::empty(Extent::new(3, 2)));
        let picture = FileName::default();
        let bytes = postcard::to_stdvec(&Before::Picture((picture, mask.clone()))).unwrap();
        let sheet = Sheet {
            picture,
            mask,
            original: None,
        };
        assert_eq!(Record::read(&bytes), Some(Record::picture(sheet)));
        let forth = postcard::to_stdvec(&Before::Forth).unwrap();
        assert_eq!(Record::read(&forth), Some(Record::Forth));
    }
}
