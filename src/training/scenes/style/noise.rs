//! Noise that is the same on every machine: specks, soft clouds and paper.

use super::plane::Plane;

/// A number from 0 to 1 that belongs to a place.
pub(super) fn speck(x: i32, y: i32, seed: u32) -> f32 {
    let mut mixed = (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77)
        ^ seed.wrapping_mul(0xC2B2_AE3D);
    mixed ^= mixed >> 15;
    mixed = mixed.wrapping_mul(0x2C1B_3C6D);
    mixed ^= mixed >> 12;
    mixed = mixed.wrapping_mul(0x297A_2D39);
    mixed ^= mixed >> 15;
    (mixed >> 8) as f32 / 16_777_216.0
}

/// Soft noise from -1 to 1 with lumps of about `cell` pixels.
pub(super) fn clouds(side: usize, cell: f32, seed: u32) -> Plane {
    let cell = cell.max(1.0);
    let knots = (side as f32 / cell) as usize + 2;
    let lattice: Vec<f32> = (0..knots * knots)
        .map(|n| speck((n % knots) as i32, (n / knots) as i32, seed) * 2.0 - 1.0)
        .collect();
    let steps: Vec<(usize, f32)> = (0..side)
        .map(|n| {
            let at = n as f32 / cell;
            let knot = at as usize;
            let share = at - knot as f32;
            (knot, share * share * (3.0 - 2.0 * share))
        })
        .collect();
    let mut line = vec![0.0; knots];
    let mut plane = Plane::new(side, 0.0);
    for ((knot, share), row) in steps.iter().zip(plane.at.chunks_exact_mut(side)) {
        for (x, value) in line.iter_mut().enumerate() {
            let (upper, lower) = (lattice[knot * knots + x], lattice[(knot + 1) * knots + x]);
            *value = upper + (lower - upper) * share;
        }
        for ((knot, share), value) in steps.iter().zip(row) {
            *value = line[*knot] + (line[knot + 1] - line[*knot]) * share;
        }
    }
    plane
}

/// Clouds upon clouds: each layer half as large and half as strong as the one before.
pub(super) fn billows(side: usize, cell: f32, layers: u32, seed: u32) -> Plane {
    let mut sum = clouds(side, cell, seed);
    let (mut size, mut strength) = (cell, 1.0);
    for layer in 1..layers {
        size *= 0.5;
        strength *= 0.5;
        let finer = clouds(side, size, seed.wrapping_add(layer * 7919));
        for (value, more) in sum.at.iter_mut().zip(finer.at) {
            *value += more * strength;
        }
    }
    sum
}

/// The tooth of paper, about -1 to 1.
pub(super) fn paper(side: usize, unit: f32, seed: u32) -> Plane {
    let mut grain = clouds(side, (1.7 * unit).max(1.0), seed);
    let coarse = clouds(side, 4.5 * unit, seed ^ 0x5A5A);
    for (index, (value, more)) in grain.at.iter_mut().zip(coarse.at).enumerate() {
        let (x, y) = ((index % side) as i32, (index / side) as i32);
        *value = *value * 0.55 + more * 0.3 + (speck(x, y, seed ^ 0x77) - 0.5) * 0.5;
    }
    grain
}
