//! The city street: a road towards the horizon, pavements, houses on both sides and lamps.

use super::super::attributes::Time;
use super::super::brush::{Brush, flat, glaze, glow, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{curve, disc, pill, polygon, slab};
use super::super::tint::{Rgb, hex};
use super::neon::{self, has_neon};
use super::{View, plain, traffic};

/// Façades by daylight: muted, so that no subject drowns among them.
const FACADES: [u32; 6] = [0xC79A86, 0xB7A58E, 0x93A3BC, 0xA98FA4, 0xC9B48C, 0x8FA79E];

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    let horizon = view.scene.horizon;
    // Far blocks close the street low in the middle.
    let mut x = 0.2;
    while x < 0.8 {
        let width = dice.range(0.09, 0.13);
        let top = horizon - dice.range(0.05, 0.11);
        let color = view.mood.distant(hex(0x9AA8C0), 0.4);
        brush.fill(&slab(x, top, x + width, horizon + 0.01), flat(color));
        x += width;
    }
    for side in [-1.0, 1.0] {
        row(brush, view, side, &mut dice);
    }
    let neon = has_neon(view.scene);
    if neon {
        neon::signs(brush, view);
    }
    plain(brush, view);
    road(brush, view);
    // Neon is light enough.
    if neon {
        neon::shine(brush, view);
    } else {
        for side in [-1.0, 1.0] {
            lamp(brush, view, side);
        }
    }
    traffic::paint(brush, view.scene);
}

/// The houses of one side, from the farthest to the nearest.
fn row(brush: &mut Brush<'_>, view: &View<'_>, side: f32, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    // Inner edge, outer edge, height and foot of each house, in distance from the middle.
    let houses = [
        (0.2, 0.34, 0.2, 0.012, 0.3),
        (0.29, 0.44, 0.31, 0.03, 0.12),
        (0.39, 0.6, 0.44, 0.055, 0.0),
    ];
    for (inner, outer, height, drop, haze) in houses {
        let height = height + dice.range(-0.04, 0.05);
        let wall = view
            .mood
            .distant(hex(FACADES[dice.below(6) as usize]), haze);
        let (near, far) = (0.5 + side * inner, 0.5 + side * outer);
        let (top, foot) = (horizon - height, horizon + drop);
        brush.fill(
            &slab(near, top, far, foot),
            linear(
                (0.0, top),
                (0.0, foot),
                &[(0.0, wall), (1.0, wall.times(0.86))],
            ),
        );
        // The gable end that faces the street, seen edge on.
        let edge = near + side * (outer - inner) * 0.22;
        let shade = if side == view.mood.side {
            wall.times(0.72)
        } else {
            wall.mix(view.mood.key, 0.22)
        };
        brush.fill(&slab(near, top, edge, foot), flat(shade));
        brush.fill(
            &slab(near - side * 0.008, top - 0.014, far, top + 0.006),
            flat(wall.times(0.62)),
        );
        panes(brush, view, (edge, far, top, foot), dice);
    }
}

fn panes(
    brush: &mut Brush<'_>,
    view: &View<'_>,
    (edge, far, top, foot): (f32, f32, f32, f32),
    dice: &mut Dice,
) {
    let (x0, x1) = (edge.min(far).max(-0.02), edge.max(far).min(1.02));
    let dark = view.mood.graded(hex(0x5A6C8C));
    let lit = hex(0xFFD36E);
    let pane = |dice: &mut Dice| -> Rgb {
        let share = match view.scene.time {
            Time::Night | Time::Dusk => 0.6,
            Time::Storm | Time::Sunset => 0.5,
            Time::Day | Time::Dawn => 0.0,
        };
        if dice.chance(share) { lit } else { dark }
    };
    let (width, height) = (0.034, 0.046);
    let columns = (((x1 - x0) / 0.062) as u32).max(1);
    let gap = (x1 - x0) / columns as f32;
    let mut y = top + 0.034;
    while y + height < foot - 0.02 {
        for column in 0..columns {
            let x = x0 + gap * (column as f32 + 0.5) - width * 0.5;
            let color = pane(dice);
            brush.fill(&slab(x, y, x + width, y + height), flat(color));
        }
        y += 0.082;
    }
}

fn road(brush: &mut Brush<'_>, view: &View<'_>) {
    let ground = view.mood.ground;
    let horizon = view.scene.horizon;
    let pavement = ground.light;
    brush.fill(
        &slab(0.0, horizon, 1.0, 1.0),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[
                (0.0, pavement.mix(ground.far, 0.5)),
                (1.0, pavement.mix(ground.near, 0.25)),
            ],
        ),
    );
    let kerb = |half: f32, foot: f32| {
        polygon(&[
            (0.5 - half, horizon),
            (0.5 + half, horizon),
            (0.5 + foot, 1.01),
            (0.5 - foot, 1.01),
        ])
    };
    brush.fill(&kerb(0.062, 0.60), flat(pavement.mix(ground.dark, 0.4)));
    brush.fill(
        &kerb(0.055, 0.56),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[(0.0, ground.far), (1.0, ground.near)],
        ),
    );
    let white = view.mood.graded(hex(0xFFFFFF)).mix(ground.light, 0.2);
    for (a, b) in [(0.12_f32, 0.24_f32), (0.36, 0.56), (0.72, 1.02)] {
        let half = |t: f32| 0.003 + 0.022 * t;
        let y = |t: f32| horizon + (1.0 - horizon) * t;
        brush.fill(
            &polygon(&[
                (0.5 - half(a), y(a)),
                (0.5 + half(a), y(a)),
                (0.5 + half(b), y(b)),
                (0.5 - half(b), y(b)),
            ]),
            flat(white),
        );
    }
}

fn lamp(brush: &mut Brush<'_>, view: &View<'_>, side: f32) {
    let horizon = view.scene.horizon;
    let x = 0.5 + side * 0.40;
    let (foot, top) = (horizon + 0.17, horizon - 0.2);
    if view.crowds(x, 0.0) {
        return;
    }
    let iron = view
        .mood
        .graded(hex(0x3C4658))
        .times(if view.scene.time == Time::Night {
            0.6
        } else {
            1.0
        });
    brush.fill(&slab(x - 0.007, top, x + 0.007, foot), flat(iron));
    brush.fill(
        &pill((x - 0.018, foot - 0.02), (x + 0.018, foot + 0.006), 0.008),
        flat(iron),
    );
    let head = (x - side * 0.075, top + 0.012);
    brush.stroke(
        &curve(&[(x, top + 0.03), (x - side * 0.03, top - 0.008), head]),
        0.014,
        flat(iron),
    );
    if view.mood.lit {
        brush.fill(
            &disc(head.0, head.1, 0.17),
            glow(head, 0.17, hex(0xFFD890), 0.6),
        );
        brush.fill(&disc(head.0, head.1 + 0.01, 0.022), flat(hex(0xFFF2C0)));
        brush.fill(
            &super::super::shape::oval(x - side * 0.06, foot, 0.12, 0.028),
            glaze(hex(0xFFD890), 0.22),
        );
    } else {
        brush.fill(
            &disc(head.0, head.1 + 0.008, 0.019),
            flat(view.mood.graded(hex(0xF4F2E6))),
        );
    }
}
