//! Kills a run again and again, and looks at what it left.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cli::{CommandError, console::say, failed};
use crate::library::{Origin, read_picture};

/// Starts `generate` on this very program `times` times, kills it after a random time, and checks
/// every picture it left.
pub(super) fn run(times: u32) -> Result<(), CommandError> {
    let program = std::env::current_exe().map_err(failed)?;
    let folder = tempfile::tempdir().map_err(failed)?;
    let (mut whole, mut parts) = (0, 0);
    for round in 0..times {
        let out = folder.path().join(format!("{round:03}/"));
        std::fs::create_dir(&out).map_err(failed)?;
        let mut run = Command::new(&program)
            .args([
                "generate", "a cat", "--steps", "2", "--count", "100000", "--out",
            ])
            .arg(&out)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        std::thread::sleep(Duration::from_millis(600 + rand::random_range(0..1500)));
        // On Unix this is SIGKILL: nothing of the program runs afterwards.
        run.kill().and_then(|()| run.wait()).map_err(failed)?;
        let (pictures, leftovers) = inspect(&out)?;
        whole += pictures;
        parts += leftovers;
    }
    if whole == 0 {
        return Err(CommandError::Failed(
            "no picture was finished before a kill: nothing was shown".to_owned(),
        ));
    }
    say(&format!(
        "{times} kills: {whole} pictures, all whole with their recipes; {parts} unfinished files, none under a final name"
    ))
}

/// Counts whole pictures and half-written files; fails on a picture that is not whole.
fn inspect(folder: &Path) -> Result<(u32, u32), CommandError> {
    let (mut whole, mut parts) = (0, 0);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "part")
        {
            parts += 1;
            continue;
        }
        let file = read_picture(&path).map_err(failed)?;
        if !matches!(file.origin, Origin::Recipe(_)) {
            return Err(CommandError::Failed(format!(
                "{} carries no recipe",
                path.display()
            )));
        }
        whole += 1;
    }
    Ok((whole, parts))
}
