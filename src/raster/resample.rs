//! Parts of a picture at another size, to the bit as PIL makes them: networks are particular about how
//! the pictures they learnt on were made smaller.
//!
//! Like PIL's own, weights are whole numbers, rows come before columns, and what lies between is
//! rounded to 8 bits. (PIL from 13 on begins with the columns of tall pictures, for speed: what it was
//! until then is what networks were trained with.)

use std::ops::Range;

use super::{Extent, Pixels};

/// Bits of a weight behind the point.
const PRECISION: u32 = 32 - 8 - 2;

/// How much pixels count by their distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampling {
    Bilinear,
    /// Keys' with a = -0.5.
    Bicubic,
    /// With a radius of 3.
    Lanczos,
}

impl Resampling {
    /// Pixels of the smaller of both pictures, to each side, that count.
    const fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Self::Bilinear => (1.0 - x).max(0.0),
            Self::Bicubic => {
                const A: f64 = -0.5;
                if x < 1.0 {
                    ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
                } else if x < 2.0 {
                    (((x - 5.0) * x + 8.0) * x - 4.0) * A
                } else {
                    0.0
                }
            }
            Self::Lanczos => {
                let sinc = |x: f64| {
                    let angle = x * std::f64::consts::PI;
                    if x == 0.0 { 1.0 } else { angle.sin() / angle }
                };
                if x < 3.0 {
                    sinc(x) * sinc(x / 3.0)
                } else {
                    0.0
                }
            }
        }
    }
}

/// A part of a picture, which may reach beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub left: i64,
    pub top: i64,
    pub extent: Extent,
}

/// What of one axis makes one position of the other picture's.
struct Share {
    from: usize,
    weights: Vec<i32>,
}

impl Share {
    fn of(how: Resampling, (from, to): (u32, u32), at: u32) -> Self {
        let ratio = f64::from(from) / f64::from(to);
        let stretch = ratio.max(1.0);
        let reach = how.support() * stretch;
        let center = (f64::from(at) + 0.5) * ratio;
        let first = ((center - reach + 0.5).max(0.0)) as usize;
        let last = ((center + reach + 0.5) as usize).min(from as usize);
        let weight = |at: usize| how.weight((at as f64 - center + 0.5) / stretch);
        let weights: Vec<f64> = (first..last).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let whole = |weight: &f64| (weight / sum * f64::from(1 << PRECISION)).round() as i32;
        Self {
            from: first,
            weights: weights.iter().map(whole).collect(),
        }
    }

    fn end(&self) -> usize {
        self.from + self.weights.len()
    }

    /// The weighted sum of every `step`-th value.
    fn sum(&self, values: &[u8], step: usize) -> u8 {
        let pairs = self.weights.iter().zip(values.iter().step_by(step));
        let sum: i64 = pairs
            .map(|(weight, value)| i64::from(*weight) * i64::from(*value))
            .sum();
        ((sum + (1 << (PRECISION - 1))) >> PRECISION).clamp(0, 255) as u8
    }
}

/// The positions of a window that lie within so many.
fn inside(first: i64, count: u32, all: u32) -> Range<u32> {
    let within = |at: i64| at.clamp(0, i64::from(all)) as u32;
    within(first)..within(first + i64::from(count))
}

/// A window of the picture at the size `to`, both of at least one pixel each way: three bytes a pixel,
/// alpha dropped, and zeros beyond the picture. Only what the window needs is computed.
pub fn resampled(pixels: &Pixels, to: Extent, window: Window, how: Resampling) -> Vec<u8> {
    let from = pixels.extent();
    let columns = inside(window.left, window.extent.width, to.width);
    let rows = inside(window.top, window.extent.height, to.height);
    let mut out = vec![0; window.extent.area() * 3];
    if columns.is_empty() || rows.is_empty() {
        return out;
    }
    let across: Vec<_> = columns
        .clone()
        .map(|at| Share::of(how, (from.width, to.width), at))
        .collect();
    let down: Vec<_> = rows
        .clone()
        .map(|at| Share::of(how, (from.height, to.height), at))
        .collect();
    let first = down.iter().map(|share| share.from).min().unwrap_or(0);
    let last = down.iter().map(Share::end).max().unwrap_or(0);
    let (source, wide) = (from.width as usize * 4, across.len() * 3);
    let mut narrowed = vec![0; (last - first) * wide];
    let lines = pixels.rgba().chunks_exact(source).skip(first);
    for (line, out) in lines.zip(narrowed.chunks_exact_mut(wide)) {
        for (share, out) in across.iter().zip(out.as_chunks_mut::<3>().0) {
            *out = [0, 1, 2].map(|channel| share.sum(&line[share.from * 4 + channel..], 4));
        }
    }
    let whole = window.extent.width as usize * 3;
    let left = (i64::from(columns.start) - window.left) as usize * 3;
    let top = (i64::from(rows.start) - window.top) as usize;
    for (share, out) in down.iter().zip(out.chunks_exact_mut(whole).skip(top)) {
        let start = (share.from - first) * wide;
        for (at, out) in out[left..left + wide].iter_mut().enumerate() {
            *out = share.sum(&narrowed[start + at..], wide);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(extent: Extent) -> Pixels {
        let value = |at: usize| ((at as u32).wrapping_mul(2_654_435_761) >> 24) as u8;
        Pixels::from_rgb(
            extent,
            &(0..extent.area() * 3).map(value).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    fn whole(extent: Extent) -> Window {
        Window {
            left: 0,
            top: 0,
            extent,
        }
    }

    const ALL: [Resampling; 3] = [
        Resampling::Bilinear,
        Resampling::Bicubic,
        Resampling::Lanczos,
    ];

    #[test]
    fn at_its_own_size_a_picture_stays_as_it_is() {
        let pixels = noise(Extent::new(9, 7));
        for how in ALL {
            let same = resampled(&pixels, pixels.extent(), whole(pixels.extent()), how);
            assert_eq!(same, pixels.rgb(), "{how:?}");
        }
    }

    #[test]
    fn a_window_is_a_part_of_the_whole_and_black_beyond() {
        let pixels = noise(Extent::new(31, 20));
        let to = Extent::new(13, 17);
        for how in ALL {
            let all = resampled(&pixels, to, whole(to), how);
            let window = Window {
                left: -2,
                top: 3,
                extent: Extent::new(20, 16),
            };
            let part = resampled(&pixels, to, window, how);
            for y in 0..16i64 {
                for x in 0..20i64 {
                    let (column, row) = (x - 2, y + 3);
                    let is_in = (0..13).contains(&column) && (0..17).contains(&row);
                    let at = (y * 20 + x) as usize * 3;
                    let wanted = if is_in {
                        let at = (row * 13 + column) as usize * 3;
                        &all[at..at + 3]
                    } else {
                        &[0; 3][..]
                    };
                    assert_eq!(&part[at..at + 3], wanted, "{how:?} {x} {y}");
                }
            }
        }
    }

    #[test]
    fn a_long_strip_is_never_whole_in_memory() {
        let strip = noise(Extent::new(60_000, 2));
        let to = Extent::new(60_000 * 112, 224);
        let window = Window {
            left: i64::from(to.width / 2),
            top: 0,
            extent: Extent::new(224, 224),
        };
        assert_eq!(
            resampled(&strip, to, window, Resampling::Bicubic).len(),
            224 * 224 * 3
        );
    }
}
