//! A mask of any size, in tiles that are there only where something is painted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Area, Extent, Mask};

/// Pixels along each side of a tile.
pub const TILE: u32 = 1024;

/// Which tile: column from the left, row from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TileAt {
    pub row: u32,
    pub column: u32,
}

impl TileAt {
    /// The picture's pixel at the tile's upper left corner.
    pub const fn corner(self) -> (u32, u32) {
        (self.column * TILE, self.row * TILE)
    }

    /// The tile that holds a pixel, and the pixel's place among the tile's values.
    pub(super) const fn holding(x: u32, y: u32) -> (Self, usize) {
        let at = Self {
            row: y / TILE,
            column: x / TILE,
        };
        (at, (y % TILE * TILE + x % TILE) as usize)
    }

    /// Whether any of the tile lies in a picture.
    pub const fn is_within(self, picture: Extent) -> bool {
        self.column < picture.width.div_ceil(TILE) && self.row < picture.height.div_ceil(TILE)
    }

    /// The tiles of a picture that an area touches.
    pub fn touching(area: Area, picture: Extent) -> impl Iterator<Item = Self> {
        let span = |start: u32, length: u32, limit: u32| {
            let end = start.saturating_add(length).min(limit);
            start.min(end) / TILE..end.div_ceil(TILE)
        };
        let columns = span(area.x, area.extent.width, picture.width);
        let rows = span(area.y, area.extent.height, picture.height);
        rows.flat_map(move |row| columns.clone().map(move |column| Self { row, column }))
    }
}

/// `TILE × TILE` values, rows from the top.
pub type TileValues = Arc<[u8]>;

/// Tiles with their new values; `None` where nothing is painted.
pub type Changes = Vec<(TileAt, Option<TileValues>)>;

/// A mask whose cost is that of its painted parts. Copies share what they have in common.
#[derive(Clone, PartialEq, Eq)]
pub struct TiledMask {
    extent: Extent,
    /// None of them is empty, and nothing is painted outside of the picture.
    tiles: BTreeMap<TileAt, TileValues>,
}

impl std::fmt::Debug for TiledMask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TiledMask({}, {} tiles)", self.extent, self.tiles.len())
    }
}

impl TiledMask {
    /// Nothing painted.
    pub const fn empty(extent: Extent) -> Self {
        Self {
            extent,
            tiles: BTreeMap::new(),
        }
    }

    pub fn from_mask(mask: &Mask) -> Self {
        let extent = mask.extent();
        let mut tiled = Self::empty(extent);
        for at in TileAt::touching(Area::whole(extent), extent) {
            let mut values = vec![0; (TILE * TILE) as usize];
            for (to, from) in rows(at, extent) {
                values[to].copy_from_slice(&mask.values()[from]);
            }
            tiled.set(at, Some(values.into()));
        }
        tiled
    }

    pub fn to_mask(&self) -> Mask {
        let mut values = vec![0; self.extent.area()];
        for (&at, tile) in &self.tiles {
            for (from, to) in rows(at, self.extent) {
                values[to].copy_from_slice(&tile[from]);
            }
        }
        Mask {
            extent: self.extent,
            values,
        }
    }

    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// Whether nothing at all is painted.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    /// The value of a pixel; 0 outside of the picture.
    pub fn value(&self, x: u32, y: u32) -> u8 {
        let (at, place) = TileAt::holding(x, y);
        self.tiles.get(&at).map_or(0, |tile| tile[place])
    }

    /// A tile, if anything in it is painted.
    pub fn tile(&self, at: TileAt) -> Option<&TileValues> {
        self.tiles.get(&at)
    }

    /// All tiles in which anything is painted.
    pub fn tiles(&self) -> impl Iterator<Item = (TileAt, &TileValues)> {
        self.tiles.iter().map(|(&at, values)| (at, values))
    }

    /// Replaces a tile; values outside of the picture must be 0.
    pub fn set(&mut self, at: TileAt, values: Option<TileValues>) {
        match values.filter(|values| values.iter().any(|&value| value > 0)) {
            Some(values) => self.tiles.insert(at, values),
            None => self.tiles.remove(&at),
        };
    }

    /// What has to be set so that this mask becomes `other`, which must be of the same extent.
    pub fn changes_to(&self, other: &Self) -> Changes {
        let gone = self
            .tiles
            .keys()
            .filter(|at| !other.tiles.contains_key(at))
            .map(|&at| (at, None));
        let other = other.tiles.iter().filter(|(at, values)| {
            let own = self.tiles.get(at);
            own.is_none_or(|own| !Arc::ptr_eq(own, values) && own != *values)
        });
        gone.chain(other.map(|(&at, values)| (at, Some(Arc::clone(values)))))
            .collect()
    }

    /// Lays ink over an area, as much as `coverage` (of the area's extent) says.
    pub fn inked(&self, area: Area, coverage: &Mask, ink: Ink) -> Changes {
        TileAt::touching(area, self.extent)
            .map(|at| {
                let mut values = self.values(at);
                for (to, from) in rows(at, self.extent) {
                    let y = (from.start / self.extent.width as usize) as u32;
                    let left = (from.start % self.extent.width as usize) as u32;
                    let Some(row) = coverage.row_from(area, left, y, to.len()) else {
                        continue;
                    };
                    for (value, &covered) in values[to].iter_mut().skip(row.skip).zip(row.values) {
                        *value = ink.over(*value, covered);
                    }
                }
                (at, Some(values.into()))
            })
            .collect()
    }

    /// A tile's values, to be changed.
    pub(super) fn values(&self, at: TileAt) -> Vec<u8> {
        self.tiles
            .get(&at)
            .map_or_else(|| vec![0; (TILE * TILE) as usize], |tile| tile.to_vec())
    }
}

