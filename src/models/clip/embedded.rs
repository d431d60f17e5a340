//! Sprout-CLIP, which is part of the program where its folder lies among the sources.

use crate::weights::EmbeddedFiles;

/// Its folder, as it would lie on disk; what is in it, `build.rs` tells.
#[expect(
    clippy::large_include_file,
    reason = "the model is part of the program"
)]
static SPROUT_CLIP: EmbeddedFiles = EmbeddedFiles {
    name: "sprout-clip",
    files: include!(concat!(env!("OUT_DIR"), "/sprout_clip.rs")),
};

/// The built-in CLIP, if this program was built with one.
pub fn embedded_clip() -> Option<&'static EmbeddedFiles> {
    (!SPROUT_CLIP.files.is_empty()).then_some(&SPROUT_CLIP)
}
