use std::path::{Path, PathBuf};

use super::*;

/// A file whose header has these tensors of f16, and nothing behind it but zeros.
fn weights(path: &Path, tensors: &[(&str, &[usize])], about: &[(&str, &str)]) {
    let mut header = serde_json::Map::new();
    let mut end = 0;
    for (name, shape) in tensors {
        let bytes = 2 * shape.iter().product::<usize>();
        let entry = serde_json::json!({
            "dtype": "F16", "shape": shape, "data_offsets": [end, end + bytes],
        });
        header.insert((*name).to_owned(), entry);
        end += bytes;
    }
    let about: serde_json::Map<_, _> = about
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).into()))
        .collect();
    header.insert("__metadata__".to_owned(), about.into());
    let header = serde_json::to_vec(&header).unwrap();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.resize(bytes.len() + end, 0);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

const LORA: &str =
    "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight";

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn roots(&self) -> Roots {
        Roots::new(
            self.path("own"),
            self.path("hub"),
            self.path("folders.json"),
        )
    }

    fn scanned(&self, roots: &Roots) -> Vec<Item> {
        let mut cache = Cache::open(&self.path("cache.json"));
        let mut items = Vec::new();
        scan(&roots.all(), &mut cache, &mut |item| {
            items.push(item);
            true
        });
        cache.save().unwrap();
        items
    }
}

