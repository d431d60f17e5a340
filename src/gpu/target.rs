//! What painters draw once, so that frames show it as often as they like.

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;

use wgpu::util::DeviceExt as _;

use crate::raster::Extent;

/// What egui's renderer samples.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A texture egui shows; it is given back when it is dropped.
pub(super) struct Target {
    render: RenderState,
    extent: Extent,
    filter: wgpu::FilterMode,
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    id: TextureId,
}

impl Target {
    /// Makes room for a picture of a size; the texture stays the same as long as the size does.
    pub(super) fn fit(
        kept: &mut Option<Self>,
        render: &RenderState,
        extent: Extent,
        filter: wgpu::FilterMode,
    ) -> TextureId {
        let fits = |target: &&mut Self| target.extent == extent && target.filter == filter;
        if let Some(target) = kept.as_mut().filter(fits) {
            return target.id;
        }
        *kept = None;
        kept.insert(Self::new(render, extent, filter)).id
    }

    fn new(render: &RenderState, extent: Extent, filter: wgpu::FilterMode) -> Self {
        let texture = render.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("drawn"),
            size: flat(extent),
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let id = render
            .renderer
            .write()
            .register_native_texture(&render.device, &view, filter);
        Self {
            render: render.clone(),
            extent,
            filter,
            texture,
            view,
            id,
        }
    }

    /// Whether a device has room for such a texture.
    pub(super) fn is_possible(render: &RenderState, extent: Extent) -> bool {
        let sides = 1..=render.device.limits().max_texture_dimension_2d;
        sides.contains(&extent.width) && sides.contains(&extent.height)
    }

    pub(super) const fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    pub(super) const fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// Draws a pipeline's triangle over all of it.
    pub(super) fn draw(&self, pipeline: &wgpu::RenderPipeline, inputs: &wgpu::BindGroup) {
        self.draw_each(pipeline, std::slice::from_ref(inputs), 3);
    }

    /// Draws what a pipeline makes of so many corners, once with each of some inputs; clear where
    /// nothing of that lies.
    pub(super) fn draw_each(
        &self,
        pipeline: &wgpu::RenderPipeline,
        inputs: &[wgpu::BindGroup],
        corners: u32,
    ) {
        let mut encoder = self
            .render
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("drawn"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &self.view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations::default(),
                })],
                ..wgpu::RenderPassDescriptor::default()
            });
            pass.set_pipeline(pipeline);
            for inputs in inputs {
                pass.set_bind_group(0, inputs, &[]);
                pass.draw(0..corners, 0..1);
            }
        }
        self.render.queue.submit([encoder.finish()]);
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.render.renderer.write().free_texture(&self.id);
    }
}

/// The size of a texture with one layer.
pub(super) const fn flat(extent: Extent) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width: extent.width,
        height: extent.height,
        depth_or_array_layers: 1,
    }
}

/// What draws a shader's `cover` and `draw` over a whole target.
pub(super) fn pipeline(
    device: &wgpu::Device,
    name: &str,
    shader: &str,
    inputs: &[wgpu::BindGroupLayoutEntry],
) -> wgpu::RenderPipeline {
    let shader = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(shader.into()),
    });
    let inputs = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(name),
        entries: inputs,
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(name),
        bind_group_layouts: &[Some(&inputs)],
        immediate_size: 0,
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(name),
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
            targets: &[Some(FORMAT.into())],
        }),
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        multiview_mask: None,
        cache: None,
    })
}

/// A texture of texels that shaders read.
pub(super) fn upload(
    render: &RenderState,
    size: wgpu::Extent3d,
    format: wgpu::TextureFormat,
    bytes: &[u8],
) -> wgpu::Texture {
    let description = wgpu::TextureDescriptor {
        label: Some("read"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    };
    let order = wgpu::util::TextureDataOrder::LayerMajor;
    let (device, queue) = (&render.device, &render.queue);
    device.create_texture_with_data(queue, &description, order, bytes)
}

/// What a shader's bindings read, from the first one on.
pub(super) fn bind<'a>(
    render: &RenderState,
    pipeline: &wgpu::RenderPipeline,
    resources: impl IntoIterator<Item = wgpu::BindingResource<'a>>,
) -> wgpu::BindGroup {
    let entries: Vec<_> = (0..)
        .zip(resources)
        .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
        .collect();
    render.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("inputs"),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    })
}

/// Numbers that a shader reads.
pub(super) const fn uniform(
    binding: u32,
    visibility: wgpu::ShaderStages,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}

/// A texture that a fragment shader loads single texels of: 32-bit floats too, which few devices can
/// filter.
pub(super) const fn loaded_texture(
    binding: u32,
    view_dimension: wgpu::TextureViewDimension,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension,
            multisampled: false,
        },
        count: None,
    }
}
