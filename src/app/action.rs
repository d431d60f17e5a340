//! What people can do, whatever control or key they do it with.

use std::path::PathBuf;

use egui::Vec2;

use super::at_easel::EaselAction;
use super::at_models::ModelsAction;
use super::at_ranking::RankAction;
use super::at_style::StyleAction;
use super::at_upscale::UpscaleAction;
use super::keys::KeyChange;
use super::path_sheet::Purpose;
use super::shelf::PictureId;
use super::state::ThemeChoice;
use super::words::Language;
use crate::engine::JobId;
use crate::recipe::Finish;

/// The places of the rail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Activity {
    #[default]
    Create,
    Canvas,
    Style,
    Upscale,
    Models,
    Settings,
}

/// Ways to see the picture larger or smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zoom {
    In,
    Out,
    /// All of it, as large as the room allows.
    Fit,
    Actual,
}

/// One thing to do; panels and keys name it, the app does it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Go(Activity),
    /// So many threads compute from the next picture on; one for each core where none is told.
    Threads(Option<u16>),
    /// The primary button of the place people are at.
    Generate,
    AtEasel(EaselAction),
    AtStyle(StyleAction),
    AtUpscale(UpscaleAction),
    AtModels(ModelsAction),
    Rank(RankAction),
    /// See the picture beside what was there before, or no more, where people are.
    Compare,
    /// The last thing done where people are.
    Undo,
    Redo,
    Stop,
    Discard,
    RemoveWaiting(JobId),
    MoveWaiting(JobId, usize),
    Look(PictureId),
    /// Look at what the run makes.
    FollowRun,
    Neighbour(isize),
    Zoom(Zoom),
    /// Another part of the picture, in a direction of length 1.
    LookAlong(Vec2),
    ChooseModel(String),
    /// The model draws with its own VAE again.
    OwnVae,
    NewSeed,
    ToggleLock,
    /// The picture follows the form, or no more.
    ToggleLive,
    Ask(Purpose),
    /// The sheet's path is to be used; an existing file may be replaced.
    ConfirmPath {
        replace: bool,
    },
    Browse,
    CloseSheet,
    /// What lies over everything else, or is being drawn.
    CloseTop,
    OpenPicture(PathBuf),
    /// The picture people look at has another last touch.
    Touch(Box<Finish>),
    CopyImage,
    CopyRecipe,
    UseRecipe,
    UndoAdopt,
    Reveal,
    RevealFolder,
    DismissFailure,
    DismissToast,
    Speak(Language),
    Theme(ThemeChoice),
    Scale(f32),
    ScaleStep {
        larger: bool,
    },
    TogglePanels,
    ToggleFullScreen,
    ToggleKeys,
    Keys(KeyChange),
    Quit,
}
