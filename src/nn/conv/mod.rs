//! Two-dimensional convolution.

use std::sync::Arc;

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::keep::{Keep, packable, small};
use super::norm::Moments;
use super::order::{in_order_of, pixels};
use super::slices::{elements, on_our_kernels, tensor_of};
use super::ways::{way, way_back};
use super::{GroupNorm, Interrupt, Passing, Then, trained, upsample_nearest};
use crate::kernels::{
    Before, ConvShape, Images, Level, PackedBackward, PackedConv, Padding, Pixels, Seen, Stored,
    Through, WidePictures,
};

/// How a convolution moves over its input.
#[derive(Clone, Copy, Debug)]
pub struct ConvOptions {
    pub kernel: usize,
    pub stride: usize,
    pub padding: Padding,
}

impl ConvOptions {
    /// 3×3, size kept.
    pub const fn three() -> Self {
        Self {
            kernel: 3,
            stride: 1,
            padding: Padding::same(1),
        }
    }

    /// 1×1.
    pub const fn one() -> Self {
        Self {
            kernel: 1,
            stride: 1,
            padding: Padding::same(0),
        }
    }

    /// A kernel of odd side `kernel`, size kept.
    pub const fn same(kernel: usize) -> Self {
        Self {
            kernel,
            stride: 1,
            padding: Padding::same(kernel / 2),
        }
    }

    /// A kernel of side `kernel` that stays within its input.
    pub const fn within(kernel: usize) -> Self {
        Self {
            kernel,
            stride: 1,
            padding: Padding::same(0),
        }
    }
}

/// How products are computed where gradients pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Products {
    /// As those of f32: what a matrix unit rounds would grow along a walk down a gradient.
    Whole,
    /// As fast as the machine can.
    Fast,
}

impl Products {
    fn level(self) -> Level {
        match self {
            Self::Whole => Level::best().by_vectors(),
            Self::Fast => Level::best(),
        }
    }
}

/// A convolution: weight `[outputs, inputs, kernel, kernel]`.
#[derive(Debug)]
pub struct Conv2d {
    weights: Weights,
    bias: Option<Tensor>,
    options: ConvOptions,
}

/// What a convolution is given.
struct Input<'a> {
    xs: &'a Tensor,
    seen: Seen,
    made: Made<'a>,
}

/// What is made of it first.
#[derive(Clone, Copy)]
enum Made<'a> {
    Nothing,
    /// `max(x, 0)`
    Positive,
    Normed(&'a GroupNorm),
}

impl<'a> Input<'a> {
    const fn plain(xs: &'a Tensor) -> Self {
        Self {
            xs,
            seen: Seen::Once,
            made: Made::Nothing,
        }
    }
}

#[derive(Debug)]
enum Weights {
    /// As our kernels read them, there and, where gradients are to pass, back.
    Packed(Arc<PackedConv>, Option<Arc<PackedBackward>>),
    /// `[outputs, inputs, kernel_height, kernel_width]`, where they are learnt or candle computes.
    Plain(Tensor),
}

impl Conv2d {
    /// Reads `weight` and `bias` of `vb`.
    pub fn new(
        inputs: usize,
        outputs: usize,
        options: ConvOptions,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let kernel = options.kernel;
        let weight = vb.get((outputs, inputs, kernel, kernel), "weight")?;
        let bias = small(&vb.get(outputs, "bias")?)?;
        Self::kept(&weight, Some(bias), options, (Keep::of(vb), Level::best()))
    }

    /// Of a weight `[outputs, inputs, kernel_height, kernel_width]`.
    pub fn of(weight: &Tensor, bias: Option<Tensor>, options: ConvOptions) -> Result<Self> {
        Self::kept(weight, bias, options, (Keep::AsStored, Level::best()))
    }

