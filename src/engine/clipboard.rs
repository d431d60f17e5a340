//! The system's clipboard, as far as pictures are copied to it: the window's toolkit would pack them
//! on the window's thread, which takes seconds for a large one.

use std::borrow::Cow;

use super::protocol::Failure;
use crate::raster::Pixels;

/// Opened with the first picture that is copied, and then kept: where the system asks the program
/// for what it copied, it does so as long as this lives.
#[derive(Default)]
pub(super) struct Clipboard {
    opened: Option<arboard::Clipboard>,
}

impl Clipboard {
    /// Copies a picture, for other programs to paste.
    pub(super) fn copy(&mut self, pixels: &Pixels) -> Result<(), Failure> {
        let mut clipboard = match self.opened.take() {
            Some(clipboard) => clipboard,
            None => arboard::Clipboard::new().map_err(refused)?,
        };
        let extent = pixels.extent();
        let copied = clipboard.set_image(arboard::ImageData {
            width: extent.width as usize,
            height: extent.height as usize,
            bytes: Cow::Borrowed(pixels.rgba()),
        });
        self.opened = Some(clipboard);
        copied.map_err(refused)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "errors are mapped by what takes them whole"
)]
fn refused(error: arboard::Error) -> Failure {
    Failure::Clipboard {
        reason: error.to_string(),
    }
}
