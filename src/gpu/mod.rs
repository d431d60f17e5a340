//! Drawing on the graphics device: textures, shaders, and the same in plain loops where there is
//! no device.

mod latent_painter;
mod latents;
mod setup;

pub use latent_painter::LatentPainter;
pub use latents::Latents;
pub use setup::setup;

/// Every shader of the window: name and WGSL text.
pub const SHADERS: &[(&str, &str)] = &[("latent_preview", latent_painter::SHADER)];
