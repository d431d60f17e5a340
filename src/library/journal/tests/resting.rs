//! Pictures that leave memory, and come back from disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::super::{EaselJournal, EaselState, Entry, HeldState, KeptStep, PICTURES, SMALL_SIDE};
use super::{Model, Whole, held_state, picture_files, reopened, state};
use crate::library::FileError;
use crate::raster::{Extent, Original, Pixels, Place, TiledMask, fit_within};

/// Puts a picture into a journal.
fn keep(journal: &mut EaselJournal, state: &EaselState) -> HeldState {
    let kept = held_state(state);
    journal.append(Entry::Picture(kept.clone())).unwrap();
    kept
}

/// A picture that cannot be packed into less.
fn noise(seed: u64) -> EaselState {
    let extent = Extent::new(100, 100);
    let mut rgba = vec![0; extent.area() * 4];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut rgba);
    EaselState {
        image: Arc::new(Pixels::from_rgba(extent, rgba).unwrap()),
        mask: TiledMask::empty(extent),
    }
}

/// The file of a picture, which no other picture of the journal has.
fn file_of(folder: &Path, state: &EaselState) -> PathBuf {
    let lone = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(lone.path()).unwrap();
    keep(&mut journal, state);
    let name = picture_files(lone.path()).pop().unwrap();
    folder.join(PICTURES).join(name)
}

fn names_of_small(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join(PICTURES)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == "small"))
        .collect()
}

#[test]
fn a_picture_comes_back_from_disk_with_its_file_which_is_in_memory_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let original = Original::whole(b"as it was".to_vec());
    let from = |value, original: Original| {
        let EaselState { image, mask } = state(40, value);
        let image = Arc::unwrap_or_clone(image).with_original(Some(original));
        let image = Arc::new(image);
        EaselState { image, mask }
    };
    let states = [
        from(1, original.clone()),
        from(2, original.at(Place::At { x: 3, y: -4 })),
    ];
    let kept = states.clone().map(|state| held_state(&state));
    assert!(kept.iter().all(|kept| !kept.picture.is_on_disk()));
    for kept in &kept {
        journal.append(Entry::Picture(kept.clone())).unwrap();
        assert!(kept.picture.is_on_disk());
    }
    let of = |pixels: &Pixels| {
        let original = pixels.original().unwrap().clone();
        (original.place(), original.file().to_vec())
    };
    let expected = states.clone().map(|state| (*state.image).clone());
    let recall = |journal: &mut EaselJournal, at: usize| {
        let recalled = journal.recall(&kept[at].picture).unwrap();
        assert!(recalled == expected[at] && of(&recalled) == of(&expected[at]));
        recalled.original().unwrap().clone()
    };
    assert!(recall(&mut journal, 0).shares_file(&original));
    drop((states, original));
    let recalled = [0, 1].map(|at| recall(&mut journal, at));
    assert!(recalled[0].shares_file(&recalled[1]));
}

#[test]
fn a_picture_is_not_on_disk_while_that_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let pictures = folder.path().join(PICTURES);
    fs::write(&pictures, "in the way").unwrap();
    let kept = held_state(&state(40, 1));
    let entry = Entry::Picture(kept.clone());
    assert!(journal.append(entry).is_err());
    assert!(!kept.picture.is_on_disk());
    fs::remove_file(&pictures).unwrap();
    keep(&mut journal, &state(40, 2));
    assert!(kept.picture.is_on_disk());
    assert!(journal.recall(&kept.picture).unwrap() == *kept.image);
}

#[test]
fn reopening_reads_the_picture_on_the_easel_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    for value in 1..=5 {
        journal.append(model.put(state(40, value))).unwrap();
    }
    journal.append(model.back()).unwrap();
    drop(journal);
    // Content is looked at when a picture is read, so that others may be anything of that length.
    let now = file_of(folder.path(), &model.kept.as_ref().unwrap().now);
    let mut whole = Vec::new();
    for name in picture_files(folder.path()) {
        let path = folder.path().join(PICTURES).join(name);
        let bytes = fs::read(&path).unwrap();
        if path != now {
            let mut other = bytes.clone();
            *other.last_mut().unwrap() ^= 1;
            fs::write(&path, other).unwrap();
        }
        whole.push((path, bytes));
    }
    assert_eq!(whole.len(), 5);
    let (mut journal, kept) = EaselJournal::open(folder.path()).unwrap();
    let kept = kept.unwrap();
    assert_eq!((kept.steps.len(), kept.done), (4, 3));
    assert!(journal.recall(&kept.first.picture).is_err());
    for (path, bytes) in whole {
        fs::write(path, bytes).unwrap();
    }
    assert!(Some(Whole::recalled(&mut journal, kept)) == model.kept);
}

