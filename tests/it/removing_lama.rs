use std::collections::HashMap;
use std::sync::Arc;

use afterimage::engine::{
    Destination, Engine as _, EngineHandle, EngineOptions, Event, Inputs, Job, JobId, Request,
};
use afterimage::library::read_picture;
use afterimage::models::Lama;
use afterimage::pipelines::{CancelToken, Needs, REMOVERS, Remover, Tools};
use afterimage::raster::{Extent, Mask, Pixels, encode_png};
use afterimage::recipe::{Input, Recipe, Removal};
use afterimage::weights::Weights;
use candle_core::{DType, Device, Tensor};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::command::Desk;
use crate::golden::{path, tensors};
use crate::golden_lama::{FILES, lama};

fn removed(network: &Arc<Lama>, remover: &Remover, image: &Pixels, mask: &Mask) -> Pixels {
    let tools = Tools {
        token: &CancelToken::new(),
        lama: &|| Ok(Arc::clone(network)),
    };
    remover.remove(image, mask, &tools).unwrap().unwrap()
}

fn by_lama() -> &'static Remover {
    let remover = Remover::by_id("lama").unwrap();
    assert_eq!(remover.needs, Needs::Lama);
    remover
}

/// Values of a golden tensor `[channels, height, width]`, channels last.
fn interleaved(tensor: &Tensor) -> Vec<u8> {
    let tensor = tensor.permute((1, 2, 0)).unwrap().flatten_all().unwrap();
    tensor.to_dtype(DType::U8).unwrap().to_vec1().unwrap()
}

#[test]
fn the_picture_is_the_one_the_reference_makes() {
    let goldens = tensors("lama/golden.safetensors");
    let (_, height, width) = goldens["picture"].dims3().unwrap();
    let extent = Extent::new(width as u32, height as u32);
    let image = Pixels::from_rgb(extent, &interleaved(&goldens["picture"])).unwrap();
    let mask = Mask::from_values(extent, interleaved(&goldens["mask"])).unwrap();
    let golden = interleaved(&goldens["filled"]);
    for file in FILES {
        let ours = removed(&Arc::new(lama(file)), by_lama(), &image, &mask).rgb();
        let gap = ours.iter().zip(&golden).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(gap.unwrap() <= 1, "{file}: off by {gap:?}");
        assert_ne!(ours, image.rgb());
    }
}

/// A picture of noise, some of it transparent every other time.
fn noise(dice: &mut ChaCha8Rng, extent: Extent, opaque: bool) -> Pixels {
    let mut rgba = vec![0; extent.area() * 4];
    dice.fill_bytes(&mut rgba);
    for alpha in rgba.iter_mut().skip(3).step_by(4) {
        *alpha = if opaque || *alpha < 200 {
            255
        } else {
            *alpha - 200
        };
    }
    Pixels::from_rgba(extent, rgba).unwrap()
}

/// A few rectangles of any opacity.
fn blots(dice: &mut ChaCha8Rng, extent: Extent) -> Mask {
    let mut values = vec![0; extent.area()];
    let mut below = |limit: u32| dice.next_u32() % limit;
    for _ in 0..=below(4) {
        let (x, y) = (below(extent.width), below(extent.height));
        let (width, height) = (1 + below(12), 1 + below(12));
        let value = if below(3) == 0 { below(256) } else { 255 } as u8;
        for y in y..(y + height).min(extent.height) {
            for x in x..(x + width).min(extent.width) {
                values[(y * extent.width + x) as usize] = value;
            }
        }
    }
    Mask::from_values(extent, values).unwrap()
}

#[test]
fn outside_the_mask_every_bit_stays_whatever_the_way_the_mask_and_the_size() {
    let network = Arc::new(lama(FILES[0]));
    let mut dice = ChaCha8Rng::seed_from_u64(9);
    let mut rounds = 0;
    for round in 0..18 {
        let extent = Extent::new(1 + dice.next_u32() % 40, 1 + dice.next_u32() % 32);
        let image = noise(&mut dice, extent, round % 2 == 0);
        let mask = blots(&mut dice, extent);
        let painted = mask.binarized();
        if painted.bounds().is_none() || !painted.values().contains(&0) {
            continue;
        }
        for remover in REMOVERS {
            let out = removed(&network, remover, &image, &mask);
            assert_eq!(out.extent(), extent);
            let pixels = out.rgba().as_chunks::<4>().0.iter();
            let pixels = pixels.zip(image.rgba().as_chunks::<4>().0);
            for ((new, old), painted) in pixels.zip(painted.values()) {
                let kept = *painted > 0 || new == old;
                assert!(kept, "{}, round {round}: {old:?} to {new:?}", remover.id);
            }
            assert_ne!(out, image, "{}, round {round}", remover.id);
        }
        rounds += 1;
    }
    assert!(rounds > 12, "only {rounds} masks painted anything");
}

