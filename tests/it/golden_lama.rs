use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterimage::models::{Lama, LamaLayout};
use afterimage::nn::Interrupt;
use afterimage::weights::Weights;
use candle_core::{DType, Device, Tensor};

use crate::golden::{assert_agrees, parameters, path, tensors};

pub(crate) const FILES: [&str; 2] = ["lama/module.pt", "lama/checkpoint.ckpt"];

pub(crate) fn lama(file: &str) -> Lama {
    Lama::load(&Weights::open(&path(file)).unwrap(), &Device::Cpu).unwrap()
}

/// `[channels, height, width]` extended by symmetric reflection, its last pixel repeated, as
/// `[1, channels, to.0, to.1]`.
fn extended(values: &Tensor, to: (usize, usize)) -> Tensor {
    let places = |from: usize, to: usize| {
        let places = (0..to).map(|at| at.min((2 * from - 1).wrapping_sub(at)) as u32);
        Tensor::from_iter(places, &Device::Cpu).unwrap()
    };
    let (_, height, width) = values.dims3().unwrap();
    let rows = values.index_select(&places(height, to.0), 1).unwrap();
    let all = rows.index_select(&places(width, to.1), 2).unwrap();
    all.unsqueeze(0).unwrap()
}

#[test]
fn the_network_computes_what_torch_computes_from_either_kind_of_file() {
    let goldens = tensors("lama/golden.safetensors");
    let made = &goldens["made"];
    let (_, _, height, width) = made.dims4().unwrap();
    let float = |name: &str| goldens[name].to_dtype(DType::F32).unwrap();
    let image = extended(&(float("picture") / 255.0).unwrap(), (height, width));
    let mask = float("mask")
        .ne(0f32)
        .unwrap()
        .to_dtype(DType::F32)
        .unwrap();
    let mask = extended(&mask, (height, width));
    for file in FILES {
        let ours = lama(file)
            .forward(&image, &mask, &Interrupt::never())
            .unwrap();
        assert_agrees(file, &ours, made, 1e-4);
        let gap = crate::golden::gap(&ours, made);
        println!("{file}: off by {gap}");
    }
}

#[test]
fn big_lama_has_the_parameters_it_is_known_for() {
    let count = parameters(|vb| Lama::new(&LamaLayout::big(), vb));
    // As torch counts those of `tests/golden/make_lama.py --time`.
    assert_eq!(count, 50_975_875);
}

#[test]
fn depth_widths_and_prefix_are_read_from_the_file() {
    for (file, prefix) in FILES.into_iter().zip(["model.", "generator."]) {
        let layout = LamaLayout::of(&Weights::open(&path(file)).unwrap()).unwrap();
        let expected = LamaLayout {
            prefix: prefix.to_owned(),
            widths: vec![2, 4, 8, 16],
            global: 12,
            blocks: 2,
        };
        assert_eq!(layout, expected);
    }
}

#[test]
fn an_interrupt_ends_the_network_anywhere() {
    let lama = lama(FILES[0]);
    let image = Tensor::zeros((1, 3, 32, 32), DType::F32, &Device::Cpu).unwrap();
    let mask = Tensor::ones((1, 1, 32, 32), DType::F32, &Device::Cpu).unwrap();
    let looks = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&looks);
    let never = Interrupt::when(move || {
        counting.fetch_add(1, Ordering::Relaxed);
        false
    });
    lama.forward(&image, &mask, &never).unwrap();
    let all = looks.load(Ordering::Relaxed);
    assert!(all > 50, "looked {all} times");
    for after in (0..all).step_by(7) {
        let looks = Arc::new(AtomicUsize::new(0));
        let interrupt = Interrupt::when(move || looks.fetch_add(1, Ordering::Relaxed) >= after);
        assert!(
            lama.forward(&image, &mask, &interrupt).is_err(),
            "after {after}"
        );
    }
}
