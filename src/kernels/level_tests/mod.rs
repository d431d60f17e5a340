//! At every level of vector instructions this machine has, products are those of the definition.

mod fewer_bits;
mod gradients;

use super::*;

/// Values that look random and are the same each time.
fn values(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn assert_near(ours: &[f32], truth: &[f64], tolerance: f64, what: &str) {
    let most = truth
        .iter()
        .fold(1e-30f64, |most, value| most.max(value.abs()));
    for (at, (ours, truth)) in ours.iter().zip(truth).enumerate() {
        let gap = (f64::from(*ours) - truth).abs() / most;
        assert!(gap <= tolerance, "{what}: {ours} is not {truth} at {at}");
    }
}

/// 3×3, size kept.
const fn three(inputs: usize, outputs: usize) -> ConvShape {
    ConvShape {
        inputs,
        outputs,
        kernel: (3, 3),
        stride: 1,
        dilation: 1,
        padding: Padding::same(1),
    }
}

struct Picture {
    shape: ConvShape,
    batch: usize,
    size: (usize, usize),
    seen: Seen,
}

fn conv_by_definition(picture: &Picture, input: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f64> {
    let Picture {
        shape,
        batch,
        size: (height, width),
        seen,
    } = *picture;
    let images = Images {
        values: Pixels::Whole(&[]),
        batch,
        height,
        width,
        seen,
        before: Before::Nothing,
    };
    let (seen_height, seen_width) = images.seen();
    let (out_height, out_width) = shape.out_size((seen_height, seen_width)).unwrap();
    let mut out = Vec::new();
    for image in 0..batch {
        for place in 0..out_height * out_width {
            let (y, x) = (
                place / out_width * shape.stride,
                place % out_width * shape.stride,
            );
            for output in 0..shape.outputs {
                let mut sum = f64::from(bias[output]);
                for tap in 0..shape.kernel.0 * shape.kernel.1 {
                    let (ky, kx) = (tap / shape.kernel.1, tap % shape.kernel.1);
                    let y = (y + ky * shape.dilation).wrapping_sub(shape.padding.top);
                    let x = (x + kx * shape.dilation).wrapping_sub(shape.padding.left);
                    if y >= seen_height || x >= seen_width {
                        continue;
                    }
                    let (y, x) = match seen {
                        Seen::Once => (y, x),
                        Seen::Repeated(times) => (y / times, x / times),
                        Seen::Spread(places) if y % places + x % places > 0 => continue,
                        Seen::Spread(places) => (y / places, x / places),
                    };
                    let pixel = (image * height + y) * width + x;
                    for channel in 0..shape.inputs {
                        let weight = weight[(output * shape.inputs + channel) * shape.taps() + tap];
                        let value = input[pixel * shape.inputs + channel];
                        sum += f64::from(value) * f64::from(weight);
                    }
                }
                out.push(sum);
            }
        }
    }
    out
}

/// What the values of pictures are on their way into a product.
fn prepared(before: &Before<'_>, channels: usize, input: &[f32], picture: usize) -> Vec<f32> {
    let silu = |x: f64| x / (1.0 + (-x).exp());
    let rows = input.chunks_exact(channels).enumerate();
    let change = rows.flat_map(|(row, values)| {
        let count = values.len() as f64;
        let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
        let gaps = values.iter().map(|x| (f64::from(*x) - mean).powi(2));
        let variance = gaps.sum::<f64>() / count;
        let image = row * channels / picture;
        values.iter().enumerate().map(move |(channel, x)| {
            let x = f64::from(*x);
            let changed = match before {
                Before::Nothing => x,
                Before::Positive => x.max(0.0),
                Before::Channels(affine) => {
                    let at = image * channels + channel;
                    let x = x * f64::from(affine.scales[at]) + f64::from(affine.shifts[at]);
                    if affine.silu { silu(x) } else { x }
                }
                Before::Rows(norm) => {
                    let x = (x - mean) / (variance + f64::from(norm.eps)).sqrt();
                    x * f64::from(norm.weight[channel]) + f64::from(norm.bias[channel])
                }
            };
            changed as f32
        })
    });
    change.collect()
}

fn check_conv(picture: &Picture) {
    let Picture {
        shape,
        batch,
        size: (height, width),
        seen,
    } = *picture;
    let input = values(batch * height * width * shape.inputs, 1);
    let weight = values(shape.outputs * shape.inputs * shape.taps(), 2);
    let bias = values(shape.outputs, 3);
    let (scales, shifts) = (
        values(batch * shape.inputs, 13),
        values(batch * shape.inputs, 14),
    );
    let affine = |silu| {
        Before::Channels(Affine {
            scales: &scales,
            shifts: &shifts,
            silu,
        })
    };
    let winograd = shape.kernel == (3, 3) && shape.stride == 1 && shape.dilation == 1;
    let ways = [(Way::Direct, 1e-4), (Way::Winograd, 2e-4)];
    for before in [
        Before::Nothing,
        Before::Positive,
        affine(false),
        affine(true),
    ] {
        let prepared = prepared(&before, shape.inputs, &input, height * width * shape.inputs);
        let truth = conv_by_definition(picture, &prepared, &weight, &bias);
        let images = Images {
            values: input.as_slice().into(),
            batch,
            height,
            width,
            seen,
            before,
        };
        for (way, tolerance) in ways.into_iter().take(if winograd { 2 } else { 1 }) {
            for level in Level::all() {
                let conv = PackedConv::new(level, shape, &weight, way);
                let finish = Finish {
                    bias: Some(&bias),
                    ..Finish::default()
                };
                let out = conv.run(&images, finish, &|| false).unwrap();
                let what = format!("{} {way:?} {shape:?} {height}x{width}", level.name());
                assert_near(&out, &truth, tolerance, &what);
            }
        }
    }
}

#[test]
fn convolutions_of_every_shape() {
    for kernel in [(1, 1), (3, 3), (2, 5), (7, 7)] {
        for (stride, dilation) in [(1, 1), (2, 1), (1, 2), (3, 1)] {
            for (inputs, outputs, size) in [(1, 1, (9, 9)), (3, 17, (8, 13)), (18, 7, (15, 14))] {
                let padding = Padding {
                    top: kernel.0 / 2,
                    left: kernel.1 / 2,
                    bottom: kernel.0 / 2 + 1,
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
                for seen in [Seen::Once, Seen::Repeated(2), Seen::Spread(2)] {
                    check_conv(&Picture {
                        shape,
                        batch: 2,
                        size,
                        seen,
                    });
                }
            }
        }
    }
}

#[test]
fn pictures_of_one_pixel_and_of_many_tiles() {
    for (size, channels) in [
        ((1, 1), (1, 1)),
        ((1, 1), (40, 35)),
        ((2, 61), (33, 5)),
        ((45, 38), (16, 33)),
        // So many channels that they are taken in parts.
        ((16, 16), (700, 40)),
    ] {
        check_conv(&Picture {
            shape: three(channels.0, channels.1),
            batch: 1,
            size,
            seen: Seen::Once,
        });
    }
}

#[test]
fn rows_longer_than_what_stays_in_the_cache() {
    for (rows, inputs, outputs) in [(1, 1, 1), (7, 9000, 19), (101, 33, 70)] {
        let (input, weight) = (values(rows * inputs, 4), values(outputs * inputs, 5));
        let dot = |row: usize, output: usize| {
            let pairs = input[row * inputs..]
                .iter()
                .zip(&weight[output * inputs..][..inputs]);
            pairs
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>()
        };
        let truth: Vec<f64> = (0..rows * outputs)
            .map(|at| dot(at / outputs, at % outputs))
            .collect();
        for level in Level::all() {
            let linear = PackedLinear::new(level, (outputs, inputs), &weight);
            let before = (1, Before::Nothing);
            let out = linear.run(&input, before, Finish::default(), &|| false);
            assert_near(&out.unwrap(), &truth, 1e-4, level.name());
        }
    }
}

#[test]
fn rows_are_normed_gated_and_added_in_the_same_pass() {
    for (rows, inputs, width) in [(1, 1, 1), (7, 2000, 19), (70, 33, 40)] {
        let (input, weight) = (values(rows * inputs, 4), values(2 * width * inputs, 5));
        let (bias, residual) = (values(2 * width, 15), values(rows * 2 * width, 16));
        let (scale, shift) = (values(inputs, 17), values(inputs, 18));
        let norm = Before::Rows(RowNorm {
            weight: &scale,
            bias: &shift,
            eps: 1e-5,
        });
        let seen = prepared(&norm, inputs, &input, input.len());
        let sum = |row: usize, output: usize| {
            let pairs = seen[row * inputs..]
                .iter()
                .zip(&weight[output * inputs..][..inputs]);
            let sum = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b));
            sum.sum::<f64>() + f64::from(bias[output])
        };
        let prelu = values(2 * width, 19);
        let added: Vec<f64> = (0..rows * 2 * width)
            .map(|at| {
                let (row, output) = (at / (2 * width), at % (2 * width));
                let sum = sum(row, output);
                let below = f64::from(prelu[output]) * sum;
                (if sum < 0.0 { below } else { sum }).max(0.0) + f64::from(residual[at])
            })
            .collect();
        // Abramowitz and Stegun 7.1.26, to 1.5e-7.
        let erf = |x: f64| {
            let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
            let p = 0.254_829_592
                + t * (-0.284_496_736
                    + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429)));
            (1.0 - p * t * (-x * x).exp()).copysign(x)
        };
        let gated: Vec<f64> = (0..rows * width)
            .map(|at| {
                let (row, output) = (at / width, at % width);
                let gate = sum(row, width + output);
                sum(row, output) * 0.5 * gate * (1.0 + erf(gate / 2f64.sqrt()))
            })
            .collect();
        for level in Level::all() {
            let linear = PackedLinear::new(level, (2 * width, inputs), &weight);
            let finish = Finish {
                bias: Some(&bias),
                prelu: Some(&prelu),
                residual: Some(&residual),
                activate: Activate::Relu { below: 0.0 },
                ..Finish::default()
            };
            let out = linear.run(&input, (1, norm), finish, &|| false);
            assert_near(&out.unwrap(), &added, 1e-4, level.name());
            let gate = PackedGate::new(level, (width, inputs), &weight, &bias);
            let out = gate.run(&input, norm, &|| false);
            assert_near(&out.unwrap(), &gated, 1e-4, level.name());
        }
    }
}

