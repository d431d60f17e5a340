//! From one order of a picture's values to the other.

use rayon::prelude::*;

/// Rows and columns that are turned together: both fit into the first cache.
const BLOCK: usize = 32;

/// Each matrix `[rows, columns]` of `input` becomes one of `[columns, rows]` in `out`.
pub fn transpose((rows, columns): (usize, usize), input: &[f32], out: &mut [f32]) {
    assert_eq!(input.len(), out.len());
    let len = rows * columns;
    if len == 0 {
        return;
    }
    assert_eq!(input.len() % len, 0);
    // Each task writes some rows of the result.
    out.par_chunks_mut(len)
        .zip(input.par_chunks(len))
        .for_each(|(out, input)| {
            out.par_chunks_mut(BLOCK * rows)
                .enumerate()
                .for_each(|(band, out)| turn_band((rows, columns), band * BLOCK, input, out));
        });
}

fn turn_band((rows, columns): (usize, usize), first: usize, input: &[f32], out: &mut [f32]) {
    for start in (0..rows).step_by(BLOCK) {
        let end = rows.min(start + BLOCK);
        for (column, out) in (first..).zip(out.chunks_exact_mut(rows)) {
            for (row, out) in (start..end).zip(&mut out[start..end]) {
                *out = input[row * columns + column];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns_in_every_matrix() {
        for (matrices, rows, columns) in
            [(1, 1, 1), (2, 3, 5), (3, 70, 33), (1, 1, 40), (2, 64, 32)]
        {
            let input: Vec<f32> = (0..matrices * rows * columns).map(|i| i as f32).collect();
            let mut out = vec![-1.0; input.len()];
            transpose((rows, columns), &input, &mut out);
            for (at, value) in input.iter().enumerate() {
                let (matrix, row, column) =
                    (at / (rows * columns), at / columns % rows, at % columns);
                assert_eq!(out[(matrix * columns + column) * rows + row], *value);
            }
        }
    }
}
