//! Values of a head that would leave much of a panel empty: at most 8 or 16, whose high and low parts
//! lie abreast in one tile or in two.

use std::arch::x86_64::{
    __m512, _mm512_add_ps, _mm512_castps_si512, _mm512_castps512_ps256, _mm512_insertf32x8,
    _mm512_loadu_ps, _mm512_loadu_si512, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps,
    _mm512_mul_ps, _mm512_permutex2var_epi16, _mm512_permutexvar_epi16, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_storeu_si512,
};

use super::split::{first_lanes, split_two};
use super::tiles::{DEPTH, Narrow, SIDE};
use super::weigh::place_of;
use super::weights::WIDTH;
use crate::kernels::attention::HeadOf;

/// Tiles of a head's last values, where they are few enough.
pub(super) const fn tiles_of(dim: usize) -> usize {
    match dim % WIDTH {
        1..=8 => 1,
        9..=16 => 2,
        _ => 0,
    }
}

/// Whole panels of a head's values before these.
pub(super) const fn whole_panels(dim: usize) -> usize {
    if tiles_of(dim) > 0 {
        dim / WIDTH
    } else {
        dim.div_ceil(WIDTH)
    }
}

// Of every 32 keys the first lies beside the 17th, and so on, as their weights do.
const _: () = assert!(place_of(0) + 1 == place_of(SIDE));

/// Where in two vectors of numbers of two keys, `wide` of each in turn, those of a line are.
const fn places(wide: usize) -> [u16; DEPTH] {
    let mut places = [0; DEPTH];
    let mut at = 0;
    while at < DEPTH {
        let (column, key) = (at / 2, at % 2);
        // Low parts are in the second vector.
        places[at] = (column / wide * DEPTH + key * wide + column % wide) as u16;
        at += 1;
    }
    places
}

/// High and low parts of 8 values in one line.
const EIGHT: [u16; DEPTH] = places(8);
/// Parts of 16 values.
const SIXTEEN: [u16; DEPTH] = places(16);

/// Takes the last values of all keys, which are few: `[32 keys][tile]`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512bf16")]
pub(super) fn take(tiles: &mut [Narrow], values: HeadOf<'_>) {
    let (few, first) = (tiles_of(values.dim), whole_panels(values.dim) * WIDTH);
    if few == 0 {
        return;
    }
    let mask = first_lanes(values.dim - first);
    let row = |key: usize| {
        if key >= values.count {
            return _mm512_setzero_ps();
        }
        // SAFETY: masked lanes are not read.
        unsafe { _mm512_maskz_loadu_ps(mask, values.row(key)[first..].as_ptr()) }
    };
    // SAFETY: both are a vector's 64 bytes.
    let [eight, sixteen] =
        [EIGHT, SIXTEEN].map(|places| unsafe { _mm512_loadu_si512(places.as_ptr().cast()) });
    for (part, tiles) in tiles.chunks_exact_mut(few).enumerate() {
        for pair in 0..SIDE {
            let key = part * DEPTH + pair;
            let (a, b) = (row(key), row(key + SIDE));
            let mut write = |tile: usize, line| {
                let line_of_tile = &mut tiles[tile].0[pair * DEPTH..][..DEPTH];
                // SAFETY: a line is 64 bytes.
                unsafe { _mm512_storeu_si512(line_of_tile.as_mut_ptr().cast(), line) };
            };
            if few == 1 {
                let both = _mm512_insertf32x8::<1>(a, _mm512_castps512_ps256(b));
                let (high, low) = split_two(both, _mm512_setzero_ps());
                let [high, low] = [high, low].map(|part| _mm512_castps_si512(part));
                write(0, _mm512_permutex2var_epi16(high, eight, low));
            } else {
                let (high, low) = split_two(a, b);
                let [high, low] = [high, low].map(|part| _mm512_castps_si512(part));
                write(0, _mm512_permutexvar_epi16(sixteen, high));
                write(1, _mm512_permutexvar_epi16(sixteen, low));
            }
        }
    }
}

/// A query's last values, of their sums, which of high and of low parts are apart, each by a scale.
#[target_feature(enable = "avx512f")]
pub(super) fn finish(sums: &[f32; WIDTH], few: usize, scale: f32, out: &mut [f32]) {
    /// The second half of a vector first.
    const HALVES: i32 = 0b01_00_11_10;
    let (first, second) = sums.split_at(SIDE);
    // SAFETY: both are a vector of numbers.
    let [first, second] = [first, second].map(|half| unsafe { _mm512_loadu_ps(half.as_ptr()) });
    let mut sum: __m512 = _mm512_add_ps(first, second);
    if few == 1 {
        sum = _mm512_add_ps(sum, _mm512_shuffle_f32x4::<HALVES>(sum, sum));
    }
    let scaled = _mm512_mul_ps(sum, _mm512_set1_ps(scale));
    // SAFETY: masked lanes are not written.
    unsafe { _mm512_mask_storeu_ps(out.as_mut_ptr(), first_lanes(out.len()), scaled) };
}
