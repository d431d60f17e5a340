//! `afterimage rank`: which of some pictures fits a text best; and the best of those that were made.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::console::{say, say_error, use_threads};
use super::{CommandError, failed};
use crate::engine::{
    Engine as _, EngineHandle, EngineOptions, Event, JobId, Likeness, LikenessEvent,
    LikenessRequest, Ranked, Ranking, Request,
};

/// What the command is told.
#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct RankArgs {
    /// The text they are compared with.
    #[arg(long, value_name = "TEXT")]
    pub prompt: String,
    /// Pictures to compare.
    #[arg(value_name = "IMAGE", required = true)]
    pub images: Vec<PathBuf>,
    #[command(flatten)]
    pub by: ClipArgs,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Tell each as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// Who compares.
#[derive(Clone, Debug, Args)]
pub struct ClipArgs {
    /// A CLIP in Hugging Face's layout: a folder with config.json, model.safetensors and the tokenizer's
    /// files, of one with both encoders. When it is not given, the one that is built in, or else the
    /// first one in your folders of models.
    #[arg(long, value_name = "NAME|FOLDER")]
    pub clip: Option<String>,
}

/// The best of several pictures.
#[derive(Clone, Debug, Args)]
pub struct KeepArgs {
    /// Compare the pictures of each prompt with it, tell the best first, and move all but so many of
    /// them into a folder "set-aside" beside them; nothing is deleted.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    #[command(flatten)]
    pub by: ClipArgs,
}

/// Runs the command to its end.
pub fn rank(args: &RankArgs, options: EngineOptions) -> Result<(), CommandError> {
    use_threads(args.threads)?;
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let clip = chosen(&engine, &args.by)?;
    let ranked = |path: &PathBuf| Ranked {
        path: path.clone(),
        text: args.prompt.clone(),
    };
    let ranking = Ranking {
        id: JobId(0),
        pictures: args.images.iter().map(ranked).collect(),
        clip,
        threads: args.threads,
    };
    let scored = scores(&engine, ranking)?;
    let mut unread = None;
    for Scored { path, likeness } in &scored {
        match likeness {
            Ok(likeness) => say_score((path, *likeness), args.json)?,
            Err(reason) => {
                if args.json {
                    let path = path.display().to_string();
                    say(&json!({"event": "score", "path": path, "error": reason}).to_string())?;
                }
                unread.get_or_insert_with(|| failed(reason));
            }
        }
    }
    unread.map_or(Ok(()), Err)
}

/// The CLIP that was asked for, or the first there is.
pub(super) fn chosen(engine: &EngineHandle, by: &ClipArgs) -> Result<String, CommandError> {
    if let Some(clip) = &by.clip {
        return Ok(clip.clone());
    }
    engine
        .send(Request::Likeness(LikenessRequest::List))
        .map_err(failed)?;
    while let Some(event) = engine.next_event() {
        if let Event::Likeness(LikenessEvent::Clips(clips)) = event {
            let first = clips.first().map(|clip| clip.path.display().to_string());
            return first.ok_or_else(|| {
                failed(
                    "there is no CLIP to compare with: give a folder with --clip, or get one, as by \
                     afterimage models get openai/clip-vit-base-patch32",
                )
            });
        }
    }
    Err(failed("the engine ended"))
}

/// A picture that was compared, or why it was not.
pub(super) struct Scored {
    pub(super) path: PathBuf,
    pub(super) likeness: Result<Likeness, String>,
}

/// Compares pictures, and tells the best first; those that cannot be read come last.
pub(super) fn scores(engine: &EngineHandle, ranking: Ranking) -> Result<Vec<Scored>, CommandError> {
    let id = ranking.id;
    let request = LikenessRequest::Rank(Box::new(ranking));
    engine.send(Request::Likeness(request)).map_err(failed)?;
    let mut scored = Vec::new();
    while let Some(event) = engine.next_event() {
        match event {
            Event::Likeness(LikenessEvent::Score {
                picture, likeness, ..
            }) => scored.push(Scored {
                path: picture,
                likeness: likeness.map_err(|failure| failure.to_string()),
            }),
            Event::Note { note, .. } => say_error(&format!("note: {note}")),
            Event::Failed { failure, .. } => return Err(failed(failure)),
            Event::Cancelled { .. } => return Err(failed("the comparison was ended")),
            Event::Finished { job, .. } if job == id => {
                let score = |scored: &Scored| {
                    let likeness = scored.likeness.as_ref();
                    likeness.map_or(f64::NEG_INFINITY, |likeness| likeness.score)
                };
                scored.sort_by(|a, b| score(b).total_cmp(&score(a)));
                return Ok(scored);
            }
            _ => {}
        }
    }
    Err(failed("the engine ended before all pictures were compared"))
}

fn say_score((path, likeness): (&Path, Likeness), as_json: bool) -> Result<(), CommandError> {
    let Likeness { cosine, score } = likeness;
    let path = path.display().to_string();
    if as_json {
        return say(&score_json(&path, likeness).to_string());
    }
    say(&format!("{score:.3}\t{cosine:.4}\t{path}"))
}

fn score_json(path: &str, likeness: Likeness) -> Value {
    json!({
        "event": "score", "path": path, "score": likeness.score, "cosine": likeness.cosine,
    })
}

/// How many of a prompt's pictures stay, and who compares them.
pub(super) struct Keep {
    pub(super) count: u32,
    pub(super) clip: String,
}

/// Compares what was made with its prompt, tells the best first, and moves the rest aside.
pub(super) fn keep_the_best(
    engine: &EngineHandle,
    keep: &Keep,
    made: Vec<Ranked>,
    (id, threads, as_json): (JobId, Option<u16>, bool),
) -> Result<(), CommandError> {
    let ranking = Ranking {
        id,
        pictures: made,
        clip: keep.clip.clone(),
        threads,
    };
    let scored = scores(engine, ranking)?;
    let kept = scored.len().min(keep.count as usize);
    for Scored { path, likeness } in &scored[..kept] {
        say_score((path, likeness.clone().map_err(failed)?), as_json)?;
    }
    let mut others = Vec::new();
    for Scored { path, likeness } in &scored[kept..] {
        // What could not be compared stays where it is.
        let likeness = likeness.clone().map_err(failed)?;
        if as_json {
            say(&score_json(&path.display().to_string(), likeness).to_string())?;
        }
        others.push(path.clone());
    }
    if others.is_empty() {
        return Ok(());
    }
    let request = LikenessRequest::SetAside(others);
    engine.send(Request::Likeness(request)).map_err(failed)?;
    while let Some(event) = engine.next_event() {
        let Event::Likeness(LikenessEvent::SetAside { moved, failure }) = event else {
            continue;
        };
        if as_json {
            for (from, to) in &moved {
                let [from, to] = [from, to].map(|path| path.display().to_string());
                say(&json!({"event": "set_aside", "path": from, "now": to}).to_string())?;
            }
        }
        return failure.map_or(Ok(()), |failure| Err(failed(failure)));
    }
    Err(failed("the engine ended before pictures were set aside"))
}
