use afterimage::kernels::within_arena;
use afterimage::library::{Origin, read_picture};
use afterimage::models::{Manifest, SPROUT, StableDiffusion};
use afterimage::nn::{Interrupt, Keep};
use afterimage::recipe::WeightBits;
use candle_core::Device;

use crate::command::Desk;

/// A picture by Sprout, its colours from 0 to 255, and what its recipe says of the weights.
fn picture(desk: &Desk, prompt: &str, bits: WeightBits) -> (Vec<u8>, WeightBits) {
    let name = format!("{}.png", bits.id());
    let output = desk
        .program()
        .args(["generate", prompt, "--seed", "7", "--out", &name, "--force"])
        .args(["--weight-bits", bits.id()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let read = read_picture(&desk.path(&name)).unwrap();
    let Origin::Recipe(recipe) = read.origin else {
        panic!("{:?}", read.origin)
    };
    (read.pixels.rgb(), recipe.weight_bits)
}

#[test]
fn eight_bits_make_the_picture_to_two_255ths_on_average() {
    // One picture may take another turn where two were as likely; on average they are alike.
    const PROMPTS: [&str; 4] = [
        "a red sailboat on the ocean at sunset",
        "a blue house in a green field in the morning",
        "a rose at dawn",
        "a lighthouse at night",
    ];
    let desk = Desk::new();
    let gaps = PROMPTS.map(|prompt| {
        let (stored, said) = picture(&desk, prompt, WeightBits::AsStored);
        assert_eq!(said, WeightBits::AsStored);
        let (eight, said) = picture(&desk, prompt, WeightBits::EightBit);
        assert_eq!(said, WeightBits::EightBit);
        let gaps = stored.iter().zip(&eight).map(|(a, b)| a.abs_diff(*b));
        gaps.map(f64::from).sum::<f64>() / stored.len() as f64
    });
    assert!(gaps.iter().all(|gap| *gap > 0.0), "{gaps:?}");
    let mean = gaps.iter().sum::<f64>() / PROMPTS.len() as f64;
    assert!(mean <= 2.0, "off by {gaps:?}");
}

#[test]
fn half_weights_lose_nothing_of_a_file_that_has_no_more() {
    let desk = Desk::new();
    let [stored, half] = [WeightBits::AsStored, WeightBits::Half]
        .map(|bits| picture(&desk, "a red sailboat on the ocean at sunset", bits).0);
    assert_eq!(stored, half);
}

#[test]
fn a_model_of_sixteen_bits_is_read_without_a_second_copy() {
    // Sprout's largest tensor, as f32 while it is packed, twice.
    const WHILE_PACKING: u64 = 2 * 4 * 1_000_000;
    let manifest = Manifest::read(&SPROUT).unwrap();
    for keep in [Keep::AsStored, Keep::EightBit] {
        let predicted = manifest.resident_bytes(keep);
        let manifest = Manifest::read(&SPROUT).unwrap();
        let never = Interrupt::never();
        let load = || StableDiffusion::load(manifest, &Device::Cpu, keep, &never).unwrap();
        let (model, most) = within_arena(load);
        let most = most as u64;
        assert!(
            most <= predicted + WHILE_PACKING,
            "{keep:?}: {predicted} bytes were predicted, {most} held at once"
        );
        assert!(predicted < most * 5 / 4, "{keep:?}: {predicted} for {most}");
        drop(model);
    }
}
