//! Convolutions and linear layers for who asks for gradients: candle's graph holds them, our kernels
//! compute them there and back.

use std::sync::Arc;

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, CustomOp3, DType, Layout, Result, Shape, Tensor, bail,
};

use super::slices::{elements, tensor_of};
use crate::kernels::{
    self, Activate, Before, ConvShape, Finish, Images, Level, PackedBackward, PackedConv, Padding,
    PlaneNorm, Seen, Through, Way, activate, bias_gradient, weight_gradient,
};

/// `[batch, inputs, height, width]` to `[batch, outputs, out_height, out_width]`, both plane by
/// plane, by a weight `[outputs, inputs, kernel_height, kernel_width]` that is learnt.
pub(super) fn conv(
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    (shape, way): (ConvShape, Way),
) -> Result<Tensor> {
    learn(Learnt { shape, way }, &xs.contiguous()?, weight, bias)
}

/// `[…, inputs]` to `[…, outputs]` by a weight `[outputs, inputs]` that is learnt.
pub(super) fn linear(xs: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let mut out_shape = xs.dims().to_vec();
    if let Some(last) = out_shape.last_mut() {
        *last = outputs;
    }
    // A picture one pixel wide is the same in every order.
    let rows = xs.elem_count() / inputs;
    let op = Learnt {
        shape: pixel(inputs, outputs),
        way: Way::Direct,
    };
    let weight = weight.reshape((outputs, inputs, 1, 1))?;
    learn(op, &xs.reshape((rows, inputs, 1, 1))?, &weight, bias)?.reshape(out_shape)
}

const fn pixel(inputs: usize, outputs: usize) -> ConvShape {
    ConvShape {
        inputs,
        outputs,
        kernel: (1, 1),
        stride: 1,
        dilation: 1,
        padding: Padding::same(0),
    }
}

fn learn(op: Learnt, xs: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let weight = weight.contiguous()?;
    match bias {
        Some(bias) => xs.apply_op3(&weight, &bias.contiguous()?, op),
        None => xs.apply_op2(&weight, op),
    }
}

/// What a frozen convolution makes of a picture, plane by plane, in a graph that passes gradients to
/// the picture.
pub(super) fn frozen(
    xs: &Tensor,
    forward: &Arc<PackedConv>,
    backward: &Arc<PackedBackward>,
) -> Result<Tensor> {
    let op = Frozen {
        forward: Arc::clone(forward),
        backward: Arc::clone(backward),
    };
    xs.contiguous()?.apply_op1(op)
}

/// Values of a contiguous f32 tensor.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("gradients are computed of contiguous f32 tensors on the CPU alone"),
    }
}

/// Pictures from one order to the other; where one of both sides is 1 they are the same.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    if rows == 1 || columns == 1 {
        return values.to_vec();
    }
    let mut out = vec![0.0; values.len()];
    kernels::transpose((rows, columns), values, &mut out);
    out
}

/// Pictures pixel by pixel, with their sizes.
struct PixelPictures {
    values: Vec<f32>,
    batch: usize,
    height: usize,
    width: usize,
}

impl PixelPictures {
    /// Of pictures plane by plane.
    fn of(values: &[f32], (batch, channels, height, width): (usize, usize, usize, usize)) -> Self {
        Self {
            values: turned(values, channels, height * width),
            batch,
            height,
            width,
        }
    }

    fn images(&self) -> Images<'_> {
        Images {
            values: self.values.as_slice().into(),
            batch: self.batch,
            height: self.height,
            width: self.width,
            seen: Seen::Once,
            before: Before::Nothing,
        }
    }
}

/// What a convolution makes of pictures plane by plane.
fn run(
    conv: &PackedConv,
    values: &[f32],
    layout: &Layout,
    bias: Option<&[f32]>,
) -> Result<(CpuStorage, Shape)> {
    let sizes = layout.shape().dims4()?;
    let shape = conv.shape();
    if sizes.1 != shape.inputs {
        bail!(
            "a convolution of {} channels was given {}",
            shape.inputs,
            sizes.1
        )
    }
    let Some((height, width)) = shape.out_size((sizes.2, sizes.3)) else {
        bail!(
            "a {:?} kernel does not fit {}x{} pixels",
            shape.kernel,
            sizes.3,
            sizes.2
        )
    };
    let pictures = PixelPictures::of(values, sizes);
    let finish = Finish {
        bias,
        ..Finish::default()
    };
    let out = conv.run(&pictures.images(), finish, &|| false)?;
    let out = turned(&out, height * width, shape.outputs);
    let shape = Shape::from((sizes.0, shape.outputs, height, width));
    Ok((CpuStorage::F32(out), shape))
}

