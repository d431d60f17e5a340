//! FLUX.1 in ComfyUI's folders: the denoiser, text encoders and the autoencoder are files of their own.

use std::fs;
use std::path::Path;

use afterimage::models::{Checkpoint, Manifest, StableDiffusion, WholeConfig};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{CancelToken, Silent, text_to_image};
use afterimage::raster::{Extent, Pixels};
use afterimage::recipe::Task;
use afterimage::weights::{FolderFiles, ModelFiles, Weights, write_tensors};
use candle_core::Device;

use crate::golden::{copy, made, path, recipe};

/// Words of CLIP's vocabulary, which such files are for.
const WORDS: usize = 49408;

/// The text encoder of `flux/` as if it knew CLIP's words.
fn clip() -> Vec<u8> {
    let own = Weights::open(&path("flux/text_encoder/model.safetensors")).unwrap();
    let mut tensors = Vec::new();
    for name in own.names() {
        let (mut shape, mut values) =
            (own.shape(name).unwrap().to_vec(), own.values(name).unwrap());
        if name.ends_with("token_embedding.weight") {
            shape[0] = WORDS;
            let rows = values.clone();
            values = rows.into_iter().cycle().take(WORDS * shape[1]).collect();
        }
        tensors.push((name.to_owned(), shape, values));
    }
    let views: Vec<_> = tensors
        .iter()
        .map(|(name, shape, values)| (name.as_str(), shape.as_slice(), values.as_slice()))
        .collect();
    write_tensors(&views).unwrap()
}

fn lay(root: &Path, to: &str, bytes: &[u8]) {
    let to = root.join(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, bytes).unwrap();
}

fn golden(file: &str) -> Vec<u8> {
    fs::read(path("flux").join(file)).unwrap()
}

/// ComfyUI's folder of models; the vocabulary of T5 lies beside its weights.
fn comfy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    lay(
        root,
        "diffusion_models/FLUX/flux1-dev.safetensors",
        &golden("denoiser.safetensors"),
    );
    lay(root, "text_encoders/clip_l.safetensors", &clip());
    let t5 = golden("text_encoder_2/model.safetensors");
    lay(root, "text_encoders/t5xxl.safetensors", &t5);
    lay(
        root,
        "text_encoders/spiece.model",
        &golden("tokenizer_2/spiece.model"),
    );
    lay(
        root,
        "vae/ae.safetensors",
        &golden("vae/diffusion_pytorch_model.safetensors"),
    );
    folder
}

fn file(comfy: &tempfile::TempDir) -> std::path::PathBuf {
    comfy
        .path()
        .join("diffusion_models/FLUX/flux1-dev.safetensors")
}

fn draw(files: &dyn ModelFiles) -> Pixels {
    let manifest = Manifest::read(files).unwrap();
    let never = Interrupt::never();
    let model = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never).unwrap();
    let recipe = recipe(Task::TextToImage, Extent::new(32, 32), |draft| {
        draft.steps = 2;
        draft.negative_prompt.clear();
        "euler".clone_into(&mut draft.sampler);
    });
    made(text_to_image(&model, &recipe, &CancelToken::new(), &mut Silent).unwrap()).pixels
}

#[test]
fn files_in_comfyuis_folders_draw_what_folders_of_diffusers_do() {
    let comfy = comfy();
    let of_files = Checkpoint::open(&file(&comfy)).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for part in [
        "text_encoder_2",
        "tokenizer_2",
        "vae",
        "transformer",
        "scheduler",
    ] {
        copy(&path("flux").join(part), &root.join(part));
    }
    lay(root, "model_index.json", &golden("model_index.json"));
    lay(root, "text_encoder/model.safetensors", &clip());
    let config = String::from_utf8(golden("text_encoder/config.json")).unwrap();
    // A head for every 64 values, as in all that are published.
    let config = config
        .replace("\"vocab_size\": 565", &format!("\"vocab_size\": {WORDS}"))
        .replace("\"num_attention_heads\": 2", "\"num_attention_heads\": 1")
        .replace("\"eos_token_id\": 564", "\"eos_token_id\": 2");
    lay(root, "text_encoder/config.json", config.as_bytes());
    for name in ["vocab.json", "merges.txt", "tokenizer_config.json"] {
        let name = format!("tokenizer/{name}");
        lay(root, &name, &of_files.read(&name).unwrap());
    }
    let drawn = draw(&of_files);
    assert_eq!(drawn, draw(&FolderFiles::new(root)));
    assert!(drawn.rgb().iter().any(|value| *value != drawn.rgb()[0]));
}

