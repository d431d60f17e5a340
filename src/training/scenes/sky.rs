//! Sky, sun and moon, stars, clouds, lightning.

use super::afterglow;
use super::attributes::{Place, Time};
use super::brush::{Brush, flat, glaze, glow, linear, radial, veil};
use super::dice::{Dice, Stream};
use super::mood::Mood;
use super::scene::{Cloud, Orb, Scene};
use super::shape::{Outline, Shape, blob, disc, join, oval, pill, polygon, slab};
use super::tint::{Rgb, WHITE, hex};

pub(super) fn paint(brush: &mut Brush<'_>, scene: &Scene, mood: &Mood) {
    let horizon = scene.horizon;
    let [top, high, low, rim] = mood.sky;
    brush.cover(&[
        (0.0, top),
        (0.42 * horizon, high),
        (0.78 * horizon, low),
        (horizon, rim),
    ]);
    for star in &scene.sky.stars {
        brush.fill(
            &disc(star.x, star.y, star.radius),
            flat(hex(0xFFFBE2).mix(high, 0.14)),
        );
    }
    if let Some(orb) = scene.sky.orb {
        paint_orb(brush, orb, scene, mood);
    }
    if let Some(earth) = scene.sky.earth {
        paint_earth(brush, earth, mood);
    }
    if scene.time == Time::Storm {
        paint_storm(brush, scene);
    }
    let water = matches!(scene.place, Place::Ocean | Place::Beach | Place::Lake);
    for cloud in &scene.sky.clouds {
        match scene.time {
            Time::Sunset if water => afterglow::paint(brush, *cloud, scene),
            Time::Day | Time::Night | Time::Storm => paint_puff(brush, *cloud, mood),
            Time::Dawn | Time::Sunset | Time::Dusk => paint_streak(brush, *cloud, scene),
        }
    }
}

fn paint_orb(brush: &mut Brush<'_>, orb: Orb, scene: &Scene, mood: &Mood) {
    let Orb { x, y, radius } = orb;
    let (reach, strength) = match scene.time {
        Time::Day => (5.0, 0.75),
        Time::Dawn => (6.0, 0.8),
        Time::Sunset => (4.4, 0.85),
        Time::Night | Time::Storm | Time::Dusk => (4.2, 0.4),
    };
    let halo = match scene.time {
        Time::Sunset => hex(0xFF9A3C),
        Time::Dawn => hex(0xFFF2D0),
        _ => mood.key,
    };
    brush.fill(
        &disc(x, y, radius * reach),
        glow((x, y), radius * reach, halo, strength),
    );
    let body = disc(x, y, radius);
    match scene.time {
        Time::Day => brush.fill(
            &body,
            radial(
                (x, y),
                radius,
                &[(0.0, hex(0xFFFDEE), 1.0), (1.0, hex(0xFFE678), 1.0)],
            ),
        ),
        Time::Dawn => brush.fill(
            &body,
            radial(
                (x, y),
                radius,
                &[(0.0, WHITE, 1.0), (1.0, hex(0xFFF3CC), 1.0)],
            ),
        ),
        Time::Sunset => brush.fill(
            &body,
            linear(
                (x, y - radius),
                (x, y + radius),
                &[
                    (0.0, hex(0xFFE66A)),
                    (0.55, hex(0xFFAE34)),
                    (1.0, hex(0xFF6A2A)),
                ],
            ),
        ),
        Time::Night | Time::Storm | Time::Dusk => paint_moon(brush, orb, scene.sky.crescent),
    }
}

fn paint_moon(brush: &mut Brush<'_>, orb: Orb, crescent: bool) {
    let Orb { x, y, radius } = orb;
    let pale = hex(0xFFF6D2);
    if crescent {
        let r = radius * 1.1;
        let at = |u: f32, v: f32| (x + u * r, y + v * r);
        let (tip, foot) = (at(0.34, -0.94), at(0.94, 0.34));
        brush.fill(
            &Outline::new(tip.0, tip.1)
                .cubic(at(-0.52, -1.1), at(-1.3, -0.1), at(-0.7, 0.7))
                .cubic(at(-0.1, 1.3), at(0.94, 1.0), foot)
                .cubic(at(0.3, 0.76), at(-0.3, 0.42), at(-0.24, -0.24))
                .cubic(at(-0.2, -0.6), at(0.0, -0.84), tip)
                .close(),
            pale,
        );
        return;
    }
    brush.fill(&disc(x, y, radius), pale);
    brush.within(&disc(x, y, radius), |brush| {
        let spot = hex(0xE4D8B4);
        brush.fill(
            &disc(x - radius * 0.32, y - radius * 0.22, radius * 0.26),
            spot,
        );
        brush.fill(
            &disc(x + radius * 0.36, y + radius * 0.3, radius * 0.32),
            spot,
        );
        brush.fill(
            &disc(x + radius * 0.3, y - radius * 0.5, radius * 0.16),
            spot,
        );
    });
}

