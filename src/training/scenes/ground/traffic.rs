//! Small flying cars with trails of light in a town's sky.

use tiny_skia::Transform;

use super::super::attributes::{Place, Subject, Time};
use super::super::brush::{Brush, flat, glow, veil};
use super::super::dice::{Dice, Stream};
use super::super::scene::Scene;
use super::super::shape::{Outline, disc, oval, pill, slab};
use super::super::tint::{WHITE, hex};

/// One flying car: its middle, its length and where it heads (-1 left, 1 right).
#[derive(Clone, Copy)]
struct Flight {
    x: f32,
    y: f32,
    length: f32,
    heading: f32,
}

/// Whether small flying cars pass: in a third of the towns by night, at sunset and at dusk.
pub(in super::super) fn has_flying_cars(scene: &Scene) -> bool {
    !flights(scene).is_empty()
}

/// The cars, where they meet neither the subject nor each other.
fn flights(scene: &Scene) -> Vec<Flight> {
    let mut dice = Dice::new(scene.detail, 15, Stream::Detail);
    let evening = matches!(scene.time, Time::Night | Time::Sunset | Time::Dusk);
    let alike = scene
        .figure
        .is_some_and(|figure| figure.subject == Subject::FlyingCar);
    if scene.place != Place::City || !evening || alike || !dice.chance(0.4) {
        return Vec::new();
    }
    let wanted = dice.between(1, 3) as usize;
    let mut found: Vec<Flight> = Vec::new();
    for _ in 0..16 {
        let flight = Flight {
            x: dice.range(0.16, 0.84),
            y: dice.range(0.09, scene.horizon - 0.22),
            length: dice.range(0.11, 0.16),
            heading: dice.sign(),
        };
        if found.len() < wanted && flight.is_free(scene, &found) {
            found.push(flight);
        }
    }
    found
}

impl Flight {
    /// The trail behind the car, from its middle.
    fn trail(self) -> f32 {
        self.length * 1.8
    }

    /// Whether the car and its trail have the sky to themselves.
    fn is_free(self, scene: &Scene, others: &[Self]) -> bool {
        let tail = self.x - self.heading * self.trail();
        let (left, right) = (tail.min(self.x) - 0.07, tail.max(self.x) + 0.07);
        let meets = |[x0, y0, x1, y1]: [f32; 4]| {
            left < x1 && right > x0 && self.y + 0.06 > y0 && self.y - 0.06 < y1
        };
        let moon = scene.sky.orb.is_some_and(|orb| {
            let r = orb.radius;
            meets([orb.x - r, orb.y - r, orb.x + r, orb.y + r])
        });
        !moon
            && !scene.figure.is_some_and(|figure| meets(figure.bounds()))
            && others.iter().all(|other| (other.y - self.y).abs() > 0.12)
    }
}

pub(super) fn paint(brush: &mut Brush<'_>, scene: &Scene) {
    for (n, flight) in flights(scene).into_iter().enumerate() {
        let place = Transform::from_row(
            flight.length * flight.heading,
            0.0,
            0.0,
            flight.length,
            flight.x,
            flight.y,
        );
        car(&mut brush.placed(place), n);
    }
}

/// A car of length 1 around the origin that heads to the right.
fn car(brush: &mut Brush<'_>, n: usize) {
    let light = [hex(0xFF5A6E), hex(0x4CE8FF), hex(0xFFC84A)][n % 3];
    brush.fill(
        &Outline::new(-0.4, -0.1)
            .line(-1.8, -0.01)
            .line(-1.8, 0.03)
            .line(-0.4, 0.14)
            .close(),
        veil(
            (-0.4, 0.0),
            (-1.8, 0.0),
            &[(0.0, light, 0.95), (0.5, light, 0.5), (1.0, light, 0.0)],
        ),
    );
    brush.fill(
        &slab(-1.7, 0.0, -0.4, 0.04),
        veil(
            (-0.4, 0.0),
            (-1.7, 0.0),
            &[(0.0, WHITE, 0.9), (1.0, WHITE, 0.0)],
        ),
    );
    brush.fill(&disc(0.0, 0.2, 0.75), glow((0.0, 0.2), 0.75, light, 0.55));
    brush.fill(
        &Outline::new(-0.32, -0.08)
            .cubic((-0.26, -0.34), (0.14, -0.36), (0.26, -0.08))
            .close(),
        flat(hex(0xBFF0FF)),
    );
    brush.fill(&pill((-0.5, -0.12), (0.5, 0.15), 0.13), flat(hex(0xE4E8F4)));
    brush.fill(
        &pill((-0.46, 0.04), (0.46, 0.16), 0.06),
        flat(hex(0x4A4E78)),
    );
    brush.fill(&oval(0.0, 0.2, 0.32, 0.05), flat(light));
    brush.fill(&disc(0.47, 0.0, 0.09), flat(hex(0xFFF8C8)));
    brush.fill(&disc(-0.47, 0.0, 0.07), flat(light));
}
