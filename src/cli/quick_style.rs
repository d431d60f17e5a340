//! `afterimage quick-style`: a network is taught a style, without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::console::{say, use_threads};
use super::run::picture;
use super::{CommandError, failed};
use crate::engine::{
    Engine as _, EngineHandle, EngineOptions, Event, JobId, Lesson, LessonStep, NewLesson, Request,
    Teaching, peak_memory,
};
use crate::library::FileError;
use crate::raster::READABLE;
use crate::training::quick_style::{STEPS, USUAL_STEPS};
use crate::weights::{QUICK_STYLES, WEIGHTS};

/// What the command is told.
#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct QuickStyleArgs {
    /// The picture whose strokes and palette are learnt.
    #[arg(value_name = "STYLE")]
    pub style: PathBuf,
    /// The file to make; when it is not given, one named like the picture in the folder "styles" of
    /// the studio's folder of models, where the window finds it. Ended early, the same command goes on.
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: Option<PathBuf>,
    /// Pictures to learn on, such as those the style is for: a file, or a folder of them; again for
    /// others. Scenes drawn by lot are learnt on in any case.
    #[arg(long, value_name = "IMAGE|FOLDER")]
    pub content: Vec<PathBuf>,
    /// Steps to learn in: more make strokes finer, and take longer.
    #[arg(long, value_name = "N", default_value_t = USUAL_STEPS, value_parser = clap::value_parser!(u32).range(i64::from(*STEPS.start())..=i64::from(*STEPS.end())))]
    pub steps: u32,
    /// The same seed and pictures make the same network.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Threads to compute with; all cores when it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Replace an existing file.
    #[arg(long)]
    pub force: bool,
    /// Tell what happens as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// Of steps that are told to people one is told in so many.
const TOLD: u32 = 50;

/// Runs the command to its end.
pub fn quick_style(args: &QuickStyleArgs, options: EngineOptions) -> Result<(), CommandError> {
    use_threads(args.threads)?;
    let started = Instant::now();
    let name = args.style.file_stem().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let file = args.out.clone().unwrap_or_else(|| {
        let folder = options.models.join(QUICK_STYLES);
        folder.join(format!("{name}.{}", WEIGHTS[0]))
    });
    check_out(&file, args.force)?;
    let style = Arc::new(picture(&args.style)?);
    let contents = contents(&args.content)?;
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let id = JobId(0);
    let teaching = Teaching {
        id,
        lesson: Lesson::New(NewLesson {
            name,
            style,
            contents,
            steps: args.steps,
            seed: args.seed,
            file: Some(file.clone()),
        }),
        threads: args.threads,
    };
    engine
        .send(Request::Teach(Box::new(teaching)))
        .map_err(failed)?;
    while let Some(event) = engine.next_event() {
        match event {
            Event::Lesson(step) => tell(args.json, &step)?,
            Event::Finished { job, .. } if job == id => {
                return finish(args.json, &file, started);
            }
            Event::Failed { failure, .. } => return Err(failed(failure)),
            _ => {}
        }
    }
    Err(CommandError::Failed(
        "the engine ended before the style was learnt".to_owned(),
    ))
}

fn check_out(file: &Path, force: bool) -> Result<(), CommandError> {
    let extension = file.extension().unwrap_or_default();
    if !extension.eq_ignore_ascii_case(WEIGHTS[0]) {
        return Err(CommandError::Usage(format!(
            "{} is not the name of a safetensors file: name it .safetensors",
            file.display()
        )));
    }
    if file.exists() && !force {
        return Err(failed(FileError::Exists {
            path: file.display().to_string(),
        }));
    }
    Ok(())
}

/// The pictures of some files and folders, in order; one that is named must be there.
fn contents(asked: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut found = Vec::new();
    for path in asked {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(failed)?;
            let mut own: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            own.retain(|path| {
                let extension = path.extension().unwrap_or_default();
                READABLE
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
            });
            own.sort();
            found.append(&mut own);
        } else if path.is_file() {
            found.push(path.clone());
        } else {
            return Err(CommandError::Failed(format!(
                "{} is neither a picture nor a folder of them",
                path.display()
            )));
        }
    }
    Ok(found)
}

/// Tells a step: each to programs, some to people.
fn tell(json: bool, told: &LessonStep) -> Result<(), CommandError> {
    let LessonStep {
        step,
        steps,
        style,
        content,
        left,
        ..
    } = told;
    if json {
        let line = json!({
            "event": "step", "step": step, "steps": steps,
            "style_loss": style, "content_loss": content,
            "seconds_left": left.map(|left| left.as_secs_f64()),
        });
        return say(&line.to_string());
    }
    if step.is_multiple_of(TOLD) || step == steps {
        let left = left.map_or_else(String::new, |left| format!(", {} s left", left.as_secs()));
        return say(&format!(
            "{step} of {steps}: style loss {style:.1}, content loss {content:.1}{left}"
        ));
    }
    Ok(())
}

fn finish(json: bool, file: &Path, started: Instant) -> Result<(), CommandError> {
    let path = file.display().to_string();
    if !json {
        return say(&path);
    }
    say(&json!({"event": "quick_style", "path": path}).to_string())?;
    let line = json!({
        "event": "finished",
        "seconds": {"total": started.elapsed().as_secs_f64()},
        "peak_memory_bytes": peak_memory(),
    });
    say(&line.to_string())
}
