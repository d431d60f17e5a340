//! Gives pictures their last touch, by `shaders/finish.wgsl`.

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;
use wgpu::util::DeviceExt as _;

use super::sheet::Sheet;
use super::target::{Target, bind, flat, loaded_texture, pipeline, uniform, upload};
use crate::raster::{CURVE_ENTRIES, Extent, Pixels, Touch};

pub(super) const SHADER: &str = include_str!("../../shaders/finish.wgsl");

/// Draws finished pictures on the device of the window.
pub struct FinishPainter {
    render: RenderState,
    pipeline: wgpu::RenderPipeline,
}

/// A picture, or a part of one, on the device, and what it looks like when it is finished.
pub struct Finished {
    source: Sheet,
    /// Where it begins in the whole picture.
    corner: [i32; 2],
    target: Option<Target>,
    /// How often it was drawn.
    drawn: u64,
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
        let numbers = uniform(2, wgpu::ShaderStages::FRAGMENT);
        let inputs = [texture(0), texture(1), numbers];
        let pipeline = pipeline(&render.device, "finish", SHADER, &inputs);
        Self { render, pipeline }
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
        let format = wgpu::TextureFormat::Rgba32Float;
        let curves = upload(&self.render, flat(row), format, bytes);
        let curves = curves.create_view(&wgpu::TextureViewDescriptor::default());
        let resources = [
            wgpu::BindingResource::TextureView(&picture.source.view),
            wgpu::BindingResource::TextureView(&curves),
            numbers.as_entire_binding(),
        ];
        let inputs = bind(&self.render, &self.pipeline, resources);
        let id = Target::fit(
            &mut picture.target,
            &self.render,
            picture.source.extent(),
            filter,
        );
        if let Some(target) = &picture.target {
            target.draw(&self.pipeline, &inputs);
            picture.drawn += 1;
        }
        id
    }
}

impl Finished {
    /// Brings pixels to the device, which begin at a place of the whole picture; `None` if there is
    /// no room.
    pub fn bring(render: &RenderState, pixels: &Pixels, corner: [i32; 2]) -> Option<Self> {
        Some(Self {
            source: Sheet::bring(render, pixels)?,
            corner,
            target: None,
            drawn: 0,
        })
    }

    /// Puts pixels in the place of some of those that were brought.
    pub fn put(&mut self, render: &RenderState, corner: [u32; 2], pixels: &Pixels) {
        self.source.put(render, corner, pixels);
    }

    /// What was brought, as it was.
    pub fn untouched(&self) -> Sheet {
        self.source.clone()
    }

    /// What was drawn last, with alpha multiplied in.
    pub fn touched(&self) -> Option<Sheet> {
        Some(Sheet {
            view: self.target.as_ref()?.view().clone(),
            is_straight: false,
            revision: self.drawn,
        })
    }

    /// What was drawn last.
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.target.as_ref().map(Target::texture)
    }
}
