//! `afterimage bench`, as people type it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::bench::SPEED_CASES;

#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// Nothing: how fast our networks are.
    #[command(subcommand)]
    pub what: Option<Bench>,
    #[command(flatten)]
    pub speed: SpeedArgs,
}

#[derive(Clone, Debug, Args)]
pub struct SpeedArgs {
    /// Time other frameworks beside ours: a Python with torch, diffusers, transformers and openvino.
    #[arg(long, value_name = "PYTHON")]
    pub peers: Option<PathBuf>,
    /// What runs them, in the studio's sources.
    #[arg(long, value_name = "FILE", default_value = "benches/peers/peer.py")]
    pub script: PathBuf,
    /// Only this; again for others.
    #[arg(long, value_name = "CASE", value_parser = speed_case_ids())]
    pub case: Vec<String>,
    /// Runs that count.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub times: u16,
    /// Threads of ours and of theirs; all cores if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// A line of JSON for each comparison, with every pair.
    #[arg(long)]
    pub json: bool,
}

fn speed_case_ids() -> Vec<&'static str> {
    SPEED_CASES.iter().map(|case| case.id).collect()
}

#[derive(Clone, Debug, Subcommand)]
pub enum Bench {
    /// Time from asking a full-size network to stop until it has.
    Cancel {
        /// Requests to stop for each network, at different moments.
        #[arg(long, default_value_t = 8)]
        times: u32,
    },
    /// Kill a run again and again and look at what it left.
    Kill {
        #[arg(long, default_value_t = 50)]
        times: u32,
    },
    /// Our networks beside stock candle's, and the stages of a picture by Sprout.
    Networks {
        /// Full Stable Diffusion 1.5 size too: takes gigabytes and minutes.
        #[arg(long)]
        full: bool,
    },
    /// Time to fill a tenth of a picture of 1024 by 1024 pixels in every way to remove things.
    Remove,
    /// What shortcuts and fewer bits of the weights save and what they cost, on Sprout's held-out
    /// prompts.
    Shortcuts {
        /// So many of the prompts.
        #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=64))]
        pictures: u16,
    },
    /// Time until the first good pictures of a style appear, by networks of VGG-19's size.
    Style,
    /// Time per dab of the mask's brush, on pictures of 512 to 8192 pixels.
    Stroke,
    /// Switch between two models again and again, as people do who compare them: what stays in memory,
    /// and how long each takes to be read.
    Switch {
        /// "sprout", a checkpoint in one file, or a folder in the diffusers layout.
        #[arg(value_name = "MODEL")]
        first: String,
        #[arg(value_name = "MODEL")]
        second: String,
        /// Switches there and back.
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
        times: u16,
    },
    /// Time per frame of the window's own code, while a recorded session is replayed to it and the
    /// engine works.
    Ui {
        /// A session recorded by `bench record`, in place of the one that comes with the studio.
        #[arg(long, value_name = "FILE")]
        session: Option<PathBuf>,
    },
    /// Open the window as on a first start and record a session, until it is closed.
    Record {
        /// A new file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
