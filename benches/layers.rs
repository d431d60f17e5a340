//! The layers people wait for, beside candle's own: `cargo bench`.

use std::hint::black_box;

use afterimage::nn::{Conv2d, ConvOptions, GroupNorm, Heads, Interrupt, attention};
use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Module as _, VarBuilder, VarMap};
use criterion::{Criterion, criterion_group, criterion_main};

fn random(shape: &[usize]) -> Tensor {
    Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap_or_else(|error| panic!("{error}"))
}

/// Times one way of computing a layer.
fn time(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    name: &str,
    work: impl Fn() -> Result<Tensor>,
) {
    group.bench_function(name, |bencher| {
        bencher.iter(|| black_box(work().unwrap_or_else(|error| panic!("{error}"))));
    });
}

fn convolution(criterion: &mut Criterion) {
    for (channels, side) in [(64, 32), (320, 64), (640, 32), (1280, 8)] {
        let mut group = criterion.benchmark_group(format!("3x3 convolution {channels} at {side}"));
        group.sample_size(10);
        let variables = VarMap::new();
        let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let layer = Conv2d::new(channels, channels, ConvOptions::three(), &vb);
        let Ok(layer) = layer else { return };
        let weight = random(&[channels, channels, 3, 3]);
        let input = random(&[1, channels, side, side]);
        time(&mut group, "ours", || {
            layer.forward(&input, &Interrupt::never())
        });
        time(&mut group, "candle", || input.conv2d(&weight, 1, 1, 1, 1));
    }
}

fn self_attention(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("attention, 8 heads of 40, 1024 pixels");
    group.sample_size(10);
    let rows = random(&[1, 1024, 320]);
    let heads = Heads {
        count: 8,
        causal: false,
    };
    time(&mut group, "ours", || {
        attention((&rows, &rows, &rows), heads, &Interrupt::never())
    });
    time(&mut group, "candle", || {
        let split = rows
            .reshape((1, 1024, 8, 40))?
            .transpose(1, 2)?
            .contiguous()?;
        let scores = (split.matmul(&split.t()?)? / 40f64.sqrt())?;
        candle_nn::ops::softmax_last_dim(&scores)?.matmul(&split)
    });
}

fn group_norm(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("group norm and silu, 320 at 64");
    group.sample_size(10);
    let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
    let Ok(layer) = GroupNorm::new(32, 320, 1e-5, &vb).map(GroupNorm::then_silu) else {
        return;
    };
    let input = random(&[1, 320, 64, 64]);
    let Ok(theirs) = candle_nn::group_norm(32, 320, 1e-5, vb) else {
        return;
    };
    time(&mut group, "ours", || layer.forward(&input));
    time(&mut group, "candle", || theirs.forward(&input)?.silu());
}

criterion_group!(layers, convolution, self_attention, group_norm);
criterion_main!(layers);
