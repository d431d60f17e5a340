//! The long soft clouds of a low sun over open water, lit from below.

use super::brush::{Brush, glaze, veil};
use super::scene::{Cloud, Scene};
use super::shape::{Outline, Shape};
use super::tint::hex;

pub(super) fn paint(brush: &mut Brush<'_>, cloud: Cloud, scene: &Scene) {
    let Cloud { x, y, width, shape } = cloud;
    let half = width * 1.1;
    let thick = width * 0.32;
    let slide = half * (f32::from(shape) - 1.0) * 0.22;
    // Nearer the horizon the light is stronger.
    let low = (y / scene.horizon).clamp(0.0, 1.0);
    let dusky = hex(0x6E2068).mix(hex(0xA8344E), low);
    let flame = hex(0xFF7E50).mix(hex(0xFFC05A), low);
    let lobes = [
        (x + slide * 1.4, y - thick * 0.62, half * 0.62, thick * 0.7),
        (x - slide, y, half, thick),
        (x + slide * 0.8, y + thick * 0.42, half * 0.7, thick * 0.6),
    ];
    for (x, y, half, thick) in lobes {
        brush.fill(
            &lens(x, y, half, thick),
            veil(
                (0.0, y - thick * 0.75),
                (0.0, y + thick * 0.25),
                &[
                    (0.0, dusky, 0.25),
                    (0.45, dusky, 0.85),
                    (0.72, dusky.mix(flame, 0.6), 0.9),
                    (1.0, flame, 0.95),
                ],
            ),
        );
    }
    // A bright hem under the longest.
    brush.fill(
        &lens(x - slide, y + thick * 0.2, half * 0.6, thick * 0.16),
        glaze(hex(0xFFE09A), 0.75),
    );
}

/// A lens that tapers to both ends, arched above and nearly flat below.
fn lens(x: f32, y: f32, half: f32, thick: f32) -> Shape {
    Outline::new(x - half, y)
        .cubic(
            (x - half * 0.45, y - thick * 0.25),
            (x - half * 0.35, y - thick * 0.95),
            (x + half * 0.08, y - thick * 0.75),
        )
        .cubic(
            (x + half * 0.4, y - thick * 0.65),
            (x + half * 0.5, y - thick * 0.12),
            (x + half, y),
        )
        .cubic(
            (x + half * 0.4, y + thick * 0.3),
            (x - half * 0.4, y + thick * 0.3),
            (x - half, y),
        )
        .close()
}
