//! What PEFT says of scales outside of tensors: in a configuration beside the file, or in its header.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::{FolderFiles, ModelError, ModelFiles as _, Weights, parse_json};
use super::ModelPart;

/// Beside `adapter_model.safetensors`.
const CONFIG: &str = "adapter_config.json";
/// diffusers' own, in the header.
const METADATA: &str = "lora_adapter_metadata";

/// Scales of all modules, where something is said of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Scales {
    /// For each network, or for all of them.
    parts: BTreeMap<Option<ModelPart>, Config>,
}

/// The keys of PEFT's configurations that scale.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    r: Option<f64>,
    #[serde(alias = "alpha")]
    lora_alpha: Option<f64>,
    use_rslora: bool,
    rank_pattern: BTreeMap<String, f64>,
    alpha_pattern: BTreeMap<String, f64>,
}

/// What is said of one module.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModuleScale {
    alpha: f64,
    rank: Option<f64>,
    is_root: bool,
}

impl Scales {
    /// Looks into the header, and beside a file that PEFT named.
    pub(super) fn of(weights: &Weights, path: &Path) -> Result<Self, ModelError> {
        if let Some(text) = weights.about(METADATA) {
            return Ok(Self::of_metadata(text));
        }
        let is_pefts = path.file_stem().is_some_and(|stem| stem == "adapter_model");
        let files = FolderFiles::new(path.parent().unwrap_or_else(|| Path::new("")));
        if !is_pefts || !files.contains(CONFIG) {
            return Ok(Self::default());
        }
        let config = parse_json::<Config>(&files, CONFIG)?;
        Ok(Self {
            parts: BTreeMap::from([(None, config)]),
        })
    }

    /// Keys are those of the configuration, each behind the name of a network. A header that says
    /// something else scales nothing.
    fn of_metadata(text: &str) -> Self {
        let all: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let config = |prefix: &str| {
            let own = all
                .iter()
                .filter_map(|(key, value)| {
                    Some((key.strip_prefix(prefix)?.to_owned(), value.clone()))
                })
                .collect::<Map<_, _>>();
            let config = (!own.is_empty()).then(|| serde_json::from_value(Value::Object(own)));
            config.transpose().unwrap_or_default()
        };
        let parts = [
            (ModelPart::Unet, "unet."),
            (ModelPart::TextEncoder, "text_encoder."),
            (ModelPart::TextEncoder2, "text_encoder_2."),
        ];
        let parts = parts.map(|(part, prefix)| Some((Some(part), config(prefix)?)));
        Self {
            parts: parts.into_iter().flatten().collect(),
        }
    }

    /// What is said of a module by its name in the network.
    pub(super) fn of_module(&self, part: ModelPart, module: &str) -> Option<ModuleScale> {
        let config = self
            .parts
            .get(&Some(part))
            .or_else(|| self.parts.get(&None))?;
        let own = |pattern: &BTreeMap<String, f64>| {
            let fits = |key: &str| {
                let rest = module.strip_suffix(key);
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            pattern
                .iter()
                .find_map(|(key, value)| fits(key).then_some(*value))
        };
        Some(ModuleScale {
            alpha: own(&config.alpha_pattern).or(config.lora_alpha)?,
            rank: own(&config.rank_pattern).or(config.r),
            is_root: config.use_rslora,
        })
    }
}

impl ModuleScale {
    /// With the rank of the factors, where none is told.
    pub(super) fn with_rank(self, own: Option<usize>) -> f64 {
        let Some(rank) = self.rank.or_else(|| own.map(|rank| rank as f64)) else {
            return 1.0;
        };
        let rank = rank.max(1.0);
        self.alpha / if self.is_root { rank.sqrt() } else { rank }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_diffusers_scales_each_network_by_its_own() {
        let text = r#"{"unet.r": 4, "unet.lora_alpha": 2, "unet.alpha_pattern": {"b.to_q": 8},
            "text_encoder.r": 4, "text_encoder.lora_alpha": 6, "text_encoder.use_rslora": true}"#;
        let scales = Scales::of_metadata(text);
        let scale = |part, module| {
            let scale = scales.of_module(part, module)?;
            Some(scale.with_rank(Some(9)))
        };
        assert_eq!(scale(ModelPart::Unet, "a.to_q"), Some(0.5));
        assert_eq!(scale(ModelPart::Unet, "a.b.to_q"), Some(2.0));
        assert_eq!(scale(ModelPart::Unet, "a.bb.to_q"), Some(0.5));
        assert_eq!(scale(ModelPart::TextEncoder, "x"), Some(3.0));
        assert_eq!(scale(ModelPart::TextEncoder2, "x"), None);
        assert_eq!(
            Scales::of_metadata("[]")
                .of_module(ModelPart::Unet, "a")
                .map(|_| ()),
            None
        );
    }
}