#[test]
fn a_hole_too_large_for_the_network_is_filled_at_a_smaller_size() {
    let extent = Extent::new(2400, 60);
    let image = noise(&mut ChaCha8Rng::seed_from_u64(2), extent, true);
    let inside = |at: u32| (200..2300).contains(&(at % 2400)) && (20..40).contains(&(at / 2400));
    let values = (0..extent.area() as u32).map(|at| if inside(at) { 255 } else { 0 });
    let mask = Mask::from_values(extent, values.collect()).unwrap();
    let out = removed(&Arc::new(lama(FILES[0])), by_lama(), &image, &mask);
    let row = |pixels: &Pixels| pixels.rgba()[(30 * 2400 + 1200) * 4..][..40].to_vec();
    assert_ne!(row(&out), row(&image));
    // Noise would go on as noise, were it not painted at less than half the size.
    let steps = |row: &[u8]| -> u32 {
        let pairs = row.iter().step_by(4).zip(row.iter().skip(4).step_by(4));
        pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
    };
    assert!(4 * steps(&row(&out)) < steps(&row(&image)));
}

/// A picture of 64 by 48 pixels and a mask in its middle, as files.
fn with_files(desk: &Desk) -> (Pixels, Mask) {
    let extent = Extent::new(64, 48);
    let image = noise(&mut ChaCha8Rng::seed_from_u64(4), extent, true);
    let inside = |at: u32| (20..40).contains(&(at % 64)) && (10..30).contains(&(at / 64));
    let values = (0..extent.area() as u32).map(|at| if inside(at) { 255 } else { 0 });
    let mask = Mask::from_values(extent, values.collect()).unwrap();
    let write = |name: &str, pixels: &Pixels| {
        std::fs::write(desk.path(name), encode_png(pixels, &[]).unwrap()).unwrap();
    };
    write("room.png", &image);
    let white: Vec<u8> = mask.values().iter().flat_map(|&value| [value; 3]).collect();
    write("mask.png", &Pixels::from_rgb(extent, &white).unwrap());
    (image, mask)
}

const USUAL: [&str; 6] = [
    "inpaint", "room.png", "--mask", "mask.png", "--method", "lama",
];

