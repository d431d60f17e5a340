//! Start: arguments, logging, then the window or a command without one.

use std::io::Write as _;
use std::process::ExitCode;

use afterimage::cli::{self, Command, CommandError};
use afterimage::engine::EngineOptions;

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
        None => Err(CommandError::Failed("no window yet".to_owned())),
        Some(Command::Generate(args)) => cli::generate(&args, options),
        Some(Command::Bench(args)) => cli::bench(&args, options),
        Some(Command::Scenes(args)) => cli::scenes(&args),
    }
}

/// Errors go where `RUST_LOG` says, else to nowhere but the window: a command tells its one line.
fn start_logging() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("off")).init();
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
}