#[test]
fn attention_over_tiles_of_keys() {
    // Every other query is so many times as long as the rest: scores are near 0 and far from it.
    for (queries, keys, heads, head_dim, causal, longer) in [
        (1, 1, 1, 1, false, 1.0),
        (50, 600, 2, 40, false, 1.0),
        (50, 600, 2, 40, false, 100.0),
        (300, 300, 1, 24, true, 1.0),
        (77, 77, 3, 9, true, 1.0),
        (33, 1100, 2, 8, false, 1.0),
        (33, 1100, 2, 8, false, 100.0),
        (70, 70, 2, 5, true, 1.0),
        (300, 300, 2, 5, true, 100.0),
        (300, 520, 1, 16, false, 1.0),
        (140, 33, 2, 44, false, 1.0),
    ] {
        let shape = HeadShape {
            batch: 2,
            heads,
            head_dim,
        };
        let width = shape.width();
        let (mut q, k, v) = (
            values(2 * queries * width, 6),
            values(2 * keys * width, 7),
            values(2 * keys * width, 8),
        );
        for query in q.chunks_exact_mut(width).skip(1).step_by(2) {
            for value in query {
                *value *= longer;
            }
        }
        let mut truth = vec![0.0; q.len()];
        for (at, truth) in truth.iter_mut().enumerate() {
            let (token, column) = (at / width, at % width);
            let (image, query, head) = (token / queries, token % queries, column / head_dim);
            let seen = if causal { query + 1 } else { keys };
            let scores: Vec<f64> = (0..seen)
                .map(|key| {
                    let q = &q[token * width + head * head_dim..][..head_dim];
                    let k = &k[(image * keys + key) * width + head * head_dim..][..head_dim];
                    let pairs = q.iter().zip(k);
                    pairs
                        .map(|(a, b)| f64::from(*a) * f64::from(*b))
                        .sum::<f64>()
                        / (head_dim as f64).sqrt()
                })
                .collect();
            let all: f64 = scores.iter().map(|score| score.exp()).sum();
            let sum = scores.iter().enumerate().map(|(key, score)| {
                score.exp() / all * f64::from(v[(image * keys + key) * width + column])
            });
            *truth = sum.sum();
        }
        for level in Level::all() {
            let [q, k, v] = [&q, &k, &v].map(|values| Tokens::whole(values, width));
            let out = PackedKeys::new(level, shape, k, v).ask(q, causal, None, &|| false);
            // What a score is rounded by grows with it.
            let tolerance = 1e-4 * f64::from(longer);
            assert_near(&out.unwrap(), &truth, tolerance, level.name());
        }
    }
}

