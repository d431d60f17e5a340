//! What was done to a mask, small enough to remember all of it.

use serde::{Deserialize, Serialize};

use super::packed::{Packed, PackedMask};
use super::tiles::{Changes, TileAt, TileValues, TiledMask};

/// One change of a mask, both ways. The values are packed, so that thousands of them can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Change {
    at: TileAt,
    before: Packed,
    after: Packed,
}

/// A tile's values as a step remembers them.
fn unpacked(tile: &Packed) -> Option<TileValues> {
    tile.unpacked().unwrap_or_else(|error| {
        // It was packed by `Edit::make`, and on disk a checksum watches over it.
        log::error!("a step of the mask's history cannot be read: {error}");
        None
    })
}

impl Edit {
    /// Makes changes, and remembers them; `None` if the mask is the same as before.
    pub fn make(mask: &mut TiledMask, changes: Changes) -> Option<Self> {
        let mut made = Vec::new();
        for (at, values) in changes {
            let before = mask.tile(at).cloned();
            mask.set(at, values);
            let after = mask.tile(at);
            if before.as_ref() != after {
                made.push(Change {
                    at,
                    before: Packed::new(before.as_ref()),
                    after: Packed::new(after),
                });
            }
        }
        (!made.is_empty()).then_some(Self { changes: made })
    }

    /// What takes a mask back to before.
    pub fn backward(&self) -> Changes {
        let back = |change: &Change| (change.at, unpacked(&change.before));
        self.changes.iter().map(back).collect()
    }

    /// What takes a mask to after again.
    pub fn forward(&self) -> Changes {
        let again = |change: &Change| (change.at, unpacked(&change.after));
        self.changes.iter().map(again).collect()
    }

    /// Tiles it changes.
    pub const fn tiles(&self) -> usize {
        self.changes.len()
    }

    /// Bytes it takes in memory, about.
    pub fn bytes(&self) -> usize {
        let each = |change: &Change| change.before.bytes() + change.after.bytes() + 48;
        self.changes.iter().map(each).sum()
    }
}

impl PackedMask {
    /// Takes an edit's changes over; whether all of them are within this mask. If not, nothing is
    /// changed.
    pub fn take(&mut self, edit: &Edit) -> bool {
        let extent = self.extent();
        let fits = edit
            .changes
            .iter()
            .all(|change| change.at.is_within(extent));
        if fits {
            for change in &edit.changes {
                self.set(change.at, change.after.clone());
            }
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Extent, Ink, Segment, Stroke, TILE};

    #[test]
    fn a_thousand_strokes_take_little_memory() {
        let extent = Extent::new(2048, 2048);
        let mut mask = TiledMask::empty(extent);
        let mut bytes = 0;
        for index in 0..200_u16 {
            let at = [f32::from(index % 17) * 120.0, f32::from(index % 13) * 150.0];
            let mut stroke = Stroke::new(extent);
            stroke.draw(&Segment::dab(at, 25.0, 0.7));
            let changes = stroke.inked(&mask, Ink::FULL);
            let edit = Edit::make(&mut mask, changes);
            bytes += edit.map_or(0, |edit| edit.bytes());
        }
        assert!(bytes < 200 * 40_000, "{bytes} bytes");
    }

    #[test]
    fn what_changes_nothing_is_no_edit() {
        let mut mask = TiledMask::empty(Extent::new(100, 100));
        let nothing = vec![(TileAt { row: 0, column: 0 }, None)];
        assert_eq!(Edit::make(&mut mask, nothing), None);
    }

    #[test]
    fn a_packed_mask_takes_what_fits() {
        let mut mask = TiledMask::empty(Extent::new(TILE + 9, TILE + 9));
        let mut packed = PackedMask::new(&mask);
        let small = TiledMask::empty(Extent::new(TILE, TILE));
        for tile in [Some(vec![3; (TILE * TILE) as usize].into()), None] {
            let changes = vec![(TileAt { row: 1, column: 1 }, tile)];
            let edit = Edit::make(&mut mask, changes).unwrap();
            assert!(packed.take(&edit));
            assert_eq!(packed.unpacked().as_ref(), Some(&mask));
            assert!(!PackedMask::new(&small).take(&edit));
        }
    }
}
