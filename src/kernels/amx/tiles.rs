//! What the matrix unit does, instruction by instruction: the compiler has no stable names for it
//! yet.

use std::arch::asm;

/// Rows of a tile, and f32 across it.
pub(super) const SIDE: usize = 16;
/// Inner values one step takes.
pub(super) const DEPTH: usize = 32;

/// Inner values of a row: 32 high parts, then 32 low parts.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Split(pub(super) [u16; 2 * DEPTH]);

impl Split {
    pub(super) const ZERO: Self = Self([0; 2 * DEPTH]);

    pub(super) fn high(&self) -> &[u16; DEPTH] {
        &self.0.as_chunks().0[0]
    }

    pub(super) fn low(&self) -> &[u16; DEPTH] {
        &self.0.as_chunks().0[1]
    }
}

/// Weights of 32 inner values and 32 outputs, as tiles: high parts of the first and the second half
/// of the outputs, then low parts. Within a tile two inner values lie side by side for each output.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Block(pub(super) [[u16; TILE]; 4]);

/// Weights of 32 inner values and 32 outputs as 16-bit numbers: the tiles of the first and the second
/// half of the outputs.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct HalfBlock(pub(super) [[u16; TILE]; 2]);

impl HalfBlock {
    pub(super) const ZERO: Self = Self([[0; TILE]; 2]);
}

/// bf16 values of a tile.
pub(super) const TILE: usize = SIDE * DEPTH;

/// Weights of 32 inner values and 16 outputs, of which two inner values lie side by side.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Narrow(pub(super) [u16; TILE]);

impl Block {
    pub(super) const ZERO: Self = Self([[0; TILE]; 4]);
}

/// Bytes from one row of a tile to the next, where they lie side by side.
pub(super) const LINE: usize = 64;

/// Palette 1, and eight tiles of 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static CONFIGURATION: Configuration = {
    let mut configuration = Configuration {
        palette: 1,
        start_row: 0,
        reserved: [0; 14],
        row_bytes: [0; 16],
        rows: [0; 16],
    };
    let mut tile = 0;
    while tile < 8 {
        configuration.row_bytes[tile] = LINE as u16;
        configuration.rows[tile] = SIDE as u8;
        tile += 1;
    }
    configuration
};

/// The tiles of this thread, shaped; given back when it is dropped.
pub(super) struct Tiles(());

#[expect(
    clippy::unused_self,
    reason = "the value stands for registers of the thread"
)]
impl Tiles {
    /// # Safety
    /// The machine has the unit, and the system lets this process use it.
    pub(super) unsafe fn shape() -> Self {
        // SAFETY: by the caller's promise; the configuration is one of palette 1.
        unsafe {
            asm!(
                "ldtilecfg [{}]",
                in(reg) &raw const CONFIGURATION,
                options(nostack, preserves_flags, readonly)
            );
        }
        Self(())
    }

