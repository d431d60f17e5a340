//! What a terminal, or the program that reads us, is shown of pictures becoming larger.

use std::io::{IsTerminal as _, stderr};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::CommandError;
use crate::cli::console::{say, say_error};
use crate::engine::peak_memory;
use crate::models::UpscalerFile;
use crate::pipelines::{PartDone, Plan};
use crate::recipe::Recipe;

/// Shows a run: a progress bar for people, JSON for programs.
pub(super) struct Told {
    json: bool,
    bar: ProgressBar,
    pictures: usize,
    picture: usize,
    done: usize,
    /// What makes them larger, in words.
    by: String,
    started: Instant,
    /// Since the picture's first part was begun.
    computing: Duration,
}

impl Told {
    pub(super) fn new(json: bool, pictures: usize, network: Option<&UpscalerFile>) -> Self {
        let bar = if json || !stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let style = ProgressStyle::with_template("{msg} [{bar:24}] {pos}/{len} parts · {elapsed}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("█▌ "));
        }
        let by = network.map_or_else(
            || "Lanczos (no network)".to_owned(),
            |network| format!("{} ({})", network.name(), network.layout().family()),
        );
        Self {
            json,
            bar,
            pictures,
            picture: 0,
            done: 0,
            by,
            started: Instant::now(),
            computing: Duration::ZERO,
        }
    }

    /// What a picture will take.
    pub(super) fn plan(&self, image: &Path, plan: &Plan) -> Result<(), CommandError> {
        let image = image.display().to_string();
        if self.json {
            let mut line = json!({"event": "plan", "image": image, "by": self.by});
            if let (Some(line), Some(plan)) = (line.as_object_mut(), as_json(plan).as_object()) {
                line.extend(plan.clone());
            }
            return say(&line.to_string());
        }
        let Plan { from, to, .. } = plan;
        let seams = match plan.receptive_field {
            _ if plan.parts() == 1 => String::new(),
            Some(field) if plan.is_seamless() => {
                format!(", overlapping by {} (the network sees {field})", plan.pad)
            }
            Some(field) => format!(
                ", overlapping by {} (the network sees {field}: parts come out alike, not the same)",
                plan.pad
            ),
            None => format!(", overlapping by {}", plan.pad),
        };
        let parts = match plan.parts() {
            _ if plan.method == "lanczos" => String::new(),
            1 => ", in one part".to_owned(),
            parts => format!(
                ", {parts} parts of {}x{}{seams}",
                plan.tile.width, plan.tile.height
            ),
        };
        say_error(&format!(
            "note: {image}: {from} to {to} by {}{parts}; about {} of memory, a file of at most {}",
            self.by,
            HumanBytes(plan.bytes),
            HumanBytes(plan.file_bytes)
        ));
        Ok(())
    }

    /// A picture is begun, counted from 0.
    pub(super) fn start(
        &mut self,
        picture: usize,
        recipe: &Recipe,
        plan: &Plan,
    ) -> Result<(), CommandError> {
        self.picture = picture;
        self.computing = Duration::ZERO;
        self.bar.reset();
        self.bar.set_length(plan.parts().into());
        self.bar.set_message(self.message(None));
        if !self.json {
            return Ok(());
        }
        let line = json!({
            "event": "started", "job": picture, "count": 1, "recipe": recipe, "plan": as_json(plan),
        });
        say(&line.to_string())
    }

    pub(super) fn part(&mut self, part: &PartDone<'_>) -> Result<(), CommandError> {
        self.computing += part.took;
        let left = self.computing / part.done * (part.of - part.done);
        self.bar.set_position(part.done.into());
        self.bar.set_message(self.message(Some(left)));
        if !self.json {
            return Ok(());
        }
        let line = json!({
            "event": "tile", "job": self.picture, "tile": part.done, "tiles": part.of,
            "seconds": part.took.as_secs_f64(), "seconds_left": left.as_secs_f64(),
        });
        say(&line.to_string())
    }

    fn message(&self, left: Option<Duration>) -> String {
        let left = left.map_or_else(String::new, |left| {
            format!(" · {} left", HumanDuration(left))
        });
        format!("picture {} of {}{left}", self.picture + 1, self.pictures)
    }

    pub(super) fn picture(
        &mut self,
        picture: usize,
        recipe: &Recipe,
        path: &Path,
    ) -> Result<(), CommandError> {
        self.done += 1;
        let path = path.display().to_string();
        if !self.json {
            return self.bar.suspend(|| say(&path));
        }
        let line = json!({
            "event": "picture", "job": picture, "picture": 0, "recipe": recipe, "path": path,
        });
        say(&line.to_string())
    }

    /// The last word of a run that went well.
    pub(super) fn finish(&self) -> Result<(), CommandError> {
        self.bar.finish_and_clear();
        if !self.json {
            return Ok(());
        }
        let line = json!({
            "event": "finished", "pictures": self.done,
            "seconds": {"total": self.started.elapsed().as_secs_f64()},
            "peak_memory_bytes": peak_memory(),
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

fn as_json(plan: &Plan) -> serde_json::Value {
    json!({
        "method": plan.method,
        "from": [plan.from.width, plan.from.height],
        "to": [plan.to.width, plan.to.height],
        "tile": [plan.tile.width, plan.tile.height],
        "tile_pad": plan.pad,
        "pre_pad": plan.pre_pad,
        "feather": plan.feather,
        "tiles": plan.parts(),
        "receptive_field": plan.receptive_field,
        "memory_bytes": plan.bytes,
        "file_bytes": plan.file_bytes,
    })
}
