use std::path::Path;

use afterimage::library::{Origin, read_picture};

use crate::command::Desk;
use crate::golden::{copy, path};

/// A copy of a tiny model to spoil.
fn copy_model(desk: &Desk) -> std::path::PathBuf {
    let folder = desk.path("model");
    copy(&path("epsilon"), &folder);
    folder
}

/// Spoils a copy of the model and expects to be told so in one line, with exit code 1 and no file.
fn refused(spoil: impl FnOnce(&Path), words: &[&str]) {
    let desk = Desk::new();
    let folder = copy_model(&desk);
    spoil(&folder);
    let said = desk.run([
        "generate",
        "a cat",
        "--steps",
        "1",
        "--out",
        "a.png",
        "--model",
        folder.to_str().unwrap(),
    ]);
    for words in words {
        said.refused(1, words);
    }
    assert!(!desk.path("a.png").exists());
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_folder_that_lacks_a_file_is_told_which() {
    for file in [
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "scheduler/scheduler_config.json",
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
    ] {
        refused(
            |folder| std::fs::remove_file(folder.join(file)).unwrap(),
            &["lacks", file],
        );
    }
}

#[test]
fn a_truncated_checkpoint_is_damaged() {
    let file = "unet/diffusion_pytorch_model.safetensors";
    for keep in [0, 5, 1000, 500_000] {
        let cut = |folder: &Path| {
            let bytes = std::fs::read(folder.join(file)).unwrap();
            std::fs::write(folder.join(file), &bytes[..keep]).unwrap();
        };
        refused(cut, &[file, "damaged", "download this file again"]);
    }
}

#[test]
fn a_folder_where_a_file_should_be_is_named_as_one() {
    for file in [
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "tokenizer/vocab.json",
    ] {
        let spoil = |folder: &Path| {
            std::fs::remove_file(folder.join(file)).unwrap();
            std::fs::create_dir(folder.join(file)).unwrap();
        };
        refused(spoil, &[file, "is a folder where a file should be"]);
    }
}

#[test]
fn another_kind_of_file_renamed_to_safetensors_is_damaged() {
    let file = "vae/diffusion_pytorch_model.safetensors";
    refused(
        |folder| std::fs::write(folder.join(file), b"PK\x03\x04a zip of pickles").unwrap(),
        &[file, "damaged"],
    );
}

#[test]
fn weights_of_another_model_do_not_fit() {
    let swap = |folder: &Path| {
        let file = "diffusion_pytorch_model.safetensors";
        std::fs::copy(
            folder.join("vae").join(file),
            folder.join("unet").join(file),
        )
        .unwrap();
    };
    refused(
        swap,
        &[
            "unet/diffusion_pytorch_model.safetensors does not fit its config.json",
            "no tensor",
        ],
    );
    let widen = |folder: &Path| edit(folder, "unet/config.json", "16,", "32,");
    refused(widen, &["does not fit its config.json", "has shape"]);
}

#[test]
fn an_unknown_class_is_named() {
    let pipeline = |folder: &Path| {
        edit(
            folder,
            "model_index.json",
            "\"StableDiffusionPipeline\"",
            "\"KolorsPipeline\"",
        );
    };
    refused(
        pipeline,
        &["model_index.json names the class \"KolorsPipeline\""],
    );
    let network = |folder: &Path| {
        edit(
            folder,
            "model_index.json",
            "UNet2DConditionModel",
            "UNet3DConditionModel",
        );
    };
    refused(network, &["UNet3DConditionModel"]);
    let block = |folder: &Path| {
        edit(
            folder,
            "unet/config.json",
            "\"DownBlock2D\"",
            "\"KDownBlock2D\"",
        );
    };
    refused(
        block,
        &["unet/config.json names the class \"KDownBlock2D\""],
    );
}

#[test]
fn a_configuration_that_is_not_json_or_asks_for_what_we_lack_is_named() {
    let broken =
        |folder: &Path| std::fs::write(folder.join("vae/config.json"), "{\"act_fn\": ").unwrap();
    refused(broken, &["vae/config.json is not a valid configuration"]);
    let option = |folder: &Path| {
        edit(
            folder,
            "unet/config.json",
            "\"class_embed_type\": null",
            "\"class_embed_type\": \"timestep\"",
        );
    };
    refused(option, &["class_embed_type"]);
    let groups = |folder: &Path| {
        edit(
            folder,
            "unet/config.json",
            "\"norm_num_groups\": 8",
            "\"norm_num_groups\": 7",
        );
    };
    refused(groups, &["7 groups"]);
}

#[test]
fn a_model_that_is_nowhere_is_named() {
    let desk = Desk::new();
    desk.run(["generate", "a cat", "--model", "/no/such/folder"])
        .refused(1, "there is no model \"/no/such/folder\"");
}

#[test]
fn a_folder_beside_is_named_so_that_it_is_found_from_anywhere() {
    let desk = Desk::new();
    let folder = copy_model(&desk);
    let said = desk.run([
        "generate", "a cat", "--steps", "1", "--out", "a.png", "--model", "./model",
    ]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let Origin::Recipe(recipe) = read_picture(&desk.path("a.png")).unwrap().origin else {
        panic!("no recipe")
    };
    let named = Path::new(&recipe.model.name);
    assert!(named.is_absolute());
    assert_eq!(
        named.canonicalize().unwrap(),
        folder.canonicalize().unwrap()
    );
}
