//! What every command that runs a model has in common.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::console::{Reporter, use_threads};
use super::lora::with_loras;
use super::out::Plan;
use super::rank::{Keep, chosen, keep_the_best};
use super::{CommandError, KeepArgs, RunArgs, failed};
use crate::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId, ModelCard,
    Ranked, Request, usable_memory,
};
use crate::library::read_picture;
use crate::models::{SPROUT, vae_beside};
use crate::raster::{Extent, Pixels};
use crate::recipe::{Draft, Recipe, Task, plain_words};

/// One task for each of some prompts.
pub(super) struct Asked {
    pub(super) prompts: Vec<String>,
    pub(super) task: Task,
    pub(super) inputs: Inputs,
    /// Where the command line gives none; else the model's own.
    pub(super) size: Option<Extent>,
}

/// Reads a picture file.
pub(super) fn picture(path: &Path) -> Result<Pixels, CommandError> {
    read_picture(path).map(|file| file.pixels).map_err(failed)
}

/// Runs what is asked, once the model is known, to its end; of each prompt the best pictures stay where
/// that is asked.
pub(super) fn run(
    args: &RunArgs,
    options: EngineOptions,
    best: Option<&KeepArgs>,
    asked: impl FnOnce(&ModelCard) -> Result<Asked, CommandError>,
) -> Result<(), CommandError> {
    let started = Instant::now();
    use_threads(args.threads)?;
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let card = inspect(&engine, &args.model, vae(args))?;
    let asked = asked(&card)?;
    let seed = args
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let recipes = asked
        .prompts
        .iter()
        .map(|prompt| recipe(args, &asked, prompt, seed, &card))
        .collect::<Result<Vec<_>, _>>()?;
    let jobs = jobs(args, &asked.inputs, recipes)?;
    let pictures = jobs.iter().map(|job| job.count).sum();
    let keep = best
        .and_then(|best| Some((best.keep?, &best.by)))
        .map(|(count, by)| chosen(&engine, by).map(|clip| Keep { count, clip }))
        .transpose()?;
    let mut reporter = Reporter::new(args.json, pictures);
    // The best are told first, once all are there.
    reporter.tell_paths = keep.is_none();
    for job in jobs {
        let ended = make(&engine, &card, args, &job, &mut reporter).and_then(|made| match &keep {
            None => Ok(()),
            Some(keep) => keep_the_best(&engine, keep, made, (job.id, args.threads, args.json)),
        });
        if let Err(error) = ended {
            reporter.fail(error.message())?;
            return Err(error);
        }
    }
    reporter.finish(started.elapsed())
}

/// Makes the pictures of a job, where they fit into memory.
fn make(
    engine: &EngineHandle,
    card: &ModelCard,
    args: &RunArgs,
    job: &Job,
    reporter: &mut Reporter,
) -> Result<Vec<Ranked>, CommandError> {
    let allowed = args.memory.memory_limit.or_else(usable_memory);
    let mut draft = Draft::default();
    draft.adopt(&job.recipe);
    let (plan, savings) = card.plan(&draft, allowed).map_err(failed)?;
    reporter.foretell(plan.bytes, allowed, &savings)?;
    let requests = [
        Request::AllowMemory(allowed),
        Request::Submit(Box::new(job.clone())),
    ];
    for request in requests {
        engine.send(request).map_err(failed)?;
    }
    follow(engine, job, reporter)
}

/// What is known of a model, with the file of another autoencoder where one is given.
pub(super) fn inspect(
    engine: &EngineHandle,
    model: &str,
    vae: Option<String>,
) -> Result<ModelCard, CommandError> {
    engine
        .send(Request::Inspect {
            model: model.to_owned(),
            vae,
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
    args: &RunArgs,
    asked: &Asked,
    prompt: &str,
    seed: u64,
    card: &ModelCard,
) -> Result<Recipe, CommandError> {
    let Extent { width, height } = asked.size.unwrap_or(card.native);
    let (width, height) = args.size.unwrap_or((width, height));
    let draft = Draft {
        prompt: with_loras(prompt, &args.lora),
        negative_prompt: args.negative.clone(),
        emphasis: args.emphasis,
        clip_skip: args.clip_skip,
        model: absolute_model(&args.model),
        vae: vae(args),
        sampler: args.sampler.clone().unwrap_or_else(|| {
            let usual = card.usual.sampler.map(str::to_owned);
            usual.unwrap_or_else(|| Draft::default().sampler)
        }),
        schedule: args.schedule.clone(),
        steps: args.steps.unwrap_or(card.usual.steps),
        guidance: args.cfg.unwrap_or(card.usual.guidance),
        shortcuts: args.shortcuts(),
        weight_bits: args.weight_bits,
        decode_tile: args.memory.decode_tile,
        seed,
        noise: args.noise.source,
        variation: args.noise.variation(),
        width,
        height,
        size_condition: args.told_size.of((width, height)),
        count: args.count,
    };
    draft
        .recipe_of(asked.task.clone(), card.limits)
        .map_err(|problems| {
            let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
            CommandError::Usage(texts.join("; "))
        })
}

/// A model's folder or file as it is found from anywhere, since the recipe outlives the working directory;
/// a name stays a name.
fn absolute_model(model: &str) -> String {
    let path = Path::new(model);
    if model == SPROUT.name || !path.exists() {
        return model.to_owned();
    }
    std::path::absolute(path).map_or_else(|_| model.to_owned(), |path| path.display().to_string())
}

/// Likewise the file of another autoencoder: the given one, or one beside the checkpoint.
fn vae(args: &RunArgs) -> Option<String> {
    match &args.vae {
        Some(path) => Some(absolute_model(&path.display().to_string())),
        None => vae_beside(&absolute_model(&args.model)),
    }
}

/// One job for each prompt, its files named.
fn jobs(args: &RunArgs, inputs: &Inputs, recipes: Vec<Recipe>) -> Result<Vec<Job>, CommandError> {
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
            inputs: inputs.clone(),
            destination: Destination::Files {
                paths: share(&pictures, index),
                overwrite: args.force,
            },
            dump_latents: dumps
                .as_ref()
                .map(|dumps| share(dumps, index))
                .unwrap_or_default(),
            threads: args.threads,
        })
        .collect())
}

/// Tells what happens to a job until it has ended; what it has made, and the words it was made of.
fn follow(
    engine: &EngineHandle,
    job: &Job,
    reporter: &mut Reporter,
) -> Result<Vec<Ranked>, CommandError> {
    let mut unsaved = None;
    let mut made = Vec::new();
    while let Some(event) = engine.next_event() {
        reporter.tell(&event)?;
        match event {
            Event::Picture(picture) => match picture.saved {
                Ok(path) => made.push(Ranked {
                    path,
                    text: plain_words(&picture.recipe.prompt, picture.recipe.emphasis),
                }),
                Err(failure) => {
                    unsaved.get_or_insert_with(|| failed(failure));
                }
            },
            Event::Finished { job: ended, .. } if ended == job.id => {
                return unsaved.map_or(Ok(made), Err);
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
