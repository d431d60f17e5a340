//! What a drawn outline covers, with smooth edges.

use rayon::prelude::*;

use super::{Area, Extent, Mask};

/// How much of each pixel of a part of a picture is covered (255: wholly).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub area: Area,
    /// Of the extent of `area`.
    pub mask: Mask,
}

impl Coverage {
    /// `None` where nothing is covered.
    fn some(area: Area, values: Vec<u8>) -> Option<Self> {
        let covered = values.iter().any(|&value| value > 0);
        let mask = Mask::from_values(area.extent, values)?;
        covered.then_some(Self { area, mask })
    }
}

/// The rectangle between two corners, in pixels, cut to the picture; `None` where nothing of the
/// picture is covered.
pub fn rectangle(from: [f32; 2], to: [f32; 2], picture: Extent) -> Option<Coverage> {
    let corners = finite(&[from, to]);
    let &[from, to] = corners.as_slice() else {
        return None;
    };
    let area = around(&corners, picture)?;
    // How much of each column, or row, lies between the two corners.
    let shares = |axis: usize, start: u32, length: u32| -> Vec<f64> {
        let (low, high) = (from[axis].min(to[axis]), from[axis].max(to[axis]));
        (start..start + length)
            .map(|at| (high.min(f64::from(at) + 1.0) - low.max(f64::from(at))).max(0.0))
            .collect()
    };
    let columns = shares(0, area.x, area.extent.width);
    let rows = shares(1, area.y, area.extent.height);
    let mut values = Vec::with_capacity(area.extent.area());
    for row in rows {
        let value = |column: &f64| (column * row * 255.0 + 0.5) as u8;
        values.extend(columns.iter().map(value));
    }
    Coverage::some(area, values)
}

/// The inside of a closed outline, cut to the picture; where it crosses itself, whatever it goes
/// around (the nonzero rule). Points that are not finite are left out; `None` where nothing of the
/// picture is covered.
pub fn polygon(points: &[[f32; 2]], picture: Extent) -> Option<Coverage> {
    let points = finite(points);
    if points.len() < 3 {
        return None;
    }
    let area = around(&points, picture)?;
    let next = points.iter().cycle().skip(1);
    let sides: Vec<Side> = points
        .iter()
        .zip(next)
        .filter_map(|(&from, &to)| Side::between(from, to, area))
        .collect();
    let width = area.extent.width as usize;
    let mut values = vec![0; area.extent.area()];
    values
        .par_chunks_mut(width * BAND)
        .enumerate()
        .for_each(|(band, rows)| {
            let top = band * BAND;
            let near = crossing(sides.iter(), top, rows.len() / width);
            let mut scan = Scan::new(width);
            for (y, row) in rows.chunks_exact_mut(width).enumerate() {
                let sides = crossing(near.iter().copied(), top + y, 1);
                scan.fill(row, top + y, &sides);
            }
        });
    Coverage::some(area, values)
}

/// Rows that share a first choice of the sides.
const BAND: usize = 64;
/// Lines across each pixel row on which the inside is measured.
const LINES: usize = 16;
/// Places along a line that one pixel has: whole numbers, so that a pixel wholly inside comes to
/// exactly 255 and one wholly outside to exactly 0.
const STEPS: usize = 4096;
const WHOLE: i32 = (LINES * STEPS) as i32;

fn finite(points: &[[f32; 2]]) -> Vec<[f64; 2]> {
    points
        .iter()
        .filter(|point| point.iter().all(|at| at.is_finite()))
        .map(|point| point.map(f64::from))
        .collect()
}

