//! Against the numbers of `tests/golden/make_upscale.py`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterimage::models::{
    CompactLayout, RrdbLayout, RrdbNames, SwinIrEnd, SwinIrLayout, Upscaler, UpscalerLayout,
};
use afterimage::nn::Interrupt;
use afterimage::weights::{Weights, write_tensors};
use candle_core::{DType, Device, Tensor};

use crate::golden::{assert_agrees_in_parts, gap, parameters, path, tensors};

/// File, family, scale, channels, and the pixels that are one place inside.
const FILES: [(&str, &str, usize, usize, usize); 23] = [
    ("body_x4.pth", "RRDBNet", 4, 3, 1),
    ("body_x2.pth", "RRDBNet", 2, 3, 2),
    ("body_x1.safetensors", "RRDBNet", 1, 3, 4),
    ("body_wide.pth", "RRDBNet", 4, 3, 1),
    ("trunk_x4.pth", "RRDBNet", 4, 3, 1),
    ("trunk_x2.pth", "RRDBNet", 2, 3, 1),
    ("sequence_x8.pth", "RRDBNet", 8, 3, 1),
    ("sequence_x4.pth", "RRDBNet", 4, 3, 1),
    ("sequence_x2.pth", "RRDBNet", 2, 3, 1),
    ("sequence_x1.safetensors", "RRDBNet", 1, 3, 1),
    ("sequence_x2_squares.pth", "RRDBNet", 2, 3, 2),
    ("sequence_gray.pth", "RRDBNet", 4, 1, 1),
    ("compact_general.pth", "SRVGGNetCompact", 4, 3, 1),
    ("compact_anime.pth", "SRVGGNetCompact", 2, 3, 1),
    ("compact_gray.safetensors", "SRVGGNetCompact", 3, 1, 1),
    ("compact_x1.pth", "SRVGGNetCompact", 1, 3, 1),
    ("swin_classical_x2.pth", "SwinIR", 2, 3, 4),
    ("swin_classical_x3.pth", "SwinIR", 3, 3, 4),
    ("swin_classical_x4.safetensors", "SwinIR", 4, 3, 4),
    ("swin_light_x2.safetensors", "SwinIR", 2, 3, 4),
    ("swin_real_x4.pth", "SwinIR", 4, 3, 4),
    ("swin_real_large.pth", "SwinIR", 4, 3, 5),
    ("swin_gray.pth", "SwinIR", 2, 1, 4),
];

fn file(name: &str) -> PathBuf {
    path("upscale").join(name)
}

fn forward(upscaler: &Upscaler, picture: &Tensor) -> Tensor {
    upscaler.forward(picture, &Interrupt::never()).unwrap()
}

#[test]
fn every_network_is_found_in_its_file_and_computes_what_torch_computes() {
    let goldens = tensors("upscale/golden.safetensors");
    for (name, family, scale, channels, multiple) in FILES {
        let upscaler = Upscaler::open(&file(name)).unwrap();
        let found = (
            upscaler.layout().scale(),
            upscaler.layout().channels(),
            upscaler.layout().multiple(),
        );
        assert_eq!(found, (scale, channels, multiple), "{name}");
        assert_eq!(upscaler.layout().family(), family, "{name}");
        let ours = forward(&upscaler, &goldens[&format!("{name}.input")]);
        let off = assert_agrees_in_parts(name, &ours, &goldens[&format!("{name}.output")]);
        println!("{name}: off by {off:.1e} of the largest value");
    }
}

#[test]
fn pictures_of_a_batch_do_not_see_each_other() {
    let device = Device::Cpu;
    for name in ["body_x2.pth", "compact_general.pth", "swin_real_x4.pth"] {
        let upscaler = Upscaler::open(&file(name)).unwrap();
        let pictures = Tensor::rand(0f32, 1.0, (3, 3, 6, 9), &device).unwrap();
        let together = forward(&upscaler, &pictures);
        for at in 0..3 {
            let alone = forward(&upscaler, &pictures.narrow(0, at, 1).unwrap());
            let gap = gap(&alone, &together.narrow(0, at, 1).unwrap());
            assert!(gap < 1e-5, "{name}: off by {gap}");
        }
    }
}

#[test]
fn sizes_are_read_from_the_shapes() {
    let layout = |name: &str| UpscalerLayout::of(&Weights::open(&file(name)).unwrap()).unwrap();
    let rrdb = RrdbLayout {
        prefix: "params.".to_owned(),
        names: RrdbNames::Body,
        channels: 3,
        features: 6,
        growth: 3,
        blocks: 2,
        doublings: 2,
        unshuffle: 2,
    };
    assert_eq!(layout("body_x2.pth"), UpscalerLayout::Rrdb(rrdb));
    let UpscalerLayout::SwinIr(swin_ir) = layout("swin_classical_x4.safetensors") else {
        panic!("another network")
    };
    let groups: Vec<_> = swin_ir
        .groups
        .iter()
        .map(|at| (at.depth, at.heads))
        .collect();
    assert_eq!(groups, [(2, 2), (1, 3)]);
    assert_eq!((swin_ir.width, swin_ir.hidden, swin_ir.window), (12, 24, 4));
    let end = SwinIrEnd::Shuffle {
        features: 8,
        factors: vec![2, 2],
    };
    assert_eq!(swin_ir.end, end);
}

