//! `--lora`: what stands for a tag in the prompt.

use std::path::Path;

/// A `LoRA` by name or file, and its weight.
#[derive(Clone, Debug, PartialEq)]
pub struct LoraArg {
    name: String,
    weight: f64,
}

/// Reads `NAME` or `NAME:WEIGHT`.
pub(super) fn parse_lora(text: &str) -> Result<LoraArg, String> {
    let weighted = text.rsplit_once(':').and_then(|(name, weight)| {
        let weight = weight.parse::<f64>().ok();
        Some((name, weight.filter(|weight| weight.is_finite())?))
    });
    let (name, weight) = weighted.unwrap_or((text, 1.0));
    let name = absolute(name);
    // Nothing is before the colon of a drive.
    let is_parted = name.get(2..).unwrap_or_default().contains(':');
    if name.is_empty() || is_parted || name.contains('>') {
        return Err("give NAME or FILE, or with a weight FILE:0.8; no > or : in it".to_owned());
    }
    Ok(LoraArg { name, weight })
}

/// A file as it is found from anywhere, since the recipe outlives the working directory.
fn absolute(name: &str) -> String {
    let path = Path::new(name);
    if !path.is_file() {
        return name.to_owned();
    }
    std::path::absolute(path).map_or_else(|_| name.to_owned(), |path| path.display().to_string())
}

/// The prompt that asks for them.
pub(super) fn with_loras(prompt: &str, loras: &[LoraArg]) -> String {
    let tags = loras
        .iter()
        .map(|LoraArg { name, weight }| format!("<lora:{name}:{weight}>"));
    let tags: String = tags.collect();
    if tags.is_empty() {
        prompt.to_owned()
    } else {
        format!("{prompt} {tags}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_weight_become_a_tag() {
        let loras = ["ink", "armor:0.8", "v1.5:-1"].map(|text| parse_lora(text).unwrap());
        let prompt = with_loras("a cat", &loras);
        assert_eq!(prompt, "a cat <lora:ink:1><lora:armor:0.8><lora:v1.5:-1>");
        assert_eq!(with_loras("a cat", &[]), "a cat");
        for wrong in ["", ":0.5", "ink:strong", "a>b"] {
            assert!(parse_lora(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_is_named_as_it_is_found_from_anywhere() {
        let file = tempfile::NamedTempFile::new_in(".").unwrap();
        let name = file.path().file_name().unwrap().to_str().unwrap();
        let lora = parse_lora(&format!("{name}:0.5")).unwrap();
        assert!(Path::new(&lora.name).is_absolute() && lora.name.ends_with(name));
    }
}
