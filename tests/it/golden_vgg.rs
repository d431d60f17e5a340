//! Against the numbers of `tests/golden/make_vgg.py`.

use afterimage::models::{Vgg19, VggConv, VggLayout};
use afterimage::nn::{Interrupt, Products};
use candle_core::{DType, Device, Tensor};

use crate::golden::{assert_agrees_in_parts, gap, parameters, path, tensors};

const ALL: [VggConv; 16] = [
    VggConv::Conv1_1,
    VggConv::Conv1_2,
    VggConv::Conv2_1,
    VggConv::Conv2_2,
    VggConv::Conv3_1,
    VggConv::Conv3_2,
    VggConv::Conv3_3,
    VggConv::Conv3_4,
    VggConv::Conv4_1,
    VggConv::Conv4_2,
    VggConv::Conv4_3,
    VggConv::Conv4_4,
    VggConv::Conv5_1,
    VggConv::Conv5_2,
    VggConv::Conv5_3,
    VggConv::Conv5_4,
];

#[test]
fn every_convolution_sees_what_torchs_sees_from_every_kind_of_file() {
    let goldens = tensors("vgg/golden.safetensors");
    for file in ["vgg19.pth", "stream.pth", "vgg19.safetensors"] {
        let vgg = Vgg19::open(&path("vgg").join(file), VggConv::Conv5_4, Products::Whole).unwrap();
        let picture = &goldens["picture"];
        let seen = vgg.forward(picture, &ALL, &Interrupt::never()).unwrap();
        assert_eq!(seen.len(), ALL.len());
        for (conv, seen) in ALL.iter().zip(&seen) {
            let golden = &goldens[&format!("{:02}", conv.number())];
            let what = format!("{file} {conv:?}");
            let off = assert_agrees_in_parts(&what, seen, golden);
            println!("{what}: off by {off:.1e} of the largest value");
        }
    }
}

#[test]
fn chosen_convolutions_come_in_the_order_they_are_asked_for() {
    let goldens = tensors("vgg/golden.safetensors");
    let vgg = Vgg19::open(&path("vgg/vgg19.pth"), VggConv::Conv4_2, Products::Whole).unwrap();
    let chosen = [VggConv::Conv4_2, VggConv::Conv1_1, VggConv::Conv3_1];
    let picture = &goldens["picture"];
    let seen = vgg.forward(picture, &chosen, &Interrupt::never()).unwrap();
    for (conv, seen) in chosen.iter().zip(&seen) {
        let off = gap(seen, &goldens[&format!("{:02}", conv.number())]);
        assert!(off < 1e-4, "{conv:?}: off by {off}");
    }
    let none = vgg.forward(picture, &[], &Interrupt::never()).unwrap();
    assert!(none.is_empty());
    let beyond = vgg.forward(picture, &[VggConv::Conv4_3], &Interrupt::never());
    assert!(
        beyond
            .unwrap_err()
            .to_string()
            .contains("10 convolutions were read")
    );
    let small = Tensor::zeros((1, 3, 7, 9), DType::F32, &Device::Cpu).unwrap();
    let small = vgg.forward(&small, &[VggConv::Conv4_1], &Interrupt::never());
    assert!(small.is_err());
}

#[test]
fn gradients_pass_to_the_picture_as_in_torch() {
    let goldens = tensors("vgg/golden.safetensors");
    let vgg = Vgg19::open(&path("vgg/vgg19.pth"), VggConv::Conv5_1, Products::Whole).unwrap();
    let chosen = [VggConv::Conv2_2, VggConv::Conv4_2, VggConv::Conv5_1];
    let never = Interrupt::never();
    let look = vgg.look(&goldens["picture"], &chosen, &never).unwrap();
    // Of the sum of the means of their squares.
    let of_mean = |seen: &Tensor| (seen * (2.0 / seen.elem_count() as f64)).unwrap();
    let gradients: Vec<_> = look.features.iter().map(of_mean).collect();
    let gradient = vgg.pass_back(&look, &gradients, &never).unwrap();
    let golden = &goldens["gradient"];
    let off = gap(&gradient, golden) / gap(golden, &golden.zeros_like().unwrap());
    println!("gradient: off by {off:.1e} of the largest value");
    assert!(off < 1e-4, "off by {off}");
    assert!(vgg.pass_back(&look, &gradients[..1], &never).is_err());
}

#[test]
fn the_published_size_has_the_parameters_it_is_known_for() {
    let all = VggLayout::published();
    // Of torchvision's vgg19, the features alone.
    assert_eq!(
        parameters(|vb| Vgg19::new(&all, Products::Whole, vb)),
        20_024_384
    );
    let some = all.up_to(VggConv::Conv1_2);
    assert_eq!(
        parameters(|vb| Vgg19::new(&some, Products::Whole, vb)),
        1_792 + 36_928
    );
}

#[test]
fn other_networks_are_refused_with_a_reason() {
    for (file, last, words) in [
        (
            "vgg/other_16.safetensors",
            VggConv::Conv4_1,
            "features.17.weight",
        ),
        ("vgg/other_bn.safetensors", VggConv::Conv1_1, ""),
        (
            "vgg/other_bn.safetensors",
            VggConv::Conv1_2,
            "features.1.weight",
        ),
        ("lama/module.pt", VggConv::Conv1_1, "features.0.weight"),
    ] {
        let opened = Vgg19::open(&path(file), last, Products::Whole);
        if words.is_empty() {
            // Up to its first convolution it is the same network.
            assert!(opened.is_ok(), "{file}");
            continue;
        }
        let error = opened.unwrap_err().to_string();
        let name = path(file).display().to_string();
        assert!(
            error.starts_with(&name) && error.contains("VGG-19"),
            "{error}"
        );
        assert!(error.contains(words), "{error:?} without {words:?}");
    }
}
