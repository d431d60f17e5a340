//! The four shaders of the mask, ready to run.

use crate::gpu::target::{loaded_texture, uniform};
use crate::raster::Segment;

pub(in crate::gpu) const STROKE: &str = include_str!("../../../shaders/mask_stroke.wgsl");
pub(in crate::gpu) const INK: &str = include_str!("../../../shaders/mask_ink.wgsl");
pub(in crate::gpu) const VIEW: &str = include_str!("../../../shaders/mask_view.wgsl");
pub(in crate::gpu) const OVERLAY: &str = include_str!("../../../shaders/mask_overlay.wgsl");

/// One byte a pixel: how much is painted.
pub(super) const MASK_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::R8Unorm;
/// What egui's renderer samples.
pub(super) const OVERLAY_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

pub(super) struct Pipelines {
    pub(super) stroke: wgpu::RenderPipeline,
    pub(super) ink: wgpu::RenderPipeline,
    pub(super) view: wgpu::RenderPipeline,
    pub(super) overlay: wgpu::RenderPipeline,
}

/// The strongest of all that covers a pixel.
const STRONGEST: wgpu::BlendState = blend(
    wgpu::BlendFactor::One,
    wgpu::BlendFactor::One,
    wgpu::BlendOperation::Max,
);

/// New ink over what is there.
const OVER: wgpu::BlendState = blend(
    wgpu::BlendFactor::One,
    wgpu::BlendFactor::OneMinusSrcAlpha,
    wgpu::BlendOperation::Add,
);

const fn blend(
    src_factor: wgpu::BlendFactor,
    dst_factor: wgpu::BlendFactor,
    operation: wgpu::BlendOperation,
) -> wgpu::BlendState {
    let component = wgpu::BlendComponent {
        src_factor,
        dst_factor,
        operation,
    };
    wgpu::BlendState {
        color: component,
        alpha: component,
    }
}

impl Pipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        use wgpu::TextureViewDimension::D2;
        let segment = wgpu::VertexBufferLayout {
            array_stride: size_of::<Segment>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![
                0 => Float32x2, 1 => Float32x2, 2 => Float32x2, 3 => Float32
            ],
        };
        Self {
            stroke: Shader {
                name: "mask stroke",
                text: STROKE,
                entries: ("sweep", "cover"),
                groups: &[&[uniform(0, wgpu::ShaderStages::VERTEX_FRAGMENT)]],
                format: MASK_FORMAT,
                blend: Some(STRONGEST),
            }
            .pipeline(device, &[Some(segment)]),
            ink: Shader {
                name: "mask ink",
                text: INK,
                entries: ("cover", "lay"),
                groups: &[&[
                    uniform(0, wgpu::ShaderStages::FRAGMENT),
                    loaded_texture(1, D2),
                ]],
                format: MASK_FORMAT,
                blend: Some(OVER),
            }
            .pipeline(device, &[]),
            view: Shader {
                name: "mask view",
                text: VIEW,
                entries: ("place", "see"),
                groups: &[
                    &[uniform(0, wgpu::ShaderStages::VERTEX_FRAGMENT)],
                    &[
                        uniform(0, wgpu::ShaderStages::VERTEX_FRAGMENT),
                        loaded_texture(1, D2),
                        loaded_texture(2, D2),
                    ],
                ],
                format: MASK_FORMAT,
                blend: None,
            }
            .pipeline(device, &[]),
            overlay: Shader {
                name: "mask overlay",
                text: OVERLAY,
                entries: ("cover", "tinted"),
                groups: &[&[
                    uniform(0, wgpu::ShaderStages::FRAGMENT),
                    loaded_texture(1, D2),
                ]],
                format: OVERLAY_FORMAT,
                blend: None,
            }
            .pipeline(device, &[]),
        }
    }
}

/// All that makes a pipeline.
struct Shader<'a> {
    name: &'a str,
    text: &'a str,
    /// Of vertices and of fragments.
    entries: (&'a str, &'a str),
    groups: &'a [&'a [wgpu::BindGroupLayoutEntry]],
    format: wgpu::TextureFormat,
    blend: Option<wgpu::BlendState>,
}

impl Shader<'_> {
    fn pipeline(
        &self,
        device: &wgpu::Device,
        buffers: &[Option<wgpu::VertexBufferLayout<'_>>],
    ) -> wgpu::RenderPipeline {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(self.name),
            source: wgpu::ShaderSource::Wgsl(self.text.into()),
        });
        let groups: Vec<_> = self
            .groups
            .iter()
            .map(|entries| {
                device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                    label: Some(self.name),
                    entries,
                })
            })
            .collect();
        let groups: Vec<_> = groups.iter().map(Some).collect();
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(self.name),
            bind_group_layouts: &groups,
            immediate_size: 0,
        });
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(self.name),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some(self.entries.0),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers,
            },
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(self.entries.1),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: self.format,
                    blend: self.blend,
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            multiview_mask: None,
            cache: None,
        })
    }
}