/// A gradient pixel by pixel.
fn gradient_pixels(gradient: &Tensor) -> Result<PixelPictures> {
    let gradient = gradient.contiguous()?;
    Ok(PixelPictures::of(&elements(&gradient)?, gradient.dims4()?))
}

/// The gradient of an input `[batch, inputs, height, width]`.
fn back(backward: &PackedBackward, xs: &Tensor, gradient: &PixelPictures) -> Result<Tensor> {
    let (batch, inputs, height, width) = xs.dims4()?;
    let size = (batch, height, width);
    let out = backward.run(&gradient.values, size, Through::default(), &|| false)?;
    let out = turned(&out, height * width, inputs);
    tensor_of(out, (batch, inputs, height, width))
}

struct Frozen {
    forward: Arc<PackedConv>,
    backward: Arc<PackedBackward>,
}

impl CustomOp1 for Frozen {
    fn name(&self) -> &'static str {
        "frozen convolution"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        run(&self.forward, values(storage, layout)?, layout, None)
    }

    fn bwd(&self, xs: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient_pixels(gradient)?;
        back(&self.backward, xs, &gradient).map(Some)
    }
}

/// A convolution whose weight changes from step to step.
struct Learnt {
    shape: ConvShape,
    way: Way,
}

impl Learnt {
    fn forward(
        &self,
        (xs, xs_layout): (&CpuStorage, &Layout),
        (weight, weight_layout): (&CpuStorage, &Layout),
        bias: Option<&[f32]>,
    ) -> Result<(CpuStorage, Shape)> {
        let weight = values(weight, weight_layout)?;
        let conv = PackedConv::new(Level::best(), self.shape, weight, self.way);
        run(&conv, values(xs, xs_layout)?, xs_layout, bias)
    }

    /// Gradients of input, weight and bias.
    fn backward(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Tensor, Tensor)> {
        let gradient = gradient_pixels(gradient)?;
        let level = Level::best();
        // The picture is the one thing that often has no use for its gradient.
        let of_input = if xs.track_op() {
            let weight = elements(weight)?;
            let backward = PackedBackward::new(level, self.shape, &weight, self.way);
            Some(back(&backward, xs, &gradient)?)
        } else {
            None
        };
        let pictures = PixelPictures::of(&elements(xs)?, xs.dims4()?);
        let of_weight = weight_gradient(
            level,
            &self.shape,
            &pictures.images(),
            &gradient.values,
            &|| false,
        )?;
        let of_bias = bias_gradient(self.shape.outputs, &gradient.values);
        Ok((
            of_input,
            tensor_of(of_weight, weight.shape())?,
            tensor_of(of_bias, self.shape.outputs)?,
        ))
    }
}

impl CustomOp2 for Learnt {
    fn name(&self) -> &'static str {
        "convolution without bias"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.forward((xs, xs_layout), (weight, weight_layout), None)
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (of_input, of_weight, _) = self.backward(xs, weight, gradient)?;
        Ok((of_input, Some(of_weight)))
    }
}

impl CustomOp3 for Learnt {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let bias = values(bias, bias_layout)?;
        self.forward((xs, xs_layout), (weight, weight_layout), Some(bias))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (of_input, of_weight, of_bias) = self.backward(xs, weight, gradient)?;
        Ok((of_input, Some(of_weight), Some(of_bias)))
    }
}

/// A map of each plane alone, there and back: of sizes, `(height, width)`, and of the values of all
/// planes.
pub(super) struct PlaneMap {
    pub(super) name: &'static str,
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
    pub(super) there: fn(&Self, &[f32], &mut [f32]),
    /// Adds to the gradient of what it was given.
    pub(super) back: fn(&Self, &[f32], &mut [f32]),
}

