//! Which pictures of the history are in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use crate::engine::KeptPicture;
use crate::raster::{Original, Pixels};

/// Bytes of pictures, and of the files they came from, that the history holds in memory: some
/// hundreds of usual pictures, or three of 8192 × 8192. The others rest on disk.
pub(in crate::app) const MOST_IN_MEMORY: usize = 1 << 30;

/// The pixels of the history's pictures, as far as they are in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By the picture's key.
    pictures: BTreeMap<usize, Held>,
}

/// Pixels as the history holds them, and as anybody does.
#[derive(Debug)]
struct Held {
    /// Keeps the key its own.
    _picture: KeptPicture,
    here: Option<Arc<Pixels>>,
    anywhere: Weak<Pixels>,
}

impl Memory {
    /// A picture's pixels, if anybody has them in memory.
    pub(super) fn pixels(&self, picture: &KeptPicture) -> Option<Arc<Pixels>> {
        self.pictures.get(&picture.key())?.anywhere.upgrade()
    }

    /// Holds a picture's pixels.
    pub(super) fn hold(&mut self, picture: &KeptPicture, pixels: &Arc<Pixels>) {
        let held = Held {
            _picture: picture.clone(),
            here: Some(Arc::clone(pixels)),
            anywhere: Arc::downgrade(pixels),
        };
        self.pictures.insert(picture.key(), held);
    }

    /// Lets those pictures rest that are farther away than what `most` bytes hold, the files they
    /// came from counted once each, and forgets those that are none of these. Whether all rest that
    /// should: what is not on disk yet stays in memory.
    pub(super) fn rest_beyond(
        &mut self,
        most: usize,
        nearest_first: impl IntoIterator<Item = KeptPicture>,
    ) -> bool {
        let mut known = BTreeSet::new();
        let mut files: Vec<Original> = Vec::new();
        let mut bytes = 0usize;
        let mut all_rest = true;
        for picture in nearest_first {
            if !known.insert(picture.key()) {
                continue;
            }
            if let Some(held) = self.pictures.get_mut(&picture.key())
                && let Some(pixels) = &held.here
            {
                bytes = bytes.saturating_add(pixels.rgba().len());
                if let Some(original) = pixels.original()
                    && !files.iter().any(|known| known.shares_file(original))
                {
                    bytes = bytes.saturating_add(original.file().len());
                    files.push(original.clone());
                }
                if bytes > most {
                    if picture.is_on_disk() {
                        held.here = None;
                    } else {
                        all_rest = false;
                    }
                }
            }
        }
        self.pictures.retain(|key, _| known.contains(key));
        all_rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{EaselJournal, Entry, HeldState};
    use crate::raster::{Extent, Place, TiledMask};

    const EXTENT: Extent = Extent::new(5, 5);

    /// A journal, and what is in memory.
    struct Desk {
        memory: Memory,
        journal: EaselJournal,
        _folder: tempfile::TempDir,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            Self {
                memory: Memory::default(),
                journal: EaselJournal::open(folder.path()).unwrap().0,
                _folder: folder,
            }
        }

        /// A picture of 100 bytes, in memory alone.
        fn picture(&mut self, original: Option<&Original>) -> HeldState {
            let pixels = Pixels::from_rgba(EXTENT, vec![7; 100]).unwrap();
            let state = HeldState {
                picture: KeptPicture::new(EXTENT),
                image: Arc::new(pixels.with_original(original.cloned())),
                mask: TiledMask::empty(EXTENT),
            };
            self.memory.hold(&state.picture, &state.image);
            state
        }

        fn on_disk(&mut self, original: Option<&Original>) -> KeptPicture {
            let state = self.picture(original);
            let picture = state.picture.clone();
            self.journal.append(Entry::Picture(state)).unwrap();
            picture
        }

        fn in_memory(&self, pictures: &[KeptPicture]) -> Vec<bool> {
            let is_there = |picture: &KeptPicture| self.memory.pixels(picture).is_some();
            pictures.iter().map(is_there).collect()
        }
    }

    #[test]
    fn the_farthest_pictures_rest_and_a_picture_counts_once() {
        let mut desk = Desk::new();
        let pictures = [None; 3].map(|none| desk.on_disk(none));
        let twice = [0, 0, 1, 0, 2].map(|at: usize| pictures[at].clone());
        assert!(desk.memory.rest_beyond(300, twice.clone()));
        assert_eq!(desk.in_memory(&pictures), [true, true, true]);
        assert!(desk.memory.rest_beyond(299, twice));
        assert_eq!(desk.in_memory(&pictures), [true, true, false]);
    }

    #[test]
    fn a_picture_stays_in_memory_until_it_is_on_disk() {
        let mut desk = Desk::new();
        let (near, far) = (desk.on_disk(None), desk.on_disk(None));
        let state = desk.picture(None);
        let pictures = [near, state.picture.clone(), far];
        let entry = Entry::Picture(state);
        assert!(!desk.memory.rest_beyond(50, pictures.clone()));
        assert!(desk.memory.pictures[&pictures[1].key()].here.is_some());
        assert_eq!(desk.in_memory(&pictures), [false, true, false]);
        desk.journal.append(entry).unwrap();
        assert!(desk.memory.rest_beyond(50, pictures.clone()));
        assert_eq!(desk.in_memory(&pictures), [false, false, false]);
    }

    #[test]
    fn a_file_that_pictures_came_from_counts_once() {
        let mut desk = Desk::new();
        let file = Original::whole(vec![0; 5000]);
        let same_bytes = Original::whole(vec![0; 5000]);
        let pictures = [
            desk.on_disk(Some(&file)),
            desk.on_disk(Some(&file.at(Place::Nowhere))),
            desk.on_disk(Some(&same_bytes)),
        ];
        assert!(desk.memory.rest_beyond(10_300, pictures.clone()));
        assert_eq!(desk.in_memory(&pictures), [true, true, true]);
        assert!(desk.memory.rest_beyond(10_299, pictures.clone()));
        assert_eq!(desk.in_memory(&pictures), [true, true, false]);
    }

    #[test]
    fn what_anybody_still_has_need_not_be_read() {
        let mut desk = Desk::new();
        let picture = desk.on_disk(None);
        let mine = desk.memory.pixels(&picture).unwrap();
        assert!(desk.memory.rest_beyond(0, [picture.clone()]));
        assert!(Arc::ptr_eq(&desk.memory.pixels(&picture).unwrap(), &mine));
        drop(mine);
        assert!(desk.memory.pixels(&picture).is_none());
    }

    #[test]
    fn what_nobody_can_go_to_is_forgotten() {
        let mut desk = Desk::new();
        let state = desk.picture(None);
        assert!(desk.memory.rest_beyond(1000, []));
        assert!(desk.memory.pixels(&state.picture).is_none());
    }
}
