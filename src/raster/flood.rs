//! Selecting by colour.

use rayon::prelude::*;

use super::{Area, Coverage, Extent, Mask, Pixels};

/// Pixels connected with that at (x, y), side by side, whose colour differs by at most `tolerance`
/// from the colour there, in each of red, green, blue and alpha; `None` if it lies outside.
pub fn flood(image: &Pixels, (x, y): (u32, u32), tolerance: u8) -> Option<Coverage> {
    let extent = image.extent();
    let wanted = Wanted::at(image, (x, y), tolerance)?;
    let (colors, width) = (image.rgba().as_chunks::<4>().0, extent.width as usize);
    let mut found = vec![0; extent.area()];
    let mut box_found = Bounds::at(x as usize, y as usize);
    // Each stands for the run of wanted pixels it lies in.
    let mut waiting = vec![(x as usize, y as usize)];
    while let Some((x, y)) = waiting.pop() {
        let row = y * width;
        let open = |found: &[u8], x: usize| found[row + x] == 0 && wanted.is(colors[row + x]);
        if !open(&found, x) {
            continue;
        }
        let left = (0..x).rev().take_while(|&x| open(&found, x)).last();
        let right = (x + 1..width).take_while(|&x| open(&found, x)).last();
        let (left, right) = (left.unwrap_or(x), right.unwrap_or(x));
        found[row + left..=row + right].fill(u8::MAX);
        box_found.include(left, right, y);
        let below = Some(y + 1).filter(|&y| y < extent.height as usize);
        for y in [y.checked_sub(1), below].into_iter().flatten() {
            let mut in_run = false;
            for x in left..=right {
                let at = y * width + x;
                let open = found[at] == 0 && wanted.is(colors[at]);
                if open && !in_run {
                    waiting.push((x, y));
                }
                in_run = open;
            }
        }
    }
    Some(cut(extent, found, box_found.area()))
}

/// Pixels anywhere in the picture whose colour differs by at most `tolerance` from that at (x, y),
/// in each of red, green, blue and alpha; `None` if it lies outside.
pub fn similar(image: &Pixels, at: (u32, u32), tolerance: u8) -> Option<Coverage> {
    let wanted = Wanted::at(image, at, tolerance)?;
    let colors = image.rgba().as_chunks::<4>().0;
    let value = |&color: &[u8; 4]| if wanted.is(color) { u8::MAX } else { 0 };
    let values = colors.par_iter().map(value).collect();
    let mask = Mask::from_values(image.extent(), values)?;
    let area = mask.bounds()?;
    Some(cut(mask.extent, mask.values, area))
}

/// A colour, and how far others may be from it.
struct Wanted {
    color: [u8; 4],
    tolerance: u8,
}

impl Wanted {
    fn at(image: &Pixels, (x, y): (u32, u32), tolerance: u8) -> Option<Self> {
        let Extent { width, height } = image.extent();
        if x >= width || y >= height {
            return None;
        }
        let at = y as usize * width as usize + x as usize;
        let color = *image.rgba().as_chunks::<4>().0.get(at)?;
        Some(Self { color, tolerance })
    }

    fn is(&self, color: [u8; 4]) -> bool {
        let near = |(a, b): (u8, u8)| a.abs_diff(b) <= self.tolerance;
        // Every channel is looked at: a branch for each costs more.
        self.color
            .into_iter()
            .zip(color)
            .fold(true, |all, pair| all & near(pair))
    }
}

/// First and last column and row of what was found.
struct Bounds {
    columns: (usize, usize),
    rows: (usize, usize),
}

impl Bounds {
    fn at(x: usize, y: usize) -> Self {
        Self {
            columns: (x, x),
            rows: (y, y),
        }
    }

    fn include(&mut self, left: usize, right: usize, y: usize) {
        self.columns = (self.columns.0.min(left), self.columns.1.max(right));
        self.rows = (self.rows.0.min(y), self.rows.1.max(y));
    }

    fn area(&self) -> Area {
        let length = |(first, last): (usize, usize)| (last - first + 1) as u32;
        Area {
            x: self.columns.0 as u32,
            y: self.rows.0 as u32,
            extent: Extent::new(length(self.columns), length(self.rows)),
        }
    }
}

