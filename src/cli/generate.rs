//! `afterimage generate`: prompts become pictures without a window.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::console::{Reporter, use_threads};
use super::out::Plan;
use super::{CommandError, GenerateArgs, failed};
use crate::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Job, JobId, ModelCard, Request,
};
use crate::models::SPROUT;
use crate::recipe::{Draft, Recipe};

/// Runs the command to its end.
pub fn generate(args: &GenerateArgs, options: EngineOptions) -> Result<(), CommandError> {
    let started = Instant::now();
    use_threads(args.threads)?;
    let prompts = prompts(args)?;
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let card = inspect(&engine, &args.model)?;
    let seed = args
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let recipes = prompts
        .iter()
        .map(|prompt| recipe(args, prompt, seed, &card))
        .collect::<Result<Vec<_>, _>>()?;
    let jobs = jobs(args, recipes)?;
    let pictures = jobs.iter().map(|job| job.count).sum();
    let mut reporter = Reporter::new(args.json, pictures);
    for job in jobs {
        engine
            .send(Request::Submit(Box::new(job.clone())))
            .map_err(failed)?;
        if let Err(error) = follow(&engine, &job, &mut reporter) {
            reporter.fail(error.message())?;
            return Err(error);
        }
    }
    reporter.finish(started.elapsed())
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

fn inspect(engine: &EngineHandle, model: &str) -> Result<ModelCard, CommandError> {
    engine
        .send(Request::Inspect {
            model: model.to_owned(),
        })
        .map_err(failed)?;
    while let Some(event) = engine.next_event() {
        if let Event::Model { card, .. } = event {
            return card.map_err(failed);
        }
    }
    Err(CommandError::Failed("the engine ended".to_owned()))
}

fn recipe(
    args: &GenerateArgs,
    prompt: &str,
    seed: u64,
    card: &ModelCard,
) -> Result<Recipe, CommandError> {
    let (width, height) = args.size.unwrap_or((card.native.width, card.native.height));
    let draft = Draft {
        prompt: prompt.to_owned(),
        negative_prompt: args.negative.clone(),
        model: absolute_model(&args.model),
        sampler: args.sampler.clone(),
        schedule: args.schedule.clone(),
        steps: args.steps,
        guidance: args.cfg,
        seed,
        width,
        height,
        count: args.count,
    };
    draft.recipe(card.limits).map_err(|problems| {
        let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
        CommandError::Usage(texts.join("; "))
    })
}

/// A model's folder as it is found from anywhere, since the recipe outlives the working directory;
/// a name stays a name.
fn absolute_model(model: &str) -> String {
    let folder = Path::new(model);
    if model == SPROUT.name || !folder.is_dir() {
        return model.to_owned();
    }
    std::path::absolute(folder)
        .map_or_else(|_| model.to_owned(), |folder| folder.display().to_string())
}

/// One job for each prompt, its files named.
fn jobs(args: &GenerateArgs, recipes: Vec<Recipe>) -> Result<Vec<Job>, CommandError> {
    let seeds: Vec<u64> = recipes
        .iter()
        .flat_map(|recipe| (0..args.count).map(|picture| recipe.for_picture(picture).seed))
        .collect();
    let plan = Plan {
        out: args.out.as_deref(),
        force: args.force,
        seeds: &seeds,
    };
    let pictures = plan.pictures()?;
    let dumps = args
        .dump_latents
        .as_ref()
        .map(|file| plan.dumps(file))
        .transpose()?;
    let count = args.count as usize;
    let share = |paths: &[PathBuf], job: usize| paths[job * count..(job + 1) * count].to_vec();
    Ok(recipes
        .into_iter()
        .enumerate()
        .map(|(index, recipe)| Job {
            id: JobId(index as u64),
            recipe,
            count: args.count,
            destination: Destination::Files {
                paths: share(&pictures, index),
                overwrite: args.force,
            },
            dump_latents: dumps
                .as_ref()
                .map(|dumps| share(dumps, index))
                .unwrap_or_default(),
        })
        .collect())
}

/// Tells what happens to a job until it has ended.
fn follow(engine: &EngineHandle, job: &Job, reporter: &mut Reporter) -> Result<(), CommandError> {
    let mut unsaved = None;
    while let Some(event) = engine.next_event() {
        reporter.tell(&event)?;
        match event {
            Event::Picture(picture) => {
                if let Err(failure) = picture.saved {
                    unsaved.get_or_insert_with(|| failed(failure));
                }
            }
            Event::Finished { job: ended, .. } if ended == job.id => {
                return unsaved.map_or(Ok(()), Err);
            }
            Event::Failed { failure, .. } => return Err(failed(failure)),
            Event::Cancelled { .. } => {
                return Err(CommandError::Failed("the run was cancelled".to_owned()));
            }
            _ => {}
        }
    }
    Err(CommandError::Failed(
        "the engine ended before the run".to_owned(),
    ))
}
