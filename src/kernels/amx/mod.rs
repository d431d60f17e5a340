//! Products by the matrix unit of recent Xeons (AMX): 16 times 16 sums of 32 products of bf16 each in
//! one instruction, several times what vectors of f32 come to.
//!
//! Every f32 is taken as the sum of two bf16, its rounding and the rounding of what that leaves, so 16
//! of its 24 bits take part; of the four products of two such sums the smallest is left out. Sums are
//! f32. The relative error of a product is about 2⁻¹⁶: Henry, Tang and Heinecke 2019, "Leveraging the
//! bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations".

#![expect(
    unsafe_code,
    reason = "the unit has no safe interface; tasks write disjoint parts of one output"
)]

mod abreast;
mod attention;
mod conv;
mod eight_bit;
mod gradient;
mod narrow;
mod near;
mod product;
mod regions;
mod split;
mod tiles;
mod turn;
mod weigh;
mod weights;

use pulp::x86::V4;

pub(super) use attention::{AmxHead, QUERIES, QueryScratch};
pub(super) use conv::conv;
pub(super) use eight_bit::multiply_eight;
pub(super) use gradient::weight_gradient;
pub(super) use weights::Blocks;

/// Shows that the machine has the unit and that the system lets this process use it.
#[derive(Clone, Copy, Debug)]
pub struct Amx {
    pub(super) vectors: V4,
}

impl Amx {
    /// Asks the system.
    pub(super) fn try_new() -> Option<Self> {
        let vectors = V4::try_new().filter(|_| is_x86_feature_detected!("avx512bf16"))?;
        is_granted().then_some(Self { vectors })
    }
}

/// Products of bf16 that [`repeat_step`] computes in a round.
pub(super) const PRODUCTS_OF_STEP: usize = 12 * tiles::SIDE * tiles::SIDE * tiles::DEPTH;

/// The innermost step of all products, again and again, to see how fast it can be.
pub(super) fn repeat_step(_: Amx, rounds: usize) {
    // Numbers like those of networks: of zeros a machine multiplies more in the same time.
    let mut bits = 1u16;
    let mut number = || {
        bits = bits.wrapping_mul(0x6255).wrapping_add(0x3619);
        // From 0.5 to 2, of either sign.
        0x3f00 | bits & 0x80ff
    };
    let mut rows = [tiles::Split::ZERO; 2 * tiles::SIDE];
    rows.iter_mut()
        .flat_map(|row| &mut row.0)
        .for_each(|x| *x = number());
    let mut block = tiles::Block::ZERO;
    block.0.iter_mut().flatten().for_each(|x| *x = number());
    // SAFETY: `Amx` shows that there is the unit.
    let mut tiles = unsafe { tiles::Tiles::shape() };
    tiles.clear();
    for _ in 0..rounds {
        let starts = [rows.as_ptr(), rows[tiles::SIDE..].as_ptr()];
        // SAFETY: 16 rows begin at each start.
        unsafe { tiles.step::<2, 2>(starts, size_of::<tiles::Split>(), &raw const block) };
    }
}

/// Linux hands the unit's state to programs that ask for it.
#[cfg(target_os = "linux")]
fn is_granted() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_ulong = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_ulong = 18;
    /// Of the structured extended features, in EDX: bf16, tiles, eight bits.
    const NEEDED: u32 = 1 << 22 | 1 << 24 | 1 << 25;
    let features = std::arch::x86_64::__cpuid_count(7, 0).edx;
    if features & NEEDED != NEEDED {
        return false;
    }
    // SAFETY: changes nothing but what this process may use.
    unsafe {
        libc::syscall(
            libc::SYS_arch_prctl,
            ARCH_REQ_XCOMP_PERM,
            XFEATURE_XTILEDATA,
        ) == 0
    }
}

#[cfg(not(target_os = "linux"))]
fn is_granted() -> bool {
    false
}
