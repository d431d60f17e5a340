//! Files a prompt named, as A1111 tells of them: `name: hash`, the hash in twelve letters.

use crate::recipe::Recipe;

/// Of adapters and of textual inversions.
pub(super) fn hash_fields(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let adapters = recipe.adapters.iter();
    let adapters = adapters.map(|adapter| told(&adapter.name, &adapter.sha256));
    let embeddings = recipe.embeddings.iter();
    let embeddings = embeddings.map(|embedding| told(&embedding.name, &embedding.sha256));
    let fields: [(_, Vec<_>); 2] = [
        ("Lora hashes", adapters.collect()),
        ("TI hashes", embeddings.collect()),
    ];
    fields
        .into_iter()
        .filter(|(_, hashes)| !hashes.is_empty())
        .map(|(key, hashes)| (key, hashes.join(", ")))
        .collect()
}

fn told(name: &str, sha256: &str) -> String {
    let hash: String = sha256.chars().take(12).collect();
    format!("{name}: {hash}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{AdapterRef, EmbeddingRef, sample_recipe, write_parameters};

    #[test]
    fn what_the_prompts_named_is_told_by_name_and_short_hash() {
        let adapter = |name: &str, hash: &str| AdapterRef {
            name: name.to_owned(),
            weight: 0.8,
            text_weight: 0.8,
            sha256: hash.repeat(8),
        };
        let recipe = Recipe {
            prompt: "a knight <lora:armor:0.8><lora:ink:0.8>".to_owned(),
            adapters: vec![adapter("armor", "1a2b3c4d"), adapter("ink", "5e6f7a8b")],
            embeddings: vec![EmbeddingRef {
                name: "Ink wash".to_owned(),
                sha256: "0f1e2d3c".repeat(8),
            }],
            ..sample_recipe()
        };
        let text = write_parameters(&recipe, "0.1.0");
        let told = "RNG: CPU, Lora hashes: \"armor: 1a2b3c4d1a2b, ink: 5e6f7a8b5e6f\", \
                    TI hashes: \"Ink wash: 0f1e2d3c0f1e\", Version:";
        assert!(text.contains(told), "{text}");
        assert!(text.starts_with("a knight <lora:armor:0.8><lora:ink:0.8>\n"));
    }
}
