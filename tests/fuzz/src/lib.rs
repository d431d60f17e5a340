//! What the targets share: bytes become files in memory, and lines of text become headers that hold
//! together, so that mutations reach what lies behind the first check.

mod headers;
mod overlay;
mod zip;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use afterimage::weights::Weights;
use tempfile::TempDir;

pub use headers::{Header, Tensor};
pub use overlay::Overlay;
pub use zip::stored_zip;

/// A folder of this process, in memory where the system has such a place.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder for files")
});

/// Where a file of that name lies.
pub fn place(name: &str) -> PathBuf {
    FOLDER.path().join(name)
}

/// Calls `then` with a file of these bytes.
pub fn in_a_file<R>(name: &str, bytes: &[u8], then: impl FnOnce(&Path) -> R) -> R {
    let path = place(name);
    std::fs::write(&path, bytes).expect("a file in memory");
    then(&path)
}

/// The same with a file that ends in a hole, which reads as zeros and takes no room.
pub fn in_a_long_file<R>(
    name: &str,
    bytes: &[u8],
    length: u64,
    then: impl FnOnce(&Path) -> R,
) -> R {
    in_a_file(name, bytes, |path| {
        let file = File::options().write(true).open(path);
        let longer = file.and_then(|file| file.set_len(length.max(bytes.len() as u64)));
        longer.expect("a file with a hole");
        then(path)
    })
}

/// Numbers of a tensor that are read at most: more of them take time and find nothing.
const MOST_NUMBERS: usize = 1 << 16;

/// Reads every tensor that is not large.
pub fn read_all(weights: &Weights) {
    for name in weights.names() {
        let shape = weights.shape(name).unwrap_or_default();
        let count = shape
            .iter()
            .try_fold(1, |count: usize, &side| count.checked_mul(side));
        if let Some(count) = count.filter(|count| *count <= MOST_NUMBERS)
            && let Ok(values) = weights.values(name)
        {
            assert_eq!(values.len(), count, "{name}");
        }
    }
}