#[test]
fn published_sizes_have_the_parameters_they_are_known_for() {
    // As torch counts those of `tests/golden/make_upscale.py --count`.
    for (layout, count) in [
        (UpscalerLayout::Rrdb(RrdbLayout::real_esrgan()), 16_697_987),
        (UpscalerLayout::Compact(CompactLayout::general()), 1_213_296),
        (UpscalerLayout::SwinIr(SwinIrLayout::real()), 11_715_559),
    ] {
        assert_eq!(
            parameters(|vb| Upscaler::new(&layout, vb)),
            count,
            "{layout:?}"
        );
    }
}

/// A file like another, some of its tensors with other values or left out.
fn changed(
    name: &str,
    folder: &Path,
    change: impl Fn(&str, Vec<f32>) -> Option<Vec<f32>>,
) -> PathBuf {
    let weights = Weights::open(&file(name)).unwrap();
    let builder = weights.builder(DType::F32, &Device::Cpu);
    let mut all = Vec::new();
    for name in weights.names() {
        let shape = weights.shape(name).unwrap();
        let values = builder.get(shape, name).unwrap();
        let values = values.flatten_all().unwrap().to_vec1().unwrap();
        if let Some(values) = change(name, values) {
            all.push((name, shape, values));
        }
    }
    let all: Vec<_> = all
        .iter()
        .map(|(name, shape, values)| (*name, *shape, &values[..]))
        .collect();
    let path = folder.join("changed.safetensors");
    std::fs::write(&path, write_tensors(&all).unwrap()).unwrap();
    path
}

/// Pixels of the input between the one that was changed and the farthest one whose square of the
/// output changes. `size` is one pixel high or wide but for what the network sees as one place.
fn reached(upscaler: &Upscaler, (height, width): (usize, usize), at: usize) -> usize {
    let along = height.max(width);
    let mut values = vec![0f32; height * width];
    values[if width > height { at } else { at * width }] = 1.0;
    let plane = Tensor::from_vec(values, (1, 1, height, width), &Device::Cpu).unwrap();
    let zeros = plane.zeros_like().unwrap();
    let planes: Vec<_> = (0..upscaler.layout().channels())
        .map(|channel| if channel == 0 { &plane } else { &zeros })
        .collect();
    let made = forward(upscaler, &Tensor::cat(&planes, 1).unwrap());
    let across = if width > height { 2 } else { 3 };
    let sums = made.sum((1, across)).unwrap().flatten_all().unwrap();
    let sums = sums.to_vec1::<f32>().unwrap();
    assert_eq!(sums.len(), along * upscaler.layout().scale());
    let touched = sums.iter().enumerate().filter(|(_, sum)| **sum != 0.0);
    touched
        .map(|(place, _)| (place / upscaler.layout().scale()).abs_diff(at))
        .max()
        .unwrap()
}

#[test]
fn a_changed_pixel_reaches_as_far_as_the_receptive_field_and_no_farther() {
    let folder = tempfile::tempdir().unwrap();
    for (name, expected) in [
        ("body_x4.pth", 19),
        ("body_x2.pth", 68),
        ("body_x1.safetensors", 76),
        ("sequence_x8.pth", 19),
        ("sequence_x2.pth", 19),
        ("sequence_x1.safetensors", 19),
        ("compact_general.pth", 4),
        ("compact_gray.safetensors", 2),
    ] {
        // Where nothing is negative and nothing is added, zeros stay zeros to the bit and every
        // change arrives, however small it has become.
        let path = changed(name, folder.path(), |name, values| {
            let values = values.into_iter();
            Some(if name.rsplit('.').next() == Some("bias") {
                values.map(|_| 0.0).collect()
            } else {
                values.map(|value| value.abs() + 0.01).collect()
            })
        });
        let upscaler = Upscaler::open(&path).unwrap();
        let field = upscaler.layout().receptive_field().unwrap();
        let multiple = upscaler.layout().multiple();
        let along = (2 * field + 10).next_multiple_of(multiple);
        let mut most = 0;
        for at in along / 2..along / 2 + multiple {
            for size in [(multiple, along), (along, multiple)] {
                most = most.max(reached(&upscaler, size, at));
            }
        }
        assert_eq!(most, field, "{name}");
        assert_eq!(field, expected, "{name}");
    }
    let swin_ir = Upscaler::open(&file("swin_real_x4.pth")).unwrap();
    assert_eq!(swin_ir.layout().receptive_field(), None);
}

