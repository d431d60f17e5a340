//! Paints and shows a mask by shaders.

use std::collections::BTreeMap;

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;
use wgpu::util::DeviceExt as _;

use super::look::{FrameUniform, InkUniform, MaskColors, MaskFrame};
use super::pipelines::{MASK_FORMAT, OVERLAY_FORMAT, Pipelines};
use super::tile::{GpuTile, Plane};
use super::visible;
use crate::raster::{Area, Changes, Extent, Ink, Segment, TILE, TileAt, TileValues, TiledMask};

/// Tiles that are written within one frame: some milliseconds.
const PER_FRAME: usize = 8;

/// A mask in tiles on the device; a stroke costs what it touches, whatever the picture's size.
pub struct MaskPainter {
    render: RenderState,
    pipelines: Pipelines,
    picture: Extent,
    tiles: BTreeMap<TileAt, GpuTile>,
    /// Values that are not on the device yet: they are written when a frame or a stroke reaches
    /// them, since those of a whole mask would take too long at once.
    fresh: BTreeMap<TileAt, TileValues>,
    /// A tile without a stroke.
    nothing: Plane,
    /// Whether the last frame sees values that are still to be written.
    behind: bool,
    screen: Option<Screen>,
    /// How the screen was drawn last, if it was since the mask is another.
    drawn: Option<MaskFrame>,
}

/// What is seen of the mask, and how.
struct Screen {
    size: Extent,
    seen: wgpu::TextureView,
    overlay: wgpu::TextureView,
    id: TextureId,
}

impl MaskPainter {
    /// A painter on the device of the window.
    pub fn new(render: RenderState) -> Self {
        let pipelines = Pipelines::new(&render.device);
        let nothing = Plane::new(&render.device);
        Self {
            render,
            pipelines,
            picture: Extent::new(0, 0),
            tiles: BTreeMap::new(),
            fresh: BTreeMap::new(),
            nothing,
            behind: false,
            screen: None,
            drawn: None,
        }
    }

    pub(super) fn is_hardware(&self) -> bool {
        self.render.adapter.get_info().device_type != wgpu::DeviceType::Cpu
    }

    /// Shows another mask.
    pub fn load(&mut self, mask: &TiledMask) {
        self.picture = mask.extent();
        self.tiles.clear();
        self.drawn = None;
        let tiles = mask.tiles();
        self.fresh = tiles.map(|(at, values)| (at, values.clone())).collect();
    }

    /// Shows what has changed of the mask.
    pub fn show(&mut self, changes: &Changes) {
        for (at, values) in changes {
            if let Some(values) = values {
                self.fresh.insert(*at, values.clone());
            } else {
                self.fresh.remove(at);
                self.tiles.remove(at);
            }
        }
    }

    /// Whether some of the mask in the last frame is not as it should be yet.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// A tile with its newest values.
    fn tile(&mut self, at: TileAt) -> &mut GpuTile {
        let tile = self.tiles.entry(at).or_insert_with(|| {
            let place = (at, self.picture);
            GpuTile::new(&self.render.device, &self.pipelines, place, &self.nothing)
        });
        if let Some(values) = self.fresh.remove(&at) {
            tile.write(&self.render.queue, &values);
        }
        tile
    }

    /// Writes some of the tiles that a frame sees.
    fn catch_up(&mut self, frame: &MaskFrame) {
        let picture = self.picture;
        let sees = |at: &TileAt| frame.sees(at.corner(), visible(at.corner(), picture));
        let mut wanted = self.fresh.keys().copied().filter(sees);
        let now: Vec<TileAt> = wanted.by_ref().take(PER_FRAME).collect();
        self.behind = wanted.next().is_some();
        for at in now {
            self.tile(at);
        }
    }

