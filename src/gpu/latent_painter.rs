//! Draws latents as colour, by `shaders/latent_preview.wgsl`.

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;

use super::latents::Latents;
use super::target::{Target, bind, flat, loaded_texture, pipeline, upload};
use crate::raster::Extent;

pub(super) const SHADER: &str = include_str!("../../shaders/latent_preview.wgsl");

/// Draws each preview once, into a texture that frames then show as often as they like.
pub struct LatentPainter {
    render: RenderState,
    pipeline: wgpu::RenderPipeline,
    target: Option<Target>,
}

impl LatentPainter {
    /// A painter on the device of the window.
    pub fn new(render: RenderState) -> Self {
        use wgpu::TextureViewDimension::{D2, D2Array};
        let inputs = [loaded_texture(0, D2Array), loaded_texture(1, D2)];
        let pipeline = pipeline(&render.device, "latent preview", SHADER, &inputs);
        Self {
            render,
            pipeline,
            target: None,
        }
    }

    /// Draws latents enlarged to `size`; the texture stays the same as long as the size does.
    /// `None` if the device has no room for them.
    pub fn paint(&mut self, latents: &Latents<'_>, size: Extent) -> Option<TextureId> {
        let layers = latents.channels() as u32;
        let possible = [latents.extent(), size]
            .iter()
            .all(|extent| Target::is_possible(&self.render, *extent));
        if !possible || layers > self.render.device.limits().max_texture_array_layers {
            return None;
        }
        let linear = wgpu::FilterMode::Linear;
        let id = Target::fit(&mut self.target, &self.render, size, linear);
        let inputs = self.inputs(latents);
        self.target.as_ref()?.draw(&self.pipeline, &inputs);
        Some(id)
    }

    /// What was drawn last.
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.target.as_ref().map(Target::texture)
    }

    /// Latents and colours as textures, which even the plainest devices can read.
    fn inputs(&self, latents: &Latents<'_>) -> wgpu::BindGroup {
        let extent = latents.extent();
        let layers = wgpu::Extent3d {
            width: extent.width,
            height: extent.height,
            depth_or_array_layers: latents.channels() as u32,
        };
        let values = bytemuck::cast_slice(latents.values());
        let planes = upload(&self.render, layers, wgpu::TextureFormat::R32Float, values);
        let planes = planes.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..wgpu::TextureViewDescriptor::default()
        });
        let rows = latents.colors();
        let row = flat(Extent::new(rows.len() as u32, 1));
        let bytes = bytemuck::cast_slice(&rows);
        let colors = upload(&self.render, row, wgpu::TextureFormat::Rgba32Float, bytes);
        let colors = colors.create_view(&wgpu::TextureViewDescriptor::default());
        let views = [&planes, &colors].map(wgpu::BindingResource::TextureView);
        bind(&self.render, &self.pipeline, views)
    }
}