    fn kept(
        weight: &Tensor,
        bias: Option<Tensor>,
        options: ConvOptions,
        (keep, level): (Keep, Level),
    ) -> Result<Self> {
        let shape = conv_shape(weight, options)?;
        let weights = match packable(weight, keep)? {
            Some((weight, stored)) => {
                let way = way(level, &shape, stored);
                let packed = PackedConv::new(level, shape, &elements(&weight)?, way);
                Weights::Packed(Arc::new(packed.stored(stored)), None)
            }
            None => Weights::Plain(weight.clone()),
        };
        Ok(Self {
            weights,
            bias,
            options,
        })
    }

    /// [`Self::of`] a weight that does not change but lets gradients pass to the picture; on the CPU
    /// that takes its memory twice.
    pub fn passing_gradients(
        weight: &Tensor,
        bias: Option<Tensor>,
        options: ConvOptions,
        products: Products,
    ) -> Result<Self> {
        let level = products.level();
        let mut conv = Self::kept(weight, bias, options, (Keep::AsStored, level))?;
        if let Weights::Packed(_, back) = &mut conv.weights {
            let shape = conv_shape(weight, options)?;
            let weight = weight.to_dtype(DType::F32)?.contiguous()?;
            let way = way_back(level, &shape, Stored::Whole);
            let packed = PackedBackward::new(level, shape, &elements(&weight)?, way);
            *back = Some(Arc::new(packed));
        }
        Ok(conv)
    }

    /// From the gradient of the output that of an input of a height and a width, without a graph:
    /// `[batch, inputs, height, width]`, in the order of `gradient`.
    pub fn pass_back(
        &self,
        gradient: &Tensor,
        (height, width): (usize, usize),
        passing: Passing<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        interrupt.check()?;
        let (packed, back) = match &self.weights {
            Weights::Packed(packed, Some(back)) if on_our_kernels(gradient) => (packed, back),
            Weights::Plain(weight) => {
                let size = (height, width);
                return passing.apply_candle(pass_back_candle(
                    weight,
                    self.options,
                    gradient,
                    size,
                )?);
            }
            Weights::Packed(..) => {
                candle_core::bail!("a convolution was not made to pass these gradients")
            }
        };
        let batch = gradient.dim(0)?;
        let values = pixels(gradient)?;
        let through = passing.through.map(pixels).transpose()?;
        let plus = passing.plus.map(pixels).transpose()?;
        let through = through.as_ref().map(elements).transpose()?;
        let plus = plus.as_ref().map(elements).transpose()?;
        let through = Through {
            passes: through.as_deref(),
            plus: plus.as_deref(),
        };
        let stop = || interrupt.is_asked();
        let out = back.run(&elements(&values)?, (batch, height, width), through, &stop)?;
        let size = (batch, height, width, packed.shape().inputs);
        in_order_of(gradient, &tensor_of(out, size)?)
    }

    /// `[batch, inputs, height, width]` to `[batch, outputs, out_height, out_width]`.
    pub fn forward(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.forward_then(xs, Then::default(), interrupt)
    }

    /// [`Self::forward`], and more in the same pass.
    pub fn forward_then(
        &self,
        xs: &Tensor,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        match &self.weights {
            Weights::Packed(packed, _) if on_our_kernels(xs) => {
                self.run(packed, &Input::plain(xs), then, interrupt)
            }
            Weights::Packed(packed, Some(back)) => {
                let ys = trained::frozen(xs, packed, back)?;
                then.apply_candle(self.with_bias(ys)?)
            }
            Weights::Packed(..) => {
                candle_core::bail!("a convolution was not made to pass gradients")
            }
            Weights::Plain(weight) => {
                interrupt.check()?;
                then.apply_candle(self.forward_plain(xs, weight)?)
            }
        }
    }

    /// [`Self::forward_then`] of a picture that is normed first.
    pub fn forward_normed(
        &self,
        norm: &GroupNorm,
        xs: &Tensor,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let input = Input {
            made: Made::Normed(norm),
            ..Input::plain(xs)
        };
        let made = || norm.forward(xs);
        self.run_or_make(&input, made, then, interrupt)
    }

