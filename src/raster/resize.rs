//! Pictures at another size.

use image::RgbaImage;
use image::imageops::{self, FilterType};

use super::{Area, Extent, Known, Pixels};

/// How a picture takes a size of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Each axis by itself.
    Stretch,
    /// As large as covers the size, cut at the longer side, evenly on both ends.
    Cover,
    /// As large as fits into the size, the rest filled with the edge's own colours.
    Contain,
}

/// The picture at `extent`; Lanczos with a radius of 3, as diffusers and A1111 use.
pub fn resized(pixels: &Pixels, extent: Extent, fit: Fit) -> Pixels {
    if extent == pixels.extent() {
        return pixels.clone();
    }
    let from = pixels.extent();
    match fit {
        Fit::Stretch => stretched(pixels, extent),
        Fit::Cover => {
            // Cut first: what is cut away afterwards could be larger than memory.
            let shown = of_shape(extent, from);
            let part = pixels.cropped(Area {
                x: (from.width - shown.width) / 2,
                y: (from.height - shown.height) / 2,
                extent: shown,
            });
            stretched(&part, extent)
        }
        Fit::Contain => {
            let scaled = stretched(pixels, of_shape(from, extent));
            framed(&scaled, extent)
        }
    }
}

/// The picture at `extent`, each axis by itself; bilinear, with all pixels counted where it shrinks,
/// as PIL does it.
pub fn resized_bilinear(pixels: &Pixels, extent: Extent) -> Pixels {
    scaled(pixels, extent, FilterType::Triangle)
}

/// The largest size of the shape of `like` that fits into `room`, at least one pixel each way.
fn of_shape(like: Extent, room: Extent) -> Extent {
    let scaled = |side: u32, by: u32, over: u32| {
        ((u64::from(side) * u64::from(by) + u64::from(over) / 2) / u64::from(over)).max(1)
    };
    let side = |own: u32, other: u64| u64::from(own).min(other) as u32;
    Extent::new(
        side(room.width, scaled(like.width, room.height, like.height)),
        side(room.height, scaled(like.height, room.width, like.width)),
    )
}

/// The picture in the middle of `extent`, its outermost pixels repeated to the edges.
fn framed(pixels: &Pixels, extent: Extent) -> Pixels {
    let Extent { width, height } = pixels.extent();
    let (left, top) = ((extent.width - width) / 2, (extent.height - height) / 2);
    let rgba = (0..extent.height)
        .flat_map(|y| {
            let row = (y.saturating_sub(top)).min(height - 1) as usize * width as usize;
            (0..extent.width).flat_map(move |x| {
                let at = (row + x.saturating_sub(left).min(width - 1) as usize) * 4;
                &pixels.rgba()[at..at + 4]
            })
        })
        .copied()
        .collect();
    Pixels {
        extent,
        rgba,
        original: None,
        known: Known::default(),
    }
}

fn stretched(pixels: &Pixels, extent: Extent) -> Pixels {
    scaled(pixels, extent, FilterType::Lanczos3)
}

fn scaled(pixels: &Pixels, extent: Extent, filter: FilterType) -> Pixels {
    if extent == pixels.extent() {
        return pixels.clone();
    }
    let from = pixels.extent();
    let image = RgbaImage::from_raw(from.width, from.height, pixels.rgba().to_vec())
        .map(|image| imageops::resize(&image, extent.width, extent.height, filter))
        .unwrap_or_default();
    Pixels {
        extent,
        rgba: image.into_raw(),
        original: None,
        known: Known::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red on the left half, blue on the right.
    fn halves(width: u32, height: u32) -> Pixels {
        let rgba = (0..height)
            .flat_map(|_| 0..width)
            .flat_map(|x| {
                if x < width / 2 {
                    [255, 0, 0, 255]
                } else {
                    [0, 0, 255, 255]
                }
            })
            .collect();
        Pixels::from_rgba(Extent::new(width, height), rgba).unwrap()
    }

    fn at(pixels: &Pixels, x: u32, y: u32) -> &[u8] {
        let start = (y * pixels.extent().width + x) as usize * 4;
        &pixels.rgba()[start..start + 4]
    }

    #[test]
    fn every_fit_gives_the_asked_size() {
        for (width, height) in [(40, 10), (10, 40), (33, 7), (1, 9)] {
            for fit in [Fit::Stretch, Fit::Cover, Fit::Contain] {
                let extent = Extent::new(16, 24);
                assert_eq!(
                    resized(&halves(width, height), extent, fit).extent(),
                    extent
                );
            }
        }
    }

    #[test]
    fn cover_cuts_both_ends_and_contain_repeats_the_edge() {
        let wide = halves(40, 10);
        let cover = resized(&wide, Extent::new(10, 10), Fit::Cover);
        assert_eq!(
            (at(&cover, 0, 5), at(&cover, 9, 5)),
            (&[255, 0, 0, 255][..], &[0, 0, 255, 255][..])
        );
        let contain = resized(&wide, Extent::new(40, 20), Fit::Contain);
        assert_eq!(at(&contain, 0, 0), [255, 0, 0, 255]);
        assert_eq!(at(&contain, 39, 19), [0, 0, 255, 255]);
    }
}
