//! How long frames take while the engine works: the window without a screen, and a session of
//! typing, dragging, zooming, walking and resizing replayed to it again and again.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{
    Event, FullOutput, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2,
    RawInput, Rect, TouchPhase, Vec2, pos2, vec2,
};

use super::{App, AppOptions, Waker};
use crate::engine::Engine;

/// Time from frame to frame, as on a screen of 60 Hz.
const TACT: Duration = Duration::from_micros(16_667);

/// Frames of one run of the session.
const SESSION: usize = 300;

/// Frames before the session, in which the model is read and everything is laid out for the first
/// time; they do not count.
const BEFORE: usize = 30;

const WITH_CTRL: Modifiers = Modifiers::CTRL.plus(Modifiers::COMMAND);

/// Window sizes, in points.
const WIDE: Vec2 = vec2(1440.0, 900.0);
const NARROW: Vec2 = vec2(1100.0, 700.0);

/// What is typed into the prompt, a letter every other frame.
const TYPED: &str = "a red sailboat on the ocean, 日落时的群山";

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

/// Replays the session for so many frames; `start` starts the engine, as for a real window.
pub fn bench_ui(
    start: impl FnOnce(Waker) -> Result<(Box<dyn Engine>, AppOptions), String>,
    frames: usize,
) -> Result<FrameReport, String> {
    let ctx = egui::Context::default();
    ctx.enable_accesskit();
    App::install(&ctx);
    // The clock wakes this window.
    let (engine, options) = start(Arc::new(|| {}))?;
    let mut app = App::new(engine, options, None);
    let mut player = Player::default();
    let mut report = FrameReport::default();
    let began = Instant::now();
    for frame in 0..BEFORE + frames {
        let due = began + TACT * frame as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Player::size(frame))),
            time: Some(began.elapsed().as_secs_f64()),
            events: player.events(frame),
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
        player.look(&output);
    }
    report.previews = app.canvas.previews_shown();
    Ok(report)
}

/// Plays the session to whatever the window shows: places are found by their accessible roles.
#[derive(Default)]
struct Player {
    prompt: Option<Pos2>,
    sliders: Vec<Rect>,
    canvas: Option<Pos2>,
}

impl Player {
    /// Remembers where things are.
    fn look(&mut self, output: &FullOutput) {
        let Some(tree) = &output.platform_output.accesskit_update else {
            return;
        };
        self.sliders.clear();
        self.prompt = None;
        for (_, node) in &tree.nodes {
            let Some(bounds) = node.bounds() else {
                continue;
            };
            let rect = Rect::from_min_max(
                pos2(bounds.x0 as f32, bounds.y0 as f32),
                pos2(bounds.x1 as f32, bounds.y1 as f32),
            );
            match node.role() {
                Role::MultilineTextInput => {
                    self.prompt.get_or_insert_with(|| rect.center());
                }
                Role::Slider => self.sliders.push(rect),
                Role::Canvas => self.canvas = Some(rect.center()),
                _ => {}
            }
        }
    }

    /// The window shrinks and grows again at the end of the session.
    fn size(frame: usize) -> Vec2 {
        let at = place_in_session(frame).unwrap_or_default();
        let way = match at {
            240..270 => (at - 240) as f32 / 30.0,
            270..300 => (300 - at) as f32 / 30.0,
            _ => 0.0,
        };
        (WIDE + (NARROW - WIDE) * way).round()
    }

    fn events(&self, frame: usize) -> Vec<Event> {
        let Some(at) = place_in_session(frame) else {
            return Vec::new();
        };
        match at {
            0 => key(Key::Enter, WITH_CTRL),
            2 => self
                .prompt
                .map(|place| press(place, true))
                .unwrap_or_default(),
            3 => self
                .prompt
                .map(|place| press(place, false))
                .unwrap_or_default(),
            4 => key(Key::A, WITH_CTRL),
            5..90 => TYPED
                .chars()
                .nth((at - 5) / 2)
                .filter(|_| at % 2 == 1)
                .map(|letter| vec![Event::Text(letter.to_string())])
                .unwrap_or_default(),
            // From the prompt on, through the controls after it.
            90..120 if at % 3 == 0 => key(Key::Tab, Modifiers::NONE),
            120..180 => self.drag(0, at - 120),
            180..210 => self.drag(1, 2 * (at - 180)),
            210..240 => self.wheel(at),
            _ => Vec::new(),
        }
    }

    /// Takes hold of a slider, goes back and forth, and lets go after sixty frames.
    fn drag(&self, slider: usize, at: usize) -> Vec<Event> {
        let Some(rect) = self.sliders.get(slider) else {
            return Vec::new();
        };
        let way = (at as f32 / 10.0).sin() * 0.3 + 0.4;
        let place = pos2(rect.left() + rect.width() * way, rect.center().y);
        match at {
            0 => press(place, true),
            // Twice as fast a drag ends two frames early.
            58 | 59 => press(place, false),
            _ => vec![Event::PointerMoved(place)],
        }
    }

    /// Zooms in over the canvas, and out again.
    fn wheel(&self, at: usize) -> Vec<Event> {
        let Some(canvas) = self.canvas else {
            return Vec::new();
        };
        let way = if at < 225 { 20.0 } else { -20.0 };
        vec![
            Event::PointerMoved(canvas),
            Event::MouseWheel {
                unit: MouseWheelUnit::Point,
                delta: vec2(0.0, way),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Wheel,
                modifiers: Modifiers::NONE,
            },
        ]
    }
}

/// Where a frame lies in the session that is played again and again; `None` before it.
fn place_in_session(frame: usize) -> Option<usize> {
    Some(frame.checked_sub(BEFORE)? % SESSION)
}

fn press(pos: Pos2, pressed: bool) -> Vec<Event> {
    vec![
        Event::PointerMoved(pos),
        Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        },
    ]
}

/// Presses a key while others are held.
fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let stroke = |pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    };
    vec![
        Event::ModifiersChanged(modifiers),
        stroke(true),
        stroke(false),
        Event::ModifiersChanged(Modifiers::NONE),
    ]
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

    #[test]
    fn the_window_comes_back_to_its_size() {
        assert_eq!(Player::size(BEFORE + 270), NARROW);
        assert_eq!(Player::size(BEFORE + SESSION), WIDE);
    }
}
