//! Masks grown and shrunk by a distance.

use rayon::prelude::*;

use super::columns::by_columns;
use super::envelope::{Disc, Envelope};
use super::{Mask, PAINTED};

impl Mask {
    /// Grown (by > 0) or shrunk (by < 0) by so many pixels, round: every place within that distance
    /// of what is painted. Growing takes nothing away and shrinking adds nothing; edges stay
    /// smooth. What lies beyond the border is not known and changes nothing.
    pub fn swollen(&self, by: f32) -> Self {
        if by == 0.0 || !by.is_finite() || self.values.is_empty() {
            self.clone()
        } else if by > 0.0 {
            self.dilated(by)
        } else {
            self.inverted().dilated(-by).inverted()
        }
    }

    /// Each pixel at an edge becomes a disc, larger by `by` than the pixel.
    fn dilated(&self, by: f32) -> Self {
        let by = by.min(FARTHEST);
        let edges = self.edges();
        let grown = if by <= NEAR {
            self.stamped(&edges, by)
        } else {
            self.enveloped(&edges, by)
        };
        let values = self.values.par_iter().zip(grown);
        Self {
            extent: self.extent,
            values: values.map(|(&old, new)| old.max(new)).collect(),
        }
    }

    /// The values of those pixels where an edge of what is painted may lie, 0 for all others: a
    /// pixel that is painted, or painted in part beside one that is. Not where all around is wholly
    /// painted: a pixel nearer to the edge reaches farther from there in any direction.
    fn edges(&self) -> Vec<u8> {
        let (width, height) = (self.extent.width as usize, self.extent.height as usize);
        let mut edges = vec![0; self.values.len()];
        edges
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(y, out)| {
                // Beyond the border there is what is at the border.
                let row = |y: usize| &self.values[y * width..][..width];
                let (above, here, below) = (
                    row(y.saturating_sub(1)),
                    row(y),
                    row((y + 1).min(height - 1)),
                );
                for (x, edge) in out.iter_mut().enumerate() {
                    let (left, right) = (here[x.saturating_sub(1)], here[(x + 1).min(width - 1)]);
                    let most = above[x].max(below[x]).max(left).max(right);
                    let least = above[x].min(below[x]).min(left).min(right);
                    let value = here[x];
                    let is_edge = if value < PAINTED {
                        most >= PAINTED
                    } else {
                        value.min(least) < u8::MAX
                    };
                    *edge = if is_edge { value } else { 0 };
                }
            });
        edges
    }

    /// Disc by disc: exact, in a time that grows with their size.
    fn stamped(&self, edges: &[u8], by: f32) -> Vec<u8> {
        let (width, height) = (self.extent.width as usize, self.extent.height as usize);
        let reach = by.ceil() as usize;
        let mut grown = vec![0; edges.len()];
        grown
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(y, row)| {
                for other in y.saturating_sub(reach)..(y + reach + 1).min(height) {
                    let aside = y.abs_diff(other) as u16;
                    for (middle, &value) in edges[other * width..][..width].iter().enumerate() {
                        if value == 0 {
                            continue;
                        }
                        let disc = Disc { aside, value };
                        let from = middle.saturating_sub(reach);
                        for (x, place) in row[from..]
                            .iter_mut()
                            .take(middle + reach + 1 - from)
                            .enumerate()
                        {
                            *place = disc.covers(middle.abs_diff(from + x), by).max(*place);
                        }
                    }
                }
            });
        grown
    }

    /// Rows first, then columns: the lower envelope after Felzenszwalb and Huttenlocher (2012), with
    /// discs in the place of points, takes a time that does not grow with the discs. Where discs of
    /// unlike size meet, an edge is off by a little, the less the larger they are.
    fn enveloped(&self, edges: &[u8], by: f32) -> Vec<u8> {
        let width = self.extent.width as usize;
        let mut discs = vec![Disc::default(); edges.len()];
        discs
            .par_chunks_mut(width)
            .zip(edges.par_chunks(width))
            .for_each(|(row, edges)| {
                let mut envelope = Envelope::new(by);
                for (x, &value) in edges.iter().enumerate() {
                    envelope.add(x, Disc { aside: 0, value });
                }
                envelope.over(width, |x, middle, disc| {
                    let aside = x.abs_diff(middle) as u16;
                    row[x] = Disc { aside, ..disc };
                });
            });
        by_columns(&discs, self.extent, |discs, column| {
            let mut envelope = Envelope::new(by);
            for (y, disc) in discs.iter().enumerate() {
                envelope.add(y, *disc);
            }
            column.fill(0);
            envelope.over(column.len(), |y, middle, disc| {
                column[y] = disc.covers(y.abs_diff(middle), by);
            });
        })
    }
}

