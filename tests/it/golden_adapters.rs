use afterimage::models::{Manifest, StableDiffusion};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{CancelToken, Silent, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::Task;
use afterimage::weights::{
    Adapter, Adapters, FolderFiles, ModelPart, Modules, Strengths, Weights, write_tensors,
};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use crate::golden::{PROMPT, assert_agrees, gap, made, path, recipe, tensors};

const LAYER: f32 = 1e-5;
const NETWORK: f32 = 1e-4;

const fn everywhere(strength: f64) -> Strengths {
    Strengths {
        unet: strength,
        text: strength,
    }
}

/// The two layers of `merged.safetensors` as they were before.
fn layers() -> (Weights, Modules) {
    let weights = Weights::open(&path("adapters/merged.safetensors")).unwrap();
    let base = weights.names().filter_map(|name| {
        let own = name.strip_prefix("base.")?;
        Some((own.to_owned(), weights.shape(name)?.to_vec()))
    });
    let modules = Modules::default().with(ModelPart::Unet, base);
    (weights, modules)
}

fn door(weights: &Weights) -> VarBuilder<'static> {
    weights
        .builder(DType::F32, &Device::Cpu)
        .rename_f(|name| format!("base.{name}"))
}

#[test]
fn layers_become_what_peft_merges_them_to() {
    let (weights, modules) = layers();
    for (kind, file) in [
        ("lora", "layer_lora/adapter_model.safetensors"),
        ("rslora", "layer_rslora/adapter_model.safetensors"),
        ("pattern", "layer_pattern/adapter_model.safetensors"),
        ("dora", "layer_dora/adapter_model.safetensors"),
        ("dora_kohya", "layer_dora_kohya.safetensors"),
        ("loha", "layer_loha.safetensors"),
        ("loha_tucker", "layer_loha_tucker.safetensors"),
        ("loha_peft", "layer_loha_peft/adapter_model.safetensors"),
        ("lokr", "layer_lokr.safetensors"),
        ("lokr_tucker", "layer_lokr_tucker.safetensors"),
        ("lokr_both", "layer_lokr_both.safetensors"),
    ] {
        let adapter = Adapter::open(&path("adapters").join(file)).unwrap();
        let mut adapters = Adapters::default();
        let unused = adapters.add(&adapter, everywhere(1.0), &modules).unwrap();
        assert_eq!(unused, [""; 0], "{kind}");
        let door = adapters.over(ModelPart::Unet, door(&weights));
        for module in ["linear", "conv", "point"] {
            let name = format!("{module}.weight");
            let golden = format!("{kind}.{name}");
            let golden = weights
                .builder(DType::F32, &Device::Cpu)
                .get_unchecked(&golden)
                .unwrap();
            let ours = door.get(golden.shape(), &name).unwrap();
            assert_agrees(&format!("{kind}: {name}"), &ours, &golden, LAYER);
        }
    }
}

/// The model `epsilon` with the files `set_*` of some names.
fn model_with(sets: &[(&str, Strengths)]) -> StableDiffusion {
    let manifest = Manifest::read(&FolderFiles::new(path("epsilon"))).unwrap();
    let modules = manifest.modules();
    let mut adapters = Adapters::default();
    for (name, strengths) in sets {
        let file = path("adapters").join(format!("set_{name}.safetensors"));
        let adapter = Adapter::open(&file).unwrap();
        let unused = adapters.add(&adapter, *strengths, &modules).unwrap();
        assert_eq!(unused, [""; 0], "{name}");
    }
    let never = Interrupt::never();
    StableDiffusion::load_with(manifest, &adapters, &Device::Cpu, Keep::AsStored, &never).unwrap()
}

fn embeddings(model: &StableDiffusion) -> Tensor {
    let ids = model
        .manifest
        .tokenizer()
        .unwrap()
        .encode(PROMPT)
        .unwrap()
        .ids;
    let encoder = model.text().unwrap().first().unwrap();
    encoder.forward(&ids, &Interrupt::never()).unwrap()
}