/// What is laid over a mask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// From 0 to 1.
    pub opacity: f32,
    /// Takes away instead of adding.
    pub erases: bool,
}

impl Ink {
    /// Adds as much as it can.
    pub const FULL: Self = Self {
        opacity: 1.0,
        erases: false,
    };

    /// A mask's value under as much ink as `covered` says.
    pub fn over(self, value: u8, covered: u8) -> u8 {
        let (value, share) = (
            f32::from(value) / 255.0,
            f32::from(covered) / 255.0 * self.opacity,
        );
        let added = if self.erases { 0.0 } else { share };
        ((added + value * (1.0 - share)) * 255.0).round() as u8
    }
}

/// A part of a row of a coverage, and how many pixels of the tile's row come before it.
struct RowPart<'a> {
    values: &'a [u8],
    skip: usize,
}

impl Mask {
    /// What this coverage of `area` says of the `length` pixels from `(left, y)` of the picture.
    fn row_from(&self, area: Area, left: u32, y: u32, length: usize) -> Option<RowPart<'_>> {
        let row = y.checked_sub(area.y)?;
        if row >= area.extent.height {
            return None;
        }
        let skip = area.x.saturating_sub(left) as usize;
        let start = left.saturating_sub(area.x) as usize;
        let count = (area.extent.width as usize)
            .saturating_sub(start)
            .min(length.saturating_sub(skip));
        let from = row as usize * area.extent.width as usize + start;
        let values = self.values.get(from..from + count)?;
        Some(RowPart { values, skip })
    }
}

/// The rows of a tile as ranges of its own values and of those of a picture.
fn rows(
    at: TileAt,
    picture: Extent,
) -> impl Iterator<Item = (std::ops::Range<usize>, std::ops::Range<usize>)> {
    let (x, y) = at.corner();
    let width = picture.width.saturating_sub(x).min(TILE) as usize;
    let height = picture.height.saturating_sub(y).min(TILE);
    (0..height).map(move |row| {
        let own = (row * TILE) as usize;
        let from = (y + row) as usize * picture.width as usize + x as usize;
        (own..own + width, from..from + width)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkered(extent: Extent) -> Mask {
        let values = (0..extent.area() as u32)
            .map(|at| (at % extent.width / 7 + at / extent.width / 5) as u8 % 3 * 100)
            .collect();
        Mask::from_values(extent, values).unwrap()
    }

    #[test]
    fn a_mask_survives_its_tiles_at_every_size() {
        for (width, height) in [(1, 1), (512, 512), (513, 7), (3, 1030), (1500, 700)] {
            let mask = checkered(Extent::new(width, height));
            let tiled = TiledMask::from_mask(&mask);
            assert_eq!(tiled.to_mask(), mask, "{width}x{height}");
            let (x, y) = (width - 1, height - 1);
            assert_eq!(tiled.value(x, y), *mask.values().last().unwrap());
        }
    }

    #[test]
    fn where_nothing_is_painted_there_is_no_tile() {
        let extent = Extent::new(4000, 4000);
        let mut tiled = TiledMask::empty(extent);
        let at = TileAt { row: 3, column: 2 };
        let mut values = vec![0; (TILE * TILE) as usize];
        values[5] = 9;
        tiled.set(at, Some(values.into()));
        assert_eq!(tiled.tiles().count(), 1);
        assert_eq!(tiled.value(2 * TILE + 5, 3 * TILE), 9);
        tiled.set(at, Some(vec![0; (TILE * TILE) as usize].into()));
        assert!(tiled.is_empty());
    }

    #[test]
    fn changes_lead_from_any_mask_to_any_other() {
        let extent = Extent::new(1100, 600);
        let (one, other) = (TiledMask::from_mask(&checkered(extent)), {
            let mut other = TiledMask::from_mask(&checkered(extent));
            other.set(TileAt { row: 0, column: 1 }, None);
            let full = vec![255; (TILE * TILE) as usize];
            other.set(TileAt { row: 0, column: 0 }, Some(full.into()));
            other
        });
        for (from, to) in [(&one, &other), (&other, &one), (&one, &one)] {
            let mut made = from.clone();
            for (at, values) in from.changes_to(to) {
                made.set(at, values);
            }
            assert_eq!(made, *to);
        }
        assert!(one.changes_to(&one.clone()).is_empty());
        assert_eq!(one.changes_to(&other).len(), 2);
    }

    #[test]
    fn ink_covers_its_area_across_tiles_and_nothing_else() {
        let extent = Extent::new(1030, 520);
        let area = Area {
            x: 500,
            y: 505,
            extent: Extent::new(530, 15),
        };
        let coverage = Mask::from_values(area.extent, vec![255; area.extent.area()]).unwrap();
        let mut tiled = TiledMask::empty(extent);
        for (at, values) in tiled.inked(area, &coverage, Ink::FULL) {
            tiled.set(at, values);
        }
        let mask = tiled.to_mask();
        assert_eq!(mask.bounds(), Some(area));
        assert!(
            mask.cropped(area)
                .values()
                .iter()
                .all(|&value| value == 255)
        );
    }

    #[test]
    fn half_ink_twice_is_three_quarters_and_an_eraser_takes_away() {
        let half = Ink {
            opacity: 0.5,
            erases: false,
        };
        let once = half.over(0, 255);
        assert_eq!((once, half.over(once, 255)), (128, 192));
        let eraser = Ink {
            erases: true,
            ..Ink::FULL
        };
        assert_eq!((eraser.over(200, 255), eraser.over(200, 0)), (0, 200));
    }
}
