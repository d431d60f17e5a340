//! Which things go together, and how often: the tables the sampler draws from.
//!
//! Everything but the sailboat and the whale can be in every place (on the ocean, what cannot swim
//! or fly stands on a sandy islet, the lighthouse on a rock and the bridge in the water); the whale
//! keeps to the ocean, the sailboat to the ocean and the lake. Every allowed pair comes in all
//! colours and at all times.

use super::attributes::{Backdrop, Place, Style, Subject, Time, Weather};

/// The share of pictures that show the place alone.
pub(super) const EMPTY_SHARE: f32 = 0.12;

/// How often a place is shown alone: those oftener that people ask for without a subject.
pub(super) const fn alone_weight(place: Place) -> u32 {
    match place {
        Place::Ocean => 3,
        Place::Forest | Place::City => 4,
        _ => 1,
    }
}

/// How often a subject is drawn, among the subjects.
pub(super) const fn subject_weight(subject: Subject) -> u32 {
    match subject {
        // They have few places, so they need fewer pictures.
        Subject::Sailboat | Subject::Whale => 7,
        _ => 10,
    }
}

/// How often a subject is in a place; 0 if never.
pub const fn place_weight(subject: Subject, place: Place) -> u32 {
    // Columns: ocean, meadow, desert, snow, forest, city, moon, beach, lake, garden, village, canyon.
    let row = match subject {
        Subject::PlainCorgi => [2, 4, 3, 4, 4, 4, 2, 4, 3, 4, 4, 3],
        Subject::Bird => [4, 4, 3, 3, 4, 4, 2, 4, 4, 4, 3, 3],
        Subject::Whale => [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        Subject::Fox => [2, 4, 3, 4, 5, 2, 2, 2, 3, 3, 3, 4],
        Subject::Rabbit => [2, 5, 2, 4, 4, 2, 3, 3, 3, 5, 3, 3],
        Subject::Horse => [2, 5, 4, 3, 3, 3, 2, 4, 4, 3, 4, 4],
        Subject::Penguin => [4, 2, 2, 6, 2, 2, 3, 4, 3, 2, 2, 2],
        Subject::Butterfly => [2, 5, 3, 2, 5, 3, 2, 3, 3, 6, 3, 2],
        Subject::Robot => [2, 3, 3, 3, 3, 4, 4, 3, 3, 3, 4, 4],
        Subject::Castle => [3, 4, 3, 4, 4, 2, 2, 3, 5, 3, 3, 4],
        Subject::Train => [2, 4, 4, 4, 3, 3, 2, 3, 3, 2, 4, 4],
        Subject::Bicycle => [2, 4, 3, 3, 4, 5, 2, 4, 4, 4, 5, 3],
        Subject::Windmill => [3, 5, 3, 4, 3, 2, 2, 3, 4, 4, 5, 3],
        Subject::Bridge => [6, 3, 3, 3, 3, 3, 2, 3, 5, 3, 3, 4],
        Subject::Airplane => [4, 4, 4, 3, 3, 4, 2, 4, 4, 2, 3, 4],
        Subject::Ufo => [3, 4, 4, 3, 3, 4, 5, 3, 4, 2, 4, 5],
        Subject::Tulip => [2, 5, 2, 3, 4, 3, 3, 3, 3, 6, 4, 2],
        Subject::Mushroom => [2, 4, 2, 3, 6, 2, 3, 2, 3, 5, 3, 2],
        Subject::StreetLamp => [2, 3, 2, 4, 3, 6, 3, 4, 4, 4, 6, 2],
        Subject::Snowman => [2, 3, 2, 7, 3, 3, 2, 2, 3, 3, 4, 2],
        Subject::Tent => [2, 4, 4, 4, 5, 2, 3, 4, 5, 3, 2, 4],
        Subject::Umbrella => [4, 4, 4, 3, 3, 4, 2, 6, 4, 4, 3, 3],
        Subject::House => [3, 4, 3, 4, 4, 3, 2, 3, 4, 3, 4, 3],
        Subject::Tree => [2, 4, 3, 4, 4, 3, 2, 3, 4, 4, 3, 3],
        Subject::Sailboat => [3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0],
        Subject::Balloon => [4, 4, 4, 3, 3, 3, 3, 3, 4, 3, 4, 4],
        Subject::Rocket => [3, 3, 4, 3, 3, 3, 5, 3, 3, 3, 3, 4],
        Subject::Lighthouse => [6, 3, 3, 3, 2, 2, 3, 5, 4, 2, 3, 2],
        Subject::Cat => [2, 4, 3, 4, 4, 4, 3, 4, 3, 4, 4, 3],
        Subject::Corgi => [2, 3, 3, 3, 3, 3, 5, 4, 3, 4, 3, 3],
        Subject::Astronaut => [2, 3, 4, 3, 3, 3, 5, 4, 3, 3, 3, 4],
        Subject::Car => [2, 4, 4, 3, 3, 5, 3, 4, 3, 2, 4, 4],
        Subject::FlyingCar => [3, 3, 3, 3, 3, 5, 4, 3, 3, 3, 4, 4],
        Subject::Rose => [2, 4, 3, 4, 4, 3, 3, 3, 3, 5, 3, 3],
    };
    row[place as usize]
}

/// How often a backdrop stands behind a place; 0 if never.
pub const fn backdrop_weight(place: Place, backdrop: Backdrop) -> u32 {
    // Columns: none, mountains, hills, forest, skyline, the Earth.
    let row = match place {
        Place::Ocean => [5, 3, 2, 0, 2, 0],
        Place::Meadow => [3, 3, 3, 2, 2, 0],
        Place::Desert => [4, 3, 3, 0, 1, 0],
        Place::Snow => [3, 3, 2, 3, 1, 0],
        Place::Forest => [5, 3, 2, 0, 0, 0],
        Place::City => [4, 2, 1, 0, 3, 0],
        Place::Moon => [3, 3, 2, 0, 0, 4],
        Place::Beach => [5, 2, 2, 0, 2, 0],
        Place::Lake => [3, 4, 2, 3, 1, 0],
        Place::Garden => [4, 2, 2, 2, 1, 0],
        Place::Village => [4, 3, 3, 2, 0, 0],
        Place::Canyon => [5, 2, 1, 0, 0, 0],
    };
    row[backdrop as usize]
}

/// How often a weather comes with a place and a time; 0 if never. A storm has its own.
pub(super) const fn weather_weight(place: Place, time: Time, weather: Weather) -> u32 {
    match (place, time, weather) {
        (_, _, Weather::Fair) => 16,
        (Place::Moon, _, _)
        | (_, Time::Storm, _)
        | (Place::Desert, _, Weather::Rain | Weather::Snowfall)
        | (Place::Snow, _, Weather::Rain) => 0,
        (Place::Snow, _, Weather::Snowfall) => 4,
        (_, _, Weather::Snowfall) => 1,
        (_, _, Weather::Rain | Weather::Fog) => 2,
    }
}

/// How often a place at a time is painted in a style; 0 if never.
///
/// Neon turns every light into night, and pencil has no colours for a low sun: they keep to the
/// times that can still be told. Towns at night are neon's own.
pub(super) const fn style_weight(place: Place, time: Time, style: Style) -> u32 {
    // Columns: flat, oil, watercolour, pixel, neon, pencil.
    let row = match time {
        Time::Day => [10, 3, 3, 3, 0, 5],
        Time::Dawn | Time::Sunset | Time::Dusk => [10, 3, 3, 3, 0, 0],
        Time::Night if matches!(place, Place::City) => [10, 3, 3, 3, 18, 3],
        Time::Night => [10, 3, 3, 3, 7, 4],
        Time::Storm => [10, 3, 3, 3, 3, 3],
    };
    row[style as usize]
}

#[cfg(test)]
mod tests {
    use super::super::attributes::{Backdrop, Place, Subject};
    use super::{backdrop_weight, place_weight};

    #[test]
    fn every_place_takes_most_subjects_and_a_bare_horizon() {
        for place in Place::ALL {
            let subjects = Subject::ALL
                .iter()
                .filter(|s| place_weight(**s, *place) > 0);
            assert!(subjects.count() >= 11, "{place:?}");
            assert!(backdrop_weight(*place, Backdrop::None) > 0);
        }
        for subject in Subject::ALL {
            assert!(Place::ALL.iter().any(|p| place_weight(*subject, *p) > 0));
        }
    }
}