/// The pixels of the picture that the points lie around.
fn around(points: &[[f64; 2]], picture: Extent) -> Option<Area> {
    let span = |axis: usize, limit: u32| {
        let along = || points.iter().map(|point| point[axis]);
        let from = along().fold(f64::INFINITY, f64::min).floor().max(0.0) as u32;
        let to = along().fold(0.0, f64::max).ceil() as u32;
        let to = to.min(limit);
        (from < to).then(|| (from, to - from))
    };
    let (x, width) = span(0, picture.width)?;
    let (y, height) = span(1, picture.height)?;
    Some(Area {
        x,
        y,
        extent: Extent::new(width, height),
    })
}

/// One straight side of an outline, seen from the corner of the area.
struct Side {
    top: f64,
    bottom: f64,
    /// Where its upper end lies, and how far it moves to the right with each row.
    start: f64,
    slope: f64,
    /// +1 if it is drawn downward, -1 upward.
    winding: i32,
}

impl Side {
    /// `None` for a level side, which no level line crosses.
    fn between(from: [f64; 2], to: [f64; 2], area: Area) -> Option<Self> {
        let [(x, top), (end, bottom)] =
            [from, to].map(|[x, y]| (x - f64::from(area.x), y - f64::from(area.y)));
        let side = |start: f64, top: f64, end: f64, bottom: f64, winding| Self {
            top,
            bottom,
            start,
            slope: (end - start) / (bottom - top),
            winding,
        };
        if top < bottom {
            Some(side(x, top, end, bottom, 1))
        } else if bottom < top {
            Some(side(end, bottom, x, top, -1))
        } else {
            None
        }
    }
}

/// Those of the sides that reach into `rows` rows from `top` on.
fn crossing<'a>(sides: impl Iterator<Item = &'a Side>, top: usize, rows: usize) -> Vec<&'a Side> {
    let (top, bottom) = (top as f64, (top + rows) as f64);
    sides
        .filter(|side| side.top < bottom && side.bottom > top)
        .collect()
}

/// Measures rows of pixels, one at a time.
struct Scan {
    /// By how much more of each pixel is covered than of the one before it.
    rises: Vec<i32>,
    /// Where sides cross the line, and their windings.
    crossings: Vec<(usize, i32)>,
}

impl Scan {
    fn new(width: usize) -> Self {
        Self {
            // An inside that ends with the row falls one pixel behind it, in two parts.
            rises: vec![0; width + 2],
            crossings: Vec::new(),
        }
    }

    fn fill(&mut self, row: &mut [u8], y: usize, sides: &[&Side]) {
        self.rises.fill(0);
        for line in 0..LINES {
            let y = y as f64 + (line as f64 + 0.5) / LINES as f64;
            self.measure(y, row.len(), sides);
        }
        let mut covered = 0;
        for (value, rise) in row.iter_mut().zip(&self.rises) {
            covered += rise;
            *value = ((covered * 255 + WHOLE / 2) / WHOLE) as u8;
        }
    }