    /// Goes on with the stroke: each tile is touched by the segments that reach it.
    pub fn draw(&mut self, segments: &[Segment]) {
        let areas: Vec<Option<Area>> = segments.iter().map(|s| s.area(self.picture)).collect();
        let Some(buffer) = self.segment_buffer(segments) else {
            return;
        };
        let mut touched: BTreeMap<TileAt, (u32, u32)> = BTreeMap::new();
        for (index, area) in (0..).zip(&areas) {
            for at in area
                .iter()
                .flat_map(|area| TileAt::touching(*area, self.picture))
            {
                let (_, end) = touched.entry(at).or_insert((index, index));
                *end = index + 1;
            }
        }
        let mut encoder = self.encoder();
        for (at, (first, end)) in touched {
            self.tile(at);
            let Some(tile) = self.tiles.get_mut(&at) else {
                continue;
            };
            let is_new = tile.begin_stroke(&self.render.device, &self.pipelines);
            let Some(stroke) = &tile.stroke else {
                continue;
            };
            let load = if is_new {
                wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT)
            } else {
                wgpu::LoadOp::Load
            };
            let mut pass = begin_pass(&mut encoder, &stroke.view, load);
            pass.set_pipeline(&self.pipelines.stroke);
            pass.set_scissor_rect(0, 0, tile.visible.width, tile.visible.height);
            pass.set_bind_group(0, &tile.place, &[]);
            pass.set_vertex_buffer(0, buffer.slice(..));
            pass.draw(0..6, first..end);
        }
        self.render.queue.submit([encoder.finish()]);
    }

    fn segment_buffer(&self, segments: &[Segment]) -> Option<wgpu::Buffer> {
        let description = wgpu::util::BufferInitDescriptor {
            label: Some("mask stroke"),
            contents: bytemuck::cast_slice(segments),
            usage: wgpu::BufferUsages::VERTEX,
        };
        (!segments.is_empty()).then(|| self.render.device.create_buffer_init(&description))
    }

    /// Ends the stroke: what it changes of the mask, read back from the device.
    pub fn finish(&mut self, ink: Ink) -> Changes {
        let uniform = self.uniform(&InkUniform::new(ink));
        let mut encoder = self.encoder();
        let row = u64::from(TILE);
        let mut copies = Vec::new();
        for (&at, tile) in &self.tiles {
            let Some(stroke) = &tile.stroke else {
                continue;
            };
            let group = self.group(&self.pipelines.ink, &uniform, &stroke.view);
            let mut pass = begin_pass(&mut encoder, &tile.mask.view, wgpu::LoadOp::Load);
            pass.set_pipeline(&self.pipelines.ink);
            pass.set_bind_group(0, &group, &[]);
            pass.draw(0..3, 0..1);
            drop(pass);
            let copy = self.render.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("mask tile"),
                size: row * row,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            encoder.copy_texture_to_buffer(
                tile.mask.texture.as_image_copy(),
                wgpu::TexelCopyBufferInfo {
                    buffer: &copy,
                    layout: wgpu::TexelCopyBufferLayout {
                        offset: 0,
                        bytes_per_row: Some(TILE),
                        rows_per_image: None,
                    },
                },
                tile.mask.texture.size(),
            );
            copies.push((at, copy));
        }
        self.render.queue.submit([encoder.finish()]);
        self.abandon();
        self.read(&copies)
    }

    /// Waits until everything asked for is drawn.
    pub fn settle(&self) -> Result<(), String> {
        self.render
            .device
            .poll(wgpu::PollType::wait_indefinitely())
            .map(drop)
            .map_err(|error| format!("the graphics device does not answer: {error}"))
    }

    /// Waits for copies and reads them: some milliseconds at the end of a stroke.
    fn read(&self, copies: &[(TileAt, wgpu::Buffer)]) -> Changes {
        for (_, copy) in copies {
            copy.map_async(wgpu::MapMode::Read, .., |mapped| {
                if let Err(error) = mapped {
                    log::error!("a tile of the mask cannot be read: {error}");
                }
            });
        }
        if let Err(error) = self.settle() {
            log::error!("{error}");
        }
        let values = |copy: &wgpu::Buffer| {
            copy.get_mapped_range(..)
                .inspect_err(|error| log::error!("a tile of the mask is lost: {error}"))
                .ok()
                .map(|range| range.to_vec().into())
        };
        copies
            .iter()
            .filter_map(|(at, copy)| Some((*at, Some(values(copy)?))))
            .collect()
    }

    /// Forgets the stroke.
    pub fn abandon(&mut self) {
        for tile in self.tiles.values_mut() {
            tile.end_stroke(&self.render.device, &self.pipelines, &self.nothing);
        }
    }

    /// Draws what is seen of the mask; the texture stays the same as long as the size does. While
    /// a change is still being written, what was seen before stays: nothing of a mask that is
    /// another one altogether.
    pub fn overlay(
        &mut self,
        frame: &MaskFrame,
        colors: &MaskColors,
        ink: Ink,
    ) -> Option<TextureId> {
        let most = self.render.device.limits().max_texture_dimension_2d;
        let sides = 1..=most;
        self.catch_up(frame);
        if self.behind && !self.tiles.values().any(|tile| tile.stroke.is_some()) {
            match self.drawn {
                None => return None,
                Some(drawn) if drawn == *frame => return self.screen.as_ref().map(|s| s.id),
                Some(_) => {}
            }
        }
        if self.tiles.is_empty()
            || !sides.contains(&frame.size.width)
            || !sides.contains(&frame.size.height)
        {
            return None;
        }
        if self.screen.as_ref().is_none_or(|s| s.size != frame.size) {
            self.forget_screen();
            self.screen = Some(Screen::new(&self.render, frame.size));
        }
        let screen = self.screen.as_ref()?;
        let mut encoder = self.encoder();
        self.see(&mut encoder, screen, frame, ink);
        let group = self.group(&self.pipelines.overlay, &self.uniform(colors), &screen.seen);
        let clear = wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT);
        let mut pass = begin_pass(&mut encoder, &screen.overlay, clear);
        pass.set_pipeline(&self.pipelines.overlay);
        pass.set_bind_group(0, &group, &[]);
        pass.draw(0..3, 0..1);
        drop(pass);
        self.render.queue.submit([encoder.finish()]);
        self.drawn = Some(*frame);
        Some(screen.id)
    }

    /// Every tile that lies in the frame, at the screen's pixels.
    fn see(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        screen: &Screen,
        frame: &MaskFrame,
        ink: Ink,
    ) {
        let group = self
            .render
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("mask view"),
                layout: &self.pipelines.view.get_bind_group_layout(0),
                entries: &[wgpu::BindGroupEntry {
                    binding: 0,
                    resource: self
                        .uniform(&FrameUniform::new(frame, ink))
                        .as_entire_binding(),
                }],
            });
        let clear = wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT);
        let mut pass = begin_pass(encoder, &screen.seen, clear);
        pass.set_pipeline(&self.pipelines.view);
        pass.set_bind_group(0, &group, &[]);
        for (at, tile) in &self.tiles {
            if frame.sees(at.corner(), tile.visible) {
                pass.set_bind_group(1, &tile.seen, &[]);
                pass.draw(0..6, 0..1);
            }
        }
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.render
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    fn uniform(&self, numbers: &impl bytemuck::NoUninit) -> wgpu::Buffer {
        let description = wgpu::util::BufferInitDescriptor {
            label: Some("mask"),
            contents: bytemuck::bytes_of(numbers),
            usage: wgpu::BufferUsages::UNIFORM,
        };
        self.render.device.create_buffer_init(&description)
    }

    /// Numbers at binding 0, a texture at binding 1.
    fn group(
        &self,
        pipeline: &wgpu::RenderPipeline,
        uniform: &wgpu::Buffer,
        texture: &wgpu::TextureView,
    ) -> wgpu::BindGroup {
        self.render
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("mask"),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &[
                    wgpu::BindGroupEntry {
                        binding: 0,
                        resource: uniform.as_entire_binding(),
                    },
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::TextureView(texture),
                    },
                ],
            })
    }

    fn forget_screen(&mut self) {
        if let Some(screen) = self.screen.take() {
            self.render.renderer.write().free_texture(&screen.id);
        }
    }
}

impl Drop for MaskPainter {
    fn drop(&mut self) {
        self.forget_screen();
    }
}

impl Screen {
    fn new(render: &RenderState, size: Extent) -> Self {
        let texture = |format| {
            let texture = render.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("mask on the screen"),
                size: wgpu::Extent3d {
                    width: size.width,
                    height: size.height,
                    depth_or_array_layers: 1,
                },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                    | wgpu::TextureUsages::TEXTURE_BINDING
                    | wgpu::TextureUsages::COPY_SRC,
                view_formats: &[],
            });
            texture.create_view(&wgpu::TextureViewDescriptor::default())
        };
        let (seen, overlay) = (texture(MASK_FORMAT), texture(OVERLAY_FORMAT));
        let id = render.renderer.write().register_native_texture(
            &render.device,
            &overlay,
            wgpu::FilterMode::Nearest,
        );
        Self {
            size,
            seen,
            overlay,
            id,
        }
    }
}

fn begin_pass<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    target: &'a wgpu::TextureView,
    load: wgpu::LoadOp<wgpu::Color>,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("mask"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load,
                store: wgpu::StoreOp::Store,
            },
        })],
        ..wgpu::RenderPassDescriptor::default()
    })
}
