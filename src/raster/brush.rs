//! Strokes of a round brush, in plain loops; `shaders/mask_stroke.wgsl` does the same.

use std::collections::BTreeMap;

use bytemuck::{Pod, Zeroable};

use super::tiles::{Changes, Ink, TILE, TileAt, TiledMask};
use super::{Area, Extent};

/// What a brush covers on its way from one place of the pointer to the next, in pixels of the
/// picture from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Segment {
    pub from: [f32; 2],
    pub to: [f32; 2],
    /// At both ends.
    pub radii: [f32; 2],
    /// The part of the radius within which all is covered, from 0 to 1.
    pub hardness: f32,
}

impl Segment {
    /// A touch of the brush at one place.
    pub const fn dab(at: [f32; 2], radius: f32, hardness: f32) -> Self {
        Self {
            from: at,
            to: at,
            radii: [radius, radius],
            hardness,
        }
    }

    /// How much of the pixel whose middle is at `(x, y)` is covered, from 0 to 1: all of it within
    /// the hard part, fading to nothing half a pixel beyond the radius.
    pub fn coverage(&self, x: f32, y: f32) -> f32 {
        let (ax, ay) = (self.to[0] - self.from[0], self.to[1] - self.from[1]);
        let (px, py) = (x - self.from[0], y - self.from[1]);
        let length = ax * ax + ay * ay;
        let along = if length > 0.0 {
            ((px * ax + py * ay) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (dx, dy) = (px - along * ax, py - along * ay);
        let radius = self.radii[0] + along * (self.radii[1] - self.radii[0]);
        let away = (dx * dx + dy * dy).sqrt();
        let fade = radius * (1.0 - self.hardness) + 1.0;
        let share = ((radius + 0.5 - away) / fade).clamp(0.0, 1.0);
        share * share * (3.0 - 2.0 * share)
    }

    /// The pixels it may touch; `None` if there are none in the picture.
    pub fn area(&self, picture: Extent) -> Option<Area> {
        let radius = self.radii[0].max(self.radii[1]) + 0.5;
        let span = |axis: usize, limit: u32| {
            let low = self.from[axis].min(self.to[axis]) - radius;
            let high = self.from[axis].max(self.to[axis]) + radius;
            // A float becomes the nearest number there is; not a number becomes 0.
            let (low, high) = (low.floor() as u32, (high.ceil() as u32).min(limit));
            (low < high).then(|| (low, high - low))
        };
        let (x, width) = span(0, picture.width)?;
        let (y, height) = span(1, picture.height)?;
        Some(Area {
            x,
            y,
            extent: Extent::new(width, height),
        })
    }
}

/// A stroke while it is drawn: where segments overlap, the strongest counts, so that a stroke is as
/// even as if the brush had been swept along it.
#[derive(Debug)]
pub struct Stroke {
    extent: Extent,
    tiles: BTreeMap<TileAt, Vec<u8>>,
}

impl Stroke {
    pub const fn new(extent: Extent) -> Self {
        Self {
            extent,
            tiles: BTreeMap::new(),
        }
    }

    /// Whether it has touched nothing of the picture.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    pub fn draw(&mut self, segment: &Segment) {
        let Some(area) = segment.area(self.extent) else {
            return;
        };
        for at in TileAt::touching(area, self.extent) {
            let tile = self
                .tiles
                .entry(at)
                .or_insert_with(|| vec![0; (TILE * TILE) as usize]);
            let (left, top) = at.corner();
            let columns = area.x.max(left)..(area.x + area.extent.width).min(left + TILE);
            let rows = area.y.max(top)..(area.y + area.extent.height).min(top + TILE);
            for y in rows {
                let row = ((y - top) * TILE) as usize;
                let from = row + (columns.start - left) as usize;
                let values = &mut tile[from..from + columns.len()];
                for (x, value) in columns.clone().zip(values) {
                    let covered = segment.coverage(x as f32 + 0.5, y as f32 + 0.5);
                    *value = (*value).max((covered * 255.0).round() as u8);
                }
            }
        }
    }

    /// How much of a pixel the stroke covers.
    pub fn covered(&self, x: u32, y: u32) -> u8 {
        let (at, place) = TileAt::holding(x, y);
        self.tiles.get(&at).map_or(0, |tile| tile[place])
    }

    /// What the stroke changes of a mask of the same extent.
    pub fn inked(&self, mask: &TiledMask, ink: Ink) -> Changes {
        self.tiles
            .iter()
            .map(|(&at, covered)| {
                let mut values = mask.values(at);
                for (value, &covered) in values.iter_mut().zip(covered) {
                    *value = ink.over(*value, covered);
                }
                (at, Some(values.into()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent::new(1200, 600);

    fn painted(segments: &[Segment], ink: Ink) -> TiledMask {
        let mut stroke = Stroke::new(EXTENT);
        for segment in segments {
            stroke.draw(segment);
        }
        let mut mask = TiledMask::empty(EXTENT);
        for (at, values) in stroke.inked(&mask, ink) {
            mask.set(at, values);
        }
        mask
    }

    #[test]
    fn a_hard_dab_is_a_disc_with_an_even_edge() {
        let mask = painted(&[Segment::dab([510.0, 300.0], 40.0, 1.0)], Ink::FULL).to_mask();
        let sum: f64 = mask.values().iter().map(|&v| f64::from(v) / 255.0).sum();
        let disc = std::f64::consts::PI * 40.0 * 40.0;
        assert!((sum / disc - 1.0).abs() < 0.01, "{sum} of {disc}");
        let reach = mask.bounds().unwrap();
        assert_eq!((reach.x, reach.extent.width), (470, 80));
    }

    #[test]
    fn a_soft_dab_fades_from_its_hard_part_outward() {
        let dab = Segment::dab([0.0, 0.0], 20.0, 0.5);
        assert_eq!(dab.coverage(9.0, 0.0), 1.0);
        let fading: Vec<f32> = (10..21).map(|x| dab.coverage(x as f32, 0.0)).collect();
        assert!(fading.is_sorted_by(|a, b| a > b), "{fading:?}");
        assert_eq!(dab.coverage(20.5, 0.0), 0.0);
    }

    #[test]
    fn a_stroke_is_as_strong_where_it_crosses_itself() {
        let half = Ink {
            opacity: 0.5,
            erases: false,
        };
        let line = |from, to| Segment {
            from,
            to,
            radii: [5.0, 5.0],
            hardness: 1.0,
        };
        let cross = [
            line([100.0, 100.0], [200.0, 200.0]),
            line([200.0, 100.0], [100.0, 200.0]),
        ];
        let mask = painted(&cross, half);
        assert_eq!(mask.value(150, 150), 128);
        assert_eq!(mask.value(120, 120), 128);
    }

    #[test]
    fn pressure_makes_a_stroke_thinner_along_its_way() {
        let segment = Segment {
            from: [100.0, 100.0],
            to: [400.0, 100.0],
            radii: [4.0, 30.0],
            hardness: 1.0,
        };
        let mask = painted(&[segment], Ink::FULL);
        assert_eq!((mask.value(110, 115), mask.value(390, 115)), (0, 255));
    }

    #[test]
    fn what_lies_outside_of_the_picture_is_not_painted() {
        for at in [[-100.0, 10.0], [1e9, 1e9], [f32::NAN, 3.0], [-5.0, -5.0]] {
            let mut stroke = Stroke::new(EXTENT);
            stroke.draw(&Segment::dab(at, 4.0, 1.0));
            assert!(
                stroke
                    .inked(&TiledMask::empty(EXTENT), Ink::FULL)
                    .is_empty()
            );
        }
        let corner = painted(&[Segment::dab([1199.0, 599.0], 20.0, 1.0)], Ink::FULL);
        assert_eq!(TiledMask::from_mask(&corner.to_mask()), corner);
    }
}
