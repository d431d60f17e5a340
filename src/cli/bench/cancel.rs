//! How long people wait after asking a full-size network to stop.

use std::time::{Duration, Instant};

use super::full_size::{SD15_AUTOENCODER, SD15_UNET, autoencoder, inputs, unet};
use super::{say_machine, say_peak_memory};
use crate::cli::{CommandError, console::say, failed};
use crate::nn::Interrupt;
use crate::pipelines::{CancelToken, Wish};

/// Latent side of a 512-pixel picture.
const SIDE: usize = 64;

/// Asks each network to stop `times` times, at moments spread over its run.
pub(super) fn run(times: u32) -> Result<(), CommandError> {
    say_machine()?;
    say("Stable Diffusion 1.5 at 512x512, f32, random moments; seconds from the wish to the end")?;
    {
        let network = unet(SD15_UNET).map_err(failed)?;
        let (latents, context) = inputs(4, SIDE, 768).map_err(failed)?;
        measure("UNet call", times, |interrupt| {
            network
                .forward(&latents, 500.0, &context, interrupt)
                .map(drop)
        })?;
    }
    let network = autoencoder(SD15_AUTOENCODER).map_err(failed)?;
    let (latents, _) = inputs(4, SIDE, 768).map_err(failed)?;
    measure("VAE decode", times, |interrupt| {
        network.decode(&latents, interrupt).map(drop)
    })?;
    say_peak_memory()
}

fn measure(
    name: &str,
    times: u32,
    work: impl Fn(&Interrupt) -> candle_core::Result<()> + Sync,
) -> Result<(), CommandError> {
    let started = Instant::now();
    work(&Interrupt::never()).map_err(failed)?;
    let whole = started.elapsed();
    let mut waits = Vec::new();
    for round in 0..times {
        let token = CancelToken::new();
        let interrupt = token.interrupt_at(Wish::Discard);
        let delay = whole.mul_f64((f64::from(round) + 0.5) / f64::from(times));
        let wait = std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                let outcome = work(&interrupt);
                (outcome.is_err(), Instant::now())
            });
            std::thread::sleep(delay);
            let asked = Instant::now();
            token.ask(Wish::Discard);
            running
                .join()
                .map(|(cut, ended)| cut.then(|| ended.saturating_duration_since(asked)))
        });
        match wait {
            Ok(Some(wait)) => waits.push(wait),
            // It was through before it was asked.
            Ok(None) => {}
            Err(_) => return Err(CommandError::Failed(format!("the {name} panicked"))),
        }
    }
    waits.sort();
    let (Some(longest), Some(middle)) = (waits.last(), waits.get(waits.len() / 2)) else {
        return Err(CommandError::Failed(format!("no {name} could be stopped")));
    };
    let secs = |time: &Duration| time.as_secs_f64();
    say(&format!(
        "{name}: whole {:.2} s; stopped {} times, median {:.3} s, longest {:.3} s",
        secs(&whole),
        waits.len(),
        secs(middle),
        secs(longest)
    ))
}
