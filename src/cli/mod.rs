//! The studio without a window: the same jobs from a command line.
//!
//! Exit codes: 0 done; 2 bad usage, told before any work; 1 failed, with one line on standard
//! error.

mod args;
mod bench;
mod bench_args;
mod console;
mod evaluate;
mod fit;
mod generate;
mod inpaint;
mod lora;
mod memory_size;
mod models;
mod noise;
mod out;
mod quick_style;
mod rank;
mod run;
mod scenes;
mod style;
mod told_size;
mod upscale;

use std::process::ExitCode;

pub use args::{
    Arguments, Command, GenerateArgs, InpaintArgs, RunArgs, StyleArgs, StyleInit, UpscaleArgs,
    parse,
};
pub use bench::{WindowBench, bench};
pub use bench_args::{Bench, BenchArgs, SpeedArgs};
pub use console::{say_error, use_threads};
pub use evaluate::{EvaluateArgs, evaluate};
pub use fit::{Fit, FitArgs, FitDecoderArgs, FitModelArgs, FitPreviewArgs, fit};
pub use generate::generate;
pub use inpaint::inpaint;
pub use lora::LoraArg;
pub use memory_size::MemoryArgs;
pub use models::{ModelsArgs, models};
pub use noise::NoiseArgs;
pub use quick_style::{QuickStyleArgs, quick_style};
pub use rank::{ClipArgs, KeepArgs, RankArgs, rank};
pub use scenes::{ScenesArgs, scenes};
pub use style::style;
pub use upscale::upscale;

/// Why a command came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The command line itself asks for what cannot be.
    Usage(String),
    Failed(String),
}

impl CommandError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
        }
    }

    pub fn message(&self) -> &str {
        match self {
            Self::Usage(message) | Self::Failed(message) => message,
        }
    }
}

/// A failure that is told with its own words.
pub(crate) fn failed(error: impl std::fmt::Display) -> CommandError {
    CommandError::Failed(error.to_string())
}
