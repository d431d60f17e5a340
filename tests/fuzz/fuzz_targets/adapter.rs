//! Files that change a model's weights: their tensors by lines, laid over a tiny model and read.
#![no_main]

use std::sync::LazyLock;

use afterimage::models::Manifest;
use afterimage::weights::{Adapter, Adapters, ModelPart, Modules, Strengths, Weights};
use afterimage_fuzz::{Header, Overlay};
use candle_core::{DType, Device};
use libfuzzer_sys::fuzz_target;

/// Tensors of the model that are read.
const READ: [&str; 4] = [
    "conv_in.weight",
    "time_embedding.linear_1.weight",
    "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight",
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
];

static MODEL: LazyLock<(Modules, Weights)> = LazyLock::new(|| {
    let manifest = Manifest::read(&Overlay::over("epsilon", [])).expect("a golden model");
    (manifest.modules(), manifest.denoiser_weights().clone())
});

fuzz_target!(|text: &str| {
    Header::of(text).in_a_file("adapter.safetensors", |path| {
        let Ok(adapter) = Adapter::open(path) else {
            return;
        };
        adapter.content();
        let (model, weights) = &*MODEL;
        let mut adapters = Adapters::default();
        let strengths = Strengths {
            unet: 0.7,
            text: 0.5,
        };
        if adapters.add(&adapter, strengths, model).is_err() {
            return;
        }
        let door = adapters.over(ModelPart::Unet, weights.builder(DType::F32, &Device::Cpu));
        for name in READ {
            let shape = weights.shape(name).expect("a tensor of the model");
            if let Ok(tensor) = door.get(shape, name) {
                assert_eq!(tensor.dims(), shape);
            }
        }
    });
});
