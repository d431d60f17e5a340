//! Our networks beside other frameworks', pair by pair: each of our runs is followed by one of
//! theirs, so that what slows the machine down slows both.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use candle_core::Result;
use serde_json::{Value, json};

use super::full_size::{
    CLIP_L, SD15_AUTOENCODER, SD15_UNET, SMALL_UNET, autoencoder, clip_text, inputs, picture, rrdb,
    unet, vgg,
};
use super::{say_machine, say_peak_memory};
use crate::cli::{CommandError, SpeedArgs, console::say, failed};
use crate::kernels::{Arena, Level, arithmetic_limit, within_arena};
use crate::models::VggConv;
use crate::nn::{Heads, Interrupt, attention};

/// A piece of work every framework can do.
pub(in crate::cli) struct Case {
    /// As the scripts call it.
    pub(in crate::cli) id: &'static str,
    name: &'static str,
    ours: fn() -> Result<Work>,
}

type Work = Box<dyn Fn() -> Result<()>>;

/// What people wait for; sizes are those of the scripts.
pub(in crate::cli) const CASES: [Case; 12] = [
    Case {
        id: "unet64",
        name: "SD 1.5 UNet call, latent 64x64",
        ours: || denoise(SD15_UNET, 64, 768),
    },
    Case {
        id: "unet32",
        name: "SD 1.5 UNet call, latent 32x32",
        ours: || denoise(SD15_UNET, 32, 768),
    },
    Case {
        id: "vae64",
        name: "SD VAE decode to 512x512",
        ours: || decode(64),
    },
    Case {
        id: "vae32",
        name: "SD VAE decode to 256x256",
        ours: || decode(32),
    },
    Case {
        id: "rrdb",
        name: "RRDBNet x4 (64/23/32) of 128x128",
        ours: || enlarge(128),
    },
    Case {
        id: "rrdb512",
        name: "RRDBNet x4 (64/23/32) of 512x512",
        ours: || enlarge(512),
    },
    Case {
        id: "vgg",
        name: "VGG-19 to conv5_1 and back, 256x256",
        ours: look,
    },
    Case {
        id: "style256",
        name: "20 L-BFGS evaluations of a style by VGG-19 to conv3_1, 256x256",
        ours: || super::style::evaluations(256),
    },
    Case {
        id: "style512",
        name: "20 L-BFGS evaluations of a style by VGG-19 to conv3_1, 512x512",
        ours: || super::style::evaluations(512),
    },
    Case {
        id: "tiny",
        name: "UNet (64,128,192), latent 32x32",
        ours: || denoise(SMALL_UNET, 32, 256),
    },
    Case {
        id: "clip",
        name: "CLIP ViT-L text encoder, 77 tokens",
        ours: encode,
    },
    Case {
        id: "attn4096",
        name: "self-attention, 4096 tokens, 8x40",
        ours: attend,
    },
];

fn denoise(config: &str, side: usize, context: usize) -> Result<Work> {
    let network = unet(config)?;
    let (latents, context) = inputs(4, side, context)?;
    Ok(Box::new(move || {
        network
            .forward(&latents, 500.0, &context, &Interrupt::never())
            .map(drop)
    }))
}

fn decode(side: usize) -> Result<Work> {
    let network = autoencoder(SD15_AUTOENCODER)?;
    let (latents, _) = inputs(4, side, 1)?;
    Ok(Box::new(move || {
        network.decode(&latents, &Interrupt::never()).map(drop)
    }))
}

fn enlarge(side: usize) -> Result<Work> {
    let (network, picture) = (rrdb()?, picture(side)?);
    Ok(Box::new(move || {
        network.forward(&picture, &Interrupt::never()).map(drop)
    }))
}

/// Forward, and from a gradient of the last convolution back to the picture.
fn look() -> Result<Work> {
    let (network, picture) = (vgg()?, picture(256)?);
    let never = Interrupt::never();
    let chosen = [VggConv::Conv5_1];
    let gradient = network.forward(&picture, &chosen, &never)?;
    Ok(Box::new(move || {
        let look = network.look(&picture, &chosen, &never)?;
        network.pass_back(&look, &gradient, &never).map(drop)
    }))
}

fn encode() -> Result<Work> {
    let network = clip_text(CLIP_L)?;
    let ids: Vec<u32> = (0..77).map(|at| at * 37 % 49408).collect();
    Ok(Box::new(move || {
        network.forward(&ids, &Interrupt::never()).map(drop)
    }))
}

fn attend() -> Result<Work> {
    let (_, rows) = inputs(4, 8, 320)?;
    let rows = rows.narrow(1, 0, 64)?.repeat((1, 64, 1))?;
    let heads = Heads {
        count: 8,
        causal: false,
    };
    Ok(Box::new(move || {
        attention((&rows, &rows, &rows), heads, &Interrupt::never()).map(drop)
    }))
}

/// The other frameworks, as the script calls them.
const PEERS: [(&str, &str); 3] = [
    ("torch", "PyTorch"),
    ("torch-last", "PyTorch, channels last"),
    ("openvino", "OpenVINO"),
];

