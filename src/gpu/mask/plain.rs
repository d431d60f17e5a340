//! What the mask's shaders do, in plain loops.

use super::look::{DASH, MaskColors, MaskFrame};
use crate::raster::{Changes, Extent, Ink, Pixels, Segment, Stroke, TiledMask};

/// A mask painted and shown without a device.
pub struct PlainMask {
    mask: TiledMask,
    stroke: Stroke,
}

impl Default for PlainMask {
    fn default() -> Self {
        let nothing = Extent::new(0, 0);
        Self {
            mask: TiledMask::empty(nothing),
            stroke: Stroke::new(nothing),
        }
    }
}

impl PlainMask {
    pub(super) fn load(&mut self, mask: &TiledMask) {
        self.mask = mask.clone();
        self.abandon();
    }

    pub(super) fn show(&mut self, changes: &Changes) {
        for (at, values) in changes {
            self.mask.set(*at, values.clone());
        }
    }

    pub(super) fn draw(&mut self, segments: &[Segment]) {
        for segment in segments {
            self.stroke.draw(segment);
        }
    }

    pub(super) fn finish(&mut self, ink: Ink) -> Changes {
        let changes = self.stroke.inked(&self.mask, ink);
        self.abandon();
        self.show(&changes);
        changes
    }

    pub(super) fn abandon(&mut self) {
        self.stroke = Stroke::new(self.mask.extent());
    }

    pub(super) fn overlay(
        &self,
        frame: &MaskFrame,
        colors: &MaskColors,
        ink: Ink,
    ) -> Option<Pixels> {
        if self.mask.is_empty() && self.stroke.is_empty() {
            return None;
        }
        let seen = self.seen(frame, ink);
        tinted(&seen, frame.size, colors)
    }

    /// `shaders/mask_view.wgsl`: one value per screen pixel.
    fn seen(&self, frame: &MaskFrame, ink: Ink) -> Vec<u8> {
        let taps = (1.0 / frame.zoom).ceil().clamp(1.0, 4.0);
        let step = 1.0 / (frame.zoom * taps);
        let picture = self.mask.extent();
        let value = |x: f32, y: f32| {
            if x < 0.0 || y < 0.0 || x >= picture.width as f32 || y >= picture.height as f32 {
                return 0.0;
            }
            let (x, y) = (x as u32, y as u32);
            f32::from(ink.over(self.mask.value(x, y), self.stroke.covered(x, y)))
        };
        let mut seen = Vec::with_capacity(frame.size.area());
        for row in 0..frame.size.height {
            for column in 0..frame.size.width {
                let at = |place: u32, origin: f32| (place as f32 + 0.5 - origin) / frame.zoom;
                let (x, y) = (at(column, frame.origin[0]), at(row, frame.origin[1]));
                let first = -0.5 * step * (taps - 1.0);
                let mut sum = 0.0;
                for down in 0..taps as u32 {
                    for across in 0..taps as u32 {
                        sum += value(
                            x + first + across as f32 * step,
                            y + first + down as f32 * step,
                        );
                    }
                }
                seen.push((sum / (taps * taps)).round() as u8);
            }
        }
        seen
    }
}

/// `shaders/mask_overlay.wgsl`: the tint, and the line around what is painted.
fn tinted(seen: &[u8], size: Extent, colors: &MaskColors) -> Option<Pixels> {
    let (width, height) = (size.width as i32, size.height as i32);
    let painted = |x: i32, y: i32| {
        let (x, y) = (x.clamp(0, width - 1), y.clamp(0, height - 1));
        seen[(y * width + x) as usize] >= 128
    };
    let mut rgba = Vec::with_capacity(seen.len() * 4);
    for y in 0..height {
        for x in 0..width {
            let edge = painted(x, y)
                && (1..=colors.thickness as i32).any(|away| {
                    !painted(x + away, y)
                        || !painted(x - away, y)
                        || !painted(x, y + away)
                        || !painted(x, y - away)
                });
            let color = if edge {
                let along = ((x + y + 1) as f32 + colors.phase) / colors.period;
                if along.rem_euclid(1.0) < DASH {
                    colors.dash
                } else {
                    colors.gap
                }
            } else {
                let [red, green, blue, most] = colors.tint;
                let share = f32::from(seen[(y * width + x) as usize]) / 255.0 * most;
                [red, green, blue, share]
            };
            rgba.extend(color.map(|value| (value * 255.0).round() as u8));
        }
    }
    Pixels::from_rgba(size, rgba)
}