    /// [`Self::forward`] of `max(xs, 0)`.
    pub fn forward_positive(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        let input = Input {
            made: Made::Positive,
            ..Input::plain(xs)
        };
        self.run_or_make(&input, || xs.relu(), Then::default(), interrupt)
    }

    /// [`Self::forward`] of a picture of twice the size, each pixel of which is four.
    pub fn forward_doubled(&self, xs: &Tensor, interrupt: &Interrupt) -> Result<Tensor> {
        self.forward_doubled_then(xs, Then::default(), interrupt)
    }

    /// [`Self::forward_doubled`], and more in the same pass.
    pub fn forward_doubled_then(
        &self,
        xs: &Tensor,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let input = Input {
            seen: Seen::Repeated(2),
            ..Input::plain(xs)
        };
        let made = || {
            let (_, _, height, width) = xs.dims4()?;
            upsample_nearest(xs, (2 * height, 2 * width))
        };
        self.run_or_make(&input, made, then, interrupt)
    }

    /// An input that our kernels make something of as they read it; elsewhere `made` does first.
    fn run_or_make(
        &self,
        input: &Input<'_>,
        made: impl FnOnce() -> Result<Tensor>,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        match &self.weights {
            Weights::Packed(packed, _) if on_our_kernels(input.xs) => {
                self.run(packed, input, then, interrupt)
            }
            _ => self.forward_then(&made()?, then, interrupt),
        }
    }

    fn run(
        &self,
        packed: &PackedConv,
        input: &Input<'_>,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        interrupt.check()?;
        if let Some(shifts) = then.shift.filter(|shift| shift.dims()[0] > 1) {
            return self.run_each(packed, input, (then, shifts), interrupt);
        }
        let shape = packed.shape();
        let (batch, inputs, height, width) = input.xs.dims4()?;
        if inputs != shape.inputs {
            let expected = shape.inputs;
            candle_core::bail!("a convolution of {expected} channels was given {inputs}")
        }
        let values = pixels(input.xs)?;
        let moments = match input.made {
            Made::Normed(norm) => Some(norm.moments(&values)?),
            Made::Nothing | Made::Positive => None,
        };
        let values = elements(&values)?;
        let images = Images {
            values: Pixels::Whole(&values),
            batch,
            height,
            width,
            seen: input.seen,
            before: match input.made {
                Made::Positive => Before::Positive,
                _ => moments.as_ref().map_or(Before::Nothing, Moments::before),
            },
        };
        let Some((out_height, out_width)) = shape.out_size(images.seen()) else {
            let (kernel_height, kernel_width) = shape.kernel;
            candle_core::bail!(
                "a {kernel_height}x{kernel_width} kernel does not fit {width}x{height} pixels"
            )
        };
        let size = (batch, out_height, out_width, shape.outputs);
        let stop = || interrupt.is_asked();
        let then = then.prepared(self.bias.as_ref(), pixels)?;
        let out = then.with(|finish| Ok(packed.run(&images, finish, &stop)?))?;
        in_order_of(input.xs, &tensor_of(out, size)?)
    }

