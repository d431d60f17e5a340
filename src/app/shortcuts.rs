//! Keys: one table that is both done and shown.

use egui::{Context, Event, FocusDirection, Key, KeyboardShortcut, Modifiers, Popup};

use super::action::{Action, Activity};
use super::at_easel::EaselAction;
use super::easel::{Tool, Verb};
use super::path_sheet::Purpose;
use super::widgets::by_keyboard;
use super::words::Words;
use crate::engine::MaskChange;

/// What decides whether a key means something now.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) running: bool,
    pub(super) sheet: bool,
    pub(super) keys_shown: bool,
    pub(super) can_undo: bool,
    pub(super) at_easel: bool,
    /// A stroke or an outline is being drawn.
    pub(super) drawing: bool,
    /// A result is looked at that can be accepted.
    pub(super) candidate: bool,
}

/// A row of the sheet of keys: how the keys are written, and what they do.
type Row = (&'static str, fn(&Words) -> &'static str);

/// Every key, in the order shown.
pub(super) const ROWS: &[Row] = &[
    ("Ctrl ↵", |words| words.key_generate),
    ("Esc", |words| words.key_stop),
    ("Shift Esc", |words| words.key_discard),
    ("Ctrl O", |words| words.key_open),
    ("Ctrl S", |words| words.key_save_as),
    ("Ctrl Shift C", |words| words.key_copy_image),
    ("Ctrl Shift R", |words| words.key_reveal),
    ("Ctrl R", |words| words.key_use_recipe),
    ("Ctrl 1, Ctrl 2", |words| words.key_canvas),
    ("B, E, X", |words| words.key_tools),
    ("U, L, P", |words| words.key_shapes),
    ("G, S, V", |words| words.key_pick),
    ("[ ]", |words| words.key_size),
    ("I, M", |words| words.key_mask),
    ("Ctrl Z, Ctrl Shift Z", |words| words.key_undo),
    ("C", |words| words.key_crop),
    ("Y", |words| words.key_compare),
    ("Tab", |words| words.key_original),
    ("↵", |words| words.key_accept),
    ("Ctrl D", |words| words.key_dice),
    ("Ctrl L", |words| words.key_lock),
    ("← →", |words| words.key_neighbours),
    ("+ − 0 1", |words| words.key_zoom),
    ("F9, Ctrl \\", |words| words.key_panels),
    ("Tab", |words| words.key_panels_tab),
    ("Shift Tab", |words| words.key_focus),
    ("F11", |words| words.key_full_screen),
    ("F1", |words| words.key_help),
];

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Keys that do the same wherever the focus is; those with more modifiers first, since egui takes
/// Ctrl+Shift+C for Ctrl+C too.
const ANYWHERE: &[(Modifiers, Key, Action)] = &[
    (CTRL_SHIFT, Key::C, Action::CopyImage),
    (CTRL_SHIFT, Key::R, Action::Reveal),
    (Modifiers::COMMAND, Key::Enter, Action::Generate),
    (
        Modifiers::COMMAND,
        Key::O,
        Action::Ask(Purpose::OpenPicture),
    ),
    (Modifiers::COMMAND, Key::S, Action::Ask(Purpose::SaveAs)),
    (Modifiers::COMMAND, Key::R, Action::UseRecipe),
    (Modifiers::COMMAND, Key::D, Action::NewSeed),
    (Modifiers::COMMAND, Key::L, Action::ToggleLock),
    (Modifiers::COMMAND, Key::Backslash, Action::TogglePanels),
    (Modifiers::COMMAND, Key::Num1, Action::Go(Activity::Create)),
    (Modifiers::COMMAND, Key::Num2, Action::Go(Activity::Canvas)),
    (
        Modifiers::COMMAND,
        Key::Comma,
        Action::Go(Activity::Settings),
    ),
    (Modifiers::NONE, Key::F9, Action::TogglePanels),
    (Modifiers::NONE, Key::F11, Action::ToggleFullScreen),
    (Modifiers::NONE, Key::F1, Action::ToggleKeys),
];

/// Keys that mean something only while nothing has the focus.
const WITHOUT_FOCUS: &[(Modifiers, Key, Action)] = &[
    (Modifiers::NONE, Key::Tab, Action::TogglePanels),
    (Modifiers::NONE, Key::ArrowLeft, Action::Neighbour(-1)),
    (Modifiers::NONE, Key::ArrowRight, Action::Neighbour(1)),
    (Modifiers::NONE, Key::Questionmark, Action::ToggleKeys),
];

