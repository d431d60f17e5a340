use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use afterimage::models::{
    Checkpoint, Manifest, PromptTokenizer, StableDiffusion, TextEmbeddings, Told,
};
use afterimage::nn::{Interrupt, Keep};
use afterimage::pipelines::{Silent, encode_prompts};
use afterimage::raster::Extent;
use afterimage::recipe::Task;
use afterimage::weights::{FolderFiles, ModelFiles, Weights};
use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};
use safetensors::tensor::Dtype;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::checkpoint_kit::{FAMILIES, Names, Stored, altered, write, write_gguf};
use crate::golden::{path, recipe};

/// A tensor's bytes as they are stored.
fn bytes(weights: &Weights, name: &str) -> Vec<u8> {
    let shape = weights.shape(name).unwrap().to_vec();
    let vb = weights.as_stored(DType::F32, &Device::Cpu);
    let tensor = vb.get(shape, name).unwrap().flatten_all().unwrap();
    match weights.dtype(name).unwrap() {
        DType::F16 => to_bytes(&tensor, f16::to_le_bytes),
        DType::BF16 => to_bytes(&tensor, bf16::to_le_bytes),
        _ => to_bytes(&tensor, f32::to_le_bytes),
    }
}

fn to_bytes<T: candle_core::WithDType, const N: usize>(
    tensor: &Tensor,
    one: impl Fn(T) -> [u8; N],
) -> Vec<u8> {
    let values = tensor.to_vec1::<T>().unwrap();
    values.into_iter().flat_map(one).collect()
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn file_of(part: &str) -> String {
    if part.starts_with("text_encoder") {
        format!("{part}/model.safetensors")
    } else {
        format!("{part}/diffusion_pytorch_model.safetensors")
    }
}

fn json(files: &dyn ModelFiles, file: &str) -> Value {
    serde_json::from_slice(&files.read(file).unwrap()).unwrap()
}

/// Asserts that a part has exactly these tensors.
fn assert_part(files: &dyn ModelFiles, part: &str, expected: &BTreeMap<String, Stored>) {
    let weights = files.weights(&file_of(part)).unwrap();
    let names: Vec<&str> = weights.names().collect();
    assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{part}");
    for (name, (shape, stored)) in expected {
        assert_eq!(weights.shape(name), Some(shape.as_slice()), "{name}");
        assert!(bytes(&weights, name) == *stored, "{part} {name}");
    }
}

#[test]
fn every_family_gives_the_tensors_of_its_folder_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    for (family, dtype) in FAMILIES
        .into_iter()
        .zip([Dtype::F16, Dtype::F32, Dtype::BF16])
    {
        let names = Names::of(family);
        let tensors = names.checkpoint(dtype);
        let file = folder.path().join(family);
        write(&file, &tensors, dtype, None);
        let checkpoint = Checkpoint::open(&file).unwrap();
        for part in names.configs.keys() {
            assert_part(&checkpoint, part, &names.part(part, &tensors));
        }
    }
}

#[test]
fn configurations_told_from_shapes_are_those_diffusers_writes() {
    let folder = tempfile::tempdir().unwrap();
    for family in FAMILIES {
        let names = Names::of(family);
        let file = folder.path().join(family);
        write(&file, &names.checkpoint(Dtype::F16), Dtype::F16, None);
        let checkpoint = Checkpoint::open(&file).unwrap();
        for (part, theirs) in &names.configs {
            let ours = json(&checkpoint, &format!("{part}/config.json"));
            let ours = ours.as_object().unwrap();
            assert!(ours.len() > 10, "{part}");
            for (key, ours) in ours {
                // What the libraries add when they save.
                if ["_class_name", "architectures", "model_type"].contains(&key.as_str()) {
                    continue;
                }
                let same = |a: &Value, b: &Value| {
                    a == b || a.as_f64().is_some_and(|a| Some(a) == b.as_f64())
                };
                assert!(
                    same(ours, &theirs[key]),
                    "{family} {part} {key}: {ours} is not {}",
                    theirs[key]
                );
            }
        }
    }
}

