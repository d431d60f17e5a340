//! What panels see of the window while they draw it.

use std::path::Path;

use super::Device;
use super::action::{Action, Activity};
use super::canvas::Canvas;
use super::easel::Easel;
use super::keys::{Command, KeyEdit};
use super::path_sheet::PathSheet;
use super::session::Session;
use super::state::Settings;
use super::stock::Stock;
use super::style::StyleTable;
use super::theme::Palette;
use super::upscaling::Planned;
use super::words::{Language, Words, phrases, words};
use crate::engine::{Saving, TooLittleMemory};
use crate::pipelines::MemoryPlan;
use crate::recipe::Draft;

/// What a picture takes, and what is done to make it so little; or why it does not fit.
pub(super) type Fitted = Result<(MemoryPlan, Vec<Saving>), Box<TooLittleMemory>>;

/// Panels edit the form and name actions; everything else they only read.
pub(super) struct View<'a> {
    pub(super) settings: &'a mut Settings,
    pub(super) session: &'a Session,
    pub(super) canvas: &'a mut Canvas,
    pub(super) easel: &'a mut Option<Easel>,
    pub(super) style: &'a mut StyleTable,
    pub(super) stock: &'a mut Stock,
    pub(super) sheet: &'a mut Option<PathSheet>,
    pub(super) activity: Activity,
    pub(super) keys_shown: bool,
    pub(super) key_edit: &'a KeyEdit,
    /// Commands whose key is down.
    pub(super) held: &'a [Command],
    pub(super) full_screen: bool,
    /// The prompt takes the focus once, at start.
    pub(super) focus_prompt: &'a mut bool,
    pub(super) panels_hidden: bool,
    pub(super) device: &'a Device,
    /// Bytes a picture may hold in memory, where that is known.
    pub(super) allowed: Option<u64>,
    pub(super) pictures_folder: &'a Path,
    pub(super) palette: &'static Palette,
    pub(super) actions: &'a mut Vec<Action>,
}

impl View<'_> {
    pub(super) fn language(&self) -> Language {
        self.settings.language
    }

    pub(super) fn words(&self) -> &'static Words {
        words(self.settings.language)
    }

    /// What a tooltip says, with the first key of each command that does it.
    pub(super) fn tip(&self, text: &str, commands: &[Command]) -> String {
        let keys = self.settings.keys.shown_first(commands);
        phrases::with_keys(self.language(), text, &keys)
    }

    /// The first key of a command; empty without one.
    pub(super) fn key(&self, command: Command) -> String {
        self.settings.keys.shown_first(&[command])
    }

    /// How a draft's picture is made to fit into memory, or why it is not, once the model is known.
    pub(super) fn memory_plan(&self, draft: &Draft) -> Option<Fitted> {
        let card = self.session.model()?;
        Some(card.plan(draft, self.allowed).map_err(Box::new))
    }

    /// About the bytes a draft's picture needs, once the model is known.
    pub(super) fn memory_needed(&self, draft: &Draft) -> Option<u64> {
        Some(match self.memory_plan(draft)? {
            Ok((plan, _)) => plan.bytes,
            Err(refusal) => refusal.needed,
        })
    }

    /// The bytes that making the picture people look at larger will take, once that is known.
    pub(super) fn memory_to_enlarge(&self) -> Option<u64> {
        let (form, extras) = (&self.settings.upscale, &self.session.extras);
        match self.session.upscaling.plan(form, extras)? {
            Planned::Plan(plan) => Some(plan.bytes),
            Planned::NotYet | Planned::Refused(_) => None,
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
