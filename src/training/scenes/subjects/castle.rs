//! A castle: its walls have the colour, its roofs a darker tone.

use super::super::attributes::{Color, Subject};
use super::super::brush::{Brush, flat, glow};
use super::super::shape::{Outline, Shape, curve, disc, pill, polygon, slab};
use super::super::tint::{Rgb, hex};
use super::{Look, Stance, SubjectArt};

pub(super) const ART: SubjectArt = SubjectArt {
    subject: Subject::Castle,
    stance: Stance::Stands,
    height: (0.54, 0.66),
    half_width: 0.52,
    poses: 2,
    body,
    lights,
};

/// A round tower: its middle, half its width, the top of its wall and of its roof.
#[derive(Clone, Copy)]
struct Tower {
    x: f32,
    half: f32,
    wall: f32,
    roof: f32,
}

/// The towers behind the wall and the two at its ends, by pose.
fn towers(pose: u8) -> [Tower; 4] {
    let tower = |x, half, wall, roof| Tower {
        x,
        half,
        wall,
        roof,
    };
    if pose == 0 {
        [
            tower(0.0, 0.135, -0.66, -0.92),
            tower(0.0, 0.0, 0.0, 0.0),
            tower(-0.38, 0.115, -0.47, -0.72),
            tower(0.38, 0.115, -0.47, -0.72),
        ]
    } else {
        [
            tower(-0.15, 0.11, -0.67, -0.92),
            tower(0.14, 0.095, -0.54, -0.75),
            tower(-0.4, 0.105, -0.4, -0.62),
            tower(0.37, 0.125, -0.46, -0.72),
        ]
    }
}

fn roof_tone(look: &Look) -> Rgb {
    if look.color == Color::White {
        hex(0x5C6B8C)
    } else {
        look.tones.deep.mix(look.tones.shade, 0.3)
    }
}

fn body(brush: &mut Brush<'_>, look: &Look) {
    let [first, second, left, right] = towers(look.pose);
    for tower in [first, second] {
        if tower.half > 0.0 {
            paint_tower(brush, look, tower);
        }
    }
    wall(brush, look);
    for tower in [left, right] {
        paint_tower(brush, look, tower);
    }
}

fn window(x: f32, y: f32, half: f32) -> Shape {
    Outline::new(x - half, y + half * 1.7)
        .line(x - half, y)
        .cubic(
            (x - half, y - half * 1.35),
            (x + half, y - half * 1.35),
            (x + half, y),
        )
        .line(x + half, y + half * 1.7)
        .close()
}

fn paint_tower(brush: &mut Brush<'_>, look: &Look, tower: Tower) {
    let Tower {
        x,
        half,
        wall,
        roof,
    } = tower;
    let tones = look.tones;
    // The flag, blown backwards.
    brush.stroke(
        &curve(&[(x, roof + 0.02), (x, roof - 0.075)]),
        0.018,
        flat(hex(0x5A5F6E)),
    );
    brush.fill(
        &polygon(&[
            (x, roof - 0.082),
            (x - 0.105, roof - 0.052),
            (x, roof - 0.018),
        ]),
        flat(look.trim()),
    );
    brush.fill(
        &slab(x - half, wall, x + half, 0.0),
        look.across(x - half, x + half),
    );
    // A ledge under the eaves.
    brush.fill(
        &pill(
            (x - half - 0.018, wall - 0.01),
            (x + half + 0.018, wall + 0.035),
            0.012,
        ),
        flat(tones.shade),
    );
    let cone = Outline::new(x - half - 0.045, wall)
        .quad((x - half * 0.42, wall + (roof - wall) * 0.4), (x, roof))
        .quad(
            (x + half * 0.42, wall + (roof - wall) * 0.4),
            (x + half + 0.045, wall),
        )
        .close();
    brush.fill(&cone, look.round(roof_tone(look), x - half, x + half));
    let y = wall + 0.115;
    brush.fill(&window(x, y, half * 0.36), flat(tones.deep));
    brush.fill(&window(x, y + 0.004, half * 0.24), flat(look.glass()));
}

fn wall(brush: &mut Brush<'_>, look: &Look) {
    let tones = look.tones;
    let stone = tones.base.mix(tones.shade, 0.22);
    for n in 0..7 {
        let x = -0.3 + n as f32 * 0.1;
        brush.fill(&slab(x - 0.031, -0.37, x + 0.031, -0.28), flat(stone));
    }
    brush.fill(&slab(-0.36, -0.31, 0.36, 0.0), look.gently(-0.36, 0.36));
    brush.fill(&slab(-0.36, -0.275, 0.36, -0.25), flat(tones.shade));
    // Some stones show.
    for (x, y) in [(-0.22, -0.2), (-0.16, -0.09), (0.2, -0.13), (0.235, -0.21)] {
        brush.fill(
            &pill((x - 0.034, y - 0.014), (x + 0.034, y + 0.014), 0.01),
            flat(tones.shade),
        );
    }
    // The gate with its portcullis.
    let arch = |grow: f32| {
        Outline::new(-0.085 - grow, 0.0)
            .line(-0.085 - grow, -0.12)
            .cubic(
                (-0.085 - grow, -0.235 - grow),
                (0.085 + grow, -0.235 - grow),
                (0.085 + grow, -0.12),
            )
            .line(0.085 + grow, 0.0)
            .close()
    };
    brush.fill(&arch(0.035), flat(look.trim()));
    let gate = arch(0.0);
    brush.fill(&gate, flat(hex(0x4C3426)));
    brush.within(&gate, |brush| {
        for x in [-0.045, 0.0, 0.045] {
            brush.fill(&slab(x - 0.009, -0.24, x + 0.009, 0.0), flat(hex(0x87644A)));
        }
        brush.fill(&slab(-0.1, -0.1, 0.1, -0.08), flat(hex(0x87644A)));
    });
}

fn lights(brush: &mut Brush<'_>, look: &Look) {
    if !look.lit {
        return;
    }
    let warm = hex(0xFFD98A);
    for tower in towers(look.pose) {
        if tower.half > 0.0 {
            let (x, y) = (tower.x, tower.wall + 0.12);
            brush.fill(&disc(x, y, 0.12), glow((x, y), 0.12, warm, 0.55));
            brush.fill(&window(x, y, tower.half * 0.24), flat(hex(0xFFE9A0)));
        }
    }
}
