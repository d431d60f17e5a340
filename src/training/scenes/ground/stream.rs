//! A stream that winds through a clearing and past the subject.

use super::super::attributes::Place;
use super::super::brush::{Brush, flat, glaze, linear};
use super::super::dice::{Dice, Stream};
use super::super::scene::Scene;
use super::super::shape::{Shape, blob, oval, polygon, wave};
use super::super::tint::{WHITE, hex};
use super::View;

/// Whether a stream runs through the scene: two forests in five.
pub(in super::super) fn has_stream(scene: &Scene) -> bool {
    scene.place == Place::Forest
        && Dice::new(scene.detail, 7, Stream::Detail).chance(0.42)
        && course(scene).is_some()
}

/// Where the water runs: at which depth it passes the subject, and where.
#[derive(Clone, Copy)]
struct Course {
    pass: f32,
    aside: f32,
    phase: f32,
}

/// A bed that leaves the subject dry; none if it needs the whole width.
fn course(scene: &Scene) -> Option<Course> {
    let mut dice = Dice::new(scene.detail, 8, Stream::Detail);
    let phase = dice.unit();
    let Some(figure) = scene.figure else {
        return Some(Course {
            pass: 0.7,
            aside: 0.5 + dice.sign() * dice.range(0.02, 0.14),
            phase,
        });
    };
    let half = super::super::subjects::art(figure.subject).half_width * figure.height;
    let depth = (figure.floor - scene.horizon) / (1.0 - scene.horizon);
    let gap = half * 0.9 + 0.04 + width(depth);
    let side = if figure.x > 0.5 { -1.0 } else { 1.0 };
    let aside = figure.x + side * gap;
    (0.05..0.95).contains(&aside).then_some(Course {
        pass: depth.max(0.3),
        aside,
        phase,
    })
}

/// Half the width of the water at a depth.
fn width(depth: f32) -> f32 {
    0.014 + 0.085 * depth
}

impl Course {
    /// The middle of the water at a depth.
    fn at(self, depth: f32) -> f32 {
        let share = (depth / self.pass).min(1.0);
        let eased = share * share * (3.0 - 2.0 * share);
        let beyond = (depth - self.pass).max(0.0);
        let swing = 0.05 * (0.2 + depth) * wave(depth * 1.5 + self.phase) * (1.0 - eased * 0.7);
        0.5 + (self.aside - 0.5) * (eased + beyond * 0.8) + swing
    }

    /// The ribbon of water, wider by `more` on both sides.
    fn ribbon(self, horizon: f32, more: f32) -> Shape {
        let steps = 14;
        let depth = |step: usize| step as f32 / steps as f32 * 1.08;
        let y = |depth: f32| horizon + 0.006 + (1.0 - horizon) * depth;
        let left = (0..=steps).map(|step| {
            let d = depth(step);
            (self.at(d) - width(d) - more * (0.2 + d), y(d))
        });
        let right = (0..=steps).rev().map(|step| {
            let d = depth(step);
            (self.at(d) + width(d) + more * (0.2 + d), y(d))
        });
        blob(&left.chain(right).collect::<Vec<_>>())
    }
}

/// Whether a thing at `x` would stand in the water.
pub(super) fn floods(scene: &Scene, x: f32, depth: f32) -> bool {
    has_stream(scene)
        && course(scene).is_some_and(|course| (course.at(depth) - x).abs() < width(depth) + 0.07)
}

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let Some(course) = course(view.scene) else {
        return;
    };
    let mood = view.mood;
    let horizon = view.scene.horizon;
    let mut dice = Dice::new(view.scene.detail, 9, Stream::Detail);
    let bank = mood.ground.dark.mix(mood.graded(hex(0x7A5A3C)), 0.45);
    brush.fill(&course.ribbon(horizon, 0.022), flat(bank));
    let water = course.ribbon(horizon, 0.0);
    let deep = mood.graded(hex(0x2C8CC4)).mix(mood.sky[2], 0.35);
    let pale = mood.graded(hex(0x9ADCF4)).mix(mood.sky[3], 0.6);
    brush.fill(
        &water,
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[(0.0, pale), (0.35, pale.mix(deep, 0.55)), (1.0, deep)],
        ),
    );
    let foam = pale.mix(WHITE, 0.35);
    brush.within(&water, |brush| {
        for n in 0..9 {
            let depth = 0.08 + n as f32 * 0.105;
            let y = horizon + (1.0 - horizon) * depth;
            let half = width(depth);
            let x = course.at(depth) + half * dice.range(-0.6, 0.6);
            brush.fill(
                &oval(x, y, half * 0.42, 0.003 + 0.006 * depth),
                glaze(foam, 0.8),
            );
        }
    });
    for n in 0..4 {
        let depth = 0.3 + n as f32 * 0.2 + dice.range(-0.05, 0.05);
        let side = if n % 2 == 0 { -1.0 } else { 1.0 };
        let size = 0.014 + 0.022 * depth;
        let x = course.at(depth) + side * width(depth) * 1.02;
        if !view.crowds(x, size) {
            stone(brush, view, (x, horizon + (1.0 - horizon) * depth, size));
        }
    }
}

/// A round stone at the water's edge.
fn stone(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32)) {
    let grey = view.mood.graded(hex(0xA4A8AC));
    let side = view.mood.side;
    brush.fill(
        &blob(&[
            (x - s, y),
            (x - s * 0.7, y - s * 0.7),
            (x + s * 0.1, y - s * 0.95),
            (x + s * 0.8, y - s * 0.6),
            (x + s, y),
            (x, y + s * 0.22),
        ]),
        flat(grey.times(0.78)),
    );
    brush.fill(
        &polygon(&[
            (x + side * s * 0.75, y - s * 0.45),
            (x + side * s * 0.1, y - s * 0.8),
            (x - side * s * 0.4, y - s * 0.55),
            (x + side * s * 0.3, y - s * 0.25),
        ]),
        flat(grey.mix(WHITE, 0.25)),
    );
}
