//! Colours, type and spacing of the window, as in the design sketches.

use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, vec2,
};

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    pub dark: bool,
    /// Behind the picture.
    pub ground: Color32,
    pub panel: Color32,
    /// Inside of fields, cards and buttons.
    pub field: Color32,
    /// A field under the pointer.
    pub field_hovered: Color32,
    /// Empty part of sliders and steps.
    pub track: Color32,
    pub line: Color32,
    pub text: Color32,
    pub text_secondary: Color32,
    /// The faintest that is still read: 4.5:1 on panels.
    pub text_hint: Color32,
    /// What is active, selected or primary, and nothing else.
    pub accent: Color32,
    /// The accent where it is text: 4.5:1 on panels and on `accent_soft`.
    pub accent_text: Color32,
    /// Behind what is selected.
    pub accent_soft: Color32,
    pub on_accent: Color32,
    pub knob: Color32,
    /// Ready, saved.
    pub good: Color32,
    /// Errors.
    pub bad: Color32,
    pub shadow: Color32,
}

const DARK: Palette = Palette {
    dark: true,
    ground: Color32::from_rgb(0x13, 0x14, 0x17),
    panel: Color32::from_rgb(0x19, 0x1b, 0x1f),
    field: Color32::from_rgb(0x21, 0x24, 0x29),
    field_hovered: Color32::from_rgb(0x29, 0x2d, 0x33),
    track: Color32::from_rgb(0x2b, 0x2f, 0x36),
    line: Color32::from_rgb(0x2a, 0x2d, 0x33),
    text: Color32::from_rgb(0xe7, 0xe9, 0xec),
    text_secondary: Color32::from_rgb(0xa1, 0xa7, 0xb0),
    text_hint: Color32::from_rgb(0x8a, 0x90, 0x9a),
    accent: Color32::from_rgb(0xf2, 0xa6, 0x5a),
    accent_text: Color32::from_rgb(0xf2, 0xa6, 0x5a),
    accent_soft: Color32::from_rgb(0x3a, 0x2e, 0x24),
    on_accent: Color32::from_rgb(0x1a, 0x12, 0x08),
    knob: Color32::from_rgb(0xe7, 0xe9, 0xec),
    good: Color32::from_rgb(0x7f, 0xb0, 0x8c),
    bad: Color32::from_rgb(0xf0, 0x7f, 0x74),
    shadow: Color32::from_black_alpha(110),
};

const LIGHT: Palette = Palette {
    dark: false,
    ground: Color32::from_rgb(0xec, 0xea, 0xe6),
    panel: Color32::from_rgb(0xf6, 0xf5, 0xf2),
    field: Color32::from_rgb(0xff, 0xff, 0xff),
    field_hovered: Color32::from_rgb(0xf0, 0xee, 0xea),
    track: Color32::from_rgb(0xe6, 0xe3, 0xdd),
    line: Color32::from_rgb(0xdc, 0xd8, 0xd0),
    text: Color32::from_rgb(0x23, 0x26, 0x2b),
    text_secondary: Color32::from_rgb(0x5e, 0x64, 0x6d),
    text_hint: Color32::from_rgb(0x6a, 0x6f, 0x77),
    accent: Color32::from_rgb(0xc8, 0x75, 0x2a),
    accent_text: Color32::from_rgb(0x97, 0x50, 0x12),
    accent_soft: Color32::from_rgb(0xf1, 0xe5, 0xd8),
    on_accent: Color32::from_rgb(0x14, 0x0d, 0x05),
    knob: Color32::from_rgb(0x23, 0x26, 0x2b),
    good: Color32::from_rgb(0x2f, 0x7d, 0x49),
    bad: Color32::from_rgb(0xb3, 0x36, 0x2b),
    shadow: Color32::from_black_alpha(36),
};

