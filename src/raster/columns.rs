//! Work on the columns of a grid that lies in rows.

use rayon::prelude::*;

use super::Extent;

/// Columns worked on together: as many as are read at once from a row.
const STRIP: usize = 16;

/// The grid whose columns are what `change` writes, given the columns of `values`.
pub(super) fn by_columns<T: Copy + Default + Send + Sync>(
    values: &[T],
    extent: Extent,
    change: impl Fn(&[T], &mut [u8]) + Sync,
) -> Vec<u8> {
    let (width, height) = (extent.width as usize, extent.height as usize);
    if values.is_empty() {
        return Vec::new();
    }
    // Strips of columns one after the other, each strip in rows.
    let strips: Vec<Vec<u8>> = (0..width)
        .into_par_iter()
        .step_by(STRIP)
        .map(|left| {
            let columns = STRIP.min(width - left);
            // A few places between the columns keep them apart in the processor's cache, where
            // those of a picture with a power of two as its height would push each other out.
            let apart = height + STRIP;
            let mut before = vec![T::default(); columns * apart];
            for (y, row) in values.chunks_exact(width).enumerate() {
                for (column, &value) in row[left..left + columns].iter().enumerate() {
                    before[column * apart + y] = value;
                }
            }
            let mut after = vec![0; height];
            let mut strip = vec![0; columns * height];
            for (column, before) in before.chunks_exact(apart).enumerate() {
                change(&before[..height], &mut after);
                for (row, &value) in strip.chunks_exact_mut(columns).zip(&after) {
                    row[column] = value;
                }
            }
            strip
        })
        .collect();
    let mut out = vec![0; values.len()];
    out.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (part, strip) in row.chunks_mut(STRIP).zip(&strips) {
            part.copy_from_slice(&strip[y * part.len()..][..part.len()]);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_is_changed_by_itself_and_comes_back_to_its_place() {
        for (width, height) in [(1, 1), (3, 2), (16, 5), (17, 4), (50, 33), (0, 3), (3, 0)] {
            let extent = Extent::new(width, height);
            let values: Vec<u16> = (0..extent.area() as u16).collect();
            let reversed = by_columns(&values, extent, |before, after| {
                for (after, &before) in after.iter_mut().zip(before.iter().rev()) {
                    *after = before as u8;
                }
            });
            let rows = values.chunks(width.max(1) as usize).rev();
            let expected: Vec<u8> = rows.flatten().map(|&value| value as u8).collect();
            assert_eq!(reversed, expected, "{extent}");
        }
    }
}
