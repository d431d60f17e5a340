use super::*;
use crate::nn::near::{DIRECT, WINOGRAD, assert_near, random};
use crate::nn::{Activation, channels_last, kept_bytes};
use candle_core::Device;

/// Ours and candle's, of the same weights.
fn both(inputs: usize, outputs: usize, options: ConvOptions, bias: bool) -> [Conv2d; 2] {
    let kernel = options.kernel;
    let weight = random((outputs, inputs, kernel, kernel));
    let bias = bias.then(|| random(outputs));
    [
        Conv2d::of(&weight, bias.clone(), options).unwrap(),
        Conv2d {
            weights: Weights::Plain(weight),
            bias,
            options,
        },
    ]
}

fn never(conv: &Conv2d, xs: &Tensor) -> Tensor {
    match &conv.weights {
        Weights::Plain(weight) => conv.forward_candle(xs, weight).unwrap(),
        Weights::Packed(..) => conv.forward(xs, &Interrupt::never()).unwrap(),
    }
}

#[test]
fn our_convolution_is_candles_on_odd_shapes_strides_and_paddings() {
    let down = Padding {
        top: 0,
        left: 0,
        bottom: 1,
        right: 1,
    };
    let options = [
        ConvOptions::one(),
        ConvOptions::three(),
        ConvOptions::same(5),
        ConvOptions {
            stride: 2,
            ..ConvOptions::three()
        },
        ConvOptions {
            kernel: 3,
            stride: 2,
            padding: down,
        },
    ];
    let shapes = [
        (1, 1, 1, 2, 2),
        (2, 3, 5, 7, 11),
        (1, 16, 8, 33, 17),
        (3, 9, 4, 5, 64),
        (2, 19, 37, 6, 9),
    ];
    for options in options {
        for (batch, inputs, outputs, height, width) in shapes {
            let [ours, plain] = both(inputs, outputs, options, height % 2 == 1);
            let xs = random((batch, inputs, height, width));
            let wanted = never(&plain, &xs);
            assert_near(&never(&ours, &xs), &wanted, DIRECT);
            let turned = channels_last(&xs).unwrap();
            assert_near(&never(&ours, &turned), &wanted, DIRECT);
        }
    }
}

#[test]
fn candles_way_back_is_ours() {
    for (stride, (height, width)) in [(1, (9, 7)), (2, (9, 9)), (2, (8, 5)), (3, (7, 11))] {
        let options = ConvOptions {
            stride,
            ..ConvOptions::three()
        };
        let weight = random((20, 17, 3, 3));
        let ours = Conv2d::passing_gradients(&weight, None, options, Products::Fast).unwrap();
        let xs = random((2, 17, height, width));
        let gradient = random(never(&ours, &xs).shape());
        let size = (height, width);
        let theirs = pass_back_candle(&weight, options, &gradient, size).unwrap();
        let (made, more) = (random(theirs.dims()), random(theirs.dims()));
        let onto = Passing {
            through: Some(&made),
            plus: Some(&more),
        };
        for passing in [Passing::default(), onto] {
            let theirs = passing.apply_candle(theirs.clone()).unwrap();
            for gradient in [gradient.clone(), channels_last(&gradient).unwrap()] {
                let never = Interrupt::never();
                let passed = ours.pass_back(&gradient, size, passing, &never);
                assert_near(&passed.unwrap(), &theirs, WINOGRAD);
            }
        }
    }
}

#[test]
fn what_is_below_0_is_not_seen_of_a_positive_input() {
    for (inputs, outputs) in [(3, 5), (24, 33)] {
        let [ours, plain] = both(inputs, outputs, ConvOptions::three(), true);
        let xs = random((1, inputs, 9, 14));
        let theirs = never(&plain, &xs.relu().unwrap());
        for conv in [&ours, &plain] {
            let made = conv.forward_positive(&channels_last(&xs).unwrap(), &Interrupt::never());
            assert_near(&made.unwrap(), &theirs, WINOGRAD);
        }
    }
}