#[test]
fn a_picture_that_is_lost_or_damaged_is_told_when_it_is_recalled() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    for seed in 0..3 {
        journal.append(model.put(noise(seed))).unwrap();
    }
    drop(journal);
    // Its length stays, so that nothing is known of it before it is read.
    let file = file_of(folder.path(), &noise(1));
    let whole = fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let (mut journal, kept) = EaselJournal::open(folder.path()).unwrap();
    let kept = kept.unwrap();
    let [_, KeptStep::Picture { before, .. }] = &kept.steps[..] else {
        panic!("{:?}", kept.steps)
    };
    let path = file.display().to_string();
    let damaged = FileError::StateDamaged { path: path.clone() };
    assert_eq!(journal.recall(&before.picture).unwrap_err(), damaged);
    assert_eq!(
        journal.small(&before.picture).ok(),
        Some(fit_within(&noise(1).image, SMALL_SIDE))
    );
    fs::remove_file(&file).unwrap();
    let missing = FileError::StateMissing { path };
    assert_eq!(journal.recall(&before.picture).unwrap_err(), missing);
    // Nothing else is lost, nor this once the file is back.
    assert!(journal.recall(&kept.first.picture).is_ok());
    fs::write(&file, whole).unwrap();
    assert!(Some(Whole::recalled(&mut journal, kept)) == model.kept);
}

#[test]
fn a_picture_on_the_easel_that_is_damaged_leaves_what_came_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    let mut after = Vec::new();
    for value in 1..=3 {
        journal.append(model.put(state(40, value))).unwrap();
        after.push(model.kept.clone());
    }
    drop(journal);
    let file = file_of(folder.path(), &state(40, 3));
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert!(reopened(folder.path()) == after[1]);
    // The same the next time: it was cut off.
    assert!(reopened(folder.path()) == after[1]);
}

#[test]
fn a_picture_people_can_go_to_stays_on_disk_though_no_step_leads_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    keep(&mut journal, &state(40, 1));
    let branch = keep(&mut journal, &state(40, 2));
    journal.append(Entry::Back).unwrap();
    keep(&mut journal, &state(40, 3));
    assert!(branch.picture.is_on_disk());
    journal.compact().unwrap();
    assert!(journal.recall(&branch.picture).unwrap() == *state(40, 2).image);
    // The journal takes it up again as it is.
    journal.append(Entry::Picture(branch.clone())).unwrap();
    journal.append(Entry::Back).unwrap();
    keep(&mut journal, &state(40, 4));
    assert_eq!(picture_files(folder.path()).len(), 4);
    drop(branch);
    journal.append(Entry::Back).unwrap();
    journal.compact().unwrap();
    assert_eq!(picture_files(folder.path()).len(), 3);
}

#[test]
fn the_oldest_steps_go_at_the_next_start_where_all_takes_too_much_of_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    for seed in 0..6 {
        journal.append(model.put(noise(seed))).unwrap();
    }
    drop(journal);
    let taken = || {
        let files = fs::read_dir(folder.path().join(PICTURES)).unwrap();
        let lengths = files.map(|file| file.unwrap().metadata().unwrap().len());
        lengths.sum::<u64>()
    };
    let all = taken();
    // Room for three of the six, and for the records.
    let most = all / 2 + 5000;
    let (mut journal, kept) = EaselJournal::open_within(most, folder.path()).unwrap();
    let whole = Whole::recalled(&mut journal, kept.unwrap());
    let model = model.kept.unwrap();
    assert!(whole.steps == model.steps[3..] && whole.now == model.now);
    assert!(whole.first == noise(3));
    assert!(taken() <= most && picture_files(folder.path()).len() == 3);
    // While it is open there is no bound.
    for seed in 6..12 {
        keep(&mut journal, &noise(seed));
    }
    journal.compact().unwrap();
    assert_eq!(picture_files(folder.path()).len(), 9);
}

#[test]
fn small_copies_lie_beside_the_pictures_and_are_made_where_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let image = state(400, 7).image;
    let mask = TiledMask::empty(image.extent());
    let expected = fit_within(&image, SMALL_SIDE);
    assert_eq!(expected.extent().width, SMALL_SIDE);
    let kept = keep(&mut journal, &EaselState { image, mask });
    let [small] = &names_of_small(folder.path())[..] else {
        panic!("one picture, one copy")
    };
    // The picture itself is not needed for it.
    let [picture] = &picture_files(folder.path())[..] else {
        panic!("one picture")
    };
    let picture = folder.path().join(PICTURES).join(picture);
    let aside = folder.path().join("aside");
    fs::rename(&picture, &aside).unwrap();
    assert_eq!(journal.small(&kept.picture), Ok(expected.clone()));
    fs::rename(&aside, &picture).unwrap();
    let written = fs::read(small).unwrap();
    let mut damaged = written.clone();
    damaged[12] ^= 1;
    for bytes in [Some(damaged), Some(vec![0; 1 << 20]), None] {
        match bytes {
            Some(bytes) => fs::write(small, bytes).unwrap(),
            None => fs::remove_file(small).unwrap(),
        }
        assert_eq!(journal.small(&kept.picture), Ok(expected.clone()));
        assert!(fs::read(small).unwrap() == written);
    }
    journal.clear().unwrap();
    assert!(names_of_small(folder.path()).is_empty());
    assert!(matches!(
        journal.recall(&kept.picture),
        Err(FileError::StateMissing { .. })
    ));
}
