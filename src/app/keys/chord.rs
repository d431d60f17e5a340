//! A key with what is held beside it: matched, written and read.

use std::fmt;

use egui::{InputState, Key, Modifiers};

/// Ctrl stands beside ⌘ there, instead of being the same.
const MAC: bool = cfg!(target_os = "macos");

/// Ctrl, or ⌘ on a Mac; each way it is read, the written one first.
const COMMAND: &[&str] = &["Ctrl", "Cmd", "Command", "⌘"];
/// The Ctrl of a Mac.
const CONTROL: &[&str] = &["Control", "⌃"];
const ALT: &[&str] = &["Alt", "Option", "⌥"];
const SHIFT: &[&str] = &["Shift", "⇧"];

/// Keys whose names are longer than the signs they are known by; each is read, too.
const SIGNS: &[(Key, &str)] = &[
    (Key::Enter, "↵"),
    (Key::ArrowLeft, "←"),
    (Key::ArrowRight, "→"),
    (Key::ArrowUp, "↑"),
    (Key::ArrowDown, "↓"),
    (Key::Minus, "−"),
];

/// A key and its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Chord {
    key: Key,
    /// Of the platform-independent kind: `command`, `alt`, `shift`, and `ctrl` on a Mac alone.
    modifiers: Modifiers,
}

impl Chord {
    /// A key and modifiers of the platform-independent kind.
    pub(super) const fn new(modifiers: Modifiers, key: Key) -> Self {
        Self { key, modifiers }
    }

    /// What was pressed; `None` for modifiers alone.
    pub(super) fn of_press(key: Key, modifiers: Modifiers) -> Option<Self> {
        let alone = (Key::ShiftLeft..=Key::SuperRight).contains(&key)
            || matches!(
                key,
                Key::CapsLock | Key::NumLock | Key::ScrollLock | Key::Fn
            );
        let mut modifiers = platform_independent(modifiers);
        // A sign is what it is, whatever a keyboard asks to be held for it.
        modifiers.shift &= !is_sign(key);
        (!alone).then_some(Self { key, modifiers })
    }

    /// Whether a press is this one. Letters and named keys want exactly their modifiers; for signs
    /// and digits some keyboards need Shift or Alt anyway.
    pub(super) fn matches(self, key: Key, modifiers: Modifiers) -> bool {
        let (asked, held) = (self.modifiers, platform_independent(modifiers));
        let beside = if is_sign(key) {
            (held.shift || !asked.shift) && (held.alt || !asked.alt)
        } else {
            held.shift == asked.shift && held.alt == asked.alt
        };
        key == self.key && held.command == asked.command && held.ctrl == asked.ctrl && beside
    }

    /// Whether it is down now; what is held beside it and not asked for does not matter.
    pub(super) fn is_held(self, input: &InputState) -> bool {
        let (asked, held) = (self.modifiers, platform_independent(input.modifiers));
        input.key_down(self.key)
            && (held.command || !asked.command)
            && (held.ctrl || !asked.ctrl)
            && (held.shift || !asked.shift)
            // Shift and Tab go to the controls.
            && (held.shift == asked.shift || !self.is_tab())
            && (held.alt || !asked.alt)
    }

    /// How many modifiers it has: presses with more are matched first.
    pub(super) fn modifiers(self) -> usize {
        let Modifiers {
            alt,
            ctrl,
            shift,
            mac_cmd: _,
            command,
        } = self.modifiers;
        [alt, ctrl, shift, command].map(usize::from).iter().sum()
    }

    /// Whether it belongs to copying, or to going back along the controls, and can be given to
    /// nothing else.
    pub(super) fn is_fixed(self) -> bool {
        let Self { key, modifiers } = self;
        matches!(key, Key::Copy | Key::Cut | Key::Paste)
            || (matches!(key, Key::C | Key::X | Key::V) && modifiers == Modifiers::COMMAND)
            || (key == Key::Tab && modifiers == Modifiers::SHIFT)
    }

