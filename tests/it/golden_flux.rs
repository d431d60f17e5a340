//! FLUX.1, against the numbers of `tests/golden/make_flux.py`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use afterimage::models::{
    Checkpoint, DenoiserConfig, Manifest, StableDiffusion, TextEmbeddings, Told,
};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{CancelToken, Made, Silent, encode_prompts, text_to_image};
use afterimage::raster::Extent;
use afterimage::recipe::{Draft, Emphasis, Recipe, SizeCondition, Task};
use afterimage::weights::{
    Adapter, Adapters, FolderFiles, ModelFiles, Strengths, Weights, write_tensors,
};
use candle_core::{DType, Device, Tensor};

use crate::golden::{RUN, assert_agrees, copy, gap, made, path, recipe, tensors};

const LAYER: f32 = 1e-4;
const STEPS: u32 = 4;
const GUIDANCE: f32 = 3.5;
/// Tokens of a prompt the network is shown alone.
const TOKENS: usize = 40;
/// The parts both denoisers go with.
const PARTS: [&str; 5] = [
    "text_encoder",
    "text_encoder_2",
    "tokenizer",
    "tokenizer_2",
    "vae",
];

/// The whole folder of a denoiser.
fn folder(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in PARTS {
        copy(&path("flux").join(part), &folder.path().join(part));
    }
    for part in ["transformer", "scheduler"] {
        copy(&path(name).join(part), &folder.path().join(part));
    }
    let index = "model_index.json";
    fs::copy(path(name).join(index), folder.path().join(index)).unwrap();
    folder
}

/// The other parts, and beside them a file of the denoiser.
fn beside(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in PARTS {
        copy(&path("flux").join(part), &folder.path().join(part));
    }
    let to = folder.path().join(Path::new(file).file_name().unwrap());
    fs::copy(path(file), to).unwrap();
    folder
}

fn load(files: &dyn ModelFiles) -> StableDiffusion {
    let manifest = Manifest::read(files).unwrap();
    StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &Interrupt::never()).unwrap()
}

fn model(name: &str) -> StableDiffusion {
    load(&FolderFiles::new(folder(name).path()))
}

/// A recipe whose prompt is taken as it stands, as diffusers takes it.
fn literal(change: impl FnOnce(&mut Draft)) -> Recipe {
    recipe(Task::TextToImage, Extent::new(32, 32), |draft| {
        draft.steps = STEPS;
        draft.guidance = GUIDANCE;
        draft.emphasis = Emphasis::None;
        draft.negative_prompt.clear();
        "euler".clone_into(&mut draft.sampler);
        change(draft);
    })
}

fn draw(model: &StableDiffusion, change: impl FnOnce(&mut Draft)) -> Made {
    let recipe = literal(change);
    made(text_to_image(model, &recipe, &CancelToken::new(), &mut Silent).unwrap())
}

/// What a network answers to the prompt of `flux/`.
fn answer(model: &StableDiffusion, latents: &Tensor, guidance: f32) -> Tensor {
    answer_to("flux", model, latents, guidance)
}