    /// [`Self::run`] picture by picture, since each is shifted by a row of its own.
    fn run_each(
        &self,
        packed: &PackedConv,
        input: &Input<'_>,
        (then, shifts): (Then<'_>, &Tensor),
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let batch = input.xs.dim(0)?;
        if shifts.dim(0)? != batch {
            let rows = shifts.dim(0)?;
            candle_core::bail!("{rows} shifts were given for {batch} pictures")
        }
        let made = (0..batch).map(|picture| {
            let xs = input.xs.narrow(0, picture, 1)?;
            let shift = shifts.narrow(0, picture, 1)?;
            let residual = then.residual.map(|all| all.narrow(0, picture, 1));
            let residual = residual.transpose()?;
            let input = Input { xs: &xs, ..*input };
            let then = Then {
                shift: Some(&shift),
                residual: residual.as_ref(),
                ..then
            };
            pixels(&self.run(packed, &input, then, interrupt)?)
        });
        let made = made.collect::<Result<Vec<_>>>()?;
        in_order_of(input.xs, &Tensor::cat(&made, 0)?)
    }

    /// Adds what it makes of all channels that are there to wide pictures.
    pub(super) fn append(
        &self,
        pictures: &mut WidePictures,
        then: Then<'_>,
        interrupt: &Interrupt,
    ) -> Result<()> {
        interrupt.check()?;
        let Weights::Packed(packed, _) = &self.weights else {
            candle_core::bail!("a convolution without packed weights cannot add channels in place")
        };
        if !pictures.takes(packed) {
            let (shape, filled) = (packed.shape(), pictures.filled());
            candle_core::bail!(
                "a convolution of {} channels to {} does not fit behind {filled}",
                shape.inputs,
                shape.outputs
            )
        }
        let stop = || interrupt.is_asked();
        let then = then.prepared(self.bias.as_ref(), pixels)?;
        then.with(|finish| Ok(pictures.append(packed, finish, &stop)?))
    }

    /// With a weight as it is in files.
    fn forward_plain(&self, xs: &Tensor, weight: &Tensor) -> Result<Tensor> {
        if trained::is_ours(xs) && trained::is_ours(weight) {
            let shape = conv_shape(weight, self.options)?;
            return trained::conv(
                xs,
                weight,
                self.bias.as_ref(),
                (shape, way(Level::best(), &shape, Stored::Whole)),
            );
        }
        self.forward_candle(xs, weight)
    }

    fn forward_candle(&self, xs: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let Padding {
            top,
            left,
            bottom,
            right,
        } = self.options.padding;
        let even = top == left && top == bottom && top == right;
        let (xs, padding) = if even {
            (xs.clone(), top)
        } else {
            let padded = xs
                .pad_with_zeros(2, top, bottom)?
                .pad_with_zeros(3, left, right)?;
            (padded, 0)
        };
        self.with_bias(xs.conv2d(weight, padding, self.options.stride, 1, 1)?)
    }

    fn with_bias(&self, ys: Tensor) -> Result<Tensor> {
        match &self.bias {
            Some(bias) => ys.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?),
            None => Ok(ys),
        }
    }
}

/// Every pixel's channels times a weight `[outputs, inputs]`, and `plus`, which has the result's
/// shape: a product that is computed once, by a weight that is new each time.
pub fn mix_channels(
    xs: &Tensor,
    weight: &Tensor,
    plus: Option<&Tensor>,
    products: Products,
    interrupt: &Interrupt,
) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let weight = weight.reshape((outputs, inputs, 1, 1))?;
    let keep = (Keep::AsStored, products.level());
    let conv = Conv2d::kept(&weight, None, ConvOptions::one(), keep)?;
    let then = Then {
        residual: plus,
        ..Then::default()
    };
    conv.forward_then(xs, then, interrupt)
}

/// [`Conv2d::pass_back`] as candle does it, and so what gradients reach of the padding is left out.
fn pass_back_candle(
    weight: &Tensor,
    options: ConvOptions,
    gradient: &Tensor,
    (height, width): (usize, usize),
) -> Result<Tensor> {
    let Padding {
        top,
        left,
        bottom,
        right,
    } = options.padding;
    let gradient = gradient.contiguous()?;
    let reached = gradient.conv_transpose2d(weight, 0, 0, options.stride, 1)?;
    // A stride may leave the last rows and columns unseen.
    let (_, _, rows, columns) = reached.dims4()?;
    reached
        .pad_with_zeros(2, 0, (height + top + bottom).saturating_sub(rows))?
        .pad_with_zeros(3, 0, (width + left + right).saturating_sub(columns))?
        .narrow(2, top, height)?
        .narrow(3, left, width)
}

fn conv_shape(weight: &Tensor, options: ConvOptions) -> Result<ConvShape> {
    let (outputs, inputs, kernel_height, kernel_width) = weight.dims4()?;
    Ok(ConvShape {
        inputs,
        outputs,
        kernel: (kernel_height, kernel_width),
        stride: options.stride,
        dilation: 1,
        padding: options.padding,
    })
}

#[cfg(test)]
mod tests;