#[test]
fn scores_on_both_sides_of_what_counts_as_near() {
    let (queries, keys, head_dim) = (40, 300, 8);
    let shape = HeadShape {
        batch: 1,
        heads: 1,
        head_dim,
    };
    // Each query times a key is a score `far` from 0, for all keys above or for all below it.
    for far in [50.0, 55.4, 55.5, 120.0, -50.0, -55.4, -55.5, -120.0] {
        let k = vec![1.0; keys * head_dim];
        let q = vec![far / (head_dim as f32).sqrt(); queries * head_dim];
        let v = values(keys * head_dim, 13);
        let mean: Vec<f64> = (0..head_dim)
            .map(|column| {
                let column = v.iter().skip(column).step_by(head_dim);
                column.map(|value| f64::from(*value)).sum::<f64>() / keys as f64
            })
            .collect();
        let truth = mean.repeat(queries);
        for level in Level::all() {
            let [q, k, v] = [&q, &k, &v].map(|values| Tokens::whole(values, head_dim));
            let out = PackedKeys::new(level, shape, k, v).ask(q, false, None, &|| false);
            assert_near(&out.unwrap(), &truth, 1e-4, level.name());
        }
    }
}

#[test]
fn every_number_of_threads_computes_the_same_bits() {
    let shape = three(32, 48);
    let (input, weight) = (values(90 * 70 * 32, 9), values(48 * 32 * 9, 10));
    let images = Images {
        values: input.as_slice().into(),
        batch: 1,
        height: 90,
        width: 70,
        seen: Seen::Once,
        before: Before::Nothing,
    };
    let heads = HeadShape {
        batch: 1,
        heads: 2,
        head_dim: 16,
    };
    let tokens = Tokens::whole(&input, 32);
    for level in Level::all() {
        let convs =
            [Way::Direct, Way::Winograd].map(|way| PackedConv::new(level, shape, &weight, way));
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| {
                let [direct, winograd] = [&convs[0], &convs[1]]
                    .map(|conv| conv.run(&images, Finish::default(), &|| false).unwrap());
                let few = Tokens::whole(&input[..32 * 700], 32);
                let keys = PackedKeys::new(level, heads, few, few);
                let seen = keys.ask(tokens, false, None, &|| false).unwrap();
                [direct, winograd, seen]
            })
        };
        let one = with(1);
        assert!(
            [2, 3, 7].into_iter().all(|threads| with(threads) == one),
            "{}",
            level.name()
        );
    }
}

