//! From rows to the columns of a tile.

use std::arch::x86_64::{
    __m512i, _mm512_loadu_si512, _mm512_shuffle_i32x4, _mm512_storeu_si512, _mm512_unpackhi_epi32,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};
use std::array::from_fn;

use super::tiles::{DEPTH, SIDE, TILE};

/// Of four lanes of each of two vectors the first and third ones.
const EVEN: i32 = 0b10_00_10_00;
/// The second and fourth ones.
const ODD: i32 = 0b11_01_11_01;

/// The 32 inner values of 16 outputs as a tile: within it two inner values lie side by side for each
/// output.
#[target_feature(enable = "avx512f")]
pub(super) fn turn(rows: [&[u16; DEPTH]; SIDE], tile: &mut [u16; TILE]) {
    // SAFETY: a row is a vector's 64 bytes.
    let rows = rows.map(|row| unsafe { _mm512_loadu_si512(row.as_ptr().cast()) });
    // Lanes of 128 bits are turned four rows by four columns, and then put where they belong.
    let twos: [__m512i; SIDE] = from_fn(|at| {
        let (first, second) = (rows[at & !1], rows[at | 1]);
        if at % 2 == 0 {
            _mm512_unpacklo_epi32(first, second)
        } else {
            _mm512_unpackhi_epi32(first, second)
        }
    });
    let fours: [__m512i; SIDE] = from_fn(|at| {
        let from = at / 4 * 4 + at % 4 / 2;
        let (first, second) = (twos[from], twos[from + 2]);
        if at % 2 == 0 {
            _mm512_unpacklo_epi64(first, second)
        } else {
            _mm512_unpackhi_epi64(first, second)
        }
    });
    let lines = tile.as_chunks_mut::<DEPTH>().0;
    let mut write = |at: usize, line: __m512i| {
        // SAFETY: a line is 64 bytes.
        unsafe { _mm512_storeu_si512(lines[at].as_mut_ptr().cast(), line) };
    };
    for column in 0..4 {
        let [a, b, c, d] = from_fn(|four| fours[4 * four + column]);
        let even = [
            _mm512_shuffle_i32x4::<EVEN>(a, b),
            _mm512_shuffle_i32x4::<EVEN>(c, d),
        ];
        let odd = [
            _mm512_shuffle_i32x4::<ODD>(a, b),
            _mm512_shuffle_i32x4::<ODD>(c, d),
        ];
        write(column, _mm512_shuffle_i32x4::<EVEN>(even[0], even[1]));
        write(column + 4, _mm512_shuffle_i32x4::<EVEN>(odd[0], odd[1]));
        write(column + 8, _mm512_shuffle_i32x4::<ODD>(even[0], even[1]));
        write(column + 12, _mm512_shuffle_i32x4::<ODD>(odd[0], odd[1]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::amx::Amx;

    #[test]
    fn inner_values_of_an_output_become_a_column_two_by_two() {
        if Amx::try_new().is_none() {
            return;
        }
        let rows: [[u16; DEPTH]; SIDE] = from_fn(|row| from_fn(|at| (row * 100 + at) as u16));
        let mut tile = [0; TILE];
        // SAFETY: `Amx` shows that there are these instructions.
        unsafe { turn(rows.each_ref(), &mut tile) };
        for (row, values) in rows.iter().enumerate() {
            for (at, value) in values.iter().enumerate() {
                assert_eq!(tile[at / 2 * DEPTH + 2 * row + at % 2], *value);
            }
        }
    }
}
