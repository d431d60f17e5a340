use std::path::Path;
use std::sync::{Arc, Weak};

use afterimage::app::easel::{Easel, State};
use afterimage::engine::{Reshape, Reshaped};
use afterimage::library::{EaselJournal, Entry, KeptPicture, KeptState};
use afterimage::raster::{Area, Extent, Original, Pixels, TiledMask};

/// A picture with a file, each of another size and content.
fn picture(number: u8) -> Pixels {
    let extent = Extent::new(30 + u32::from(number), 20);
    let rgba = (0..extent.area() as u32 * 4).map(|at| (at % 251) as u8 ^ number);
    let pixels = Pixels::from_rgba(extent, rgba.collect()).unwrap();
    pixels.with_original(Some(Original::whole(vec![number; 500])))
}

fn state(number: u8) -> State {
    let image = Arc::new(picture(number));
    let mask = TiledMask::empty(image.extent());
    State { image, mask }
}

/// Bytes of three of them with their files, about.
const MOST: usize = 3 * (36 * 20 * 4 + 500);
const STEPS: u8 = 12;

/// An easel, its journal, and what stands between them in the studio.
struct Desk {
    easel: Easel,
    journal: EaselJournal,
    /// Every picture there was.
    pictures: Vec<KeptPicture>,
    /// The same each time they were in memory.
    seen: Vec<Weak<Pixels>>,
    recalled: usize,
}

impl Desk {
    /// With steps in a folder, made and put on disk one by one.
    fn with_steps(folder: &Path) -> Self {
        let (journal, kept) = EaselJournal::open(folder).unwrap();
        assert!(kept.is_none());
        let mut desk = Self {
            easel: Easel::new(state(0).image, None),
            journal,
            pictures: Vec::new(),
            seen: Vec::new(),
            recalled: 0,
        };
        for number in 1..=STEPS {
            desk.settle();
            desk.easel.replace(state(number));
        }
        desk.settle();
        desk
    }

    /// Does what the studio does after each frame.
    fn settle(&mut self) {
        for entry in self.easel.take_unkept() {
            if let Entry::Picture(state) = &entry {
                self.pictures.push(state.picture.clone());
                self.seen.push(Arc::downgrade(&state.image));
            }
            self.journal.append(entry).unwrap();
        }
        if let Some(picture) = self.easel.take_recall() {
            assert!(self.easel.is_busy());
            let pixels = Arc::new(self.journal.recall(&picture).unwrap());
            self.seen.push(Arc::downgrade(&pixels));
            assert!(self.easel.take_recalled(&picture, Some(&pixels)));
            self.recalled += 1;
            drop(pixels);
            return self.settle();
        }
        assert!(!self.easel.is_busy());
        assert!(self.easel.rest_beyond(MOST, []));
        let mut held: Vec<Arc<Pixels>> = self.seen.iter().filter_map(Weak::upgrade).collect();
        held.sort_by_key(|pixels| Arc::as_ptr(pixels).addr());
        held.dedup_by(|one, other| Arc::ptr_eq(one, other));
        let bytes = held.iter().map(|pixels| pixels.rgba().len() + 500);
        let bytes = bytes.sum::<usize>();
        assert!(bytes <= MOST, "{bytes} bytes are in memory");
    }

    fn assert_is(&self, number: u8) {
        let (image, expected) = (self.easel.image(), picture(number));
        assert!(**image == expected, "{number}");
        let file = image.original().map(Original::file);
        assert_eq!(file, expected.original().map(Original::file));
    }
}

#[test]
fn however_little_memory_there_is_everything_is_undone_to_the_first_step_and_redone_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::with_steps(folder.path());
    for _ in 0..2 {
        for number in (0..STEPS).rev() {
            desk.easel.undo();
            desk.settle();
            desk.assert_is(number);
        }
        assert!(!desk.easel.can_undo());
        for number in 1..=STEPS {
            desk.easel.redo();
            desk.settle();
            desk.assert_is(number);
        }
        assert!(!desk.easel.can_redo());
    }
    assert!(desk.recalled > 2 * usize::from(STEPS));
    // After a restart it is the same.
    let Desk { journal, .. } = desk;
    drop(journal);
    let (journal, kept) = EaselJournal::open(folder.path()).unwrap();
    let mut desk = Desk {
        easel: Easel::restored(kept.unwrap(), None),
        journal,
        pictures: Vec::new(),
        seen: Vec::new(),
        recalled: 0,
    };
    for number in (0..STEPS).rev() {
        desk.easel.undo();
        desk.settle();
        desk.assert_is(number);
    }
    assert!(!desk.easel.can_undo());
    assert_eq!(desk.recalled, usize::from(STEPS));
}

#[test]
fn going_back_to_a_state_is_a_step_and_waits_for_its_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::with_steps(folder.path());
    let state = |at: usize| KeptState {
        picture: desk.pictures[at].clone(),
        mask: TiledMask::empty(desk.pictures[at].extent()),
    };
    let (first, second) = (state(0), state(1));
    desk.easel.go_back_to(first);
    assert!(desk.easel.is_busy() && !desk.easel.can_undo());
    desk.assert_is(STEPS);
    // Whoever changes their mind goes elsewhere; what was asked for first changes nothing.
    let asked = desk.easel.take_recall().unwrap();
    desk.easel.go_back_to(second.clone());
    let pixels = Arc::new(desk.journal.recall(&asked).unwrap());
    assert!(!desk.easel.take_recalled(&asked, Some(&pixels)));
    drop(pixels);
    desk.assert_is(STEPS);
    desk.settle();
    desk.assert_is(1);
    assert!(*desk.easel.picture() == second.picture);
    desk.easel.undo();
    desk.settle();
    desk.assert_is(STEPS);
    // What is in memory is there at once.
    desk.easel.go_back_to(second);
    assert!(!desk.easel.is_busy());
    desk.assert_is(1);
}

#[test]
fn a_picture_that_cannot_be_read_leaves_the_easel_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::with_steps(folder.path());
    for _ in 0..2 {
        desk.easel.undo();
        desk.settle();
    }
    let before = desk.easel.state().clone();
    desk.easel.rest_beyond(0, []);
    desk.easel.undo();
    // Work that was under way before has no say any more.
    desk.easel.take_reshaped(Reshaped::Nothing);
    let asked = desk.easel.take_recall().unwrap();
    assert!(desk.easel.is_busy() && desk.easel.take_recall().is_none());
    assert!(desk.easel.take_recalled(&asked, None));
    assert!(!desk.easel.is_busy() && *desk.easel.state() == before);
    assert!(desk.easel.take_unkept().is_empty());
    drop(before);
    // Nothing is lost: it can be tried again, and the other way too.
    desk.easel.undo();
    desk.settle();
    desk.assert_is(STEPS - 3);
    for number in STEPS - 2..=STEPS {
        desk.easel.redo();
        desk.settle();
        desk.assert_is(number);
    }
}

#[test]
fn a_part_that_is_cut_out_brings_its_small_copy() {
    let mut easel = Easel::new(state(9).image, None);
    let part = Area {
        x: 2,
        y: 3,
        extent: Extent::new(8, 5),
    };
    easel.reshape(Reshape::Crop(part));
    let small = easel.take_small().unwrap();
    assert_eq!(small.rgba(), easel.image().rgba());
    assert!(easel.take_small().is_none());
}