/// What it answers to the prompt of a folder's goldens.
fn answer_to(name: &str, model: &StableDiffusion, latents: &Tensor, guidance: f32) -> Tensor {
    let goldens = tensors(&format!("{name}/golden.safetensors"));
    let never = Interrupt::never();
    let tokens = goldens["embeddings.tokens"].narrow(1, 0, TOKENS).unwrap();
    let text = TextEmbeddings {
        tokens,
        pooled: Some(goldens["embeddings.pooled"].clone()),
    };
    let told = Told {
        size: SizeCondition::whole(32, 32),
        guidance,
        apart: false,
    };
    let prompt = model.denoiser.read(&[text], told, &never).unwrap();
    let answer = model
        .denoiser
        .forward(latents, 601.5, &prompt, None, &never);
    answer.unwrap().0
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

#[test]
fn a_prompt_is_read_as_a_whole_by_clip_and_token_by_token_by_t5() {
    for (name, tokens) in [("flux", 512), ("flux_schnell", 256)] {
        let goldens = tensors(&format!("{name}/golden.safetensors"));
        let model = model(name);
        let recipe = literal(|draft| draft.guidance = 1.0);
        let read = encode_prompts(&model, &recipe, &mut Silent, &Interrupt::never()).unwrap();
        let text = read.positive();
        assert_eq!(text.tokens.dim(1).unwrap(), tokens);
        assert_agrees(name, &text.tokens, &goldens["embeddings.tokens"], LAYER);
        let pooled = text.pooled.as_ref().unwrap();
        assert_agrees(name, pooled, &goldens["embeddings.pooled"], LAYER);
    }
}

#[test]
fn both_networks_agree_at_every_size() {
    for name in ["flux", "flux_schnell"] {
        let goldens = tensors(&format!("{name}/golden.safetensors"));
        let model = model(name);
        for size in ["square", "wide"] {
            let latents = &goldens[&format!("network.{size}.latents")];
            let ours = answer_to(name, &model, latents, GUIDANCE);
            let golden = &goldens[&format!("network.{size}.output")];
            assert_agrees(&format!("{name} {size}"), &ours, golden, LAYER);
        }
    }
}

#[test]
fn the_guidance_is_told_to_the_one_that_listens() {
    let latents = tensors("flux/golden.safetensors")["network.square.latents"].clone();
    let (dev, schnell) = (model("flux"), model("flux_schnell"));
    let gap = |model: &StableDiffusion| {
        let [weak, strong] = [1.0, 6.0].map(|guidance| answer(model, &latents, guidance));
        crate::golden::gap(&weak, &strong)
    };
    assert!(gap(&dev) > 1e-3);
    assert!(gap(&schnell) == 0.0);
    assert!(dev.manifest.denoiser.is_told_guidance());
    let read = encode_prompts(&dev, &literal(|_| {}), &mut Silent, &Interrupt::never());
    assert!(!read.unwrap().is_guided());
}

#[test]
fn four_steps_end_at_diffusers_latents_and_pictures() {
    for (name, guidance) in [("flux", GUIDANCE), ("flux_schnell", 1.0)] {
        let goldens = tensors(&format!("{name}/golden.safetensors"));
        let made = draw(&model(name), |draft| draft.guidance = guidance);
        assert_agrees(name, &made.tensors.latents, &goldens["run.latents"], RUN);
        let golden = goldens["run.picture"].flatten_all().unwrap();
        let golden = golden.to_vec1::<f32>().unwrap();
        assert_eq!(made.pixels.rgb().len(), golden.len());
        for (ours, theirs) in made.pixels.rgb().into_iter().zip(golden) {
            let gap = (f32::from(ours) - theirs * 255.0).abs();
            assert!(gap < 2.0, "{name}: {ours} is not {}", theirs * 255.0);
        }
    }
}

#[test]
fn a_file_in_its_authors_names_computes_the_bits_of_its_folder() {
    let desk = beside("flux/denoiser.safetensors");
    let file = Checkpoint::open(&desk.path().join("denoiser.safetensors")).unwrap();
    let folder = folder("flux");
    let folder = FolderFiles::new(folder.path());
    let config = |files: &dyn ModelFiles| Manifest::read(files).unwrap();
    let (of_file, of_folder) = (config(&file), config(&folder));
    assert_eq!(of_file.denoiser, of_folder.denoiser);
    assert_eq!(of_file.scheduler, of_folder.scheduler);
    assert_eq!(
        of_file.denoiser_weights().bytes().len(),
        fs::metadata(path("flux/denoiser.safetensors"))
            .unwrap()
            .len() as usize,
        "tensors are copied"
    );
    let latents = &tensors("flux/golden.safetensors")["network.wide.latents"];
    let ours = bits(&answer(&load(&file), latents, GUIDANCE));
    assert!(ours == bits(&answer(&load(&folder), latents, GUIDANCE)));
    assert!(ours.iter().any(|bits| *bits != ours[0]));
}

#[test]
fn a_file_may_begin_its_names_as_whole_checkpoints_do_and_diffusers_names_stay() {
    let desk = beside("flux/denoiser.safetensors");
    let of_authors = Weights::open(&path("flux/denoiser.safetensors")).unwrap();
    let of_diffusers = path("flux/transformer/diffusion_pytorch_model.safetensors");
    let of_diffusers = Weights::open(&of_diffusers).unwrap();
    for (weights, start) in [(&of_authors, "model.diffusion_model."), (&of_diffusers, "")] {
        let file = desk.path().join("other.safetensors");
        let vb = weights.as_stored(DType::F32, &Device::Cpu);
        let named = weights.names().map(|name| {
            let tensor = vb.get(weights.shape(name).unwrap(), name).unwrap();
            (format!("{start}{name}"), tensor)
        });
        candle_core::safetensors::save(&named.collect(), &file).unwrap();
        let manifest = Manifest::read(&Checkpoint::open(&file).unwrap()).unwrap();
        let DenoiserConfig::Flux(config) = &manifest.denoiser else {
            panic!("{:?}", manifest.denoiser);
        };
        assert_eq!((config.num_layers, config.num_single_layers), (2, 1));
        load(&Checkpoint::open(&file).unwrap());
    }
}

#[test]
fn blocks_compute_what_the_gguf_package_reads_in_them_and_stay_blocks_in_memory() {
    let desk = beside("flux/coded.gguf");
    let checkpoint = Checkpoint::open(&desk.path().join("coded.gguf")).unwrap();
    let model = load(&checkpoint);
    let goldens = tensors("flux/coded.safetensors");
    let ours = answer(&model, &goldens["latents"], GUIDANCE);
    assert_agrees("coded", &ours, &goldens["output"], LAYER);
    let layers = format!("{:?}", model.denoiser);
    let (coded, packed) = (
        layers.matches("Coded(").count(),
        layers.matches("Packed(").count(),
    );
    assert!(coded > 20 && packed == 0, "{coded} coded, {packed} packed");
    // A number takes 4 to 8.5 bits of them where the folder's takes 16.
    let whole = self::model("flux").manifest;
    let whole = whole.resident_bytes(Keep::AsStored);
    assert!(model.manifest.resident_bytes(Keep::AsStored) < whole);
}

#[test]
fn a_denoiser_alone_is_told_what_it_needs_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flux1-dev.safetensors");
    fs::copy(path("flux/denoiser.safetensors"), &file).unwrap();
    let error = Checkpoint::open(&file).unwrap_err().to_string();
    for word in ["flux1-dev.safetensors", "FLUX.1", "text_encoder_2", "vae"] {
        assert!(error.contains(word), "{error}");
    }
    // Or above.
    for part in PARTS {
        copy(&path("flux").join(part), &folder.path().join(part));
    }
    let below = folder.path().join("transformer");
    fs::create_dir(&below).unwrap();
    let moved = below.join("flux1-dev.safetensors");
    fs::rename(&file, &moved).unwrap();
    Manifest::read(&Checkpoint::open(&moved).unwrap()).unwrap();
}

