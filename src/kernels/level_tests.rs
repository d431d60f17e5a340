//! At every level of vector instructions this machine has, products are those of the definition.

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
    repeat: usize,
}

fn conv_by_definition(picture: &Picture, input: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f64> {
    let Picture {
        shape,
        batch,
        size: (height, width),
        repeat,
    } = *picture;
    let (seen_height, seen_width) = (height * repeat, width * repeat);
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
                    let pixel = (image * height + y / repeat) * width + x / repeat;
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

fn check_conv(picture: &Picture) {
    let Picture {
        shape,
        batch,
        size: (height, width),
        repeat,
    } = *picture;
    let input = values(batch * height * width * shape.inputs, 1);
    let weight = values(shape.outputs * shape.inputs * shape.taps(), 2);
    let bias = values(shape.outputs, 3);
    let truth = conv_by_definition(picture, &input, &weight, &bias);
    let images = Images {
        values: &input,
        batch,
        height,
        width,
        repeat,
    };
    let winograd = shape.kernel == (3, 3) && shape.stride == 1 && shape.dilation == 1;
    let ways = [(Way::Direct, 1e-4), (Way::Winograd, 2e-4)];
    for (way, tolerance) in ways.into_iter().take(if winograd { 2 } else { 1 }) {
        for level in Level::all() {
            let conv = PackedConv::new(level, shape, &weight, way);
            let finish = Finish {
                bias: Some(&bias),
                ..Finish::default()
            };
            let mut out = vec![f32::NAN; truth.len()];
            conv.run(&images, finish, &mut out, &|| false).unwrap();
            let what = format!("{} {way:?} {shape:?} {height}x{width}", level.name());
            assert_near(&out, &truth, tolerance, &what);
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
                for repeat in [1, 2] {
                    check_conv(&Picture {
                        shape,
                        batch: 2,
                        size,
                        repeat,
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
    ] {
        check_conv(&Picture {
            shape: three(channels.0, channels.1),
            batch: 1,
            size,
            repeat: 1,
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
            let mut out = vec![f32::NAN; truth.len()];
            let finish = Finish::default();
            linear.run(&input, finish, &mut out, &|| false).unwrap();
            assert_near(&out, &truth, 1e-4, level.name());
        }
    }
}

#[test]
fn attention_over_tiles_of_keys() {
    for (queries, keys, heads, head_dim, causal) in [
        (1, 1, 1, 1, false),
        (50, 600, 2, 40, false),
        (300, 300, 1, 24, true),
        (77, 77, 3, 9, true),
    ] {
        let shape = HeadShape {
            batch: 2,
            heads,
            head_dim,
        };
        let width = shape.width();
        let (q, k, v) = (
            values(2 * queries * width, 6),
            values(2 * keys * width, 7),
            values(2 * keys * width, 8),
        );
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
            let mut out = vec![f32::NAN; truth.len()];
            let [q, k, v] = [&q, &k, &v].map(|values| Tokens::whole(values, width));
            PackedKeys::new(level, shape, k, v)
                .ask(q, causal, None, &mut out, &|| false)
                .unwrap();
            assert_near(&out, &truth, 1e-4, level.name());
        }
    }
}

#[test]
fn every_number_of_threads_computes_the_same_bits() {
    let shape = three(32, 48);
    let (input, weight) = (values(90 * 70 * 32, 9), values(48 * 32 * 9, 10));
    let images = Images {
        values: &input,
        batch: 1,
        height: 90,
        width: 70,
        repeat: 1,
    };
    for way in [Way::Direct, Way::Winograd] {
        let conv = PackedConv::new(Level::best(), shape, &weight, way);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let mut out = vec![0.0; 90 * 70 * 48];
            pool.build().unwrap().install(|| {
                conv.run(&images, Finish::default(), &mut out, &|| false)
                    .unwrap();
            });
            out
        };
        let one = with(1);
        assert!(
            [2, 3, 7].into_iter().all(|threads| with(threads) == one),
            "{way:?}"
        );
    }
}

#[test]
fn a_stop_ends_a_product() {
    let shape = three(16, 16);
    let (input, weight) = (values(8 * 8 * 16, 11), values(16 * 16 * 9, 12));
    let images = Images {
        values: &input,
        batch: 1,
        height: 8,
        width: 8,
        repeat: 1,
    };
    for way in [Way::Direct, Way::Winograd] {
        let conv = PackedConv::new(Level::best(), shape, &weight, way);
        let mut out = vec![0.0; 8 * 8 * 16];
        let stopped = conv.run(&images, Finish::default(), &mut out, &|| true);
        assert_eq!(stopped, Err(Stopped));
    }
}
