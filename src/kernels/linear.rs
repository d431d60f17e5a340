//! The linear layer, plain and gated.

use super::before::Before;
use super::conv::{ConvShape, Images, PackedConv, Padding, Seen, Way};
use super::eight_bit::EightBit;
use super::finish::Finish;
use super::level::Level;
use super::stored::Stored;
use super::{Stop, Stopped};

/// A weight `[outputs, inputs]`, packed.
#[derive(Clone, Debug)]
pub struct PackedLinear {
    weights: Weights,
    outputs: usize,
    inputs: usize,
}

#[derive(Clone, Debug)]
enum Weights {
    /// Rows are a picture one pixel wide, and the kernel is one pixel.
    Pixel(PackedConv),
    EightBit(EightBit),
}

impl Weights {
    fn stored(self, stored: Stored) -> Self {
        match self {
            Self::Pixel(conv) => Self::Pixel(conv.stored(stored)),
            eight_bit @ Self::EightBit(_) => eight_bit,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Pixel(conv) => conv.bytes(),
            Self::EightBit(weights) => weights.bytes(),
        }
    }
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
        values: values.into(),
        batch,
        height: values.len() / width / batch,
        width: 1,
        seen: Seen::Once,
        before,
    }
}

impl PackedLinear {
    /// Memory a weight of eight bits takes.
    pub const fn bytes_of_eight_bits(sizes: (usize, usize)) -> usize {
        EightBit::bytes_of(sizes)
    }

    /// Packs a weight `[outputs, inputs]`.
    pub fn new(level: Level, sizes: (usize, usize), weight: &[f32]) -> Self {
        let conv = PackedConv::new(level, pixel(sizes), weight, Way::Direct);
        Self::of(Weights::Pixel(conv), sizes)
    }

    /// Rounds a weight `[outputs, inputs]` to numbers of eight bits; rows will be, too.
    pub fn of_eight_bits(level: Level, sizes: (usize, usize), weight: &[f32]) -> Self {
        let weights = Weights::EightBit(EightBit::new(level, sizes, weight));
        Self::of(weights, sizes)
    }

    const fn of(weights: Weights, (outputs, inputs): (usize, usize)) -> Self {
        Self {
            weights,
            outputs,
            inputs,
        }
    }

    /// The same kept otherwise; eight bits stay eight.
    pub fn stored(self, stored: Stored) -> Self {
        Self {
            weights: self.weights.stored(stored),
            ..self
        }
    }

    /// Outputs and inputs.
    pub const fn sizes(&self) -> (usize, usize) {
        (self.outputs, self.inputs)
    }

    /// Memory the weights take.
    pub fn bytes(&self) -> usize {
        self.weights.bytes()
    }

    /// Rows of `inputs` values, of so many pictures, to rows of `outputs`.
    pub fn run(
        &self,
        input: &[f32],
        before: (usize, Before<'_>),
        finish: Finish<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        match &self.weights {
            Weights::Pixel(conv) => conv.run(&rows(input, self.inputs, before), finish, stop),
            Weights::EightBit(weights) => {
                weights.run(input, before, (finish, self.outputs, false), stop)
            }
        }
    }
}

/// Two linear layers of `width` outputs each, the first multiplied with the exact GELU of the
/// second: Shazeer 2020, "GLU Variants Improve Transformer".
#[derive(Clone, Debug)]
pub struct PackedGate {
    /// In turn some of the first layer's outputs and the same of the second's.
    weights: Weights,
    bias: Vec<f32>,
    width: usize,
    inputs: usize,
}

impl PackedGate {
    /// Packs a weight `[2 * width, inputs]` and a bias `[2 * width]`, the first layer's part first.
    pub fn new(level: Level, sizes: (usize, usize), weight: &[f32], bias: &[f32]) -> Self {
        Self::of(level, sizes, (weight, bias), |sizes, weight| {
            Weights::Pixel(PackedConv::new(level, pixel(sizes), weight, Way::Direct))
        })
    }

    /// [`Self::new`] with numbers of eight bits.
    pub fn of_eight_bits(
        level: Level,
        sizes: (usize, usize),
        weight: &[f32],
        bias: &[f32],
    ) -> Self {
        Self::of(level, sizes, (weight, bias), |sizes, weight| {
            Weights::EightBit(EightBit::new(level, sizes, weight))
        })
    }

    fn of(
        level: Level,
        (width, inputs): (usize, usize),
        (weight, bias): (&[f32], &[f32]),
        pack: impl FnOnce((usize, usize), &[f32]) -> Weights,
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
            weights: pack((outputs, inputs), &turned),
            bias: turned_bias,
            width,
            inputs,
        }
    }

    /// The same kept otherwise; eight bits stay eight.
    pub fn stored(self, stored: Stored) -> Self {
        Self {
            weights: self.weights.stored(stored),
            ..self
        }
    }

    /// Width of the result, and inputs.
    pub const fn sizes(&self) -> (usize, usize) {
        (self.width, self.inputs)
    }

    /// Memory the weights take.
    pub fn bytes(&self) -> usize {
        self.weights.bytes()
    }

    /// Rows of `inputs` values to rows of `width`.
    pub fn run(
        &self,
        input: &[f32],
        before: Before<'_>,
        stop: Stop<'_>,
    ) -> Result<Vec<f32>, Stopped> {
        match &self.weights {
            Weights::Pixel(conv) => {
                let rows = rows(input, self.inputs, (1, before));
                conv.run_gated(&rows, &self.bias, self.width, stop)
            }
            Weights::EightBit(weights) => {
                let finish = Finish {
                    bias: Some(&self.bias),
                    ..Finish::default()
                };
                weights.run(input, (1, before), (finish, self.width, true), stop)
            }
        }
    }
}
