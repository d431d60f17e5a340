use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use afterimage::engine::Request;
use afterimage::library::{Origin, read_picture};
use afterimage::models::{Checkpoint, Manifest, WithVae};
use afterimage::recipe::{Recipe, sha256_of};
use afterimage::weights::{FolderFiles, ModelFiles};
use egui::Key;
use egui::accesskit::Role;
use safetensors::tensor::Dtype;

use crate::checkpoint_kit::{Names, Stored, altered, write};
use crate::command::Desk;
use crate::fake_engine::FakeEngine;
use crate::golden::path;
use crate::window_kit::{click, retype, settle, window};

/// The autoencoder of the family `one` in both spellings, other numbers than its own, beside a
/// checkpoint without any.
struct Files {
    folder: tempfile::TempDir,
    checkpoint: PathBuf,
    names: Names,
    tensors: BTreeMap<String, Stored>,
}

fn files() -> Files {
    let (folder, checkpoint) = altered("one", |tensors| {
        tensors.retain(|name, _| !name.starts_with("first_stage_model."));
    });
    let names = Names::of("one");
    let mut tensors = names.checkpoint(Dtype::F16);
    for (_, bytes) in tensors.values_mut() {
        bytes.rotate_left(2);
    }
    Files {
        folder,
        checkpoint,
        names,
        tensors,
    }
}

impl Files {
    /// Writes the autoencoder alone, as it is named in checkpoints without their prefix.
    fn write_alone(&self) -> PathBuf {
        let own = |(name, stored): (&String, &Stored)| {
            let name = name.strip_prefix("first_stage_model.")?;
            Some((name.to_owned(), stored.clone()))
        };
        let file = self.folder.path().join("alone.safetensors");
        write(
            &file,
            &self.tensors.iter().filter_map(own).collect(),
            Dtype::F16,
            None,
        );
        file
    }

    /// Writes it as diffusers names it.
    fn write_of_folder(&self) -> PathBuf {
        let file = self
            .folder
            .path()
            .join("diffusion_pytorch_model.safetensors");
        write(
            &file,
            &self.names.part("vae", &self.tensors),
            Dtype::F16,
            None,
        );
        file
    }

    /// Writes a whole checkpoint that has it.
    fn write_inside(&self) -> PathBuf {
        let file = self.folder.path().join("inside.safetensors");
        write(&file, &self.tensors, Dtype::F16, None);
        file
    }
}

fn over(model: impl ModelFiles + 'static, vae: &Path) -> Result<WithVae, String> {
    WithVae::over(Box::new(model), vae).map_err(|error| error.to_string())
}

#[test]
fn every_spelling_of_it_is_the_same_autoencoder() {
    let files = files();
    let name = "vae/diffusion_pytorch_model.safetensors";
    let expected: Vec<String> = files
        .names
        .part("vae", &files.tensors)
        .into_keys()
        .collect();
    for vae in [
        files.write_alone(),
        files.write_of_folder(),
        files.write_inside(),
    ] {
        let model = over(Checkpoint::open(&files.checkpoint).unwrap(), &vae).unwrap();
        Manifest::read(&model).unwrap();
        let weights = model.weights(name).unwrap();
        assert!(weights.names().eq(expected.iter()), "{}", vae.display());
        let config: serde_json::Value =
            serde_json::from_slice(&model.read("vae/config.json").unwrap()).unwrap();
        assert_eq!(config["scaling_factor"], 0.18215);
        let own = &files.tensors["first_stage_model.encoder.conv_in.weight"].1;
        let ours = weights.values("encoder.conv_in.weight").unwrap();
        let first = half::f16::from_le_bytes([own[0], own[1]]);
        assert_eq!(ours[0].to_bits(), first.to_f32().to_bits());
    }
}

#[test]
fn latents_keep_the_scale_of_their_model() {
    let files = files();
    let (_folder, xl) = altered("xl", |tensors| {
        tensors.retain(|name, _| !name.starts_with("first_stage_model."));
    });
    let model = over(Checkpoint::open(&xl).unwrap(), &files.write_alone()).unwrap();
    let config = model.read("vae/config.json").unwrap();
    assert!(String::from_utf8_lossy(&config).contains("0.13025"));
}

