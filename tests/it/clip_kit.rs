//! The tiny CLIPs that `tests/golden/make_clip_vision.py` made.

use std::path::{Path, PathBuf};

use crate::golden::path;

/// Both of them.
pub(crate) const PARTS: [&str; 2] = ["old", "new"];

/// What that script calls `TEXTS`: the last one is longer than the window.
pub(crate) fn texts() -> [String; 4] {
    [
        "A red sailboat, on the ocean's edge at sunset!".to_owned(),
        "blurry 日落".to_owned(),
        "the cat".to_owned(),
        "under the moon's light ".repeat(30),
    ]
}

/// A copy of one of them without its goldens, to be changed.
pub(crate) fn copied(name: &str, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(path("clip").join(name)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "golden.safetensors" {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    to.to_owned()
}
