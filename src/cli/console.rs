//! What a terminal, or the program that reads us, is shown.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::CommandError;
use crate::engine::{Event, Figures, Saving, Stage};

/// Sets the number of threads our kernels use.
pub fn use_threads(threads: Option<u16>) -> Result<(), CommandError> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .map_err(super::failed)
}

/// One line on standard error.
pub fn say_error(message: &str) {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    // Nobody is left to hear that this could not be told.
    drop(writeln!(stderr(), "afterimage: {line}"));
}

/// One line on standard output; a reader that has gone away ends the command.
pub(super) fn say(line: &str) -> Result<(), CommandError> {
    writeln!(stdout(), "{line}").map_err(super::failed)
}

/// Shows a run: a progress bar for people, JSON for programs.
pub(super) struct Reporter {
    json: bool,
    /// Where each picture is, as soon as it is there.
    pub(super) tell_paths: bool,
    bar: ProgressBar,
    pictures: u32,
    done: u32,
    figures: Figures,
}

impl Reporter {
    pub(super) fn new(json: bool, pictures: u32) -> Self {
        let bar = if json || !stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let style =
            ProgressStyle::with_template("{msg} [{bar:24}] {pos}/{len} · {elapsed} · {eta} left");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("█▌ "));
        }
        Self {
            json,
            tell_paths: true,
            bar,
            pictures,
            done: 0,
            figures: Figures::default(),
        }
    }

    /// Tells the bytes that making a picture will take of those allowed, and what is done to make them
    /// so few, before it begins.
    pub(super) fn foretell(
        &self,
        memory: u64,
        allowed: Option<u64>,
        savings: &[Saving],
    ) -> Result<(), CommandError> {
        if !self.json {
            return Ok(());
        }
        let mut line = json!({
            "event": "planned", "memory_bytes": memory, "allowed_bytes": allowed,
            "fits_by": savings.iter().map(|saving| saving.id()).collect::<Vec<_>>(),
        });
        for saving in savings {
            match saving {
                Saving::Tiles(side) => line["decode_tile"] = json!(side),
                Saving::Bits(bits) => line["weight_bits"] = json!(bits.id()),
                Saving::OneText | Saving::DropEncoders => {}
            }
        }
        if !savings.is_empty() {
            line["message"] = json!(format!("fits by {}", Saving::all(savings)));
        }
        say(&line.to_string())
    }

    /// Tells one event.
    pub(super) fn tell(&mut self, event: &Event) -> Result<(), CommandError> {
        match event {
            Event::Stage { stage, .. } => self.bar.set_message(self.message(*stage)),
            Event::Step { step, steps, .. } => {
                self.bar.set_length(u64::from(*steps));
                self.bar.set_position(u64::from(*step));
            }
            Event::Note { note, .. } if !self.json => {
                self.bar.suspend(|| say_error(&format!("note: {note}")));
            }
            Event::Picture(picture) => {
                self.done += 1;
                self.bar.reset();
                if let (Ok(path), false, true) = (&picture.saved, self.json, self.tell_paths) {
                    self.bar.suspend(|| say(&path.display().to_string()))?;
                }
            }
            Event::Finished { figures, .. } => self.add(figures),
            _ => {}
        }
        match as_json(event) {
            Some(line) if self.json => say(&line.to_string()),
            _ => Ok(()),
        }
    }

    fn message(&self, stage: Stage) -> String {
        let doing = match stage {
            Stage::LoadModel => "loading the model",
            Stage::EncodePrompt => "reading the prompt",
            Stage::EncodePicture => "reading the picture",
            Stage::Denoise => "denoising",
            Stage::Decode => "decoding",
            Stage::Remove => "removing",
            Stage::Style => "taking over the style",
            Stage::Upscale => "making it larger",
            Stage::Save => "saving",
        };
        let picture = (self.done + 1).min(self.pictures);
        format!("picture {picture} of {} · {doing}", self.pictures)
    }

    fn add(&mut self, figures: &Figures) {
        for (stage, took) in &figures.stages {
            match self
                .figures
                .stages
                .iter_mut()
                .find(|(known, _)| known == stage)
            {
                Some((_, sum)) => *sum += *took,
                None => self.figures.stages.push((*stage, *took)),
            }
        }
        self.figures.peak_memory = self.figures.peak_memory.max(figures.peak_memory);
    }

    /// The last word of a run that went well.
    pub(super) fn finish(&self, took: Duration) -> Result<(), CommandError> {
        self.bar.finish_and_clear();
        if !self.json {
            return Ok(());
        }
        let mut seconds = serde_json::Map::new();
        for (stage, took) in &self.figures.stages {
            seconds.insert(stage.id().to_owned(), json!(took.as_secs_f64()));
        }
        seconds.insert("total".to_owned(), json!(took.as_secs_f64()));
        let line = json!({
            "event": "finished",
            "pictures": self.done,
            "seconds": seconds,
            "peak_memory_bytes": self.figures.peak_memory,
        });
        say(&line.to_string())
    }

    /// The last word of a run that failed; standard error gets its line from the caller.
    pub(super) fn fail(&self, message: &str) -> Result<(), CommandError> {
        self.bar.finish_and_clear();
        if !self.json {
            return Ok(());
        }
        say(&json!({"event": "failed", "message": message}).to_string())
    }
}

fn as_json(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Started { job, recipe, count } => {
            json!({"event": "started", "job": job.0, "count": count, "recipe": recipe})
        }
        Event::Stage {
            job,
            picture,
            stage,
        } => {
            json!({"event": "stage", "job": job.0, "picture": picture, "stage": stage.id()})
        }
        Event::Step {
            job,
            picture,
            step,
            steps,
            took,
        } => json!({
            "event": "step", "job": job.0, "picture": picture, "step": step, "steps": steps,
            "seconds": took.as_secs_f64(),
        }),
        Event::Note { job, note } => {
            json!({"event": "note", "job": job.0, "message": note.to_string()})
        }
        Event::Picture(picture) => json!({
            "event": "picture", "job": picture.job.0, "picture": picture.picture,
            "seed": picture.recipe.seed, "recipe": picture.recipe,
            "path": picture.saved.as_ref().ok().map(|path| path.display().to_string()),
            "error": picture.saved.as_ref().err().map(ToString::to_string),
        }),
        _ => return None,
    })
}
