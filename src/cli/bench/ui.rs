//! Time per frame of the window's own code. The window measures; this reads, writes and tells.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::{WindowBench, say_machine};
use crate::cli::{CommandError, console::say};

/// Tells what `window` finds when it replays a session.
pub(super) fn replay(
    session: Option<&Path>,
    window: impl FnOnce(WindowBench<'_>) -> Result<String, String>,
) -> Result<(), CommandError> {
    let text = session
        .map(|path| fs::read_to_string(path).map_err(|error| at(path, &error)))
        .transpose()?;
    say_machine()?;
    let figures = window(WindowBench::Replay(text.as_deref())).map_err(CommandError::Failed)?;
    say(&figures)
}

/// Writes what `window` records.
pub(super) fn record(
    path: &Path,
    window: impl FnOnce(WindowBench<'_>) -> Result<String, String>,
) -> Result<(), CommandError> {
    // Before the session, so that none is lost to a mistyped name.
    let mut file = File::create_new(path).map_err(|error| at(path, &error))?;
    let written = window(WindowBench::Record)
        .map_err(CommandError::Failed)
        .and_then(|text| {
            file.write_all(text.as_bytes())
                .map_err(|error| at(path, &error))
        });
    if written.is_err() {
        // Nothing of worth is in it, and it would stand in the way of the next try.
        drop(fs::remove_file(path));
    }
    written
}

fn at(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::Failed(format!("the session's file {}: {error}", path.display()))
}
