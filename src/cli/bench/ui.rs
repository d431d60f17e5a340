//! Time per frame of the window's own code. The window measures; this tells.

use super::say_machine;
use crate::cli::{CommandError, console::say};

/// Tells what `measure` found.
pub(super) fn run(measure: impl FnOnce() -> Result<String, String>) -> Result<(), CommandError> {
    say_machine()?;
    say(&measure().map_err(CommandError::Failed)?)
}
