//! From the network's small map of logits to the picture's pixels.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use crate::raster::Extent;

/// A map of numbers, above 0 inside.
pub(super) struct Logits {
    values: Vec<f32>,
    width: usize,
    height: usize,
}

impl Logits {
    /// Of `[height, width]`.
    pub(super) fn of(map: &Tensor) -> Result<Self> {
        let (height, width) = map.dims2()?;
        Ok(Self {
            values: map.flatten_all()?.to_vec1()?,
            width,
            height,
        })
    }

    /// Which pixels of a picture of `extent` are inside. The map is of the square of `side` pixels
    /// whose upper left is the picture at size `sight`; it is enlarged to that, then cut, then brought to
    /// the picture's size, each time bilinearly.
    pub(super) fn inside(&self, side: usize, sight: Extent, extent: Extent) -> Vec<bool> {
        let size = |extent: Extent| (extent.width as usize, extent.height as usize);
        let (sight_width, sight_height) = size(sight);
        let square = self.enlarged((side, side), (sight_width, sight_height));
        let (width, height) = size(extent);
        let columns = taps(sight_width, width, width);
        let rows = taps(sight_height, height, height);
        let mut inside = vec![false; extent.area()];
        inside
            .par_chunks_exact_mut(width.max(1))
            .zip(&rows)
            .for_each(|(inside, row)| {
                for (inside, column) in inside.iter_mut().zip(&columns) {
                    *inside = square.at(*column, *row) > 0.0;
                }
            });
        inside
    }

    /// The upper left `part` of the map at `size`, `(width, height)` each.
    fn enlarged(&self, size: (usize, usize), part: (usize, usize)) -> Self {
        let columns = taps(self.width, size.0, part.0);
        let rows = taps(self.height, size.1, part.1);
        let values = rows
            .par_iter()
            .flat_map_iter(|row| columns.iter().map(|column| self.at(*column, *row)))
            .collect();
        Self {
            values,
            width: part.0,
            height: part.1,
        }
    }

    fn at(&self, column: Tap, row: Tap) -> f32 {
        let line = |y: usize| {
            let line = &self.values[y * self.width..][..self.width];
            line[column.first] * (1.0 - column.share) + line[column.second] * column.share
        };
        line(row.first) * (1.0 - row.share) + line(row.second) * row.share
    }
}

/// Two neighbours, and how much the second one counts.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    share: f32,
}

/// Where each of the first `count` of `to` pixels lies among `from`; middles meet middles, as in
/// torch's `interpolate` without aligned corners.
fn taps(from: usize, to: usize, count: usize) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    (0..count)
        .map(|place| {
            let middle = ((place as f32 + 0.5) * scale - 0.5).max(0.0);
            let first = (middle as usize).min(from - 1);
            Tap {
                first,
                second: (first + 1).min(from - 1),
                share: middle - first as f32,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enlarging_is_torchs() {
        // torch.nn.functional.interpolate(torch.tensor([[[[0., 4.], [8., 2.]]]]), (3, 5),
        //     mode="bilinear", align_corners=False)
        let map = Logits {
            values: vec![0.0, 4.0, 8.0, 2.0],
            width: 2,
            height: 2,
        };
        let torch = [
            0.0, 0.4, 2.0, 3.6, 4.0, //
            4.0, 3.9, 3.5, 3.1, 3.0, //
            8.0, 7.4, 5.0, 2.6, 2.0,
        ];
        let ours = map.enlarged((5, 3), (5, 3)).values;
        for (ours, torch) in ours.iter().zip(torch) {
            assert!((ours - torch).abs() < 1e-5, "{ours} is not {torch}");
        }
    }

    #[test]
    fn what_lies_beside_the_picture_is_cut_off() {
        // The square's upper half is the picture.
        let map = Logits {
            values: vec![1.0, -1.0, 5.0, 5.0],
            width: 2,
            height: 2,
        };
        let inside = map.inside(8, Extent::new(8, 2), Extent::new(4, 1));
        assert_eq!(inside, [true, true, false, false]);
    }
}
