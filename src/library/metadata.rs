//! What a picture file says about how it was made.

use crate::raster::{CodecError, Decoded, PARAMETERS, Pixels, RECIPE, encode_finished_png};
use crate::recipe::{
    Finish, Parameters, RECIPE_VERSION, Recipe, read_parameters, write_parameters,
};

/// How a picture was made, as far as its file says.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Made here: the exact recipe.
    Recipe(Box<Recipe>),
    /// Made by another tool that writes A1111's `parameters`, or by a later version of this one.
    Parameters(Parameters),
    Unknown,
}

/// A PNG of the picture, which keeps what its file was; with a recipe, it carries A1111's text and our
/// JSON.
pub fn encode_picture(pixels: &Pixels, recipe: Option<&Recipe>) -> Result<Vec<u8>, CodecError> {
    encode_finished(pixels, &Finish::default(), recipe)
}

/// The same with a last touch.
pub fn encode_finished(
    pixels: &Pixels,
    finish: &Finish,
    recipe: Option<&Recipe>,
) -> Result<Vec<u8>, CodecError> {
    let Some(recipe) = recipe else {
        return encode_finished_png(pixels, finish, &[]);
    };
    let [parameters, json] = texts_of(recipe);
    encode_finished_png(
        pixels,
        finish,
        &[(PARAMETERS, &parameters), (RECIPE, &json)],
    )
}

/// A recipe as A1111 would write it, and as our JSON.
pub(super) fn texts_of(recipe: &Recipe) -> [String; 2] {
    [
        write_parameters(recipe, env!("CARGO_PKG_VERSION")),
        serde_json::to_string(recipe).unwrap_or_default(),
    ]
}

/// Whether a file holds more than its pixels and how we made it.
pub(super) fn holds_more(decoded: &Decoded) -> bool {
    let is_ours = decoded.texts.iter().any(|(key, _)| key == RECIPE);
    let is_known = |key: &str| is_ours && (key == RECIPE || key == PARAMETERS);
    decoded.holds_more || decoded.texts.iter().any(|(key, _)| !is_known(key))
}

/// Reads the texts of a picture file: keyword and text.
pub fn origin_of(texts: &[(String, String)]) -> Origin {
    let text = |keyword: &str| {
        texts
            .iter()
            .find(|(key, _)| key == keyword)
            .map(|(_, text)| text)
    };
    let recipe = text(RECIPE).and_then(|json| serde_json::from_str::<Recipe>(json).ok());
    if let Some(recipe) = recipe.filter(|recipe| recipe.version <= RECIPE_VERSION) {
        return Origin::Recipe(Box::new(recipe));
    }
    text(PARAMETERS).map_or(Origin::Unknown, |text| {
        Origin::Parameters(read_parameters(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Extent, decode};
    use crate::recipe::{Draft, Limits};

    fn recipe() -> Recipe {
        let draft = Draft {
            prompt: "日落时海面上的一艘红色帆船, (calm:1.2)".to_owned(),
            negative_prompt: "blurry\nlow".to_owned(),
            ..Draft::default()
        };
        let limits = Limits {
            size_factor: 8,
            max_side: 2048,
            max_steps: 1000,
        };
        draft.recipe(limits).unwrap()
    }

    #[test]
    fn a_picture_brings_its_recipe_back() {
        let pixels = Pixels::from_rgba(Extent::new(2, 1), vec![9; 8]).unwrap();
        let file = encode_picture(&pixels, Some(&recipe())).unwrap();
        let decoded = decode(&file).unwrap();
        assert_eq!(decoded.pixels, pixels);
        assert_eq!(
            origin_of(&decoded.texts),
            Origin::Recipe(Box::new(recipe()))
        );
    }

    #[test]
    fn other_tools_pictures_give_their_parameters() {
        let texts = [(
            "parameters".to_owned(),
            "a cat\nSteps: 3, Sampler: Euler a, Seed: 5".to_owned(),
        )];
        let Origin::Parameters(parameters) = origin_of(&texts) else {
            panic!()
        };
        assert_eq!(parameters.get("Seed"), Some("5"));
        assert_eq!(origin_of(&[]), Origin::Unknown);
    }

    #[test]
    fn both_texts_stand_in_the_file_for_other_readers() {
        let pixels = Pixels::from_rgba(Extent::new(1, 1), vec![255; 4]).unwrap();
        let file = encode_picture(&pixels, Some(&recipe())).unwrap();
        let keys: Vec<_> = decode(&file)
            .unwrap()
            .texts
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, ["parameters", "afterimage"]);
    }

    #[test]
    fn a_recipe_of_a_later_version_is_read_as_other_tools_read_it() {
        let later = Recipe {
            version: RECIPE_VERSION + 1,
            ..recipe()
        };
        let pixels = Pixels::from_rgba(Extent::new(1, 1), vec![255; 4]).unwrap();
        let png = encode_picture(&pixels, Some(&later)).unwrap();
        let origin = origin_of(&decode(&png).unwrap().texts);
        assert!(matches!(origin, Origin::Parameters(_)), "{origin:?}");
    }
}
