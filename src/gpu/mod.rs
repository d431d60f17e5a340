//! Drawing on the graphics device: textures, shaders, and the same in plain loops where there is
//! no device.

mod divider_painter;
mod finish_painter;
mod latent_painter;
mod latents;
mod mask;
mod setup;
mod sheet;
mod target;

pub use divider_painter::{Divided, DividerPainter, Piece};
pub use finish_painter::{FinishPainter, Finished};
pub use latent_painter::LatentPainter;
pub use latents::Latents;
pub use mask::{MaskColors, MaskFrame, MaskPainter, MaskSurface, Overlay};
pub use setup::{headless, setup};
pub use sheet::Sheet;

/// Every shader of the window: name and WGSL text.
pub const SHADERS: &[(&str, &str)] = &[
    ("latent_preview", latent_painter::SHADER),
    ("divider", divider_painter::SHADER),
    ("finish", finish_painter::SHADER),
    ("mask_stroke", mask::STROKE),
    ("mask_ink", mask::INK),
    ("mask_view", mask::VIEW),
    ("mask_overlay", mask::OVERLAY),
];