#[test]
fn each_is_taken_up_with_the_settings_it_draws_best_with() {
    for (name, guidance, steps) in [("flux", 3.5, 28), ("flux_schnell", 1.0, 4)] {
        let manifest = model(name).manifest;
        let usual = manifest.usual("some-name");
        assert_eq!((usual.guidance, usual.steps), (guidance, steps), "{name}");
        assert_eq!(usual.sampler, Some("euler"));
        assert_eq!(manifest.family().unwrap().title, "FLUX.1");
        // Squares of two by two latents of two pixels each.
        assert_eq!(manifest.pixel_factor(), 4);
    }
}

#[test]
fn the_network_looks_between_its_blocks_and_stops_there() {
    let model = model("flux");
    let goldens = tensors("flux/golden.safetensors");
    let text = TextEmbeddings {
        tokens: goldens["embeddings.tokens"].clone(),
        pooled: Some(goldens["embeddings.pooled"].clone()),
    };
    let told = Told::default();
    let prompt = model.denoiser.read(&[text], told, &Interrupt::never());
    let latents = &goldens["network.square.latents"];
    let asked = Interrupt::when(|| true);
    let stopped = model
        .denoiser
        .forward(latents, 601.5, &prompt.unwrap(), None, &asked);
    assert!(stopped.is_err());
}

/// Modules in their authors' names, many of which are several of diffusers' at once.
const AUTHORS_MODULES: [&str; 9] = [
    "double_blocks.0.img_attn.qkv",
    "double_blocks.0.img_attn.proj",
    "double_blocks.1.txt_attn.qkv",
    "double_blocks.1.txt_mlp.2",
    "double_blocks.1.img_mod.lin",
    "single_blocks.0.linear1",
    "single_blocks.0.linear2",
    "single_blocks.0.modulation.lin",
    "txt_in",
];

/// `DoRA` in a layer that is four of diffusers'.
const WITH_LENGTHS: &str = "single_blocks.0.linear1";

/// Factors of a rank of 2, which nothing repeats.
fn factors(index: usize, (outputs, inputs): (usize, usize)) -> (Vec<f32>, Vec<f32>) {
    let some = |count: usize, seed: usize| {
        let numbers = (0..count).map(|at| ((at + seed) as f32 * 1.618).sin() * 0.15);
        numbers.collect::<Vec<f32>>()
    };
    (
        some(outputs * 2, 100 * index),
        some(2 * inputs, 100 * index + 50),
    )
}

