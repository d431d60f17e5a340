//! Smaller copies of pictures, for filmstrips and for textures a device can hold.

use image::RgbaImage;
use image::imageops::{FilterType, resize};

use super::{Extent, Pixels};

/// The picture scaled down so that no side exceeds `max_side`; as it is when it already fits. Its
/// file is not needed to show it.
pub fn fit_within(pixels: &Pixels, max_side: u32) -> Pixels {
    let Extent { width, height } = pixels.extent();
    let longest = width.max(height);
    if longest <= max_side {
        return pixels.clone().with_original(None);
    }
    let scaled = |side: u32| {
        ((u64::from(side) * u64::from(max_side)).div_ceil(u64::from(longest)) as u32).max(1)
    };
    let size = (scaled(width), scaled(height));
    // Most of the way by means of blocks: of a large picture the filter alone takes seconds.
    let level = (longest / max_side.max(1)).ilog2().saturating_sub(1);
    let reduced = pixels.reduced(level, [0, 0], pixels.extent().reduced(level));
    let Extent { width, height } = reduced.extent();
    let smaller = RgbaImage::from_raw(width, height, reduced.rgba)
        .map(|image| resize(&image, size.0, size.1, FilterType::Triangle));
    smaller
        .and_then(|image| {
            Pixels::from_rgba(Extent::new(image.width(), image.height()), image.into_raw())
        })
        .unwrap_or_else(|| pixels.clone().with_original(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_side_becomes_the_limit_and_the_shape_stays() {
        let pixels = Pixels::from_rgba(Extent::new(40, 10), vec![200; 1600]).unwrap();
        assert_eq!(fit_within(&pixels, 20).extent(), Extent::new(20, 5));
        assert_eq!(fit_within(&pixels, 64), pixels);
    }
}
