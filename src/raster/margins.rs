//! Margins around a picture, to be painted.

use serde::{Deserialize, Serialize};

use super::{Area, Extent, Known, Mask, Pixels, fill_smoothly};

/// The most that can be added on a side at once.
pub const MOST_MARGIN: u32 = 4096;

/// The most pixels a picture may have with its margins: they take half a gigabyte, and several
/// times that while the room is coloured.
pub const MOST_AROUND: usize = 1 << 27;

/// Pixels on each side of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margins {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

impl Margins {
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// As much of it as can be added at once.
    #[must_use]
    pub fn limited(self) -> Self {
        Self {
            left: self.left.min(MOST_MARGIN),
            top: self.top.min(MOST_MARGIN),
            right: self.right.min(MOST_MARGIN),
            bottom: self.bottom.min(MOST_MARGIN),
        }
    }

    /// The part of a picture that is left without it; at least one pixel is.
    pub fn inside(self, picture: Extent) -> Area {
        let span = |low: u32, high: u32, side: u32| {
            let low = low.min(side.saturating_sub(1));
            (low, side.saturating_sub(low).saturating_sub(high).max(1))
        };
        let (x, width) = span(self.left, self.right, picture.width);
        let (y, height) = span(self.top, self.bottom, picture.height);
        Area {
            x,
            y,
            extent: Extent::new(width, height),
        }
    }

    /// As much of it as can be cut off a picture.
    #[must_use]
    pub fn within(self, picture: Extent) -> Self {
        let Area { x, y, extent } = self.inside(picture);
        Self {
            left: x,
            top: y,
            right: picture.width - x - extent.width,
            bottom: picture.height - y - extent.height,
        }
    }

    /// The size a picture has with it.
    pub const fn around(self, picture: Extent) -> Extent {
        Extent::new(
            picture.width + self.left + self.right,
            picture.height + self.top + self.bottom,
        )
    }
}

impl Pixels {
    /// The picture with room around it, coloured as the picture's edges are, and a mask that paints
    /// the room. A mask that was over the picture is kept.
    pub fn with_margins(&self, margins: Margins, mask: &Mask) -> (Self, Mask) {
        let extent = margins.around(self.extent);
        let inside = Area {
            x: margins.left,
            y: margins.top,
            extent: self.extent,
        };
        let empty = Self {
            extent,
            rgba: [0, 0, 0, u8::MAX].repeat(extent.area()),
            original: None,
            known: Known::default(),
        };
        let painted = Mask {
            extent,
            values: vec![u8::MAX; extent.area()],
        };
        let kept = Mask {
            extent: self.extent,
            values: vec![0; self.extent.area()],
        };
        let colored = fill_smoothly(
            &empty.replaced(inside, self),
            &painted.replaced(inside, &kept),
        );
        let (left, top) = (i64::from(margins.left), i64::from(margins.top));
        let original = self.original.as_ref().map(|file| file.moved(left, top));
        (
            colored.replaced(inside, self).with_original(original),
            painted.replaced(inside, mask),
        )
    }
}

impl Mask {
    /// With `part`, which must be of the extent of `area`, in the place of `area`.
    fn replaced(&self, area: Area, part: &Self) -> Self {
        let mut values = self.values.clone();
        let width = area.extent.width as usize;
        let rows = part.values.chunks_exact(width.max(1));
        for (y, row) in rows.enumerate() {
            let at = (area.y as usize + y) * self.extent.width as usize + area.x as usize;
            values[at..at + width].copy_from_slice(row);
        }
        Self {
            extent: self.extent,
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_left_however_much_is_cut() {
        let picture = Extent::new(10, 6);
        let cut = |left, top, right, bottom| Margins {
            left,
            top,
            right,
            bottom,
        };
        let area = cut(2, 1, 3, 0).inside(picture);
        assert_eq!((area.x, area.y, area.extent), (2, 1, Extent::new(5, 5)));
        assert_eq!(cut(2, 1, 3, 0).within(picture), cut(2, 1, 3, 0));
        assert_eq!(cut(99, 0, 99, 6).within(picture), cut(9, 0, 0, 5));
    }

    #[test]
    fn the_picture_stays_and_the_room_takes_its_colours() {
        let extent = Extent::new(6, 4);
        let rgb: Vec<u8> = (0..24).flat_map(|at| [200, 40 + at, 10]).collect();
        let picture = Pixels::from_rgb(extent, &rgb).unwrap();
        let margins = Margins {
            left: 3,
            top: 0,
            right: 1,
            bottom: 2,
        };
        let drawn = Mask::from_values(extent, (0..24).collect()).unwrap();
        let (larger, mask) = picture.with_margins(margins, &drawn);
        assert_eq!(larger.extent(), Extent::new(10, 6));
        let inside = Area { x: 3, y: 0, extent };
        assert_eq!(larger.cropped(inside), picture);
        assert_eq!(mask.cropped(inside), drawn);
        for (at, pixel) in larger.rgba().as_chunks::<4>().0.iter().enumerate() {
            let (x, y) = (at % 10, at / 10);
            if !(3..9).contains(&x) || y >= 4 {
                assert_eq!(mask.values()[at], 255);
                assert_eq!((pixel[0], pixel[2], pixel[3]), (200, 10, 255));
            }
        }
    }
}