#[test]
fn a_file_and_its_folder_compute_identical_bits() {
    let families = [
        ("one", "epsilon"),
        ("two", "v_prediction"),
        ("xl", "epsilon"),
    ];
    for (family, prediction) in families {
        let desk = tempfile::tempdir().unwrap();
        let names = Names::of(family);
        let tensors = names.checkpoint(Dtype::F16);
        let file = desk.path().join("model.safetensors");
        write(&file, &tensors, Dtype::F16, None);
        let folder = desk.path().join("folder");
        names.write_folder(&folder, &tensors, Dtype::F16);
        let checkpoint = Checkpoint::open(&file).unwrap();
        // What a folder has beside its networks; the vocabulary has tests of its own.
        for name in [
            "model_index.json",
            "scheduler/scheduler_config.json",
            "tokenizer/vocab.json",
            "tokenizer/merges.txt",
            "tokenizer/tokenizer_config.json",
            "tokenizer_2/vocab.json",
            "tokenizer_2/merges.txt",
            "tokenizer_2/tokenizer_config.json",
        ] {
            if !checkpoint.contains(name) {
                continue;
            }
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), checkpoint.read(name).unwrap()).unwrap();
        }
        let scheduler = json(&checkpoint, "scheduler/scheduler_config.json");
        assert_eq!(scheduler["prediction_type"], prediction);
        let of_file = answers(&checkpoint);
        let of_folder = answers(&FolderFiles::new(&folder));
        assert!(
            of_file
                .iter()
                .all(|value| f32::from_bits(*value).is_finite())
        );
        assert!(of_file == of_folder, "{family}");
    }
}

/// The bits of what each network answers.
fn answers(files: &dyn ModelFiles) -> Vec<u32> {
    let never = Interrupt::never();
    let manifest = Manifest::read(files).unwrap();
    let model = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never).unwrap();
    let latents: Vec<f32> = (0..4 * 8 * 8).map(|at| (at as f32).sin()).collect();
    let latents = Tensor::from_vec(latents, (1, 4, 8, 8), &Device::Cpu).unwrap();
    let recipe = recipe(Task::TextToImage, Extent::new(64, 64), |_| {});
    let read = encode_prompts(&model, &recipe, &mut Silent, &never).unwrap();
    let TextEmbeddings { tokens, pooled } = read.positive().clone();
    let told = Told::default();
    let prompt = model
        .unet()
        .unwrap()
        .read(&tokens, pooled.as_ref(), told, &never);
    let prompt = prompt.unwrap();
    let noise = model
        .unet()
        .unwrap()
        .forward_with(&latents, 500.0, &prompt, None, &never)
        .unwrap();
    let picture = model.autoencoder.decode(&latents, &never).unwrap();
    [tokens, noise.0, picture]
        .iter()
        .flat_map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap())
        .map(f32::to_bits)
        .collect()
}

#[test]
fn both_formats_of_torch_give_the_tensors_of_the_folder() {
    let text = fs::read_to_string(path("single/one_digests.json")).unwrap();
    let digests: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&text).unwrap();
    for file in ["single/one.ckpt", "single/one_stream.ckpt"] {
        let checkpoint = Checkpoint::open(&path(file)).unwrap();
        for (part, expected) in &digests {
            let weights = checkpoint.weights(&file_of(part)).unwrap();
            let names: Vec<&str> = weights.names().collect();
            assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{part}");
            for (name, digest) in expected {
                let ours = hex(&Sha256::digest(bytes(&weights, name)));
                assert_eq!(ours, *digest, "{file} {name}");
            }
        }
        Manifest::read(&checkpoint).unwrap();
    }
}

#[test]
fn a_checkpoint_of_gguf_gives_the_tensors_of_its_folder_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    for family in FAMILIES {
        let names = Names::of(family);
        let tensors = names.checkpoint(Dtype::F16);
        let file = folder.path().join(family);
        write_gguf(&file, &tensors);
        let checkpoint = Checkpoint::open(&file).unwrap();
        for part in names.configs.keys() {
            assert_part(&checkpoint, part, &names.part(part, &tensors));
        }
    }
}