    /// Sums of nothing.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        // SAFETY: the tiles are shaped.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                options(nostack, preserves_flags, nomem)
            );
        }
    }

    /// Takes sums up again: two groups of rows, `pitch` values apart, of 32 each.
    #[inline(always)]
    pub(super) fn load(&mut self, sums: &[f32], pitch: usize) {
        assert!(sums.len() >= (2 * SIDE - 1) * pitch + 2 * SIDE);
        // SAFETY: the tiles are shaped; all rows are there by the assertion.
        unsafe {
            asm!(
                "tileloadd tmm0, [{first} + {line}*1]",
                "tileloadd tmm1, [{first} + {line}*1 + 64]",
                "tileloadd tmm2, [{second} + {line}*1]",
                "tileloadd tmm3, [{second} + {line}*1 + 64]",
                first = in(reg) sums.as_ptr(),
                second = in(reg) sums[SIDE * pitch..].as_ptr(),
                line = in(reg) pitch * size_of::<f32>(),
                options(nostack, preserves_flags, readonly)
            );
        }
    }

    /// Writes the sums as [`Self::load`] takes them.
    #[inline(always)]
    pub(super) fn store(&mut self, sums: &mut [f32], pitch: usize) {
        assert!(sums.len() >= (2 * SIDE - 1) * pitch + 2 * SIDE);
        let first = sums.as_mut_ptr();
        // SAFETY: the tiles are shaped; there is room for all rows by the assertion.
        unsafe {
            asm!(
                "tilestored [{first} + {line}*1], tmm0",
                "tilestored [{first} + {line}*1 + 64], tmm1",
                "tilestored [{second} + {line}*1], tmm2",
                "tilestored [{second} + {line}*1 + 64], tmm3",
                first = in(reg) first,
                second = in(reg) first.add(SIDE * pitch),
                line = in(reg) pitch * size_of::<f32>(),
                options(nostack, preserves_flags)
            );
        }
    }

    /// Adds what a block makes of 32 inner values of `GROUPS` groups of 16 rows, for `HALVES` of its
    /// outputs. Rows of a group lie `stride` bytes apart.
    ///
    /// The order of the three products of a sum is the same whatever is computed beside it.
    ///
    /// # Safety
    /// 16 rows from each of the first `GROUPS` starts can be read.
    #[inline(always)]
    pub(super) unsafe fn step<const GROUPS: usize, const HALVES: usize>(
        &mut self,
        starts: [*const Split; 2],
        stride: usize,
        block: *const Block,
    ) {
        let [a, c] = starts;
        // SAFETY: the tiles are shaped; rows are there by the caller's promise.
        unsafe {
            match (GROUPS, HALVES) {
                (2, 2) => asm!(
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm7, [{b} + {line}*1 + 1024]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tileloadd tmm5, [{c} + {stride}*1]",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm4, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm4, [{c} + {stride}*1 + 64]",
                    "tdpbf16ps tmm2, tmm4, tmm6",
                    "tileloadd tmm6, [{b} + {line}*1 + 2048]",
                    "tdpbf16ps tmm3, tmm4, tmm7",
                    "tileloadd tmm7, [{b} + {line}*1 + 3072]",
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    a = in(reg) a,
                    c = in(reg) c,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                ),
                (1, 2) => asm!(
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm7, [{b} + {line}*1 + 1024]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm5, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm0, tmm5, tmm6",
                    "tdpbf16ps tmm1, tmm5, tmm7",
                    "tileloadd tmm6, [{b} + {line}*1 + 2048]",
                    "tileloadd tmm7, [{b} + {line}*1 + 3072]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    a = in(reg) a,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                ),
                (2, 1) => asm!(
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tileloadd tmm5, [{c} + {stride}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tileloadd tmm7, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm0, tmm7, tmm6",
                    "tileloadd tmm7, [{c} + {stride}*1 + 64]",
                    "tdpbf16ps tmm2, tmm7, tmm6",
                    "tileloadd tmm6, [{b} + {line}*1 + 2048]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    a = in(reg) a,
                    c = in(reg) c,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                ),
                _ => asm!(
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tileloadd tmm5, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm0, tmm5, tmm6",
                    "tileloadd tmm6, [{b} + {line}*1 + 2048]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    a = in(reg) a,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                ),
            }
        }
    }

    /// The same of the high parts of two groups of rows alone.
    ///
    /// # Safety
    /// 16 rows from both starts can be read.
    #[inline(always)]
    pub(super) unsafe fn step_highs(
        &mut self,
        starts: [*const Split; 2],
        stride: usize,
        block: *const HalfBlock,
    ) {
        let [a, c] = starts;
        // SAFETY: the tiles are shaped; rows are there by the caller's promise.
        unsafe {
            asm!(
                "tileloadd tmm4, [{a} + {stride}*1]",
                "tileloadd tmm6, [{b} + {line}*1]",
                "tileloadd tmm7, [{b} + {line}*1 + 1024]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm5, [{c} + {stride}*1]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                "tdpbf16ps tmm2, tmm5, tmm6",
                "tdpbf16ps tmm3, tmm5, tmm7",
                a = in(reg) a,
                c = in(reg) c,
                b = in(reg) block,
                stride = in(reg) stride,
                line = in(reg) LINE,
                options(nostack, preserves_flags, readonly)
            );
        }
    }

    /// The same of two groups of rows for few outputs: at most 8, whose high and low parts lie in one
    /// tile abreast, or at most 16 in two tiles, the high ones first. So that no sum waits for itself,
    /// there are two of each, which lie where the two halves of outputs do elsewhere.
    ///
    /// # Safety
    /// 16 rows from both starts, and as many tiles, can be read.
    #[inline(always)]
    pub(super) unsafe fn step_narrow<const TILES: usize>(
        &mut self,
        starts: [*const Split; 2],
        stride: usize,
        block: *const Narrow,
    ) {
        let [a, c] = starts;
        // SAFETY: the tiles are shaped; rows are there by the caller's promise.
        unsafe {
            if TILES == 1 {
                asm!(
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tileloadd tmm5, [{c} + {stride}*1]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tileloadd tmm7, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm1, tmm7, tmm6",
                    "tileloadd tmm4, [{c} + {stride}*1 + 64]",
                    "tdpbf16ps tmm3, tmm4, tmm6",
                    a = in(reg) a,
                    c = in(reg) c,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                );
            } else {
                asm!(
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tileloadd tmm7, [{b} + {line}*1 + 1024]",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm5, [{c} + {stride}*1]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    "tileloadd tmm4, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm1, tmm4, tmm6",
                    "tileloadd tmm5, [{c} + {stride}*1 + 64]",
                    "tdpbf16ps tmm3, tmm5, tmm6",
                    a = in(reg) a,
                    c = in(reg) c,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                );
            }
        }
    }

    /// The same for weights that are bf16: there are no low parts of them.
    ///
    /// # Safety
    /// 16 rows from each of the first `GROUPS` starts can be read.
    #[inline(always)]
    pub(super) unsafe fn step_brain<const GROUPS: usize>(
        &mut self,
        starts: [*const Split; 2],
        stride: usize,
        block: *const HalfBlock,
    ) {
        let [a, c] = starts;
        // SAFETY: the tiles are shaped; rows are there by the caller's promise.
        unsafe {
            if GROUPS == 2 {
                asm!(
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm7, [{b} + {line}*1 + 1024]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tileloadd tmm5, [{c} + {stride}*1]",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm4, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    "tileloadd tmm5, [{c} + {stride}*1 + 64]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    a = in(reg) a,
                    c = in(reg) c,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                );
            } else {
                asm!(
                    "tileloadd tmm4, [{a} + {stride}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm7, [{b} + {line}*1 + 1024]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm5, [{a} + {stride}*1 + 64]",
                    "tdpbf16ps tmm0, tmm5, tmm6",
                    "tdpbf16ps tmm1, tmm5, tmm7",
                    a = in(reg) a,
                    b = in(reg) block,
                    stride = in(reg) stride,
                    line = in(reg) LINE,
                    options(nostack, preserves_flags, readonly)
                );
            }
        }
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: there are tiles.
        unsafe { asm!("tilerelease", options(nostack, preserves_flags, nomem)) };
    }
}
