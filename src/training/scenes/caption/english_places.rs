//! Places in English: with a preposition, as a thing, and as a keyword.

use super::super::attributes::Place;
use super::super::dice::Dice;
use super::english::word;
use super::{Facts, Situation};

/// The place with the preposition that fits the subject.
pub(super) fn place(facts: &Facts, dice: &mut Dice) -> String {
    if facts.situation == Situation::Over && dice.chance(0.7) {
        return over(facts.place, dice);
    }
    match (facts.place, facts.situation) {
        (Place::Ocean, _) => at_sea(facts, dice),
        (Place::Meadow, _) => word(
            &[
                "in a meadow",
                "on a meadow",
                "on a green meadow",
                "in a grassy field",
                "on the grassland",
            ],
            dice,
        ),
        (Place::Desert, _) => word(
            &["in the desert", "in a desert", "in the sandy desert"],
            dice,
        ),
        (Place::Snow, _) => word(
            &[
                "in the snow",
                "on a snowy field",
                "in a snowy landscape",
                "on the snow",
            ],
            dice,
        ),
        (Place::Forest, _) => word(
            &[
                "in the forest",
                "in a forest",
                "in the woods",
                "in a forest clearing",
            ],
            dice,
        ),
        (Place::City, _) => word(
            &[
                "on a city street",
                "in the city",
                "on the street",
                "on a street in the city",
            ],
            dice,
        ),
        (Place::Moon, _) => word(
            &[
                "on the moon",
                "on the surface of the moon",
                "on the lunar surface",
            ],
            dice,
        ),
        (Place::Beach, _) => word(
            &[
                "on the beach",
                "on a beach",
                "on a sandy beach",
                "at the beach",
            ],
            dice,
        ),
        (Place::Lake, Situation::Afloat) => {
            word(&["on a lake", "on the lake", "on a calm lake"], dice)
        }
        (Place::Lake, _) => word(
            &[
                "by a lake",
                "by the lake",
                "at the lake",
                "on the shore of a lake",
            ],
            dice,
        ),
        (Place::Garden, _) => word(
            &[
                "in a garden",
                "in the garden",
                "in a flower garden",
                "in a garden full of flowers",
            ],
            dice,
        ),
        (Place::Village, _) => word(
            &[
                "in a village",
                "in the village",
                "in a small village",
                "on a village lane",
            ],
            dice,
        ),
        (Place::Canyon, _) => word(&["in a canyon", "in the canyon", "in a rocky canyon"], dice),
    }
    .to_owned()
}

/// Where something in the air is.
fn over(place: Place, dice: &mut Dice) -> String {
    let preposition = word(&["over", "above"], dice);
    let ground = match place {
        Place::Ocean => word(&["the ocean", "the sea"], dice),
        Place::Meadow => word(&["a meadow", "the meadow", "the grassland"], dice),
        Place::Desert => word(&["the desert", "a desert"], dice),
        Place::Snow => word(&["a snowy field", "the snow", "a snowy landscape"], dice),
        Place::Forest => word(&["the forest", "a forest", "the woods"], dice),
        Place::City => word(&["a city street", "the city", "the street"], dice),
        Place::Moon => word(
            &["the surface of the moon", "the moon", "the lunar surface"],
            dice,
        ),
        Place::Beach => word(&["the beach", "a beach", "a sandy beach"], dice),
        Place::Lake => word(&["a lake", "the lake"], dice),
        Place::Garden => word(&["a garden", "the garden", "a flower garden"], dice),
        Place::Village => word(&["a village", "the village", "a small village"], dice),
        Place::Canyon => word(&["a canyon", "the canyon"], dice),
    };
    format!("{preposition} {ground}")
}

/// The place with its preposition, at the ocean.
fn at_sea(facts: &Facts, dice: &mut Dice) -> &'static str {
    match facts.situation {
        Situation::Islet => word(
            &[
                "on a small island in the ocean",
                "on an island in the sea",
                "in the ocean",
                "on a little island in the ocean",
            ],
            dice,
        ),
        Situation::Rock => word(
            &[
                "on a rock in the ocean",
                "by the sea",
                "in the ocean",
                "by the ocean",
            ],
            dice,
        ),
        Situation::Afloat if facts.swims() => word(
            &[
                "in the ocean",
                "in the sea",
                "swimming in the ocean",
                "swimming in the sea",
            ],
            dice,
        ),
        Situation::Afloat => word(
            &[
                "on the ocean",
                "on the sea",
                "sailing on the ocean",
                "at sea",
            ],
            dice,
        ),
        Situation::Across => across(dice),
        Situation::On | Situation::Over => word(&["at the ocean", "at sea"], dice),
    }
}

/// Where a bridge at sea is.
fn across(dice: &mut Dice) -> &'static str {
    word(
        &[
            "over the ocean",
            "over the sea",
            "across the sea",
            "in the ocean",
        ],
        dice,
    )
}

/// The place as a thing.
pub(super) fn landscape(place: Place, dice: &mut Dice) -> &'static str {
    match place {
        Place::Ocean => word(&["the ocean", "the sea"], dice),
        Place::Meadow => word(&["a meadow", "a green meadow", "grassland"], dice),
        Place::Desert => word(&["the desert", "a desert"], dice),
        Place::Snow => word(&["a snowy field", "a snowy landscape", "the snow"], dice),
        Place::Forest => word(&["a forest", "the forest", "the woods"], dice),
        Place::City => word(&["a city street", "the city"], dice),
        Place::Moon => word(
            &["the surface of the moon", "the moon", "the lunar surface"],
            dice,
        ),
        Place::Beach => word(&["a beach", "the beach", "a sandy beach"], dice),
        Place::Lake => word(&["a lake", "the lake", "a calm lake"], dice),
        Place::Garden => word(&["a garden", "a flower garden", "the garden"], dice),
        Place::Village => word(&["a village", "a small village", "the village"], dice),
        Place::Canyon => word(&["a canyon", "the canyon", "a rocky canyon"], dice),
    }
}

/// The place as a keyword.
pub(super) fn place_key(place: Place, dice: &mut Dice) -> &'static str {
    match place {
        Place::Ocean => word(&["ocean", "sea"], dice),
        Place::Meadow => word(&["meadow", "grassland"], dice),
        Place::Desert => "desert",
        Place::Snow => word(&["snow", "snowy field"], dice),
        Place::Forest => word(&["forest", "woods"], dice),
        Place::City => word(&["city street", "city"], dice),
        Place::Moon => word(&["moon surface", "moon", "lunar surface"], dice),
        Place::Beach => word(&["beach", "sandy beach"], dice),
        Place::Lake => word(&["lake", "lakeside", "calm lake"], dice),
        Place::Garden => word(&["garden", "flower garden"], dice),
        Place::Village => word(&["village", "small village"], dice),
        Place::Canyon => word(&["canyon", "rocky canyon"], dice),
    }
}
