//! Pixel art: a coarse grid, few colours and a dark outline.

use super::super::dice::Dice;
use super::super::tint::{Rgb, Tones, hex};
use super::Sight;
use super::plane::Picture;

/// Cells on a side, where the picture is large enough.
const CELLS: usize = 64;
const COLORS: usize = 22;
/// The order in which a square of four by four cells changes from one colour to the next.
const ORDER: [[f32; 4]; 4] = [
    [0.0, 8.0, 2.0, 10.0],
    [12.0, 4.0, 14.0, 6.0],
    [3.0, 11.0, 1.0, 9.0],
    [15.0, 7.0, 13.0, 5.0],
];

pub(super) fn filter(picture: &Picture, sight: &Sight<'_>, _dice: &mut Dice) -> Picture {
    let side = picture.side;
    let cells = CELLS.min((side / 2).max(1));
    let (grid, covered) = coarse(picture, sight, cells);
    let palette = palette(&grid, &covered);
    let edge = |x: usize| {
        let color = sight.color((x as f32 + 0.5) / cells as f32);
        color.map_or(hex(0x1A1626), |color| {
            Tones::of(color).deep.mix(hex(0x100C1C), 0.72)
        })
    };
    let drawn: Vec<Rgb> = (0..cells * cells)
        .map(|n| {
            let (x, y) = (n % cells, n / cells);
            if !covered[n] && beside(&covered, (x, y), cells) {
                return edge(x);
            }
            // Only the wide areas behind are dithered.
            let step = if covered[n] {
                0.0
            } else {
                (ORDER[y % 4][x % 4] + 0.5) / 16.0 - 0.5
            };
            dithered(grid[n], step, &palette)
        })
        .collect();
    let at = (0..side * side)
        .map(|n| {
            let (x, y) = (n % side * cells / side, n / side * cells / side);
            drawn[y * cells + x]
        })
        .collect();
    Picture { side, at }
}

/// Whether a neighbour belongs to the subject.
fn beside(covered: &[bool], (x, y): (usize, usize), cells: usize) -> bool {
    (x > 0 && covered[y * cells + x - 1])
        || (x + 1 < cells && covered[y * cells + x + 1])
        || (y > 0 && covered[(y - 1) * cells + x])
        || (y + 1 < cells && covered[(y + 1) * cells + x])
}

/// The colour of each cell, and whether it is the subject's: edges stay crisp, because a cell shows
/// the subject or what is behind, and of that the darker or the lighter part, whichever is larger.
fn coarse(picture: &Picture, sight: &Sight<'_>, cells: usize) -> (Vec<Rgb>, Vec<bool>) {
    let side = picture.side;
    let cell_of = |n: usize| n / side * cells / side * cells + n % side * cells / side;
    // Luma and area of what is behind and of the subject.
    let mut lumas = vec![[[0.0_f32; 2]; 2]; cells * cells];
    for (n, c) in picture.at.iter().enumerate() {
        let own = sight.subject(n);
        for (sum, weight) in lumas[cell_of(n)].iter_mut().zip([1.0 - own, own]) {
            sum[0] += c.luma() * weight;
            sum[1] += weight;
        }
    }
    let covered: Vec<bool> = lumas
        .iter()
        .map(|[behind, own]| own[1] >= behind[1])
        .collect();
    let mut parts = vec![[[0.0_f32; 4]; 2]; cells * cells];
    for (n, c) in picture.at.iter().enumerate() {
        let cell = cell_of(n);
        let own = sight.subject(n);
        let (weight, [luma, area]) = if covered[cell] {
            (own, lumas[cell][1])
        } else {
            (1.0 - own, lumas[cell][0])
        };
        let light = usize::from(c.luma() * area >= luma);
        for (value, part) in parts[cell][light].iter_mut().zip([c.r, c.g, c.b, 1.0]) {
            *value += part * weight;
        }
    }
    let grid = parts
        .iter()
        .map(|[dark, light]| {
            let [r, g, b, weight] = if dark[3] > light[3] { *dark } else { *light };
            Rgb {
                r: r / weight.max(1e-6),
                g: g / weight.max(1e-6),
                b: b / weight.max(1e-6),
            }
        })
        .collect();
    (grid, covered)
}

/// How different two colours look, squared.
fn apart(a: Rgb, b: Rgb) -> f32 {
    let (r, g, b) = (a.r - b.r, a.g - b.g, a.b - b.b);
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    // Differences of hue count as much as those of light.
    luma * luma * 1.4 + (r * r + g * g + b * b) * 0.35
}

/// The picture's colours: the farthest ones first, then moved to the middle of what they stand for.
fn palette(grid: &[Rgb], covered: &[bool]) -> Vec<Rgb> {
    let mut middle = Rgb {
        r: 0.0,
        g: 0.0,
        b: 0.0,
    };
    for c in grid {
        middle = Rgb {
            r: middle.r + c.r,
            g: middle.g + c.g,
            b: middle.b + c.b,
        };
    }
    let mut colors = vec![middle.times(1.0 / grid.len() as f32)];
    let mut gaps: Vec<f32> = grid.iter().map(|c| apart(*c, colors[0])).collect();
    while colors.len() < COLORS {
        let mut farthest = 0;
        for (n, gap) in gaps.iter().enumerate() {
            if *gap > gaps[farthest] {
                farthest = n;
            }
        }
        let found = grid[farthest];
        colors.push(found);
        for (gap, c) in gaps.iter_mut().zip(grid) {
            *gap = gap.min(apart(*c, found));
        }
    }
    for _ in 0..6 {
        let mut sums = vec![[0.0_f32; 4]; colors.len()];
        for (c, own) in grid.iter().zip(covered) {
            let weight = if *own { 3.0 } else { 1.0 };
            let sum = &mut sums[nearest(*c, &colors).0];
            for (value, part) in sum.iter_mut().zip([c.r, c.g, c.b, 1.0]) {
                *value += part * weight;
            }
        }
        for (color, [r, g, b, weight]) in colors.iter_mut().zip(sums) {
            if weight > 0.0 {
                *color = Rgb {
                    r: r / weight,
                    g: g / weight,
                    b: b / weight,
                };
            }
        }
    }
    colors
}

/// The nearest and the second nearest colour, with how far they are.
fn nearest(c: Rgb, colors: &[Rgb]) -> (usize, f32, usize, f32) {
    let (mut first, mut near, mut second, mut next) = (0, f32::MAX, 0, f32::MAX);
    for (n, color) in colors.iter().enumerate() {
        let gap = apart(c, *color);
        if gap < near {
            (second, next) = (first, near);
            (first, near) = (n, gap);
        } else if gap < next {
            (second, next) = (n, gap);
        }
    }
    (first, near, second, next)
}

/// The nearest colour; about halfway to the next one, both by turns.
fn dithered(c: Rgb, step: f32, colors: &[Rgb]) -> Rgb {
    let (first, near, second, next) = nearest(c, colors);
    let gap = apart(colors[first], colors[second]);
    let (near, next) = (near.sqrt(), next.sqrt());
    // Colours that are far apart make noise, not a mixture.
    if gap > 1500.0 || near + next <= 0.0 {
        return colors[first];
    }
    let share = near / (near + next);
    if share + step * 0.36 > 0.5 {
        colors[second]
    } else {
        colors[first]
    }
}
