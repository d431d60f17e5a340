//! Fields for numbers; they take arithmetic.

use egui::{
    Align, Align2, CornerRadius, EventFilter, Frame, Id, Key, Margin, Response, Stroke, TextEdit,
    Ui, vec2,
};

use crate::app::numbers;
use crate::app::theme::{self, Palette};

/// A field for a number.
pub(in crate::app) struct NumberField<'a> {
    pub(in crate::app) name: &'a str,
    pub(in crate::app) tip: &'a str,
    /// Most decimals shown.
    pub(in crate::app) decimals: usize,
    /// What the up and down keys add.
    pub(in crate::app) step: f64,
    pub(in crate::app) width: f32,
    pub(in crate::app) align: Align,
    /// The number cannot be used.
    pub(in crate::app) bad: bool,
}

impl NumberField<'_> {
    /// Draws the field; the response is marked changed when the number changed.
    pub(in crate::app) fn show(self, ui: &mut Ui, palette: &Palette, value: &mut f64) -> Response {
        let id = ui.make_persistent_id(("number", self.name));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let shown = numbers::text(*value, self.decimals);
        let mut text = typed(ui, id)
            .filter(|_| focused)
            .unwrap_or_else(|| shown.clone());
        let unfinished = focused && numbers::parse(&text).is_none();
        let place = (self.width, self.align);
        let bad = self.bad || unfinished;
        let mut response = short_field(ui, palette, id, place, bad, &mut text);
        let before = *value;
        if response.changed() {
            // Taken over while typing, so that Ctrl+Enter uses what is seen.
            if let Some(number) = numbers::parse(&text) {
                *value = number;
            }
            ui.data_mut(|data| data.insert_temp(id, text));
        }
        if focused {
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            let steps = ui.input(|input| {
                input.num_presses(Key::ArrowUp) as f64 - input.num_presses(Key::ArrowDown) as f64
            });
            if steps != 0.0 {
                *value += steps * self.step;
                forget(ui, id);
            }
        }
        if response.lost_focus() {
            forget(ui, id);
        }
        if *value != before {
            response.mark_changed();
        }
        response.accessible_name(self.name).on_hover_text(self.tip)
    }
}

/// The plain field below numbers, with its width and the side its text stands at.
pub(in crate::app) fn short_field(
    ui: &mut Ui,
    palette: &Palette,
    id: Id,
    (width, align): (f32, Align),
    bad: bool,
    text: &mut String,
) -> Response {
    let focused = ui.memory(|memory| memory.has_focus(id));
    let line = match (bad, focused) {
        (true, _) => palette.bad,
        (false, true) => palette.accent,
        (false, false) => palette.line,
    };
    let margin = Margin::symmetric(7, 3);
    // Else the field would be as tall as a row.
    ui.spacing_mut().interact_size.y = HEIGHT;
    let frame = Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CornerRadius::same(theme::SMALL_RADIUS))
        .inner_margin(margin);
    let edit = TextEdit::singleline(text)
        .id(id)
        .frame(frame)
        .font(theme::TEXT)
        .text_color(palette.text)
        .align(Align2([align, Align::Center]))
        .desired_width(width - f32::from(margin.left + margin.right) - 2.0);
    ui.add_sized(vec2(width, HEIGHT), edit)
}

/// Height of the fields.
const HEIGHT: f32 = 26.0;

/// What people typed since the field got the focus.
fn typed(ui: &Ui, id: Id) -> Option<String> {
    ui.data(|data| data.get_temp(id))
}

fn forget(ui: &Ui, id: Id) {
    ui.data_mut(|data| data.remove::<String>(id));
}