/// Keys of the easel, while nothing is typed.
const AT_EASEL: &[(Modifiers, Key, EaselAction)] = &[
    (CTRL_SHIFT, Key::Z, EaselAction::Redo),
    (Modifiers::COMMAND, Key::Z, EaselAction::Undo),
    (Modifiers::COMMAND, Key::Y, EaselAction::Redo),
    (Modifiers::NONE, Key::B, EaselAction::Take(Tool::Brush)),
    (Modifiers::NONE, Key::E, EaselAction::Take(Tool::Eraser)),
    (Modifiers::NONE, Key::U, EaselAction::Take(Tool::Rectangle)),
    (Modifiers::NONE, Key::L, EaselAction::Take(Tool::Lasso)),
    (Modifiers::NONE, Key::P, EaselAction::Take(Tool::Polygon)),
    (Modifiers::NONE, Key::G, EaselAction::Take(Tool::Flood)),
    (Modifiers::NONE, Key::S, EaselAction::Take(Tool::Smart)),
    (Modifiers::NONE, Key::V, EaselAction::Take(Tool::Move)),
    (Modifiers::NONE, Key::X, EaselAction::Swap),
    (
        Modifiers::NONE,
        Key::OpenBracket,
        EaselAction::Size { larger: false },
    ),
    (
        Modifiers::NONE,
        Key::CloseBracket,
        EaselAction::Size { larger: true },
    ),
    (
        Modifiers::NONE,
        Key::I,
        EaselAction::Mask(MaskChange::Invert),
    ),
    (Modifiers::NONE, Key::C, EaselAction::Choose(Verb::Crop)),
    (Modifiers::NONE, Key::M, EaselAction::ShowMask),
    (Modifiers::NONE, Key::Y, EaselAction::Compare),
];

/// Names the actions of the keys pressed, and keeps them from the widgets.
pub(super) fn take(ctx: &Context, state: State, actions: &mut Vec<Action>) {
    let popup = Popup::is_any_open(ctx);
    ctx.input_mut(|input| {
        if input.consume_key(Modifiers::SHIFT, Key::Escape) {
            if state.running {
                actions.push(Action::Discard);
            }
        } else if !popup && input.key_pressed(Key::Escape) {
            // One thing at a time: what lies on top goes first.
            let on_top = if state.keys_shown {
                Some(Action::ToggleKeys)
            } else if state.sheet {
                Some(Action::CloseSheet)
            } else if state.drawing {
                // What is being drawn is what undo takes back first.
                Some(Action::AtEasel(EaselAction::Undo))
            } else {
                state.running.then_some(Action::Stop)
            };
            actions.extend(on_top);
        }
        for (modifiers, key, action) in ANYWHERE {
            if input.consume_shortcut(&KeyboardShortcut::new(*modifiers, *key)) {
                actions.push(action.clone());
            }
        }
    });
    if popup {
        return;
    }
    let focused = ctx.memory(|memory| memory.focused().is_some());
    // Where people click and type within one frame, what they type is for what they clicked.
    let clicked = ctx.input(|input| {
        let is_click = |event: &Event| matches!(event, Event::PointerButton { .. });
        input.events.iter().any(is_click)
    });
    if state.at_easel && !ctx.text_edit_focused() && !clicked {
        // A button that was clicked has the focus, but nobody means it by Enter.
        let enter = state.candidate && !(focused && by_keyboard(ctx));
        ctx.input_mut(|input| {
            if enter && input.consume_key(Modifiers::NONE, Key::Enter) {
                actions.push(Action::AtEasel(EaselAction::Accept { refine: false }));
            }
            for (modifiers, key, action) in AT_EASEL {
                if input.consume_key(*modifiers, *key) {
                    actions.push(Action::AtEasel(action.clone()));
                }
            }
        });
    }
    if focused {
        return;
    }
    let tab = |input: &mut egui::InputState| input.consume_key(Modifiers::NONE, Key::Tab);
    if state.at_easel && ctx.input_mut(tab) {
        // It is held to see the original; Shift+Tab goes to the controls.
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    ctx.input_mut(|input| {
        // Shift+Tab is egui's: it brings the focus back to a control.
        let back = input.modifiers.shift;
        for (modifiers, key, action) in WITHOUT_FOCUS {
            if (*key != Key::Tab || !back) && input.consume_key(*modifiers, *key) {
                actions.push(action.clone());
            }
        }
        if state.can_undo && input.consume_key(Modifiers::COMMAND, Key::Z) {
            actions.push(Action::UndoAdopt);
        }
    });
}