#[test]
fn adapters_in_the_authors_names_add_to_every_layer_theirs_are_made_of() {
    let own = Weights::open(&path("flux/denoiser.safetensors")).unwrap();
    let mut merged: HashMap<String, Tensor> = HashMap::new();
    for name in own.names() {
        let values = own.values(name).unwrap();
        let tensor = Tensor::from_vec(values, own.shape(name).unwrap(), &Device::Cpu);
        merged.insert(name.to_owned(), tensor.unwrap());
    }
    let mut parts = Vec::new();
    for (index, module) in AUTHORS_MODULES.iter().enumerate() {
        let weight = merged.get_mut(&format!("{module}.weight")).unwrap();
        let sizes = weight.dims2().unwrap();
        let (up, down) = factors(index, sizes);
        let matrix = |values: &[f32], rows: usize| {
            Tensor::from_slice(values, (rows, values.len() / rows), &Device::Cpu).unwrap()
        };
        let added = matrix(&up, sizes.0).matmul(&matrix(&down, 2)).unwrap();
        // Alpha by rank, times the strength.
        *weight = (&*weight + (added * (0.5 * 0.8)).unwrap()).unwrap();
        // One of them gives each output a length, too.
        let lengths = (*module == WITH_LENGTHS).then(|| {
            let now = weight
                .sqr()
                .unwrap()
                .sum_keepdim(1)
                .unwrap()
                .sqrt()
                .unwrap();
            let lengths = (now.ones_like().unwrap() * 0.7).unwrap();
            *weight = weight.broadcast_div(&now).unwrap();
            *weight = weight.broadcast_mul(&lengths).unwrap();
            lengths.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        });
        parts.push((*module, sizes, up, down, lengths));
    }
    let desk = beside("flux/denoiser.safetensors");
    let file = desk.path().join("denoiser.safetensors");
    // As the file has them, and as what an adapter makes of them is kept.
    let merged = merged.into_iter();
    let merged = merged.map(|(name, tensor)| (name, tensor.to_dtype(DType::F16).unwrap()));
    candle_core::safetensors::save(&merged.collect(), &file).unwrap();
    let latents = &tensors("flux/golden.safetensors")["network.wide.latents"];
    let expected = answer(&load(&Checkpoint::open(&file).unwrap()), latents, GUIDANCE);
    let plain = answer(&model("flux"), latents, GUIDANCE);

    for kohya in [true, false] {
        let mut tensors = Vec::new();
        for (module, sizes, up, down, lengths) in &parts {
            let (start, ends) = if kohya {
                (
                    format!("lora_unet_{}", module.replace('.', "_")),
                    ["lora_up", "lora_down"],
                )
            } else {
                (format!("diffusion_model.{module}"), ["lora_B", "lora_A"])
            };
            tensors.push((
                format!("{start}.{}.weight", ends[0]),
                vec![sizes.0, 2],
                up.clone(),
            ));
            tensors.push((
                format!("{start}.{}.weight", ends[1]),
                vec![2, sizes.1],
                down.clone(),
            ));
            tensors.push((format!("{start}.alpha"), vec![], vec![1.0]));
            if let Some(lengths) = lengths {
                let name = format!("{start}.dora_scale");
                tensors.push((name, vec![sizes.0, 1], lengths.clone()));
            }
        }
        let views: Vec<_> = tensors
            .iter()
            .map(|(name, shape, values)| (name.as_str(), shape.as_slice(), values.as_slice()))
            .collect();
        let file = desk.path().join("adapter.safetensors");
        fs::write(&file, write_tensors(&views).unwrap()).unwrap();
        let folder = folder("flux");
        let manifest = Manifest::read(&FolderFiles::new(folder.path())).unwrap();
        let mut adapters = Adapters::default();
        let strengths = Strengths {
            unet: 0.8,
            text: 0.8,
        };
        let unused = adapters
            .add(
                &Adapter::open(&file).unwrap(),
                strengths,
                &manifest.modules(),
            )
            .unwrap();
        assert_eq!(unused, [""; 0], "kohya: {kohya}");
        let never = Interrupt::never();
        let changed =
            StableDiffusion::load_with(manifest, &adapters, &Device::Cpu, Keep::AsStored, &never);
        let ours = answer(&changed.unwrap(), latents, GUIDANCE);
        assert_agrees(&format!("kohya: {kohya}"), &ours, &expected, LAYER);
        assert!(gap(&plain, &expected) > 10.0 * LAYER);
    }
}
