//! `afterimage quick-style`: a network is taught a style, without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::console::{say, use_threads};
use super::run::picture;
use super::{CommandError, QuickStyleArgs, failed};
use crate::engine::{
    Engine as _, EngineHandle, EngineOptions, Event, JobId, Lesson, LessonStep, NewLesson, Request,
    Teaching, peak_memory,
};
use crate::raster::READABLE;
use crate::weights::{QUICK_STYLES, WEIGHTS};

/// Of steps that are told to people one is told in so many.
const TOLD: u32 = 50;

/// Runs the command to its end.
pub fn quick_style(args: &QuickStyleArgs, options: EngineOptions) -> Result<(), CommandError> {
    use_threads(args.threads)?;
    let started = Instant::now();
    let name = args.style.file_stem().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let file = match &args.out {
        Some(file) => file.clone(),
        None => {
            let folder = options.models.join(QUICK_STYLES);
            folder.join(format!("{name}.{}", WEIGHTS[0]))
        }
    };
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
        return Err(CommandError::Usage(format!(
            "{} exists already: give another --out, or --force to replace it",
            file.display()
        )));
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