#[test]
fn every_spelling_changes_the_networks_as_diffusers_does_alone_and_together() {
    let goldens = tensors("adapters/sets.safetensors");
    for (run, sets) in [
        ("none", &[][..]),
        ("kohya", &[("kohya", everywhere(0.8))]),
        ("ldm", &[("ldm", everywhere(0.8))]),
        ("peft", &[("peft", everywhere(0.8))]),
        ("old", &[("old", everywhere(-0.6))]),
        (
            "both",
            &[("kohya", everywhere(0.7)), ("old", everywhere(0.5))],
        ),
    ] {
        let model = model_with(sets);
        let read = embeddings(&model);
        let golden = &goldens[&format!("{run}.embeddings")];
        assert_agrees(&format!("{run}: embeddings"), &read, golden, NETWORK);
        let context = Tensor::cat(&[&read, &read], 0).unwrap();
        let output = model
            .unet()
            .unwrap()
            .forward(&goldens["latents"], 601.5, &context, &Interrupt::never())
            .unwrap();
        let golden = &goldens[&format!("{run}.output")];
        assert_agrees(&format!("{run}: output"), &output, golden, NETWORK);
        let recipe = recipe(Task::TextToImage, Extent::new(16, 16), |draft| {
            draft.sampler = "ddim".to_owned();
            draft.steps = 4;
        });
        let token = CancelToken::new();
        let made = made(text_to_image(&model, &recipe, &token, &mut Silent).unwrap());
        let golden = goldens[&format!("{run}.picture")].flatten_all().unwrap();
        let golden = golden.to_vec1::<f32>().unwrap();
        let gaps = made.pixels.rgb().into_iter().zip(golden);
        let most = gaps
            .map(|(ours, theirs)| (f32::from(ours) - theirs * 255.0).abs())
            .fold(0.0, f32::max);
        assert!(most <= 2.0, "{run}: the picture is off by {most}");
    }
}

#[test]
fn denoiser_and_text_encoder_have_weights_of_their_own() {
    let goldens = tensors("adapters/sets.safetensors");
    let text_alone = Strengths {
        unet: 0.0,
        text: 0.8,
    };
    let read = embeddings(&model_with(&[("kohya", text_alone)]));
    assert_agrees("text alone", &read, &goldens["kohya.embeddings"], NETWORK);
    let denoiser_alone = Strengths {
        unet: 0.8,
        text: 0.0,
    };
    let read = embeddings(&model_with(&[("kohya", denoiser_alone)]));
    assert_agrees(
        "denoiser alone",
        &read,
        &goldens["none.embeddings"],
        NETWORK,
    );
}

#[test]
fn at_weight_0_every_adapter_is_off_also_one_that_gives_lengths() {
    let (weights, modules) = layers();
    let file = path("adapters/layer_dora_kohya.safetensors");
    let adapter = Adapter::open(&file).unwrap();
    let mut adapters = Adapters::default();
    adapters.add(&adapter, everywhere(0.0), &modules).unwrap();
    let door = adapters.over(ModelPart::Unet, door(&weights));
    let ours = door.get_unchecked("linear.weight").unwrap();
    let base = weights.values("base.linear.weight").unwrap();
    assert_eq!(ours.flatten_all().unwrap().to_vec1::<f32>().unwrap(), base);
}

#[test]
fn dora_counts_as_much_as_peft_says_at_a_weight() {
    let (weights, modules) = layers();
    let file = path("adapters/layer_dora/adapter_model.safetensors");
    let adapter = Adapter::open(&file).unwrap();
    let mut adapters = Adapters::default();
    adapters.add(&adapter, everywhere(0.6), &modules).unwrap();
    let door = adapters.over(ModelPart::Unet, door(&weights));
    for module in ["linear", "conv", "point"] {
        let all = weights.builder(DType::F32, &Device::Cpu);
        let golden = format!("dora_weighted.{module}.weight");
        let golden = all.get_unchecked(&golden).unwrap();
        let ours = door.get_unchecked(&format!("{module}.weight")).unwrap();
        assert_agrees(module, &ours, &golden, LAYER);
    }
}

#[test]
fn older_dora_gives_lengths_to_inputs() {
    let (weights, modules) = layers();
    let file = file_of(&[
        ("lora_unet_conv.lora_down.weight", &[1, 6, 3, 3]),
        ("lora_unet_conv.lora_up.weight", &[10, 1]),
        ("lora_unet_conv.dora_scale", &[1, 6, 1, 1]),
    ]);
    let adapter = Adapter::open(file.path()).unwrap();
    let mut adapters = Adapters::default();
    adapters.add(&adapter, everywhere(1.0), &modules).unwrap();
    let door = adapters.over(ModelPart::Unet, door(&weights));
    let conv = door.get_unchecked("conv.weight").unwrap();
    let lengths = conv.sqr().unwrap().sum((0, 2, 3)).unwrap().sqrt().unwrap();
    for length in lengths.to_vec1::<f32>().unwrap() {
        assert!((length - 1.0).abs() < 1e-5, "{length}");
    }
}

#[test]
fn sums_are_rounded_once_to_the_numbers_the_weight_has() {
    let (weights, modules) = layers();
    let file = path("adapters/layer_lora/adapter_model.safetensors");
    let adapter = Adapter::open(&file).unwrap();
    let mut adapters = Adapters::default();
    adapters.add(&adapter, everywhere(1.0), &modules).unwrap();
    let half = weights
        .builder(DType::F16, &Device::Cpu)
        .rename_f(|name| format!("base.{name}"));
    let base = half.get_unchecked("linear.weight").unwrap();
    let ours = adapters
        .over(ModelPart::Unet, half)
        .get_unchecked("linear.weight")
        .unwrap();
    assert_eq!(ours.dtype(), DType::F16);
    // What PEFT adds, to the base rounded to half.
    let get = |name: &str| {
        let all = weights.builder(DType::F32, &Device::Cpu);
        all.get_unchecked(name).unwrap()
    };
    let added = (get("lora.linear.weight") - get("base.linear.weight")).unwrap();
    let sum = (base.to_dtype(DType::F32).unwrap() + added).unwrap();
    let ours = ours.to_dtype(DType::F32).unwrap();
    let most = gap(&ours, &sum);
    assert!(most <= 2e-3, "{most}");
}

