//! The grounds. Each paints from the horizon down; `front` paints what stands before the
//! subject.

mod beach;
mod canyon;
mod city;
mod desert;
mod forest;
mod garden;
mod glitter;
mod lake;
mod meadow;
mod moon;
mod neon;
mod ocean;
mod snow;
mod stream;
mod sunbeams;
mod traffic;
mod village;

pub(super) use lake::SHORE as LAKE_SHORE;
pub(super) use neon::has_neon;
pub(super) use stream::has_stream;
pub(super) use sunbeams::has_sunbeams;
pub(super) use traffic::has_flying_cars;

use super::attributes::Place;
use super::brush::{Brush, linear};
use super::mood::Mood;
use super::scene::Scene;
use super::shape::slab;
use super::tint::Rgb;

/// What a ground painter works with.
pub(super) struct View<'a> {
    pub(super) scene: &'a Scene,
    pub(super) mood: &'a Mood,
}

impl View<'_> {
    /// The ground's colour at a depth: 0 at the horizon, 1 at the lower edge.
    fn at_depth(&self, depth: f32) -> Rgb {
        self.mood.ground.far.mix(self.mood.ground.near, depth)
    }

    /// Whether a thing of the given half-width at `x` would stand in the subject's way.
    fn crowds(&self, x: f32, half: f32) -> bool {
        self.scene.figures().iter().any(|figure| {
            let reach = super::subjects::art(figure.subject).half_width * figure.height;
            (x - figure.x).abs() < reach + half
        })
    }
}

struct GroundArt {
    place: Place,
    paint: fn(&mut Brush<'_>, &View<'_>),
    front: fn(&mut Brush<'_>, &View<'_>),
}

/// One row per place.
const GROUNDS: &[GroundArt] = &[
    GroundArt {
        place: Place::Ocean,
        paint: ocean::paint,
        front: ocean::front,
    },
    GroundArt {
        place: Place::Meadow,
        paint: meadow::paint,
        front: meadow::front,
    },
    GroundArt {
        place: Place::Desert,
        paint: desert::paint,
        front: nothing,
    },
    GroundArt {
        place: Place::Snow,
        paint: snow::paint,
        front: nothing,
    },
    GroundArt {
        place: Place::Forest,
        paint: forest::paint,
        front: forest::front,
    },
    GroundArt {
        place: Place::City,
        paint: city::paint,
        front: nothing,
    },
    GroundArt {
        place: Place::Moon,
        paint: moon::paint,
        front: nothing,
    },
    GroundArt {
        place: Place::Beach,
        paint: beach::paint,
        front: nothing,
    },
    GroundArt {
        place: Place::Lake,
        paint: lake::paint,
        front: lake::front,
    },
    GroundArt {
        place: Place::Garden,
        paint: garden::paint,
        front: garden::front,
    },
    GroundArt {
        place: Place::Village,
        paint: village::paint,
        front: nothing,
    },
    GroundArt {
        place: Place::Canyon,
        paint: canyon::paint,
        front: nothing,
    },
];

/// Everything from the horizon down, behind the subject.
pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    if let Some(art) = art(view.scene.place) {
        (art.paint)(brush, view);
    }
}

/// What stands before the subject.
pub(super) fn front(brush: &mut Brush<'_>, view: &View<'_>) {
    if let Some(art) = art(view.scene.place) {
        (art.front)(brush, view);
    }
}

fn art(place: Place) -> Option<&'static GroundArt> {
    GROUNDS.iter().find(|art| art.place == place)
}

fn nothing(_: &mut Brush<'_>, _: &View<'_>) {}

/// The plain ground, from far to near.
fn plain(brush: &mut Brush<'_>, view: &View<'_>) {
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    brush.fill(
        &slab(0.0, horizon, 1.0, 1.0),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[(0.0, ground.far), (1.0, ground.near)],
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::super::attributes::Place;
    use super::GROUNDS;

    #[test]
    fn every_place_has_one_ground() {
        let places: Vec<Place> = GROUNDS.iter().map(|art| art.place).collect();
        assert_eq!(places, Place::ALL);
    }
}
