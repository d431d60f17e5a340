//! Which graphics device the window asks for.

use std::sync::Arc;

use eframe::egui_wgpu::{
    RenderState, RendererOptions, WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew,
};

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

/// The device a window would have, without a window, and its name.
pub fn headless() -> Result<(RenderState, String), String> {
    let configuration = setup();
    let instance = pollster::block_on(configuration.wgpu_setup.new_instance());
    let options = RendererOptions::PREDICTABLE;
    let render = pollster::block_on(RenderState::create(
        &configuration,
        &instance,
        None,
        options,
    ))
    .map_err(|error| format!("there is no graphics device: {error}"))?;
    let info = render.adapter.get_info();
    Ok((render, format!("{} ({:?})", info.name, info.backend)))
}
