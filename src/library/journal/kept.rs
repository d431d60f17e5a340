//! A picture of the history, wherever its pixels are.

use std::sync::{Arc, OnceLock, Weak};

use super::history::Named;
use crate::raster::Extent;

/// A picture that people can go back to. Its clones are the same picture, and equal it; another one
/// that looks alike is not.
///
/// The window has its pixels in memory, or lets them rest on disk once they are there;
/// [`EaselJournal::recall`](super::EaselJournal::recall) reads them again.
#[derive(Clone)]
pub struct KeptPicture(Arc<Shared>);

/// A picture of the history, as long as anybody may still go to it.
#[derive(Clone, Debug)]
pub(super) struct FaintPicture(Weak<Shared>);

struct Shared {
    extent: Extent,
    /// Once it is on disk.
    named: OnceLock<Named>,
}

impl KeptPicture {
    /// A new picture of a size, in memory alone.
    pub fn new(extent: Extent) -> Self {
        let named = OnceLock::new();
        Self(Arc::new(Shared { extent, named }))
    }

    /// A picture that is on disk.
    pub(super) fn on_disk(extent: Extent, named: Named) -> Self {
        let named = OnceLock::from(named);
        Self(Arc::new(Shared { extent, named }))
    }

    pub fn extent(&self) -> Extent {
        self.0.extent
    }

    /// Whether the journal has it: then its pixels may leave memory.
    pub fn is_on_disk(&self) -> bool {
        self.named().is_some()
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

    /// Tells it from all other pictures, as long as it lives.
    pub fn key(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl FaintPicture {
    pub(super) fn upgrade(&self) -> Option<KeptPicture> {
        self.0.upgrade().map(KeptPicture)
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
        let place = if self.is_on_disk() { "on disk" } else { "new" };
        write!(f, "KeptPicture({}, {place})", self.extent())
    }
}
