//! How a mask is seen.

use bytemuck::{Pod, Zeroable};

use crate::raster::{Extent, Ink};

/// The part of the screen that shows the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskFrame {
    /// Screen pixels.
    pub size: Extent,
    /// Where the picture's upper left corner lies in it, in screen pixels.
    pub origin: [f32; 2],
    /// Screen pixels per pixel of the picture.
    pub zoom: f32,
}

impl MaskFrame {
    /// Whether any of a part of the picture lies in the frame.
    pub(super) fn sees(&self, corner: (u32, u32), size: Extent) -> bool {
        let inside = |axis: usize, from: u32, length: u32, limit: u32| {
            let start = from as f32 * self.zoom + self.origin[axis];
            start < limit as f32 && start + length as f32 * self.zoom > 0.0
        };
        inside(0, corner.0, size.width, self.size.width)
            && inside(1, corner.1, size.height, self.size.height)
    }
}

/// Colours are red, green, blue and opacity from 0 to 1, in the screen's own values.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct MaskColors {
    pub tint: [f32; 4],
    /// Of the line around what is painted, and of the gaps in it.
    pub dash: [f32; 4],
    pub gap: [f32; 4],
    /// Screen pixels: thickness of the line, length of a dash with its gap, and how far the dashes
    /// have marched.
    pub thickness: f32,
    pub period: f32,
    pub phase: f32,
    pub padding: f32,
}

/// Part of a period that is dash; the rest is gap.
pub(super) const DASH: f32 = 0.6;

/// `Frame` of `shaders/mask_view.wgsl`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct FrameUniform {
    size: [f32; 2],
    origin: [f32; 2],
    zoom: f32,
    opacity: f32,
    adds: f32,
    padding: f32,
}

impl FrameUniform {
    pub(super) fn new(frame: &MaskFrame, ink: Ink) -> Self {
        Self {
            size: [frame.size.width as f32, frame.size.height as f32],
            origin: frame.origin,
            zoom: frame.zoom,
            opacity: ink.opacity,
            adds: adds(ink),
            padding: 0.0,
        }
    }
}

/// `Ink` of `shaders/mask_ink.wgsl`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct InkUniform {
    opacity: f32,
    adds: f32,
    padding: [f32; 2],
}

impl InkUniform {
    pub(super) fn new(ink: Ink) -> Self {
        Self {
            opacity: ink.opacity,
            adds: adds(ink),
            padding: [0.0; 2],
        }
    }
}

fn adds(ink: Ink) -> f32 {
    if ink.erases { 0.0 } else { 1.0 }
}
