//! The letters of the window: Inter, with Noto Sans SC for what it lacks.
//!
//! Both are small parts, made by `assets/fonts/make.py`; a character that stands in neither comes
//! from the system's fonts.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Heavier letters, for headings and the one primary button.
pub const SEMIBOLD: &str = "semibold";

const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const INTER_SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
const NOTO_SANS_SC: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.otf");

/// Installs the fonts.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(definitions());
}

/// The family of headings.
pub fn semibold() -> FontFamily {
    FontFamily::Name(SEMIBOLD.into())
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [
        ("inter", INTER),
        ("inter-semibold", INTER_SEMIBOLD),
        ("noto-sans-sc", NOTO_SANS_SC),
    ] {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    for (family, first) in [
        (FontFamily::Proportional, "inter"),
        // Digits of our Inter have one width; nothing else in the window asks for more.
        (FontFamily::Monospace, "inter"),
        (semibold(), "inter-semibold"),
    ] {
        let names = [first, "noto-sans-sc"].map(str::to_owned);
        fonts.families.insert(family, names.to_vec());
    }
    fonts
}