#[test]
fn tensors_of_a_checkpoint_are_not_copied() {
    let (_folder, file) = altered("xl", |_| {});
    let checkpoint = Checkpoint::open(&file).unwrap();
    let parts = ["unet", "vae", "text_encoder", "text_encoder_2"];
    let weights = parts.map(|part| checkpoint.weights(&file_of(part)).unwrap());
    for part in &weights {
        assert_eq!(part.bytes().as_ptr(), weights[0].bytes().as_ptr());
    }
    let stored: u64 = weights.iter().map(Weights::tensor_bytes).sum();
    assert!(stored <= fs::metadata(&file).unwrap().len());
}

#[test]
fn prompts_are_cut_as_clip_cuts_them_without_a_tokenizer_beside() {
    #[derive(serde::Deserialize)]
    struct Case {
        text: String,
        ids: Vec<u32>,
    }
    let cases: Vec<Case> =
        serde_json::from_str(&fs::read_to_string(path("clip_tokens.json")).unwrap()).unwrap();
    let tokenizer = |family: &str| {
        let (_folder, file) = altered(family, |_| {});
        PromptTokenizer::new(&Checkpoint::open(&file).unwrap(), 77).unwrap()
    };
    let one = tokenizer("one");
    for case in &cases {
        let ids = one.encode(&case.text).unwrap().ids;
        assert_eq!(ids, case.ids, "{:?}", case.text);
    }
    // Stable Diffusion 2 fills up with "!".
    let (end, padding) = (49407, 0);
    let cat = tokenizer("two").encode("cat").unwrap().ids;
    assert_eq!(&cat[..4], [49406, 2368, end, padding]);
    assert_eq!(cat[76], padding);
    let (_folder, file) = altered("xl", |_| {});
    let second = json(
        &Checkpoint::open(&file).unwrap(),
        "tokenizer_2/tokenizer_config.json",
    );
    assert_eq!(second["pad_token"], "!");
}

#[test]
fn names_that_lost_their_prefix_and_averaged_copies_do_no_harm() {
    let names = Names::of("one");
    let expected = names.part("text_encoder", &names.checkpoint(Dtype::F16));
    let (_folder, file) = altered("one", |tensors| {
        let renamed =
            |(name, stored): (String, Stored)| (name.replace(".text_model.", "."), stored);
        *tensors = std::mem::take(tensors).into_iter().map(renamed).collect();
    });
    assert_part(&Checkpoint::open(&file).unwrap(), "text_encoder", &expected);
}

#[test]
fn a_text_encoder_written_from_a_folder_keeps_all_its_layers() {
    let (_folder, file) = altered("two", |tensors| {
        let blocks: Vec<_> = tensors
            .iter()
            .filter(|(name, _)| name.contains(".resblocks.0."))
            .map(|(name, stored)| (name.clone(), stored.clone()))
            .collect();
        for index in 3..23 {
            for (name, stored) in &blocks {
                let name = name.replace(".resblocks.0.", &format!(".resblocks.{index}."));
                tensors.insert(name, stored.clone());
            }
        }
    });
    let config = json(
        &Checkpoint::open(&file).unwrap(),
        "text_encoder/config.json",
    );
    assert_eq!(config["num_hidden_layers"], 23);
}

/// What the scheduler of a checkpoint says its denoiser predicts.
fn prediction(file: &Path) -> Value {
    let checkpoint = Checkpoint::open(file).unwrap();
    json(&checkpoint, "scheduler/scheduler_config.json")["prediction_type"].clone()
}

#[test]
fn what_is_predicted_is_told_by_the_file_by_what_lies_beside_it_or_by_its_family() {
    let (folder, file) = altered("two", |_| {});
    assert_eq!(prediction(&file), "v_prediction");
    let yaml = folder.path().join("model.yaml");
    let text = "model:\n  params:\n    parameterization: \"v\"\n    unet_config: {}\n";
    fs::write(&yaml, text.replace("    parameterization: \"v\"\n", "")).unwrap();
    assert_eq!(prediction(&file), "epsilon");
    fs::write(&yaml, text).unwrap();
    assert_eq!(prediction(&file), "v_prediction");
    let tensors = Names::of("two").checkpoint(Dtype::F16);
    for (name, value, told) in [
        ("modelspec.prediction_type", "epsilon", "epsilon"),
        (
            "modelspec.architecture",
            "stable-diffusion-v2-512",
            "epsilon",
        ),
        (
            "modelspec.architecture",
            "stable-diffusion-v2-768-v",
            "v_prediction",
        ),
    ] {
        write(&file, &tensors, Dtype::F16, Some((name, value)));
        assert_eq!(prediction(&file), told, "{name} {value}");
    }
}