#[test]
fn a_part_with_its_surroundings_is_enlarged_like_the_whole() {
    for name in ["body_x2.pth", "trunk_x2.pth", "compact_general.pth"] {
        let upscaler = Upscaler::open(&file(name)).unwrap();
        let (scale, multiple) = (upscaler.layout().scale(), upscaler.layout().multiple());
        let around = upscaler
            .layout()
            .receptive_field()
            .unwrap()
            .next_multiple_of(multiple);
        let (first, side) = (around + 4 * multiple, 6);
        let width = first + side + around + 12;
        let picture = Tensor::rand(0f32, 1.0, (1, 3, 8, width), &Device::Cpu).unwrap();
        let whole = forward(&upscaler, &picture);
        let part = picture
            .narrow(3, first - around, 2 * around + side)
            .unwrap();
        let part = forward(&upscaler, &part);
        let own = part.narrow(3, around * scale, side * scale).unwrap();
        let theirs = whole.narrow(3, first * scale, side * scale).unwrap();
        let gap = gap(&own, &theirs);
        assert!(gap < 1e-5, "{name}: off by {gap}");
    }
}

fn refused(path: &Path, words: &str) {
    let error = Upscaler::open(path).unwrap_err().to_string();
    let file = path.display().to_string();
    assert!(error.starts_with(&file), "{error}");
    assert!(error.contains(words), "{error:?} without {words:?}");
}

#[test]
fn what_is_none_of_these_networks_is_refused_with_a_reason() {
    for (name, words) in [
        (
            "other_leaky.safetensors",
            "whether it has ReLU or leaky ReLU",
        ),
        (
            "other_hat.safetensors",
            "overlap_attn.scale, which SwinIR has not",
        ),
        (
            "other_repairs.safetensors",
            "repairs pictures and enlarges none",
        ),
        (
            "other_plus.safetensors",
            "conv1x1.weight, which RRDBNet has not",
        ),
    ] {
        refused(&file(name), words);
    }
    let usual = "give weights of ESRGAN, Real-ESRGAN, BSRGAN or SwinIR";
    refused(&path("vgg/vgg19.pth"), "not named like those");
    refused(&path("lama/module.pt"), usual);

    let folder = tempfile::tempdir().unwrap();
    let without = |name: &str, part: &str| {
        changed(name, folder.path(), |name, values| {
            (!name.contains(part)).then_some(values)
        })
    };
    let path = without("body_x4.pth", "params_ema.conv_hr.bias");
    refused(&path, "it has no tensor params_ema.conv_hr.bias");
    // Without its last doubling it would be another network, but for what is left over.
    let path = without("trunk_x4.pth", "upconv1.weight");
    refused(&path, "upconv1.bias, which RRDBNet has not");
    let path = without("swin_real_x4.pth", "layers.0.residual_group.blocks.1.");
    let smaller = Upscaler::open(&path).unwrap();
    assert_eq!(smaller.layout().family(), "SwinIR");
    let path = without("swin_real_x4.pth", "attn.qkv.bias");
    refused(&path, "attn.qkv.bias");
}

#[test]
fn pictures_of_other_channels_are_refused() {
    let upscaler = Upscaler::open(&file("sequence_gray.pth")).unwrap();
    let picture = Tensor::zeros((1, 3, 4, 4), DType::F32, &Device::Cpu).unwrap();
    let error = upscaler.forward(&picture, &Interrupt::never()).unwrap_err();
    assert!(
        error.to_string().contains("1 channels was given 3"),
        "{error}"
    );
}

#[test]
fn an_interrupt_ends_every_network_within_a_part() {
    for name in ["body_x4.pth", "compact_general.pth", "swin_real_x4.pth"] {
        let upscaler = Upscaler::open(&file(name)).unwrap();
        let picture = Tensor::zeros((1, 3, 16, 16), DType::F32, &Device::Cpu).unwrap();
        let looks = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&looks);
        let never = Interrupt::when(move || {
            counting.fetch_add(1, Ordering::Relaxed);
            false
        });
        upscaler.forward(&picture, &never).unwrap();
        let all = looks.load(Ordering::Relaxed);
        assert!(all >= 5, "{name} looked {all} times");
        for after in (0..all).step_by(1 + all / 20) {
            let looks = Arc::new(AtomicUsize::new(0));
            let interrupt = Interrupt::when(move || looks.fetch_add(1, Ordering::Relaxed) >= after);
            let ended = upscaler.forward(&picture, &interrupt);
            assert!(ended.is_err(), "{name} after {after}");
        }
    }
}
