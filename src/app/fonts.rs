//! The letters of the window: Inter, with Noto Sans SC for what it lacks.
//!
//! Both are small parts, made by `assets/fonts/make.py`; a character that stands in neither comes
//! from the system's fonts.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Heavier letters, for headings and the one primary button.
const SEMIBOLD: &str = "semibold";

const INTER: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const INTER_SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
const NOTO_SANS_SC_BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.otf");
const NOTO_SANS_SC: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.otf");

/// Installs the fonts.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(definitions());
}

/// The family of headings and of the one primary button.
pub fn semibold() -> FontFamily {
    FontFamily::Name(SEMIBOLD.into())
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [
        ("inter", INTER),
        ("inter-semibold", INTER_SEMIBOLD),
        ("noto-sans-sc", NOTO_SANS_SC),
        ("noto-sans-sc-bold", NOTO_SANS_SC_BOLD),
    ] {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let plain = ["inter", "noto-sans-sc"].map(str::to_owned).to_vec();
    // The bold part has the window's own words alone.
    let heavy = ["inter-semibold", "noto-sans-sc-bold", "noto-sans-sc"];
    fonts.families = [
        (FontFamily::Proportional, plain.clone()),
        // Digits of our Inter have one width; nothing else in the window asks for more.
        (FontFamily::Monospace, plain),
        (semibold(), heavy.map(str::to_owned).to_vec()),
    ]
    .into();
    fonts
}