#[test]
fn trainers_of_xl_mark_velocity_and_noise_to_the_end() {
    let (_folder, file) = altered("xl", |_| {});
    assert_eq!(prediction(&file), "epsilon");
    let (_folder, file) = altered("xl", |tensors| {
        for name in ["v_pred", "ztsnr"] {
            tensors.insert(name.to_owned(), (vec![0], Vec::new()));
        }
    });
    let scheduler = json(
        &Checkpoint::open(&file).unwrap(),
        "scheduler/scheduler_config.json",
    );
    assert_eq!(scheduler["prediction_type"], "v_prediction");
    assert_eq!(scheduler["rescale_betas_zero_snr"], true);
}

/// Widens the first convolution of a denoiser.
fn widened(tensors: &mut BTreeMap<String, Stored>, channels: usize) {
    let name = "model.diffusion_model.input_blocks.0.0.weight";
    let (shape, bytes) = tensors.get_mut(name).unwrap();
    shape[1] = channels;
    bytes.resize(shape.iter().product::<usize>() * 2, 0);
}

#[test]
fn inpainting_checkpoints_are_known_by_their_channels() {
    for (family, class) in [
        ("one", "StableDiffusionInpaintPipeline"),
        ("two", "StableDiffusionInpaintPipeline"),
        ("xl", "StableDiffusionXLInpaintPipeline"),
    ] {
        let (_folder, file) = altered(family, |tensors| widened(tensors, 9));
        let checkpoint = Checkpoint::open(&file).unwrap();
        assert_eq!(json(&checkpoint, "model_index.json")["_class_name"], class);
        assert_eq!(json(&checkpoint, "unet/config.json")["in_channels"], 9);
        assert_eq!(prediction(&file), "epsilon");
    }
}

/// Why a file is refused.
fn refusal(file: &Path) -> String {
    let text = match Checkpoint::open(file) {
        Err(error) => error.to_string(),
        Ok(checkpoint) => match Manifest::read(&checkpoint) {
            Err(error) => error.to_string(),
            Ok(manifest) => {
                let never = Interrupt::never();
                let loaded = StableDiffusion::load(manifest, &Device::Cpu, Keep::AsStored, &never);
                loaded.unwrap_err().to_string()
            }
        },
    };
    assert!(
        text.contains(file.to_str().unwrap()),
        "{text} does not name the file"
    );
    text
}

#[test]
fn other_families_are_named() {
    for (tensor, family) in [
        (
            "model.diffusion_model.down_blocks.0.0.channelwise.0.weight",
            "Stable Cascade",
        ),
        ("single_stream_modulation.lin.weight", "FLUX.2"),
        (
            "model.diffusion_model.distilled_guidance_layer.in_proj.bias",
            "Chroma",
        ),
    ] {
        let (_folder, file) = altered("one", |tensors| {
            tensors.retain(|name, _| !name.contains("input_blocks"));
            tensors.insert(tensor.to_owned(), (vec![1], vec![0; 2]));
        });
        assert!(refusal(&file).contains(family), "{family}");
    }
    let (_folder, file) = altered("xl", |tensors| {
        let renamed = |(name, stored): (String, Stored)| {
            (
                name.replace("conditioner.embedders.1.", "conditioner.embedders.0."),
                stored,
            )
        };
        tensors.retain(|name, _| !name.starts_with("conditioner.embedders.0."));
        *tensors = std::mem::take(tensors).into_iter().map(renamed).collect();
    });
    assert!(refusal(&file).contains("the refiner of Stable Diffusion XL"));
    for (channels, family) in [(8, "InstructPix2Pix"), (5, "depths"), (7, "upscaler")] {
        let (_folder, file) = altered("one", |tensors| widened(tensors, channels));
        assert!(refusal(&file).contains(family), "{family}");
    }
}

