//! The shapes of pictures: sizes of about a model's own area.

use crate::raster::Extent;

/// Names and proportions, in the order shown.
pub(super) const SHAPES: &[(&str, f64)] = &[
    ("1:1", 1.0),
    ("3:2", 3.0 / 2.0),
    ("2:3", 2.0 / 3.0),
    ("16:9", 16.0 / 9.0),
];

/// The size with proportion `ratio`, about the area of `native`, in multiples of `factor`.
pub(super) fn extent(ratio: f64, native: Extent, factor: u32) -> Extent {
    let area = f64::from(native.width) * f64::from(native.height);
    let factor = f64::from(factor.max(1));
    let side = |length: f64| ((length / factor).round().max(1.0) * factor) as u32;
    Extent::new(side((area * ratio).sqrt()), side((area / ratio).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_area_and_factor() {
        let native = Extent::new(128, 128);
        for &(name, ratio) in SHAPES {
            let extent = extent(ratio, native, 8);
            assert_eq!(extent.width % 8, 0, "{name}");
            assert_eq!(extent.height % 8, 0, "{name}");
            let share = extent.area() as f64 / native.area() as f64;
            assert!((0.9..1.1).contains(&share), "{name}: {extent}");
        }
    }

    #[test]
    fn the_square_is_the_models_own() {
        assert_eq!(extent(1.0, Extent::new(512, 512), 8), Extent::new(512, 512));
    }
}
