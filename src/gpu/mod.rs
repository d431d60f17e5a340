//! Drawing on the graphics device: textures, shaders, and the same in plain loops where there is
//! no device.

mod finish_painter;
mod latent_painter;
mod latents;
mod mask;
mod setup;
mod target;

pub use finish_painter::{FinishPainter, Finished};
pub use latent_painter::LatentPainter;
pub use latents::Latents;
pub use mask::{MaskColors, MaskFrame, MaskPainter, MaskSurface, Overlay};
pub use setup::{headless, setup};

/// Every shader of the window: name and WGSL text.
pub const SHADERS: &[(&str, &str)] = &[
    ("latent_preview", latent_painter::SHADER),
    ("finish", finish_painter::SHADER),
    ("mask_stroke", mask::STROKE),
    ("mask_ink", mask::INK),
    ("mask_view", mask::VIEW),
    ("mask_overlay", mask::OVERLAY),
];