#[test]
fn the_command_removes_with_the_weights_it_is_given_or_finds() {
    let desk = Desk::new();
    let (image, mask) = with_files(&desk);
    let run = |more: &[&str]| desk.run([&USUAL[..], more].concat());
    run(&["--out", "none.png"]).refused(1, "exemplar, which needs none");
    run(&["--out", "none.png"]).refused(1, desk.path("data/afterimage/models").to_str().unwrap());
    assert!(!desk.path("none.png").exists());

    let weights = path(FILES[0]);
    let weights = weights.to_str().unwrap();
    run(&["--weights", weights, "--out", "named.png"]).well();
    let models = desk.path("data/afterimage/models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::copy(weights, models.join("big-lama.pt")).unwrap();
    run(&["--out", "found.png"]).well();
    let read = |name: &str| read_picture(&desk.path(name)).unwrap().pixels;
    let out = read("named.png");
    assert_eq!(out, read("found.png"));
    let pixels = out.rgba().as_chunks::<4>().0.iter();
    let pixels = pixels.zip(image.rgba().as_chunks::<4>().0);
    let mut changed = 0;
    for ((new, old), painted) in pixels.zip(mask.values()) {
        assert!(*painted > 0 || new == old);
        changed += usize::from(new != old);
    }
    assert!(changed > 390, "only {changed} of 400 pixels are new");

    let exemplar = [&USUAL[..5], &["exemplar", "--weights", weights]].concat();
    desk.run(exemplar)
        .refused(2, "--weights is for --method lama");
}

#[test]
fn weights_that_cannot_be_used_are_refused_in_one_line() {
    let desk = Desk::new();
    with_files(&desk);
    let whole = std::fs::read(path(FILES[0])).unwrap();
    let refused = |name: &str, words: &[&str]| {
        let said = desk.run([&USUAL[..], &["--weights", name, "--out", "no.png"]].concat());
        for words in words {
            said.refused(1, words);
        }
        assert!(!desk.path("no.png").exists());
    };
    for keep in [0, 3, 1000, whole.len() - 1] {
        std::fs::write(desk.path("cut.pt"), &whole[..keep]).unwrap();
        refused("cut.pt", &["cut.pt "]);
    }
    std::fs::write(desk.path("cut.pt"), &whole[..whole.len() / 2]).unwrap();
    refused("cut.pt", &["damaged", "download this file again"]);
    refused("none.pt", &["none.pt cannot be read"]);
    let other = path("epsilon/vae/diffusion_pytorch_model.safetensors");
    let words = [
        "does not hold the weights of big-lama",
        "model.1.ffc.convl2l.weight",
    ];
    refused(other.to_str().unwrap(), &words);
    refused(path("torch/trace.pt").to_str().unwrap(), &words);
    refused(path("torch/before_archives.pth").to_str().unwrap(), &words);

    // The same weights as safetensors, then with one convolution of another size, then without.
    let mut tensors = HashMap::new();
    let weights = Weights::open(&path(FILES[1])).unwrap();
    let builder = weights.builder(DType::F32, &Device::Cpu);
    for name in weights
        .names()
        .filter(|name| name.starts_with("generator."))
    {
        let shape = weights.shape(name).unwrap().to_vec();
        tensors.insert(name.to_owned(), builder.get(shape, name).unwrap());
    }
    let save = |tensors: &HashMap<String, Tensor>, name: &str| {
        candle_core::safetensors::save(tensors, desk.path(name)).unwrap();
    };
    save(&tensors, "good.safetensors");
    desk.run(
        [
            &USUAL[..],
            &["--weights", "good.safetensors", "--out", "good.png"],
        ]
        .concat(),
    )
    .well();
    let name = "generator.model.5.conv1.ffc.convl2g.weight";
    tensors.insert(name.to_owned(), tensors[name].narrow(0, 0, 3).unwrap());
    save(&tensors, "narrow.safetensors");
    refused("narrow.safetensors", &[name, "has shape [3, 4, 3, 3]"]);
    tensors.remove(name);
    save(&tensors, "less.safetensors");
    refused("less.safetensors", &["it has no tensor", name]);
}

#[test]
fn the_engine_keeps_the_network_and_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    let options = EngineOptions {
        pictures: folder.path().join("pictures"),
        settings_file: folder.path().join("settings.json"),
        easel: folder.path().join("easel"),
        models: models.clone(),
    };
    let engine = EngineHandle::start(options, Box::new(|| {})).unwrap();
    let extent = Extent::new(32, 24);
    let image = Arc::new(noise(&mut ChaCha8Rng::seed_from_u64(1), extent, true));
    let values = (0..extent.area()).map(|at| if at % 32 < 8 { 255 } else { 0 });
    let mask = Arc::new(Mask::from_values(extent, values.collect()).unwrap());
    let run = |id: u64| -> Result<Pixels, String> {
        let removal = Removal {
            image: Input::default(),
            mask: Input::default(),
            method: "lama".to_owned(),
        };
        let job = Job {
            id: JobId(id),
            recipe: Recipe::of_removal(removal, (extent.width, extent.height)),
            count: 1,
            inputs: Inputs {
                image: Some(Arc::clone(&image)),
                mask: Some(Arc::clone(&mask)),
                ..Inputs::default()
            },
            destination: Destination::Library,
            dump_latents: Vec::new(),
            threads: None,
        };
        engine.send(Request::Submit(Box::new(job))).unwrap();
        let mut made = None;
        loop {
            match engine.next_event().unwrap() {
                Event::Picture(picture) => made = Some(picture.pixels.as_ref().clone()),
                Event::Finished { .. } => return Ok(made.unwrap()),
                Event::Failed { failure, .. } => return Err(failure.to_string()),
                _ => {}
            }
        }
    };
    let missing = run(1).unwrap_err();
    assert!(missing.contains(models.to_str().unwrap()), "{missing}");
    std::fs::create_dir_all(&models).unwrap();
    let file = models.join("big-lama.pt");
    std::fs::write(&file, b"PK\x03\x04 not whole").unwrap();
    assert!(run(2).unwrap_err().contains("damaged"));
    std::fs::copy(path(FILES[0]), &file).unwrap();
    let first = run(3).unwrap();
    // The file is not read again.
    std::fs::write(&file, b"PK\x03\x04 not whole").unwrap();
    assert_eq!(run(4).unwrap(), first);
}
