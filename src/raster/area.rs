//! Rectangles of a picture, and what is cut out of it, put back, or added around it.

use super::{Extent, Known, Mask, Pixels};

/// A rectangle within a picture, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: u32,
    pub y: u32,
    pub extent: Extent,
}

impl Area {
    /// The whole of a picture.
    pub const fn whole(extent: Extent) -> Self {
        Self { x: 0, y: 0, extent }
    }

    /// Grown by `padding` pixels on each side, then along one axis until its shape is that of
    /// `like`, as far as a picture of size `within` has room: first by moving, then by stopping.
    pub fn grown(self, padding: u32, like: Extent, within: Extent) -> Self {
        let span = |start: u32, length: u32, limit: u32| {
            let from = start.saturating_sub(padding);
            let to = (start + length).saturating_add(padding).min(limit);
            (from, to - from)
        };
        let (x, width) = span(self.x, self.extent.width, within.width);
        let (y, height) = span(self.y, self.extent.height, within.height);
        let scaled = |side: u32, by: u32, over: u32| {
            (u64::from(side) * u64::from(by)).div_ceil(u64::from(over.max(1))) as u32
        };
        let (x, width) = widened(
            x,
            width,
            scaled(height, like.width, like.height),
            within.width,
        );
        let (y, height) = widened(
            y,
            height,
            scaled(width, like.height, like.width),
            within.height,
        );
        Self {
            x,
            y,
            extent: Extent::new(width, height),
        }
    }
}

/// The size of about the shape of `shown` and the number of pixels of `native`, where a model draws
/// best, in multiples of `factor` and with no side above `most`.
pub fn best_size(shown: Extent, native: Extent, factor: u32, most: u32) -> Extent {
    let scale = (native.area() as f64 / shown.area().max(1) as f64).sqrt();
    let side = |length: u32| {
        let multiples = (f64::from(length) * scale / f64::from(factor)).round();
        (multiples as u32).clamp(1, (most / factor).max(1)) * factor
    };
    Extent::new(side(shown.width), side(shown.height))
}

/// A span of at least `wanted` within `0..limit`, around the given one.
fn widened(start: u32, length: u32, wanted: u32, limit: u32) -> (u32, u32) {
    if wanted <= length {
        return (start, length);
    }
    let wanted = wanted.min(limit);
    let from = start.saturating_sub((wanted - length) / 2);
    (from.min(limit - wanted), wanted)
}

/// A grid of values of `N` bytes a pixel, rows from the top: what pictures and masks share.
fn cropped<const N: usize>(values: &[u8], from: Extent, area: Area) -> Vec<u8> {
    let row = from.width as usize * N;
    let (left, width) = (area.x as usize * N, area.extent.width as usize * N);
    (0..area.extent.height as usize)
        .flat_map(|y| {
            let start = (area.y as usize + y) * row + left;
            &values[start..start + width]
        })
        .copied()
        .collect()
}

/// Where position `at` of an axis longer than `length` comes from, mirrored about the last pixel
/// (which is not repeated), back and forth where there is too little to mirror.
fn reflected(at: u32, length: u32) -> u32 {
    if length == 1 {
        return 0;
    }
    let period = 2 * (length - 1);
    let at = at % period;
    if at < length { at } else { period - at }
}

fn extended<const N: usize>(values: &[u8], from: Extent, to: Extent) -> Vec<u8> {
    let mut out = Vec::with_capacity(to.area() * N);
    for y in 0..to.height {
        let row = reflected(y, from.height) as usize * from.width as usize;
        for x in 0..to.width {
            let start = (row + reflected(x, from.width) as usize) * N;
            out.extend_from_slice(&values[start..start + N]);
        }
    }
    out
}

impl Pixels {
    /// The part within `area`, which must lie in the picture.
    pub fn cropped(&self, area: Area) -> Self {
        let (x, y) = (i64::from(area.x), i64::from(area.y));
        Self {
            extent: area.extent,
            rgba: cropped::<4>(&self.rgba, self.extent, area),
            original: self.original.as_ref().map(|file| file.moved(-x, -y)),
            known: Known::default(),
        }
    }

    /// With `part`, which must be of the extent of `area`, in the place of `area`.
    pub fn replaced(&self, area: Area, part: &Self) -> Self {
        let mut rgba = self.rgba.clone();
        let (row, width) = (
            self.extent.width as usize * 4,
            area.extent.width as usize * 4,
        );
        for (y, new) in part.rgba.chunks_exact(width.max(1)).enumerate() {
            let start = (area.y as usize + y) * row + area.x as usize * 4;
            rgba[start..start + width].copy_from_slice(new);
        }
        Self {
            extent: self.extent,
            rgba,
            original: self.original.clone(),
            known: Known::default(),
        }
    }

    /// Enlarged to `extent`, to the right and downward, by its own reflection.
    pub fn extended(&self, extent: Extent) -> Self {
        Self {
            extent,
            rgba: extended::<4>(&self.rgba, self.extent, extent),
            original: self.original.clone(),
            known: Known::default(),
        }
    }
}

impl Mask {
    /// The part within `area`, which must lie in the mask.
    pub fn cropped(&self, area: Area) -> Self {
        Self {
            extent: area.extent,
            values: cropped::<1>(&self.values, self.extent, area),
        }
    }

    /// Enlarged to `extent`, to the right and downward, by its own reflection.
    pub fn extended(&self, extent: Extent) -> Self {
        Self {
            extent,
            values: extended::<1>(&self.values, self.extent, extent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(x: u32, y: u32, width: u32, height: u32) -> Area {
        Area {
            x,
            y,
            extent: Extent::new(width, height),
        }
    }

    fn ramp(width: u32, height: u32) -> Mask {
        let values = (0..width * height).map(|i| i as u8).collect();
        Mask::from_values(Extent::new(width, height), values).unwrap()
    }

    #[test]
    fn an_area_takes_the_asked_shape_where_there_is_room() {
        let square = Extent::new(64, 64);
        let room = Extent::new(100, 100);
        assert_eq!(
            area(40, 45, 20, 10).grown(5, square, room),
            area(35, 35, 30, 30)
        );
        // At the edge it moves inward; in a narrow picture it stops.
        assert_eq!(
            area(90, 0, 10, 30).grown(0, square, room),
            area(70, 0, 30, 30)
        );
        assert_eq!(
            area(0, 2, 50, 4).grown(1, square, Extent::new(100, 8)),
            area(0, 0, 51, 8)
        );
    }

    #[test]
    fn the_best_size_has_the_models_pixels_and_the_areas_shape() {
        let best =
            |width, height| best_size(Extent::new(width, height), Extent::new(128, 128), 8, 2048);
        assert_eq!(best(300, 300), Extent::new(128, 128));
        assert_eq!(best(400, 100), Extent::new(256, 64));
        assert_eq!(best(9000, 1), Extent::new(2048, 8));
    }

    #[test]
    fn a_crop_holds_its_rows() {
        assert_eq!(ramp(4, 3).cropped(area(1, 1, 2, 2)).values(), [5, 6, 9, 10]);
    }

    #[test]
    fn reflection_leaves_out_the_edge_and_goes_back_and_forth() {
        let long = ramp(3, 1).extended(Extent::new(8, 1));
        assert_eq!(long.values(), [0, 1, 2, 1, 0, 1, 2, 1]);
        let still = ramp(1, 1).extended(Extent::new(3, 2));
        assert_eq!(still.values(), [0; 6]);
        assert_eq!(
            ramp(2, 2).extended(Extent::new(2, 3)).values(),
            [0, 1, 2, 3, 0, 1]
        );
    }
}
