use afterimage::models::{Manifest, StableDiffusion, TinyDecoder, TinyLayout, WithVae};
use afterimage::nn::{Interrupt, Keep};
use afterimage::weights::{FolderFiles, Weights};
use candle_core::Device;

use crate::golden::{assert_agrees, gap, path, tensors};

const TOLERANCE: f32 = 1e-4;

fn decoder(file: &str) -> TinyDecoder {
    let weights = Weights::open(&path(file)).unwrap();
    let layout = TinyLayout::of(&weights).unwrap();
    TinyDecoder::read(&weights, &layout, &Device::Cpu).unwrap()
}

#[test]
fn every_spelling_of_taesd_makes_the_pictures_diffusers_makes() {
    let goldens = tensors("taesd/golden.safetensors");
    for (file, golden) in [
        ("taesd/three.safetensors", "three"),
        ("taesd/three.pth", "three"),
        ("taesd/one.safetensors", "one"),
    ] {
        let made = decoder(file).decode(&goldens["latents"], &Interrupt::never());
        assert_agrees(file, &made.unwrap(), &goldens[golden], TOLERANCE);
    }
}

#[test]
fn over_a_model_it_decodes_what_the_denoiser_made() {
    let goldens = tensors("taesd/golden.safetensors");
    let never = Interrupt::never();
    let folder = Box::new(FolderFiles::new(path("epsilon")));
    let files = WithVae::over(folder, &path("taesd/one.safetensors")).unwrap();
    let manifest = Manifest::read(&files).unwrap();
    let model = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never).unwrap();
    let latents = &goldens["latents"];
    let made = model.decode(latents, None, &never).unwrap();
    assert_agrees("over a model", &made, &goldens["one"], TOLERANCE);
    let own = model.autoencoder.unscale(latents).unwrap();
    let own = model.autoencoder.decode(&own, &never).unwrap();
    assert!(gap(&made, &own) > 0.1);
}

#[test]
fn one_for_other_latents_is_refused() {
    let folder = Box::new(FolderFiles::new(path("epsilon")));
    let error = WithVae::over(folder, &path("taesd/three.pth"))
        .err()
        .unwrap();
    let text = error.to_string();
    assert!(
        text.contains("a TAESD for latents of another kind"),
        "{text}"
    );
}

#[test]
fn no_other_network_is_taken_for_one() {
    for file in [
        "epsilon/vae/diffusion_pytorch_model.safetensors",
        "adain/decoder.pth",
        "vgg/golden.safetensors",
        "upscale/sequence_x2.pth",
        "upscale/compact_gray.safetensors",
    ] {
        assert_eq!(
            TinyLayout::of(&Weights::open(&path(file)).unwrap()),
            None,
            "{file}"
        );
    }
}