fn cut(extent: Extent, values: Vec<u8>, area: Area) -> Coverage {
    let mask = Mask { extent, values };
    let mask = if area == Area::whole(extent) {
        mask
    } else {
        mask.cropped(area)
    };
    Coverage { area, mask }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    use super::*;

    fn gray(width: u32, values: &[u8]) -> Pixels {
        let rgb: Vec<u8> = values.iter().flat_map(|&value| [value; 3]).collect();
        Pixels::from_rgb(Extent::new(width, values.len() as u32 / width), &rgb).unwrap()
    }

    /// What was found, over the whole picture.
    fn whole(found: &Coverage, extent: Extent) -> Vec<u8> {
        let mut values = vec![0; extent.area()];
        let Area { x, y, extent: part } = found.area;
        for (row, part) in found.mask.values().chunks(part.width as usize).enumerate() {
            let start = (y as usize + row) * extent.width as usize + x as usize;
            values[start..start + part.len()].copy_from_slice(part);
        }
        values
    }

    fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
        a.iter().zip(b).map(|(a, &b)| a.abs_diff(b)).max().unwrap()
    }

    /// Pixel by pixel, each with its four neighbours.
    fn step_by_step(image: &Pixels, (x, y): (u32, u32), tolerance: u8) -> Vec<u8> {
        let Extent { width, height } = image.extent();
        let place = |x: u32, y: u32| (y * width + x) as usize;
        let color = |at: usize| &image.rgba()[at * 4..at * 4 + 4];
        let start = color(place(x, y));
        let mut found = vec![0; image.extent().area()];
        found[place(x, y)] = 255;
        let mut waiting = VecDeque::from([(x, y)]);
        while let Some((x, y)) = waiting.pop_front() {
            for (x, y) in [
                (x.wrapping_sub(1), y),
                (x + 1, y),
                (x, y.wrapping_sub(1)),
                (x, y + 1),
            ] {
                if x < width
                    && y < height
                    && found[place(x, y)] == 0
                    && largest_difference(color(place(x, y)), start) <= tolerance
                {
                    found[place(x, y)] = 255;
                    waiting.push_back((x, y));
                }
            }
        }
        found
    }

    #[test]
    fn a_flood_stops_at_other_colours_and_does_not_slip_through_corners() {
        let image = gray(4, &[9, 9, 0, 9, 0, 9, 0, 9, 9, 0, 9, 9]);
        let found = flood(&image, (0, 0), 0).unwrap();
        assert_eq!(
            found.area,
            Area {
                x: 0,
                y: 0,
                extent: Extent::new(2, 2)
            }
        );
        assert_eq!(found.mask.values(), [255, 255, 0, 255]);
    }

    #[test]
    fn similar_colours_are_found_wherever_they_are() {
        let image = gray(4, &[0, 9, 0, 9, 0, 5, 0, 8, 0, 0, 0, 0]);
        let found = similar(&image, (3, 1), 1).unwrap();
        assert_eq!(
            found.area,
            Area {
                x: 1,
                y: 0,
                extent: Extent::new(3, 2)
            }
        );
        assert_eq!(found.mask.values(), [255, 0, 255, 0, 0, 255]);
    }

    #[test]
    fn the_colour_where_it_began_is_what_others_are_compared_with() {
        let ramp = gray(5, &[10, 12, 14, 16, 18]);
        assert_eq!(flood(&ramp, (1, 0), 2).unwrap().area.extent.width, 3);
        assert_eq!(flood(&ramp, (0, 0), 3).unwrap().area.extent.width, 2);
        assert_eq!(flood(&ramp, (0, 0), 255).unwrap().area.extent.width, 5);
    }

    #[test]
    fn a_difference_in_transparency_counts_too() {
        let rgba = vec![1, 2, 3, 255, 1, 2, 3, 250];
        let image = Pixels::from_rgba(Extent::new(2, 1), rgba).unwrap();
        assert_eq!(flood(&image, (0, 0), 4).unwrap().mask.values(), [255]);
        assert_eq!(flood(&image, (0, 0), 5).unwrap().mask.values(), [255, 255]);
    }

    #[test]
    fn outside_of_the_picture_there_is_nothing_to_find() {
        let image = gray(2, &[0; 6]);
        for at in [(2, 0), (0, 3), (u32::MAX, u32::MAX)] {
            assert_eq!(flood(&image, at, 9), None);
            assert_eq!(similar(&image, at, 9), None);
        }
    }

    #[test]
    fn any_picture_is_flooded_as_if_pixel_by_pixel() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        for round in 0..300 {
            let extent = Extent::new(1 + random.next_u32() % 17, 1 + random.next_u32() % 13);
            let kinds = 2 + round % 3;
            let rgba: Vec<u8> = (0..extent.area() * 4)
                // Mostly in the last channel, so that there are large connected parts.
                .map(|at| {
                    let value = random.next_u32();
                    if at % 4 == 3 {
                        (value % kinds) as u8
                    } else {
                        u8::from(value < 1 << 27)
                    }
                })
                .collect();
            let image = Pixels::from_rgba(extent, rgba).unwrap();
            let at = (
                random.next_u32() % extent.width,
                random.next_u32() % extent.height,
            );
            let tolerance = (round % 2) as u8;
            let expected = step_by_step(&image, at, tolerance);
            let found = flood(&image, at, tolerance).unwrap();
            assert_eq!(whole(&found, extent), expected, "round {round}");
            let bounds = Mask::from_values(extent, expected).unwrap().bounds();
            assert_eq!(Some(found.area), bounds, "round {round}");
        }
    }
}
