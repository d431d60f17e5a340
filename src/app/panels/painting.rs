//! Tools to paint the mask with, and what can be done to all of it.

use std::ffi::OsStr;
use std::path::Path;

use egui::{Align, Color32, Layout, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::numeric::Numeric;
use super::row;
use crate::app::action::Action;
use crate::app::at_easel::EaselAction;
use crate::app::easel::{EaselForm, SIZES, Tool, Tools};
use crate::app::keys::Command;
use crate::app::path_sheet::Purpose;
use crate::app::theme::{self, Palette};
use crate::app::view::View;
use crate::app::widgets::{
    Look, NumberField, Push, focus_when_pressed, head, hint, secondary, shows_focus, wrapped,
};
use crate::app::words::phrases;
use crate::engine::MaskChange;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    tools(ui, view);
    ui.add_space(theme::SECTION_GAP);
    mask(ui, view);
}

/// A tool's name, and what it does, with its key.
fn names(view: &View<'_>, tool: Tool) -> (&'static str, String) {
    let words = view.words();
    let closed_by = phrases::polygon(view.language(), &view.key(Command::CloseShape));
    let (name, tip, command) = match tool {
        Tool::Brush => (words.brush, words.brush_tip, Command::Brush),
        Tool::Eraser => (words.eraser, words.eraser_tip, Command::Eraser),
        Tool::Rectangle => (words.rectangle, words.rectangle_tip, Command::Rectangle),
        Tool::Lasso => (words.lasso, words.lasso_tip, Command::Lasso),
        Tool::Polygon => (words.polygon, &*closed_by, Command::Polygon),
        Tool::Flood => (words.flood, words.flood_tip, Command::Flood),
        Tool::Smart => (words.smart, words.smart_tip, Command::Smart),
        Tool::Move => {
            let (key, held) = (view.key(Command::Move), view.key(Command::Hand));
            let keys = phrases::or_hold(view.language(), &key, &held);
            let tip = phrases::with_keys(view.language(), words.move_tool_tip, &keys);
            return (words.move_tool, tip);
        }
    };
    (name, view.tip(tip, &[command]))
}

/// Who finds what the smart tool points at.
fn finder(view: &View<'_>) -> String {
    let file = view.session.extras.sam.as_deref();
    let name = file.and_then(Path::file_name).map(OsStr::to_string_lossy);
    phrases::finder(view.language(), name.as_deref())
}

/// In the order shown.
const TOOLS: [Tool; 8] = [
    Tool::Brush,
    Tool::Eraser,
    Tool::Rectangle,
    Tool::Lasso,
    Tool::Polygon,
    Tool::Flood,
    Tool::Smart,
    Tool::Move,
];

fn tools(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let tool = view.settings.easel.tools.tool;
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.tools)),
        |ui| drop(hint(ui, palette, words.tools_hint)),
    );
    ui.add_space(6.0);
    ui.with_layout(
        Layout::left_to_right(Align::Min).with_main_wrap(true),
        |ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            for other in TOOLS {
                let selected = other == tool;
                let (name, mut tip) = names(view, other);
                if other == Tool::Smart {
                    tip = format!("{tip} · {}", finder(view));
                }
                let chip = Push::new(name, tip, Look::Chip { selected });
                if chip.show(ui, palette).clicked() {
                    view.act(Action::AtEasel(EaselAction::Take(other)));
                }
            }
        },
    );
    ui.add_space(6.0);
    let usual = Tools::default();
    let size_keys = [Command::SmallerBrush, Command::LargerBrush];
    let size_tip = view.tip(words.brush_size_tip, &size_keys);
    let tools = &mut view.settings.easel.tools;
    let slide = |ui: &mut Ui, numeric: &Numeric<'_>, value: &mut f32| {
        let mut number = f64::from(*value);
        if numeric.show(ui, palette, &mut number) {
            *value = number as f32;
        }
    };
    let share = |name, tip, default: f32| Numeric {
        name,
        tip,
        range: 0.0..=1.0,
        step: 0.05,
        default: f64::from(default),
        decimals: 2,
        bad: false,
    };
    match tool {
        Tool::Brush | Tool::Eraser => {
            let size = Numeric {
                range: 1.0..=200.0,
                ..Numeric::whole(words.brush_size, &size_tip, 200, usual.size as u32)
            };
            slide(ui, &size, &mut tools.size);
            tools.size = tools.size.clamp(*SIZES.start(), *SIZES.end());
            let hardness = share(words.hardness, words.hardness_tip, usual.hardness);
            slide(ui, &hardness, &mut tools.hardness);
        }
        Tool::Flood => {
            let tolerance = Numeric {
                range: 0.0..=128.0,
                default: f64::from(usual.tolerance),
                ..Numeric::whole(words.tolerance, words.tolerance_tip, 128, 0)
            };
            slide(ui, &tolerance, &mut tools.tolerance);
        }
        Tool::Rectangle | Tool::Lasso | Tool::Polygon | Tool::Smart => {}
        Tool::Move => return,
    }
    let opacity = share(words.opacity, words.opacity_tip, usual.opacity);
    slide(ui, &opacity, &mut tools.opacity);
    if tool == Tool::Smart {
        // Below the picture, a job that runs has the place.
        let told_below = view.session.running().is_none();
        let text = match &view.session.work.search {
            Some(_) if !told_below => words.selecting.to_owned(),
            _ => finder(view),
        };
        let line = wrapped(ui, &text, theme::SECONDARY, palette.text_secondary);
        if view.session.extras.sam.is_none() {
            let folder = view.session.extras.folder.display();
            line.on_hover_text(phrases::finder_wanted(view.language(), &folder.to_string()));
        }
    }
}

