//! Switches between two models again and again: what stays in memory, and how long reading takes.

use std::time::Duration;

use serde_json::json;

use crate::cli::{CommandError, console::say, failed};
use crate::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Figures, Inputs, Job, JobId,
    ModelCard, Request, Stage, peak_memory, resident_memory,
};
use crate::kernels::large_bytes_held;
use crate::recipe::Draft;

/// Latents along each side of the pictures: their work is nothing beside the reading.
const SIDE: u32 = 8;

/// Draws one step by each model in turn, `times` times, and tells after each round what is held: blocks of
/// 64 KiB and more to the byte, all else as the system sees it.
pub(super) fn run(
    models: [&String; 2],
    times: u16,
    options: EngineOptions,
) -> Result<(), CommandError> {
    let engine = EngineHandle::start(options, Box::new(|| {})).map_err(failed)?;
    let cards = models.map(|model| inspect(&engine, model));
    let cards = cards.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut job = 0;
    for round in 1..=times {
        let mut loading = Vec::new();
        for card in &cards {
            job += 1;
            loading.push(draw(&engine, card, JobId(job))?);
        }
        let line = json!({
            "round": round,
            "held_bytes": settled(large_bytes_held),
            "resident_bytes": resident_memory(),
            "load_seconds": loading,
        });
        say(&line.to_string())?;
    }
    say(&json!({"rounds": times, "peak_memory_bytes": peak_memory()}).to_string())
}

fn inspect(engine: &EngineHandle, model: &str) -> Result<ModelCard, CommandError> {
    let request = Request::Inspect {
        model: model.to_owned(),
        vae: None,
    };
    engine.send(request).map_err(failed)?;
    while let Some(event) = engine.next_event() {
        if let Event::Model { card, .. } = event {
            return card.map_err(failed);
        }
    }
    Err(CommandError::Failed("the engine ended".to_owned()))
}

/// Draws one step, which nobody keeps; the seconds that reading took.
fn draw(engine: &EngineHandle, card: &ModelCard, id: JobId) -> Result<f64, CommandError> {
    let side = SIDE * card.limits.size_factor;
    let usual = Draft::default();
    let draft = Draft {
        prompt: "a cat".to_owned(),
        model: card.name.clone(),
        sampler: card.usual.sampler.map_or(usual.sampler, str::to_owned),
        steps: 1,
        width: side,
        height: side,
        ..Draft::default()
    };
    let recipe = draft.recipe(card.limits).map_err(|problems| {
        let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
        CommandError::Failed(texts.join("; "))
    })?;
    let job = Job {
        id,
        recipe,
        count: 1,
        inputs: Inputs::default(),
        destination: Destination::Sight,
        dump_latents: Vec::new(),
        threads: None,
    };
    let request = Request::Submit(Box::new(job));
    engine.send(request).map_err(failed)?;
    while let Some(event) = engine.next_event() {
        match event {
            Event::Finished { figures, .. } => return Ok(loading(&figures)),
            Event::Failed { failure, .. } => return Err(failed(failure)),
            _ => {}
        }
    }
    Err(CommandError::Failed("the engine ended".to_owned()))
}

fn loading(figures: &Figures) -> f64 {
    let mut stages = figures.stages.iter();
    let loading = stages.find(|(stage, _)| *stage == Stage::LoadModel);
    loading.map_or(0.0, |(_, took)| took.as_secs_f64())
}

/// What is told twice in a row: other threads may be dropping the last of a job.
fn settled(tell: impl Fn() -> usize) -> usize {
    const PAUSE: Duration = Duration::from_millis(20);
    const TRIES: usize = 50;
    let mut last = tell();
    for _ in 0..TRIES {
        std::thread::sleep(PAUSE);
        let now = tell();
        if now == last {
            break;
        }
        last = now;
    }
    last
}
