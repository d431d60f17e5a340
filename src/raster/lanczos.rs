//! Rows of a picture at another size, as they come: however large both are, only a few rows are held.

use std::collections::VecDeque;
use std::ops::Range;

use rayon::prelude::*;

use super::Extent;

/// Pixels of the smaller of both pictures, to each side, that count.
const RADIUS: f64 = 3.0;

/// What of one axis makes a position of the other picture's.
struct Share {
    from: Range<usize>,
    weights: Vec<f32>,
}

/// The shares of all positions of an axis that goes from a length to another. Like those of PIL: where
/// it shrinks, all positions count.
fn shares(from: u32, to: u32) -> Vec<Share> {
    let ratio = f64::from(from) / f64::from(to);
    let stretch = ratio.max(1.0);
    let reach = RADIUS * stretch;
    let share = |at: u32| {
        let center = (f64::from(at) + 0.5) * ratio;
        let first = (center - reach).floor().max(0.0);
        let last = (center + reach).ceil().min(f64::from(from));
        let first = first.min(last - 1.0) as usize;
        let weights =
            (first..last as usize).map(|at| lanczos((at as f64 + 0.5 - center) / stretch));
        let weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        Share {
            from: first..last as usize,
            weights: weights.iter().map(|weight| (weight / sum) as f32).collect(),
        }
    };
    (0..to).map(share).collect()
}

/// Bytes that the shares of an axis take at most.
fn share_bytes(from: u32, to: u32) -> u64 {
    let reach = RADIUS * (f64::from(from) / f64::from(to)).max(1.0);
    let weights = ((2.0 * reach).ceil() as u64 + 2).min(u64::from(from));
    u64::from(to) * (size_of::<Share>() as u64 + weights * size_of::<f32>() as u64)
}

fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| {
        let angle = x * std::f64::consts::PI;
        if x == 0.0 { 1.0 } else { angle.sin() / angle }
    };
    if x.abs() < RADIUS {
        sinc(x) * sinc(x / RADIUS)
    } else {
        0.0
    }
}

/// Takes a picture row by row and gives it at another size, row by row: Lanczos with a radius of 3.
pub struct RowScaler {
    channels: usize,
    across: Vec<Share>,
    down: Vec<Share>,
    /// Rows of the right width that are still needed, and which the first of them is.
    held: VecDeque<Vec<f32>>,
    first: usize,
    /// Rows given so far.
    given: usize,
}

impl std::fmt::Debug for RowScaler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (held, given) = (self.held.len(), self.given);
        write!(f, "RowScaler({held} rows held, {given} given)")
    }
}

impl RowScaler {
    /// Of pictures with so many values a pixel.
    pub fn new(from: Extent, to: Extent, channels: usize) -> Self {
        Self {
            channels,
            across: shares(from.width, to.width),
            down: shares(from.height, to.height),
            held: VecDeque::new(),
            first: 0,
            given: 0,
        }
    }

    /// Bytes it holds at most, beside what it is given and gives for so many rows at once.
    pub fn bytes(from: Extent, to: Extent, channels: usize, rows: usize) -> u64 {
        let reach = RADIUS * (f64::from(from.height) / f64::from(to.height)).max(1.0);
        let held = (2.0 * reach).ceil() as u64 + 2 + rows as u64;
        let row = u64::from(to.width) * channels as u64 * size_of::<f32>() as u64;
        held.min(u64::from(from.height)) * row
            + share_bytes(from.width, to.width)
            + share_bytes(from.height, to.height)
    }

    /// Takes the next rows, whole ones, and gives those that are complete with them.
    pub fn push(&mut self, rows: &[f32], mut give: impl FnMut(&[f32])) {
        let wide = self.width_of_input();
        let new: Vec<_> = rows
            .par_chunks_exact(wide.max(1))
            .map(|row| self.scaled_across(row))
            .collect();
        self.held.extend(new);
        let known = self.first + self.held.len();
        while let Some(share) = self.down.get(self.given)
            && share.from.end <= known
        {
            give(&self.scaled_down(share));
            self.given += 1;
            let needed = self
                .down
                .get(self.given)
                .map_or(known, |next| next.from.start);
            while self.first < needed && self.held.pop_front().is_some() {
                self.first += 1;
            }
        }
    }

