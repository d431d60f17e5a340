//! Pictures, or parts of them, as texels on the device.

use eframe::egui_wgpu::RenderState;

use super::target::{Target, flat, upload};
use crate::raster::{Extent, Pixels};

/// Texels that shaders load.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub(super) view: wgpu::TextureView,
    /// Alpha is not multiplied into the colours.
    pub(super) is_straight: bool,
    /// Counts what was drawn into it, to see that it looks otherwise.
    pub(super) revision: u64,
}

impl Sheet {
    /// Brings pixels to the device; `None` if there is no room.
    pub fn bring(render: &RenderState, pixels: &Pixels) -> Option<Self> {
        let extent = pixels.extent();
        Target::is_possible(render, extent).then(|| {
            let format = wgpu::TextureFormat::Rgba8Unorm;
            let texture = upload(render, flat(extent), format, pixels.rgba());
            Self {
                view: texture.create_view(&wgpu::TextureViewDescriptor::default()),
                is_straight: true,
                revision: 0,
            }
        })
    }

    /// Texels.
    pub fn extent(&self) -> Extent {
        let size = self.view.texture().size();
        Extent::new(size.width, size.height)
    }

    /// Puts pixels in the place of some of those that were brought, from a corner on; they must lie
    /// within.
    pub(super) fn put(&mut self, render: &RenderState, [x, y]: [u32; 2], pixels: &Pixels) {
        let Extent { width, height } = pixels.extent();
        let whole = self.extent();
        if x + width > whole.width || y + height > whole.height {
            log::error!("a part of {width}x{height} pixels reaches beyond a picture of {whole}");
            return;
        }
        self.revision += 1;
        let place = wgpu::TexelCopyTextureInfo {
            origin: wgpu::Origin3d { x, y, z: 0 },
            ..self.view.texture().as_image_copy()
        };
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(4 * width),
            rows_per_image: None,
        };
        let queue = &render.queue;
        queue.write_texture(place, pixels.rgba(), layout, flat(pixels.extent()));
    }
}
