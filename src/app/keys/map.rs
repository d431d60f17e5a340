//! The keys of every command, as people want them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chord::Chord;
use super::command::Command;

/// What people changed. Only that is kept, so that new usual keys reach everyone; a usual key that
/// people gave to another command of an overlapping place is theirs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Value", into = "BTreeMap<&'static str, Vec<String>>")]
pub(in crate::app) struct KeyMap {
    changed: BTreeMap<Command, Vec<Chord>>,
}

impl KeyMap {
    /// The keys a command has now.
    pub(in crate::app) fn keys(&self, command: Command) -> Vec<Chord> {
        if let Some(keys) = self.changed.get(&command) {
            return keys.clone();
        }
        let free = |key: &&Chord| !self.is_given_to_another(**key, command);
        command.usual_keys().iter().filter(free).copied().collect()
    }

    /// `F9, Ctrl+\`; empty without a key.
    pub(in crate::app) fn shown(&self, command: Command) -> String {
        let keys = self.keys(command);
        let keys: Vec<String> = keys.into_iter().map(Chord::shown).collect();
        keys.join(", ")
    }

    /// The first key of each command: `[ / ]`.
    pub(in crate::app) fn shown_first(&self, commands: &[Command]) -> String {
        let firsts = commands
            .iter()
            .filter_map(|command| self.keys(*command).first().copied());
        firsts.map(Chord::shown).collect::<Vec<_>>().join(" / ")
    }

    /// Whether Tab alone is a command's key.
    pub(in crate::app) fn has_tab(&self, command: Command) -> bool {
        self.keys(command).into_iter().any(Chord::is_tab)
    }

    /// Every key with what it does; those with more modifiers first, since Ctrl+Shift+1 is Ctrl+1
    /// too where digits are shifted.
    pub(super) fn bound(&self) -> Vec<(Chord, Command)> {
        let keys = |command: Command| {
            self.keys(command)
                .into_iter()
                .map(move |key| (key, command))
        };
        let mut bound: Vec<_> = Command::ALL.iter().copied().flat_map(keys).collect();
        bound.sort_by_key(|(key, _)| std::cmp::Reverse(key.modifiers()));
        bound
    }

    /// Whether a command has other keys than usual.
    pub(in crate::app) fn is_changed(&self, command: Command) -> bool {
        self.keys(command) != command.usual_keys()
    }

    pub(in crate::app) fn is_any_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Gives a key to a command, which has no other then; names the commands that had it.
    pub(in crate::app) fn give(&mut self, command: Command, key: Chord) -> Vec<Command> {
        let before = self.take_from_others(command, &[key]);
        self.put(command, vec![key]);
        before
    }

    /// Leaves a command without a key.
    pub(in crate::app) fn clear(&mut self, command: Command) {
        self.put(command, Vec::new());
    }

    /// Gives a command its usual keys back; names the commands that had them.
    pub(in crate::app) fn reset(&mut self, command: Command) -> Vec<Command> {
        let before = self.take_from_others(command, command.usual_keys());
        self.changed.remove(&command);
        before
    }

    fn take_from_others(&mut self, command: Command, keys: &[Chord]) -> Vec<Command> {
        let has = |other: &Command| self.keys(*other).iter().any(|key| keys.contains(key));
        let rivals: Vec<Command> = rivals(command).filter(has).collect();
        for rival in &rivals {
            if let Some(mut left) = self.changed.get(rival).cloned() {
                left.retain(|key| !keys.contains(key));
                self.put(*rival, left);
            }
        }
        rivals
    }

    fn put(&mut self, command: Command, keys: Vec<Chord>) {
        if keys == command.usual_keys() {
            self.changed.remove(&command);
        } else {
            self.changed.insert(command, keys);
        }
    }

    fn is_given_to_another(&self, key: Chord, command: Command) -> bool {
        rivals(command).any(|rival| {
            let keys = self.changed.get(&rival);
            keys.is_some_and(|keys| keys.contains(&key))
        })
    }

