//! Names and shapes of a checkpoint in one file, from those of real ones with lines changed: which
//! model it is, its configurations, and what else such a file could be.
#![no_main]

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use afterimage::models::{
    Checkpoint, Johnson, LamaLayout, Manifest, SamConfig, TinyLayout, Upscaler, UpscalerLayout,
    WithVae,
};
use afterimage::nn::Keep;
use afterimage::weights::{ModelError, ModelFiles, OtherUse, Weights};
use afterimage_fuzz::{Header, Overlay};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Bytes of tensors of which networks are built: more of them take time and find nothing.
const MOST_BUILT: u64 = 1 << 16;

/// Of `tests/golden/single`: the tensors of checkpoints, and none.
static CHECKPOINTS: LazyLock<Vec<Header>> = LazyLock::new(|| {
    let known = ["one", "two", "xl"].map(|name| {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/single"));
        let text = std::fs::read(folder.join(name).with_extension("json")).expect("a golden file");
        let all: Value = serde_json::from_slice(&text).expect("JSON");
        let mut header = Header::default();
        for (name, shape) in all["checkpoint"].as_object().expect("tensors") {
            let sides = shape.as_array().expect("a shape").iter();
            let sides: String = sides.map(|side| format!(" {side}")).collect();
            header.add(&format!("{name} F16{sides}"));
        }
        header
    });
    known.into_iter().chain([Header::default()]).collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((&base, lines)) = data.split_first() else {
        return;
    };
    let Ok(lines) = std::str::from_utf8(lines) else {
        return;
    };
    let mut header = CHECKPOINTS[usize::from(base) % CHECKPOINTS.len()].clone();
    lines.lines().for_each(|line| header.add(line));
    header.in_a_file("checkpoint.safetensors", |path| {
        if let Ok(checkpoint) = Checkpoint::open(path) {
            look_into(&checkpoint);
        }
        if let Ok(model) = Checkpoint::open(path)
            && let Ok(other) = WithVae::over(Box::new(model), path)
        {
            look_into(&other);
        }
        let weights = Weights::open(path).expect("a header that holds together");
        OtherUse::of(&weights);
        if let Ok(layout) = UpscalerLayout::of(&weights) {
            layout.weight_bytes(&weights);
        }
        let _is_tiny = TinyLayout::of(&weights).is_some();
        let _is_lama = LamaLayout::of(&weights).is_ok();
        let _is_sam = SamConfig::of(&weights).is_ok();
        if weights.tensor_bytes() <= MOST_BUILT {
            let _is_upscaler = Upscaler::read(&weights).is_ok();
            let _is_johnson = Johnson::read(&weights).is_ok();
        }
    });
});

/// With a tiny vocabulary in place of CLIP's, which takes longer than all the rest.
struct SmallWords<'a>(&'a dyn ModelFiles);

impl ModelFiles for SmallWords<'_> {
    fn place(&self) -> String {
        self.0.place()
    }

    fn contains(&self, file: &str) -> bool {
        self.0.contains(file)
    }

    fn read(&self, file: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let known = file
            .split_once('/')
            .filter(|(folder, _)| folder.starts_with("tokenizer"));
        match known {
            Some((_, name)) => SMALL.read(&format!("tokenizer/{name}")),
            None => self.0.read(file),
        }
    }

    fn weights(&self, file: &str) -> Result<Weights, ModelError> {
        self.0.weights(file)
    }
}

static SMALL: LazyLock<Overlay<'static>> = LazyLock::new(|| Overlay::over("epsilon", []));

fn look_into(files: &dyn ModelFiles) {
    if let Ok(manifest) = Manifest::read(&SmallWords(files)) {
        manifest.usual("a model");
        manifest.modules();
        manifest.resident_bytes(Keep::Half);
        manifest.needs();
    }
}
