//! What names the content of a picture or a mask.

use super::{Extent, Mask, Pixels};
use crate::recipe::Digest;

/// Begins to name a content of an extent; its values follow.
pub(super) fn of_extent(extent: Extent) -> Digest {
    let mut digest = Digest::default();
    digest.add(&extent.width.to_le_bytes());
    digest.add(&extent.height.to_le_bytes());
    digest
}

fn digest(extent: Extent, values: &[u8]) -> String {
    let mut digest = of_extent(extent);
    digest.add(values);
    digest.text()
}

impl Pixels {
    /// SHA-256 of width, height and RGBA bytes, in hexadecimal: the same whatever file it came from.
    pub fn sha256(&self) -> String {
        digest(self.extent(), self.rgba())
    }
}

impl Mask {
    /// SHA-256 of width, height and values, in hexadecimal.
    pub fn sha256(&self) -> String {
        digest(self.extent(), self.values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_content_both_count() {
        let mask = |width, height, value| {
            let extent = Extent::new(width, height);
            Mask::from_values(extent, vec![value; extent.area()])
                .unwrap()
                .sha256()
        };
        assert_ne!(mask(2, 3, 0), mask(3, 2, 0));
        assert_ne!(mask(2, 3, 0), mask(2, 3, 1));
        assert_eq!(mask(2, 3, 1).len(), 64);
    }
}
