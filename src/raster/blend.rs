//! New pixels into a picture: exact where the mask keeps, without a seam where it does not.

use super::fill::Level;
use super::{Extent, Known, Mask, Pixels};

impl Pixels {
    /// `new` over this picture where `mask` repaints, both of this extent. Where the mask is 0 the
    /// bytes stay as they are; where it is 255 and `new` is opaque they are those of `new`.
    pub fn repainted(&self, new: &Self, mask: &Mask) -> Self {
        let pixels = self.rgba.as_chunks::<4>().0.iter();
        let news = new.rgba.as_chunks::<4>().0.iter();
        let rgba = pixels
            .zip(news)
            .zip(mask.values())
            .flat_map(|((&old, &new), &weight)| mixed(old, new, weight))
            .collect();
        Self {
            extent: self.extent,
            rgba,
            original: self.original.clone(),
            known: Known::default(),
        }
    }
}

/// `new` laid over `old` with an opacity of `weight`; in straight alpha, rounded to nearest.
fn mixed(old: [u8; 4], new: [u8; 4], weight: u8) -> [u8; 4] {
    if weight == 0 {
        return old;
    }
    // Shares of 255².
    let over = u32::from(weight) * u32::from(new[3]);
    let under = (255 - u32::from(weight)) * u32::from(old[3]);
    let sum = over + under;
    if sum == 0 {
        return [old[0], old[1], old[2], 0];
    }
    let channel = |at: usize| {
        let mix = over * u32::from(new[at]) + under * u32::from(old[at]);
        ((mix + sum / 2) / sum) as u8
    };
    [
        channel(0),
        channel(1),
        channel(2),
        ((sum + 127) / 255) as u8,
    ]
}

/// The pixels whose colours say how the new ones have drifted lie around the mask, no farther than
/// this part of the picture's longest side.
const RING: u32 = 16;
/// What differs by more is another thing, not another tone.
const MOST_DRIFT: f32 = 24.0;
/// How often the drift's map is halved: finer than that it is noise.
const DRIFT_LEVEL: u32 = 2;
/// A network may brighten or darken; beyond this it has painted something else.
const GAIN: std::ops::RangeInclusive<f32> = 0.8..=1.25;

/// `new` with its colours moved as far as they have drifted where `mask` keeps: there both pictures
/// should be alike, and a decoder never gives back quite what it was given. First mean and spread of
/// each channel, after Reinhard et al. 2001, over the kept pixels near the mask; then what is left
/// at each place of the seam, spread smoothly over what is new.
pub fn match_colors(new: &Pixels, old: &Pixels, mask: &Mask) -> Pixels {
    let Extent { width, height } = old.extent();
    let near = mask.grown((width.max(height) / RING).max(2) as usize);
    let ring: Vec<usize> = (0..mask.values().len())
        .filter(|&at| mask.values()[at] == 0 && near.values()[at] > 0)
        .collect();
    if ring.is_empty() {
        return new.clone();
    }
    let maps: [[u8; 256]; 3] = std::array::from_fn(|channel| {
        let (from, to) = (moments(new, &ring, channel), moments(old, &ring, channel));
        let gain = if from.1 > 1.0 {
            (to.1 / from.1).clamp(*GAIN.start(), *GAIN.end())
        } else {
            1.0
        };
        std::array::from_fn(|value| {
            ((value as f32 - from.0) * gain + to.0)
                .round()
                .clamp(0.0, 255.0) as u8
        })
    });
    let rgba = new
        .rgba()
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[r, g, b, a]| {
            [
                maps[0][r as usize],
                maps[1][g as usize],
                maps[2][b as usize],
                a,
            ]
        })
        .collect();
    let moved = Pixels {
        extent: new.extent(),
        rgba,
        original: None,
        known: Known::default(),
    };
    without_drift(&moved, old, &ring)
}

/// `new` plus what it lacks of `old` at the given pixels, spread smoothly from there.
fn without_drift(new: &Pixels, old: &Pixels, ring: &[usize]) -> Pixels {
    let extent = old.extent();
    let mut values = vec![[0.0; 4]; extent.area()];
    let (news, olds) = (new.rgba.as_chunks::<4>().0, old.rgba.as_chunks::<4>().0);
    for &at in ring {
        let lacks = std::array::from_fn(|channel| {
            f32::from(olds[at][channel]) - f32::from(news[at][channel])
        });
        let [r, g, b]: [f32; 3] = lacks;
        if lacks.iter().all(|gap| gap.abs() <= MOST_DRIFT) {
            values[at] = [r, g, b, 1.0];
        }
    }
    let mut drift = Level { extent, values };
    for _ in 0..DRIFT_LEVEL {
        drift = drift.halved();
    }
    let drift = drift.spread(0.0);
    let scale = (1u32 << DRIFT_LEVEL) as f32;
    let width = extent.width as usize;
    let rgba = news
        .iter()
        .enumerate()
        .flat_map(|(at, &[r, g, b, a])| {
            let place = |at: usize| (at as f32 + 0.5) / scale - 0.5;
            let add = drift.sample(place(at % width), place(at / width));
            let moved =
                |value: u8, by: f32| (f32::from(value) + by).round().clamp(0.0, 255.0) as u8;
            [moved(r, add[0]), moved(g, add[1]), moved(b, add[2]), a]
        })
        .collect();
    Pixels {
        extent,
        rgba,
        original: None,
        known: Known::default(),
    }
}