#[test]
fn channels_are_mixed_pixel_by_pixel() {
    let (xs, weight, plus) = (random((2, 5, 4, 7)), random((3, 5)), random((2, 3, 4, 7)));
    let theirs = xs.conv2d(&weight.reshape((3, 5, 1, 1)).unwrap(), 0, 1, 1, 1);
    let theirs = (theirs.unwrap() + &plus).unwrap();
    for products in [Products::Whole, Products::Fast] {
        let ours = mix_channels(&xs, &weight, Some(&plus), products, &Interrupt::never());
        assert_near(&ours.unwrap(), &theirs, DIRECT);
    }
}

#[test]
fn large_inputs_are_cut_into_tiles_and_still_agree() {
    for (inputs, outputs) in [(40, 3), (24, 33)] {
        let [ours, plain] = both(inputs, outputs, ConvOptions::three(), true);
        let xs = random((1, inputs, 70, 90));
        assert_near(&never(&ours, &xs), &never(&plain, &xs), WINOGRAD);
    }
}

#[test]
fn a_weight_takes_about_what_is_told() {
    for (inputs, outputs) in [(32, 48), (640, 1280), (1280, 1280), (4, 64)] {
        let shape = [outputs, inputs, 3, 3];
        let weight = Tensor::zeros(&shape, candle_core::DType::F32, &Device::Cpu).unwrap();
        let conv = Conv2d::of(&weight, None, ConvOptions::three()).unwrap();
        let Weights::Packed(packed, _) = &conv.weights else {
            panic!()
        };
        // Each matrix begins at a cache line.
        let told = kept_bytes(&shape, candle_core::DType::F32, Keep::AsStored) as usize;
        assert!(packed.bytes().abs_diff(told) <= 36 * 64);
    }
}

#[test]
fn one_pixel_is_a_picture() {
    for channels in [1, 16, 33] {
        let [ours, plain] = both(channels, channels, ConvOptions::three(), true);
        let xs = random((2, channels, 1, 1));
        assert_near(&never(&ours, &xs), &never(&plain, &xs), WINOGRAD);
    }
}

#[test]
fn a_strided_input_is_taken_as_it_reads() {
    let [ours, plain] = both(4, 4, ConvOptions::three(), false);
    let xs = random((1, 6, 5, 4)).transpose(1, 3).unwrap();
    assert_near(
        &never(&ours, &xs),
        &never(&plain, &xs.contiguous().unwrap()),
        DIRECT,
    );
}

#[test]
fn what_follows_in_the_same_pass_is_what_follows_in_its_own() {
    let [ours, plain] = both(17, 20, ConvOptions::three(), true);
    let (xs, shift, residual) = (
        random(&[2, 17, 5, 6]),
        random(&[1, 20]),
        random(&[2, 20, 5, 6]),
    );
    let below = random(&[20]);
    for activate in [
        None,
        Some(Activation::Silu),
        Some(Activation::Gelu),
        Some(Activation::QuickGelu),
        Some(Activation::Relu),
        Some(Activation::LeakyRelu { below: 0.2 }),
    ] {
        let then = Then {
            shift: Some(&shift),
            prelu: activate.is_none().then_some(&below),
            activate,
            residual: Some(&residual),
        };
        let [ours, plain] =
            [&ours, &plain].map(|conv| conv.forward_then(&xs, then, &Interrupt::never()).unwrap());
        assert_near(&ours, &plain, DIRECT);
    }
}

#[test]
fn a_doubled_picture_is_one_whose_pixels_are_four() {
    for channels in [3, 16] {
        let [ours, plain] = both(channels, 16, ConvOptions::three(), true);
        let xs = random((2, channels, 5, 3));
        let then = Then::activate(Activation::LeakyRelu { below: 0.2 });
        let [ours, plain] = [&ours, &plain].map(|conv| {
            conv.forward_doubled_then(&xs, then, &Interrupt::never())
                .unwrap()
        });
        assert_near(&ours, &plain, DIRECT);
    }
}

#[test]
fn an_interrupt_ends_a_convolution() {
    let [conv, _] = both(4, 4, ConvOptions::three(), false);
    let xs = Tensor::zeros((1, 4, 8, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
    assert!(conv.forward(&xs, &Interrupt::when(|| true)).is_err());
}
