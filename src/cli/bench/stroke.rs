//! What a touch of the brush costs, at pictures of different sizes.

use std::time::{Duration, Instant};

use super::say_machine;
use crate::cli::{CommandError, console::say, failed};
use crate::gpu::{MaskPainter, headless};
use crate::raster::{Extent, Ink, Segment, TiledMask};

/// Sides of the pictures, the one others are compared with first.
const SIDES: [u32; 3] = [512, 2048, 8192];
/// Strokes at each size, spread over the picture, after one that does not count.
const STROKES: u32 = 24;
/// Dabs of a stroke.
const DABS: u32 = 60;
const RADIUS: f32 = 26.0;
/// Pixels from one dab to the next.
const STEP: f32 = 5.0;

/// Medians over all strokes at one size.
struct Figures {
    dab: Duration,
    end: Duration,
}

/// Paints strokes over masks of three sizes.
pub(super) fn run() -> Result<(), CommandError> {
    say_machine()?;
    let (render, device) = headless().map_err(CommandError::Failed)?;
    say(&format!(
        "{device}; a brush of {:.0} pixels; microseconds, medians of {STROKES} strokes of {DABS} dabs",
        2.0 * RADIUS
    ))?;
    let mut painter = MaskPainter::new(render);
    let mut first = None;
    for side in SIDES {
        let figures = measure(&mut painter, side).map_err(failed)?;
        let dab = figures.dab.as_secs_f64();
        let ratio = dab / *first.get_or_insert(dab);
        say(&format!(
            "{side:>4}x{side:<4}  a dab {:>6.0}  ({ratio:.2} times that at {})  the end of a stroke {:>6.0}",
            dab * 1e6,
            SIDES[0],
            figures.end.as_secs_f64() * 1e6
        ))?;
    }
    Ok(())
}

fn measure(painter: &mut MaskPainter, side: u32) -> Result<Figures, String> {
    let mut mask = TiledMask::empty(Extent::new(side, side));
    painter.load(&mask);
    let (mut dabs, mut ends) = (Vec::new(), Vec::new());
    for stroke in 0..=STROKES {
        // Places without a pattern, so that tiles are crossed as often as in life.
        let room = side as f32 - 2.0 * RADIUS - STEP * DABS as f32;
        let share = |step: u32| (stroke.wrapping_mul(step) % 997) as f32 / 997.0;
        let from = [RADIUS + share(619) * room, RADIUS + share(389) * room];
        let begun = Instant::now();
        for dab in 0..DABS {
            let at = |dab: u32| {
                let away = dab as f32 * STEP;
                [from[0] + away, from[1] + away * 0.6]
            };
            painter.draw(&[Segment {
                from: at(dab),
                to: at(dab + 1),
                radii: [RADIUS; 2],
                hardness: 0.7,
            }]);
            painter.settle()?;
        }
        let drawn = begun.elapsed();
        let ended = Instant::now();
        for (at, values) in painter.finish(Ink::FULL) {
            mask.set(at, values);
        }
        let end = ended.elapsed();
        if stroke > 0 {
            dabs.push(drawn / DABS);
            ends.push(end);
        }
    }
    Ok(Figures {
        dab: middle(dabs),
        end: middle(ends),
    })
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
