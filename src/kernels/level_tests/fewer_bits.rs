//! Weights of 16 and of 8 bits.

use super::*;

#[test]
fn weights_that_were_of_sixteen_bits_lose_nothing_when_they_are_kept_so() {
    for (kernel, inputs, outputs) in [((1, 1), 70, 45), ((3, 3), 33, 20), ((3, 3), 700, 40)] {
        let shape = ConvShape {
            inputs,
            outputs,
            kernel,
            stride: 1,
            dilation: 1,
            padding: Padding::same(kernel.0 / 2),
        };
        let input = values(2 * 9 * 7 * inputs, 31);
        let images = Images {
            values: input.as_slice().into(),
            batch: 2,
            height: 9,
            width: 7,
            seen: Seen::Once,
            before: Before::Nothing,
        };
        let weight = values(outputs * inputs * shape.taps(), 32);
        let half = |value: &f32| half::f16::from_f32(*value).to_f32();
        let brain = |value: &f32| half::bf16::from_f32(*value).to_f32();
        let kept: [(Stored, Vec<f32>); 2] = [
            (Stored::Half, weight.iter().map(half).collect()),
            (Stored::Brain, weight.iter().map(brain).collect()),
        ];
        for level in Level::all() {
            for (stored, weight) in &kept {
                let whole = PackedConv::new(level, shape, weight, Way::Direct);
                let kept = whole.clone().stored(*stored);
                assert!(kept.bytes() * 2 <= whole.bytes());
                assert!(
                    PackedConv::bytes_of(level, &shape, Way::Direct, *stored)
                        .abs_diff(kept.bytes())
                        <= 64
                );
                let [whole, kept] = [whole, kept]
                    .map(|conv| conv.run(&images, Finish::default(), &|| false).unwrap());
                assert_eq!(whole, kept, "{} {stored:?}", level.name());
            }
        }
    }
}

/// A layer of eight bits, from its definition: whole sums of rounded weights and rounded rows.
fn eight_bits_by_definition(
    (rows, inputs, outputs): (usize, usize, usize),
    input: &[f32],
    weight: &[f32],
) -> Vec<f64> {
    let rounded = |values: &[f32]| {
        let most = values.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let scale = most / 127.0;
        let times = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let whole = values.iter().map(|x| (x * times).round_ties_even() as i64);
        (scale, whole.collect::<Vec<_>>())
    };
    let weights: Vec<_> = weight.chunks_exact(inputs).map(rounded).collect();
    let mut out = Vec::new();
    for row in input.chunks_exact(inputs) {
        let (of_row, row) = rounded(row);
        for (of_output, weights) in &weights {
            let sum: i64 = row.iter().zip(weights).map(|(a, b)| a * b).sum();
            out.push(sum as f64 * f64::from(of_row * of_output));
        }
    }
    assert_eq!(out.len(), rows * outputs);
    out
}

#[test]
fn eight_bits_are_the_same_whole_sums_at_every_level() {
    for (rows, inputs, outputs) in [(1, 1, 1), (7, 63, 19), (101, 320, 70), (33, 130, 64)] {
        let (input, weight) = (values(rows * inputs, 41), values(outputs * inputs, 42));
        let truth = eight_bits_by_definition((rows, inputs, outputs), &input, &weight);
        let exact = {
            let dot = |at: usize| {
                let (row, output) = (at / outputs, at % outputs);
                let pairs = input[row * inputs..][..inputs]
                    .iter()
                    .zip(&weight[output * inputs..]);
                pairs
                    .map(|(a, b)| f64::from(*a) * f64::from(*b))
                    .sum::<f64>()
            };
            (0..rows * outputs).map(dot).collect::<Vec<_>>()
        };
        let mut first: Option<Vec<f32>> = None;
        for level in Level::all() {
            let layer = PackedLinear::of_eight_bits(level, (outputs, inputs), &weight);
            assert!(layer.bytes() >= outputs * inputs);
            let before = (1, Before::Nothing);
            let out = layer.run(&input, before, Finish::default(), &|| false);
            let out = out.unwrap();
            assert_near(&out, &truth, 1e-6, level.name());
            assert_near(&out, &exact, 0.02, level.name());
            assert_eq!(*first.get_or_insert_with(|| out.clone()), out);
        }
    }
}

#[test]
fn a_gate_of_eight_bits_is_near_the_gate() {
    let (rows, inputs, width) = (50, 200, 45);
    let (input, weight) = (values(rows * inputs, 43), values(2 * width * inputs, 44));
    let bias = values(2 * width, 45);
    for level in Level::all() {
        let sizes = (width, inputs);
        let gates = [
            PackedGate::new(level, sizes, &weight, &bias),
            PackedGate::of_eight_bits(level, sizes, &weight, &bias),
        ];
        let [whole, eight] =
            gates.map(|gate| gate.run(&input, Before::Nothing, &|| false).unwrap());
        let whole: Vec<f64> = whole.into_iter().map(f64::from).collect();
        assert_near(&eight, &whole, 0.03, level.name());
    }
}
