//! The last touch to the picture people look at: light, colours, grain.

use egui::{Color32, Id, Ui};

use super::numeric::{Numeric, name};
use super::{fold, row};
use crate::app::action::Action;
use crate::app::theme::{self, Palette};
use crate::app::view::View;
use crate::app::widgets::{CurveField, Look, Push, hint, secondary};
use crate::app::words::Words;
use crate::recipe::{Curve, Curves, Finish};

/// What is slid: its words, its range, the number itself.
struct Part {
    words: fn(&Words) -> (&'static str, &'static str),
    range: (f64, f64),
    value: fn(&mut Finish) -> &mut f32,
}

const PARTS: [Part; 8] = [
    Part {
        words: |words| (words.exposure, words.exposure_tip),
        range: (-2.0, 2.0),
        value: |finish| &mut finish.exposure,
    },
    Part {
        words: |words| (words.contrast, words.contrast_tip),
        range: (-1.0, 1.0),
        value: |finish| &mut finish.contrast,
    },
    Part {
        words: |words| (words.saturation, words.saturation_tip),
        range: (-1.0, 1.0),
        value: |finish| &mut finish.saturation,
    },
    Part {
        words: |words| (words.warmth, words.warmth_tip),
        range: (-1.0, 1.0),
        value: |finish| &mut finish.warmth,
    },
    Part {
        words: |words| (words.tint, words.tint_tip),
        range: (-1.0, 1.0),
        value: |finish| &mut finish.tint,
    },
    Part {
        words: |words| (words.denoise, words.denoise_tip),
        range: (0.0, 1.0),
        value: |finish| &mut finish.denoise,
    },
    Part {
        words: |words| (words.sharpen, words.sharpen_tip),
        range: (0.0, 2.0),
        value: |finish| &mut finish.sharpen,
    },
    Part {
        words: |words| (words.grain, words.grain_tip),
        range: (0.0, 1.0),
        value: |finish| &mut finish.grain,
    },
];

/// Which curve is bent.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Channel {
    #[default]
    All,
    Red,
    Green,
    Blue,
}

impl Channel {
    const ALL: [Self; 4] = [Self::All, Self::Red, Self::Green, Self::Blue];

    const fn name(self, words: &Words) -> &'static str {
        match self {
            Self::All => words.curve_all,
            Self::Red => words.curve_red,
            Self::Green => words.curve_green,
            Self::Blue => words.curve_blue,
        }
    }

    const fn color(self, palette: &Palette) -> Color32 {
        match self {
            Self::All => palette.text,
            Self::Red => Color32::from_rgb(0xd9, 0x5c, 0x5c),
            Self::Green => Color32::from_rgb(0x4f, 0x9d, 0x5d),
            Self::Blue => Color32::from_rgb(0x5b, 0x86, 0xd6),
        }
    }

    const fn of(self, curves: &mut Curves) -> &mut Curve {
        match self {
            Self::All => &mut curves.all,
            Self::Red => &mut curves.red,
            Self::Green => &mut curves.green,
            Self::Blue => &mut curves.blue,
        }
    }
}

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let before = view.session.finish();
    let mut finish = before;
    let head = (words.finish, words.finish_tip);
    let open = fold(ui, palette, head, &mut view.settings.finish_open, |ui| {
        if before.is_off() {
            secondary(ui, palette, words.off);
        } else {
            let reset = Push::new(words.finish_reset, words.finish_reset_tip, Look::Quiet);
            if reset.show(ui, palette).clicked() {
                finish = Finish::default();
            }
        }
    });
    if open {
        if view.session.current().is_none() {
            hint(ui, palette, words.nothing_to_finish);
            return;
        }
        ui.spacing_mut().item_spacing.y = 2.0;
        for part in &PARTS {
            slider(ui, palette, words, part, &mut finish);
        }
        curves(ui, palette, words, &mut finish.curves);
    }
    if finish != before {
        view.act(Action::Touch(Box::new(finish)));
    }
}

fn slider(ui: &mut Ui, palette: &Palette, words: &Words, part: &Part, finish: &mut Finish) {
    let (name, tip) = (part.words)(words);
    let value = (part.value)(finish);
    let mut slid = f64::from(*value);
    let numeric = Numeric {
        name,
        tip,
        range: part.range.0..=part.range.1,
        step: 0.05,
        default: 0.0,
        decimals: 2,
        bad: false,
    };
    if numeric.show(ui, palette, &mut slid) {
        // Without the digits that steps of a twentieth leave behind; what is typed stays within
        // what makes sense twice over.
        let (low, high) = (part.range.0 * 2.0, part.range.1 * 2.0);
        *value = ((slid * 1000.0).round() / 1000.0).clamp(low, high) as f32;
    }
}

fn curves(ui: &mut Ui, palette: &Palette, words: &Words, curves: &mut Curves) {
    let id = Id::unique("curve channel");
    let mut channel = ui.data(|data| data.get_temp::<Channel>(id).unwrap_or_default());
    row(
        ui,
        theme::ROW,
        |ui| name(ui, palette, words.curve),
        |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            // From the right.
            for choice in Channel::ALL.into_iter().rev() {
                let selected = channel == choice;
                let label = choice.name(words);
                let full = format!("{}: {label}", words.curve);
                let chip = Push::new(&full, words.curve_channel_tip, Look::Chip { selected });
                if chip.label(label).show(ui, palette).clicked() {
                    channel = choice;
                }
            }
        },
    );
    ui.data_mut(|data| data.insert_temp(id, channel));
    ui.add_space(4.0);
    let field = CurveField {
        name: words.curve,
        tip: words.curve_tip,
        color: channel.color(palette),
    };
    field.show(ui, palette, channel.of(curves));
}
