//! A house: walls in its colour, roof in the deep tone of it, white trim.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glow};
use super::super::shape::{disc, oval, pill, polygon, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::House,
    stance: Stance::Stands,
    height: (0.40, 0.52),
    half_width: 0.6,
    poses: 3,
    body,
    lights,
};

fn roof(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0x7088B8)
    } else {
        look.tones.shade.mix(
            look.tones.deep,
            match look.color {
                // A darker roof would be black.
                Color::Gray => 0.0,
                Color::Yellow | Color::Orange => 0.25,
                _ => 0.45,
            },
        )
    }
}

/// Centre and half-size of each window.
fn windows(pose: u8) -> &'static [(f32, f32)] {
    match pose {
        0 => &[(-0.27, -0.29), (0.27, -0.29)],
        1 => &[(0.07, -0.28), (0.42, -0.28)],
        _ => &[(-0.19, -0.49), (0.19, -0.49), (0.19, -0.21)],
    }
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    match look.pose {
        0 => gable(brush, look),
        1 => cottage(brush, look),
        _ => townhouse(brush, look),
    }
    let frame = hex(0xFFFFFF).mix(
        look.tones.shade,
        if look.color == Color::White {
            0.8
        } else {
            0.04
        },
    );
    for (x, y) in windows(look.pose) {
        brush.fill(
            &pill((x - 0.105, y - 0.105), (x + 0.105, y + 0.105), 0.025),
            flat(frame),
        );
        brush.fill(
            &slab(x - 0.072, y - 0.072, x + 0.072, y + 0.072),
            flat(look.glass()),
        );
    }
}

fn chimney(brush: &mut Brush<'_>, look: &Look, x: f32, top: f32, foot: f32) {
    let brick = hex(0x9A6A5C);
    brush.fill(
        &slab(x - 0.055, top, x + 0.055, foot),
        look.round(brick, x - 0.055, x + 0.055),
    );
    brush.fill(
        &slab(x - 0.075, top - 0.005, x + 0.075, top + 0.045),
        flat(brick.times(0.7)),
    );
}

fn door(brush: &mut Brush<'_>, x: f32, half: f32, height: f32) {
    brush.fill(
        &pill(
            (x - half - 0.025, -height - 0.025),
            (x + half + 0.025, 0.06),
            0.06,
        ),
        flat(hex(0xFBF7EE)),
    );
    brush.fill(
        &pill((x - half, -height), (x + half, 0.06), 0.05),
        flat(hex(0x6E4632)),
    );
    brush.fill(
        &disc(x + half * 0.5, -height * 0.42, 0.02),
        flat(hex(0xFFDF86)),
    );
}

fn plinth(brush: &mut Brush<'_>, left: f32, right: f32) {
    brush.fill(&slab(left, -0.045, right, 0.0), flat(hex(0x8F8A8C)));
}

fn gable(brush: &mut Brush<'_>, look: &Look) {
    chimney(brush, look, 0.27, -0.95, -0.6);
    let walls = polygon(&[
        (-0.44, 0.0),
        (-0.44, -0.5),
        (0.0, -0.9),
        (0.44, -0.5),
        (0.44, 0.0),
    ]);
    brush.fill(&walls, look.gently(-0.44, 0.44));
    brush.within(&slab(-0.6, -0.6, 0.6, 0.0), |brush| {
        door(brush, 0.0, 0.095, 0.31);
    });
    plinth(brush, -0.44, -0.12);
    plinth(brush, 0.12, 0.44);
    brush.fill(&disc(0.0, -0.585, 0.095), flat(hex(0xFBF7EE)));
    brush.fill(&disc(0.0, -0.585, 0.065), flat(look.glass()));
    let left = polygon(&[(0.0, -0.99), (-0.58, -0.46), (-0.51, -0.375), (0.0, -0.84)]);
    let right = polygon(&[(0.0, -0.99), (0.58, -0.46), (0.51, -0.375), (0.0, -0.84)]);
    let tile = roof(look);
    let (lit, shaded) = (tile.mix(look.tones.base, 0.22), tile.times(0.84));
    let (a, b) = if look.side < 0.0 {
        (lit, shaded)
    } else {
        (shaded, lit)
    };
    brush.fill(&left, flat(a));
    brush.fill(&right, flat(b));
}

fn cottage(brush: &mut Brush<'_>, look: &Look) {
    chimney(brush, look, 0.26, -0.99, -0.7);
    let tones = look.tones;
    let (front, flank) = if look.side < 0.0 {
        (
            tones.base.mix(tones.light, 0.2),
            tones.base.mix(tones.shade, 0.55),
        )
    } else {
        (
            tones.base.mix(tones.shade, 0.4),
            tones.base.mix(tones.light, 0.12),
        )
    };
    brush.fill(&slab(-0.14, -0.5, 0.57, 0.0), flat(flank));
    brush.fill(
        &polygon(&[
            (-0.56, 0.0),
            (-0.56, -0.47),
            (-0.34, -0.86),
            (-0.12, -0.47),
            (-0.12, 0.0),
        ]),
        flat(front),
    );
    let tile = roof(look);
    brush.fill(
        &polygon(&[(-0.35, -0.92), (0.41, -0.92), (0.63, -0.43), (-0.1, -0.43)]),
        flat(tile),
    );
    brush.fill(
        &polygon(&[
            (-0.35, -0.92),
            (-0.63, -0.44),
            (-0.565, -0.40),
            (-0.34, -0.79),
            (-0.12, -0.40),
            (-0.06, -0.43),
        ]),
        flat(tile.times(0.74)),
    );
    brush.within(&slab(-0.6, -0.6, 0.6, 0.0), |brush| {
        door(brush, -0.34, 0.09, 0.31);
    });
    plinth(brush, -0.12, 0.57);
}

fn townhouse(brush: &mut Brush<'_>, look: &Look) {
    chimney(brush, look, -0.2, -1.0, -0.8);
    brush.fill(&slab(-0.36, -0.68, 0.36, 0.0), look.gently(-0.36, 0.36));
    let tile = roof(look);
    brush.fill(
        &polygon(&[(-0.46, -0.62), (-0.27, -0.94), (0.27, -0.94), (0.46, -0.62)]),
        flat(tile),
    );
    let shade = if look.side < 0.0 {
        polygon(&[(0.46, -0.62), (0.27, -0.94), (0.1, -0.94), (0.2, -0.62)])
    } else {
        polygon(&[(-0.46, -0.62), (-0.27, -0.94), (-0.1, -0.94), (-0.2, -0.62)])
    };
    brush.fill(&shade, flat(tile.times(0.8)));
    brush.within(&slab(-0.6, -0.6, 0.6, 0.0), |brush| {
        door(brush, -0.17, 0.085, 0.29);
    });
    plinth(brush, -0.06, 0.36);
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    for (x, y) in windows(look.pose) {
        brush.fill(
            &slab(x - 0.072, y - 0.072, x + 0.072, y + 0.072),
            flat(hex(0xFFDC78)),
        );
        brush.fill(
            &oval(*x, *y, 0.24, 0.24),
            glow((*x, *y), 0.24, hex(0xFFCB66), 0.34),
        );
    }
}
