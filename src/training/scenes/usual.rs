//! What people expect who ask for little: the colours, places and light that need not be told.
//!
//! Scenes drawn for short captions show mostly this, and their captions tell what is otherwise.

use super::attributes::{Color, Place, Subject, Time};
use super::combos::place_weight;

/// The colours a subject is thought of in.
pub(super) const fn colors(subject: Subject) -> &'static [Color] {
    use Color::{
        Black, Blue, Brown, Gray, Green, Orange, Pink, Purple, Red, Turquoise, White, Yellow,
    };
    match subject {
        Subject::House | Subject::Windmill => &[Red, White, Orange, Brown],
        Subject::Tree => &[Green],
        Subject::Sailboat => &[White, Red, Yellow],
        Subject::Balloon => &[Red, Orange, Yellow, Purple],
        Subject::Rocket | Subject::Lighthouse => &[Red, White],
        Subject::Cat => &[Orange, Gray, White, Black],
        Subject::Corgi | Subject::Astronaut => &[White, Orange],
        Subject::Car | Subject::FlyingCar => &[Red, Blue, Yellow],
        Subject::Rose => &[Red, Pink, White],
        // The colour of its sweater.
        Subject::PlainCorgi => &[Red, Blue, Yellow, Turquoise],
        Subject::Bird => &[Blue, Red, Brown, Yellow],
        Subject::Whale => &[Blue, Gray],
        Subject::Fox => &[Orange, Red],
        Subject::Rabbit => &[White, Gray, Brown],
        Subject::Horse => &[Brown, White, Black],
        Subject::Penguin => &[Black, Blue, Gray],
        Subject::Butterfly => &[Orange, Blue, Yellow, Purple],
        Subject::Robot => &[Gray, Blue, Turquoise],
        Subject::Castle => &[Gray, White, Brown],
        Subject::Train => &[Red, Black, Green, Blue],
        Subject::Bicycle => &[Red, Blue, Turquoise],
        Subject::Bridge => &[Red, Gray, Brown],
        Subject::Airplane => &[White, Red, Blue],
        Subject::Ufo => &[Gray, Green, Turquoise],
        Subject::Tulip => &[Red, Yellow, Pink, Purple],
        Subject::Mushroom => &[Red, Brown],
        Subject::StreetLamp => &[Black, Gray, Brown],
        Subject::Snowman => &[Red, Blue, Green],
        Subject::Tent => &[Orange, Green, Blue],
        Subject::Umbrella => &[Red, Blue, Yellow, Purple],
    }
}

/// Whether a subject's colour goes without saying.
pub(super) fn is_color(subject: Subject, color: Color) -> bool {
    colors(subject).contains(&color)
}

/// Whether a subject is where it is thought of: in one of the places it is oftenest in.
pub(super) fn is_place(subject: Subject, place: Place) -> bool {
    let weight = |place| place_weight(subject, place);
    let most = Place::ALL.iter().copied().map(weight).max().unwrap_or(0);
    weight(place) > 0 && weight(place) + 1 >= most
}

/// Whether light goes without saying.
pub(super) const fn is_time(time: Time) -> bool {
    matches!(time, Time::Day | Time::Dawn | Time::Sunset)
}

/// How often a place is shown at a time, among pictures that show the usual.
pub(super) const fn time_weight(place: Place, time: Time) -> u32 {
    match (place, time) {
        // Towns are asked for by night.
        (Place::City, Time::Night) => 6,
        (_, Time::Day) => 5,
        (_, Time::Dawn | Time::Sunset) => 2,
        _ => 0,
    }
}

/// The usual places of a subject.
pub(super) fn places(subject: Subject) -> Vec<Place> {
    let all = Place::ALL.iter().copied();
    all.filter(|place| is_place(subject, *place)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::scene::Scene;
    use super::*;

    #[test]
    fn every_subject_has_usual_places_and_colours() {
        for subject in Subject::ALL.iter().copied() {
            assert!(!places(subject).is_empty(), "{subject:?}");
            assert!(!colors(subject).is_empty(), "{subject:?}");
        }
        assert!(is_place(Subject::Rose, Place::Garden) && !is_place(Subject::Rose, Place::Moon));
    }

    #[test]
    fn most_usual_scenes_show_what_goes_without_saying() {
        let scenes: Vec<Scene> = (0..600).map(|index| Scene::usual(5, index)).collect();
        let share = |is: &dyn Fn(&Scene) -> bool| {
            scenes.iter().filter(|scene| is(scene)).count() * 100 / scenes.len()
        };
        assert!(share(&|scene| is_time(scene.time)) > 65);
        assert!(share(&|scene| scene.company.is_none()) > 85);
        let natural = |scene: &Scene| {
            scene.figure.is_none_or(|figure| {
                is_color(figure.subject, figure.color) && is_place(figure.subject, scene.place)
            })
        };
        let natural = share(&natural);
        assert!((55..95).contains(&natural), "{natural}");
    }
}
