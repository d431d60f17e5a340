//! Draws latents as colour, by `shaders/latent_preview.wgsl`.

use eframe::egui_wgpu::RenderState;
use wgpu::util::DeviceExt as _;

use super::latents::Latents;
use crate::raster::Extent;

pub(super) const SHADER: &str = include_str!("../../shaders/latent_preview.wgsl");

/// What egui's renderer samples.
const TARGET_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Draws each preview once, into a texture that frames then show as often as they like.
pub struct LatentPainter {
    render: RenderState,
    pipeline: wgpu::RenderPipeline,
    target: Option<Target>,
}

/// The texture egui shows.
struct Target {
    extent: Extent,
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    id: eframe::egui::TextureId,
}

impl LatentPainter {
    /// A painter on the device of the window.
    pub fn new(render: RenderState) -> Self {
        let pipeline = pipeline(&render.device);
        Self {
            render,
            pipeline,
            target: None,
        }
    }

    /// Draws latents enlarged to `size`; the texture stays the same as long as the size does.
    /// `None` if the device has no room for them.
    pub fn paint(
        &mut self,
        latents: &Latents<'_>,
        size: Extent,
    ) -> Option<eframe::egui::TextureId> {
        let limits = self.render.device.limits();
        let fits = |extent: Extent| {
            let sides = 1..=limits.max_texture_dimension_2d;
            sides.contains(&extent.width) && sides.contains(&extent.height)
        };
        let layers = latents.channels() as u32;
        if !fits(latents.extent()) || !fits(size) || layers > limits.max_texture_array_layers {
            return None;
        }
        if self
            .target
            .as_ref()
            .is_none_or(|target| target.extent != size)
        {
            self.forget();
            self.target = Some(Target::new(&self.render, size));
        }
        let target = self.target.as_ref()?;
        let inputs = self.inputs(latents);
        let mut encoder = self
            .render
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("latent preview"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &target.view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations::default(),
                })],
                ..wgpu::RenderPassDescriptor::default()
            });
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &inputs, &[]);
            pass.draw(0..3, 0..1);
        }
        self.render.queue.submit([encoder.finish()]);
        Some(target.id)
    }

    /// What was drawn last.
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.target.as_ref().map(|target| &target.texture)
    }

    fn forget(&mut self) {
        if let Some(target) = self.target.take() {
            self.render.renderer.write().free_texture(&target.id);
        }
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
        let planes = self.upload(layers, wgpu::TextureFormat::R32Float, values);
        let planes = planes.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..wgpu::TextureViewDescriptor::default()
        });
        let rows = latents.colors();
        let row = wgpu::Extent3d {
            width: rows.len() as u32,
            height: 1,
            depth_or_array_layers: 1,
        };
        let bytes = bytemuck::cast_slice(&rows);
        let colors = self.upload(row, wgpu::TextureFormat::Rgba32Float, bytes);
        let colors = colors.create_view(&wgpu::TextureViewDescriptor::default());
        let views = [&planes, &colors].map(wgpu::BindingResource::TextureView);
        let entries: Vec<_> = (0..)
            .zip(views)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        self.render
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("latents"),
                layout: &self.pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
    }

    fn upload(
        &self,
        size: wgpu::Extent3d,
        format: wgpu::TextureFormat,
        bytes: &[u8],
    ) -> wgpu::Texture {
        let description = wgpu::TextureDescriptor {
            label: Some("latents"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        };
        self.render.device.create_texture_with_data(
            &self.render.queue,
            &description,
            wgpu::util::TextureDataOrder::LayerMajor,
            bytes,
        )
    }
}

impl Drop for LatentPainter {
    fn drop(&mut self) {
        self.forget();
    }
}

impl Target {
    fn new(render: &RenderState, extent: Extent) -> Self {
        let texture = render.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("latent preview"),
            size: wgpu::Extent3d {
                width: extent.width,
                height: extent.height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: TARGET_FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let id = render.renderer.write().register_native_texture(
            &render.device,
            &view,
            wgpu::FilterMode::Linear,
        );
        Self {
            extent,
            texture,
            view,
            id,
        }
    }
}

fn pipeline(device: &wgpu::Device) -> wgpu::RenderPipeline {
    let shader = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("latent preview"),
        source: wgpu::ShaderSource::Wgsl(SHADER.into()),
    });
    let texture = |binding, view_dimension| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            // 32-bit floats: few devices can filter them.
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension,
            multisampled: false,
        },
        count: None,
    };
    let inputs = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("latents"),
        entries: &[
            texture(0, wgpu::TextureViewDimension::D2Array),
            texture(1, wgpu::TextureViewDimension::D2),
        ],
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("latent preview"),
        bind_group_layouts: &[Some(&inputs)],
        immediate_size: 0,
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("latent preview"),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: &shader,
            entry_point: Some("cover"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[],
        },
        fragment: Some(wgpu::FragmentState {
            module: &shader,
            entry_point: Some("draw"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(TARGET_FORMAT.into())],
        }),
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        multiview_mask: None,
        cache: None,
    })
}
