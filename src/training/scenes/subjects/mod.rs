//! The subjects. One file each, one row in `SUBJECTS`.
//!
//! A subject is drawn in a frame of its own: the foot at the origin, one unit tall, y down (so the
//! top is at -1), facing right. `body` paints it in daylight colours on a layer that is then
//! graded, rimmed with light and given a halo; `lights` adds what shines by itself.

mod airplane;
mod astronaut;
mod balloon;
mod bicycle;
mod bird;
mod bridge;
mod butterfly;
mod car;
mod castle;
mod cat;
mod corgi;
mod flying_car;
mod fox;
mod horse;
mod house;
mod lighthouse;
mod mushroom;
mod penguin;
mod plain_corgi;
mod rabbit;
mod robot;
mod rocket;
mod rose;
mod sailboat;
mod snowman;
mod street_lamp;
mod tent;
mod train;
mod tree;
mod tulip;
mod ufo;
mod umbrella;
mod whale;
mod windmill;

use super::attributes::{Color, Subject};
use super::brush::{Brush, Ink, linear};
use super::tint::{Rgb, Tones, hex};

/// How a subject stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// On the ground.
    Stands,
    /// On the water.
    Floats,
    /// Just above the ground.
    Hovers,
    /// High in the air.
    Drifts,
    /// On the ground in the first pose, in the air in the others.
    Launches,
}

/// How a subject is drawn.
pub(super) struct SubjectArt {
    pub(super) subject: Subject,
    pub(super) stance: Stance,
    /// Least and greatest height, in shares of the picture.
    pub(super) height: (f32, f32),
    /// Half its width, in its heights.
    pub(super) half_width: f32,
    pub(super) poses: u8,
    body: fn(&mut Brush<'_>, &Look),
    lights: fn(&mut Brush<'_>, &Look),
}

impl SubjectArt {
    pub(super) fn paint_body(&self, brush: &mut Brush<'_>, look: &Look) {
        (self.body)(brush, look);
    }

    /// At sea it is in the water itself: it floats, or it is a bridge, whose piers stand there.
    pub(super) fn in_water(&self) -> bool {
        self.stance == Stance::Floats || self.subject == Subject::Bridge
    }

    pub(super) fn paint_lights(&self, brush: &mut Brush<'_>, look: &Look) {
        (self.lights)(brush, look);
    }
}

const SUBJECTS: &[SubjectArt] = &[
    house::ART,
    tree::ART,
    sailboat::ART,
    balloon::ART,
    rocket::ART,
    lighthouse::ART,
    cat::ART,
    corgi::ART,
    astronaut::ART,
    car::ART,
    flying_car::ART,
    rose::ART,
    plain_corgi::ART,
    bird::ART,
    whale::ART,
    fox::ART,
    rabbit::ART,
    horse::ART,
    penguin::ART,
    butterfly::ART,
    robot::ART,
    castle::ART,
    train::ART,
    bicycle::ART,
    windmill::ART,
    bridge::ART,
    airplane::ART,
    ufo::ART,
    tulip::ART,
    mushroom::ART,
    street_lamp::ART,
    snowman::ART,
    tent::ART,
    umbrella::ART,
];

/// The row of a subject.
pub(super) fn art(subject: Subject) -> &'static SubjectArt {
    SUBJECTS
        .iter()
        .find(|art| art.subject == subject)
        .unwrap_or(&house::ART)
}

/// What a subject painter needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) color: Color,
    pub(super) tones: Tones,
    pub(super) pose: u8,
    /// Windows and lamps are lit.
    pub(super) lit: bool,
    /// Which side the light comes from in the subject's own frame: -1 left, 1 right.
    pub(super) side: f32,
}

impl Look {
    /// The main colour from its lit to its shaded side, between two abscissas.
    fn across(&self, left: f32, right: f32) -> Ink {
        self.turned(
            left,
            right,
            &[
                (0.0, self.tones.light),
                (0.34, self.tones.base),
                (0.68, self.tones.base),
                (1.0, self.tones.shade),
            ],
        )
    }

    /// As `across`, but for flat things: no bright edge.
    fn gently(&self, left: f32, right: f32) -> Ink {
        self.turned(
            left,
            right,
            &[
                (0.0, self.tones.base.mix(self.tones.light, 0.3)),
                (1.0, self.tones.base.mix(self.tones.shade, 0.55)),
            ],
        )
    }

    /// Any colour with a lit and a shaded side.
    fn round(&self, color: Rgb, left: f32, right: f32) -> Ink {
        self.turned(
            left,
            right,
            &[
                (0.0, color.mix(hex(0xFFFFFF), 0.22)),
                (0.5, color),
                (1.0, color.times(0.72)),
            ],
        )
    }

    fn turned(&self, left: f32, right: f32, stops: &[(f32, Rgb)]) -> Ink {
        let (from, to) = if self.side < 0.0 {
            (left, right)
        } else {
            (right, left)
        };
        linear((from, 0.0), (to, 0.0), stops)
    }

    /// A colour for trim that stands out: dark slate on white things, near-white on all others.
    fn trim(&self) -> Rgb {
        if self.color == Color::White {
            hex(0x5C6B8C)
        } else {
            hex(0xF6F4EE)
        }
    }

    /// Window glass.
    fn glass(&self) -> Rgb {
        if self.lit {
            hex(0xFFD566)
        } else {
            hex(0xBEE3F6)
        }
    }
}

/// For subjects that do not shine.
fn dark(_: &mut Brush<'_>, _: &Look) {}

#[cfg(test)]
mod tests {
    use super::super::attributes::Subject;
    use super::SUBJECTS;

    #[test]
    fn the_registry_is_complete_and_in_order() {
        let listed: Vec<Subject> = SUBJECTS.iter().map(|art| art.subject).collect();
        assert_eq!(listed, Subject::ALL);
        for art in SUBJECTS {
            assert!(art.poses > 0 && art.height.0 <= art.height.1);
        }
    }
}