    /// Reads one command's keys; what cannot be understood is left out.
    fn read(&mut self, id: &str, written: &Value) {
        let Some(command) = Command::by_id(id) else {
            log::warn!("the settings give keys to {id}, which is no command: left out");
            return;
        };
        let written = match written {
            Value::Array(keys) => keys.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut keys = Vec::new();
        for text in written {
            let key = text.as_str().and_then(Chord::parse);
            match key.filter(|key| !key.is_fixed() && !self.is_given_to_another(*key, command)) {
                Some(key) if !keys.contains(&key) => keys.push(key),
                Some(_) => {}
                None => log::warn!("{text} in the settings cannot be the key of {id}: left out"),
            }
        }
        if written.is_empty() || !keys.is_empty() {
            self.put(command, keys);
        }
    }
}

/// The commands that cannot have the same key.
fn rivals(command: Command) -> impl Iterator<Item = Command> {
    let rival = move |other: &Command| *other != command && command.place().overlaps(other.place());
    Command::ALL.iter().copied().filter(rival)
}

impl From<Value> for KeyMap {
    fn from(value: Value) -> Self {
        let mut map = Self::default();
        match value {
            Value::Object(commands) => {
                for (id, keys) in &commands {
                    map.read(id, keys);
                }
            }
            other => log::warn!("{other} in the settings is no table of keys: left out"),
        }
        map
    }
}

impl From<KeyMap> for BTreeMap<&'static str, Vec<String>> {
    fn from(map: KeyMap) -> Self {
        let written = |keys: Vec<Chord>| keys.iter().map(Chord::to_string).collect();
        let rows = map.changed.into_iter();
        rows.map(|(command, keys)| (command.id(), written(keys)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Chord {
        Chord::parse(text).unwrap()
    }

    fn read(json: &str) -> KeyMap {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_differences_are_kept() {
        let mut map = KeyMap::default();
        assert_eq!(serde_json::to_string(&map).unwrap(), "{}");
        map.give(Command::Brush, key("N"));
        map.clear(Command::Reveal);
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(json, r#"{"brush":["N"],"reveal":[]}"#);
        assert_eq!(read(&json), map);
        map.give(Command::Brush, key("B"));
        map.reset(Command::Reveal);
        assert_eq!(map, KeyMap::default());
    }

    #[test]
    fn a_key_taken_from_another_comes_back_to_it() {
        let mut map = KeyMap::default();
        assert_eq!(map.give(Command::Brush, key("E")), [Command::Eraser]);
        assert_eq!(map.shown(Command::Brush), "E");
        assert_eq!(map.shown(Command::Eraser), "");
        assert!(map.is_changed(Command::Eraser));
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(json, r#"{"brush":["E"]}"#);
        assert_eq!(map.reset(Command::Brush), []);
        assert_eq!(map.shown(Command::Eraser), "E");
        map.give(Command::Brush, key("E"));
        assert_eq!(map.reset(Command::Eraser), [Command::Brush]);
        assert_eq!(map.shown(Command::Eraser), "E");
        assert_eq!(map.shown(Command::Brush), "");
    }

    #[test]
    fn a_command_with_several_keys_loses_only_the_one_that_is_taken() {
        let mut map = KeyMap::default();
        assert_eq!(map.give(Command::Lasso, key("Ctrl+Y")), [Command::Redo]);
        assert_eq!(map.keys(Command::Redo), [key("Ctrl+Shift+Z")]);
        assert_eq!(map.give(Command::Redo, key("Ctrl+Y")), [Command::Lasso]);
        assert_eq!(map.keys(Command::Lasso), []);
        assert_eq!(map.keys(Command::Redo), [key("Ctrl+Y")]);
    }

    #[test]
    fn places_that_never_meet_share_a_key() {
        let mut map = KeyMap::default();
        assert_eq!(map.give(Command::Accept, key("Space")), [Command::Hand]);
        assert_eq!(map.give(Command::CloseShape, key("Space")), []);
        assert_eq!(map.shown(Command::Accept), "Space");
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        let map = read(
            r#"{"brush":["N","Hyper+Q",7],"lasso":"Shift+N","polygon":["Strg+P"],
                "teleport":["T"],"smart":["N"],"stop":["Ctrl+C"],"fit":[]}"#,
        );
        assert_eq!(map.keys(Command::Brush), [key("N")]);
        assert_eq!(map.keys(Command::Lasso), [key("Shift+N")]);
        assert_eq!(map.keys(Command::Polygon), [key("P")]);
        assert_eq!(map.keys(Command::Smart), [key("S")]);
        assert_eq!(map.keys(Command::Stop), [key("Esc")]);
        assert_eq!(map.keys(Command::Fit), []);
        for other in ["7", "null", "[]", r#""B""#] {
            assert_eq!(read(other), KeyMap::default(), "{other}");
        }
    }

    #[test]
    fn keys_with_more_modifiers_come_first() {
        let bound = KeyMap::default().bound();
        let counts: Vec<usize> = bound.iter().map(|(key, _)| key.modifiers()).collect();
        assert!(
            counts.is_sorted_by(|a, b| a >= b) && counts[0] == 2,
            "{counts:?}"
        );
    }
}
