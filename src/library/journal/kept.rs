//! A picture of the history: in memory, or at rest on disk.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use super::history::Named;
use crate::raster::{Extent, Original, Pixels};

/// A picture that people can go back to. Its clones are the same picture, and equal it; another one
/// that looks alike is not.
///
/// The history holds its pixels in memory or lets them rest on disk, but lets nothing go that is
/// not on disk. What rests there is read by
/// [`EaselJournal::recall`](super::EaselJournal::recall).
#[derive(Clone)]
pub struct KeptPicture(Arc<Shared>);

/// A picture of the history, as long as anybody may still go to it.
#[derive(Clone, Debug)]
pub(super) struct FaintPicture(Weak<Shared>);

struct Shared {
    extent: Extent,
    /// Once it is on disk.
    named: OnceLock<Named>,
    held: Mutex<Held>,
}

/// The pixels: as the history holds them, and as anybody does.
#[derive(Default)]
struct Held {
    here: Option<Arc<Pixels>>,
    anywhere: Weak<Pixels>,
}

impl Held {
    fn new(pixels: Arc<Pixels>) -> Self {
        Self {
            anywhere: Arc::downgrade(&pixels),
            here: Some(pixels),
        }
    }
}

impl PartialEq for KeptPicture {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for KeptPicture {}

impl std::fmt::Debug for KeptPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.held().is_some() {
            "in memory"
        } else {
            "at rest"
        };
        write!(f, "KeptPicture({}, {place})", self.extent())
    }
}

impl KeptPicture {
    /// A new picture, in memory alone.
    pub fn new(pixels: Arc<Pixels>) -> Self {
        Self(Arc::new(Shared {
            extent: pixels.extent(),
            named: OnceLock::new(),
            held: Mutex::new(Held::new(pixels)),
        }))
    }

    /// A picture that rests on disk.
    pub(super) fn at_rest(extent: Extent, named: Named) -> Self {
        Self(Arc::new(Shared {
            extent,
            named: OnceLock::from(named),
            held: Mutex::default(),
        }))
    }

    pub fn extent(&self) -> Extent {
        self.0.extent
    }

    /// The pixels, if anybody has them in memory.
    pub fn pixels(&self) -> Option<Arc<Pixels>> {
        self.lock().anywhere.upgrade()
    }

    /// The pixels the history itself holds in memory.
    pub fn held(&self) -> Option<Arc<Pixels>> {
        self.lock().here.clone()
    }

    /// Holds the pixels in memory again, which must be those of this picture.
    pub fn hold(&self, pixels: Arc<Pixels>) {
        *self.lock() = Held::new(pixels);
    }

    /// Lets the pixels go, if they are on disk; whether they are not held any more.
    pub fn rest(&self) -> bool {
        let is_on_disk = self.named().is_some();
        if is_on_disk {
            self.lock().here = None;
        }
        is_on_disk
    }

    /// Where it is on disk, if it is there.
    pub(super) fn named(&self) -> Option<Named> {
        self.0.named.get().copied()
    }

    /// It is on disk now.
    pub(super) fn name(&self, named: Named) {
        self.0.named.get_or_init(|| named);
    }

    pub(super) fn downgrade(&self) -> FaintPicture {
        FaintPicture(Arc::downgrade(&self.0))
    }

    /// Tells it from others.
    fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Nothing in here ends half way.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaintPicture {
    pub(super) fn upgrade(&self) -> Option<KeptPicture> {
        self.0.upgrade().map(KeptPicture)
    }
}

/// Bytes of pictures, and of the files they came from, that a history holds in memory: some dozens
/// of usual pictures, or three of 8192 × 8192; the others rest on disk.
pub const MOST_IN_MEMORY: usize = 1 << 30;

/// Lets those pictures rest that are farther away than what `most` bytes hold, the files they came
/// from counted once each; whether all of them do. What is not on disk yet stays in memory.
pub fn rest_beyond(most: usize, nearest_first: impl IntoIterator<Item = KeptPicture>) -> bool {
    let mut seen = std::collections::HashSet::new();
    let mut files: Vec<Original> = Vec::new();
    let mut bytes = 0usize;
    let mut all_rest = true;
    for picture in nearest_first {
        if !seen.insert(picture.address()) {
            continue;
        }
        let Some(pixels) = picture.held() else {
            continue;
        };
        bytes = bytes.saturating_add(pixels.rgba().len());
        if let Some(original) = pixels.original()
            && !files.iter().any(|known| known.shares_file(original))
        {
            bytes = bytes.saturating_add(original.file().len());
            files.push(original.clone());
        }
        if bytes > most {
            all_rest &= picture.rest();
        }
    }
    all_rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Place;

    fn picture(original: Option<&Original>) -> KeptPicture {
        let pixels = Pixels::from_rgba(Extent::new(5, 5), vec![7; 100]).unwrap();
        KeptPicture::new(Arc::new(pixels.with_original(original.cloned())))
    }

    fn on_disk(original: Option<&Original>) -> KeptPicture {
        let picture = picture(original);
        picture.name(Named::default());
        picture
    }

    fn held(pictures: &[KeptPicture]) -> Vec<bool> {
        let held = |picture: &KeptPicture| picture.held().is_some();
        pictures.iter().map(held).collect()
    }

    #[test]
    fn the_farthest_pictures_rest_and_a_picture_counts_once() {
        let pictures = [on_disk(None), on_disk(None), on_disk(None)];
        let twice = [0, 0, 1, 0, 2].map(|at: usize| pictures[at].clone());
        assert!(rest_beyond(300, twice.clone()));
        assert_eq!(held(&pictures), [true, true, true]);
        assert!(rest_beyond(299, twice));
        assert_eq!(held(&pictures), [true, true, false]);
    }

    #[test]
    fn a_picture_stays_in_memory_until_it_is_on_disk() {
        let pictures = [on_disk(None), picture(None), on_disk(None)];
        assert!(!rest_beyond(50, pictures.clone()));
        assert_eq!(held(&pictures), [false, true, false]);
        pictures[1].name(Named::default());
        assert!(rest_beyond(50, pictures.clone()));
        assert_eq!(held(&pictures), [false, false, false]);
    }

    #[test]
    fn a_file_that_pictures_came_from_counts_once() {
        let file = Original::whole(vec![0; 5000]);
        let of = |original: &Original| on_disk(Some(original));
        let same_bytes = Original::whole(vec![0; 5000]);
        let pictures = [of(&file), of(&file.at(Place::Nowhere)), of(&same_bytes)];
        assert!(rest_beyond(10_300, pictures.clone()));
        assert_eq!(held(&pictures), [true, true, true]);
        assert!(rest_beyond(10_299, pictures.clone()));
        assert_eq!(held(&pictures), [true, true, false]);
    }

    #[test]
    fn what_anybody_still_has_need_not_be_read() {
        let picture = on_disk(None);
        let mine = picture.pixels().unwrap();
        assert!(picture.rest() && picture.held().is_none());
        assert!(Arc::ptr_eq(&picture.pixels().unwrap(), &mine));
        drop(mine);
        assert!(picture.pixels().is_none());
    }
}
