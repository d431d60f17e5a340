//! A mask's tiles, packed: so small that thousands of them can be kept, in memory and on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use lz4_flex::block::{compress, decompress_into};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::Extent;
use super::lz4::unpacked_length;
use super::tiles::{TILE, TileAt, TileValues, TiledMask};

/// A tile's values; nothing if the tile is empty. Copies share them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed(Option<Arc<[u8]>>);

/// Bytes that are no packed tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a tile of a mask is damaged")]
pub(super) struct DamagedTile;

impl Packed {
    pub(super) fn new(values: Option<&TileValues>) -> Self {
        Self(values.map(|values| compress(values).into()))
    }

    /// The values are not packed with their number, so that no damaged number asks for memory:
    /// every tile has the same.
    pub(super) fn unpacked(&self) -> Result<Option<TileValues>, DamagedTile> {
        let Some(packed) = &self.0 else {
            return Ok(None);
        };
        let mut values = vec![0; (TILE * TILE) as usize];
        match decompress_into(packed, &mut values) {
            Ok(length) if length == values.len() => Ok(Some(values.into())),
            Ok(_) | Err(_) => Err(DamagedTile),
        }
    }

    /// Bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |packed| packed.len())
    }
}

/// As plain bytes; an empty tile as none, which nothing is packed to.
impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_deref().unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Borrowed, so that a damaged length asks for no memory.
        let packed = <&[u8]>::deserialize(deserializer)?;
        if packed.is_empty() {
            return Ok(Self(None));
        }
        if unpacked_length(packed) != Some(u64::from(TILE * TILE)) {
            return Err(D::Error::custom(DamagedTile));
        }
        Ok(Self(Some(packed.into())))
    }
}

/// A whole mask with its tiles packed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedMask {
    extent: Extent,
    tiles: BTreeMap<TileAt, Packed>,
}

impl PackedMask {
    pub fn new(mask: &TiledMask) -> Self {
        Self {
            extent: mask.extent(),
            tiles: mask
                .tiles()
                .map(|(at, values)| (at, Packed::new(Some(values))))
                .collect(),
        }
    }

    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// The mask; `None` if it was read from something damaged.
    pub fn unpacked(&self) -> Option<TiledMask> {
        let mut mask = TiledMask::empty(self.extent);
        for (at, packed) in &self.tiles {
            let values = packed.unpacked().ok()?;
            if !at.is_within(self.extent) {
                return None;
            }
            mask.set(*at, values);
        }
        Some(mask)
    }

    /// Replaces a tile.
    pub(super) fn set(&mut self, at: TileAt, tile: Packed) {
        if tile.0.is_some() {
            self.tiles.insert(at, tile);
        } else {
            self.tiles.remove(&at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> TiledMask {
        let mut mask = TiledMask::empty(Extent::new(2 * TILE - 9, TILE + 90));
        let values = (0..TILE * TILE).map(|at| (at / 900) as u8).collect();
        mask.set(TileAt { row: 1, column: 1 }, Some(values));
        mask
    }

    #[test]
    fn a_mask_is_the_same_after_it_was_packed() {
        assert_eq!(PackedMask::new(&mask()).unpacked(), Some(mask()));
    }

    #[test]
    fn bytes_of_another_number_of_values_are_no_tile() {
        for count in [0, 1, TILE * TILE - 1, TILE * TILE + 1] {
            let packed = Packed(Some(compress(&vec![7; count as usize]).into()));
            assert_eq!(packed.unpacked(), Err(DamagedTile), "{count}");
        }
        assert_eq!(Packed(None).unpacked(), Ok(None));
    }

    #[test]
    fn a_tile_outside_of_the_picture_is_refused() {
        let mut packed = PackedMask::new(&mask());
        packed.extent = Extent::new(TILE, TILE + 90);
        assert_eq!(packed.unpacked(), None);
    }
}