impl PlaneMap {
    /// `[batch, channels, from.0, from.1]` to `[batch, channels, to.0, to.1]`, plane by plane, in
    /// candle's graph.
    pub(super) fn apply(self, xs: &Tensor) -> Result<Tensor> {
        xs.contiguous()?.apply_op1(self)
    }
}

impl CustomOp1 for PlaneMap {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, channels, _, _) = layout.shape().dims4()?;
        let shape = Shape::from((batch, channels, self.to.0, self.to.1));
        let mut out = vec![0.0; shape.elem_count()];
        (self.there)(self, values(storage, layout)?, &mut out);
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(&self, xs: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let mut out = vec![0.0; xs.elem_count()];
        let gradient = gradient.contiguous()?;
        (self.back)(self, &elements(&gradient)?, &mut out);
        tensor_of(out, xs.shape()).map(Some)
    }
}

/// `[batch, channels, height, width]`, each plane normed, then by weight and bias `[channels]`, all of
/// which may be learnt.
pub(super) fn norm_planes(xs: &Tensor, weight: &Tensor, bias: &Tensor, eps: f32) -> Result<Tensor> {
    let (_, channels, height, width) = xs.dims4()?;
    let op = NormedPlanes(PlaneNorm {
        channels,
        pixels: height * width,
        eps,
    });
    xs.contiguous()?
        .apply_op3(&weight.contiguous()?, &bias.contiguous()?, op)
}

struct NormedPlanes(PlaneNorm);

impl CustomOp3 for NormedPlanes {
    fn name(&self) -> &'static str {
        "normed planes"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let affine = (values(weight, weight_layout)?, values(bias, bias_layout)?);
        let mut out = vec![0.0; xs_layout.shape().elem_count()];
        self.0.forward(values(xs, xs_layout)?, affine, &mut out);
        Ok((CpuStorage::F32(out), xs_layout.shape().clone()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let mut out = vec![0.0; xs.elem_count()];
        let (of_weight, of_bias) = self.0.backward(
            &elements(xs)?,
            &elements(weight)?,
            &elements(&gradient)?,
            &mut out,
        );
        Ok((
            Some(tensor_of(out, xs.shape())?),
            Some(tensor_of(of_weight, self.0.channels)?),
            Some(tensor_of(of_bias, self.0.channels)?),
        ))
    }
}

/// `max(x, 0)` in candle's graph.
pub(super) fn relu(xs: &Tensor) -> Result<Tensor> {
    xs.contiguous()?.apply_op1(Relu)
}

struct Relu;

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = values(storage, layout)?.to_vec();
        activate(Level::best(), Activate::Relu { below: 0.0 }, &mut out);
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, made: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let out = kernels::relu_gradient(&elements(made)?, &elements(&gradient)?);
        tensor_of(out, made.shape()).map(Some)
    }
}

/// Whether candle's graph can hold our kernels for this tensor.
pub(super) fn is_ours(tensor: &Tensor) -> bool {
    tensor.device().is_cpu() && tensor.dtype() == DType::F32
}

#[cfg(test)]
mod tests {
    use crate::nn::{Passing, Products};
    use candle_core::{Device, Var};
    use candle_nn::{VarBuilder, VarMap};

    use super::*;
    use crate::nn::near::{WINOGRAD, assert_near, random};
    use crate::nn::{Conv2d, ConvOptions, Interrupt, Linear};

    /// Gradients of `sum(made * factor)`.
    fn gradients(made: &Tensor, factor: &Tensor, of: &[&Tensor]) -> Vec<Tensor> {
        let grads = (made * factor).unwrap().sum_all().unwrap().backward();
        let grads = grads.unwrap();
        of.iter().map(|x| grads.get(x).unwrap().clone()).collect()
    }

