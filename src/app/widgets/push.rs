//! Everything that is pressed.

use std::borrow::Cow;
use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontId, Galley, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::{focus_ring, focus_when_pressed};
use crate::app::icons::Icon;
use crate::app::theme::{self, Palette};

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Look {
    /// A field with a line around.
    Plain,
    /// Text alone; a field under the pointer.
    Quiet,
    /// Opens what is folded below it; its icon stands where the text above begins.
    Fold,
    /// One of a row of choices.
    Chip { selected: bool },
    /// One of a list of choices.
    Choice { selected: bool },
    /// A quiet button that can be on.
    Toggle { on: bool },
}

/// A button: what it is called, what it shows, what it does.
pub(in crate::app) struct Push<'a> {
    /// Told to screen readers, and the handle of tests.
    name: &'a str,
    tip: Cow<'a, str>,
    look: Look,
    label: &'a str,
    /// Fainter text after the label.
    key: Cow<'a, str>,
    icon: Option<Icon>,
    enabled: bool,
    size: Option<Vec2>,
    font: FontId,
}

impl<'a> Push<'a> {
    /// A button that shows its name.
    pub(in crate::app) fn new(name: &'a str, tip: impl Into<Cow<'a, str>>, look: Look) -> Self {
        Self {
            name,
            tip: tip.into(),
            look,
            label: name,
            key: Cow::Borrowed(""),
            icon: None,
            enabled: true,
            size: None,
            font: theme::SECONDARY,
        }
    }

    /// Shows another text than its name.
    pub(in crate::app) fn label(mut self, label: &'a str) -> Self {
        self.label = label;
        self
    }

    /// Shows a key after the label.
    pub(in crate::app) fn key(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.key = key.into();
        self
    }

    /// Shows an icon before the label.
    pub(in crate::app) fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Shows an icon alone.
    pub(in crate::app) fn only_icon(mut self, icon: Icon) -> Self {
        self.label = "";
        self.size = Some(vec2(26.0, 26.0));
        self.icon(icon)
    }

    pub(in crate::app) fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    pub(in crate::app) fn size(mut self, size: Vec2) -> Self {
        self.size = Some(size);
        self
    }

    pub(in crate::app) fn font(mut self, font: FontId) -> Self {
        self.font = font;
        self
    }

    fn radius(&self) -> u8 {
        match self.look {
            Look::Chip { .. } => 14,
            _ => theme::SMALL_RADIUS,
        }
    }

    /// Fill, line and ink.
    fn colors(&self, palette: &Palette, hovered: bool) -> (Color32, Color32, Color32) {
        const NONE: Color32 = Color32::TRANSPARENT;
        let field = if hovered {
            palette.field_hovered
        } else {
            palette.field
        };
        let under_pointer = if hovered { palette.field_hovered } else { NONE };
        let ink = if hovered {
            palette.text
        } else {
            palette.text_secondary
        };
        if !self.enabled {
            let faint = palette.text_hint.gamma_multiply(0.55);
            return match self.look {
                Look::Plain => (palette.field, palette.line, faint),
                _ => (NONE, NONE, faint),
            };
        }
        match self.look {
            Look::Plain => (field, palette.line, palette.text),
            Look::Fold => (NONE, NONE, ink),
            Look::Quiet | Look::Toggle { on: false } => (under_pointer, NONE, ink),
            Look::Toggle { on: true } => (under_pointer, NONE, palette.accent_text),
            Look::Chip { selected: true } | Look::Choice { selected: true } => {
                (palette.accent_soft, NONE, palette.accent_text)
            }
            Look::Chip { selected: false } => (field, palette.line, ink),
            Look::Choice { selected: false } => (under_pointer, NONE, palette.text),
        }
    }

    fn padding(&self) -> f32 {
        match self.look {
            Look::Fold => 0.0,
            Look::Quiet | Look::Toggle { .. } => 6.0,
            _ => 11.0,
        }
    }

    fn icon_width(&self) -> f32 {
        match (self.icon, self.label.is_empty()) {
            (None, _) => 0.0,
            (Some(_), true) => 15.0,
            (Some(_), false) => 20.0,
        }
    }

    fn text(&self, ui: &Ui, text: &str) -> Arc<Galley> {
        ui.painter()
            .layout_no_wrap(text.to_owned(), self.font.clone(), Color32::PLACEHOLDER)
    }

    /// Width of icon, label and key together.
    fn content_width(&self, ui: &Ui) -> f32 {
        let key = if self.key.is_empty() {
            0.0
        } else {
            self.text(ui, &self.key).size().x + 6.0
        };
        self.icon_width() + self.text(ui, self.label).size().x + key
    }

    /// The width it will have.
    pub(in crate::app) fn width(&self, ui: &Ui) -> f32 {
        self.size.map_or_else(
            || self.content_width(ui) + 2.0 * self.padding(),
            |size| size.x,
        )
    }

    pub(in crate::app) fn show(self, ui: &mut Ui, palette: &Palette) -> Response {
        let (label, key) = (self.text(ui, self.label), self.text(ui, &self.key));
        let content = self.content_width(ui);
        let size = self.size.unwrap_or_else(|| vec2(self.width(ui), 26.0));
        let sense = if self.enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        focus_when_pressed(&response);
        let selected = match self.look {
            Look::Chip { selected } | Look::Choice { selected } => Some(selected),
            Look::Toggle { on } => Some(on),
            _ => None,
        };
        response.widget_info(|| match selected {
            Some(selected) => WidgetInfo::selected(Role::Button, self.enabled, selected, self.name),
            None => WidgetInfo::labeled(Role::Button, self.enabled, self.name),
        });
        if ui.is_rect_visible(rect) {
            let (fill, line, ink) = self.colors(palette, response.hovered() && self.enabled);
            let radius = CornerRadius::same(self.radius());
            let painter = ui.painter();
            painter.rect(
                rect,
                radius,
                fill,
                Stroke::new(1.0, line),
                StrokeKind::Inside,
            );
            let mut x = match self.look {
                Look::Choice { .. } => rect.left() + self.padding(),
                _ => rect.center().x - content / 2.0,
            };
            if let Some(icon) = self.icon {
                let place = Rect::from_min_size(pos2(x, rect.top()), vec2(15.0, rect.height()));
                icon.paint(painter, place, 15.0, ink);
                x += self.icon_width();
            }
            let middle = rect.center().y;
            let label_at = pos2(x, middle - label.size().y / 2.0);
            x += label.size().x + 6.0;
            painter.galley(label_at, label, ink);
            let key_at = pos2(x, middle - key.size().y / 2.0);
            painter.galley(key_at, key, palette.text_hint);
            focus_ring(painter, palette, &response, rect, self.radius());
        }
        if self.enabled {
            response.on_hover_text(self.tip)
        } else {
            response
        }
    }
}
