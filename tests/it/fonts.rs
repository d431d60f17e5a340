use std::collections::BTreeSet;
use std::path::Path;

use afterimage::app::fonts;
use egui::{FontFamily, FontId};

/// Characters of everything people read or may be shown: the words of the window, and what Sprout
/// was taught in Chinese.
fn characters() -> BTreeSet<char> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("assets/sprout/train/chars_zh.txt")];
    let words = std::fs::read_dir(root.join("src/app/words")).unwrap();
    files.extend(words.map(|entry| entry.unwrap().path()));
    for folder in ["src/app/panels", "src/app/keys"] {
        let rows = std::fs::read_dir(root.join(folder)).unwrap();
        files.extend(rows.map(|entry| entry.unwrap().path()));
    }
    files
        .iter()
        .flat_map(|file| {
            std::fs::read_to_string(file)
                .unwrap()
                .chars()
                .collect::<Vec<_>>()
        })
        .filter(|character| !character.is_control())
        .collect()
}

/// A context that has laid out nothing but knows the fonts.
fn with_fonts() -> egui::Context {
    let ctx = egui::Context::default();
    fonts::install(&ctx);
    let mut output = ctx.run_ui(egui::RawInput::default(), |_| {});
    output.textures_delta.clear();
    ctx
}

#[test]
fn every_word_of_the_window_has_its_letters_without_the_systems_fonts() {
    let ctx = with_fonts();
    for family in [FontFamily::Proportional, fonts::semibold()] {
        let font = FontId::new(13.0, family);
        let missing: String = characters()
            .into_iter()
            .filter(|character| ctx.fonts_mut(|fonts| !fonts.has_glyph(&font, *character)))
            .collect();
        assert!(
            missing.is_empty(),
            "run assets/fonts/make.py: no glyph for {missing}"
        );
    }
}

#[test]
fn digits_have_one_width() {
    let ctx = with_fonts();
    let font = FontId::proportional(13.0);
    let width = |digit| ctx.fonts_mut(|fonts| fonts.glyph_width(&font, digit));
    let one = width('1');
    assert!(one > 0.0 && ('0'..='9').all(|digit| width(digit) == one));
}

#[test]
fn fonts_come_with_their_licences_and_stay_small() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let mut bytes = 0;
    for (font, licence) in [
        ("Inter-Regular.otf", "OFL-Inter.txt"),
        ("Inter-SemiBold.otf", "OFL-Inter.txt"),
        ("NotoSansSC-Bold.otf", "OFL-NotoSansSC.txt"),
        ("NotoSansSC-Regular.otf", "OFL-NotoSansSC.txt"),
    ] {
        bytes += folder.join(font).metadata().unwrap().len();
        let text = std::fs::read_to_string(folder.join(licence)).unwrap();
        assert!(text.contains("Copyright") && text.contains("SIL OPEN FONT LICENSE"));
    }
    assert!(bytes < 1_500_000, "{bytes} bytes of fonts");
}