#[test]
fn files_that_are_no_models_are_named_for_what_they_are() {
    for (names, words) in [
        (
            &["lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight"][..],
            "a LoRA",
        ),
        (
            &[
                "unet.down_blocks.0.attn1.to_q.lora_A.weight",
                "unet.x.lora.up.weight",
            ],
            "a LoRA",
        ),
        (&["emb_params"], "an embedding"),
        (&["clip_g", "clip_l"], "an embedding"),
        (&["model.1.sub.0.RDB1.conv1.0.weight"], "enlarges pictures"),
        (&["body.0.rdb1.conv1.weight"], "enlarges pictures"),
        (&["control_model.zero_convs.0.0.weight"], "a ControlNet"),
        (
            &["encoder.conv_in.weight", "decoder.mid.block_1.conv1.weight"],
            "a VAE alone",
        ),
        (&["decoder.layers.3.conv.0.weight"], "a TAESD"),
        (
            &["conv_in.weight", "down_blocks.0.resnets.0.conv1.weight"],
            "one part of a folder",
        ),
        (&["anything"], "does not know"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.safetensors");
        let tensors = names
            .iter()
            .map(|name| ((*name).to_owned(), (vec![1], vec![0; 2])));
        write(&file, &tensors.collect(), Dtype::F16, None);
        let text = refusal(&file);
        assert!(text.contains(words), "{text} lacks {words}");
    }
}

#[test]
fn an_upscaler_is_named_though_torch_wrote_it() {
    for name in ["trunk_x4.pth", "swin_light_x2.safetensors"] {
        let text = refusal(&path("upscale").join(name));
        assert!(text.contains("enlarges pictures"), "{text}");
    }
}

#[test]
fn a_checkpoint_that_lacks_a_part_is_told_which() {
    let (_folder, file) = altered("one", |tensors| {
        tensors.retain(|name, _| !name.starts_with("first_stage_model."));
    });
    assert!(refusal(&file).contains("holds no VAE"));
    let (_folder, file) = altered("one", |tensors| {
        tensors.retain(|name, _| !name.starts_with("cond_stage_model."));
    });
    assert!(refusal(&file).contains("holds no text encoder"));
    let (_folder, file) = altered("one", |tensors| {
        tensors.remove("model.diffusion_model.middle_block.0.in_layers.2.weight");
    });
    let text = refusal(&file);
    assert!(
        text.contains("no tensor mid_block.resnets.0.conv1.weight"),
        "{text}"
    );
    let (_folder, file) = altered("two", |tensors| {
        let name = "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight";
        let (shape, _) = &tensors[name];
        let shape = vec![shape[1], shape[0]];
        tensors.get_mut(name).unwrap().0 = shape;
    });
    let text = refusal(&file);
    assert!(text.contains("has shape"), "{text}");
}

#[test]
fn an_archive_that_would_grow_without_end_is_not_unpacked() {
    let text = refusal(&path("single/bomb.ckpt"));
    assert!(
        text.contains("compressed, which torch never does"),
        "{text}"
    );
}

#[test]
fn damaged_and_foreign_files_are_told_apart() {
    let (_folder, file) = altered("one", |_| {});
    let whole = fs::read(&file).unwrap();
    let header = |text: &str| {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes
    };
    let immense = r#"{"a":{"dtype":"F16","shape":[1152921504606846976],"data_offsets":[0,8]}}"#;
    let overflowing =
        r#"{"a":{"dtype":"F16","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#;
    let far = r#"{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,9223372036854775807]}}"#;
    for (bytes, words) in [
        (
            whole[..whole.len() / 2].to_vec(),
            "its length is not the one its header tells",
        ),
        (
            b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix".to_vec(),
            "a pickle that torch did not write",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "it is a picture"),
        (b"<!DOCTYPE html><html>".to_vec(), "a page of the web"),
        (
            b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
            "git lfs pull",
        ),
        (Vec::new(), "damaged"),
        (header(immense), "damaged"),
        (header(overflowing), "damaged"),
        (header(far), "damaged"),
        ((1u64 << 60).to_le_bytes().to_vec(), "damaged"),
    ] {
        fs::write(&file, bytes).unwrap();
        let text = refusal(&file);
        assert!(text.contains(words), "{text} lacks {words}");
    }
}