/// A file of tensors of ones.
fn file_of(tensors: &[(&str, &[usize])]) -> tempfile::NamedTempFile {
    let values: Vec<Vec<f32>> = tensors
        .iter()
        .map(|(_, shape)| vec![1.0; shape.iter().product()])
        .collect();
    let tensors: Vec<_> = tensors
        .iter()
        .zip(&values)
        .map(|((name, shape), values)| (*name, *shape, values.as_slice()))
        .collect();
    let file = tempfile::Builder::new()
        .suffix(".safetensors")
        .tempfile()
        .unwrap();
    std::fs::write(file.path(), write_tensors(&tensors).unwrap()).unwrap();
    file
}

fn added(tensors: &[(&str, &[usize])]) -> Result<Vec<String>, String> {
    let (_, modules) = layers();
    let file = file_of(tensors);
    let adapter = Adapter::open(file.path()).map_err(|error| error.to_string())?;
    let unused = Adapters::default().add(&adapter, everywhere(1.0), &modules);
    unused.map_err(|error| {
        let text = error.to_string();
        assert!(text.contains(&file.path().display().to_string()), "{text}");
        text
    })
}

#[test]
fn tensors_that_match_nothing_are_told_and_harm_nobody() {
    let unused = added(&[
        ("lora_unet_linear.lora_down.weight", &[2, 20]),
        ("lora_unet_linear.lora_up.weight", &[12, 2]),
        ("lora_unet_linear.strange", &[1]),
        ("lora_unet_conv.lora_down.weight", &[2, 6, 3, 3]),
        ("lora_unet_other.lora_down.weight", &[2, 20]),
        ("lora_te_text_model_x.alpha", &[1]),
    ]);
    let expected = [
        "lora_te_text_model_x.alpha",
        "lora_unet_conv.lora_down.weight",
        "lora_unet_linear.strange",
        "lora_unet_other.lora_down.weight",
    ];
    assert_eq!(unused.unwrap(), expected);
}

#[test]
fn an_adapter_for_another_family_is_named_with_the_cure() {
    // Layers of another network, beside a text encoder that is the same.
    let flux = added(&[
        (
            "lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight",
            &[2, 20],
        ),
        (
            "lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight",
            &[12, 2],
        ),
    ]);
    let text = flux.unwrap_err();
    assert!(text.contains("is made for FLUX"), "{text}");
    assert!(text.contains("choose a LoRA made for this model"), "{text}");
    // The same layer, of another width.
    let wide = added(&[
        ("lora_unet_linear.lora_down.weight", &[2, 24]),
        ("lora_unet_linear.lora_up.weight", &[12, 2]),
    ]);
    let text = wide.unwrap_err();
    assert!(text.contains("linear.weight: it has 12x24"), "{text}");
}

#[test]
fn factors_that_do_not_fit_and_files_without_any_are_refused() {
    for tensors in [
        [
            ("lora_unet_linear.lora_down.weight", &[3, 20][..]),
            ("lora_unet_linear.lora_up.weight", &[12, 2][..]),
        ],
        [
            ("lora_unet_linear.lokr_w1", &[5, 2][..]),
            ("lora_unet_linear.lokr_w2", &[2, 10][..]),
        ],
        [
            ("lora_unet_linear.diff", &[12, 20][..]),
            ("lora_unet_linear.diff_b", &[11][..]),
        ],
    ] {
        assert!(added(&tensors).is_err(), "{tensors:?}");
    }
    let text = added(&[("conv_in.weight", &[2])]).unwrap_err();
    assert!(text.contains("holds no LoRA"), "{text}");
}

#[test]
fn differences_are_added_to_weights_and_biases_as_they_are() {
    let (weights, modules) = layers();
    let file = file_of(&[
        ("lora_unet_linear.diff", &[12, 20]),
        ("lora_unet_linear.diff_b", &[12]),
    ]);
    let adapter = Adapter::open(file.path()).unwrap();
    let mut adapters = Adapters::default();
    adapters.add(&adapter, everywhere(0.5), &modules).unwrap();
    let door = adapters.over(ModelPart::Unet, door(&weights));
    for name in ["linear.weight", "linear.bias"] {
        let ours = door.get_unchecked(name).unwrap().flatten_all().unwrap();
        let base = weights.values(&format!("base.{name}")).unwrap();
        for (ours, base) in ours.to_vec1::<f32>().unwrap().into_iter().zip(base) {
            assert!((ours - base - 0.5).abs() < 1e-6);
        }
    }
}
