//! Keys: one table of commands, the keys people gave them, and what a press means now.

mod chord;
mod command;
mod edit;
mod map;
mod place;
mod take;

pub(super) use command::Command;
pub(super) use edit::{KeyChange, KeyEdit, KeyNote, Press};
pub(super) use map::KeyMap;
pub(super) use place::{AtEasel, Focus, Situation};
pub(super) use take::{capture, take};
