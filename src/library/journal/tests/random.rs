//! Whatever is done, all of it comes back.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::super::EaselJournal;
use super::super::file::{Found, Reader, Version, file_of};
use super::super::history::{History, Step};
use super::{Model, opened, reopened, state};
use crate::raster::TILE;

fn one_of(random: &mut ChaCha8Rng, count: u32) -> u32 {
    random.next_u32() % count
}

/// Does something that can be done.
fn do_anything(model: &mut Model, random: &mut ChaCha8Rng) -> super::Entry {
    let (done, steps) = model
        .kept
        .as_ref()
        .map_or((0, 0), |kept| (kept.done, kept.steps.len()));
    match one_of(random, 10) {
        _ if model.kept.is_none() => model.put(state(TILE + 90, 1)),
        0 => {
            let width = [TILE + 90, 40][one_of(random, 2) as usize];
            let mut after = state(width, one_of(random, 4) as u8);
            if after.mask.extent() == model.now().mask.extent() {
                after.mask = model.now().mask.clone();
            }
            model.put(after)
        }
        1..4 if done > 0 => model.back(),
        4..6 if done < steps => model.forth(),
        _ => {
            let x = one_of(random, model.now().mask.extent().width - 5);
            model.paint(x, 0.02)
        }
    }
}

#[test]
fn everything_comes_back_as_it_was_whenever_the_studio_ends() {
    for seed in 0..6 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let folder = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        let (mut journal, kept) = EaselJournal::open(folder.path()).unwrap();
        assert_eq!(kept, None);
        for _ in 0..60 {
            journal
                .append(do_anything(&mut model, &mut random))
                .unwrap();
            match one_of(&mut random, 12) {
                0 => {
                    drop(journal);
                    let (again, kept) = opened(folder.path());
                    assert!(kept == model.kept, "seed {seed}");
                    journal = again;
                }
                1 => journal.compact().unwrap(),
                _ => {}
            }
        }
        drop(journal);
        assert!(reopened(folder.path()) == model.kept, "seed {seed}");
    }
}

/// A history as the journal's file says it.
fn history(seed: u64) -> History {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = EaselJournal::open(folder.path()).unwrap();
    let mut model = Model::default();
    for _ in 0..30 {
        journal
            .append(do_anything(&mut model, &mut random))
            .unwrap();
    }
    let bytes = std::fs::read(journal.file.path()).unwrap();
    read(&bytes)
}

fn read(bytes: &[u8]) -> History {
    match Reader::begin(bytes, bytes.len() as u64).unwrap() {
        Found::Records(mut reader) => History::read(&mut reader).unwrap().history.unwrap(),
        Found::Nothing | Found::Unknown => panic!("no records"),
    }
}

#[test]
fn a_history_written_anew_says_the_same() {
    let history = history(40);
    let records = history
        .records()
        .map(|record| postcard::to_stdvec(&record).unwrap());
    let bytes = file_of(Version::First, records).unwrap();
    assert!(read(&bytes) == history);
}

#[test]
fn only_the_oldest_steps_are_forgotten_and_nothing_looks_different() {
    let mut pictures_gone = 0;
    for seed in 41..45 {
        let whole = history(seed);
        for most in [0, 20_000, 40_000, 60_000, u64::MAX] {
            let mut small = whole.clone();
            let forgot = small.forget_oldest(most, &|_| 9000);
            let gone = whole.steps.len() - small.steps.len();
            assert_eq!(forgot, gone > 0);
            assert!(most > 0 || gone == whole.done);
            assert!(most < u64::MAX || gone == 0);
            for steps in gone..=whole.steps.len() {
                assert!(whole.after(steps) == small.after(steps - gone), "{steps}");
            }
            let oldest = whole.steps[..gone].iter();
            pictures_gone += oldest.filter(|&step| is_picture(step)).count();
        }
    }
    assert!(pictures_gone > 0);
}

fn is_picture(step: &Step) -> bool {
    matches!(step, Step::Picture(_))
}