/// Up to this distance discs are drawn one by one.
const NEAR: f32 = 3.0;
/// A mask is grown no farther than this: distances are kept in 16 bits.
const FARTHEST: f32 = 60_000.0;

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    use super::*;
    use crate::raster::{Area, Extent, polygon};

    fn mask(width: u32, values: Vec<u8>) -> Mask {
        let extent = Extent::new(width, values.len() as u32 / width);
        Mask::from_values(extent, values).unwrap()
    }

    /// Hard spots, fewer or more of them.
    fn spots(random: &mut ChaCha8Rng, sparse: u32) -> Mask {
        let (width, height) = (1 + random.next_u32() % 24, 1 + random.next_u32() % 18);
        let values = (0..width * height)
            .map(|_| {
                if random.next_u32().is_multiple_of(sparse) {
                    255
                } else {
                    0
                }
            })
            .collect();
        mask(width, values)
    }

    fn drawn(points: &[[f32; 2]], extent: Extent) -> Mask {
        let drawn = polygon(points, extent).unwrap();
        let Area { x, y, extent: part } = drawn.area;
        let mut values = vec![0; extent.area()];
        for (row, part) in drawn.mask.values.chunks(part.width as usize).enumerate() {
            let start = (y as usize + row) * extent.width as usize + x as usize;
            values[start..start + part.len()].copy_from_slice(part);
        }
        mask(extent.width, values)
    }

    /// Smooth shapes, with sharp corners.
    fn shape(random: &mut ChaCha8Rng) -> Mask {
        let mut coordinate = |length: u32| (random.next_u32() % (length * 64)) as f32 / 64.0;
        let points: Vec<_> = (0..5).map(|_| [coordinate(30), coordinate(24)]).collect();
        drawn(&points, Extent::new(30, 24))
    }

    /// The radius of a disc as large as all that is painted.
    fn radius(mask: &Mask) -> f32 {
        let painted: f32 = mask
            .values
            .iter()
            .map(|&value| f32::from(value) / 255.0)
            .sum();
        (painted / std::f32::consts::PI).sqrt()
    }

    /// Every pixel against every other.
    fn grown_slowly(mask: &Mask, by: f32) -> Vec<f32> {
        let (width, height) = (mask.extent.width as i32, mask.extent.height as i32);
        let value = |x: i32, y: i32| {
            let inside = x >= 0 && y >= 0 && x < width && y < height;
            if inside {
                mask.values[(y * width + x) as usize]
            } else {
                0
            }
        };
        let places = || (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let painted: Vec<_> = places()
            .filter(|&(x, y)| {
                let beside = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1), (x, y)];
                value(x, y) > 0 && beside.into_iter().any(|(x, y)| value(x, y) >= 128)
            })
            .collect();
        places()
            .map(|(x, y)| {
                let covered = painted.iter().map(|&(other_x, other_y)| {
                    let away = ((x - other_x) as f32).hypot((y - other_y) as f32);
                    by + f32::from(value(other_x, other_y)) / 255.0 - away
                });
                let most = covered.fold(0.0, f32::max).min(1.0);
                (most * 255.0).max(f32::from(value(x, y)))
            })
            .collect()
    }

    fn assert_near(found: &Mask, expected: &[f32], most: f32) {
        for (at, (&found, &expected)) in found.values.iter().zip(expected).enumerate() {
            let off = (f32::from(found) - expected).abs();
            assert!(off <= most, "{found} instead of {expected} at {at}");
        }
    }

    #[test]
    fn growing_paints_everything_within_the_distance() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for sparse in [2, 5, 40, 300] {
            for by in [0.2, 0.5, 1.0, 2.3, 4.0, 7.7, 100.0] {
                let mask = spots(&mut random, sparse);
                assert_near(&mask.swollen(by), &grown_slowly(&mask, by), 0.51);
            }
        }
    }

    #[test]
    fn smooth_edges_grow_nearly_as_exactly_as_hard_ones() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        for by in [0.3, 1.0, 2.0, 3.6, 5.0, 9.25] {
            for _ in 0..5 {
                let mask = shape(&mut random);
                let most = if by <= NEAR { 0.51 } else { 30.0 };
                assert_near(&mask.swollen(by), &grown_slowly(&mask, by), most);
            }
        }
    }

    #[test]
    fn an_edge_between_two_pixels_moves_by_exactly_the_distance() {
        let until = |x: f32| {
            let corners = [[0.0, 0.0], [x, 0.0], [x, 4.0], [0.0, 4.0]];
            drawn(&corners, Extent::new(64, 4))
        };
        for (edge, by) in [
            (20.0, 3.0),
            (20.5, 1.0),
            (20.75, 0.5),
            (20.25, 11.5),
            (21.0, 0.25),
        ] {
            let expected = |x: f32| {
                until(x)
                    .values
                    .iter()
                    .map(|&v| f32::from(v))
                    .collect::<Vec<_>>()
            };
            assert_near(&until(edge).swollen(by), &expected(edge + by), 1.0);
            assert_near(&until(edge).swollen(-by), &expected(edge - by), 1.0);
        }
    }

    #[test]
    fn a_disc_grows_into_a_larger_disc() {
        let points: Vec<_> = (0..400)
            .map(|i| (i as f32 / 400.0 * std::f32::consts::TAU).sin_cos())
            .map(|(sin, cos)| [50.3 + 20.0 * cos, 49.6 + 20.0 * sin])
            .collect();
        let disc = drawn(&points, Extent::new(100, 100));
        for by in [-12.0, -5.5, -1.0, 1.0, 6.3, 20.0] {
            let found = radius(&disc.swollen(by));
            let expected = 20.0 + by;
            assert!(
                (found - expected).abs() < 0.15,
                "{found} instead of {expected}"
            );
        }
    }

    #[test]
    fn shrinking_does_to_what_is_kept_what_growing_does_to_what_is_painted() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        for by in [0.5, 2.0, 3.3] {
            let mask = spots(&mut random, 30);
            assert_eq!(mask.inverted().swollen(-by), mask.swollen(by).inverted());
        }
    }

    #[test]
    fn shrinking_does_not_eat_from_the_border() {
        let mut values = vec![255; 9 * 9];
        values[8] = 0;
        let shrunk = mask(9, values).swollen(-2.0);
        assert_eq!(shrunk.values[8 * 9], 255);
        assert_eq!(shrunk.values[0], 255);
        assert_eq!(shrunk.values[6], 0);
        assert_eq!(shrunk.values[5], 255);
    }

    #[test]
    fn a_mask_of_one_kind_stays_as_it_is() {
        for value in [0, 255] {
            let mask = mask(7, vec![value; 35]);
            for by in [-1e30, -2.5, 0.1, 3.0, 1e30] {
                assert_eq!(mask.swollen(by), mask);
            }
        }
    }

    #[test]
    fn a_distance_that_is_none_leaves_the_mask_as_it_is() {
        let drawn = mask(3, vec![0, 255, 7, 255, 128, 0]);
        for by in [0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(drawn.swollen(by), drawn);
        }
        let nothing = Mask::from_values(Extent::new(4, 0), Vec::new()).unwrap();
        assert_eq!(nothing.swollen(3.0), nothing);
    }

    #[test]
    fn growing_takes_nothing_away_from_a_faint_edge() {
        let drawn = mask(6, vec![255, 200, 120, 90, 60, 30]);
        let (grown, shrunk) = (drawn.swollen(0.2), drawn.swollen(-0.2));
        for at in 0..6 {
            assert!(grown.values[at] >= drawn.values[at]);
            assert!(shrunk.values[at] <= drawn.values[at]);
        }
    }
}
