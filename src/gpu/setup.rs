//! Which graphics device the window asks for.

use std::sync::Arc;

use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew};

/// Textures beyond this are of no use to a window.
const LARGEST_TEXTURE: u32 = 16384;

/// Any device, one that computes in software too, with as large textures as it has.
pub fn setup() -> WgpuConfiguration {
    let mut new = WgpuSetupCreateNew::without_display_handle();
    let usual = Arc::clone(&new.device_descriptor);
    new.device_descriptor = Arc::new(move |adapter| {
        let mut descriptor = usual(adapter);
        descriptor.required_limits.max_texture_dimension_2d = adapter
            .limits()
            .max_texture_dimension_2d
            .min(LARGEST_TEXTURE);
        descriptor
    });
    WgpuConfiguration {
        wgpu_setup: WgpuSetup::CreateNew(new),
        ..WgpuConfiguration::default()
    }
}
