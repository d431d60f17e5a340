use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterimage::models::{Prompt, Upscaler, Vgg19, VggConv};
use afterimage::nn::{Interrupt, Products};
use candle_core::{DType, Device, Result, Tensor};

use crate::golden::{MODELS, model, path};
use crate::tiny_sam::network;

/// An interrupt that is asked from its `limit`-th look on, and the number of looks so far.
fn asked_at(limit: usize) -> (Interrupt, Arc<AtomicUsize>) {
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let interrupt = Interrupt::when(move || counted.fetch_add(1, Ordering::SeqCst) + 1 >= limit);
    (interrupt, looks)
}

/// Runs a network once to its end, counting its looks, and then again, asked to stop at the first
/// look, half way and at the last: each time it must end there.
fn stops_where_it_looks(name: &str, blocks: usize, run: impl Fn(&Interrupt) -> Result<()>) {
    let (never, looks) = asked_at(usize::MAX);
    run(&never).unwrap();
    let all = looks.load(Ordering::SeqCst);
    assert!(all >= blocks, "{name}: {all} looks for {blocks} blocks");
    for limit in [1, all / 2, all] {
        let (interrupt, looks) = asked_at(limit);
        assert!(
            run(&interrupt).is_err(),
            "{name} went on after look {limit}"
        );
        let more = looks.load(Ordering::SeqCst) - limit;
        // Threads that share one operation may look once each.
        assert!(more <= 8, "{name}: {more} looks after it was asked");
    }
}

#[test]
fn every_network_looks_between_its_blocks_and_stops_there() {
    for name in MODELS {
        let model = model(name);
        let manifest = &model.manifest;
        let (height, width) = (8, 8);
        let channels = manifest.unet().unwrap().in_channels;
        let latents =
            Tensor::zeros((1, channels, height, width), DType::F32, &Device::Cpu).unwrap();
        let ids = vec![0; manifest.tokenizer().unwrap().window()];
        let context = model
            .text()
            .unwrap()
            .first()
            .unwrap()
            .forward(&ids, &Interrupt::never())
            .unwrap();
        stops_where_it_looks("text encoder", 1, |interrupt| {
            model
                .text()
                .unwrap()
                .first()
                .unwrap()
                .forward(&ids, interrupt)
                .map(drop)
        });
        // Down, middle and up.
        let blocks = 2 * manifest.unet().unwrap().block_out_channels.len() + 1;
        stops_where_it_looks("UNet", blocks, |interrupt| {
            model
                .unet()
                .unwrap()
                .forward(&latents, 500.0, &context, interrupt)
                .map(drop)
        });
        let blocks = manifest.autoencoder.block_out_channels.len() + 1;
        stops_where_it_looks("decoder", blocks, |interrupt| {
            model.autoencoder.decode(&latents, interrupt).map(drop)
        });
        let side = 8 * manifest.autoencoder.factor();
        let picture = Tensor::zeros((1, 3, side, side), DType::F32, &Device::Cpu).unwrap();
        stops_where_it_looks("encoder", blocks, |interrupt| {
            model.autoencoder.encode(&picture, interrupt).map(drop)
        });
    }
}

#[test]
fn segment_anything_looks_between_its_blocks_and_stops_there() {
    for (name, blocks) in [("vit", 3), ("tiny", 5)] {
        let sam = network(name);
        let rgb = vec![0; 3 * 64 * 64];
        stops_where_it_looks(name, blocks, |interrupt| {
            sam.embed(&rgb, (64, 64), interrupt).map(drop)
        });
        let embedding = sam.embed(&rgb, (64, 64), &Interrupt::never()).unwrap();
        let point = Prompt::Point { x: 3.0, y: 4.0 };
        stops_where_it_looks("mask decoder", 2, |interrupt| {
            sam.masks(&embedding, point, interrupt).map(drop)
        });
    }
}

#[test]
fn networks_that_enlarge_pictures_and_vgg_look_between_their_layers_and_stop_there() {
    let picture = Tensor::zeros((1, 3, 17, 18), DType::F32, &Device::Cpu).unwrap();
    for (file, layers) in [
        ("body_x4.pth", 20),
        ("compact_general.pth", 4),
        ("swin_real_x4.pth", 20),
    ] {
        let upscaler = Upscaler::open(&path("upscale").join(file)).unwrap();
        stops_where_it_looks(file, layers, |interrupt| {
            upscaler.forward(&picture, interrupt).map(drop)
        });
    }
    let last = VggConv::Conv5_1;
    let vgg = Vgg19::open(&path("vgg/vgg19.pth"), last, Products::Whole).unwrap();
    stops_where_it_looks("VGG-19", 13, |interrupt| {
        vgg.forward(&picture, &[last], interrupt).map(drop)
    });
}
