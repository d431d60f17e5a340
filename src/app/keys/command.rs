//! The table of commands: a row holds everything about one, so that none can be done without being
//! listed, or listed without being done.

use egui::{Key, Modifiers, Vec2, vec2};

use super::chord::Chord;
use super::place::Place;
use crate::app::action::{Action, Activity, Zoom};
use crate::app::at_easel::EaselAction;
use crate::app::easel::{Tool, Verb};
use crate::app::path_sheet::Purpose;
use crate::app::words::Words;
use crate::engine::MaskChange;
use Deed::{Held, Once};

/// A command: what settings call it, what people call it, where it holds, its usual keys, and what
/// it does.
struct Row {
    id: &'static str,
    name: fn(&Words) -> &'static str,
    place: Place,
    keys: &'static [Chord],
    deed: Deed,
}

/// When a command is done.
enum Deed {
    /// With every press.
    Once(Action),
    /// As long as the key is held, by whoever looks for it.
    Held,
}

macro_rules! commands {
    ($($place:ident { $(
        $command:ident, $id:literal, $name:ident, [$($key:expr),*], $deed:expr;
    )* })*) => {
        /// What a key can be given to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::app) enum Command {
            $($($command,)*)*
        }

        impl Command {
            /// In the order listed.
            pub(in crate::app) const ALL: &[Self] = &[$($(Self::$command,)*)*];
        }

        const ROWS: &[Row] = &[$($(Row {
            id: $id,
            name: |words| words.$name,
            place: Place::$place,
            keys: &[$($key),*],
            deed: $deed,
        },)*)*];
    };
}

