//! Files that were cut off, changed, or lost.

use std::fs;
use std::path::Path;

use super::super::file::{Found, Reader};
use super::super::history::{History, Reading};
use super::super::{EaselJournal, FILE, PICTURES};
use super::{Model, held_state, length, opened, picture_files, reopened, state};
use crate::library::FileError;

/// A small journal: its bytes, and after each record its length and what an easel would keep.
struct Example {
    bytes: Vec<u8>,
    after: Vec<(usize, Model)>,
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

fn example() -> Example {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    let mut after = vec![(length(folder.path()) as usize, Model::default())];
    for index in 0..6 {
        let entry = match index {
            0 => model.put(state(40, 1)),
            1 => model.paint(3, 1.0),
            2 => model.put(state(30, 2)),
            3 => model.back(),
            4 => model.forth(),
            _ => model.paint(9, 0.5),
        };
        journal.append(entry).unwrap();
        let kept = model.kept.clone();
        after.push((length(folder.path()) as usize, Model { kept }));
    }
    let path = folder.path().to_path_buf();
    Example {
        bytes: fs::read(path.join(FILE)).unwrap(),
        after,
        _folder: folder,
        path,
    }
}

fn read(bytes: &[u8]) -> Option<Reading> {
    match Reader::begin(bytes, bytes.len() as u64).unwrap() {
        Found::Records(mut reader) => Some(History::read(&mut reader).unwrap()),
        Found::Nothing | Found::Unknown => None,
    }
}

impl Example {
    /// The records that are whole in the first bytes.
    fn records_within(&self, bytes: usize) -> usize {
        let whole = self.after.iter().filter(|(end, _)| *end <= bytes);
        whole.count().saturating_sub(1)
    }

    /// What whole records at the beginning say.
    fn read_prefix(&self, records: usize) -> Option<History> {
        read(&self.bytes[..self.after[records].0]).unwrap().history
    }

    /// The same folder with another journal in it.
    fn folder_with(&self, bytes: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), bytes).unwrap();
        fs::create_dir(folder.path().join(PICTURES)).unwrap();
        for name in picture_files(&self.path) {
            let file = Path::new(PICTURES).join(name);
            fs::copy(self.path.join(&file), folder.path().join(&file)).unwrap();
        }
        folder
    }
}

#[test]
fn a_file_cut_anywhere_says_what_was_whole() {
    let example = example();
    for cut in 0..=example.bytes.len() {
        let records = example.records_within(cut);
        let Some(reading) = read(&example.bytes[..cut]) else {
            assert!(cut < example.after[0].0);
            continue;
        };
        assert!(reading.history == example.read_prefix(records), "{cut}");
        assert_eq!(reading.is_whole, cut == example.after[records].0, "{cut}");
    }
}

#[test]
fn a_changed_byte_takes_away_its_record_and_what_comes_after_and_nothing_else() {
    let mut example = example();
    for at in 0..example.bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let records = example.records_within(at);
            let expected = example.read_prefix(records);
            example.bytes[at] ^= mask;
            match read(&example.bytes) {
                Some(reading) => {
                    assert!(reading.history == expected, "{at}");
                    assert!(!reading.is_whole, "{at}");
                }
                None => assert!(at < example.after[0].0, "{at}"),
            }
            example.bytes[at] ^= mask;
        }
    }
}

#[test]
fn after_a_cut_the_studio_goes_on_from_what_was_whole() {
    let example = example();
    let ends = example.after.iter().flat_map(|(end, _)| [*end, end + 3]);
    for cut in ends.chain([0, 5]).filter(|&cut| cut <= example.bytes.len()) {
        let folder = example.folder_with(&example.bytes[..cut]);
        let model = &example.after[example.records_within(cut)].1;
        let (mut journal, kept) = opened(folder.path());
        assert!(kept == model.kept, "{cut}");
        let mut model = Model { kept };
        journal.append(model.put(state(20, 7))).unwrap();
        drop(journal);
        assert!(reopened(folder.path()) == model.kept, "{cut}");
    }
}

#[test]
fn a_picture_that_is_missing_or_damaged_is_left_out_with_what_comes_after() {
    let example = example();
    for (value, records) in [(1, 0), (2, 2)] {
        for is_missing in [true, false] {
            let folder = example.folder_with(&example.bytes);
            let width = if value == 1 { 40 } else { 30 };
            let lone = tempfile::tempdir().unwrap();
            let (mut journal, _) = EaselJournal::open(lone.path()).unwrap();
            journal
                .append(super::Entry::Picture(held_state(&state(width, value))))
                .unwrap();
            let path = folder
                .path()
                .join(PICTURES)
                .join(&picture_files(lone.path())[0]);
            if is_missing {
                fs::remove_file(path).unwrap();
            } else {
                let mut bytes = fs::read(&path).unwrap();
                bytes[9] ^= 4;
                fs::write(&path, bytes).unwrap();
            }
            assert!(reopened(folder.path()) == example.after[records].1.kept);
            // The same the next time: it was cut off.
            assert!(reopened(folder.path()) == example.after[records].1.kept);
        }
    }
}

#[test]
fn a_journal_of_another_version_is_put_aside_with_its_pictures() {
    let mut example = example();
    example.bytes[8] = 99;
    let folder = example.folder_with(&example.bytes);
    for number in 1..3 {
        fs::write(folder.path().join(FILE), &example.bytes).unwrap();
        let (mut journal, kept) = EaselJournal::open(folder.path()).unwrap();
        assert!(kept.is_none());
        let aside = folder.path().join(format!("aside-{number}"));
        assert!(fs::read(aside.join(FILE)).unwrap() == example.bytes);
        assert_eq!(picture_files(&aside).len(), if number == 1 { 2 } else { 0 });
        journal.append(Model::default().put(state(4, 4))).unwrap();
        journal.clear().unwrap();
    }
}

#[test]
fn a_folder_that_is_in_use_or_cannot_be_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (_journal, _) = EaselJournal::open(folder.path()).unwrap();
    let error = EaselJournal::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("another window"), "{error}");
    let file = folder.path().join(FILE).join("below");
    let error = EaselJournal::open(&file).unwrap_err();
    assert!(matches!(error, FileError::Unwritable { .. }));
}
