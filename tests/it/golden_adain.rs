//! Against the numbers of `tests/golden/make_adain.py`.

use afterimage::models::{AdaIn, with_moments_of};
use afterimage::nn::Interrupt;
use candle_core::{Device, Tensor};

use crate::golden::{assert_agrees, assert_agrees_in_parts, path, tensors};

fn networks() -> AdaIn {
    let folder = path("adain");
    AdaIn::open(
        &folder.join("vgg_normalised.pth"),
        &folder.join("decoder.pth"),
    )
    .unwrap()
}

#[test]
fn pictures_of_odd_sides_are_looked_at_changed_and_drawn_as_by_torch() {
    let goldens = tensors("adain/golden.safetensors");
    let (networks, never) = (networks(), Interrupt::never());
    for (picture, features) in [("content", "features"), ("style", "style_features")] {
        let seen = networks.look(&goldens[picture], &never).unwrap();
        assert_agrees_in_parts(features, &seen, &goldens[features]);
    }
    for (name, strength) in [("whole", 1.0), ("half", 0.5)] {
        let (content, style) = (&goldens["features"], &goldens["style_features"]);
        let moved = with_moments_of(content, style, strength).unwrap();
        assert_agrees_in_parts(name, &moved, &goldens[name]);
    }
    let drawn = networks.draw(&goldens["whole"], &never).unwrap();
    // Of values that are seen from 0 to 1.
    assert_agrees("drawn", &drawn, &goldens["drawn"], 1e-4);
}

#[test]
fn the_smallest_picture_is_looked_at() {
    let networks = networks();
    let side = AdaIn::LEAST_SIDE;
    let picture = Tensor::full(0.5f32, (1, 3, side, side), &Device::Cpu).unwrap();
    let features = networks.look(&picture, &Interrupt::never()).unwrap();
    let drawn = networks.draw(&features, &Interrupt::never()).unwrap();
    assert_eq!(drawn.dims(), [1, 3, 16, 16]);
}

#[test]
fn files_of_other_networks_are_refused_with_a_reason() {
    let folder = path("adain");
    let (encoder, decoder) = (
        folder.join("vgg_normalised.pth"),
        folder.join("decoder.pth"),
    );
    for (encoder, decoder, reason) in [
        (&decoder, &decoder, "the encoder of AdaIN"),
        (&encoder, &encoder, "the decoder of AdaIN"),
        (&path("vgg/vgg19.pth"), &decoder, "the encoder of AdaIN"),
    ] {
        let error = AdaIn::open(encoder, decoder).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
