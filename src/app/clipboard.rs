//! Pictures that are pasted.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use egui::ColorImage;
use percent_encoding::percent_decode_str;

use super::Waker;
use crate::raster::{Extent, Pixels, READABLE};

/// What a pasted picture turned out to be.
pub(super) enum Pasted {
    Picture(Pixels),
    /// Without a pixel.
    Empty,
}

/// Pasted pictures on their way from the toolkit's colours to our own, in a thread: a large one takes
/// long.
pub(super) struct Pasting {
    sender: SyncSender<Pasted>,
    done: Receiver<Pasted>,
    wake: Waker,
}

impl Pasting {
    pub(super) fn new(wake: Waker) -> Self {
        // People paste one at a time.
        let (sender, done) = sync_channel(1);
        Self { sender, done, wake }
    }

    /// Begins with a picture; whether that could be.
    pub(super) fn begin(&self, image: Arc<ColorImage>) -> bool {
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        let spawned = thread::Builder::new()
            .name("afterimage-paste".to_owned())
            .spawn(move || {
                let pasted = pixels_of(&image).map_or(Pasted::Empty, Pasted::Picture);
                // The window may have closed meanwhile.
                drop(sender.try_send(pasted));
                wake();
            });
        if let Err(error) = &spawned {
            log::error!("nothing pasted: {error}");
        }
        spawned.is_ok()
    }

    /// What came of it, if it was done since last asked.
    pub(super) fn done(&self) -> Option<Pasted> {
        self.done.try_recv().ok()
    }
}

/// A pasted picture; `None` if it is empty.
fn pixels_of(image: &ColorImage) -> Option<Pixels> {
    let [width, height] = image.size.map(|side| side as u32);
    let colors = image.pixels.iter();
    let rgba: Vec<u8> = colors
        .flat_map(egui::Color32::to_srgba_unmultiplied)
        .collect();
    Pixels::from_rgba(Extent::new(width, height), rgba).filter(|_| width > 0 && height > 0)
}

/// The picture file a pasted text names, as file managers copy one: a path, or `file://` and an
/// encoded path.
pub(super) fn picture_file(text: &str) -> Option<PathBuf> {
    let line = text.lines().find(|line| !line.trim().is_empty())?.trim();
    let path = match line.strip_prefix("file://") {
        Some(encoded) => {
            let path = percent_decode_str(encoded).decode_utf8().ok()?;
            PathBuf::from(&*path)
        }
        None => PathBuf::from(line),
    };
    let extension = path.extension()?.to_string_lossy().to_lowercase();
    (path.is_absolute() && READABLE.contains(&&*extension) && path.is_file()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::super::canvas::color_image;
    use super::*;

    #[test]
    fn a_copied_picture_is_pasted_with_its_alpha() {
        let rgba = vec![200, 100, 50, 255, 10, 20, 30, 128];
        let pixels = Pixels::from_rgba(Extent::new(2, 1), rgba).unwrap();
        let pasted = pixels_of(&color_image(&pixels)).unwrap();
        let gaps = pasted.rgba().iter().zip(pixels.rgba());
        assert!(gaps.clone().all(|(a, b)| a.abs_diff(*b) <= 1));
        assert_eq!(pasted.rgba()[..4], pixels.rgba()[..4]);
        assert!(pixels_of(&ColorImage::default()).is_none());
    }

    #[test]
    fn a_copied_file_is_opened_if_it_is_a_picture() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("my cat 猫.PNG");
        std::fs::write(&file, b"").unwrap();
        let path = file.to_str().unwrap();
        let encoded = path.replace(' ', "%20").replace('猫', "%E7%8C%AB");
        assert_eq!(picture_file(path), Some(file.clone()));
        let uris = format!("file://{encoded}\r\nfile:///other.png\r\n");
        assert_eq!(picture_file(&uris), Some(file));
        for text in ["a cat", "cat.png", "/no/such.png", "file://%Z", ""] {
            assert_eq!(picture_file(text), None, "{text}");
        }
    }
}
