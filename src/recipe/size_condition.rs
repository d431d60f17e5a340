//! What Stable Diffusion XL is told of the size of the picture it draws.

use serde::{Deserialize, Serialize};

/// Sizes as its training pictures had them: a small original looks enlarged, a crop cuts off what is
/// beyond it. Podell et al. 2023, section 2.2. Pixels, width or left first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeCondition {
    /// Before it was made smaller and cut.
    pub original: (u32, u32),
    /// What was cut off at the left and at the top.
    pub crop: (u32, u32),
    /// What was left of it.
    pub target: (u32, u32),
}

impl SizeCondition {
    /// Of a picture that was neither made smaller nor cut: what is told where people say nothing.
    pub const fn whole(width: u32, height: u32) -> Self {
        let size = (width, height);
        Self {
            original: size,
            crop: (0, 0),
            target: size,
        }
    }

    /// In the order the network was trained with: heights before widths.
    pub const fn numbers(&self) -> [u32; 6] {
        let Self {
            original,
            crop,
            target,
        } = self;
        [original.1, original.0, crop.1, crop.0, target.1, target.0]
    }
}
