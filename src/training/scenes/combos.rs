//! Which things go together, and how often: the tables the sampler draws from.
//!
//! Everything but the sailboat can be in every place (on the ocean, what cannot swim or fly stands
//! on a sandy islet and the lighthouse on a rock); the sailboat keeps to the ocean and the lake. Every allowed
//! pair comes in all eight colours and at all six times.

use super::attributes::{Backdrop, Place, Subject};

/// One picture in this many, about, shows the place alone.
pub(super) const EMPTY_SHARE: f32 = 0.06;

/// How often a subject is drawn, among the subjects.
pub(super) const fn subject_weight(subject: Subject) -> u32 {
    match subject {
        // It has two places only, so it needs fewer pictures.
        Subject::Sailboat => 7,
        _ => 10,
    }
}

/// How often a subject is in a place; 0 if never.
pub const fn place_weight(subject: Subject, place: Place) -> u32 {
    // Columns: ocean, meadow, desert, snow, forest, city, moon, beach, lake, garden, village, canyon.
    let row = match subject {
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
