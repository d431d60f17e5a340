//! A session of somebody at the window, kept to be replayed: what they did and when.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use egui::{Event, RawInput, Vec2};
use serde::{Deserialize, Serialize};

/// What reached the window at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Moment {
    /// In seconds since the window opened.
    time: f64,
    /// Of the window in points, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<Vec2>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<Event>,
}

/// A recorded session; as text, one JSON object a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    moments: Vec<Moment>,
}

impl Recording {
    /// The session that comes with the studio: typing, dragging sliders, zooming, and pictures
    /// coming meanwhile.
    ///
    /// # Errors
    ///
    /// When the file and this program no longer fit together.
    pub fn shipped() -> Result<Self, String> {
        Self::parse(include_str!("../../benches/session.jsonl"))
    }

    /// Reads a recording's text.
    ///
    /// # Errors
    ///
    /// Says which line is none of a recording.
    pub fn parse(text: &str) -> Result<Self, String> {
        let moments: Vec<Moment> = text
            .lines()
            .enumerate()
            .map(|(index, line)| {
                serde_json::from_str(line).map_err(|error| {
                    format!("line {} is not of a recorded session: {error}", index + 1)
                })
            })
            .collect::<Result<_, _>>()?;
        if moments.first().is_none_or(|first| first.size.is_none()) {
            return Err("the recorded session does not begin with the window's size".to_owned());
        }
        Ok(Self { moments })
    }

    /// The recording as text.
    ///
    /// # Errors
    ///
    /// When something in it cannot be written as JSON.
    pub fn to_text(&self) -> Result<String, String> {
        let mut text = String::new();
        for moment in &self.moments {
            text += &serde_json::to_string(moment).map_err(|error| error.to_string())?;
            text.push('\n');
        }
        Ok(text)
    }

    /// In seconds.
    pub(super) fn length(&self) -> f64 {
        self.moments.last().map_or(0.0, |last| last.time)
    }
}

/// Takes down a session while it happens, and hands it over when the window closes.
#[derive(Debug)]
pub struct Recorder {
    recording: Recording,
    /// Of the window, as last taken down.
    size: Option<Vec2>,
    done: SyncSender<Recording>,
}

impl Recorder {
    /// A recorder, and where its recording will come.
    pub fn new() -> (Self, Receiver<Recording>) {
        let (done, recordings) = sync_channel(1);
        let recorder = Self {
            recording: Recording::default(),
            size: None,
            done,
        };
        (recorder, recordings)
    }

    /// Takes down what a frame is given, where it is more than the time.
    pub(super) fn note(&mut self, input: &RawInput) {
        let size = input
            .screen_rect
            .map(|rect| rect.size())
            .filter(|size| self.size != Some(*size));
        let events: Vec<_> = input
            .events
            .iter()
            // What people do; not what other programs ask of the window.
            .filter(|event| !matches!(event, Event::AccessKitActionRequest(_)))
            .cloned()
            .collect();
        self.size = size.or(self.size);
        if size.is_some() || !events.is_empty() {
            let time = input.time.unwrap_or_default();
            let moment = Moment { time, size, events };
            self.recording.moments.push(moment);
        }
    }

    /// Hands over what was recorded.
    pub(super) fn finish(self) {
        if self.done.send(self.recording).is_err() {
            log::warn!("nobody waits for the recorded session");
        }
    }
}

/// Plays a recording: gives what belongs to each moment, in order.
pub(super) struct Player<'a> {
    rest: std::slice::Iter<'a, Moment>,
    size: Vec2,
}

impl<'a> Player<'a> {
    pub(super) fn new(recording: &'a Recording) -> Self {
        Self {
            rest: recording.moments.iter(),
            size: Vec2::ZERO,
        }
    }

    /// The window's size and what happened up to a time, since it was last asked.
    pub(super) fn until(&mut self, time: f64) -> (Vec2, Vec<Event>) {
        let mut events = Vec::new();
        while let Some(moment) = self
            .rest
            .as_slice()
            .first()
            .filter(|next| next.time <= time)
        {
            self.size = moment.size.unwrap_or(self.size);
            events.extend(moment.events.iter().cloned());
            self.rest.next();
        }
        (self.size, events)
    }
}

#[cfg(test)]
mod tests {
    use egui::{Rect, pos2, vec2};

    use super::*;

    fn input(time: f64, width: f32, events: Vec<Event>) -> RawInput {
        RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 600.0))),
            time: Some(time),
            events,
            ..RawInput::default()
        }
    }

    fn typed(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    fn session() -> Recording {
        let (mut recorder, recordings) = Recorder::new();
        recorder.note(&input(0.1, 900.0, Vec::new()));
        recorder.note(&input(0.2, 900.0, Vec::new()));
        recorder.note(&input(0.3, 900.0, vec![typed("日"), Event::PointerGone]));
        recorder.note(&input(0.5, 800.0, vec![typed("a")]));
        recorder.finish();
        recordings.recv().unwrap()
    }

    #[test]
    fn quiet_frames_are_left_out() {
        assert_eq!(session().to_text().unwrap().lines().count(), 3);
        assert_eq!(session().length(), 0.5);
    }

    #[test]
    fn a_recording_is_read_as_it_was_written() {
        let text = session().to_text().unwrap();
        assert_eq!(Recording::parse(&text).unwrap(), session());
    }

    #[test]
    fn it_is_played_in_its_own_time() {
        let session = session();
        let mut player = Player::new(&session);
        assert_eq!(player.until(0.25), (vec2(900.0, 600.0), Vec::new()));
        let both = vec![typed("日"), Event::PointerGone, typed("a")];
        assert_eq!(player.until(0.6), (vec2(800.0, 600.0), both));
        assert_eq!(player.until(9.0), (vec2(800.0, 600.0), Vec::new()));
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "hello", r#"{"time":1.0}"#] {
            assert!(Recording::parse(text).is_err(), "{text}");
        }
    }
}