    /// Whether a text needs it while it is written.
    pub(super) fn is_of_text(self) -> bool {
        let Self { key, modifiers } = self;
        if moves(key) || matches!(key, Key::Home | Key::End | Key::Backspace | Key::Delete) {
            return true;
        }
        if modifiers.command || modifiers.ctrl {
            return matches!(key, Key::A | Key::Y | Key::Z);
        }
        let types = is_sign(key)
            || (Key::A..=Key::Z).contains(&key)
            || matches!(key, Key::Space | Key::Enter | Key::Tab);
        // On a Mac, Alt makes other letters.
        types && (MAC || !modifiers.alt)
    }

    /// Whether it goes from control to control.
    pub(super) fn moves_focus(self) -> bool {
        self.modifiers.is_none() && (self.key == Key::Tab || moves(self.key))
    }

    /// Whether it is [`Key::Tab`] alone.
    pub(super) fn is_tab(self) -> bool {
        self.modifiers.is_none() && self.key == Key::Tab
    }

    /// Whether it presses the control that has the focus.
    pub(super) fn presses(self) -> bool {
        self.modifiers.is_none() && matches!(self.key, Key::Enter | Key::Space)
    }

    /// Reads `Ctrl+Shift+Z`; also the signs of a Mac, such as `⇧⌘Z`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut modifiers = Modifiers::NONE;
        let mut rest = text.trim();
        while let Some((modifier, after)) = first_modifier(rest) {
            modifiers |= modifier;
            rest = after;
        }
        let of_sign = |(key, sign): &(Key, &str)| (*sign == rest).then_some(*key);
        let key = SIGNS.iter().find_map(of_sign);
        let key = key.or_else(|| Key::from_name(rest))?;
        let modifiers = platform_independent(modifiers);
        Some(Self { key, modifiers })
    }

    /// As people read it: `Ctrl+Shift+Z`, `Ctrl+↵`; on a Mac `⇧⌘Z`.
    pub(in crate::app) fn shown(self) -> String {
        self.shown_as(MAC)
    }

    fn shown_as(self, mac: bool) -> String {
        let sign = SIGNS.iter().find(|(key, _)| *key == self.key);
        let key = sign.map_or_else(|| name(self.key), |(_, sign)| sign);
        if !mac {
            return format!("{}{key}", self.prefix());
        }
        let held = [
            (self.modifiers.ctrl, "⌃"),
            (self.modifiers.alt, "⌥"),
            (self.modifiers.shift, "⇧"),
            (self.modifiers.command, "⌘"),
        ];
        let held = held.iter().filter(|(held, _)| *held);
        held.map(|(_, sign)| *sign).chain([key]).collect()
    }

    /// `Ctrl+Shift+`.
    fn prefix(self) -> String {
        let held = [
            (self.modifiers.command, COMMAND),
            (self.modifiers.ctrl, CONTROL),
            (self.modifiers.alt, ALT),
            (self.modifiers.shift, SHIFT),
        ];
        let held = held.iter().filter(|(held, _)| *held);
        held.flat_map(|(_, names)| [names[0], "+"]).collect()
    }
}

/// As it is kept: `Ctrl+Shift+Z`, `Ctrl+Enter`, on every platform.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix(), name(self.key))
    }
}

/// Ctrl and ⌘ are one, but where a keyboard has both.
const fn platform_independent(modifiers: Modifiers) -> Modifiers {
    let command = modifiers.command || modifiers.mac_cmd;
    Modifiers {
        alt: modifiers.alt,
        ctrl: MAC && modifiers.ctrl,
        shift: modifiers.shift,
        mac_cmd: false,
        command: command || (!MAC && modifiers.ctrl),
    }
}

/// The modifier a text begins with, and what stands after it.
fn first_modifier(text: &str) -> Option<(Modifiers, &str)> {
    let all = [
        (COMMAND, Modifiers::COMMAND),
        (CONTROL, Modifiers::CTRL),
        (ALT, Modifiers::ALT),
        (SHIFT, Modifiers::SHIFT),
    ];
    let mut names = all
        .into_iter()
        .flat_map(|(names, modifier)| names.iter().map(move |name| (*name, modifier)));
    names.find_map(|(name, modifier)| {
        let (begin, after) = text.split_at_checked(name.len())?;
        let joined = after.strip_prefix('+').filter(|after| !after.is_empty());
        // Signs need no plus between them.
        let alone = (!name.is_ascii() && !after.is_empty()).then_some(after);
        let after = joined.or(alone)?;
        let this = begin.eq_ignore_ascii_case(name);
        this.then_some((modifier, after))
    })
}

