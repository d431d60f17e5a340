//! A picture and where it is to be filled.

use crate::raster::{Mask, Pixels};
use crate::recipe::Problem;

/// A picture to be filled, and where.
#[derive(Clone, Copy, Debug)]
pub struct Canvas<'a> {
    pub image: &'a Pixels,
    /// Of the picture's extent.
    pub mask: &'a Mask,
}

impl Canvas<'_> {
    /// Whether the mask fits the picture and paints anything.
    pub fn check(self) -> Result<(), Problem> {
        let (picture, mask) = (self.image.extent(), self.mask.extent());
        if picture != mask {
            return Err(Problem::MaskSize {
                width: picture.width,
                height: picture.height,
                mask_width: mask.width,
                mask_height: mask.height,
            });
        }
        if self.mask.binarized().bounds().is_none() {
            return Err(Problem::MaskEmpty);
        }
        Ok(())
    }
}
