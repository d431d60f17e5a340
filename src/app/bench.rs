//! How long frames take while the engine works: the window without a screen, and a recorded
//! session replayed to it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Pos2, RawInput, Rect};

use super::recording::{Player, Recording};
use super::words::Language;
use super::{App, AppOptions, Waker};
use crate::engine::Engine;

/// Time from frame to frame, as on a screen of 60 Hz.
const TACT: Duration = Duration::from_micros(16_667);

/// Frames at the beginning in which everything is laid out for the first time; they do not count.
const BEFORE: usize = 30;

/// How a session is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// In its own time: for figures.
    AsRecorded,
    /// Without waiting: to see what comes of it.
    AtOnce,
}

/// Times of our own code, frame by frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameReport {
    /// Laying out, drawing and cutting into triangles; not what the graphics device does then.
    pub frames: Vec<Duration>,
    /// Time until the first frame was done, fonts included.
    pub first: Duration,
    /// Previews that came meanwhile.
    pub previews: u64,
}

impl FrameReport {
    /// The time that `percent` of the frames do not exceed.
    pub fn percentile(&self, percent: f64) -> Duration {
        let mut sorted = self.frames.clone();
        sorted.sort();
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        let index = rank.clamp(1, sorted.len().max(1)) - 1;
        sorted.get(index).copied().unwrap_or_default()
    }
}

impl fmt::Display for FrameReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(
            f,
            "{} frames with {} previews of a working engine: p50 {:.2} ms, p99 {:.2} ms, \
             max {:.2} ms; first frame {:.1} ms",
            self.frames.len(),
            self.previews,
            ms(self.percentile(50.0)),
            ms(self.percentile(99.0)),
            ms(self.percentile(100.0)),
            ms(self.first)
        )
    }
}

/// Replays a session; `start` starts the engine, as for a real window.
///
/// # Errors
///
/// When the engine cannot be started.
pub fn bench_ui(
    start: impl FnOnce(Waker) -> Result<(Box<dyn Engine>, AppOptions), String>,
    session: &Recording,
    pace: Pace,
) -> Result<FrameReport, String> {
    let ctx = egui::Context::default();
    ctx.enable_accesskit();
    App::install(&ctx);
    // The clock wakes this window.
    let (engine, mut options) = start(Arc::new(|| {}))?;
    // Things must lie where they lay.
    options.language = Some(Language::English);
    let mut app = App::new(engine, options, None);
    let mut player = Player::new(session);
    let mut report = FrameReport::default();
    let began = Instant::now();
    let frames = BEFORE + (session.length() / TACT.as_secs_f64()).ceil() as usize;
    for frame in 0..frames {
        let time = TACT * frame as u32;
        if pace == Pace::AsRecorded {
            std::thread::sleep((began + time).saturating_duration_since(Instant::now()));
        }
        let (size, events) = player.until(time.as_secs_f64());
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(time.as_secs_f64()),
            events,
            focused: true,
            ..RawInput::default()
        };
        let before = Instant::now();
        let mut output = ctx.run_ui(input, |ui| {
            app.tick(ui.ctx());
            app.show(ui);
        });
        let shapes = std::mem::take(&mut output.shapes);
        let triangles = ctx.tessellate(shapes, output.pixels_per_point);
        let took = before.elapsed();
        drop(triangles);
        // No device takes the textures.
        output.textures_delta.clear();
        if frame == 0 {
            report.first = took;
        }
        if frame >= BEFORE {
            report.frames.push(took);
        }
    }
    report.previews = app.canvas.previews_shown();
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let report = FrameReport {
            frames: (1..=200).rev().map(Duration::from_millis).collect(),
            ..FrameReport::default()
        };
        assert_eq!(report.percentile(50.0), Duration::from_millis(100));
        assert_eq!(report.percentile(99.0), Duration::from_millis(198));
        assert_eq!(report.percentile(100.0), Duration::from_millis(200));
        assert_eq!(FrameReport::default().percentile(99.0), Duration::ZERO);
    }
}
