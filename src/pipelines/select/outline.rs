//! A smooth edge for what is selected pixel by pixel.

use rayon::prelude::*;

use super::Piece;
use crate::raster::Extent;

/// How much a pixel and its two neighbours weigh, in quarters, along each axis.
const WEIGHTS: [u16; 3] = [1, 2, 1];

/// The values of a mask of `extent`: 255 inside, 0 outside, and steps between over two pixels.
pub(super) fn smooth(piece: &Piece, extent: Extent) -> Vec<u8> {
    let (width, height) = (
        piece.area.extent.width as usize,
        piece.area.extent.height as usize,
    );
    let (left, top) = (piece.area.x as usize, piece.area.y as usize);
    let mut values = vec![0; extent.area()];
    values
        .par_chunks_exact_mut(extent.width as usize)
        .skip(top)
        .take(height)
        .enumerate()
        .for_each(|(y, values)| {
            // Beyond the edge it goes on as at the edge.
            let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)]
                .map(|y| &piece.inside[y * width..][..width]);
            for (x, value) in values[left..left + width].iter_mut().enumerate() {
                let columns = [x.saturating_sub(1), x, (x + 1).min(width - 1)];
                let mut sum = 0;
                for (row, down) in rows.iter().zip(WEIGHTS) {
                    for (&x, across) in columns.iter().zip(WEIGHTS) {
                        sum += u16::from(row[x]) * down * across;
                    }
                }
                *value = ((sum * 255 + 8) / 16) as u8;
            }
        });
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Area;

    #[test]
    fn an_edge_has_steps_and_the_pictures_own_edge_none() {
        let extent = Extent::new(6, 1);
        let area = Area {
            x: 1,
            y: 0,
            extent: Extent::new(5, 1),
        };
        let inside = [false, false, true, true, true].to_vec();
        let values = smooth(&Piece { area, inside }, extent);
        assert_eq!(values, [0, 0, 64, 191, 255, 255]);
    }
}
