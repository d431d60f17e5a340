//! The last touch to a picture, in plain loops; `shaders/finish.wgsl` computes the same.

use std::sync::LazyLock;

use rayon::prelude::*;

use super::{Extent, Pixels};
use crate::recipe::Finish;

/// Entries of the table a curve is read from.
pub const CURVE_ENTRIES: usize = 256;
/// Pixels around one that sharpening and denoising look at.
pub const REACH: i64 = 2;
/// Deviation of the Gaussian over neighbours, in pixels.
const DEVIATION: f32 = 1.2;
/// Differences of colour that count as noise where little of it is to go, and how much more where
/// all of it is.
const NOISE: [f32; 2] = [0.02, 0.13];
/// How much of a colour's light the warmest white balance adds, and the most magenta one, in stops.
const STOPS_OF_BALANCE: [f32; 2] = [0.5, 0.35];
/// The strongest grain: its largest steps, of all brightness.
const GRAIN: f32 = 0.25;
/// How much each colour of light counts for brightness, after BT.709.
const BRIGHTNESS: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// What a [`Finish`] comes to: numbers as the shader takes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touch {
    /// Factors of light: exposure and white balance.
    pub light: [f32; 3],
    pub contrast: f32,
    pub saturation: f32,
    /// The part of the denoised picture; much of it soon, so that it is the range that grows.
    pub denoise: f32,
    /// Of differences that count as noise, `-1 / (2 deviation²)`.
    pub range: f32,
    pub sharpen: f32,
    pub grain: f32,
    /// Of each brightness from 0 to 1.
    pub curves: [[f32; 3]; CURVE_ENTRIES],
}

impl Touch {
    pub fn new(finish: &Finish) -> Self {
        let [warm, magenta] = STOPS_OF_BALANCE;
        let (warm, magenta) = (finish.warmth * warm, finish.tint * magenta);
        let balance = [warm, -magenta, -warm].map(f32::exp2);
        // The balance leaves white as bright as it was.
        let bright: f32 = balance.iter().zip(BRIGHTNESS).map(|(a, b)| a * b).sum();
        let noise = NOISE[0] + finish.denoise * NOISE[1];
        let curves = std::array::from_fn(|entry| {
            let x = entry as f32 / (CURVE_ENTRIES - 1) as f32;
            finish.curves.at(x)
        });
        Self {
            light: balance.map(|factor| factor / bright * finish.exposure.exp2()),
            contrast: finish.contrast.exp2(),
            saturation: 1.0 + finish.saturation,
            denoise: finish.denoise.min(1.0).sqrt(),
            range: -0.5 / (noise * noise),
            sharpen: finish.sharpen,
            grain: finish.grain * GRAIN,
            curves,
        }
    }

    /// Whether a pixel depends on those around it.
    pub fn looks_around(&self) -> bool {
        self.denoise > 0.0 || self.sharpen > 0.0
    }

    /// Whether what is gray stays so.
    pub(super) fn keeps_grays(&self) -> bool {
        let alike = |[r, g, b]: [f32; 3]| r == g && g == b;
        alike(self.light) && self.curves.iter().copied().all(alike)
    }

    fn curved(&self, value: f32, color: usize) -> f32 {
        let along = value.clamp(0.0, 1.0) * (CURVE_ENTRIES - 1) as f32;
        let left = (along as usize).min(CURVE_ENTRIES - 2);
        let (a, b) = (self.curves[left][color], self.curves[left + 1][color]);
        a + (b - a) * (along - left as f32)
    }

    /// What becomes of a colour, as a screen takes it, at a place of the picture.
    fn colored(&self, color: [f32; 3], place: [u32; 2]) -> [f32; 3] {
        let mut channel = 0;
        let color = color.map(|value| {
            let value = encoded(decoded(value.max(0.0)) * self.light[channel]);
            let value = self.curved((value - 0.5) * self.contrast + 0.5, channel);
            channel += 1;
            value
        });
        let gray = brightness(color);
        let grain = self.grain * speck(place) * gray * (1.0 - gray);
        color.map(|value| (gray + (value - gray) * self.saturation + grain).clamp(0.0, 1.0))
    }
}

/// How bright a colour is.
fn brightness(color: [f32; 3]) -> f32 {
    let [r, g, b] = BRIGHTNESS;
    color[0] * r + color[1] * g + color[2] * b
}

