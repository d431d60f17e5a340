//! Models listed and got without a window.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;

use crate::command::Desk;
use afterimage::recipe::sha256_of;

const LORA: &str =
    "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight";

/// A small LoRA of SDXL.
fn lora() -> Vec<u8> {
    let header = format!(
        r#"{{"__metadata__":{{"ss_tag_frequency":"{{\"a\":{{\"knight\":3}}}}"}},"{LORA}":{{"dtype":"F16","shape":[1,2048],"data_offsets":[0,4096]}}}}"#
    );
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + 4096, 0);
    bytes
}

/// A repository with that LoRA alone, on a port of its own.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let body = if first.contains("/api/models/org/armor/") {
                let (sha, length) = (sha256_of(&[&lora()]), lora().len());
                let lfs = format!(r#"{{"sha256":"{sha}","size":{length}}}"#);
                let file = format!(r#"{{"rfilename":"armor.safetensors","lfs":{lfs}}}"#);
                format!(r#"{{"sha":"{}","siblings":[{file}]}}"#, "0".repeat(40)).into_bytes()
            } else if first.contains("armor.safetensors") {
                lora()
            } else {
                let none = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                drop(stream.write_all(none));
                continue;
            };
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            drop(stream.write_all(&[head.into_bytes(), body].concat()));
        }
    };
    std::thread::Builder::new().spawn(serve).unwrap();
    url
}

fn put(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, lora()).unwrap();
}

#[test]
fn folders_of_other_programs_are_listed_in_place() {
    let desk = Desk::new();
    put(&desk.path("webui/models/Lora/armor.safetensors"));
    std::fs::create_dir_all(desk.path("webui/models/Stable-diffusion")).unwrap();
    desk.run(["models", "add-root", "webui"]).well();
    let roots = desk.run(["models", "roots"]).well();
    assert!(
        roots.out.contains("webui") && roots.out.contains("A1111"),
        "{}",
        roots.out
    );
    let listed = desk.run(["models", "list", "--json"]).well();
    let item = &listed.events()[0];
    assert_eq!(item["name"], "armor");
    assert_eq!(item["kind"], "lora");
    assert_eq!(item["family"], "SDXL");
    assert_eq!(item["precision"], "f16");
    let none = desk.run(["models", "list", "--kind", "vae"]).well();
    assert_eq!(none.out, "");
    desk.run(["models", "remove-root", "webui"]).well();
    assert_eq!(desk.run(["models", "list"]).well().out, "");
    assert!(desk.path("webui/models/Lora/armor.safetensors").exists());
}

#[test]
fn what_is_known_of_one_file_is_told() {
    let desk = Desk::new();
    put(&desk.path("armor.safetensors"));
    let told = desk
        .run(["models", "info", "armor.safetensors", "--hash", "--json"])
        .well();
    let told = &told.events()[0];
    assert_eq!(told["trigger_words"][0], "knight");
    assert_eq!(told["sha256"], sha256_of(&[&lora()]));
    assert_eq!(told["elements"], 2048);
    desk.run(["models", "info", "none.safetensors"])
        .refused(1, "none.safetensors");
    std::fs::write(desk.path("bad.safetensors"), vec![9; 100]).unwrap();
    desk.run(["models", "info", "bad.safetensors"])
        .refused(1, "download this file again");
    desk.run(["models", "add-root", "nowhere"])
        .refused(1, "there is no folder");
}

#[test]
fn a_model_comes_from_a_server_and_is_listed_then() {
    let desk = Desk::new();
    let url = server();
    let run = |words: &[&str]| {
        let output = desk
            .program()
            .args(words)
            .env("HF_ENDPOINT", &url)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, out, err) = run(&["models", "get", "org/armor"]);
    assert_eq!(code, Some(0), "{err}");
    let folder = Path::new(out.trim());
    assert_eq!(
        std::fs::read(folder.join("armor.safetensors")).unwrap(),
        lora()
    );
    let (_, out, _) = run(&["models", "list"]);
    assert!(out.starts_with("org/armor/armor\tlora · SDXL"), "{out}");
    let (code, _, err) = run(&["models", "get", "org/none"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("there is no repository org/none"), "{err}");
    let (code, _, err) = run(&["models", "get", "none"]);
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn well_known_models_are_told_with_size_and_licence() {
    let told = Desk::new().run(["models", "curated", "--json"]).well();
    let rows = told.events();
    assert!(rows.len() >= 10);
    assert!(
        rows.iter()
            .all(|row| row["bytes"].as_u64() > Some(0) && row["licence"].is_string())
    );
}