impl Palette {
    pub const fn of(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// The ring around what has the keyboard's focus.
    pub fn focus_ring(&self) -> Stroke {
        Stroke::new(1.5, self.accent)
    }
}

/// Corners of boxes.
pub const BOX_RADIUS: u8 = 9;
/// Corners of number fields and small buttons.
pub const SMALL_RADIUS: u8 = 6;
/// Padding at the sides of panels.
pub const SIDE: i8 = 16;
/// Between sections of a panel.
pub const SECTION_GAP: f32 = 14.0;
/// Height of a row with a control.
pub const ROW: f32 = 30.0;

/// Text of the window.
pub const TEXT: FontId = FontId::new(13.0, FontFamily::Proportional);
/// Text beside it.
pub const SECONDARY: FontId = FontId::new(12.0, FontFamily::Proportional);
/// Hints.
pub const HINT: FontId = FontId::new(11.5, FontFamily::Proportional);
/// Names below the icons of the rail.
pub const TINY: FontId = FontId::new(10.5, FontFamily::Proportional);

/// Semibold text of a size.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

/// Gives egui the look of both themes.
pub fn install(ctx: &egui::Context) {
    for theme in [Theme::Dark, Theme::Light] {
        let palette = Palette::of(theme == Theme::Dark);
        ctx.style_mut_of(theme, |style| apply(style, palette));
    }
}

fn apply(style: &mut Style, palette: &Palette) {
    style.text_styles = [
        (TextStyle::Heading, semibold(14.0)),
        (TextStyle::Body, TEXT),
        (TextStyle::Button, TEXT),
        (TextStyle::Small, HINT),
        (TextStyle::Monospace, TEXT),
    ]
    .into();
    // Nothing blinks and nothing slides: an idle window costs nothing, on any renderer.
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style.visuals.text_cursor.blink = false;
    style.visuals.text_cursor.stroke = Stroke::new(1.5, palette.accent);

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 4.0);
    spacing.interact_size = vec2(30.0, ROW);
    spacing.button_padding = vec2(12.0, 6.0);
    spacing.menu_margin = Margin::same(6);
    spacing.tooltip_width = 320.0;
    spacing.scroll = egui::style::ScrollStyle::floating();
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;

    let visuals = &mut style.visuals;
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(BOX_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(BOX_RADIUS);
    visuals.extreme_bg_color = palette.field;
    visuals.faint_bg_color = palette.field;
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.30);
    visuals.selection.stroke = palette.focus_ring();
    visuals.hyperlink_color = palette.accent_text;
    visuals.error_fg_color = palette.bad;
    visuals.warn_fg_color = palette.accent_text;
    visuals.weak_text_color = Some(palette.text_secondary);
    visuals.popup_shadow.color = palette.shadow;
    visuals.window_shadow.color = palette.shadow;
    let radius = CornerRadius::same(SMALL_RADIUS);
    for (widget, fill, line) in [
        (
            &mut visuals.widgets.noninteractive,
            palette.panel,
            palette.line,
        ),
        (&mut visuals.widgets.inactive, palette.field, palette.line),
        (
            &mut visuals.widgets.hovered,
            palette.field_hovered,
            palette.line,
        ),
        (
            &mut visuals.widgets.active,
            palette.field_hovered,
            palette.accent,
        ),
        (
            &mut visuals.widgets.open,
            palette.field_hovered,
            palette.line,
        ),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours after WCAG 2.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |color: Color32| {
            let [r, g, b] = [color.r(), color.g(), color.b()].map(|channel| {
                let value = f32::from(channel) / 255.0;
                if value <= 0.04045 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn all_text_can_be_read() {
        for dark in [true, false] {
            let palette = Palette::of(dark);
            let pairs = [
                ("text", palette.text, palette.field_hovered),
                ("secondary", palette.text_secondary, palette.field),
                (
                    "secondary on ground",
                    palette.text_secondary,
                    palette.ground,
                ),
                ("hint", palette.text_hint, palette.panel),
                ("hint on field", palette.text_hint, palette.field),
                ("accent", palette.accent_text, palette.panel),
                ("accent on soft", palette.accent_text, palette.accent_soft),
                ("on accent", palette.on_accent, palette.accent),
                ("good", palette.good, palette.panel),
                ("bad", palette.bad, palette.panel),
                ("bad on ground", palette.bad, palette.ground),
            ];
            for (name, ink, paper) in pairs {
                let ratio = contrast(ink, paper);
                assert!(ratio >= 4.5, "dark: {dark}, {name}: {ratio:.2}");
            }
        }
    }
}
