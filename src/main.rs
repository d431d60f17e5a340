//! Start: arguments, logging, then the window or a command without one.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use afterimage::app::words::Language;
use afterimage::app::{self, AppOptions, Pace, Recorder, Recording, Waker};
use afterimage::cli::{self, Command, CommandError, WindowBench};
use afterimage::engine::{Engine, EngineHandle, EngineOptions};

fn main() -> ExitCode {
    start_logging();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::say_error(error.message());
            error.exit_code()
        }
    }
}

fn run() -> Result<(), CommandError> {
    let arguments = match cli::parse(std::env::args_os())? {
        Ok(arguments) => arguments,
        Err(text) => {
            // Help that nobody reads any more need not be told.
            drop(write!(std::io::stdout(), "{text}"));
            return Ok(());
        }
    };
    let options = EngineOptions::of_this_user();
    match arguments.command {
        None => app::run(|wake| studio(options, arguments.open, wake), None)
            .map_err(|error| CommandError::Failed(error.to_string())),
        Some(Command::Generate(args)) => cli::generate(&args, options),
        Some(Command::Inpaint(args)) => cli::inpaint(&args, options),
        Some(Command::Style(args)) => cli::style(&args, &options),
        Some(Command::QuickStyle(args)) => cli::quick_style(&args, options),
        Some(Command::Upscale(args)) => cli::upscale(&args, &options),
        Some(Command::Rank(args)) => cli::rank(&args, options),
        Some(Command::Evaluate(args)) => cli::evaluate(&args, options),
        Some(Command::Fit(args)) => cli::fit(&args),
        Some(Command::Models(args)) => cli::models(&args, &options),
        Some(Command::Bench(args)) => cli::bench(&args, options, bench_window),
        Some(Command::Scenes(args)) => cli::scenes(&args),
    }
}

/// The engine and what its window starts with.
fn studio(
    options: EngineOptions,
    open: Option<PathBuf>,
    wake: Waker,
) -> Result<(Box<dyn Engine>, AppOptions), String> {
    let waker = Arc::clone(&wake);
    let start =
        AppOptions::of_this_user(&options.settings_file, options.pictures.clone(), open, wake);
    let engine = EngineHandle::start(options, Box::new(move || waker()))
        .map_err(|error| error.to_string())?;
    Ok((Box::new(engine), start))
}

/// Replays or records a session of a new user, in a folder of its own.
fn bench_window(what: WindowBench<'_>) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let options = EngineOptions {
        pictures: folder.path().join("pictures"),
        settings_file: folder.path().join("settings.json"),
        easel: folder.path().join("easel"),
        models: folder.path().join("models"),
    };
    match what {
        WindowBench::Replay(session) => {
            let session = match session {
                Some(text) => Recording::parse(text)?,
                None => Recording::shipped()?,
            };
            let start = |wake| studio(options, None, wake);
            let report = app::bench_ui(start, &session, Pace::AsRecorded)?;
            Ok(report.to_string())
        }
        WindowBench::Record => {
            let (recorder, recordings) = Recorder::new();
            let start = |wake| {
                let (engine, mut start) = studio(options, None, wake)?;
                start.language = Some(Language::English);
                Ok((engine, start))
            };
            app::run(start, Some(recorder)).map_err(|error| error.to_string())?;
            let session = recordings.recv().map_err(|error| error.to_string())?;
            session.to_text()
        }
    }
}

/// Errors go where `RUST_LOG` says, else to nowhere but the window: a command tells its one line.
fn start_logging() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("off")).init();
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
}
