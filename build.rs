//! Tells the program which files of Sprout-CLIP it is built with: all in `assets/sprout/clip`, or none.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Endings of files a CLIP is read from.
const READ: [&str; 3] = ["json", "safetensors", "txt"];

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let folder = variable("CARGO_MANIFEST_DIR").join("assets/sprout/clip");
    println!("cargo::rerun-if-changed={}", folder.display());
    // Its texts may be there before its weights are.
    let whole = folder.join("model.safetensors").is_file();
    let names = if whole { names(&folder) } else { Vec::new() };
    let row = |name: &String| {
        let path = folder.join(name).display().to_string();
        format!("({name:?}, include_bytes!({path:?}).as_slice()),\n")
    };
    let rows = names.iter().map(row).collect::<Vec<_>>().concat();
    fs::write(
        variable("OUT_DIR").join("sprout_clip.rs"),
        format!("&[{rows}]"),
    )
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .filter(|entry| {
            let path = entry.path();
            let ending = path.extension().unwrap_or_default();
            READ.iter().any(|read| ending == *read)
        })
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
