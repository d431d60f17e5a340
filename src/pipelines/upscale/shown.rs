//! A part of the result, to be looked at while the rest is made.

use crate::raster::{Area, Extent, Kind, Pixels};

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

/// The positions of an axis seen smaller or larger whose middles lie in a part.
fn seen(from: u32, length: u32, made: u32, shown: u32) -> std::ops::Range<u32> {
    let place = |at: u32| {
        let at = f64::from(at) * f64::from(shown) / f64::from(made.max(1));
        (at - 0.5).ceil().clamp(0.0, f64::from(shown)) as u32
    };
    place(from)..place(from + length)
}

impl ShownPart<'_> {
    /// What is seen of it where all that is made, of one extent, is shown at another: the upper left
    /// corner there, and 8-bit pixels, each the mean of what it covers of the part; colours are taken
    /// for sRGB. `None` where it is too small to be seen.
    pub fn reduced(&self, made: Extent, shown: Extent) -> Option<([u32; 2], Pixels)> {
        let Area { x, y, extent } = self.area;
        let columns = seen(x, extent.width, made.width, shown.width);
        let rows = seen(y, extent.height, made.height, shown.height);
        let covered = |at: u32, from: u32, length: u32, made: u32, shown: u32| {
            let scale = f64::from(made) / f64::from(shown);
            let first = (f64::from(at) * scale).floor() as u32;
            let last = (f64::from(at + 1) * scale).ceil() as u32;
            let first = first.clamp(from, from + length - 1);
            first..last.clamp(first + 1, from + length)
        };
        let channels = self.kind.channels();
        let mut rgba = Vec::with_capacity(columns.len() * rows.len() * 4);
        for row in rows.clone() {
            let down = covered(row, y, extent.height, made.height, shown.height);
            for column in columns.clone() {
                let across = covered(column, x, extent.width, made.width, shown.width);
                let mut sums = [0.0; 4];
                for y in down.clone() {
                    let pixels = across.start as usize * channels..across.end as usize * channels;
                    for pixel in (self.row)(y)[pixels].chunks_exact(channels) {
                        for (sum, value) in sums.iter_mut().zip(pixel) {
                            *sum += value;
                        }
                    }
                }
                let count = (down.len() * across.len()) as f32;
                rgba.extend(self.color(sums.map(|sum| sum / count)));
            }
        }
        let size = Extent::new(columns.len() as u32, rows.len() as u32);
        let pixels = Pixels::from_rgba(size, rgba).filter(|_| size.area() > 0)?;
        Some(([columns.start, rows.start], pixels))
    }

    /// Red, green, blue and alpha of the channels of a pixel.
    fn color(&self, channels: [f32; 4]) -> [u8; 4] {
        let [r, g, b] = if self.kind.color {
            [channels[0], channels[1], channels[2]]
        } else {
            [channels[0]; 3]
        };
        let alpha = if self.kind.alpha {
            channels[self.kind.channels() - 1]
        } else {
            1.0
        };
        [r, g, b, alpha].map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_seen_smaller_or_larger_cover_all_without_overlap() {
        for (made, shown) in [(40, 13), (13, 40), (7, 7), (100, 9)] {
            let mut at = 0;
            for from in (0..made).step_by(6) {
                let seen = seen(from, 6.min(made - from), made, shown);
                assert_eq!(seen.start, at);
                at = seen.end;
            }
            assert_eq!(at, shown);
        }
    }

    #[test]
    fn a_pixel_seen_is_the_mean_of_what_it_covers() {
        let rows = [[0.0f32, 1.0, 0.5, 0.5], [0.0, 1.0, 1.0, 1.0]];
        let part = ShownPart {
            area: Area {
                x: 0,
                y: 0,
                extent: Extent::new(4, 2),
            },
            kind: Kind {
                color: false,
                alpha: false,
            },
            row: &|y| &rows[y as usize],
        };
        let (corner, seen) = part.reduced(Extent::new(4, 2), Extent::new(2, 1)).unwrap();
        assert_eq!(corner, [0, 0]);
        assert_eq!(seen.rgba(), [128, 128, 128, 255, 191, 191, 191, 255]);
    }
}
