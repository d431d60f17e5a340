//! `afterimage bench`: what users wait for, measured.

mod cancel;
mod full_size;
mod kill;
mod networks;
mod peers;
mod random_weights;
mod remove;
mod shortcuts;
mod stroke;
mod style;
mod switch;
mod ui;
mod widened;

use std::time::{Duration, Instant};

pub(super) use self::peers::CASES as SPEED_CASES;
use super::console::say;
use super::{Bench, BenchArgs, CommandError, failed};
use crate::engine::{EngineOptions, peak_memory};
use crate::kernels::Threads;

/// What the window itself has to do for a bench: it stands on the same floor.
#[derive(Clone, Copy, Debug)]
pub enum WindowBench<'a> {
    /// Replay a session's text, or the one that comes with the studio, and tell the figures.
    Replay(Option<&'a str>),
    /// Record a session and tell its text.
    Record,
}

/// Runs one bench; `window` does the window's part.
pub fn bench(
    args: &BenchArgs,
    options: EngineOptions,
    window: impl FnOnce(WindowBench<'_>) -> Result<String, String>,
) -> Result<(), CommandError> {
    let Some(what) = &args.what else {
        let threads = Threads::new(args.speed.threads.map(usize::from)).map_err(failed)?;
        return threads.run(|| peers::run(&args.speed));
    };
    match what {
        Bench::Cancel { times } => cancel::run(*times),
        Bench::Kill { times } => kill::run(*times),
        Bench::Networks { full } => networks::run(*full, options),
        Bench::Remove => remove::run(),
        Bench::Shortcuts { pictures } => shortcuts::run((*pictures).into()),
        Bench::Stroke => stroke::run(),
        Bench::Style => style::run_whole(),
        Bench::Switch {
            first,
            second,
            times,
        } => switch::run([first, second], *times, options),
        Bench::Ui { session } => ui::replay(session.as_deref(), window),
        Bench::Record { file } => ui::record(file, window),
    }
}

/// What figures depend on: printed above them.
fn say_machine() -> Result<(), CommandError> {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()),
    )
    .map_err(failed)?;
    let name = system
        .cpus()
        .first()
        .map_or("unknown processor", |cpu| cpu.brand());
    say(&format!("{name}, {} threads", rayon::current_num_threads()))
}

fn say_peak_memory() -> Result<(), CommandError> {
    match peak_memory() {
        Some(bytes) => say(&format!("peak memory {:.2} GB", bytes as f64 / 1e9)),
        None => Ok(()),
    }
}

/// Runs `work` `times` times after one that does not count; the median.
fn median<E: std::fmt::Display>(
    times: usize,
    mut work: impl FnMut() -> Result<(), E>,
) -> Result<Duration, CommandError> {
    work().map_err(failed)?;
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let started = Instant::now();
        work().map_err(failed)?;
        taken.push(started.elapsed());
    }
    taken.sort();
    Ok(taken[taken.len() / 2])
}
