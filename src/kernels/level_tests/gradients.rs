//! The way back.

use super::*;

/// Both gradients of `sum(convolution * gradient)`, from its definition.
fn gradients_by_definition(
    picture: &Picture,
    input: &[f32],
    weight: &[f32],
    gradient: &[f32],
) -> (Vec<f64>, Vec<f64>) {
    let Picture {
        shape,
        batch,
        size: (height, width),
        ..
    } = *picture;
    let (out_height, out_width) = shape.out_size((height, width)).unwrap();
    let (mut of_input, mut of_weight) = (vec![0.0; input.len()], vec![0.0; weight.len()]);
    for (at, gradient) in gradient.iter().enumerate() {
        let (place, output) = (at / shape.outputs, at % shape.outputs);
        let (image, y, x) = (
            place / (out_height * out_width),
            place / out_width % out_height,
            place % out_width,
        );
        assert!(image < batch);
        for tap in 0..shape.taps() {
            let (ky, kx) = (tap / shape.kernel.1, tap % shape.kernel.1);
            let y = (y * shape.stride + ky * shape.dilation).wrapping_sub(shape.padding.top);
            let x = (x * shape.stride + kx * shape.dilation).wrapping_sub(shape.padding.left);
            if y >= height || x >= width {
                continue;
            }
            for channel in 0..shape.inputs {
                let value = ((image * height + y) * width + x) * shape.inputs + channel;
                let factor = (output * shape.inputs + channel) * shape.taps() + tap;
                let gradient = f64::from(*gradient);
                of_input[value] += gradient * f64::from(weight[factor]);
                of_weight[factor] += gradient * f64::from(input[value]);
            }
        }
    }
    (of_input, of_weight)
}

#[test]
fn gradients_are_those_of_the_definition() {
    for (kernel, stride, dilation) in [
        ((1, 1), 1, 1),
        ((3, 3), 1, 1),
        ((3, 3), 2, 1),
        ((4, 2), 2, 1),
        ((3, 3), 1, 2),
    ] {
        for (inputs, outputs, size, batch) in [
            (1, 1, (1, 1), 1),
            (3, 17, (9, 6), 2),
            (37, 20, (12, 33), 1),
            (4, 5, (40, 40), 2),
        ] {
            let padding = Padding {
                top: kernel.0 / 2,
                left: kernel.1 / 2,
                bottom: kernel.0 / 2,
                right: kernel.1 / 2,
            };
            let shape = ConvShape {
                inputs,
                outputs,
                kernel,
                stride,
                dilation,
                padding,
            };
            let picture = Picture {
                shape,
                batch,
                size,
                seen: Seen::Once,
            };
            let Some((out_height, out_width)) = shape.out_size(size) else {
                continue;
            };
            let input = values(batch * size.0 * size.1 * inputs, 21);
            let weight = values(outputs * inputs * shape.taps(), 22);
            let gradient = values(batch * out_height * out_width * outputs, 23);
            let more = values(input.len(), 24);
            let (of_input, of_weight) =
                gradients_by_definition(&picture, &input, &weight, &gradient);
            let images = Images {
                values: input.as_slice().into(),
                batch,
                height: size.0,
                width: size.1,
                seen: Seen::Once,
                before: Before::Nothing,
            };
            let winograd = kernel == (3, 3) && stride == 1 && dilation == 1;
            let ways = [(Way::Direct, 1e-4), (Way::Winograd, 2e-4)];
            for level in Level::all() {
                let what = format!("{} {shape:?}", level.name());
                for (way, tolerance) in ways.into_iter().take(if winograd { 2 } else { 1 }) {
                    let back = PackedBackward::new(level, shape, &weight, way);
                    let run = |through| {
                        let size = (batch, size.0, size.1);
                        back.run(&gradient, size, through, &|| false).unwrap()
                    };
                    assert_near(&run(Through::default()), &of_input, tolerance, &what);
                    // What had been below 0 before it became the input lets nothing through.
                    let through = Through {
                        passes: Some(&input),
                        plus: Some(&more),
                    };
                    let kept = of_input.iter().zip(&input).zip(&more);
                    let kept: Vec<_> = kept
                        .map(|((own, passes), plus)| {
                            f64::from(*plus) + if *passes > 0.0 { *own } else { 0.0 }
                        })
                        .collect();
                    assert_near(&run(through), &kept, tolerance, &what);
                }
                let ours = weight_gradient(level, &shape, &images, &gradient, &|| false);
                assert_near(&ours.unwrap(), &of_weight, 1e-4, &what);
            }
            let of_bias: Vec<f64> = (0..outputs)
                .map(|output| {
                    let of = gradient.iter().skip(output).step_by(outputs);
                    of.map(|value| f64::from(*value)).sum()
                })
                .collect();
            assert_near(&bias_gradient(outputs, &gradient), &of_bias, 1e-4, "bias");
        }
    }
}