#[test]
fn what_is_nowhere_is_named_with_what_serves_for_it() {
    let comfy = comfy();
    fs::remove_file(comfy.path().join("text_encoders/spiece.model")).unwrap();
    fs::remove_file(comfy.path().join("text_encoders/clip_l.safetensors")).unwrap();
    // Another model's vocabulary.
    let other = br#"{"model": {"type": "BPE"}}"#;
    lay(comfy.path(), "text_encoders/tokenizer.json", other);
    let error = Checkpoint::open(&file(&comfy)).unwrap_err().to_string();
    let missing = "nowhere beside it: text_encoder (a file in text_encoders), tokenizer_2 \
                   (tokenizer.json or spiece.model of T5 in text_encoders): lay";
    assert!(error.contains(missing), "{error}");

    // Diffusers' folders of some parts serve beside files of the others.
    for part in ["text_encoder", "tokenizer", "tokenizer_2"] {
        copy(&path("flux").join(part), &comfy.path().join(part));
    }
    Manifest::read(&Checkpoint::open(&file(&comfy)).unwrap()).unwrap();
}

/// The layers of T5 in a model.
fn layers(manifest: &Manifest) -> usize {
    let whole = manifest.texts.whole.as_ref().unwrap();
    let WholeConfig::T5(config) = &whole.config else {
        panic!("{:?}", whole.config)
    };
    config.num_layers
}

#[test]
fn of_several_files_the_one_that_fits_and_is_the_most_exact_is_taken() {
    let comfy = comfy();
    let t5 = Weights::open(&path("flux/text_encoder_2/model.safetensors")).unwrap();
    let lay_t5 = |name: &str, change: &dyn Fn(&str) -> Option<usize>| {
        let mut tensors = Vec::new();
        for tensor in t5.names() {
            let Some(times) = change(tensor) else {
                continue;
            };
            let mut shape = t5.shape(tensor).unwrap().to_vec();
            let last = shape.len() - 1;
            shape[last] *= times;
            tensors.push((tensor, shape, t5.values(tensor).unwrap().repeat(times)));
        }
        let views: Vec<_> = tensors
            .iter()
            .map(|(name, shape, values)| (*name, shape.as_slice(), values.as_slice()))
            .collect();
        let file = format!("text_encoders/{name}.safetensors");
        lay(comfy.path(), &file, &write_tensors(&views).unwrap());
    };
    // Fewer bytes, and first by name; more of them, and wider than the denoiser is told.
    lay_t5("a_smaller", &|name| {
        (!name.contains("block.1")).then_some(1)
    });
    lay_t5("b_wider", &|_| Some(3));
    let vae = Weights::open(&path("flux/vae/diffusion_pytorch_model.safetensors")).unwrap();
    let names: Vec<_> = vae.names().collect();
    let tensors: Vec<_> = names
        .iter()
        .map(|name| (*name, vae.shape(name).unwrap(), vae.values(name).unwrap()))
        .collect();
    let spare = vec![0.0; 1 << 16];
    let mut views: Vec<_> = tensors
        .iter()
        .map(|(name, shape, values)| (*name, *shape, values.as_slice()))
        .collect();
    // Nothing tells it from FLUX's but its name.
    views.push(("spare", &[1 << 16], &spare));
    lay(
        comfy.path(),
        "vae/a_third.safetensors",
        &write_tensors(&views).unwrap(),
    );
    let checkpoint = Checkpoint::open(&file(&comfy)).unwrap();
    let manifest = Manifest::read(&checkpoint).unwrap();
    assert_eq!(layers(&manifest), 2);
    let vae = checkpoint.weights("vae/diffusion_pytorch_model.safetensors");
    let taken = vae.unwrap().file().to_owned();
    assert!(taken.contains("ae.safetensors"), "{taken}");
}
