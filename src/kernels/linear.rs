//! The linear layer, plain and gated.

use super::before::Before;
use super::conv::{ConvShape, Images, PackedConv, Padding, Seen, Way};
use super::finish::Finish;
use super::level::Level;
use super::stored::Stored;
use super::{Stop, Stopped};

/// A weight `[outputs, inputs]`, packed: rows are a picture one pixel wide, and the kernel is one
/// pixel.
#[derive(Clone, Debug)]
pub struct PackedLinear {
    conv: PackedConv,
}

const fn pixel((outputs, inputs): (usize, usize)) -> ConvShape {
    ConvShape {
        inputs,
        outputs,
        kernel: (1, 1),
        stride: 1,
        dilation: 1,
        padding: Padding::same(0),
    }
}

/// Of `batch` pictures as many rows each.
fn rows<'a>(values: &'a [f32], width: usize, (batch, before): (usize, Before<'a>)) -> Images<'a> {
    Images {
        values,
        batch,
        height: values.len() / width / batch,
        width: 1,
        seen: Seen::Once,
        before,
    }
}

impl PackedLinear {
    /// Packs a weight `[outputs, inputs]`.
    pub fn new(level: Level, sizes: (usize, usize), weight: &[f32]) -> Self {
        Self {
            conv: PackedConv::new(level, pixel(sizes), weight, Way::Direct),
        }
    }

    /// The same kept otherwise.
    pub fn stored(self, stored: Stored) -> Self {
        Self {
            conv: self.conv.stored(stored),
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

    /// Rows of `inputs` values, of so many pictures, to rows of `outputs`.
    pub fn run(
        &self,
        input: &[f32],
        before: (usize, Before<'_>),
        finish: Finish<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let rows = rows(input, self.sizes().1, before);
        self.conv.run(&rows, finish, stop)
    }
}

/// Two linear layers of `width` outputs each, the first multiplied with the exact GELU of the
/// second: Shazeer 2020, "GLU Variants Improve Transformer".
#[derive(Clone, Debug)]
pub struct PackedGate {
    /// In turn some of the first layer's outputs and the same of the second's.
    conv: PackedConv,
    bias: Vec<f32>,
    width: usize,
}

impl PackedGate {
    /// Packs a weight `[2 * width, inputs]` and a bias `[2 * width]`, the first layer's part first.
    pub fn new(
        level: Level,
        (width, inputs): (usize, usize),
        weight: &[f32],
        bias: &[f32],
    ) -> Self {
        assert_eq!((weight.len(), bias.len()), (2 * width * inputs, 2 * width));
        let together = level.panel() / 2;
        let outputs = width.div_ceil(together) * 2 * together;
        let row = |output: usize| {
            let (panel, column) = (output / (2 * together), output % (2 * together));
            let at = panel * together + column % together;
            (at < width).then_some(column / together * width + at)
        };
        let mut turned = vec![0.0; outputs * inputs];
        let mut turned_bias = vec![0.0; outputs];
        for (output, to) in turned.chunks_exact_mut(inputs).enumerate() {
            if let Some(row) = row(output) {
                to.copy_from_slice(&weight[row * inputs..][..inputs]);
                turned_bias[output] = bias[row];
            }
        }
        Self {
            conv: PackedConv::new(level, pixel((outputs, inputs)), &turned, Way::Direct),
            bias: turned_bias,
            width,
        }
    }

    /// The same kept otherwise.
    pub fn stored(self, stored: Stored) -> Self {
        Self {
            conv: self.conv.stored(stored),
            ..self
        }
    }

    /// Width of the result, and inputs.
    pub const fn sizes(&self) -> (usize, usize) {
        (self.width, self.conv.shape().inputs)
    }

    /// Memory the weights take.
    pub fn bytes(&self) -> usize {
        self.conv.bytes()
    }

    /// Rows of `inputs` values to rows of `width`.
    pub fn run(
        &self,
        input: &[f32],
        before: Before<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        let rows = rows(input, self.sizes().1, (1, before));
        self.conv.run_gated(&rows, &self.bias, self.width, stop)
    }
}