/// From what a screen takes to light, IEC 61966-2-1.
fn decoded(value: f32) -> f32 {
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// From light to what a screen takes.
fn encoded(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// A number from -1 to 1 that a place of a picture always has, most often small: pcg after Jarzynski
/// and Olano 2020, "Hash Functions for GPU Rendering".
fn speck([x, y]: [u32; 2]) -> f32 {
    let mixed = |seed: u32| {
        let state = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
        (word >> 22) ^ word
    };
    let word = mixed(x.wrapping_add(mixed(y)));
    let [low, high] = [word & 0xffff, word >> 16];
    (low as f32 + high as f32) / 65535.0 - 1.0
}

/// Weights of the neighbours of a pixel, by their distance.
static NEARNESS: LazyLock<[[f32; 5]; 5]> = LazyLock::new(|| {
    let square = |at: usize| (at as f32 - REACH as f32).powi(2);
    std::array::from_fn(|y| {
        std::array::from_fn(|x| (-(square(x) + square(y)) / (2.0 * DEVIATION * DEVIATION)).exp())
    })
});

/// Colours of a picture around a place; edges go on beyond it.
pub(super) trait Surroundings {
    /// Red, green and blue from 0 to 1.
    fn at(&self, x: i64, y: i64) -> [f32; 3];
}

/// Those of a picture of 8 bits.
struct Whole<'a> {
    extent: Extent,
    pixels: &'a [[u8; 4]],
}

impl Surroundings for Whole<'_> {
    fn at(&self, x: i64, y: i64) -> [f32; 3] {
        let [x, y] = inside(self.extent, x, y);
        let [r, g, b, _] = self.pixels[y * self.extent.width as usize + x];
        [r, g, b].map(|value| f32::from(value) / 255.0)
    }
}

/// Those of some rows of a picture, as fine as they are, from one on.
pub(super) struct Around {
    pub(super) extent: Extent,
    pub(super) first: i64,
    pub(super) colors: Vec<[f32; 3]>,
}

impl Surroundings for Around {
    fn at(&self, x: i64, y: i64) -> [f32; 3] {
        let [x, y] = inside(self.extent, x, y);
        self.colors[(y - self.first as usize) * self.extent.width as usize + x]
    }
}

/// The nearest place within a picture.
fn inside(extent: Extent, x: i64, y: i64) -> [usize; 2] {
    let within = |at: i64, side: u32| at.clamp(0, i64::from(side) - 1) as usize;
    [within(x, extent.width), within(y, extent.height)]
}

impl Touch {
    /// What becomes of the colour of a place among others; what depends on the place alone is that of
    /// `grain`.
    pub(super) fn finished(
        &self,
        around: &impl Surroundings,
        place: [u32; 2],
        grain: [u32; 2],
    ) -> [f32; 3] {
        self.colored(self.clean(around, place), grain)
    }

    /// The colour of a place, denoised and sharpened.
    fn clean(&self, around: &impl Surroundings, [x, y]: [u32; 2]) -> [f32; 3] {
        let (x, y) = (i64::from(x), i64::from(y));
        let here = around.at(x, y);
        if !self.looks_around() {
            return here;
        }
        let (mut smooth, mut near, mut alike, mut like) = ([0.0; 3], 0.0, [0.0; 3], 0.0);
        for (row, weights) in (-REACH..).zip(&*NEARNESS) {
            for (column, &weight) in (-REACH..).zip(weights) {
                let there = around.at(x + column, y + row);
                let gap: f32 = (0..3).map(|i| (there[i] - here[i]).powi(2)).sum();
                let likeness = weight * (self.range * gap).exp();
                near += weight;
                like += likeness;
                for i in 0..3 {
                    smooth[i] += weight * there[i];
                    alike[i] += likeness * there[i];
                }
            }
        }
        std::array::from_fn(|i| {
            let clean = here[i] + (alike[i] / like - here[i]) * self.denoise;
            clean + self.sharpen * (clean - smooth[i] / near)
        })
    }
}

impl Pixels {
    /// With the last touch: 8 bits of each colour, transparency and whatever else its file held as it
    /// was.
    #[must_use]
    pub fn finished(&self, finish: &Finish) -> Self {
        if finish.is_off() {
            return self.clone();
        }
        self.touched(&Touch::new(finish), [0, 0]).in_place_of(self)
    }

    /// The same for a part of a picture, which begins at a place of it.
    #[must_use]
    pub fn touched(&self, touch: &Touch, from: [u32; 2]) -> Self {
        let extent = self.extent();
        let pixels = self.rgba().as_chunks::<4>().0;
        let around = Whole { extent, pixels };
        let width = extent.width as usize;
        let mut rgba = self.rgba().to_vec();
        rgba.par_chunks_mut((4 * width).max(1))
            .enumerate()
            .for_each(|(y, row)| {
                for (x, pixel) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                    let [x, y] = [x as u32, y as u32];
                    let place = [from[0].wrapping_add(x), from[1].wrapping_add(y)];
                    let color = touch.finished(&around, [x, y], place);
                    for (value, color) in pixel.iter_mut().zip(color) {
                        *value = (color * 255.0).round() as u8;
                    }
                }
            });
        Self::from_rgba(extent, rgba).unwrap_or_else(|| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Curve, Curves};

    fn gradient() -> Pixels {
        let extent = Extent::new(64, 16);
        let rgba = (0..extent.area())
            .flat_map(|at| {
                let (x, y) = (at % 64, at / 64);
                [(x * 4) as u8, (y * 15) as u8, (255 - x * 3) as u8, 200]
            })
            .collect();
        Pixels::from_rgba(extent, rgba).unwrap()
    }

    fn with(change: impl Fn(&mut Finish)) -> Finish {
        let mut finish = Finish::default();
        change(&mut finish);
        finish
    }

