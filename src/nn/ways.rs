//! How a weight is computed with and kept, by its sizes.

use candle_core::DType;

use super::Keep;
use crate::kernels::{ConvShape, Level, PackedConv, PackedLinear, Padding, Stored, Way};

/// Products of channels from which Winograd's weights, four times as large, take more memory than
/// is left beside the other frameworks.
const WINOGRAD_MOST: usize = 640 * 1920;
/// The same where weights are kept in 16 bits: what is transformed is not.
const WINOGRAD_MOST_OF_HALF: usize = 320 * 960;
/// Channels below which there is more to be transformed than to be multiplied, as the harmonic mean
/// of inputs and outputs: every one is transformed once, and each pair multiplied. Measured by
/// vectors of 16 and of 8: at 64 channels the direct way takes half the time, at 256 more than
/// Winograd's.
const WINOGRAD_LEAST: usize = 160;

/// Bytes a weight of this shape and dtype takes once our kernels have packed it, about: those of
/// convolutions and linear layers are packed. `keep` is that of its layer: of eight bits are
/// transformers' alone.
pub fn kept_bytes(shape: &[usize], dtype: DType, keep: Keep) -> u64 {
    let (outputs, inputs, kernel) = match *shape {
        [outputs, inputs] => (outputs, inputs, (1, 1)),
        [outputs, inputs, height, width] => (outputs, inputs, (height, width)),
        _ => {
            let values = shape.iter().map(|side| *side as u64);
            return values.fold(size_of::<f32>() as u64, u64::saturating_mul);
        }
    };
    if keep == Keep::EightBit && kernel == (1, 1) {
        return PackedLinear::bytes_of_eight_bits((outputs, inputs)) as u64;
    }
    // Its stride is not known; most of this kernel have none.
    let shape = ConvShape {
        inputs,
        outputs,
        kernel,
        stride: 1,
        dilation: 1,
        padding: Padding::same(0),
    };
    let stored = keep.stored(dtype);
    let level = Level::best();
    PackedConv::bytes_of(level, &shape, way(level, &shape, stored), stored) as u64
}

/// Whether a convolution of this kernel reads a normed picture from a copy.
pub fn copies_normed(inputs: usize, outputs: usize, kernel: usize) -> bool {
    let level = Level::best();
    !(level.multiplies_tiles() || kernel == 3 && wins(level, (inputs, outputs), Stored::Whole))
}

/// Whether Winograd's way is worth its memory.
fn wins(level: Level, (inputs, outputs): (usize, usize), stored: Stored) -> bool {
    let most = match stored {
        Stored::Whole => WINOGRAD_MOST,
        Stored::Half | Stored::Brain => WINOGRAD_MOST_OF_HALF,
    };
    !level.multiplies_tiles()
        && 2 * inputs * outputs >= WINOGRAD_LEAST * (inputs + outputs)
        && inputs.saturating_mul(outputs) <= most
}

/// The faster way where it does not take too much memory.
pub(super) fn way(level: Level, shape: &ConvShape, stored: Stored) -> Way {
    if shape.stride == 1 {
        way_back(level, shape, stored)
    } else {
        Way::Direct
    }
}

/// The same for what is passed back, which is a convolution with stride 1 whatever was forward.
pub(super) fn way_back(level: Level, shape: &ConvShape, stored: Stored) -> Way {
    let fits = shape.kernel == (3, 3) && shape.dilation == 1;
    if fits && wins(level, (shape.inputs, shape.outputs), stored) {
        Way::Winograd
    } else {
        Way::Direct
    }
}