#[test]
fn a_stop_ends_a_product() {
    let shape = three(16, 16);
    let (input, weight) = (values(8 * 8 * 16, 11), values(16 * 16 * 9, 12));
    let images = Images {
        values: input.as_slice().into(),
        batch: 1,
        height: 8,
        width: 8,
        seen: Seen::Once,
        before: Before::Nothing,
    };
    for level in Level::all() {
        for way in [Way::Direct, Way::Winograd] {
            let conv = PackedConv::new(level, shape, &weight, way);
            let stopped = conv.run(&images, Finish::default(), &|| true);
            assert_eq!(stopped, Err(Stopped));
        }
        let heads = HeadShape {
            batch: 1,
            heads: 1,
            head_dim: 16,
        };
        let tokens = Tokens::whole(&input, 16);
        let keys = PackedKeys::new(level, heads, tokens, tokens);
        let stopped = keys.ask(tokens, false, None, &|| true);
        assert_eq!(stopped, Err(Stopped));
    }
}

#[test]
fn channels_added_where_pictures_lie_are_those_of_copies() {
    for (size, filled, outputs, channels) in [
        ((1, 1, 1), 1, 1, 3),
        ((2, 7, 9), 19, 8, 27),
        ((1, 33, 20), 64, 32, 128),
    ] {
        let shape = three(filled, outputs);
        let pixels = size.0 * size.1 * size.2;
        let input = values(pixels * filled, 51);
        let weight = values(outputs * filled * 9, 52);
        let images = Images {
            values: input.as_slice().into(),
            batch: size.0,
            height: size.1,
            width: size.2,
            seen: Seen::Once,
            before: Before::Nothing,
        };
        let rest = three(filled + outputs, channels - filled - outputs);
        let zeros = vec![0.0; rest.outputs * rest.inputs * 9];
        for level in Level::all() {
            for way in [Way::Direct, Way::Winograd] {
                let conv = PackedConv::new(level, shape, &weight, way);
                let alone = conv.run(&images, Finish::default(), &|| false).unwrap();
                let mut wide = WidePictures::of(&input, size, (filled, channels));
                assert!(wide.takes(&conv));
                wide.append(&conv, Finish::default(), &|| false).unwrap();
                assert!(!wide.takes(&conv), "it sees fewer channels now");
                if rest.outputs > 0 {
                    let last = PackedConv::new(level, rest, &zeros, way);
                    wide.append(&last, Finish::default(), &|| false).unwrap();
                }
                let whole = wide.whole().unwrap();
                let copies = input.chunks_exact(filled).zip(alone.chunks_exact(outputs));
                for (pixel, (seen, made)) in whole.chunks_exact(channels).zip(copies) {
                    let what = format!("{} {way:?}", level.name());
                    assert_eq!(pixel[..filled], *seen, "{what}");
                    assert_eq!(pixel[filled..filled + outputs], *made, "{what}");
                    assert!(
                        pixel[filled + outputs..].iter().all(|x| *x == 0.0),
                        "{what}"
                    );
                }
            }
        }
    }
}