/// Prints a table, or, as JSON, every pair.
pub(super) fn run(args: &SpeedArgs) -> std::result::Result<(), CommandError> {
    if !args.json {
        say_machine()?;
    }
    say_limit(args.json)?;
    if !args.json {
        say("seconds, the median of the runs; ours divided by theirs, the median of the pairs")?;
    }
    let chosen = |case: &&Case| args.case.is_empty() || args.case.iter().any(|id| id == case.id);
    for case in CASES.iter().filter(chosen) {
        let ours = (case.ours)().map_err(failed)?;
        let ours = in_arena(ours)?;
        let alone = pairs(&ours.work, None, args.times.into())?;
        tell(case, None, &alone, args.json)?;
        for (peer, name) in PEERS {
            let Some(python) = &args.peers else {
                continue;
            };
            // Both never have to be in memory at once with a third.
            match Peer::start(python, &args.script, peer, case.id) {
                Ok(mut started) => {
                    let pairs = pairs(&ours.work, Some(&mut started), args.times.into())?;
                    tell(case, Some(name), &pairs, args.json)?;
                }
                Err(reason) => say(&format!("{}: {name} cannot be timed: {reason}", case.name))?,
            }
        }
    }
    say_peak_memory()
}

/// What the machine's arithmetic could come to at most.
fn say_limit(json: bool) -> std::result::Result<(), CommandError> {
    let level = Level::best();
    let (vectors, unit) = arithmetic_limit(level);
    if json {
        let line = json!({
            "level": level.name(),
            "threads": rayon::current_num_threads(),
            "gflops": vectors,
            "gflops_matrix_unit": unit,
        });
        return say(&line.to_string());
    }
    let unit = unit.map_or_else(String::new, |unit| {
        format!("; by its matrix unit {unit:.0}, a product of f32 being three of bf16")
    });
    say(&format!(
        "{}; at most {vectors:.0} GFLOP/s of f32 by vectors{unit}",
        level.name()
    ))
}

/// Work whose large blocks come from an arena of the right size, as the engine's do.
struct InArena {
    work: Work,
    _arena: Option<Arena>,
}

fn in_arena(work: Work) -> std::result::Result<InArena, CommandError> {
    let (first, bytes) = within_arena(&work);
    first.map_err(failed)?;
    Ok(InArena {
        work: Box::new(move || within_arena(&work).0),
        // Blocks of different sizes leave gaps.
        _arena: Arena::new(bytes + bytes / 4),
    })
}

/// Before each run of either: for a while after their work threads of some frameworks go round in
/// circles, in the way of whoever comes next.
const REST: Duration = Duration::from_millis(300);

/// Times of ours, and of a peer's soon after it.
fn pairs(
    ours: &Work,
    mut peer: Option<&mut Peer>,
    times: usize,
) -> std::result::Result<Vec<(Duration, Option<Duration>)>, CommandError> {
    let mut pairs = Vec::with_capacity(times);
    // The first run of each does not count.
    for run in 0..=times {
        thread::sleep(REST);
        let started = Instant::now();
        ours().map_err(failed)?;
        let took = started.elapsed();
        let theirs = peer.as_mut().map(|peer| {
            thread::sleep(REST);
            peer.run()
        });
        let theirs = theirs.transpose();
        let pair = (took, theirs.map_err(failed)?);
        if run > 0 {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

fn tell(
    case: &Case,
    peer: Option<&str>,
    pairs: &[(Duration, Option<Duration>)],
    json: bool,
) -> std::result::Result<(), CommandError> {
    let ours = middle(pairs.iter().map(|pair| pair.0.as_secs_f64()).collect());
    let both = pairs.iter().filter_map(|pair| Some((pair.0, pair.1?)));
    let both: Vec<(f64, f64)> = both
        .map(|(ours, theirs)| (ours.as_secs_f64(), theirs.as_secs_f64()))
        .collect();
    if json {
        let line = json!({
            "case": case.id,
            "peer": peer,
            "threads": rayon::current_num_threads(),
            "ours": ours,
            "pairs": both,
        });
        return say(&line.to_string());
    }
    let name = case.name;
    match peer {
        None => say(&format!("{name}: {ours:.3}")),
        Some(peer) => {
            let theirs = middle(both.iter().map(|pair| pair.1).collect());
            let ratio = middle(both.iter().map(|pair| pair.0 / pair.1).collect());
            say(&format!("  {peer}: {theirs:.3}, ratio {ratio:.2}"))
        }
    }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Another framework in a process of its own, which runs its work once for every line it is sent
/// and answers with the seconds it took.
struct Peer {
    process: Child,
    asks: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    fn start(
        python: &Path,
        script: &Path,
        peer: &str,
        case: &str,
    ) -> std::result::Result<Self, String> {
        let mut process = Command::new(python)
            .arg(script)
            .args([peer, case])
            .arg(rayon::current_num_threads().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", python.display()))?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (asks, answers) = pipes.ok_or("it has no pipes")?;
        let mut peer = Self {
            process,
            asks,
            answers: BufReader::new(answers).lines(),
        };
        let answer = peer.answer()?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(peer),
        }
    }

    fn answer(&mut self) -> std::result::Result<Value, String> {
        let line = self.answers.next().ok_or("it ended")?;
        let line = line.map_err(|error| error.to_string())?;
        serde_json::from_str(&line).map_err(|error| format!("it said {line}: {error}"))
    }

    fn run(&mut self) -> std::result::Result<Duration, String> {
        self.asks
            .write_all(b"\n")
            .and_then(|()| self.asks.flush())
            .map_err(|error| error.to_string())?;
        let answer = self.answer()?;
        let seconds = answer.get("seconds").and_then(Value::as_f64);
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| format!("it said {answer}"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
