//! Rows that lie at even distances, sixteen by sixteen, times weights.

use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::Amx;
use super::tiles::{Block, SIDE, Split, Tiles};
use super::weights::{Blocks, Part, WIDTH};
use crate::kernels::finish::Target;
use crate::kernels::room::room;

/// Bytes of rows, and of a panel's weights, that are read again and again before others are: both
/// stay in a core's second cache.
const ROWS_RESIDENT: usize = 1 << 20;
const WEIGHTS_RESIDENT: usize = 384 << 10;
/// Panels that are computed from the same part of the rows, where the rows do not stay there whole.
const PANELS_TOGETHER: usize = 4;

/// Sums of two groups of rows and a panel's outputs.
const SUMS: usize = 2 * SIDE * WIDTH;

/// Of an output nobody asked for.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A product's weights, its rows, and where it goes.
pub(super) struct Product<'a> {
    pub(super) amx: Amx,
    pub(super) weights: &'a Blocks,
    pub(super) values: &'a [Split],
    /// Where each group's first row begins.
    pub(super) groups: &'a [usize],
    /// From one row of a group to the next.
    pub(super) stride: usize,
    /// What is added for each tap.
    pub(super) taps: &'a [usize],
    /// Row of the output each row of the groups belongs to, or [`NOWHERE`].
    pub(super) places: &'a [u32],
    pub(super) target: Target<'a>,
}

/// Memory to be used again.
#[derive(Default)]
pub(super) struct Room {
    partial: Vec<f32>,
    blocks: Vec<Block>,
}

/// Which of a product is computed at a time.
struct Portion<'a> {
    panel: usize,
    /// Of the inputs, in blocks.
    depth: Range<usize>,
    /// The panel's weights of these.
    blocks: &'a Part<'a>,
    /// Groups: one or two.
    groups: Range<usize>,
}

