//! Gives pictures their last touch, by `shaders/finish.wgsl`.

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;
use wgpu::util::DeviceExt as _;

use super::target::{Target, bind, flat, loaded_texture, pipeline, upload};
use crate::raster::{CURVE_ENTRIES, Extent, Pixels, Touch};

pub(super) const SHADER: &str = include_str!("../../shaders/finish.wgsl");

/// Draws finished pictures on the device of the window.
pub struct FinishPainter {
    render: RenderState,
    pipeline: wgpu::RenderPipeline,
}

/// A picture, or a part of one, on the device, and what it looks like when it is finished.
pub struct Finished {
    source: wgpu::TextureView,
    extent: Extent,
    /// Where it begins in the whole picture.
    corner: [i32; 2],
    target: Option<Target>,
}

/// The numbers of a touch as the shader takes them.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Numbers {
    light: [f32; 4],
    detail: [f32; 4],
    grain: [f32; 4],
    corner: [i32; 2],
    unused: [i32; 2],
}

impl FinishPainter {
    pub fn new(render: RenderState) -> Self {
        let texture = |binding| loaded_texture(binding, wgpu::TextureViewDimension::D2);
        let numbers = wgpu::BindGroupLayoutEntry {
            binding: 2,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let inputs = [texture(0), texture(1), numbers];
        let pipeline = pipeline(&render.device, "finish", SHADER, &inputs);
        Self { render, pipeline }
    }

    /// Brings pixels to the device, which begin at a place of the whole picture; `None` if there is
    /// no room.
    pub fn bring(&self, pixels: &Pixels, corner: [i32; 2]) -> Option<Finished> {
        let extent = pixels.extent();
        let fits = Target::is_possible(&self.render, extent);
        fits.then(|| Finished {
            source: self.upload(extent, wgpu::TextureFormat::Rgba8Unorm, pixels.rgba()),
            extent,
            corner,
            target: None,
        })
    }

    /// Draws a picture with a touch, to be shown smooth or in squares; the texture is the same every
    /// time as long as it is shown alike.
    pub fn paint(&self, picture: &mut Finished, touch: &Touch, smooth: bool) -> TextureId {
        let filter = if smooth {
            wgpu::FilterMode::Linear
        } else {
            wgpu::FilterMode::Nearest
        };
        let [r, g, b] = touch.light;
        let numbers = Numbers {
            light: [r, g, b, touch.contrast],
            detail: [touch.saturation, touch.denoise, touch.range, touch.sharpen],
            grain: [touch.grain, 0.0, 0.0, 0.0],
            corner: picture.corner,
            unused: [0; 2],
        };
        let buffer = wgpu::util::BufferInitDescriptor {
            label: Some("finish"),
            contents: bytemuck::bytes_of(&numbers),
            usage: wgpu::BufferUsages::UNIFORM,
        };
        let numbers = self.render.device.create_buffer_init(&buffer);
        let row = Extent::new(CURVE_ENTRIES as u32, 1);
        let entries = touch.curves.map(|[r, g, b]| [r, g, b, 1.0]);
        let bytes = bytemuck::cast_slice(&entries);
        let curves = self.upload(row, wgpu::TextureFormat::Rgba32Float, bytes);
        let resources = [
            wgpu::BindingResource::TextureView(&picture.source),
            wgpu::BindingResource::TextureView(&curves),
            numbers.as_entire_binding(),
        ];
        let inputs = bind(&self.render, &self.pipeline, resources);
        let id = Target::fit(&mut picture.target, &self.render, picture.extent, filter);
        if let Some(target) = &picture.target {
            target.draw(&self.pipeline, &inputs);
        }
        id
    }

    fn upload(
        &self,
        extent: Extent,
        format: wgpu::TextureFormat,
        bytes: &[u8],
    ) -> wgpu::TextureView {
        let texture = upload(&self.render, flat(extent), format, bytes);
        texture.create_view(&wgpu::TextureViewDescriptor::default())
    }
}

impl Finished {
    /// What was drawn last.
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.target.as_ref().map(Target::texture)
    }
}
