//! What has been found out of pixels, so that nobody looks through them twice.

use std::sync::OnceLock;

use super::Kind;

/// Two pictures do not differ by what is known of them.
#[derive(Clone, Default)]
pub(super) struct Known {
    opaque: OnceLock<bool>,
    samples: OnceLock<(Kind, bool)>,
}

impl PartialEq for Known {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Known {}

impl Known {
    pub(super) fn opaque(&self, find: impl FnOnce() -> bool) -> bool {
        *self.opaque.get_or_init(find)
    }

    pub(super) fn samples(&self, find: impl FnOnce() -> (Kind, bool)) -> (Kind, bool) {
        *self.samples.get_or_init(find)
    }

    /// The file the pixels came from is another one.
    pub(super) fn forget_samples(&mut self) {
        self.samples = OnceLock::new();
    }
}