impl Product<'_> {
    /// Computes some panels of all rows.
    ///
    /// # Safety
    /// Nothing else touches these rows of the output in these panels meanwhile.
    pub(super) unsafe fn run(&self, panels: Range<usize>, room: &mut Room) {
        let Self {
            weights,
            groups,
            taps,
            ..
        } = *self;
        assert_eq!(taps.len(), weights.taps);
        assert_eq!(self.places.len(), groups.len() * SIDE);
        let reach = taps.iter().max().copied().unwrap_or_default() + (SIDE - 1) * self.stride;
        let last = groups.iter().max().copied().unwrap_or_default();
        assert!(last + reach + weights.depth <= self.values.len());
        let pairs = groups.len().div_ceil(2);
        let (step, together) = self.steps();
        let Room { partial, blocks } = room;
        let len = (pairs * together + 1) * SUMS;
        let (scratch, partial) = self::room(partial, len, 0.0).split_at_mut(SUMS);
        // SAFETY: `Amx` shows that there is the unit.
        let mut tiles = unsafe { Tiles::shape() };
        for first in panels.clone().step_by(together) {
            for start in (0..weights.depth).step_by(step) {
                let depth = start..weights.depth.min(start + step);
                for panel in first..panels.end.min(first + together) {
                    let held = &mut partial[(panel - first) * pairs * SUMS..];
                    let held = held.chunks_exact_mut(SUMS).take(pairs);
                    let blocks = weights.part(panel, depth.clone(), blocks);
                    for (pair, held) in held.enumerate() {
                        let part = Portion {
                            panel,
                            depth: depth.clone(),
                            blocks: &blocks,
                            groups: pair * 2..groups.len().min(pair * 2 + 2),
                        };
                        if depth.start == 0 {
                            tiles.clear();
                        } else {
                            tiles.load(held, WIDTH);
                        }
                        self.add(&mut tiles, &part);
                        if depth.end < weights.depth {
                            tiles.store(held, WIDTH);
                        } else {
                            tiles.store(scratch, WIDTH);
                            Simd::vectorize(
                                self.amx.vectors,
                                Writing {
                                    product: self,
                                    part: &part,
                                    sums: scratch,
                                },
                            );
                        }
                    }
                }
            }
        }
    }

    /// Blocks of the inputs that are taken at a time, and panels that take them.
    fn steps(&self) -> (usize, usize) {
        let rows = size_of_val(self.values);
        let by_weights = WEIGHTS_RESIDENT / (self.taps.len() * size_of::<Block>());
        let depth = self.weights.depth.max(1);
        if rows <= ROWS_RESIDENT && depth <= by_weights.max(1) {
            return (depth, 1);
        }
        let by_rows = ROWS_RESIDENT * depth / rows.max(1);
        let step = by_rows.min(by_weights).clamp(1, depth);
        // Parts of one size.
        let step = depth.div_ceil(depth.div_ceil(step));
        (step, PANELS_TOGETHER)
    }

    #[inline(always)]
    fn add(&self, tiles: &mut Tiles, part: &Portion<'_>) {
        let narrow = self.target.columns - part.panel * WIDTH <= SIDE;
        match (part.groups.len(), narrow) {
            (2, false) => self.add_of::<2, 2>(tiles, part),
            (2, true) => self.add_of::<2, 1>(tiles, part),
            (_, false) => self.add_of::<1, 2>(tiles, part),
            (_, true) => self.add_of::<1, 1>(tiles, part),
        }
    }

    #[inline(always)]
    fn add_of<const GROUPS: usize, const HALVES: usize>(
        &self,
        tiles: &mut Tiles,
        part: &Portion<'_>,
    ) {
        let stride = self.stride * size_of::<Split>();
        let starts: [*const Split; 2] = std::array::from_fn(|group| {
            let group = part.groups.start + group.min(GROUPS - 1);
            self.values[self.groups[group]..].as_ptr()
        });
        // Weights come from far away the first time: they are asked for before their turn.
        let is_first = part.groups.start == 0;
        let places = part.depth.clone().flat_map(|depth| {
            let taps = self.taps.iter();
            taps.map(move |tap| starts.map(|start| start.wrapping_add(tap + depth)))
        });
        match part.blocks {
            Part::Whole(blocks) => {
                for (block, starts) in blocks.iter().zip(places) {
                    if is_first {
                        ask_for(block);
                    }
                    // SAFETY: `run` found all rows of the groups within the values.
                    unsafe { tiles.step::<GROUPS, HALVES>(starts, stride, block) };
                }
            }
            Part::Brain(blocks) => {
                for (block, starts) in blocks.iter().zip(places) {
                    if is_first {
                        ask_for(block);
                    }
                    // SAFETY: as above.
                    unsafe { tiles.step_brain::<GROUPS>(starts, stride, block) };
                }
            }
        }
    }
}

/// Finishes sums and writes them where they belong.
struct Writing<'a> {
    product: &'a Product<'a>,
    part: &'a Portion<'a>,
    /// `[row of both groups][WIDTH]`
    sums: &'a [f32],
}

impl WithSimd for Writing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            product,
            part,
            sums,
        } = self;
        let places = &product.places[part.groups.start * SIDE..part.groups.end * SIDE];
        for (&place, sums) in places.iter().zip(sums.chunks_exact(WIDTH)) {
            if place == NOWHERE {
                continue;
            }
            let place = (place as usize, part.panel * WIDTH);
            // SAFETY: by the promise of `run`'s caller.
            unsafe { product.target.write(simd, place, S::as_simd_f32s(sums).0) };
        }
    }
}

/// Has the weights some blocks behind one brought into the second cache.
#[inline(always)]
fn ask_for<Of>(block: *const Of) {
    const AHEAD: usize = 4;
    const LINE: usize = 64;
    let start = block.wrapping_add(AHEAD).cast::<i8>();
    for line in 0..size_of::<Of>() / LINE {
        // SAFETY: a hint about an address nothing is read from.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(start.wrapping_add(line * LINE)) };
    }
}
