//! What is kept, what is removed, and what happens when the disk is full.

use std::fs;
use std::sync::Arc;

use super::super::{EaselJournal, EaselState, Entry, FILE, PICTURES, ROOM};
use super::{Model, length, picture_files, reopened, state};
use crate::raster::{Original, Place};

#[test]
fn compaction_keeps_what_can_be_undone_and_redone_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    journal.append(model.put(state(40, 1))).unwrap();
    for index in 0..20 {
        journal.append(model.paint(index, 0.1)).unwrap();
        journal.append(model.back()).unwrap();
    }
    journal.append(model.paint(0, 0.5)).unwrap();
    journal.append(model.put(state(40, 2))).unwrap();
    journal.append(model.paint(9, 0.5)).unwrap();
    for _ in 0..2 {
        journal.append(model.back()).unwrap();
    }
    let before = length(folder.path());
    journal.compact().unwrap();
    let compact = length(folder.path());
    assert!(compact * 4 < before, "{compact} of {before} bytes");
    journal.compact().unwrap();
    drop(journal);
    assert_eq!(length(folder.path()), compact);
    assert!(reopened(folder.path()) == model.kept);
    assert_eq!(length(folder.path()), compact);
}

#[test]
fn a_file_that_has_grown_much_is_made_smaller_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    journal.append(model.put(state(40, 1))).unwrap();
    journal.room = 10_000;
    let mut has_shrunk = false;
    for index in 0..30 {
        let before = length(folder.path());
        journal.append(model.paint(index, 0.1)).unwrap();
        journal.append(model.back()).unwrap();
        has_shrunk |= length(folder.path()) < before;
    }
    assert!(has_shrunk && journal.room > ROOM);
    drop(journal);
    assert!(reopened(folder.path()) == model.kept);
}

#[test]
fn a_picture_is_stored_once_and_goes_when_nobody_refers_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    for value in [1, 2, 1, 3] {
        journal.append(model.put(state(40, value))).unwrap();
    }
    assert_eq!(picture_files(folder.path()).len(), 3);
    for _ in 0..3 {
        journal.append(model.back()).unwrap();
    }
    journal.append(model.paint(3, 1.0)).unwrap();
    drop(journal);
    let half_written = folder.path().join(PICTURES).join(".afterimage-x.part");
    fs::write(half_written, "half").unwrap();
    let foreign = folder.path().join(PICTURES).join("notes.txt");
    fs::write(&foreign, "not ours").unwrap();
    assert!(reopened(folder.path()) == model.kept);
    assert_eq!(picture_files(folder.path()).len(), 2);
    assert!(foreign.exists());
}

#[test]
fn a_picture_comes_back_with_the_file_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    let file = b"as it was".to_vec();
    let from = |width, value, place| {
        let EaselState { image, mask } = state(width, value);
        let original = Original::new(file.clone(), place);
        let image = Arc::unwrap_or_clone(image).with_original(Some(original));
        let image = Arc::new(image);
        EaselState { image, mask }
    };
    let whole = Place::At { x: 0, y: 0 };
    let version = || fs::read(folder.path().join(FILE)).unwrap()[8];
    journal.append(model.put(state(30, 9))).unwrap();
    assert_eq!(version(), 1);
    journal.append(model.put(from(40, 1, whole))).unwrap();
    // A studio that knows nothing of such files puts this aside, instead of cutting it.
    assert_eq!(version(), 2);
    journal.append(model.put(state(40, 1))).unwrap();
    let moved = Place::At { x: -7, y: 900 };
    journal.append(model.put(from(40, 2, moved))).unwrap();
    journal
        .append(model.put(from(30, 2, Place::Nowhere)))
        .unwrap();
    journal.append(model.back()).unwrap();
    // Four pictures, and one file for all of them.
    assert_eq!(picture_files(folder.path()).len(), 5);
    journal.compact().unwrap();
    assert_eq!(version(), 2);
    drop(journal);
    let kept = reopened(folder.path());
    assert!(kept == model.kept);
    let original = kept.as_ref().unwrap().now.image.original().unwrap();
    assert_eq!((original.place(), original.file()), (moved, &*file));

    // A lost file takes nothing else along.
    let originals = picture_files(folder.path());
    let lost = originals.iter().find(|name| name.ends_with("original"));
    fs::remove_file(folder.path().join(PICTURES).join(lost.unwrap())).unwrap();
    let kept = reopened(folder.path()).unwrap();
    assert_eq!(kept.steps.len(), 4);
    assert_eq!(kept.now.image.original(), None);

    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    journal.clear().unwrap();
    assert!(picture_files(folder.path()).is_empty());
    assert_eq!(version(), 1);
}

#[test]
fn what_could_not_be_written_is_written_with_the_next_entry() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    journal.append(model.put(state(40, 1))).unwrap();
    // Neither the journal nor a picture can be written where a file of another kind is.
    let (file, moved) = (folder.path().join(FILE), folder.path().join("moved"));
    fs::rename(&file, &moved).unwrap();
    fs::rename(
        folder.path().join(PICTURES),
        folder.path().join("elsewhere"),
    )
    .unwrap();
    fs::write(folder.path().join(PICTURES), "in the way").unwrap();
    assert!(journal.append(model.paint(3, 0.5)).is_err());
    assert!(journal.append(model.put(state(30, 2))).is_err());
    // As if half a record had been written before the disk was full.
    let mut bytes = fs::read(&moved).unwrap();
    bytes.resize(bytes.len() + 300_000, 7);
    fs::write(&file, bytes).unwrap();
    fs::remove_file(folder.path().join(PICTURES)).unwrap();
    fs::rename(
        folder.path().join("elsewhere"),
        folder.path().join(PICTURES),
    )
    .unwrap();
    journal.append(model.paint(9, 0.5)).unwrap();
    drop(journal);
    assert!(reopened(folder.path()) == model.kept);
}

#[test]
fn what_is_cleared_is_gone_and_a_first_picture_is_no_step() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    journal.append(model.put(state(40, 1))).unwrap();
    journal.append(model.paint(3, 0.5)).unwrap();
    journal.clear().unwrap();
    assert!(picture_files(folder.path()).is_empty());
    // Nothing to be done to.
    journal.append(Entry::Back).unwrap();
    let mut model = Model::default();
    journal.append(model.put(state(40, 2))).unwrap();
    drop(journal);
    assert!(reopened(folder.path()) == model.kept);
}