fn mask(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let any = view.easel.is_some();
    let some = view
        .easel
        .as_ref()
        .is_some_and(|easel| !easel.mask().is_empty());
    let invert_tip = view.tip(words.invert_tip, &[Command::Invert]);
    let mut chosen = Vec::new();
    let mut push = |ui: &mut Ui, push: Push<'_>, enabled: bool, action: Action| {
        if push.enabled(enabled).show(ui, palette).clicked() {
            chosen.push(action);
        }
    };
    let change = |change| Action::AtEasel(EaselAction::Mask(change));
    row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.mask)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let clear = Push::new(words.clear, words.clear_tip, Look::Quiet);
            push(ui, clear, some, change(MaskChange::Clear));
            let invert = Push::new(words.invert, &*invert_tip, Look::Quiet);
            push(ui, invert, any, change(MaskChange::Invert));
        },
    );
    ui.add_space(4.0);
    let amount = view.settings.easel.amount;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (name, tip, what) in [
            (words.grow, words.grow_tip, MaskChange::Grow(amount)),
            (words.shrink, words.shrink_tip, MaskChange::Grow(-amount)),
            (
                words.feather,
                words.feather_tip,
                MaskChange::Feather(amount),
            ),
        ] {
            push(ui, Push::new(name, tip, Look::Plain), some, change(what));
        }
        let mut by = f64::from(amount);
        let field = NumberField {
            name: words.amount,
            tip: words.amount_tip,
            decimals: 1,
            step: 1.0,
            width: 46.0,
            align: Align::Center,
            bad: false,
        };
        if field.show(ui, palette, &mut by).changed() {
            view.settings.easel.amount = by.clamp(0.0, 4096.0) as f32;
        }
        hint(ui, palette, words.pixels);
    });
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let load = Push::new(words.load_mask, words.load_mask_tip, Look::Plain);
        push(ui, load, any, Action::Ask(Purpose::LoadMask));
        let save = Push::new(words.save_mask, words.save_mask_tip, Look::Plain);
        push(ui, save, some, Action::Ask(Purpose::SaveMask));
    });
    view.actions.extend(chosen);
    ui.add_space(6.0);
    overlay(ui, view);
}

/// Colours the mask can be shown in.
const COLORS: [[u8; 3]; 4] = [
    [0xf2, 0xa6, 0x5a],
    [0xe0, 0x3c, 0x3c],
    [0x3c, 0xc8, 0x64],
    [0x46, 0x8c, 0xf0],
];

/// How the mask looks over the picture.
fn overlay(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let usual = EaselForm::default();
    let opacity = Numeric {
        name: words.overlay,
        tip: words.overlay_tip,
        range: 0.0..=1.0,
        step: 0.05,
        default: f64::from(usual.mask_opacity),
        decimals: 2,
        bad: false,
    };
    let form = &mut view.settings.easel;
    let mut value = f64::from(form.mask_opacity);
    if opacity.show(ui, palette, &mut value) {
        form.mask_opacity = value as f32;
    }
    row(
        ui,
        24.0,
        |ui| drop(secondary(ui, palette, words.overlay_color)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (number, color) in COLORS.into_iter().enumerate().rev() {
                let name = format!("{} {}", words.overlay_color, number + 1);
                let dot = swatch(ui, palette, color, form.mask_color == color, &name);
                if dot.on_hover_text(words.overlay_color_tip).clicked() {
                    form.mask_color = color;
                }
            }
        },
    );
}

/// A colour to press.
fn swatch(ui: &mut Ui, palette: &Palette, color: [u8; 3], on: bool, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(22.0, 22.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    focus_when_pressed(&response);
    let [red, green, blue] = color;
    let painter = ui.painter();
    painter.circle_filled(rect.center(), 7.0, Color32::from_rgb(red, green, blue));
    if on || shows_focus(&response) {
        painter.circle_stroke(rect.center(), 9.5, Stroke::new(1.5, palette.text));
    }
    response
}
