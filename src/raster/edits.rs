//! What was done to a mask, small enough to remember all of it.

use lz4_flex::block::{compress_prepend_size, decompress_size_prepended};

use super::tiles::{Changes, TileAt, TileValues, TiledMask};

/// One change of a mask, both ways. The values are packed, so that thousands of them can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    at: TileAt,
    before: Packed,
    after: Packed,
}

/// A tile's values; nothing if the tile is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Packed(Option<Box<[u8]>>);

impl Packed {
    fn new(values: Option<&TileValues>) -> Self {
        Self(values.map(|values| compress_prepend_size(values).into()))
    }

    fn unpacked(&self) -> Option<TileValues> {
        let packed = self.0.as_ref()?;
        match decompress_size_prepended(packed) {
            Ok(values) => Some(values.into()),
            Err(error) => {
                // It was packed by `new` and has been in memory since.
                log::error!("a step of the mask's history cannot be read: {error}");
                None
            }
        }
    }
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
        let back = |change: &Change| (change.at, change.before.unpacked());
        self.changes.iter().map(back).collect()
    }

    /// What takes a mask to after again.
    pub fn forward(&self) -> Changes {
        let again = |change: &Change| (change.at, change.after.unpacked());
        self.changes.iter().map(again).collect()
    }

    /// Bytes it takes in memory, about.
    pub fn bytes(&self) -> usize {
        let packed = |packed: &Packed| packed.0.as_ref().map_or(0, |bytes| bytes.len());
        let each = |change: &Change| packed(&change.before) + packed(&change.after) + 48;
        self.changes.iter().map(each).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Extent, Ink, Segment, Stroke};

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
}
