//! The system's file dialogs: asked in a thread of their own, so that the window never waits.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::Waker;
use super::path_sheet::Purpose;
use super::words::Words;
use crate::raster::READABLE;
use crate::weights::{CHECKPOINTS, WEIGHTS};

/// Answers that may wait for the window; people answer one dialog at a time.
const OPEN_AT_ONCE: usize = 8;

/// Dialogs under way.
pub(super) struct Dialogs {
    sender: SyncSender<(Purpose, PathBuf)>,
    chosen: Receiver<(Purpose, PathBuf)>,
    wake: Waker,
}

impl Dialogs {
    pub(super) fn new(wake: Waker) -> Self {
        let (sender, chosen) = sync_channel(OPEN_AT_ONCE);
        Self {
            sender,
            chosen,
            wake,
        }
    }

    /// The path people chose, if they chose one since last asked.
    pub(super) fn chosen(&self) -> Option<(Purpose, PathBuf)> {
        self.chosen.try_recv().ok()
    }

    /// Opens the dialog that fits, starting at `at`.
    pub(super) fn open(&self, purpose: Purpose, at: &Path, words: &Words) {
        let folder = at.parent().unwrap_or(at);
        let dialog = rfd::AsyncFileDialog::new();
        let dialog = if folder.is_dir() {
            dialog.set_directory(folder)
        } else {
            dialog
        };
        let name = at
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        // The dialog is made here, on the window's thread, as macOS demands; its answer is awaited
        // elsewhere.
        match purpose {
            Purpose::OpenPicture | Purpose::LoadMask => self.answer(
                purpose,
                dialog
                    .set_title(words.open_picture)
                    .add_filter(words.pictures_filter, &READABLE)
                    .pick_file(),
            ),
            Purpose::SaveAs | Purpose::SaveMask => self.answer(
                purpose,
                dialog
                    .set_title(words.save_as)
                    .set_file_name(name)
                    .add_filter("PNG", &["png"])
                    .save_file(),
            ),
            Purpose::Network => self.answer(
                purpose,
                dialog
                    .set_title(words.open_network_title)
                    .add_filter(words.network, &WEIGHTS)
                    .pick_file(),
            ),
            Purpose::ModelFile => self.answer(
                purpose,
                dialog
                    .set_title(words.open_model_file)
                    .add_filter(words.model, &CHECKPOINTS)
                    .pick_file(),
            ),
            Purpose::Vae => self.answer(
                purpose,
                dialog
                    .set_title(words.open_vae)
                    .add_filter("VAE", &CHECKPOINTS)
                    .pick_file(),
            ),
            Purpose::ModelsFolder => self.answer(
                purpose,
                dialog.set_title(words.add_folder_title).pick_folder(),
            ),
            Purpose::ClipFolder => {
                self.answer(purpose, dialog.set_title(words.open_clip).pick_folder());
            }
            Purpose::ModelFolder => self.answer(
                purpose,
                dialog.set_title(words.open_model_folder).pick_folder(),
            ),
        }
    }

    fn answer(
        &self,
        purpose: Purpose,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
    ) {
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        let spawned = thread::Builder::new()
            .name("afterimage-dialog".to_owned())
            .spawn(move || {
                if let Some(file) = pollster::block_on(dialog) {
                    // The window may have closed meanwhile.
                    drop(sender.try_send((purpose, file.path().to_owned())));
                    wake();
                }
            });
        if let Err(error) = spawned {
            log::error!("no file dialog: {error}");
        }
    }
}
