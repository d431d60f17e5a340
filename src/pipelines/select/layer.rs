//! The part of a picture that is looked at, at one size.

use rayon::prelude::*;

use crate::raster::{Area, Pixels};

/// From a pixel to the eight around it, across and down; the way back from `d` is `7 - d`.
pub(super) const STEPS: [(isize, isize); 8] = [
    (-1, -1),
    (0, -1),
    (1, -1),
    (-1, 0),
    (1, 0),
    (-1, 1),
    (0, 1),
    (1, 1),
];

/// Opaque colours in sRGB, rows from the top.
pub(super) struct Layer {
    /// Pixels of the picture along each side of one of these.
    pub(super) scale: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) colors: Vec<[u8; 3]>,
}

impl Layer {
    /// The part of `image` within `area`, which must lie in it.
    pub(super) fn of(image: &Pixels, area: Area) -> Self {
        let row = image.extent().width as usize;
        let (left, width) = (area.x as usize, area.extent.width as usize);
        let pixels = image.rgba().as_chunks::<4>().0;
        let backdrop = if image.is_opaque() {
            [0; 3]
        } else {
            backdrop(pixels)
        };
        let rows = (0..area.extent.height as usize).into_par_iter();
        let colors = rows.flat_map_iter(|y| {
            let start = (area.y as usize + y) * row + left;
            let pixels = pixels[start..start + width].iter();
            pixels.map(|&pixel| laid_over(backdrop, pixel))
        });
        Self {
            scale: 1,
            width,
            height: area.extent.height as usize,
            colors: colors.collect(),
        }
    }

    /// Half as wide and high, rounded up; each pixel the mean of those it stands for.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let rows = (0..height).into_par_iter();
        let colors = rows.flat_map_iter(|y| {
            let row = |y: usize| &self.colors[y.min(self.height - 1) * self.width..][..self.width];
            let (upper, lower) = (row(2 * y), row(2 * y + 1));
            (0..width).map(move |x| {
                let (left, right) = (2 * x, (2 * x + 1).min(self.width - 1));
                let four = [upper[left], upper[right], lower[left], lower[right]];
                std::array::from_fn(|channel| {
                    let sum: u16 = four.iter().map(|color| u16::from(color[channel])).sum();
                    ((sum + 2) / 4) as u8
                })
            })
        });
        Self {
            scale: 2 * self.scale,
            width,
            height,
            colors: colors.collect(),
        }
    }

    /// The pixel one step away from `at`; `None` beyond the edge.
    pub(super) fn beside(&self, at: usize, (across, down): (isize, isize)) -> Option<usize> {
        let x = (at % self.width).checked_add_signed(across)?;
        let y = (at / self.width).checked_add_signed(down)?;
        (x < self.width && y < self.height).then_some(y * self.width + x)
    }

    /// The pixel that stands for one of the picture's, counted from this part's corner; the nearest
    /// one for what is beyond.
    pub(super) fn holding(&self, x: usize, y: usize) -> usize {
        let (x, y) = (x / self.scale, y / self.scale);
        y.min(self.height - 1) * self.width + x.min(self.width - 1)
    }

    /// The pixels within `radius` of one.
    pub(super) fn disc(&self, middle: usize, radius: usize) -> Vec<usize> {
        let (radius, reach) = (radius as isize, -(radius as isize)..=radius as isize);
        let steps = reach
            .clone()
            .flat_map(|down| reach.clone().map(move |across| (across, down)));
        let near = steps.filter(|(across, down)| across * across + down * down <= radius * radius);
        near.filter_map(|step| self.beside(middle, step)).collect()
    }

    /// How different the colours of two pixels are: the squared distance, in 8-bit levels.
    pub(super) fn contrast(&self, one: usize, other: usize) -> u32 {
        let pairs = self.colors[one].into_iter().zip(self.colors[other]);
        pairs.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    }

    /// Mean contrast of neighbours; 0 where there are none.
    pub(super) fn mean_contrast(&self) -> f32 {
        let ahead = &STEPS[STEPS.len() / 2..];
        let (sum, count) = (0..self.colors.len())
            .into_par_iter()
            .map(|at| {
                let beside = ahead.iter().filter_map(|&step| self.beside(at, step));
                beside.fold((0, 0), |(sum, count), beside| {
                    (sum + u64::from(self.contrast(at, beside)), count + 1_u64)
                })
            })
            .reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1));
        (sum as f64 / count.max(1) as f64) as f32
    }
}

/// The corner of the colour cube that is farthest from what can be seen of a picture, so that what
/// is transparent looks unlike the rest.
fn backdrop(pixels: &[[u8; 4]]) -> [u8; 3] {
    let (mut sums, mut total) = ([0_u64; 3], 0_u64);
    for &[r, g, b, alpha] in pixels {
        for (sum, value) in sums.iter_mut().zip([r, g, b]) {
            *sum += u64::from(value) * u64::from(alpha);
        }
        total += u64::from(alpha);
    }
    sums.map(|sum| if 2 * sum < total * 255 { u8::MAX } else { 0 })
}

fn laid_over(backdrop: [u8; 3], [r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
    let mixed = |value: u8, behind: u8| {
        let alpha = u16::from(alpha);
        ((u16::from(value) * alpha + u16::from(behind) * (255 - alpha) + 127) / 255) as u8
    };
    [
        mixed(r, backdrop[0]),
        mixed(g, backdrop[1]),
        mixed(b, backdrop[2]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;

    #[test]
    fn half_a_picture_of_odd_size_holds_means() {
        let values = [0, 40, 100, 20, 60, 200].map(|value| [value, 0, 0]);
        let image = Pixels::from_rgb(Extent::new(3, 2), values.as_flattened()).unwrap();
        let half = Layer::of(&image, Area::whole(image.extent())).halved();
        assert_eq!((half.width, half.height, half.scale), (2, 1, 2));
        assert_eq!(half.colors, [[30, 0, 0], [150, 0, 0]]);
    }

    #[test]
    fn what_is_transparent_looks_unlike_what_is_not() {
        let rgba = [[250, 240, 5, 255], [0, 0, 0, 0]];
        let image = Pixels::from_rgba(Extent::new(2, 1), rgba.as_flattened().to_vec()).unwrap();
        let layer = Layer::of(&image, Area::whole(image.extent()));
        assert_eq!(layer.colors, [[250, 240, 5], [0, 0, 255]]);
    }
}
