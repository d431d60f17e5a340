//! The desert: dunes with a lit and a shaded flank, and a cactus or two.

use super::super::attributes::Backdrop;
use super::super::brush::{Brush, flat, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, oval, pill};
use super::super::tint::hex;
use super::{View, plain};

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    plain(brush, view);
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    let horizon = view.scene.horizon;
    let bare = view.scene.backdrop == Backdrop::None;
    if bare {
        dune(
            brush,
            view,
            (dice.range(0.1, 0.35), horizon + 0.03, 0.1),
            0.0,
        );
        dune(
            brush,
            view,
            (dice.range(0.6, 0.95), horizon + 0.04, 0.075),
            0.06,
        );
    }
    dune(
        brush,
        view,
        (dice.range(0.15, 0.85), horizon + 0.13, 0.09),
        0.3,
    );
    cactus_pair(brush, view, &mut dice);
    dune(
        brush,
        view,
        (dice.range(0.1, 0.9), horizon + 0.31, 0.13),
        0.7,
    );
}

/// A dune: `(crest x, foot y, height)`.
fn dune(brush: &mut Brush<'_>, view: &View<'_>, (x, y, height): (f32, f32, f32), depth: f32) {
    let ground = view.mood.ground;
    let body = view.at_depth(depth);
    let top = y - height;
    let side = view.mood.side;
    let wide = 0.55 + height * 3.0;
    brush.fill(
        &Outline::new(x - wide, y + 0.02)
            .cubic((x - wide * 0.5, y), (x - wide * 0.25, top), (x, top))
            .cubic(
                (x + wide * 0.25, top),
                (x + wide * 0.5, y),
                (x + wide, y + 0.02),
            )
            .line(x + wide, 1.01)
            .line(x - wide, 1.01)
            .close(),
        linear(
            (0.0, top),
            (0.0, y + 0.25),
            &[
                (0.0, body.mix(ground.light, 0.55)),
                (0.5, body),
                (1.0, view.at_depth((depth + 0.35).min(1.0))),
            ],
        ),
    );
    // The flank away from the light.
    brush.fill(
        &Outline::new(x, top)
            .cubic(
                (x - side * wide * 0.25, top),
                (x - side * wide * 0.5, y),
                (x - side * wide, y + 0.02),
            )
            .cubic(
                (x - side * wide * 0.5, y + 0.03),
                (x - side * wide * 0.05, y + 0.02),
                (x + side * wide * 0.06, y + 0.035),
            )
            .cubic(
                (x - side * wide * 0.1, y - height * 0.3),
                (x + side * wide * 0.06, top + height * 0.3),
                (x, top),
            )
            .close(),
        linear(
            (0.0, top),
            (0.0, y + 0.03),
            &[
                (0.0, body.mix(ground.dark, 0.62)),
                (1.0, body.mix(ground.dark, 0.25)),
            ],
        ),
    );
}

fn cactus_pair(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    for _ in 0..3 {
        let x = dice.range(0.06, 0.94);
        let depth = dice.range(0.25, 0.5);
        let height = 0.12 + 0.14 * depth;
        if view.crowds(x, 0.07) || (view.scene.figure.is_none() && dice.chance(0.3)) {
            continue;
        }
        cactus(
            brush,
            view,
            (
                x,
                view.scene.horizon + (1.0 - view.scene.horizon) * depth,
                height,
            ),
            dice.sign(),
        );
        if dice.chance(0.6) {
            break;
        }
    }
}

fn cactus(brush: &mut Brush<'_>, view: &View<'_>, (x, y, h): (f32, f32, f32), flip: f32) {
    let green = view.mood.graded(hex(0x4E8F5A));
    let lit = view.mood.graded(hex(0x7CB872));
    let w = h * 0.11;
    brush.fill(
        &oval(x - view.mood.side * h * 0.2, y, h * 0.4, h * 0.06),
        super::super::brush::glaze(view.mood.ground.dark, 0.45),
    );
    brush.fill(&pill((x - w, y - h), (x + w, y), w), flat(green));
    let arm = |dx: f32, low: f32, high: f32| {
        let ax = x + dx * h * flip;
        [
            pill((x, y - h * low - w * 0.75), (ax, y - h * low + w * 0.75), w),
            pill(
                (ax - w * 0.75, y - h * high),
                (ax + w * 0.75, y - h * low + w * 0.75),
                w,
            ),
        ]
    };
    for part in arm(0.3, 0.36, 0.72).iter().chain(&arm(-0.28, 0.5, 0.82)) {
        brush.fill(part, flat(green));
    }
    let edge = view.mood.side * w * 0.35;
    brush.fill(
        &pill(
            (x + edge - w * 0.4, y - h * 0.95),
            (x + edge + w * 0.4, y - h * 0.05),
            w,
        ),
        flat(lit),
    );
}
