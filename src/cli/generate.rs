//! `afterimage generate`: prompts become pictures without a window.

use std::sync::Arc;

use super::run::{Asked, picture, run};
use super::{CommandError, GenerateArgs};
use crate::engine::{EngineOptions, Inputs};
use crate::recipe::{Change, Input, Strength, Task};

/// Runs the command to its end.
pub fn generate(args: &GenerateArgs, options: EngineOptions) -> Result<(), CommandError> {
    let prompts = prompts(args)?;
    let asked = match &args.init {
        None => Asked {
            prompts,
            task: Task::TextToImage,
            inputs: Inputs::default(),
            size: None,
        },
        Some(path) => {
            let image = picture(path)?;
            let change = Change {
                image: Input {
                    sha256: image.sha256(),
                },
                strength: Strength(args.strength),
                resize: args.resize_mode,
            };
            Asked {
                prompts,
                task: Task::ImageToImage(change),
                size: Some(image.extent()),
                inputs: Inputs {
                    image: Some(Arc::new(image)),
                    mask: None,
                    ..Inputs::default()
                },
            }
        }
    };
    run(&args.run, options, Some(&args.best), |_| Ok(asked))
}

fn prompts(args: &GenerateArgs) -> Result<Vec<String>, CommandError> {
    let Some(file) = &args.prompts else {
        return Ok(args.prompt.clone());
    };
    let text = std::fs::read_to_string(file).map_err(|error| {
        CommandError::Failed(format!("{} cannot be read: {error}", file.display()))
    })?;
    let prompts: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    if prompts.is_empty() {
        return Err(CommandError::Failed(format!(
            "{} holds no prompt",
            file.display()
        )));
    }
    Ok(prompts)
}
