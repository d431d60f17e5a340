//! Which vector instructions the kernels use, chosen when the program runs.

use std::sync::OnceLock;

use pulp::{Scalar128b, Simd, WithSimd};

#[cfg(target_arch = "x86_64")]
use super::amx::Amx;

/// The variable of the environment that forces a level, by its name, to compare pictures and times.
pub const FORCED: &str = "AFTERIMAGE_SIMD";

/// A set of vector instructions this machine has.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    /// What every machine has.
    Portable,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    /// AVX-512 (F, BW, CD, DQ, VL).
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    /// AVX-512, and the matrix unit for products.
    #[cfg(target_arch = "x86_64")]
    Amx(Amx),
}

impl Level {
    /// The best one, or the one that is [forced](FORCED).
    pub fn best() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| {
            let mut levels = Self::all();
            if let Ok(name) = std::env::var(FORCED) {
                match levels
                    .iter()
                    .find(|level| level.name().eq_ignore_ascii_case(&name))
                {
                    Some(level) => return *level,
                    None => log::warn!(
                        "{FORCED}={name} is not one of {:?}",
                        levels.iter().map(|level| level.name()).collect::<Vec<_>>()
                    ),
                }
            }
            levels.pop().unwrap_or(Self::Portable)
        })
    }

    /// All of them, the best one last.
    pub fn all() -> Vec<Self> {
        let levels = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        let levels = {
            let mut levels = levels;
            levels.extend(pulp::x86::V3::try_new().map(Self::Avx2));
            levels.extend(pulp::x86::V4::try_new().map(Self::Avx512));
            levels.extend(Amx::try_new().map(Self::Amx));
            levels
        };
        levels
    }

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Self::Amx(_) => "AMX",
        }
    }

    /// Whether there is a unit for products that leaves nothing to be won by fewer multiplications.
    pub const fn multiplies_tiles(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx(_) => true,
            _ => false,
        }
    }

    /// The same without that unit, whose products round more than those of vectors.
    #[must_use]
    pub const fn by_vectors(self) -> Self {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx(amx) => Self::Avx512(amx.vectors),
            level => level,
        }
    }

    /// Output channels that are computed side by side: two vectors.
    pub(super) const fn panel(self) -> usize {
        match self {
            Self::Portable => 2 * Scalar128b::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => 2 * pulp::x86::V3::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) | Self::Amx(_) => 2 * pulp::x86::V4::F32_LANES,
        }
    }

    /// Runs code compiled for these instructions.
    #[inline]
    pub(super) fn run<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self {
            Self::Portable => Simd::vectorize(Scalar128b, op),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "x86_64")]
            Self::Amx(amx) => Simd::vectorize(amx.vectors, op),
        }
    }
}

/// `a * b + c`, rounded once where the machine does so by itself.
#[inline(always)]
pub(super) fn multiply_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if S::F32_LANES > Scalar128b::F32_LANES {
        simd.mul_add_e_f32s(a, b, c)
    } else {
        // Rounding once would be a call of a function for every value.
        simd.add_f32s(simd.mul_f32s(a, b), c)
    }
}

/// A vector of at most as many values as it has lanes; zeros beyond them.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, values: &[f32]) -> S::f32s {
    match S::as_simd_f32s(values).0.first() {
        Some(whole) => *whole,
        // Slow on many machines.
        None => simd.partial_load_f32s(values),
    }
}

/// Writes as many lanes as there is room for.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, to: &mut [f32], values: S::f32s) {
    match S::as_mut_simd_f32s(to).0.first_mut() {
        Some(whole) => *whole = values,
        None => simd.partial_store_f32s(to, values),
    }
}
