//! Against the numbers of `tests/golden/make_johnson.py`.

use std::collections::BTreeMap;

use afterimage::models::{Johnson, JohnsonLayout};
use afterimage::nn::Interrupt;
use afterimage::weights::Weights;
use candle_core::{Device, Tensor, Var};

use crate::golden::{assert_agrees, path, tensors};

/// Of values that are seen from 0 to 1, and of gradients as parts of the largest.
const NEAR: f32 = 1e-3;

#[test]
fn pictures_of_even_and_odd_sides_are_repainted_as_by_torch() {
    let goldens = tensors("johnson/golden.safetensors");
    let network = Johnson::open(&path("johnson/quick.pth")).unwrap();
    for size in ["even", "odd"] {
        let made = network.repaint(&goldens[size], &Interrupt::never());
        let wanted = &goldens[&format!("{size}_made")];
        assert_agrees(size, &made.unwrap(), wanted, NEAR);
    }
}

#[test]
fn weights_that_are_learnt_have_torchs_gradients() {
    const LAYOUT: JohnsonLayout = JohnsonLayout {
        widths: [4, 6, 8],
        blocks: 2,
    };
    let goldens = tensors("johnson/golden.safetensors");
    let weights = Weights::open(&path("johnson/quick.pth")).unwrap();
    let variables: BTreeMap<String, Var> = LAYOUT
        .tensors()
        .into_iter()
        .map(|(name, shape)| {
            let values = weights.values(&name).unwrap();
            let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
            (name, Var::from_tensor(&tensor).unwrap())
        })
        .collect();
    let tensors = variables
        .iter()
        .map(|(name, variable)| (name.clone(), variable.as_tensor().clone()));
    let network = Johnson::of(LAYOUT, tensors.collect()).unwrap();
    let made = network.repaint(&goldens["even"], &Interrupt::never());
    let made = made.unwrap();
    assert_agrees("made", &made, &goldens["even_made"], NEAR);
    let sum = (made * &goldens["pull"]).unwrap().sum_all().unwrap();
    let gradients = sum.backward().unwrap();
    let mut seen = 0;
    for (name, variable) in &variables {
        let Some(wanted) = goldens.get(&format!("gradient.{name}")) else {
            continue;
        };
        assert_agrees(name, gradients.get(variable).unwrap(), wanted, NEAR);
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn the_smallest_picture_is_repainted_and_a_smaller_one_refused() {
    let network = Johnson::open(&path("johnson/quick.pth")).unwrap();
    let repainted = |side: usize| {
        let picture = Tensor::full(0.5f32, (1, 3, side, side), &Device::Cpu).unwrap();
        network.repaint(&picture, &Interrupt::never())
    };
    let least = Johnson::LEAST_SIDE;
    assert_eq!(repainted(least).unwrap().dims(), [1, 3, 8, 8]);
    assert!(repainted(least - 1).is_err());
}

#[test]
fn files_of_other_networks_are_refused_with_a_reason() {
    for file in ["vgg/vgg19.pth", "adain/decoder.pth"] {
        let error = Johnson::open(&path(file)).unwrap_err().to_string();
        assert!(error.contains("a quick style"), "{error}");
        assert!(error.contains("conv1.conv2d.weight"), "{error}");
    }
}
