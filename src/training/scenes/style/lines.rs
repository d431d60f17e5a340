//! The lines of a picture: thin ridges where areas meet, found alike in light and dark.

use super::Sight;
use super::plane::{Picture, Plane};

/// How much of a line each pixel is, 0 to about 1.
pub(super) fn lines(picture: &Picture, sight: &Sight<'_>) -> Plane {
    let side = picture.side;
    let smooth = if sight.unit() >= 0.75 {
        picture.blurred(1)
    } else {
        picture.clone()
    };
    let planes = smooth.planes();
    let mut steep = Plane::new(side, 0.0);
    for y in 0..side {
        for x in 0..side {
            let mut sum = 0.0;
            for plane in &planes {
                let (gx, gy) = plane.slope(x, y);
                sum += gx * gx + gy * gy;
            }
            steep.at[y * side + x] = sum.sqrt();
        }
    }
    let around = steep.blurred(sight.reach(2.0));
    let wide = steep.blurred(sight.reach(9.0));
    for (at, value) in steep.at.iter_mut().enumerate() {
        let ridge = *value - around.at[at] * 0.95;
        *value = (ridge / (wide.at[at] * 0.8 + 4.5)).clamp(0.0, 1.6);
    }
    steep
}

/// How much of the subject's outline each pixel is.
pub(super) fn outline(sight: &Sight<'_>) -> Plane {
    let side = sight.side;
    if sight.mask.is_empty() {
        return Plane::new(side, 0.0);
    }
    let soft = Plane::map(side, sight.mask, |share| share).blurred(1);
    Plane::map(side, &soft.at, |share| {
        (1.0 - (share * 2.0 - 1.0).abs()).max(0.0)
    })
}
