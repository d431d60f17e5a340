//! Shows two pictures of one thing at both sides of a line, by `shaders/divider.wgsl`.

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;
use wgpu::util::DeviceExt as _;

use super::sheet::Sheet;
use super::target::{Target, bind, loaded_texture, pipeline, uniform};
use crate::raster::Extent;

pub(super) const SHADER: &str = include_str!("../../shaders/divider.wgsl");

/// Corners of the two triangles of a piece.
const CORNERS: u32 = 6;

/// Draws both on the device of the window.
pub struct DividerPainter {
    render: RenderState,
    pipeline: wgpu::RenderPipeline,
    target: Option<Target>,
    /// What was drawn last: frames that show the same need nothing.
    drawn: Option<(Divided, [Vec<Piece>; 2])>,
}

/// A part of a sheet, and where it is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub sheet: Sheet,
    /// Left, top, right and bottom, in pixels of what is drawn; it may reach beyond.
    pub place: [f32; 4],
    /// The same in texels of the sheet.
    pub part: [f32; 4],
}

/// How both are seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divided {
    /// Pixels of what is drawn.
    pub size: Extent,
    /// The line, in pixels from the left edge.
    pub line: f32,
    /// Every texel is a square of its own; else they go over into each other.
    pub squares: bool,
}

/// `Piece` of the shader.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Numbers {
    place: [f32; 4],
    part: [f32; 4],
    size: [f32; 2],
    line: f32,
    is_after: f32,
    is_squares: f32,
    is_straight: f32,
    unused: [f32; 2],
}

const fn number(is: bool) -> f32 {
    if is { 1.0 } else { 0.0 }
}

impl DividerPainter {
    pub fn new(render: RenderState) -> Self {
        let sheet = loaded_texture(0, wgpu::TextureViewDimension::D2);
        let numbers = uniform(1, wgpu::ShaderStages::VERTEX_FRAGMENT);
        let pipeline = pipeline(&render.device, "divider", SHADER, &[sheet, numbers]);
        Self {
            render,
            pipeline,
            target: None,
            drawn: None,
        }
    }

    /// Draws the pieces of before at the left of the line and those of after at its right, later ones
    /// over earlier ones; clear where there are none. `None` if the device has no room.
    pub fn paint(
        &mut self,
        divided: Divided,
        before: Vec<Piece>,
        after: Vec<Piece>,
    ) -> Option<TextureId> {
        let filter = wgpu::FilterMode::Nearest;
        let wanted = (divided, [before, after]);
        if self.drawn.as_ref() == Some(&wanted) {
            return Some(Target::fit(
                &mut self.target,
                &self.render,
                divided.size,
                filter,
            ));
        }
        if !Target::is_possible(&self.render, divided.size) {
            return None;
        }
        let (_, [before, after]) = &wanted;
        let sides = [(before, false), (after, true)];
        let inputs: Vec<_> = sides
            .into_iter()
            .flat_map(|(pieces, is_after)| pieces.iter().map(move |piece| (piece, is_after)))
            .map(|(piece, is_after)| self.inputs(divided, piece, is_after))
            .collect();
        let id = Target::fit(&mut self.target, &self.render, divided.size, filter);
        if let Some(target) = &self.target {
            target.draw_each(&self.pipeline, &inputs, CORNERS);
        }
        self.drawn = Some(wanted);
        Some(id)
    }

    fn inputs(&self, divided: Divided, piece: &Piece, is_after: bool) -> wgpu::BindGroup {
        let numbers = Numbers {
            place: piece.place,
            part: piece.part,
            size: [divided.size.width as f32, divided.size.height as f32],
            line: divided.line,
            is_after: number(is_after),
            is_squares: number(divided.squares),
            is_straight: number(piece.sheet.is_straight),
            unused: [0.0; 2],
        };
        let buffer = wgpu::util::BufferInitDescriptor {
            label: Some("divider"),
            contents: bytemuck::bytes_of(&numbers),
            usage: wgpu::BufferUsages::UNIFORM,
        };
        let numbers = self.render.device.create_buffer_init(&buffer);
        let resources = [
            wgpu::BindingResource::TextureView(&piece.sheet.view),
            numbers.as_entire_binding(),
        ];
        bind(&self.render, &self.pipeline, resources)
    }

    /// What was drawn last.
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.target.as_ref().map(Target::texture)
    }
}
