//! The village: small cottages on both sides of a lane, picket fences and a far steeple.

use super::super::brush::{Brush, flat, glaze, glow, linear};
use super::super::dice::{Dice, Stream};
use super::super::shape::{Outline, blob, disc, oval, pill, polygon, slab, under};
use super::super::tint::{Rgb, WHITE, hex};
use super::{View, plain};

const WALLS: [u32; 4] = [0xF2E4C8, 0xEAD2B6, 0xE2E2DA, 0xF0D8C8];
const ROOFS: [u32; 4] = [0xB05E4A, 0x8C5A44, 0x6E7C92, 0xC09A58];

pub(super) fn paint(brush: &mut Brush<'_>, view: &View<'_>) {
    let mut dice = Dice::new(view.scene.detail, 3, Stream::Detail);
    steeple(brush, view, &mut dice);
    trees(brush, view, &mut dice);
    plain(brush, view);
    ground(brush, view);
    for side in [-1.0, 1.0] {
        // Distance from the middle, drop below the horizon and size, from far to near.
        for (out, drop, size) in [(0.225, 0.022, 0.62), (0.335, 0.05, 0.86), (0.455, 0.1, 1.2)] {
            let spot = (
                0.5 + side * (out + dice.range(-0.008, 0.012)),
                view.scene.horizon + drop,
                size * dice.range(0.95, 1.06),
            );
            let wall = WALLS[dice.below(4) as usize];
            let roof = ROOFS[dice.below(4) as usize];
            cottage(brush, view, spot, (hex(wall), hex(roof)), side);
        }
    }
    for side in [-1.0, 1.0] {
        fence(brush, view, side);
    }
}

/// The church at the end of the lane.
fn steeple(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let horizon = view.scene.horizon;
    let x = 0.5 + dice.sign() * dice.range(0.06, 0.09);
    let wall = view.mood.distant(hex(0xE8DCC8), 0.35);
    let roof = view.mood.distant(hex(0x7C6470), 0.3);
    brush.fill(
        &slab(x, horizon - 0.05, x + 0.09, horizon + 0.01),
        flat(wall.times(0.92)),
    );
    brush.fill(
        &polygon(&[
            (x - 0.004, horizon - 0.048),
            (x + 0.012, horizon - 0.08),
            (x + 0.08, horizon - 0.08),
            (x + 0.096, horizon - 0.048),
        ]),
        flat(roof),
    );
    brush.fill(
        &slab(x - 0.022, horizon - 0.11, x + 0.018, horizon + 0.01),
        flat(wall),
    );
    brush.fill(
        &polygon(&[
            (x - 0.028, horizon - 0.108),
            (x - 0.002, horizon - 0.19),
            (x + 0.024, horizon - 0.108),
        ]),
        flat(roof),
    );
    let pane = if view.mood.lit { hex(0xFFD36E) } else { roof };
    brush.fill(&oval(x - 0.002, horizon - 0.082, 0.008, 0.012), flat(pane));
}

/// Round trees behind the roofs.
fn trees(brush: &mut Brush<'_>, view: &View<'_>, dice: &mut Dice) {
    let (horizon, mood) = (view.scene.horizon, view.mood);
    for (out, size, haze) in [(0.17, 0.05, 0.35), (0.285, 0.075, 0.2), (0.41, 0.11, 0.08)] {
        for side in [-1.0_f32, 1.0] {
            let x = 0.5 + side * (out + dice.range(-0.02, 0.02));
            let r = size * dice.range(0.85, 1.1);
            let leaf = mood.distant(hex(0x5A9C54), haze);
            brush.fill(&disc(x, horizon - r * 1.3, r), flat(leaf.times(0.84)));
            brush.fill(
                &disc(x + mood.side * r * 0.22, horizon - r * 1.45, r * 0.72),
                flat(leaf.mix(mood.key, 0.1)),
            );
            brush.fill(
                &slab(
                    x - r * 0.12,
                    horizon - r * 0.5,
                    x + r * 0.12,
                    horizon + 0.01,
                ),
                flat(mood.distant(hex(0x76543C), haze)),
            );
        }
    }
}

fn ground(brush: &mut Brush<'_>, view: &View<'_>) {
    let grass = view.mood.ground;
    let horizon = view.scene.horizon;
    brush.fill(
        &under(
            &[
                (-0.1, horizon - 0.006),
                (0.3, horizon + 0.006),
                (0.7, horizon - 0.004),
                (1.1, horizon + 0.004),
            ],
            1.01,
        ),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[
                (0.0, grass.far),
                (0.45, view.at_depth(0.55)),
                (1.0, grass.near),
            ],
        ),
    );
    let earth = view.mood.graded(hex(0xE0C596));
    let lane = |more: f32| {
        Outline::new(0.49 - more * 0.3, horizon + 0.004)
            .cubic(
                (0.42 - more, horizon + 0.08),
                (0.56 - more, horizon + 0.14),
                (0.27 - more, 1.01),
            )
            .line(0.73 + more, 1.01)
            .cubic(
                (0.74 + more, horizon + 0.16),
                (0.49 + more, horizon + 0.1),
                (0.52 + more * 0.3, horizon + 0.004),
            )
            .close()
    };
    brush.fill(&lane(0.018), flat(grass.dark.mix(earth, 0.4)));
    brush.fill(
        &lane(0.0),
        linear(
            (0.0, horizon),
            (0.0, 1.0),
            &[(0.0, earth), (1.0, earth.times(0.84))],
        ),
    );
}

