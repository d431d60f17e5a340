//! What people wrote about a model: into its header, and into files beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Trigger words told of a model, at most.
const MOST_TRIGGERS: usize = 40;
/// Letters of a value that are shown.
const LONGEST_VALUE: usize = 2000;
/// Bytes of a file beside a model that are read, at most.
const LONGEST_TEXT: u64 = 4 << 20;

/// Words that call up what a model has learnt, the likeliest first.
pub fn trigger_words(about: &BTreeMap<String, String>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    if let Some(phrase) = about.get("modelspec.trigger_phrase") {
        words.extend(phrase.split(',').map(|word| word.trim().to_owned()));
    }
    let counted = about.get("ss_tag_frequency");
    let counted = counted.and_then(|json| serde_json::from_str::<Value>(json).ok());
    let mut tags: BTreeMap<String, u64> = BTreeMap::new();
    let sets = counted.as_ref().and_then(Value::as_object);
    for tag_counts in sets.into_iter().flat_map(|sets| sets.values()) {
        for (tag, count) in tag_counts.as_object().into_iter().flatten() {
            *tags.entry(tag.trim().to_owned()).or_default() += count.as_u64().unwrap_or(0);
        }
    }
    let mut tags: Vec<_> = tags.into_iter().collect();
    tags.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    words.extend(tags.into_iter().map(|(tag, _)| tag));
    distinct(words)
}

/// The same of files that other programs put beside a model.
pub(super) fn trigger_words_beside(path: &Path) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(json) = json_beside(path, "civitai.info") {
        let trained = json.get("trainedWords").and_then(Value::as_array);
        let trained = trained.into_iter().flatten().filter_map(Value::as_str);
        words.extend(trained.map(|word| word.trim().trim_matches(',').to_owned()));
    }
    if let Some(json) = json_beside(path, "json") {
        let text = json.get("activation text").and_then(Value::as_str);
        let text = text.into_iter().flat_map(|text| text.split(','));
        words.extend(text.map(|word| word.trim().to_owned()));
    }
    distinct(words)
}

pub(super) fn distinct(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if !word.is_empty() && !kept.contains(&word) && kept.len() < MOST_TRIGGERS {
            kept.push(word);
        }
    }
    kept
}

/// What a header says, as rows to be read: without pictures and what is shown elsewhere.
pub(super) fn rows(about: &BTreeMap<String, String>) -> Vec<(String, String)> {
    const ELSEWHERE: [&str; 3] = [
        "ss_tag_frequency",
        "ssmd_cover_images",
        "modelspec.thumbnail",
    ];
    let shown = about.iter().filter(|(name, value)| {
        !ELSEWHERE.contains(&name.as_str()) && !value.is_empty() && value.as_str() != "None"
    });
    let row = |(name, value): (&String, &String)| {
        let value: String = value.chars().take(LONGEST_VALUE).collect();
        (name.clone(), value)
    };
    shown.map(row).collect()
}

/// The licence at the head of a model card.
pub(super) fn licence_of_card(card: &Path) -> Option<String> {
    let text = small_text(card)?;
    let mut lines = text.lines();
    if lines.next()?.trim() != "---" {
        return None;
    }
    let head: Vec<_> = lines.take_while(|line| line.trim() != "---").collect();
    let value = |name: &str| {
        let line = head.iter().find_map(|line| line.strip_prefix(name))?;
        let value = line.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    };
    let licence = value("license:")?;
    // Licences of their own have a name beside.
    Some(match value("license_name:") {
        Some(name) if licence == "other" => name,
        _ => licence,
    })
}

/// A picture with the file's name beside it, as other programs put it there.
pub(super) fn picture_beside(path: &Path) -> Option<PathBuf> {
    const ENDINGS: [&str; 8] = [
        "preview.png",
        "png",
        "jpg",
        "jpeg",
        "webp",
        "preview.jpg",
        "preview.jpeg",
        "preview.webp",
    ];
    let mut pictures = ENDINGS.iter().map(|ending| path.with_extension(ending));
    pictures.find(|picture| picture.is_file())
}

/// The picture in a header: the bytes of its file, out of a `data:` address.
pub(super) fn picture_inside(about: &BTreeMap<String, String>) -> Option<Vec<u8>> {
    let address = about.get("modelspec.thumbnail")?;
    let (kind, data) = address.split_once(',')?;
    let is_picture = kind.starts_with("data:image/") && kind.ends_with(";base64");
    if !is_picture {
        return None;
    }
    from_base64(data)
}

/// Six bits a letter; what is no letter of it ends the text.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)? as u32;
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

fn json_beside(path: &Path, ending: &str) -> Option<Value> {
    serde_json::from_str(&small_text(&path.with_extension(ending))?).ok()
}

/// A text that is not too long to be what it is taken for.
fn small_text(path: &Path) -> Option<String> {
    let small = path.metadata().ok()?.len() <= LONGEST_TEXT;
    small.then(|| std::fs::read_to_string(path).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigger_words_are_those_told_and_then_the_commonest_tags() {
        let mut about = BTreeMap::new();
        let tags = r#"{"10_a":{"night":9,"knight ":30},"5_b":{"night":8,"sword":9}}"#;
        about.insert("ss_tag_frequency".to_owned(), tags.to_owned());
        about.insert(
            "modelspec.trigger_phrase".to_owned(),
            "nghtstyle, night".to_owned(),
        );
        assert_eq!(
            trigger_words(&about),
            ["nghtstyle", "night", "knight", "sword"]
        );
        about.insert("ss_tag_frequency".to_owned(), "[not".to_owned());
        assert_eq!(trigger_words(&about), ["nghtstyle", "night"]);
    }

    #[test]
    fn what_other_programs_put_beside_a_model_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let info = r#"{"trainedWords":["armor, ","armor","shield"]}"#;
        std::fs::write(path.with_extension("civitai.info"), info).unwrap();
        let own = r#"{"activation text":"shield, helmet"}"#;
        std::fs::write(path.with_extension("json"), own).unwrap();
        assert_eq!(trigger_words_beside(&path), ["armor", "shield", "helmet"]);
        assert_eq!(picture_beside(&path), None);
        let picture = folder.path().join("a.preview.png");
        std::fs::write(&picture, b"").unwrap();
        assert_eq!(picture_beside(&path), Some(picture));
    }

    #[test]
    fn a_model_card_tells_the_licence_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let card = folder.path().join("README.md");
        let licence = |text: &str| {
            std::fs::write(&card, text).unwrap();
            licence_of_card(&card)
        };
        assert_eq!(
            licence("---\nlicense: mit\ntags: []\n---\n# A").as_deref(),
            Some("mit")
        );
        let other = "---\nlicense: other\nlicense_name: \"flux-1\"\n---\n";
        assert_eq!(licence(other).as_deref(), Some("flux-1"));
        assert_eq!(licence("# license: mit"), None);
    }

    #[test]
    fn a_picture_in_a_header_comes_out_as_it_went_in() {
        let mut about = BTreeMap::new();
        about.insert(
            "modelspec.thumbnail".to_owned(),
            "data:image/png;base64,iVBORw0K".to_owned(),
        );
        assert_eq!(picture_inside(&about).unwrap(), b"\x89PNG\r\n");
        assert_eq!(from_base64("TWE=").unwrap(), b"Ma");
        assert_eq!(from_base64("T!"), None);
    }
}
