use std::fs;
use std::path::{Path, PathBuf};

use afterimage::engine::FinishedPicture;
use afterimage::recipe::{sha256_of, write_parameters};

use crate::golden::{PROMPT, path, tensors};
use crate::studio_kit::{Studio, recipe};

/// With the adapters of the goldens in its folder of models, as people sort them.
fn studio() -> Studio {
    let studio = Studio::new();
    for (set, name) in [("kohya", "Ink wash"), ("old", "mine/armor")] {
        let file = path("adapters").join(format!("set_{set}.safetensors"));
        studio.lay(&file, &format!("loras/{name}.safetensors"));
    }
    studio
}

fn lora(studio: &Studio, name: &str) -> PathBuf {
    studio.file(&format!("loras/{name}.safetensors"))
}

/// How far a picture is from diffusers', of 255.
fn off(picture: &FinishedPicture, run: &str) -> f32 {
    let goldens = tensors("adapters/sets.safetensors");
    let golden = goldens[&format!("{run}.picture")].flatten_all().unwrap();
    let golden = golden.to_vec1::<f32>().unwrap();
    let ours = picture.pixels.rgb();
    assert_eq!(ours.len(), golden.len());
    let gaps = ours.into_iter().zip(golden);
    gaps.map(|(ours, theirs)| (f32::from(ours) - theirs * 255.0).abs())
        .fold(0.0, f32::max)
}

#[test]
fn tags_in_the_prompt_make_diffusers_pictures_one_after_the_other() {
    let mut studio = studio();
    for (tags, run) in [
        ("", "none"),
        ("<lora:ink wash:0.8>", "kohya"),
        ("<lora:Ink wash.safetensors:0.7><lora:armor:0.5>", "both"),
        ("<lora:mine/armor:-0.6>", "old"),
        ("", "none"),
    ] {
        let prompt = format!("{PROMPT}{tags}");
        let (picture, notes) = studio.make(recipe(&prompt)).unwrap();
        assert!(off(&picture, run) <= 2.0, "{tags}: {}", off(&picture, run));
        assert_eq!(notes, [""; 0]);
        assert_eq!(picture.recipe.prompt, prompt);
    }
}

/// SHA-256 of what follows a file's header.
fn content_hash(file: &Path) -> String {
    let bytes = fs::read(file).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    sha256_of(&[&bytes[8 + length..]])
}

#[test]
fn a_picture_knows_what_it_was_made_with_and_says_when_that_has_changed() {
    let mut studio = studio();
    let asked = recipe("a cat <lora:armor:0.5:1>");
    let (picture, _) = studio.make(asked.clone()).unwrap();
    let [armor] = picture.recipe.adapters.as_slice() else {
        panic!("{:?}", picture.recipe.adapters)
    };
    let hash = content_hash(&lora(&studio, "mine/armor"));
    assert_eq!((armor.name.as_str(), &armor.sha256), ("armor", &hash));
    assert_eq!((armor.weight, armor.text_weight), (1.0, 0.5));
    let text = write_parameters(&picture.recipe, "0");
    let told = format!("Lora hashes: \"armor: {}\"", &hash[..12]);
    assert!(text.contains(&told), "{text}");
    assert!(picture.recipe.asks_the_same(&asked));

    let (again, notes) = studio.make(picture.recipe.clone()).unwrap();
    assert_eq!(again.pixels, picture.pixels);
    assert_eq!(notes, [""; 0]);
    fs::copy(lora(&studio, "Ink wash"), lora(&studio, "mine/armor")).unwrap();
    let (other, notes) = studio.make(picture.recipe.clone()).unwrap();
    assert!(other.pixels != picture.pixels);
    assert!(notes[0].contains("\"armor\" is another file"), "{notes:?}");
}

#[test]
fn what_is_not_there_or_not_known_is_told_and_the_engine_goes_on() {
    let mut studio = studio();
    let missing = studio.make(recipe("a cat <lora:armour:1>")).unwrap_err();
    assert!(missing.contains("no LoRA \"armour\""), "{missing}");
    assert!(missing.contains("(armor)"), "{missing}");

    fs::write(studio.file("loras/notes.pt"), "no weights").unwrap();
    let damaged = studio.make(recipe("a cat <lora:notes>")).unwrap_err();
    assert!(damaged.contains("notes.pt"), "{damaged}");

    let mut tag = recipe("a cat");
    tag.prompt.push_str("<lora:armor:much>");
    let refused = studio.make(tag).unwrap_err();
    assert!(refused.contains("<lora:armor:much>"), "{refused}");

    let (_, notes) = studio.make(recipe("a cat <hypernet:ink:1>")).unwrap();
    assert!(
        notes[0].contains("<hypernet:ink:1> is left out"),
        "{notes:?}"
    );
}