/// A cottage from the front: `(x, foot, size)`, its wall and its roof.
fn cottage(
    brush: &mut Brush<'_>,
    view: &View<'_>,
    (x, foot, s): (f32, f32, f32),
    (wall, roof): (Rgb, Rgb),
    side: f32,
) {
    let mood = view.mood;
    let mut wall = mood.graded(wall);
    let roof = mood.graded(roof);
    if mood.lit {
        // What the windows throw on the wall around them.
        wall = wall.mix(hex(0xFFC070), 0.2);
    }
    let (half, eaves, ridge) = (0.088 * s, foot - 0.098 * s, foot - 0.205 * s);
    brush.fill(
        &oval(x - mood.side * half * 0.3, foot, half * 1.3, 0.013 * s),
        glaze(mood.ground.dark, 0.6),
    );
    let stack = x - side * half * 0.5;
    brush.fill(
        &slab(
            stack - 0.012 * s,
            ridge - 0.032 * s,
            stack + 0.012 * s,
            eaves,
        ),
        flat(roof.times(0.7)),
    );
    if s > 0.7 {
        smoke(brush, view, (stack, ridge - 0.034 * s, s));
    }
    brush.fill(&slab(x - half, eaves, x + half, foot), flat(wall));
    // The half away from the light.
    let shaded = x - mood.side * half;
    brush.fill(
        &slab(shaded, eaves, shaded + mood.side * half * 0.5, foot),
        flat(wall.times(0.86)),
    );
    brush.fill(
        &polygon(&[
            (x - half * 1.18, eaves + 0.012 * s),
            (x - half * 0.74, ridge),
            (x + half * 0.74, ridge),
            (x + half * 1.18, eaves + 0.012 * s),
        ]),
        linear(
            (0.0, ridge),
            (0.0, eaves),
            &[(0.0, roof.mix(mood.key, 0.16)), (1.0, roof.times(0.9))],
        ),
    );
    brush.fill(
        &slab(
            x - half * 1.18,
            eaves + 0.006 * s,
            x + half * 1.18,
            eaves + 0.018 * s,
        ),
        flat(roof.times(0.66)),
    );
    brush.fill(
        &pill(
            (x - 0.018 * s, foot - 0.064 * s),
            (x + 0.018 * s, foot),
            0.012 * s,
        ),
        flat(mood.graded(hex(0x7A5036))),
    );
    for u in [-0.6_f32, 0.6] {
        let wx = x + u * half;
        let pane = if mood.lit {
            brush.fill(
                &disc(wx, foot - 0.05 * s, 0.07 * s),
                glow((wx, foot - 0.05 * s), 0.07 * s, hex(0xFFC860), 0.55),
            );
            hex(0xFFD76E)
        } else {
            mood.graded(hex(0x8CB4D0))
        };
        let frame = mood.graded(hex(0xFFFBF0)).mix(wall, 0.35);
        let (w, top, low) = (0.026 * s, foot - 0.08 * s, foot - 0.026 * s);
        brush.fill(&slab(wx - w, top, wx + w, low), flat(frame));
        let thin = 0.006 * s;
        brush.fill(
            &slab(wx - w + thin, top + thin, wx + w - thin, low - thin),
            flat(pane),
        );
        brush.fill(
            &slab(wx - thin * 0.5, top, wx + thin * 0.5, low),
            flat(frame),
        );
    }
}

/// A wisp that rises from a chimney and bends with the wind.
fn smoke(brush: &mut Brush<'_>, view: &View<'_>, (x, y, s): (f32, f32, f32)) {
    let grey = view.mood.sky[3].mix(WHITE, 0.35);
    let wind = view.mood.side * s;
    let at = |dx: f32, dy: f32| (x + dx * wind, y - dy * s);
    brush.fill(
        &blob(&[
            at(-0.006, 0.0),
            at(-0.016, 0.03),
            at(0.0, 0.055),
            at(0.004, 0.085),
            at(0.034, 0.115),
            at(0.05, 0.09),
            at(0.03, 0.06),
            at(0.02, 0.03),
            at(0.006, 0.0),
        ]),
        glaze(grey, 0.55),
    );
}

fn fence(brush: &mut Brush<'_>, view: &View<'_>, side: f32) {
    let foot = view.scene.horizon + 0.165;
    let mut white = view.mood.graded(hex(0xFBF6EA));
    if view.mood.lit {
        white = white.mix(hex(0xFFDCA8), 0.22);
    }
    let (near, far) = (0.5 + side * 0.51, 0.5 + side * 0.275);
    for rail in [0.022, 0.048] {
        brush.fill(
            &slab(near, foot - rail - 0.009, far, foot - rail),
            flat(white.times(0.86)),
        );
    }
    for n in 0..8 {
        let x = 0.5 + side * (0.285 + n as f32 * 0.031);
        let w = 0.0085;
        brush.fill(
            &polygon(&[
                (x - w, foot),
                (x - w, foot - 0.058),
                (x, foot - 0.072),
                (x + w, foot - 0.058),
                (x + w, foot),
            ]),
            flat(white),
        );
    }
}