#[test]
fn what_is_no_autoencoder_of_this_model_is_told() {
    let files = files();
    let lora = files.folder.path().join("lora.safetensors");
    let tensors = [("a.lora_up.weight".to_owned(), (vec![1], vec![0; 2]))];
    write(&lora, &tensors.into(), Dtype::F16, None);
    let open = || Checkpoint::open(&files.checkpoint).unwrap();
    let error = over(open(), &lora).err().unwrap();
    assert!(
        error.contains("lora.safetensors cannot be the VAE"),
        "{error}"
    );
    let other = FolderFiles::new(path("velocity"));
    let error = over(other, &files.write_alone()).err().unwrap();
    assert!(
        error.contains("4 channels where the model's have 6"),
        "{error}"
    );
}

/// Draws with more options on the command line, and returns the pixels and the recipe.
fn drawn(desk: &Desk, out: &str, more: &[&str]) -> (Vec<u8>, Recipe) {
    let usual = [
        "generate", "a cat", "--steps", "2", "--seed", "3", "--size", "16x16", "--out", out,
    ];
    desk.run(usual.iter().chain(more)).well();
    let picture = read_picture(&desk.path(out)).unwrap();
    let Origin::Recipe(recipe) = picture.origin else {
        panic!("no recipe")
    };
    (picture.pixels.rgb(), *recipe)
}

#[test]
fn a_checkpoint_draws_by_the_given_vae_and_the_picture_tells_which() {
    let files = files();
    let desk = Desk::new();
    let vae = files.write_alone();
    let model = files.checkpoint.to_str().unwrap();
    desk.run(["generate", "a cat", "--model", model, "--out", "a.png"])
        .refused(1, "holds no VAE");
    let by_file = drawn(
        &desk,
        "a.png",
        &["--model", model, "--vae", vae.to_str().unwrap()],
    );
    let named = by_file.1.vae.unwrap();
    assert_eq!(Path::new(&named.name), vae);
    assert_eq!(named.sha256, Some(sha256_of(&[&fs::read(&vae).unwrap()])));
    let hash = sha256_of(&[&fs::read(&files.checkpoint).unwrap()]);
    assert_eq!(by_file.1.model.sha256, Some(hash));
    // The same networks in a folder draw the same picture.
    let folder = files.folder.path().join("folder");
    let mut own = files.names.checkpoint(Dtype::F16);
    for (name, stored) in &files.tensors {
        if name.starts_with("first_stage_model.") {
            own.insert(name.clone(), stored.clone());
        }
    }
    files.names.write_folder(&folder, &own, Dtype::F16);
    let checkpoint = Checkpoint::open(&files.checkpoint).unwrap();
    for name in [
        "model_index.json",
        "scheduler/scheduler_config.json",
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
        "tokenizer/tokenizer_config.json",
    ] {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), checkpoint.read(name).unwrap()).unwrap();
    }
    let by_folder = drawn(&desk, "b.png", &["--model", folder.to_str().unwrap()]);
    assert!(by_file.0 == by_folder.0);
    assert!(by_file.0.iter().any(|value| *value != by_file.0[0]));
    assert_eq!(by_folder.1.vae, None);
}

#[test]
fn a_vae_is_chosen_beside_the_model_and_left_again() {
    let engine = FakeEngine::default();
    let mut window = window(&engine);
    click(&mut window, "Model: Sprout");
    click(&mut window, "Open VAE file…");
    retype(&mut window, Role::TextInput, "Path", "/models/new.vae.pt");
    window.key_press(Key::Enter);
    settle(&mut window);
    let asked = |vae: Option<&str>| Request::Inspect {
        model: "sprout".to_owned(),
        vae: vae.map(str::to_owned),
    };
    assert!(
        engine
            .requests()
            .contains(&asked(Some("/models/new.vae.pt")))
    );
    click(&mut window, "Model: Sprout");
    click(&mut window, "VAE: new.vae");
    settle(&mut window);
    assert_eq!(
        engine
            .requests()
            .iter()
            .filter(|request| **request == asked(None))
            .count(),
        2
    );
}
