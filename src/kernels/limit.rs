//! What the machine could do at most, for figures to be held against.

use std::hint::black_box;
use std::time::Instant;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::level::{Level, multiply_add};

/// Multiplications and additions of f32 in 10⁹ a second, by all threads of the pool: of vectors, and
/// where there is a matrix unit of that, three of whose products make one of f32.
pub fn arithmetic_limit(level: Level) -> (f64, Option<f64>) {
    let all = |work: fn(Level) -> f64| -> f64 {
        let threads = 0..rayon::current_num_threads();
        threads.into_par_iter().map(|_| work(level)).sum()
    };
    let unit = level.multiplies_tiles().then(|| all(of_tiles));
    (all(of_vectors), unit)
}

/// Rounds of the loop; some hundredths of a second.
const ROUNDS: usize = 4_000_000;
/// Of these the best counts: others may be at work.
const TRIES: usize = 5;

fn best_of(operations: f64, work: impl Fn()) -> f64 {
    let rates = (0..TRIES).map(|_| {
        let started = Instant::now();
        work();
        operations / started.elapsed().as_secs_f64() / 1e9
    });
    rates.fold(0.0, f64::max)
}

fn of_vectors(level: Level) -> f64 {
    let lanes = level.panel() / 2;
    let operations = (2 * lanes * SUMS * ROUNDS) as f64;
    best_of(operations, || {
        black_box(level.run(Adding));
    })
}

/// Sums that do not wait for each other.
const SUMS: usize = 12;

struct Adding;

impl WithSimd for Adding {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let a = simd.splat_f32s(black_box(1.000_000_1));
        let b = simd.splat_f32s(black_box(1e-9));
        let mut sums = [simd.splat_f32s(1.0); SUMS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = multiply_add(simd, *sum, a, b);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

fn of_tiles(level: Level) -> f64 {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Amx(amx) => {
            let rounds = ROUNDS / 20;
            let products = super::amx::PRODUCTS_OF_STEP as f64 / 3.0;
            best_of(2.0 * products * rounds as f64, || {
                super::amx::repeat_step(amx, rounds);
            })
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_vectors_do_more() {
        let limits: Vec<_> = Level::all().into_iter().map(arithmetic_limit).collect();
        assert!(limits.iter().all(|(vectors, _)| *vectors > 0.1));
        let has_unit = limits
            .iter()
            .any(|(_, unit)| unit.is_some_and(|unit| unit > 1.0));
        assert_eq!(
            has_unit,
            Level::all().iter().any(|level| level.multiplies_tiles())
        );
    }
}
