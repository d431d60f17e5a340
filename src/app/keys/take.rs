//! What the keys pressed mean now.

use egui::{Context, Event, FocusDirection, Popup};

use super::chord::Chord;
use super::command::Command;
use super::edit::Press;
use super::map::KeyMap;
use super::place::{Focus, Place, Situation};
use crate::app::action::Action;
use crate::app::widgets::{by_keyboard, offers_names};

/// What people do with the keys.
#[derive(Debug, Default)]
pub(in crate::app) struct Taken {
    /// In the order pressed.
    pub(in crate::app) actions: Vec<Action>,
    /// Commands that are done as long as their key is down.
    pub(in crate::app) held: Vec<Command>,
}

/// Names what the keys do, and keeps them from the widgets.
pub(in crate::app) fn take(ctx: &Context, keys: &KeyMap, situation: Situation) -> Taken {
    let popup = Popup::is_any_open(ctx) || offers_names(ctx);
    let by_keyboard = by_keyboard(ctx);
    let holds = |command: Command, situation| {
        // A list that is open takes the keys, but for those that hold anywhere.
        command.place().holds(situation) && (!popup || command.place() == Place::Anywhere)
    };
    let bound = keys.bound();
    let mut taken = Taken::default();
    let mut tab = false;
    ctx.input_mut(|input| {
        for (key, command) in &bound {
            let pointer = command.place() == Place::UnderPointer;
            if command.action().is_none()
                && holds(*command, situation)
                && (pointer || !is_for_focus(*key, situation.focus, by_keyboard))
                && key.is_held(input)
            {
                taken.held.push(*command);
            }
        }
        let clicked = |event: &Event| matches!(event, Event::PointerButton { .. });
        let focus = if input.events.iter().any(clicked) {
            // Who clicks and types within one frame types for what they clicked.
            Focus::Text
        } else {
            situation.focus
        };
        let situation = Situation { focus, ..situation };
        input.events.retain(|event| {
            let Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } = event
            else {
                return true;
            };
            let meant = |(chord, command): &&(Chord, Command)| {
                chord.matches(*key, *modifiers)
                    && holds(*command, situation)
                    && !is_for_focus(*chord, focus, by_keyboard)
            };
            let found = bound.iter().find(meant);
            if let Some((chord, command)) = found {
                taken.actions.extend(command.action());
                tab |= chord.moves_focus();
            }
            found.is_none()
        });
    });
    if tab {
        // egui has read it already, and would give the focus to a control.
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    taken
}

/// Whether a key belongs to what has the focus: to write, to go on to the next control, or to press
/// this one. A button that was clicked has the focus, but nobody means it by Enter.
fn is_for_focus(key: Chord, focus: Focus, by_keyboard: bool) -> bool {
    let presses = key.presses() && by_keyboard;
    match focus {
        Focus::Nothing => false,
        Focus::Text => key.is_of_text(),
        Focus::Picture => key.is_tab() || presses,
        Focus::Control => key.moves_focus() || presses,
    }
}

/// While a new key is waited for: what was pressed, which does nothing else.
pub(in crate::app) fn capture(ctx: &Context) -> Option<Press> {
    let presses = ctx.input_mut(|input| {
        let presses: Vec<Press> = input.events.iter().filter_map(Press::of).collect();
        input.events.retain(|event| {
            !matches!(
                event,
                Event::Key { .. }
                    | Event::Text(_)
                    | Event::Copy
                    | Event::Cut
                    | Event::Paste(_)
                    | Event::Ime(_)
            )
        });
        presses
    });
    ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    presses.into_iter().next()
}
