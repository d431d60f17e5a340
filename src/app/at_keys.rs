//! Does what people ask of the keys.

use egui::Context;

use super::App;
use super::action::{Action, Activity};
use super::at_easel::EaselAction;
use super::easel::Easel;
use super::keys::{
    AtEasel, Focus, KeyChange, KeyEdit, KeyMap, KeyNote, Press, Situation, capture, take,
};
use super::session::Shown;

impl App {
    /// Names the actions of the keys pressed, and remembers which are held.
    pub(super) fn take_keys(&mut self, ctx: &Context, actions: &mut Vec<Action>) {
        let shown = self.activity == Activity::Settings && !self.panels_hidden;
        if !shown {
            self.leave_keys();
        }
        if self.key_edit.waiting.is_some() {
            self.held.clear();
            let press = capture(ctx).map(|press| Action::Keys(KeyChange::Press(press)));
            actions.extend(press);
            return;
        }
        let taken = take(ctx, &self.settings.keys, self.situation(ctx));
        self.held = taken.held;
        actions.extend(taken.actions);
    }

    fn situation(&self, ctx: &Context) -> Situation {
        let focus = match ctx.memory(egui::Memory::focused) {
            _ if ctx.text_edit_focused() => Focus::Text,
            None => Focus::Nothing,
            Some(id) if self.canvas.id() == Some(id) => Focus::Picture,
            Some(_) => Focus::Control,
        };
        let result = matches!(self.session.shown, Shown::Picture(id)
            if self.session.work.candidate(id).is_some());
        let easel = match self.easel.as_ref().filter(|_| self.is_at_easel()) {
            None => AtEasel::Away,
            Some(easel) if easel.is_drawing() && self.session.shown == Shown::Easel => {
                AtEasel::Shape
            }
            Some(_) if result => AtEasel::Result,
            Some(_) => AtEasel::Picture,
        };
        Situation {
            focus,
            easel,
            sheet: self.keys_shown || self.sheet.is_some() || self.is_at_trial(),
        }
    }

    /// Networks are compared: that lies over the picture.
    fn is_at_trial(&self) -> bool {
        self.activity == Activity::Upscale && self.session.upscaling.trial.is_some()
    }

    fn is_at_easel(&self) -> bool {
        self.activity == Activity::Canvas && self.easel.is_some()
    }

    /// One thing at a time: what lies on top goes first.
    pub(super) fn close_top(&mut self, ctx: &Context) {
        if self.keys_shown {
            self.keys_shown = false;
        } else if self.sheet.is_some() {
            self.sheet = None;
        } else if self.is_at_trial() {
            self.end_trial();
        } else if self.easel.as_ref().is_some_and(Easel::is_drawing) {
            // What is being drawn is what undo takes back first.
            self.act_at_easel(&EaselAction::Undo, ctx);
        }
    }

    /// Takes back, or does again, the last thing where people are.
    pub(super) fn undo_or_redo(&mut self, back: bool, ctx: &Context) {
        let action = match (self.is_at_easel(), back) {
            (true, true) => Action::AtEasel(EaselAction::Undo),
            (true, false) => Action::AtEasel(EaselAction::Redo),
            (false, true) => Action::UndoAdopt,
            (false, false) => return,
        };
        self.act(action, ctx);
    }

    pub(super) fn change_keys(&mut self, change: &KeyChange) {
        let waiting = self.key_edit.waiting.take();
        let keys = &mut self.settings.keys;
        let before = keys.clone();
        self.key_edit.note = match (change, waiting) {
            // A second click is a change of mind.
            (KeyChange::Wait(command), _) if waiting != Some(*command) => {
                self.key_edit.waiting = Some(*command);
                None
            }
            (KeyChange::Press(Press::Give(key)), Some(command)) => {
                Some((command, KeyNote::Was(keys.give(command, *key))))
            }
            (KeyChange::Press(Press::Fixed(key)), Some(command)) => {
                self.key_edit.waiting = waiting;
                Some((command, KeyNote::Fixed(*key)))
            }
            (KeyChange::Press(Press::Clear), Some(command)) => {
                keys.clear(command);
                None
            }
            (KeyChange::Reset(command), _) => Some((*command, KeyNote::Was(keys.reset(*command)))),
            (KeyChange::ResetAll, _) => {
                *keys = KeyMap::default();
                None
            }
            (KeyChange::StopWaiting, _) => self.key_edit.note.take(),
            (KeyChange::Wait(_) | KeyChange::Press(_), _) => None,
        };
        if self.settings.keys != before {
            self.save_settings();
        }
    }

    /// Elsewhere nobody waits for a key.
    fn leave_keys(&mut self) {
        self.key_edit = KeyEdit::default();
    }
}
