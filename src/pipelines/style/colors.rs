//! Whose colours a picture has.
//!
//! After Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style Transfer", section 5.2:
//! strokes live in the luminance, so that the colours can be another picture's.

use crate::raster::Pixels;

/// Luma of ITU-R BT.601, from 0 to 1.
fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

fn colors(pixels: &Pixels) -> impl Iterator<Item = [f32; 3]> + '_ {
    let pixels = pixels.rgba().as_chunks::<4>().0.iter();
    pixels.map(|&[r, g, b, _]| [r, g, b].map(|value| f32::from(value) / 255.0))
}

fn of_colors(like: &Pixels, colors: impl Iterator<Item = [f32; 3]>) -> Pixels {
    let rgba = colors
        .zip(like.rgba().as_chunks::<4>().0)
        .flat_map(|([r, g, b], &[.., alpha])| {
            let [r, g, b] = [r, g, b].map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8);
            [r, g, b, alpha]
        })
        .collect();
    Pixels::from_rgba(like.extent(), rgba).unwrap_or_else(|| like.clone())
}

/// A style whose light goes over to the content's, in mean and spread, by `part` from 0 to 1: a dark
/// painting must not darken a picture that keeps its colours.
pub(super) fn lit_as(style: &Pixels, content: &Pixels, part: f32) -> Pixels {
    if part <= 0.0 {
        return style.clone();
    }
    let moments = |pixels: &Pixels| {
        let count = pixels.extent().area().max(1) as f64;
        let lumas = || colors(pixels).map(|color| f64::from(luma(color)));
        let mean = lumas().sum::<f64>() / count;
        let spread = lumas().map(|luma| (luma - mean).powi(2)).sum::<f64>() / count;
        (mean as f32, spread.sqrt() as f32)
    };
    let ((mean, spread), (wanted_mean, wanted_spread)) = (moments(style), moments(content));
    let factor = wanted_spread / spread.max(1.0 / 255.0);
    let moved = colors(style).map(|color| {
        let luma = luma(color);
        let wanted = (luma - mean) * factor + wanted_mean;
        color.map(|value| value + part * (wanted - luma))
    });
    of_colors(style, moved)
}

/// `made` with its own light, and colours that go over to those of `content`, of the same extent, by
/// `part` from 0 to 1; as transparent as that.
pub(super) fn colored_as(made: &Pixels, content: &Pixels, part: f32) -> Pixels {
    let mixed = colors(made).zip(colors(content)).map(|(made, content)| {
        let (own, other) = (luma(made), luma(content));
        std::array::from_fn(|at| {
            let chroma = (1.0 - part) * (made[at] - own) + part * (content[at] - other);
            own + chroma
        })
    });
    of_colors(content, mixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;

    fn one(rgb: [u8; 3]) -> Pixels {
        Pixels::from_rgb(Extent::new(1, 1), &rgb).unwrap()
    }

    #[test]
    fn the_slider_goes_from_one_pictures_colours_to_the_others() {
        let (made, content) = (one([120, 60, 60]), one([60, 60, 140]));
        assert_eq!(colored_as(&made, &content, 0.0), made);
        let colored = colored_as(&made, &content, 1.0);
        let chroma = |pixels: &Pixels| {
            let color = colors(pixels).next().unwrap();
            (color, color.map(|value| value - luma(color)))
        };
        let ((color, ours), (_, theirs)) = (chroma(&colored), chroma(&content));
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 0.01, "{ours} {theirs}");
        }
        let light = luma(chroma(&made).0);
        assert!((luma(color) - light).abs() < 0.01);
    }

    #[test]
    fn a_style_takes_the_light_of_the_content() {
        let dark = Pixels::from_rgb(Extent::new(2, 1), &[10, 10, 10, 30, 30, 30]).unwrap();
        let bright = Pixels::from_rgb(Extent::new(2, 1), &[150, 150, 150, 250, 250, 250]).unwrap();
        let lit = lit_as(&dark, &bright, 1.0);
        assert_eq!(lit.rgb(), bright.rgb());
        assert_eq!(lit_as(&dark, &bright, 0.0), dark);
    }
}
