//! One tile of a mask on the graphics device.

use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt as _;

use super::pipelines::{MASK_FORMAT, Pipelines};
use super::visible;
use crate::raster::{Extent, TILE, TileAt};

/// What the shaders know of a tile: `Tile` of both.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Place {
    corner: [f32; 2],
    /// For `mask_stroke.wgsl` the side of a tile; for `mask_view.wgsl` what lies in the picture.
    size: [f32; 2],
}

/// A texture of one tile.
pub(super) struct Plane {
    pub(super) texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
}

impl Plane {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("mask tile"),
            size: wgpu::Extent3d {
                width: TILE,
                height: TILE,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: MASK_FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC
                | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { texture, view }
    }
}

/// What is painted of a tile, and the stroke over it while one is drawn.
pub(super) struct GpuTile {
    /// Pixels of it that lie in the picture.
    pub(super) visible: Extent,
    pub(super) mask: Plane,
    pub(super) stroke: Option<Plane>,
    /// Group 0 of the stroke's shader.
    pub(super) place: wgpu::BindGroup,
    view_place: wgpu::Buffer,
    /// Group 1 of the view's shader.
    pub(super) seen: wgpu::BindGroup,
}

impl GpuTile {
    /// An empty tile; `nothing` stands for the stroke that is not there.
    pub(super) fn new(
        device: &wgpu::Device,
        pipelines: &Pipelines,
        (at, picture): (TileAt, Extent),
        nothing: &Plane,
    ) -> Self {
        let visible = visible(at.corner(), picture);
        let corner = [at.corner().0 as f32, at.corner().1 as f32];
        let buffer = |size| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("mask tile"),
                contents: bytemuck::bytes_of(&Place { corner, size }),
                usage: wgpu::BufferUsages::UNIFORM,
            })
        };
        let stroke_place = buffer([TILE as f32; 2]);
        let place = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("mask tile"),
            layout: &pipelines.stroke.get_bind_group_layout(0),
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: stroke_place.as_entire_binding(),
            }],
        });
        let view_place = buffer([visible.width as f32, visible.height as f32]);
        let mask = Plane::new(device);
        let seen = seen(device, pipelines, &view_place, (&mask, nothing));
        Self {
            visible,
            mask,
            stroke: None,
            place,
            view_place,
            seen,
        }
    }

    /// Makes room for a stroke; whether there was none before.
    pub(super) fn begin_stroke(&mut self, device: &wgpu::Device, pipelines: &Pipelines) -> bool {
        if self.stroke.is_some() {
            return false;
        }
        let plane = Plane::new(device);
        self.seen = seen(device, pipelines, &self.view_place, (&self.mask, &plane));
        self.stroke = Some(plane);
        true
    }

    pub(super) fn end_stroke(
        &mut self,
        device: &wgpu::Device,
        pipelines: &Pipelines,
        nothing: &Plane,
    ) {
        if self.stroke.take().is_some() {
            self.seen = seen(device, pipelines, &self.view_place, (&self.mask, nothing));
        }
    }

    /// Writes all values of the tile.
    pub(super) fn write(&self, queue: &wgpu::Queue, values: &[u8]) {
        queue.write_texture(
            self.mask.texture.as_image_copy(),
            values,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(TILE),
                rows_per_image: None,
            },
            self.mask.texture.size(),
        );
    }
}

fn seen(
    device: &wgpu::Device,
    pipelines: &Pipelines,
    place: &wgpu::Buffer,
    (mask, stroke): (&Plane, &Plane),
) -> wgpu::BindGroup {
    let views = [&mask.view, &stroke.view].map(wgpu::BindingResource::TextureView);
    let resources = std::iter::once(place.as_entire_binding()).chain(views);
    let entries: Vec<_> = (0..)
        .zip(resources)
        .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
        .collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("mask tile"),
        layout: &pipelines.view.get_bind_group_layout(1),
        entries: &entries,
    })
}
