//! Against the numbers of `tests/golden/make_style.py`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

use super::gatys::{Gatys, LAYER_SETS};
use super::losses::{Models, StyleModel, Target as _, Weights};
use crate::models::Vgg19;
use crate::nn::{Interrupt, Products};

/// Relative to the largest value.
const AGREES: f64 = 1e-3;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn largest(tensor: &Tensor) -> f64 {
    let most = tensor.abs().unwrap().max_all().unwrap();
    f64::from(most.to_scalar::<f32>().unwrap())
}

fn models(goldens: &HashMap<String, Tensor>, case: &str) -> Models {
    let styles = match case {
        "two" => vec![("style", 0.75), ("other", 0.25)],
        _ => vec![("style", 1.0)],
    };
    Models {
        content: goldens["content"].clone(),
        styles: styles
            .into_iter()
            .map(|(name, share)| StyleModel {
                picture: goldens[name].clone(),
                share,
                mask: None,
            })
            .collect(),
        mask: (case == "masked").then(|| goldens["mask"].clone()),
    }
}

#[test]
fn losses_and_gradient_are_torchs() {
    let goldens = candle_core::safetensors::load(path("style/golden.safetensors"), &Device::Cpu);
    let goldens = goldens.unwrap();
    let never = Interrupt::never();
    let weights = Weights {
        style: 1e6,
        content: 1.0,
    };
    let ways = [Products::Whole, Products::Fast];
    let ways = ways
        .iter()
        .flat_map(|way| LAYER_SETS.iter().map(move |set| (*way, set)));
    for (products, set) in ways {
        let vgg = Vgg19::open(&path("vgg/vgg19.pth"), set.last(), products).unwrap();
        for case in ["", "two", "masked"] {
            let models = models(&goldens, case);
            let mut gatys = Gatys::new(&vgg, set, &models, weights, &never).unwrap();
            let losses = gatys.losses(&goldens["start"], &never).unwrap();
            let dot = if case.is_empty() { "" } else { "." };
            let name = format!("{}{dot}{case}", set.id);
            let golden = goldens[&format!("{name}.losses")].to_vec1::<f32>().unwrap();
            for (ours, golden) in [losses.style, losses.content].iter().zip(golden) {
                let off = (ours / f64::from(golden) - 1.0).abs();
                assert!(off < AGREES, "{name}: {ours} is not {golden}");
            }
            let golden = &goldens[&format!("{name}.gradient")];
            let gap = (&losses.gradient - golden).unwrap();
            let off = largest(&gap) / largest(golden);
            println!("{name}, {products:?}: gradient off by {off:.1e} of the largest value");
            assert!(off < AGREES, "{name}: off by {off}");
        }
    }
}
