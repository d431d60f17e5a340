//! What people can do, whatever control or key they do it with.

use std::path::PathBuf;

use super::at_easel::EaselAction;
use super::path_sheet::Purpose;
use super::shelf::PictureId;
use super::state::ThemeChoice;
use super::words::Language;
use crate::engine::JobId;

/// The places of the rail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Activity {
    #[default]
    Create,
    Canvas,
    Settings,
}

/// One thing to do; panels and keys name it, the app does it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Go(Activity),
    /// The primary button of the place people are at.
    Generate,
    AtEasel(EaselAction),
    Stop,
    Discard,
    RemoveWaiting(JobId),
    MoveWaiting(JobId, usize),
    Look(PictureId),
    /// Look at what the run makes.
    FollowRun,
    Neighbour(isize),
    ChooseModel(String),
    NewSeed,
    ToggleLock,
    Ask(Purpose),
    /// The sheet's path is to be used; an existing file may be replaced.
    ConfirmPath {
        replace: bool,
    },
    Browse,
    CloseSheet,
    OpenPicture(PathBuf),
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
    TogglePanels,
    ToggleFullScreen,
    ToggleKeys,
}
