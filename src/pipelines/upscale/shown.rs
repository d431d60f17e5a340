//! A part of the result, to be looked at while the rest is made.

use crate::raster::{Area, Kind, Pixels};

/// A rectangle of what is made, before it is resampled, as it will be.
pub struct ShownPart<'a> {
    /// In pixels of [`Plan::made`](super::Plan::made).
    pub area: Area,
    pub(super) kind: Kind,
    /// Values of a whole row of what is made.
    pub(super) row: &'a dyn Fn(u32) -> &'a [f32],
}

impl std::fmt::Debug for ShownPart<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShownPart({:?})", self.area)
    }
}

impl ShownPart<'_> {
    /// As 8-bit pixels; colours are taken for sRGB.
    pub fn pixels(&self) -> Option<Pixels> {
        let Area { x, y, extent } = self.area;
        let channels = self.kind.channels();
        let eight = |value: f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        let mut rgba = Vec::with_capacity(extent.area() * 4);
        for y in y..y + extent.height {
            let row = (self.row)(y);
            let columns = x as usize * channels..(x + extent.width) as usize * channels;
            for pixel in row[columns].chunks_exact(channels) {
                let [r, g, b] = if self.kind.color {
                    [pixel[0], pixel[1], pixel[2]]
                } else {
                    [pixel[0]; 3]
                };
                let alpha = if self.kind.alpha {
                    pixel[channels - 1]
                } else {
                    1.0
                };
                rgba.extend([r, g, b, alpha].map(eight));
            }
        }
        Pixels::from_rgba(extent, rgba)
    }
}
