//! A mask that is painted and shown on the graphics device, or in plain loops where there is none.

mod look;
mod painter;
mod pipelines;
mod plain;
mod tile;

pub use look::{MaskColors, MaskFrame};
pub use painter::MaskPainter;
pub(super) use pipelines::{INK, OVERLAY, STROKE, VIEW};

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;

use self::plain::PlainMask;
use crate::raster::{Changes, Extent, Ink, Pixels, Segment, TiledMask};

/// Where a mask is painted. It shows what the mask holds and the stroke that is being drawn; the
/// mask itself stays with whoever owns it.
pub enum MaskSurface {
    Device(Box<MaskPainter>),
    Plain(PlainMask),
}

/// What lies over the picture.
pub enum Overlay {
    /// On the device, of the frame's size.
    Texture(TextureId),
    /// Straight alpha, of the frame's size.
    Image(Pixels),
}

impl MaskSurface {
    /// Painted by shaders if there is a device.
    pub fn new(render: Option<RenderState>) -> Self {
        match render {
            Some(render) => Self::Device(Box::new(MaskPainter::new(render))),
            None => Self::Plain(PlainMask::default()),
        }
    }

    /// Shows another mask.
    pub fn load(&mut self, mask: &TiledMask) {
        match self {
            Self::Device(painter) => painter.load(mask),
            Self::Plain(plain) => plain.load(mask),
        }
    }

    /// Shows what has changed of the mask.
    pub fn show(&mut self, changes: &Changes) {
        match self {
            Self::Device(painter) => painter.show(changes),
            Self::Plain(plain) => plain.show(changes),
        }
    }

    /// Goes on with the stroke, which begins with the first call.
    pub fn draw(&mut self, segments: &[Segment]) {
        match self {
            Self::Device(painter) => painter.draw(segments),
            Self::Plain(plain) => plain.draw(segments),
        }
    }

    /// Ends the stroke: what it changes of the mask, which is shown already.
    pub fn finish(&mut self, ink: Ink) -> Changes {
        match self {
            Self::Device(painter) => painter.finish(ink),
            Self::Plain(plain) => plain.finish(ink),
        }
    }

    /// Forgets the stroke.
    pub fn abandon(&mut self) {
        match self {
            Self::Device(painter) => painter.abandon(),
            Self::Plain(plain) => plain.abandon(),
        }
    }

    /// The mask as it is seen in a frame, with the stroke that is being drawn; `None` if nothing of
    /// it is painted, or the frame has no pixels. A device takes a large change in over several frames,
    /// and shows it then.
    pub fn overlay(&mut self, frame: &MaskFrame, colors: &MaskColors, ink: Ink) -> Option<Overlay> {
        match self {
            Self::Device(painter) => painter.overlay(frame, colors, ink).map(Overlay::Texture),
            Self::Plain(plain) => plain.overlay(frame, colors, ink).map(Overlay::Image),
        }
    }

    /// Whether the last overlay lacks some of the mask: it takes another one, and perhaps more.
    pub fn is_behind(&self) -> bool {
        match self {
            Self::Device(painter) => painter.is_behind(),
            Self::Plain(_) => false,
        }
    }

    /// Whether a device computes in hardware: only there a line may march.
    pub fn is_hardware(&self) -> bool {
        match self {
            Self::Device(painter) => painter.is_hardware(),
            Self::Plain(_) => false,
        }
    }
}

/// The largest part of a mask that lies in a picture, for both ways of painting.
fn visible(corner: (u32, u32), picture: Extent) -> Extent {
    let side = |corner: u32, side: u32| side.saturating_sub(corner).min(crate::raster::TILE);
    Extent::new(
        side(corner.0, picture.width),
        side(corner.1, picture.height),
    )
}
