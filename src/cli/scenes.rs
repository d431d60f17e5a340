//! `afterimage scenes`: the pictures Sprout is trained on.

use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::Args;
use indicatif::ProgressBar;

use super::{CommandError, failed};
use crate::training::scenes::{DatasetRequest, Format, write_dataset};

#[derive(Clone, Debug, Args)]
pub struct ScenesArgs {
    /// Scenes to draw.
    #[arg(long, value_name = "N")]
    pub count: u32,
    /// The same seed draws the same scenes.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// A new or empty folder for pictures and captions.jsonl.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Width and height of each picture, in pixels.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub size: u32,
    /// One file of raw bytes, pictures.u8, instead of PNG files: quicker for training.
    #[arg(long)]
    pub raw: bool,
    /// Share of scenes, from 0 to 1, that show mostly usual colours, places and light, with captions
    /// that tell only what is otherwise.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub brief: f32,
    /// Draw only scenes whose complete English captions have these words, such as "flying cars"; again
    /// for more of them.
    #[arg(long, value_name = "WORDS")]
    pub telling: Vec<String>,
}

/// Largest side of a scene, in pixels.
const MAX_SIDE: u32 = 4096;

/// Runs the command to its end.
pub fn scenes(args: &ScenesArgs) -> Result<(), CommandError> {
    if args.count == 0 {
        return Err(CommandError::Usage(
            "0 scenes were asked for: give a count of at least 1".to_owned(),
        ));
    }
    if args.size == 0 || args.size > MAX_SIDE {
        return Err(CommandError::Usage(format!(
            "a scene of {} pixels cannot be drawn: give a size from 1 to {MAX_SIDE}",
            args.size
        )));
    }
    if !(0.0..=1.0).contains(&args.brief) {
        return Err(CommandError::Usage(format!(
            "{} is no share of the scenes: give a number from 0 to 1",
            args.brief
        )));
    }
    let request = DatasetRequest {
        count: u64::from(args.count),
        seed: args.seed,
        out: args.out.clone(),
        size: args.size,
        format: if args.raw { Format::Raw } else { Format::Png },
        brief: args.brief,
        telling: args.telling.clone(),
        threads: available_parallelism().map_or(1, usize::from),
    };
    let bar = ProgressBar::new(request.count);
    let written = write_dataset(&request, &mut |done, _total| bar.set_position(done));
    bar.finish_and_clear();
    written.map_err(failed)
}