/// Mean and standard deviation of one channel over the given pixels.
fn moments(pixels: &Pixels, at: &[usize], channel: usize) -> (f32, f32) {
    let values = || {
        at.iter()
            .map(|&at| f64::from(pixels.rgba()[at * 4 + channel]))
    };
    let count = at.len() as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance.sqrt() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pixels: &[[u8; 4]]) -> Pixels {
        Pixels::from_rgba(Extent::new(pixels.len() as u32, 1), pixels.concat()).unwrap()
    }

    #[test]
    fn weight_0_keeps_the_bytes_and_255_takes_the_new_ones() {
        let old = row(&[[1, 2, 3, 77], [9, 9, 9, 255], [10, 20, 30, 0]]);
        let new = row(&[[200, 201, 202, 255], [109, 9, 9, 255], [40, 50, 60, 255]]);
        let mask = Mask::from_values(Extent::new(3, 1), vec![0, 128, 255]).unwrap();
        assert_eq!(
            old.repainted(&new, &mask),
            row(&[[1, 2, 3, 77], [59, 9, 9, 255], [40, 50, 60, 255]])
        );
    }

    #[test]
    fn new_paint_in_a_transparent_part_shows_its_own_colour() {
        let old = row(&[[0, 0, 0, 0]]);
        let new = row(&[[200, 100, 50, 255]]);
        let mask = Mask::from_values(Extent::new(1, 1), vec![51]).unwrap();
        assert_eq!(old.repainted(&new, &mask), row(&[[200, 100, 50, 51]]));
    }

    #[test]
    fn a_drift_of_the_whole_picture_is_taken_back() {
        let old = row(&std::array::from_fn::<_, 40, _>(|x| {
            let value = 60 + (x as u8 % 7) * 10;
            [value, value, value, 255]
        }));
        let drifted = Pixels::from_rgba(
            old.extent(),
            old.rgba()
                .iter()
                .enumerate()
                .map(|(at, v)| if at % 4 == 3 { 255 } else { v + 9 })
                .collect(),
        )
        .unwrap();
        let values = (0..40)
            .map(|x| if (15..25).contains(&x) { 255 } else { 0 })
            .collect();
        let mask = Mask::from_values(old.extent(), values).unwrap();
        assert_eq!(match_colors(&drifted, &old, &mask), old);
    }

    #[test]
    fn a_drift_that_changes_from_place_to_place_is_not_seen_at_the_seam() {
        let extent = Extent::new(96, 48);
        let painted = |x: usize, y: usize| (24..72).contains(&x) && (12..36).contains(&y);
        let at = |value: &dyn Fn(usize, usize) -> i32| {
            let places = (0..48).flat_map(|y| (0..96).map(move |x| (x, y)));
            places.map(|(x, y)| value(x, y) as u8).collect::<Vec<_>>()
        };
        let truth = |x: usize, y: usize| 120 + (x * 7 + y * 13) as i32 % 9;
        // Darker at the left, brighter at the right.
        let drift = |x: usize, y: usize| truth(x, y) + x as i32 / 4 - 12;
        let gray = |values: Vec<u8>| {
            let rgb: Vec<u8> = values.into_iter().flat_map(|value| [value; 3]).collect();
            Pixels::from_rgb(extent, &rgb).unwrap()
        };
        let (old, new) = (gray(at(&truth)), gray(at(&drift)));
        let mask = at(&|x, y| if painted(x, y) { 255 } else { 0 });
        let mask = Mask::from_values(extent, mask).unwrap();
        let made = match_colors(&new, &old, &mask);
        for y in 14..34 {
            for x in [24, 25, 70, 71] {
                let value = i32::from(made.rgba()[(y * 96 + x) * 4]);
                let gap = (value - truth(x, y)).abs();
                assert!(gap <= 3, "off by {gap} at {x}, {y}");
            }
        }
    }
}
