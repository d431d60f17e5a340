//! What pictures say of how they were made: A1111's text, and our JSON.
#![no_main]

use std::sync::LazyLock;

use afterimage::library::{Origin, origin_of};
use afterimage::models::Manifest;
use afterimage::recipe::{Draft, Limits, NoWildcards, Recipe, read_parameters, write_parameters};
use afterimage::weights::Inversions;
use afterimage_fuzz::Overlay;
use libfuzzer_sys::fuzz_target;

static MODEL: LazyLock<Manifest> =
    LazyLock::new(|| Manifest::read(&Overlay::over("epsilon", [])).expect("a golden model"));

const LIMITS: Limits = Limits {
    size_factor: 8,
    max_side: 4096,
    max_steps: 1000,
};

fuzz_target!(|text: &str| {
    for keyword in ["parameters", "afterimage"] {
        let mut draft = Draft::default();
        match origin_of(&[(keyword.to_owned(), text.to_owned())]) {
            Origin::Recipe(recipe) => {
                look_into(&recipe);
                draft.adopt(&recipe);
            }
            Origin::Parameters(parameters) => parameters.apply_to(&mut draft),
            Origin::Unknown => continue,
        }
        if draft.prompt.len() < 1 << 10 {
            // As the window does while the form is filled in.
            let count = |draft: &Draft| {
                let words = Inversions::default();
                MODEL
                    .texts
                    .count(&draft.prompt, draft.emphasis, draft.steps, &words)
            };
            assert!(count(&draft).is_ok());
        }
        if let Ok(recipe) = draft.recipe(LIMITS) {
            look_into(&recipe);
            let mut again = Draft::default();
            read_parameters(&write_parameters(&recipe, "0")).apply_to(&mut again);
            assert_eq!((again.seed, again.steps), (draft.seed, draft.steps));
        }
    }
});

fn look_into(recipe: &Recipe) {
    write_parameters(recipe, "0");
    recipe.calls();
    recipe.told_size();
    recipe.for_picture(u32::MAX);
    assert!(recipe.asks_the_same(recipe) || recipe.guidance.is_nan());
    if recipe.steps <= LIMITS.max_steps {
        recipe.shortcuts.calls(recipe.steps, true);
    }
    let _drawn = recipe.clone().drawn(&NoWildcards).is_ok();
    for finish in &recipe.finishes {
        let _text = finish.to_string();
    }
    let json = serde_json::to_string(recipe).expect("JSON of a recipe");
    let again: Recipe = serde_json::from_str(&json).expect("its own JSON");
    // The last bit of a number of 64 bits may be another: its reader takes a shorter way.
    assert_eq!((again.seed, &again.prompt), (recipe.seed, &recipe.prompt));
}