/// A model in the diffusers layout.
fn folder(path: &Path, class: &str, width: usize) {
    std::fs::create_dir_all(path.join("unet")).unwrap();
    let index = format!(r#"{{"_class_name":"{class}"}}"#);
    std::fs::write(path.join("model_index.json"), index).unwrap();
    let config = format!(r#"{{"cross_attention_dim":{width}}}"#);
    std::fs::write(path.join("unet/config.json"), config).unwrap();
    let tensors: &[(&str, &[usize])] = &[("conv_in.weight", &[4, 4, 3, 3])];
    weights(
        &path.join("unet/diffusion_pytorch_model.safetensors"),
        tensors,
        &[],
    );
    std::fs::write(path.join("README.md"), "---\nlicense: openrail++\n---\n").unwrap();
}

#[test]
fn every_layout_is_read_in_place() {
    let house = House::new();
    weights(
        &house.path("own/loras/a.safetensors"),
        &[(LORA, &[4, 768])],
        &[],
    );
    let snapshot = house.path("hub/models--stabilityai--sdxl/snapshots/abc");
    folder(&snapshot, "StableDiffusionXLPipeline", 2048);
    let title = ("modelspec.title", "Night");
    weights(
        &house.path("webui/models/Lora/deep/b.safetensors"),
        &[(LORA, &[4, 2048])],
        &[title],
    );
    std::fs::create_dir_all(house.path("webui/models/Stable-diffusion")).unwrap();
    std::fs::write(house.path("webui/models/Lora/deep/b.preview.png"), b"x").unwrap();
    weights(
        &house.path("comfy/models/vae/c.safetensors"),
        &[("decoder.conv_in.weight", &[8, 4, 3, 3])],
        &[],
    );
    std::fs::create_dir_all(house.path("comfy/models/checkpoints")).unwrap();
    let mut roots = house.roots();
    roots.add(&house.path("webui")).unwrap();
    roots.add(&house.path("comfy")).unwrap();
    let items = house.scanned(&roots);
    let told: Vec<_> = items
        .iter()
        .map(|item| (item.name.as_str(), item.told.kind, item.told.family))
        .collect();
    let expected = [
        ("a", Kind::Lora, Some(Family::Sd1)),
        ("stabilityai/sdxl", Kind::Folder, Some(Family::Sdxl)),
        ("b", Kind::Lora, Some(Family::Sdxl)),
        ("c", Kind::Vae, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(items[1].told.licence.as_deref(), Some("openrail++"));
    assert_eq!(items[1].told.precision.as_deref(), Some("f16"));
    assert_eq!(items[2].told.title.as_deref(), Some("Night"));
    assert_eq!(
        items[2].thumbnail,
        Some(house.path("webui/models/Lora/deep/b.preview.png"))
    );
    assert_eq!(items[2].root, house.path("webui"));
}

#[test]
fn what_is_no_model_is_listed_with_why_and_what_lies_twice_is_listed_once() {
    let house = House::new();
    let bad = house.path("own/checkpoints/bad.safetensors");
    std::fs::create_dir_all(bad.parent().unwrap()).unwrap();
    std::fs::write(&bad, vec![7; 500]).unwrap();
    let items = house.scanned(&house.roots());
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!(items[0].told.kind, Kind::Checkpoint);
    assert!(
        items[0]
            .told
            .problem
            .as_ref()
            .unwrap()
            .contains("bad.safetensors")
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_never_in_a_ring() {
    let house = House::new();
    weights(
        &house.path("elsewhere/a.safetensors"),
        &[(LORA, &[4, 768])],
        &[],
    );
    std::fs::create_dir_all(house.path("own")).unwrap();
    std::os::unix::fs::symlink(house.path("elsewhere"), house.path("own/linked")).unwrap();
    std::os::unix::fs::symlink(house.path("own"), house.path("elsewhere/ring")).unwrap();
    std::os::unix::fs::symlink(house.path("none"), house.path("own/broken.safetensors")).unwrap();
    let items = house.scanned(&house.roots());
    assert_eq!(items.len(), 1, "{items:?}");
}

#[test]
fn what_did_not_change_is_not_opened_again_and_what_did_is() {
    let house = House::new();
    let path = house.path("own/a.safetensors");
    weights(&path, &[(LORA, &[4, 768])], &[]);
    let before = house.scanned(&house.roots());
    let written = path.metadata().unwrap().modified().unwrap();
    let length = path.metadata().unwrap().len() as usize;
    std::fs::write(&path, vec![0; length]).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(written).unwrap();
    assert_eq!(house.scanned(&house.roots()), before, "known by its stamp");
    weights(&path, &[(LORA, &[4, 2048])], &[]);
    let after = house.scanned(&house.roots());
    assert_eq!(after[0].told.family, Some(Family::Sdxl));
}

#[test]
fn a_thousand_files_are_listed_at_once_the_second_time() {
    let house = House::new();
    for number in 0..1000 {
        let path = house.path(&format!("own/loras/{number:04}.safetensors"));
        weights(&path, &[(LORA, &[4, 768])], &[]);
    }
    let first = house.scanned(&house.roots());
    assert_eq!(first.len(), 1000);
    // Whoever looked into this file again would find nothing of the kind.
    let path = house.path("own/loras/0007.safetensors");
    let about = std::fs::metadata(&path).unwrap();
    std::fs::write(&path, vec![7; about.len() as usize]).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(about.modified().unwrap()).unwrap();
    assert_eq!(house.scanned(&house.roots()), first);
}

#[test]
fn names_in_prompts_are_found_in_every_folder_and_only_of_their_kind() {
    let house = House::new();
    let lora = house.path("own/anywhere/Armor_v2.safetensors");
    weights(&lora, &[(LORA, &[4, 768])], &[]);
    let other = house.path("comfy/models/vae/armor_v2.safetensors");
    weights(&other, &[("decoder.conv_in.weight", &[8, 4, 3, 3])], &[]);
    std::fs::create_dir_all(house.path("comfy/models/checkpoints")).unwrap();
    let mut roots = house.roots();
    roots.add(&house.path("comfy")).unwrap();
    let roots = roots.all();
    for name in [
        "armor_v2",
        "Armor_v2.safetensors",
        "anywhere/armor_v2",
        "anywhere\\armor_v2",
    ] {
        assert_eq!(find(&roots, Kind::Lora, name), Some(lora.clone()), "{name}");
    }
    assert_eq!(find(&roots, Kind::Vae, "armor_v2"), Some(other));
    assert_eq!(find(&roots, Kind::Lora, "mor_v2"), None);
    assert_eq!(find(&roots, Kind::Embedding, "armor_v2"), None);
    let vae = house.path("comfy/models/vae/armor_v2.safetensors");
    assert_eq!(files_of(&roots, Kind::Vae), [vae]);
    assert!(files_of(&roots, Kind::Embedding).is_empty());
}

#[test]
fn looking_closely_tells_metadata_trigger_words_and_the_hash() {
    let house = House::new();
    let path = house.path("own/a.safetensors");
    let tags = r#"{"1_a":{"knight":3}}"#;
    let about = [
        ("ss_tag_frequency", tags),
        ("ss_network_dim", "8"),
        ("ss_vae", "None"),
    ];
    weights(&path, &[(LORA, &[4, 768])], &about);
    let details = details(&path).unwrap();
    assert_eq!(details.trigger_words, ["knight"]);
    assert_eq!(
        details.rows,
        [("ss_network_dim".to_owned(), "8".to_owned())]
    );
    assert_eq!((details.tensors, details.elements), (1, 4 * 768));
    std::fs::write(house.path("abc"), b"abc").unwrap();
    let sha256 = sha256_of_file(&house.path("abc"), &|| true)
        .unwrap()
        .unwrap();
    assert_eq!(
        sha256,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(sha256_of_file(&house.path("abc"), &|| false).unwrap(), None);
}

#[test]
fn a_hash_is_remembered_until_the_file_changes() {
    let house = House::new();
    let path = house.path("own/a.safetensors");
    weights(&path, &[(LORA, &[4, 768])], &[]);
    let mut cache = Cache::open(&house.path("cache.json"));
    cache.remember_sha256(&path, "6ce0161689");
    cache.save().unwrap();
    assert_eq!(
        house.scanned(&house.roots())[0].sha256.as_deref(),
        Some("6ce0161689")
    );
    weights(&path, &[(LORA, &[4, 2048])], &[]);
    assert_eq!(house.scanned(&house.roots())[0].sha256, None);
}
