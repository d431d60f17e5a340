//! The linear layer.

use super::conv::{ConvShape, Images, PackedConv, Padding, Way};
use super::finish::Finish;
use super::level::Level;
use super::{Stop, Stopped};

/// A weight `[outputs, inputs]`, packed: rows are a picture one pixel wide, and the kernel is one
/// pixel.
#[derive(Clone, Debug)]
pub struct PackedLinear {
    conv: PackedConv,
}

impl PackedLinear {
    /// Packs a weight `[outputs, inputs]`.
    pub fn new(level: Level, (outputs, inputs): (usize, usize), weight: &[f32]) -> Self {
        let shape = ConvShape {
            inputs,
            outputs,
            kernel: (1, 1),
            stride: 1,
            dilation: 1,
            padding: Padding::same(0),
        };
        Self {
            conv: PackedConv::new(level, shape, weight, Way::Direct),
        }
    }

    /// Outputs and inputs.
    pub const fn sizes(&self) -> (usize, usize) {
        (self.conv.shape().outputs, self.conv.shape().inputs)
    }

    /// Memory the weights take.
    pub fn bytes(&self) -> usize {
        self.conv.bytes()
    }

    /// Rows of `inputs` values to rows of `outputs`.
    pub fn run(
        &self,
        input: &[f32],
        finish: Finish<'_>,
        out: &mut [f32],
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        let rows = Images {
            values: input,
            batch: 1,
            height: input.len() / self.sizes().1,
            width: 1,
            repeat: 1,
        };
        self.conv.run(&rows, finish, out, stop)
    }
}
