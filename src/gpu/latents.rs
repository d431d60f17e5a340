//! Latents on their way to colour, and that way without a graphics device.

use crate::raster::{Extent, Pixels};

/// Latents and how they look.
#[derive(Clone, Copy, Debug)]
pub struct Latents<'a> {
    /// Latent pixels.
    extent: Extent,
    /// `[channels, height, width]`.
    values: &'a [f32],
    /// One row per channel; colour is in [-1, 1].
    matrix: &'a [[f32; 3]],
    bias: [f32; 3],
}

impl<'a> Latents<'a> {
    /// `None` if `values` does not hold one plane per row of `matrix`, or nothing at all.
    pub fn new(
        extent: Extent,
        values: &'a [f32],
        matrix: &'a [[f32; 3]],
        bias: [f32; 3],
    ) -> Option<Self> {
        let fits = !values.is_empty() && values.len() == extent.area() * matrix.len();
        fits.then_some(Self {
            extent,
            values,
            matrix,
            bias,
        })
    }

    pub fn extent(&self) -> Extent {
        self.extent
    }

    pub fn channels(&self) -> usize {
        self.matrix.len()
    }

    pub(super) fn values(&self) -> &[f32] {
        self.values
    }

    /// The colour of empty latents, then that of each channel, four numbers each.
    pub(super) fn colors(&self) -> Vec<[f32; 4]> {
        std::iter::once(&self.bias)
            .chain(self.matrix)
            .map(|&[red, green, blue]| [red, green, blue, 0.0])
            .collect()
    }

    /// What `shaders/latent_preview.wgsl` draws, by plain loops: enlarged to `size` with
    /// Catmull-Rom weights, first across, then down.
    pub fn draw(&self, size: Extent) -> Option<Pixels> {
        let source = self.in_color();
        let (from_width, from_height) = (self.extent.width as usize, self.extent.height as usize);
        let (width, height) = (size.width as usize, size.height as usize);
        let across = taps(from_width, width);
        let wide: Vec<[f32; 3]> = source
            .chunks_exact(from_width)
            .flat_map(|row| across.iter().map(|tap| tap.mix(|index| row[index])))
            .collect();
        let mut rgb = Vec::with_capacity(size.area() * 3);
        for tap in taps(from_height, height) {
            for x in 0..width {
                let color = tap.mix(|row| wide[row * width + x]);
                rgb.extend(color.map(to_byte));
            }
        }
        Pixels::from_rgb(size, &rgb)
    }

    /// The colour of each latent pixel.
    fn in_color(&self) -> Vec<[f32; 3]> {
        let mut colors = vec![self.bias; self.extent.area()];
        for (plane, row) in self
            .values
            .chunks_exact(self.extent.area())
            .zip(self.matrix)
        {
            for (color, value) in colors.iter_mut().zip(plane) {
                *color = std::array::from_fn(|i| color[i] + value * row[i]);
            }
        }
        colors
    }
}

/// From [-1, 1] to a byte.
fn to_byte(value: f32) -> u8 {
    ((value * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0).round() as u8
}

/// The four source pixels a target pixel is mixed from.
struct Tap {
    indices: [usize; 4],
    weights: [f32; 4],
}

impl Tap {
    fn mix(&self, color_of: impl Fn(usize) -> [f32; 3]) -> [f32; 3] {
        let mut mixed = [0.0; 3];
        for (&index, weight) in self.indices.iter().zip(self.weights) {
            let color = color_of(index);
            mixed = std::array::from_fn(|i| mixed[i] + weight * color[i]);
        }
        mixed
    }
}

/// One tap for each of `to` pixels, over `from` pixels.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let last = from.saturating_sub(1) as f32;
    (0..to)
        .map(|index| {
            let at = (index as f32 + 0.5) * from as f32 / to as f32 - 0.5;
            let (first, t) = (at.floor() - 1.0, at - at.floor());
            Tap {
                indices: std::array::from_fn(|i| (first + i as f32).clamp(0.0, last) as usize),
                weights: [
                    t * (-0.5 + t * (1.0 - 0.5 * t)),
                    1.0 + t * t * (1.5 * t - 2.5),
                    t * (0.5 + t * (2.0 - 1.5 * t)),
                    t * t * (0.5 * t - 0.5),
                ],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flat_latent_is_one_flat_colour() {
        let matrix = [[1.0, 0.0, -1.0], [0.0, 0.5, 0.0]];
        let values = [[0.5; 4], [1.0; 4]].concat();
        let latents = Latents::new(Extent::new(2, 2), &values, &matrix, [0.0, 0.0, 0.5]).unwrap();
        let pixels = latents.draw(Extent::new(16, 24)).unwrap();
        // Weights of a place add up to 1 but for rounding.
        let near = |value: u8, wanted: i32| (i32::from(value) - wanted).abs() <= 1;
        assert!(
            pixels
                .rgb()
                .as_chunks::<3>()
                .0
                .iter()
                .all(|&[r, g, b]| near(r, 191) && near(g, 191) && near(b, 128))
        );
    }

    #[test]
    fn latents_of_another_size_are_refused() {
        let matrix = [[0.0; 3]; 4];
        assert!(Latents::new(Extent::new(2, 2), &[0.0; 15], &matrix, [0.0; 3]).is_none());
        assert!(Latents::new(Extent::new(0, 2), &[], &matrix, [0.0; 3]).is_none());
    }

    #[test]
    fn the_same_size_keeps_every_colour() {
        let values = [-1.0, 0.0, 1.0, 0.5];
        let latents = Latents::new(Extent::new(4, 1), &values, &[[1.0; 3]], [0.0; 3]).unwrap();
        let pixels = latents.draw(Extent::new(4, 1)).unwrap();
        let reds: Vec<u8> = pixels.rgb().into_iter().step_by(3).collect();
        assert_eq!(reds, [0, 128, 255, 191]);
    }
}