/// Signs and digits, as egui puts them in order.
fn is_sign(key: Key) -> bool {
    (Key::Colon..=Key::Num9).contains(&key)
}

const fn moves(key: Key) -> bool {
    matches!(
        key,
        Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown
    )
}

/// A key's name on most keyboards.
fn name(key: Key) -> &'static str {
    match key {
        Key::Escape => "Esc",
        Key::Minus => "-",
        Key::Quote => "'",
        key if is_sign(key) => key.symbol_or_name(),
        key => key.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> Chord {
        Chord::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn every_key_is_read_as_it_is_written_and_as_it_is_shown() {
        for &key in Key::ALL {
            for modifiers in [
                Modifiers::NONE,
                Modifiers::COMMAND,
                Modifiers::SHIFT | Modifiers::ALT,
                Modifiers::COMMAND | Modifiers::SHIFT | Modifiers::ALT,
            ] {
                let chord = Chord::new(modifiers, key);
                for text in [
                    chord.to_string(),
                    chord.shown_as(false),
                    chord.shown_as(true),
                ] {
                    assert_eq!(Chord::parse(&text), Some(chord), "{text}");
                }
            }
        }
    }

    #[test]
    fn keys_are_written_as_people_read_them() {
        let redo = chord("ctrl+shift+Z");
        assert_eq!(
            redo,
            Chord::new(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z)
        );
        assert_eq!(redo.to_string(), "Ctrl+Shift+Z");
        assert_eq!(redo.shown_as(true), "⇧⌘Z");
        assert_eq!(chord("Ctrl++").to_string(), "Ctrl++");
        assert_eq!(chord("Ctrl+Enter").shown_as(false), "Ctrl+↵");
        assert_eq!(chord("Escape").to_string(), "Esc");
        for nonsense in ["", "Ctrl", "Ctrl+", "Hyper+Q", "Ctrl+Ctrl", "QQ", "Strg+Z"] {
            assert_eq!(Chord::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn letters_want_their_modifiers_and_signs_want_to_be_seen() {
        let held = |command, shift| Modifiers {
            ctrl: command,
            command,
            shift,
            ..Modifiers::NONE
        };
        assert!(chord("Ctrl+C").matches(Key::C, held(true, false)));
        assert!(!chord("Ctrl+C").matches(Key::C, held(true, true)));
        assert!(!chord("Esc").matches(Key::Escape, held(false, true)));
        assert!(chord("?").matches(Key::Questionmark, held(false, true)));
        assert!(!chord("0").matches(Key::Num0, held(true, false)));
        assert!(chord("Ctrl+1").matches(Key::Num1, held(true, true)));
    }

    #[test]
    fn what_is_pressed_is_named_without_what_a_keyboard_needs_for_it() {
        let shifted = Chord::of_press(Key::Plus, Modifiers::SHIFT);
        assert_eq!(shifted, Some(chord("+")));
        let letter = Chord::of_press(Key::N, Modifiers::SHIFT);
        assert_eq!(letter, Some(chord("Shift+N")));
        assert_eq!(Chord::of_press(Key::ShiftLeft, Modifiers::SHIFT), None);
        assert_eq!(Chord::of_press(Key::CapsLock, Modifiers::NONE), None);
    }

    #[test]
    fn a_text_keeps_the_keys_it_is_written_with() {
        for text in [
            "E",
            "Shift+E",
            "+",
            "7",
            "Space",
            "Enter",
            "Tab",
            "Ctrl+Left",
            "Ctrl+A",
        ] {
            assert!(chord(text).is_of_text(), "{text}");
        }
        for command in ["Ctrl+Enter", "F9", "Esc", "Ctrl+S", "PageUp"] {
            assert!(!chord(command).is_of_text(), "{command}");
        }
    }
}
