//! Giving commands other keys.

use egui::{Event, Key, Modifiers};

use super::chord::Chord;
use super::command::Command;

/// What people change about the keys.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum KeyChange {
    /// The next key pressed shall be the command's.
    Wait(Command),
    StopWaiting,
    /// What was pressed meanwhile.
    Press(Press),
    Reset(Command),
    ResetAll,
}

/// A press while a new key is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Press {
    Cancel,
    /// The command shall have no key.
    Clear,
    Give(Chord),
    /// This one can be given to nothing.
    Fixed(Chord),
}

impl Press {
    /// What an event says; `None` for one that says nothing, as modifiers alone.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let ctrl = |key| Some(Self::Fixed(Chord::new(Modifiers::COMMAND, key)));
        let (key, modifiers) = match event {
            Event::Key {
                key,
                pressed: true,
                // A key still held from before was not pressed for this.
                repeat: false,
                modifiers,
                ..
            } => (*key, *modifiers),
            // The toolkit makes these of Ctrl+C, Ctrl+X and Ctrl+V.
            Event::Copy => return ctrl(Key::C),
            Event::Cut => return ctrl(Key::X),
            Event::Paste(_) => return ctrl(Key::V),
            Event::WindowFocused(false) => return Some(Self::Cancel),
            _ => return None,
        };
        Some(match (key, modifiers.any()) {
            (Key::Escape, false) => Self::Cancel,
            (Key::Backspace | Key::Delete, false) => Self::Clear,
            _ => match Chord::of_press(key, modifiers)? {
                chord if chord.is_fixed() => Self::Fixed(chord),
                chord => Self::Give(chord),
            },
        })
    }
}

/// Something to know about a command's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum KeyNote {
    /// It was the key of these.
    Was(Vec<Command>),
    /// What was pressed can be no command's key.
    Fixed(Chord),
}

/// Where people are in changing keys.
#[derive(Debug, Default)]
pub(in crate::app) struct KeyEdit {
    /// The next key pressed becomes this command's.
    pub(in crate::app) waiting: Option<Command>,
    /// What to know about the command changed last.
    pub(in crate::app) note: Option<(Command, KeyNote)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }
    }

    #[test]
    fn a_press_gives_takes_away_or_cancels() {
        let plain = |key| Press::of(&press(key, Modifiers::NONE));
        assert_eq!(plain(Key::Escape), Some(Press::Cancel));
        assert_eq!(plain(Key::Delete), Some(Press::Clear));
        assert_eq!(plain(Key::ShiftLeft), None);
        let given = Press::of(&press(Key::Escape, Modifiers::SHIFT));
        let chord = Chord::parse("Shift+Esc").unwrap();
        assert_eq!(given, Some(Press::Give(chord)));
        let back = Press::of(&press(Key::Tab, Modifiers::SHIFT));
        assert!(matches!(back, Some(Press::Fixed(_))));
        assert!(matches!(Press::of(&Event::Copy), Some(Press::Fixed(_))));
        assert_eq!(Press::of(&Event::Text("n".to_owned())), None);
    }
}