fn paint_earth(brush: &mut Brush<'_>, earth: Orb, mood: &Mood) {
    let Orb { x, y, radius } = earth;
    brush.fill(
        &disc(x, y, radius * 2.0),
        glow((x, y), radius * 2.0, hex(0x6CB8FF), 0.6),
    );
    let body = disc(x, y, radius);
    brush.fill(
        &body,
        radial(
            (x + mood.side * radius * 0.3, y - radius * 0.35),
            radius * 1.7,
            &[(0.0, hex(0x58B4F8), 1.0), (1.0, hex(0x124C9E), 1.0)],
        ),
    );
    brush.within(&body, |brush| {
        let land = hex(0x58B45C);
        let at = |dx: f32, dy: f32| (x + dx * radius, y + dy * radius);
        brush.fill(
            &blob(&[
                at(-0.9, -0.5),
                at(-0.3, -0.8),
                at(0.05, -0.45),
                at(-0.2, -0.1),
                at(-0.45, 0.25),
                at(-0.75, 0.0),
            ]),
            land,
        );
        brush.fill(
            &blob(&[
                at(0.2, -0.05),
                at(0.65, -0.2),
                at(0.9, 0.2),
                at(0.55, 0.7),
                at(0.25, 0.5),
            ]),
            land,
        );
        let cloud = glaze(WHITE, 0.9);
        brush.fill(
            &oval(
                x + radius * 0.1,
                y + radius * 0.86,
                radius * 0.6,
                radius * 0.24,
            ),
            cloud.clone(),
        );
        brush.fill(
            &oval(
                x + radius * 0.35,
                y - radius * 0.5,
                radius * 0.42,
                radius * 0.13,
            ),
            cloud.clone(),
        );
        brush.fill(
            &oval(
                x - radius * 0.4,
                y + radius * 0.3,
                radius * 0.38,
                radius * 0.12,
            ),
            cloud,
        );
        // The night side.
        let far = (x - mood.side * radius * 1.05, y + radius * 0.5);
        let near = (x + mood.side * radius * 0.3, y - radius * 0.1);
        brush.fill(
            &body,
            veil(
                far,
                near,
                &[(0.0, hex(0x041038), 0.7), (1.0, hex(0x041038), 0.0)],
            ),
        );
    });
}

/// The bumps of a fair-weather cloud, as centre and radius in half-widths.
const PUFFS: [&[(f32, f32, f32)]; 3] = [
    &[
        (-0.52, -0.14, 0.28),
        (-0.12, -0.34, 0.4),
        (0.34, -0.2, 0.34),
        (0.66, -0.1, 0.2),
    ],
    &[
        (-0.6, -0.1, 0.22),
        (-0.26, -0.24, 0.34),
        (0.2, -0.36, 0.38),
        (0.58, -0.14, 0.28),
    ],
    &[(-0.46, -0.2, 0.3), (0.06, -0.3, 0.36), (0.5, -0.16, 0.28)],
];

fn puff(cloud: Cloud) -> Shape {
    let half = cloud.width * 0.5;
    let bumps = PUFFS[usize::from(cloud.shape) % PUFFS.len()];
    let mut parts: Vec<Shape> = bumps
        .iter()
        .map(|(x, y, r)| disc(cloud.x + x * half, cloud.y + y * half, r * half))
        .collect();
    parts.push(pill(
        (cloud.x - 0.86 * half, cloud.y - 0.26 * half),
        (cloud.x + 0.88 * half, cloud.y + 0.1 * half),
        half,
    ));
    join(&parts)
}

fn paint_puff(brush: &mut Brush<'_>, cloud: Cloud, mood: &Mood) {
    let half = cloud.width * 0.5;
    let (top, foot, opacity) = if mood.time == Time::Day {
        (WHITE, mood.sky[2].mix(WHITE, 0.45), 1.0)
    } else {
        (mood.sky[3].mix(WHITE, 0.08), mood.sky[2], 0.7)
    };
    brush.fill(
        &puff(cloud),
        veil(
            (0.0, cloud.y - half * 0.7),
            (0.0, cloud.y + half * 0.1),
            &[
                (0.0, top, opacity),
                (0.5, top, opacity),
                (1.0, foot, opacity),
            ],
        ),
    );
}

