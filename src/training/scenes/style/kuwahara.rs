//! The anisotropic Kuwahara filter: each pixel becomes the mean of its most even sectors, in an
//! ellipse that lies along the picture's lines. It turns a picture into dabs of paint.

use super::super::shape::sin_cos;
use super::super::tint::Rgb;
use super::flow::Flow;
use super::plane::Picture;

const SECTORS: usize = 8;
/// Directions of the ellipse in a half turn, and its degrees of slenderness.
const WAYS: usize = 24;
const DEGREES: usize = 4;

/// One place in the ellipse: where it is from the middle and what it gives to which sector.
struct Spot {
    step: isize,
    gifts: std::ops::Range<usize>,
}

/// The ellipse of one direction and slenderness.
struct Window {
    spots: Vec<Spot>,
    gifts: Vec<(usize, f32)>,
}

impl Window {
    fn new(turn: f32, slender: f32, radius: f32, stride: usize) -> Self {
        let (long, short) = (radius * (1.0 + slender), radius / (1.0 + slender));
        let (sin, cos) = sin_cos(turn);
        let reach = long.ceil() as isize;
        let (mut spots, mut gifts) = (Vec::new(), Vec::new());
        let mut sums = [0.0_f32; SECTORS];
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (x, y) = (dx as f32, dy as f32);
                let along = (x * cos + y * sin) / long;
                let across = (y * cos - x * sin) / short;
                let far = along * along + across * across;
                if far > 1.0 {
                    continue;
                }
                let first = gifts.len();
                let shares = sector_shares(along, across, radius);
                let weight = (1.0 - far * 0.85) * (1.0 - far * 0.85);
                for (sector, share) in shares.into_iter().enumerate() {
                    if share > 0.01 {
                        gifts.push((sector, share * weight));
                        sums[sector] += share * weight;
                    }
                }
                spots.push(Spot {
                    step: dy * stride as isize + dx,
                    gifts: first..gifts.len(),
                });
            }
        }
        for (sector, weight) in &mut gifts {
            *weight /= sums[*sector].max(1e-6);
        }
        Self { spots, gifts }
    }
}

/// How much a place in the unit circle belongs to each sector: parabolas that overlap a little.
fn sector_shares(x: f32, y: f32, radius: f32) -> [f32; SECTORS] {
    let overlap = 1.0 / radius;
    // Cosine and squared sine of three sixteenths of a turn.
    let curve = (overlap + 0.382_683) / 0.853_553;
    let mut shares = [0.0; SECTORS];
    let mut sum = 0.0;
    for (sector, share) in shares.iter_mut().enumerate() {
        let (sin, cos) = sin_cos(sector as f32 / SECTORS as f32);
        let (u, v) = (x * cos + y * sin, y * cos - x * sin);
        let inside = (u + overlap - curve * v * v).max(0.0);
        *share = inside * inside;
        sum += *share;
    }
    shares.map(|share| share / sum.max(1e-6))
}

/// Filters a picture along its flow.
pub(super) fn kuwahara(picture: &Picture, flow: &Flow, radius: f32) -> Picture {
    let side = picture.side;
    // The picture with a border, so that no ellipse reaches out of it; the fourth number is the square.
    let pad = (radius * 1.75).ceil() as usize + 1;
    let stride = side + 2 * pad;
    let mut padded: Vec<[f32; 4]> = Vec::with_capacity(stride * stride);
    for y in 0..stride {
        for x in 0..stride {
            let c = picture.get(x as isize - pad as isize, y as isize - pad as isize);
            padded.push([c.r, c.g, c.b, c.r * c.r + c.g * c.g + c.b * c.b]);
        }
    }
    let windows: Vec<Window> = (0..WAYS * DEGREES)
        .map(|n| {
            let turn = (n % WAYS) as f32 / WAYS as f32 * 0.5;
            let slender = (n / WAYS) as f32 / (DEGREES - 1) as f32 * 0.7;
            Window::new(turn, slender, radius, stride)
        })
        .collect();
    let mut at = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let here = y * side + x;
            let turn = flow.turn[here];
            let way = ((turn * 2.0 * WAYS as f32 + 0.5).floor() as isize).rem_euclid(WAYS as isize)
                as usize;
            let degree = (flow.firmness[here] * (DEGREES as f32 - 0.5)) as usize;
            let window = &windows[degree.min(DEGREES - 1) * WAYS + way];
            at.push(filtered(window, &padded, (y + pad) * stride + x + pad));
        }
    }
    Picture { side, at }
}

fn filtered(window: &Window, padded: &[[f32; 4]], middle: usize) -> Rgb {
    let mut sums = [[0.0_f32; 4]; SECTORS];
    for spot in &window.spots {
        let seen = padded[middle.wrapping_add_signed(spot.step)];
        for (sector, weight) in &window.gifts[spot.gifts.clone()] {
            let sum = &mut sums[*sector & (SECTORS - 1)];
            for (value, part) in sum.iter_mut().zip(seen) {
                *value += part * weight;
            }
        }
    }
    let (mut mixed, mut total) = ([0.0_f32; 3], 0.0);
    for [r, g, b, square] in sums {
        let spread = (square - r * r - g * g - b * b).max(0.0) + 2.0;
        let even = 1.0 / (spread * spread);
        let even = even * even;
        for (value, part) in mixed.iter_mut().zip([r, g, b]) {
            *value += part * even;
        }
        total += even;
    }
    Rgb {
        r: mixed[0] / total,
        g: mixed[1] / total,
        b: mixed[2] / total,
    }
}