const fn plain(key: Key) -> Chord {
    Chord::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> Chord {
    Chord::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> Chord {
    Chord::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

const fn take(tool: Tool) -> Action {
    Action::AtEasel(EaselAction::Take(tool))
}

const fn at_easel(action: EaselAction) -> Action {
    Action::AtEasel(action)
}

const LEFT: Vec2 = vec2(-1.0, 0.0);
const RIGHT: Vec2 = vec2(1.0, 0.0);
const UP: Vec2 = vec2(0.0, -1.0);
const DOWN: Vec2 = vec2(0.0, 1.0);

// A command, its name in settings files (which stays as it is for ever), the row of its name in
// the table of words, its usual keys, and what it does; places of one head stand together.
commands! {
    Anywhere {
        Generate, "generate", key_generate, [ctrl(Key::Enter)], Once(Action::Generate);
    }
    Closed {
        Stop, "stop", key_stop, [plain(Key::Escape)], Once(Action::Stop);
    }
    Anywhere {
        Discard, "discard", key_discard, [Chord::new(Modifiers::SHIFT, Key::Escape)],
            Once(Action::Discard);
    }
    Open {
        Close, "close", key_close, [plain(Key::Escape)], Once(Action::CloseTop);
    }
    Anywhere {
        Open, "open", key_open, [ctrl(Key::O)], Once(Action::Ask(Purpose::OpenPicture));
        SaveAs, "save_as", key_save_as, [ctrl(Key::S)], Once(Action::Ask(Purpose::SaveAs));
        CopyImage, "copy_image", key_copy_image, [ctrl_shift(Key::C)], Once(Action::CopyImage);
        Reveal, "reveal", key_reveal, [ctrl_shift(Key::R)], Once(Action::Reveal);
        UseRecipe, "use_recipe", key_use_recipe, [ctrl(Key::R)], Once(Action::UseRecipe);
        NewSeed, "new_seed", key_dice, [ctrl(Key::D)], Once(Action::NewSeed);
        LockSeed, "lock_seed", key_lock, [ctrl(Key::L)], Once(Action::ToggleLock);
        GoCreate, "go_create", key_create, [ctrl(Key::Num1)], Once(Action::Go(Activity::Create));
        GoCanvas, "go_canvas", key_canvas, [ctrl(Key::Num2)], Once(Action::Go(Activity::Canvas));
        GoStyle, "go_style", key_style, [ctrl(Key::Num3)], Once(Action::Go(Activity::Style));
        GoUpscale, "go_upscale", key_upscale, [ctrl(Key::Num4)],
            Once(Action::Go(Activity::Upscale));
        GoModels, "go_models", key_models, [ctrl(Key::Num5)], Once(Action::Go(Activity::Models));
        GoSettings, "go_settings", key_settings, [ctrl(Key::Comma)],
            Once(Action::Go(Activity::Settings));
        Panels, "panels", key_panels, [plain(Key::F9), ctrl(Key::Backslash)],
            Once(Action::TogglePanels);
        FullScreen, "full_screen", key_full_screen, [plain(Key::F11)],
            Once(Action::ToggleFullScreen);
        Larger, "larger", key_larger, [ctrl(Key::Plus), ctrl(Key::Equals)],
            Once(Action::ScaleStep { larger: true });
        Smaller, "smaller", key_smaller, [ctrl(Key::Minus)],
            Once(Action::ScaleStep { larger: false });
        UsualSize, "usual_size", key_usual_size, [ctrl(Key::Num0)], Once(Action::Scale(1.0));
        Keys, "keys", key_help, [plain(Key::F1), plain(Key::Questionmark)],
            Once(Action::ToggleKeys);
        Quit, "quit", key_quit, [ctrl(Key::Q)], Once(Action::Quit);
    }
    NotTyping {
        Undo, "undo", key_undo, [ctrl(Key::Z)], Once(Action::Undo);
        Redo, "redo", key_redo, [ctrl_shift(Key::Z), ctrl(Key::Y)], Once(Action::Redo);
        ZoomIn, "zoom_in", zoom_in, [plain(Key::Plus), plain(Key::Equals)],
            Once(Action::Zoom(Zoom::In));
        ZoomOut, "zoom_out", zoom_out, [plain(Key::Minus)], Once(Action::Zoom(Zoom::Out));
        Fit, "fit", key_fit, [plain(Key::Num0)], Once(Action::Zoom(Zoom::Fit));
        ActualSize, "actual_size", actual_size, [plain(Key::Num1)],
            Once(Action::Zoom(Zoom::Actual));
        Compare, "compare", key_compare, [plain(Key::Y)], Once(Action::Compare);
    }
    BesidePicture {
        Previous, "previous", key_previous, [plain(Key::ArrowLeft)], Once(Action::Neighbour(-1));
        Next, "next", key_next, [plain(Key::ArrowRight)], Once(Action::Neighbour(1));
    }
    AwayFromEasel {
        PanelsTab, "panels_tab", key_panels_tab, [plain(Key::Tab)], Once(Action::TogglePanels);
    }
    OnPicture {
        LookLeft, "look_left", key_look_left, [plain(Key::ArrowLeft)],
            Once(Action::LookAlong(LEFT));
        LookRight, "look_right", key_look_right, [plain(Key::ArrowRight)],
            Once(Action::LookAlong(RIGHT));
        LookUp, "look_up", key_look_up, [plain(Key::ArrowUp)], Once(Action::LookAlong(UP));
        LookDown, "look_down", key_look_down, [plain(Key::ArrowDown)],
            Once(Action::LookAlong(DOWN));
    }
    AtEasel {
        Brush, "brush", brush, [plain(Key::B)], Once(take(Tool::Brush));
        Eraser, "eraser", eraser, [plain(Key::E)], Once(take(Tool::Eraser));
        Swap, "swap", key_swap, [plain(Key::X)], Once(at_easel(EaselAction::Swap));
        Rectangle, "rectangle", rectangle, [plain(Key::U)], Once(take(Tool::Rectangle));
        Lasso, "lasso", lasso, [plain(Key::L)], Once(take(Tool::Lasso));
        Polygon, "polygon", polygon, [plain(Key::P)], Once(take(Tool::Polygon));
    }
    OnShape {
        CloseShape, "close_shape", key_close_shape, [plain(Key::Enter)],
            Once(at_easel(EaselAction::CloseShape));
    }
    AtEasel {
        Flood, "flood", key_flood, [plain(Key::G)], Once(take(Tool::Flood));
        Smart, "smart", key_smart, [plain(Key::S)], Once(take(Tool::Smart));
        Move, "move", key_move, [plain(Key::V)], Once(take(Tool::Move));
    }
    UnderPointer {
        Hand, "hand", key_hand, [plain(Key::Space)], Held;
    }
    AtEasel {
        SmallerBrush, "smaller_brush", key_smaller_brush, [plain(Key::OpenBracket)],
            Once(at_easel(EaselAction::Size { larger: false }));
        LargerBrush, "larger_brush", key_larger_brush, [plain(Key::CloseBracket)],
            Once(at_easel(EaselAction::Size { larger: true }));
        Invert, "invert", key_invert, [plain(Key::I)],
            Once(at_easel(EaselAction::Mask(MaskChange::Invert)));
        ShowMask, "show_mask", key_show_mask, [plain(Key::M)],
            Once(at_easel(EaselAction::ShowMask));
        Crop, "crop", key_crop, [plain(Key::C)], Once(at_easel(EaselAction::Choose(Verb::Crop)));
        Original, "original", key_original, [plain(Key::Tab)], Held;
    }
    OnResult {
        Accept, "accept", key_accept, [plain(Key::Enter)],
            Once(at_easel(EaselAction::Accept { refine: false }));
    }
}

impl Command {
    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The command that settings call by a name.
    pub(super) fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.id() == id)
    }

    /// What settings call it.
    pub(in crate::app) fn id(self) -> &'static str {
        self.row().id
    }

    /// What people call it.
    pub(in crate::app) fn name(self, words: &Words) -> &'static str {
        (self.row().name)(words)
    }

    pub(in crate::app) fn place(self) -> Place {
        self.row().place
    }

    /// The keys it has until people change them.
    pub(super) fn usual_keys(self) -> &'static [Chord] {
        self.row().keys
    }

    /// What a press does; `None` for what is done as long as a key is held.
    pub(super) fn action(self) -> Option<Action> {
        match &self.row().deed {
            Deed::Once(action) => Some(action.clone()),
            Deed::Held => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::app::words::{Language, words};

    #[test]
    fn every_command_has_its_own_row_and_its_own_names() {
        assert_eq!(Command::ALL.len(), ROWS.len());
        let mut ids = BTreeSet::new();
        for &command in Command::ALL {
            let id = command.id();
            assert!(ids.insert(id), "{id} is there twice");
            assert!(
                id.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
                "{id}"
            );
            assert_eq!(Command::by_id(id), Some(command));
        }
        for (language, _) in Language::ALL {
            let names = Command::ALL.iter().map(|row| row.name(words(language)));
            let different: BTreeSet<&str> = names.collect();
            assert_eq!(different.len(), ROWS.len(), "{language:?}: one name twice");
        }
    }

    #[test]
    fn no_usual_key_means_two_things() {
        for (place, one) in Command::ALL.iter().enumerate() {
            for other in &Command::ALL[place + 1..] {
                let shared = one
                    .usual_keys()
                    .iter()
                    .any(|key| other.usual_keys().contains(key));
                let both = one.place().overlaps(other.place());
                assert!(!(shared && both), "{one:?} and {other:?}");
            }
        }
        let keys = Command::ALL.iter().flat_map(|command| command.usual_keys());
        assert!(!keys.into_iter().any(|key| key.is_fixed()));
    }

    #[test]
    fn commands_of_one_head_stand_together() {
        let words = words(Language::English);
        let mut heads: Vec<&str> = Command::ALL
            .iter()
            .map(|row| row.place().head(words))
            .collect();
        heads.dedup();
        let different: BTreeSet<&str> = heads.iter().copied().collect();
        assert_eq!(heads.len(), different.len(), "{heads:?}");
    }
}