    fn measure(&mut self, y: f64, width: usize, sides: &[&Side]) {
        self.crossings.clear();
        let crossed = sides.iter().filter(|side| side.top <= y && y < side.bottom);
        self.crossings.extend(crossed.map(|side| {
            let x = side.start + (y - side.top) * side.slope;
            let place = x.clamp(0.0, width as f64) * STEPS as f64;
            (place.round() as usize, side.winding)
        }));
        self.crossings.sort_unstable();
        let mut around = 0;
        for &(place, winding) in &self.crossings {
            let before = around;
            around += winding;
            let change = i32::from(around != 0) - i32::from(before != 0);
            // The pixel it lies in changes in part, the next one by the rest.
            let (pixel, part) = (place / STEPS, (place % STEPS) as i32);
            self.rises[pixel] += change * (STEPS as i32 - part);
            self.rises[pixel + 1] += change * part;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    use super::*;

    const PICTURE: Extent = Extent::new(12, 9);

    fn at(coverage: &Coverage, x: u32, y: u32) -> u8 {
        let Area {
            x: left,
            y: top,
            extent,
        } = coverage.area;
        if x < left || y < top || x >= left + extent.width || y >= top + extent.height {
            return 0;
        }
        coverage.mask.values()[((y - top) * extent.width + x - left) as usize]
    }

    fn whole(coverage: &Coverage) -> Vec<u8> {
        let rows = (0..PICTURE.height).flat_map(|y| (0..PICTURE.width).map(move |x| (x, y)));
        rows.map(|(x, y)| at(coverage, x, y)).collect()
    }

    fn corners([left, top]: [f32; 2], [right, bottom]: [f32; 2]) -> [[f32; 2]; 4] {
        [[left, top], [right, top], [right, bottom], [left, bottom]]
    }

    /// How often the outline goes around a point, by the sides to the right of it.
    fn goes_around(points: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
        let mut turns = 0;
        for (at, &[x0, y0]) in points.iter().enumerate() {
            let [x1, y1] = points[(at + 1) % points.len()];
            let right = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0) > 0.0;
            if y0 <= y && y < y1 && right {
                turns += 1;
            } else if y1 <= y && y < y0 && !right {
                turns -= 1;
            }
        }
        turns != 0
    }

    /// The share of each pixel that is inside, of 4096 points in it.
    fn counted(points: &[[f32; 2]]) -> Vec<f32> {
        let rows = (0..PICTURE.height).flat_map(|y| (0..PICTURE.width).map(move |x| (x, y)));
        let inside = |x: u32, y: u32| {
            let fine = |at: u32| (at as f32 + 0.5) / 64.0;
            let points_in = (0..64 * 64)
                .filter(|i| goes_around(points, [x as f32 + fine(i % 64), y as f32 + fine(i / 64)]))
                .count();
            points_in as f32 / 4096.0
        };
        rows.map(|(x, y)| inside(x, y)).collect()
    }

    #[test]
    fn a_rectangle_is_the_same_between_any_two_opposite_corners() {
        let drawn = rectangle([2.25, 1.5], [5.0, 3.0], PICTURE).unwrap();
        assert_eq!(
            drawn.area,
            Area {
                x: 2,
                y: 1,
                extent: Extent::new(3, 2)
            }
        );
        assert_eq!(drawn.mask.values(), [96, 128, 128, 191, 255, 255]);
        for (from, to) in [
            ([5.0, 3.0], [2.25, 1.5]),
            ([5.0, 1.5], [2.25, 3.0]),
            ([2.25, 3.0], [5.0, 1.5]),
        ] {
            assert_eq!(rectangle(from, to, PICTURE).as_ref(), Some(&drawn));
        }
    }

    #[test]
    fn what_lies_outside_of_the_picture_is_cut_off() {
        let drawn = rectangle([-50.0, -1e30], [1.5, 1e30], PICTURE).unwrap();
        assert_eq!(
            drawn.area,
            Area {
                x: 0,
                y: 0,
                extent: Extent::new(2, 9)
            }
        );
        assert_eq!(drawn.mask.values()[..4], [255, 128, 255, 128]);
        let large = polygon(&corners([-500.0, -700.0], [900.0, 800.0]), PICTURE).unwrap();
        assert_eq!(large.area, Area::whole(PICTURE));
        assert!(large.mask.values().iter().all(|&value| value == 255));
    }

    #[test]
    fn what_covers_nothing_is_none() {
        assert_eq!(rectangle([3.0, 3.0], [3.0, 8.0], PICTURE), None);
        assert_eq!(rectangle([12.0, 0.0], [20.0, 9.0], PICTURE), None);
        assert_eq!(rectangle([-9.0, -9.0], [0.0, 0.0], PICTURE), None);
        assert_eq!(rectangle([f32::NAN, 0.0], [5.0, 5.0], PICTURE), None);
        assert_eq!(rectangle([0.0, 0.0], [5.0, 5.0], Extent::new(0, 0)), None);
        assert_eq!(polygon(&[], PICTURE), None);
        assert_eq!(polygon(&[[1.0, 1.0], [5.0, 5.0]], PICTURE), None);
        assert_eq!(
            polygon(&[[1.0, 1.0], [5.0, 5.0], [3.0, 3.0]], PICTURE),
            None
        );
        assert_eq!(polygon(&corners([-8.0, 0.0], [-1.0, 9.0]), PICTURE), None);
    }

    #[test]
    fn points_that_are_nowhere_are_left_out() {
        let triangle = [[1.0, 1.0], [8.0, 2.0], [4.0, 7.0]];
        let mut with_more = vec![[f32::NAN, 3.0], [2.0, f32::INFINITY]];
        with_more.extend(triangle);
        assert_eq!(polygon(&with_more, PICTURE), polygon(&triangle, PICTURE));
        assert_eq!(polygon(&with_more[..4], PICTURE), None);
    }

    #[test]
    fn a_polygon_of_four_corners_is_a_rectangle() {
        for (from, to) in [
            ([1.0, 2.0], [7.0, 8.0]),
            ([1.3, 2.6], [7.9, 8.2]),
            ([-3.0, 0.4], [4.45, 20.0]),
        ] {
            let (drawn, exact) = (
                polygon(&corners(from, to), PICTURE).unwrap(),
                rectangle(from, to, PICTURE).unwrap(),
            );
            assert_eq!(drawn.area, exact.area);
            for (&drawn, &exact) in drawn.mask.values().iter().zip(exact.mask.values()) {
                assert!(drawn.abs_diff(exact) <= 8, "{drawn} instead of {exact}");
                assert_eq!(drawn == 255, exact == 255);
            }
        }
    }

    #[test]
    fn a_star_drawn_in_one_stroke_is_covered_in_its_middle_too() {
        let tips = [[6.0, 0.0], [9.0, 8.5], [1.0, 3.0], [11.0, 3.0], [3.0, 8.5]];
        let star = polygon(&tips, PICTURE).unwrap();
        assert_eq!(at(&star, 5, 4), 255);
        assert_eq!(at(&star, 1, 1), 0);
        assert_eq!(at(&star, 6, 8), 0);
    }

    #[test]
    fn an_outline_drawn_twice_has_the_edges_of_one() {
        let once = [[1.2, 1.1], [8.4, 2.3], [4.0, 7.7]];
        assert_eq!(
            polygon(&[once, once].concat(), PICTURE),
            polygon(&once, PICTURE)
        );
    }

    #[test]
    fn coverage_is_the_share_of_the_pixel_that_is_inside() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut coordinate =
            |length: f32| random.next_u32() as f32 / u32::MAX as f32 * (length + 6.0) - 3.0;
        for count in [3, 3, 3, 4, 5, 7, 12] {
            let points: Vec<[f32; 2]> = (0..count)
                .map(|_| [coordinate(12.0), coordinate(9.0)])
                .collect();
            let drawn = polygon(&points, PICTURE).map_or_else(|| vec![0; 108], |it| whole(&it));
            for (drawn, exact) in drawn.into_iter().zip(counted(&points)) {
                let off = (f32::from(drawn) - exact * 255.0).abs();
                assert!(off <= 12.0, "{drawn} instead of {}", exact * 255.0);
            }
        }
    }

    #[test]
    fn the_largest_picture_is_measured_like_any_other() {
        let picture = Extent::new(8192, 8192);
        let drawn = polygon(&[[0.0, 0.0], [8192.0, 0.0], [0.0, 8192.0]], picture).unwrap();
        assert_eq!(drawn.area, Area::whole(picture));
        let values = drawn.mask.values();
        for y in [0, 1, 4095, 8190, 8191] {
            let row = &values[y * 8192..][..8192];
            assert!(row[..8191 - y].iter().all(|&value| value == 255));
            assert!(row[8191 - y].abs_diff(128) <= 1);
            assert!(row[8192 - y..].iter().all(|&value| value == 0));
        }
    }
}