/// A long flat cloud of the low sun.
fn paint_streak(brush: &mut Brush<'_>, cloud: Cloud, scene: &Scene) {
    let Cloud { x, y, width, shape } = cloud;
    let half = width * 0.75;
    let thick = width * 0.085;
    let slide = half * (f32::from(shape) - 1.0) * 0.3;
    let parts = [
        pill(
            (x - half, y - thick * 0.6),
            (x + half, y + thick * 0.6),
            thick,
        ),
        pill(
            (x - half * 0.5 + slide, y - thick * 1.7),
            (x + half * 0.5 + slide, y - thick * 0.1),
            thick,
        ),
        pill(
            (x - half * 0.3 - slide, y),
            (x + half * 0.6 - slide, y + thick * 1.5),
            thick,
        ),
    ];
    let depth = (y / scene.horizon).clamp(0.0, 1.0);
    let (top, foot, opacity) = match scene.time {
        Time::Sunset => (hex(0x7C2468).mix(hex(0xB83A4E), depth), hex(0xFF8A4A), 0.92),
        Time::Dusk => (hex(0x3A3888).mix(hex(0x7A62AC), depth), hex(0xC684B4), 0.85),
        _ => (hex(0xFFF2F2), hex(0xFBC4CE), 0.78),
    };
    brush.fill(
        &join(&parts),
        veil(
            (0.0, y - thick * 1.6),
            (0.0, y + thick * 1.5),
            &[(0.0, top, opacity), (1.0, foot, opacity)],
        ),
    );
}

fn paint_storm(brush: &mut Brush<'_>, scene: &Scene) {
    let mut dice = Dice::new(scene.detail, 1, Stream::Detail);
    let moon = scene.place == Place::Moon;
    let (back, front, lowest) = if moon {
        (hex(0x5E4632), hex(0x46342A), hex(0x8A6A4A))
    } else {
        (hex(0x56635F), hex(0x3A4648), hex(0x6E7C76))
    };
    if let Some(bolt) = scene.sky.bolt {
        brush.fill(
            &disc(bolt, 0.2, 0.5),
            glow((bolt, 0.2), 0.5, hex(0xE8F0C8), 0.55),
        );
    }
    bank(brush, 0.26, lowest, &mut dice);
    if let Some(bolt) = scene.sky.bolt {
        paint_bolt(brush, bolt, scene.horizon, &mut dice);
    }
    bank(brush, 0.17, back, &mut dice);
    bank(brush, 0.08, front, &mut dice);
}

/// A row of heavy cloud bellies hanging from the upper edge.
fn bank(brush: &mut Brush<'_>, depth: f32, color: Rgb, dice: &mut Dice) {
    let mut parts = vec![slab(-0.1, -0.1, 1.1, depth * 0.7)];
    let mut x = dice.range(-0.12, 0.0);
    while x < 1.1 {
        let rx = dice.range(0.12, 0.19);
        let ry = dice.range(0.06, 0.085);
        parts.push(oval(x, depth - ry * 0.7 + dice.range(-0.02, 0.02), rx, ry));
        x += rx * 1.35;
    }
    brush.fill(
        &join(&parts),
        linear(
            (0.0, depth - 0.14),
            (0.0, depth + 0.06),
            &[(0.0, color.times(0.8)), (1.0, color.times(1.14))],
        ),
    );
}

fn paint_bolt(brush: &mut Brush<'_>, x: f32, horizon: f32, dice: &mut Dice) {
    let lean = dice.sign();
    let (top, foot) = (0.14, horizon - 0.01);
    let at = |dx: f32, t: f32| (x + dx * lean, top + (foot - top) * t);
    let shape = polygon(&[
        at(0.028, 0.0),
        at(-0.058, 0.52),
        at(-0.004, 0.50),
        at(-0.05, 1.0),
        at(0.075, 0.38),
        at(0.022, 0.40),
        at(0.086, 0.0),
    ]);
    brush.stroke(&shape, 0.03, glaze(hex(0xFFF6B0), 0.25));
    brush.fill(&shape, flat(hex(0xFFF08A)));
}
