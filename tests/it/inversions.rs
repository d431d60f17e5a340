use std::fs;

use afterimage::engine::FinishedPicture;
use afterimage::recipe::{Recipe, sha256_of, write_parameters};

use crate::golden::path;
use crate::studio_kit::{Studio, recipe};

const FILE: &str = "embeddings/styles/Inkwash.pt";

/// A picture of which nothing is to be told.
fn quietly(studio: &mut Studio, recipe: Recipe) -> FinishedPicture {
    let (picture, notes) = studio.make(recipe).unwrap();
    assert_eq!(notes, [""; 0]);
    picture
}

#[test]
fn a_word_in_either_prompt_changes_the_picture_once_its_file_is_there() {
    let mut studio = Studio::new();
    let (plain, named) = (recipe("a boat"), recipe("an inkwash boat"));
    let mut avoided = recipe("a boat");
    avoided.negative_prompt = "blurry (inkwash:1.2)".to_owned();
    let before = [&plain, &named, &avoided].map(|recipe| quietly(&mut studio, recipe.clone()));
    studio.lay(&path("adapters/inversion_a1111.pt"), FILE);
    let after = [&plain, &named, &avoided].map(|recipe| quietly(&mut studio, recipe.clone()));
    assert_eq!(after[0].pixels, before[0].pixels);
    assert!(after[1].pixels != before[1].pixels);
    assert!(after[2].pixels != before[2].pixels);
    fs::remove_file(studio.file(FILE)).unwrap();
    let gone = quietly(&mut studio, named);
    assert_eq!(gone.pixels, before[1].pixels);
}

#[test]
fn a_word_counts_as_its_rows_once_people_have_looked_what_there_is() {
    let mut studio = Studio::new();
    let letters = studio.count("inkwash");
    studio.lay(&path("adapters/inversion_a1111.pt"), FILE);
    assert_eq!(studio.count("inkwash"), letters);
    studio.look_again();
    let rows = studio.count("inkwash");
    assert!(rows != letters);
    assert_eq!(studio.count("inkwash inkwash"), 2 * rows);
}

#[test]
fn a_picture_knows_the_file_of_a_word_and_says_when_it_has_changed() {
    let mut studio = Studio::new();
    studio.lay(&path("adapters/inversion_a1111.pt"), FILE);
    let asked = recipe("an embedding:inkwash boat");
    let picture = quietly(&mut studio, asked.clone());
    let [inkwash] = picture.recipe.embeddings.as_slice() else {
        panic!("{:?}", picture.recipe.embeddings)
    };
    let hash = sha256_of(&[&fs::read(studio.file(FILE)).unwrap()]);
    assert_eq!((inkwash.name.as_str(), &inkwash.sha256), ("Inkwash", &hash));
    let text = write_parameters(&picture.recipe, "0");
    let told = format!("TI hashes: \"Inkwash: {}\"", &hash[..12]);
    assert!(text.contains(&told), "{text}");
    assert!(picture.recipe.asks_the_same(&asked));

    let again = quietly(&mut studio, picture.recipe.clone());
    assert_eq!(again.pixels, picture.pixels);
    studio.lay(&path("adapters/inversion_one.bin"), FILE);
    let (other, notes) = studio.make(picture.recipe).unwrap();
    assert!(other.pixels != picture.pixels);
    assert!(
        notes[0].contains("\"Inkwash\" is another file"),
        "{notes:?}"
    );
}

#[test]
fn a_name_nobody_knows_is_left_out_and_told_once() {
    let mut studio = Studio::new();
    studio.lay(&path("adapters/inversion_a1111.pt"), FILE);
    let plain = quietly(&mut studio, recipe("a boat, "));
    let mut asked = recipe("a boat, embedding:inkwush");
    asked.negative_prompt.push_str(" embedding:inkwush");
    let (picture, notes) = studio.make(asked).unwrap();
    let [note] = notes.as_slice() else {
        panic!("{notes:?}")
    };
    assert!(note.contains("embedding:inkwush is left out"), "{note}");
    assert!(note.contains("(Inkwash)"), "{note}");
    assert_eq!(picture.pixels, plain.pixels);
}

#[test]
fn a_word_learnt_for_another_model_is_refused_with_the_cure() {
    let mut studio = Studio::new();
    studio.lay(&path("inversions/two.safetensors"), "embeddings/ink.pt");
    let refused = studio.make(recipe("an ink boat")).unwrap_err();
    assert!(refused.contains("ink.pt"), "{refused}");
    assert!(
        refused.contains("of width 16 + 24, and the model reads words of width 24"),
        "{refused}"
    );
    assert!(refused.contains("leave its name out"), "{refused}");
    quietly(&mut studio, recipe("a boat"));
}