    /// Mean of each colour.
    fn means(pixels: &Pixels) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for pixel in pixels.rgba().as_chunks::<4>().0 {
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += f64::from(*value);
            }
        }
        sums.map(|sum| sum / pixels.extent().area() as f64)
    }

    #[test]
    fn nothing_asked_is_nothing_done() {
        let picture = gradient();
        assert_eq!(picture.finished(&Finish::default()), picture);
        // Nor by the arithmetic itself.
        let touched = picture.touched(&Touch::new(&Finish::default()), [0, 0]);
        assert_eq!(touched, picture);
    }

    #[test]
    fn a_stop_doubles_the_light() {
        let gray = Pixels::from_rgb(Extent::new(1, 1), &[100, 100, 100]).unwrap();
        let brighter = gray.finished(&with(|finish| finish.exposure = 1.0));
        let light = |pixels: &Pixels| decoded(f32::from(pixels.rgba()[0]) / 255.0);
        assert!((light(&brighter) / light(&gray) - 2.0).abs() < 0.02);
    }

    #[test]
    fn each_touch_does_what_it_is_called() {
        let picture = gradient();
        let before = means(&picture);
        let after = |change: fn(&mut Finish)| means(&picture.finished(&with(change)));
        let warm = after(|finish| finish.warmth = 1.0);
        assert!(warm[0] > before[0] + 3.0 && warm[2] < before[2] - 3.0);
        let magenta = after(|finish| finish.tint = 1.0);
        assert!(magenta[1] < before[1] - 3.0 && magenta[0] > before[0]);
        let gray = picture.finished(&with(|finish| finish.saturation = -1.0));
        assert!(gray.rgba().chunks(4).all(|p| p[0] == p[1] && p[1] == p[2]));
        let hard = picture.finished(&with(|finish| finish.contrast = 1.0));
        let black = |pixels: &Pixels| pixels.rgba().chunks(4).filter(|p| p[0] < 2).count();
        assert!(black(&hard) > black(&picture) + 50);
        let curves = Curves {
            red: Curve([0.0; 5]),
            ..Curves::default()
        };
        let no_red = picture.finished(&Finish {
            curves,
            ..Finish::default()
        });
        assert!(no_red.rgba().chunks(4).all(|pixel| pixel[0] == 0));
        for finished in [&gray, &hard, &no_red] {
            assert!(finished.rgba().chunks(4).all(|pixel| pixel[3] == 200));
        }
    }

    /// An edge between two grays, with noise on both.
    fn noisy_edge() -> Pixels {
        let extent = Extent::new(64, 64);
        let rgb = (0..extent.area() as u32)
            .flat_map(|at| {
                let level = if at % 64 < 32 { 80.0 } else { 160.0 };
                let noise = speck([at % 64, at / 64]) * 12.0;
                [(level + noise) as u8; 3]
            })
            .collect::<Vec<_>>();
        Pixels::from_rgb(extent, &rgb).unwrap()
    }

    fn deviation(pixels: &Pixels, columns: std::ops::Range<usize>) -> f64 {
        let values: Vec<f64> = (0..64)
            .flat_map(|y| columns.clone().map(move |x| (y * 64 + x) * 4))
            .map(|at| f64::from(pixels.rgba()[at]))
            .collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    }

    fn step(pixels: &Pixels) -> f64 {
        let column = |x: usize| {
            (0..64)
                .map(|y| f64::from(pixels.rgba()[(y * 64 + x) * 4]))
                .sum::<f64>()
        };
        (column(32) - column(31)) / 64.0
    }

    #[test]
    fn noise_goes_and_the_edge_stays() {
        let noisy = noisy_edge();
        let clean = noisy.finished(&with(|finish| finish.denoise = 0.6));
        assert!(deviation(&clean, 0..24) < 0.5 * deviation(&noisy, 0..24));
        assert!(step(&clean) > 0.9 * step(&noisy));
        let sharp = noisy.finished(&with(|finish| finish.sharpen = 1.0));
        assert!(step(&sharp) > 1.2 * step(&noisy));
    }

    #[test]
    fn grain_is_the_same_every_time_and_leaves_black_and_white() {
        let grain = with(|finish| finish.grain = 1.0);
        let flat =
            |value: u8| Pixels::from_rgb(Extent::new(64, 64), &vec![value; 64 * 64 * 3]).unwrap();
        let gray = flat(128).finished(&grain);
        assert!((4.0..16.0).contains(&deviation(&gray, 0..64)));
        assert_eq!(gray, flat(128).finished(&grain));
        assert_eq!(flat(0).finished(&grain), flat(0));
        assert_eq!(flat(255).finished(&grain), flat(255));
        // A part has the grain of its place.
        let part = Pixels::from_rgb(Extent::new(8, 8), &[128; 8 * 8 * 3]).unwrap();
        let part = part.touched(&Touch::new(&grain), [16, 5]);
        let at = (5 * 64 + 16) * 4;
        assert_eq!(part.rgba()[..32], gray.rgba()[at..at + 32]);
    }
}