    /// Values of a row it takes.
    pub fn width_of_input(&self) -> usize {
        self.across.last().map_or(0, |share| share.from.end) * self.channels
    }

    fn scaled_across(&self, row: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; self.across.len() * self.channels];
        for (share, out) in self.across.iter().zip(out.chunks_exact_mut(self.channels)) {
            let pixels = row[share.from.start * self.channels..].chunks_exact(self.channels);
            for (weight, pixel) in share.weights.iter().zip(pixels) {
                for (out, value) in out.iter_mut().zip(pixel) {
                    *out += weight * value;
                }
            }
        }
        out
    }

    fn scaled_down(&self, share: &Share) -> Vec<f32> {
        let mut out = vec![0.0; self.across.len() * self.channels];
        let rows = self.held.range(share.from.start - self.first..);
        for (weight, row) in share.weights.iter().zip(rows) {
            for (out, value) in out.iter_mut().zip(row) {
                *out += weight * value;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Fit, Pixels, resized};

    #[test]
    fn rows_are_those_of_the_whole_picture_whatever_comes_at_once() {
        let from = Extent::new(23, 17);
        let rgba =
            (0..from.area() as u32 * 4).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
        // Opaque, so that nothing is weighted by alpha.
        let rgba = rgba
            .enumerate()
            .map(|(at, value)| if at % 4 == 3 { 255 } else { value });
        let pixels = Pixels::from_rgba(from, rgba.collect()).unwrap();
        let values: Vec<f32> = pixels
            .rgba()
            .iter()
            .map(|&value| f32::from(value))
            .collect();
        for (width, height) in [(46, 34), (23, 17), (10, 60), (70, 5), (1, 1), (24, 16)] {
            let to = Extent::new(width, height);
            let whole = resized(&pixels, to, Fit::Stretch);
            for at_once in [1, 4, 17] {
                let mut scaler = RowScaler::new(from, to, 4);
                let mut out = Vec::new();
                for rows in values.chunks(at_once * 23 * 4) {
                    scaler.push(rows, |row| out.extend_from_slice(row));
                }
                assert_eq!(out.len(), whole.rgba().len(), "{to}");
                for (ours, theirs) in out.iter().zip(whole.rgba()) {
                    let gap = (ours.round().clamp(0.0, 255.0) - f32::from(*theirs)).abs();
                    assert!(gap <= 1.0, "{to}: {ours} for {theirs}");
                }
            }
        }
    }

    #[test]
    fn what_shares_take_is_known_beforehand() {
        for (from, to) in [(100, 400), (400, 100), (7, 7), (3, 1000), (5000, 2)] {
            let made = shares(from, to);
            let weights: usize = made.iter().map(|share| share.weights.capacity()).sum();
            let bytes = made.len() * size_of::<Share>() + weights * size_of::<f32>();
            let told = share_bytes(from, to);
            assert!(told >= bytes as u64, "{from} to {to}: {told} for {bytes}");
            assert!(
                told <= 2 * bytes as u64 + 64,
                "{from} to {to}: {told} for {bytes}"
            );
        }
    }

    #[test]
    fn a_large_picture_is_never_held() {
        let (from, to) = (Extent::new(3, 4000), Extent::new(3, 9000));
        let mut scaler = RowScaler::new(from, to, 1);
        let mut given = 0;
        for _ in 0..4000 {
            scaler.push(&[0.5; 3], |_| given += 1);
            assert!(scaler.held.len() <= 8);
        }
        assert_eq!(given, 9000);
    }
}
