//! Shows a file where the system's file manager keeps it.

use std::path::Path;
use std::thread::Builder;

/// Opens the folder of `path` in the file manager, from a thread of its own: starting another
/// program can take long. Fails at once when the folder is gone; what the file manager says goes to
/// the log.
pub fn reveal(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|folder| folder.is_dir());
    let Some(folder) = folder.map(Path::to_path_buf) else {
        return Err(path.display().to_string());
    };
    Builder::new()
        .name("afterimage-reveal".to_owned())
        .spawn(move || {
            if let Err(error) = open::that_detached(&folder) {
                log::warn!("{} cannot be opened: {error}", folder.display());
            }
        })
        .map(drop)
        .map_err(|error| error.to_string())
}