    #[test]
    fn a_learnt_convolution_has_candles_gradients() {
        for (batch, inputs, outputs, size, kernel, stride) in [
            (1, 1, 1, (1, 1), 1, 1),
            (2, 3, 20, (7, 9), 3, 1),
            (1, 18, 17, (12, 5), 3, 1),
            // candle computes gradients of strided ones in squares alone.
            (2, 4, 5, (9, 9), 3, 2),
            (1, 2, 3, (8, 8), 5, 1),
        ] {
            let variables = VarMap::new();
            let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
            let options = ConvOptions {
                kernel,
                stride,
                padding: Padding::same(kernel / 2),
            };
            let layer = Conv2d::new(inputs, outputs, options, &vb).unwrap();
            let (weight, bias) = {
                let all = variables.data().lock().unwrap();
                (all["weight"].clone(), all["bias"].clone())
            };
            let xs = Var::from_tensor(&random(&[batch, inputs, size.0, size.1])).unwrap();
            let ours = layer.forward(&xs, &Interrupt::never()).unwrap();
            let plain = xs.conv2d(&weight, kernel / 2, stride, 1, 1).unwrap();
            let plain = plain.broadcast_add(&bias.reshape((1, outputs, 1, 1)).unwrap());
            let plain = plain.unwrap();
            assert_near(&ours, &plain, WINOGRAD);
            let factor = random(plain.dims());
            let of = [xs.as_tensor(), weight.as_tensor(), bias.as_tensor()];
            let pairs = gradients(&ours, &factor, &of);
            for (ours, plain) in pairs.iter().zip(gradients(&plain, &factor, &of)) {
                assert_near(ours, &plain, WINOGRAD);
            }
        }
    }

    #[test]
    fn a_learnt_linear_layer_has_candles_gradients() {
        for (rows, inputs, outputs) in [(1, 1, 1), (7, 5, 40), (130, 33, 3)] {
            let variables = VarMap::new();
            let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
            let layer = Linear::new(inputs, outputs, &vb).unwrap();
            let (weight, bias) = {
                let all = variables.data().lock().unwrap();
                (all["weight"].clone(), all["bias"].clone())
            };
            let xs = Var::from_tensor(&random(&[2, rows, inputs])).unwrap();
            let ours = layer.forward(&xs, &Interrupt::never()).unwrap();
            let flat = xs.reshape((2 * rows, inputs)).unwrap();
            let plain = flat.matmul(&weight.t().unwrap()).unwrap();
            let plain = plain.broadcast_add(&bias).unwrap();
            let plain = plain.reshape((2, rows, outputs)).unwrap();
            assert_near(&ours, &plain, WINOGRAD);
            let factor = random(plain.dims());
            let of = [xs.as_tensor(), weight.as_tensor(), bias.as_tensor()];
            let pairs = gradients(&ours, &factor, &of);
            for (ours, plain) in pairs.iter().zip(gradients(&plain, &factor, &of)) {
                assert_near(ours, &plain, WINOGRAD);
            }
        }
    }

    #[test]
    fn a_frozen_convolution_passes_gradients_where_it_was_made_to() {
        for stride in [1, 2] {
            let (weight, bias) = (random(&[20, 17, 3, 3]), random(&[20]));
            let options = ConvOptions {
                stride,
                ..ConvOptions::three()
            };
            let layer = Conv2d::of(&weight, Some(bias.clone()), options).unwrap();
            let xs = Var::from_tensor(&random(&[2, 17, 9, 9])).unwrap();
            assert!(layer.forward(&xs, &Interrupt::never()).is_err());

            let layer =
                Conv2d::passing_gradients(&weight, Some(bias.clone()), options, Products::Fast)
                    .unwrap();
            let ours = layer.forward(&xs, &Interrupt::never()).unwrap();
            let plain = xs.conv2d(&weight, 1, stride, 1, 1).unwrap();
            let plain = plain.broadcast_add(&bias.reshape((1, 20, 1, 1)).unwrap());
            let plain = plain.unwrap();
            assert_near(&ours, &plain, WINOGRAD);
            let factor = random(plain.dims());
            let of = [xs.as_tensor()];
            let wanted = gradients(&plain, &factor, &of);
            assert_near(&gradients(&ours, &factor, &of)[0], &wanted[0], WINOGRAD);
            // The same without a graph.
            let passing = Passing::default();
            let passed = layer.pass_back(&factor, (9, 9), passing, &Interrupt::never());
            assert_near(&passed.unwrap(), &wanted[0], WINOGRAD);
        }
    }
}
