//! Square fields of numbers that the filters work on: blurring, slopes, looking up.

use super::super::tint::Rgb;

/// One number for each pixel of a square.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) side: usize,
    pub(super) at: Vec<f32>,
}

impl Plane {
    pub(super) fn new(side: usize, value: f32) -> Self {
        Self {
            side,
            at: vec![value; side * side],
        }
    }

    /// A plane of what `read` finds at each pixel.
    pub(super) fn map<T: Copy>(side: usize, from: &[T], read: impl Fn(T) -> f32) -> Self {
        Self {
            side,
            at: from.iter().map(|value| read(*value)).collect(),
        }
    }

    /// The value at a pixel; outside, that of the nearest pixel.
    pub(super) fn get(&self, x: isize, y: isize) -> f32 {
        let last = self.side as isize - 1;
        self.at[(y.clamp(0, last) * self.side as isize + x.clamp(0, last)) as usize]
    }

    /// The value between pixels.
    pub(super) fn between(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (ix, iy) = (left as isize, top as isize);
        let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
        let upper = mix(self.get(ix, iy), self.get(ix + 1, iy), x - left);
        let lower = mix(self.get(ix, iy + 1), self.get(ix + 1, iy + 1), x - left);
        mix(upper, lower, y - top)
    }

    /// A soft blur: twice the mean over `reach` neighbours on all sides. What lies outside is like the border.
    pub(super) fn blurred(&self, reach: usize) -> Self {
        let mut plane = self.clone();
        for _ in 0..2 {
            plane.mean_rows(reach);
            plane.mean_columns(reach);
        }
        plane
    }

    fn mean_rows(&mut self, reach: usize) {
        let share = 1.0 / (2 * reach + 1) as f32;
        let last = self.side - 1;
        let mut line = vec![0.0; self.side];
        for row in self.at.chunks_exact_mut(self.side) {
            line.copy_from_slice(row);
            let mut sum = line[0] * (reach + 1) as f32;
            for x in 1..=reach {
                sum += line[x.min(last)];
            }
            for (x, value) in row.iter_mut().enumerate() {
                *value = sum * share;
                sum += line[(x + reach + 1).min(last)] - line[x.saturating_sub(reach)];
            }
        }
    }

    fn mean_columns(&mut self, reach: usize) {
        let share = 1.0 / (2 * reach + 1) as f32;
        let side = self.side;
        let last = side - 1;
        let before = self.at.clone();
        let row = |y: usize| &before[y * side..(y + 1) * side];
        let mut sums: Vec<f32> = row(0).iter().map(|v| v * (reach + 1) as f32).collect();
        for y in 1..=reach {
            for (sum, value) in sums.iter_mut().zip(row(y.min(last))) {
                *sum += value;
            }
        }
        for y in 0..side {
            let coming = row((y + reach + 1).min(last));
            let going = row(y.saturating_sub(reach));
            let out = &mut self.at[y * side..(y + 1) * side];
            for x in 0..side {
                out[x] = sums[x] * share;
                sums[x] += coming[x] - going[x];
            }
        }
    }

    /// How steeply the values rise to the right and downwards at a pixel.
    pub(super) fn slope(&self, x: usize, y: usize) -> (f32, f32) {
        let (x, y) = (x as isize, y as isize);
        let g = |dx: isize, dy: isize| self.get(x + dx, y + dy);
        let (a, b, c, d) = (g(-1, -1), g(1, -1), g(-1, 1), g(1, 1));
        (
            (b + d - a - c + 2.0 * (g(1, 0) - g(-1, 0))) * 0.125,
            (c + d - a - b + 2.0 * (g(0, 1) - g(0, -1))) * 0.125,
        )
    }
}

/// A square picture with opaque colours, each channel 0 to 255.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) side: usize,
    pub(super) at: Vec<Rgb>,
}

impl Picture {
    pub(super) fn get(&self, x: isize, y: isize) -> Rgb {
        let last = self.side as isize - 1;
        self.at[(y.clamp(0, last) * self.side as isize + x.clamp(0, last)) as usize]
    }

    /// The colour between pixels.
    pub(super) fn between(&self, x: f32, y: f32) -> Rgb {
        let (left, top) = (x.floor(), y.floor());
        let (ix, iy) = (left as isize, top as isize);
        let upper = self.get(ix, iy).mix(self.get(ix + 1, iy), x - left);
        let lower = self.get(ix, iy + 1).mix(self.get(ix + 1, iy + 1), x - left);
        upper.mix(lower, y - top)
    }

    /// The three channels apart.
    pub(super) fn planes(&self) -> [Plane; 3] {
        [
            Plane::map(self.side, &self.at, |c| c.r),
            Plane::map(self.side, &self.at, |c| c.g),
            Plane::map(self.side, &self.at, |c| c.b),
        ]
    }

    /// The three channels together.
    pub(super) fn of([r, g, b]: &[Plane; 3]) -> Self {
        Self {
            side: r.side,
            at: r
                .at
                .iter()
                .zip(&g.at)
                .zip(&b.at)
                .map(|((r, g), b)| Rgb {
                    r: *r,
                    g: *g,
                    b: *b,
                })
                .collect(),
        }
    }

    pub(super) fn blurred(&self, reach: usize) -> Self {
        Self::of(&self.planes().map(|plane| plane.blurred(reach)))
    }

    pub(super) fn luma(&self) -> Plane {
        Plane::map(self.side, &self.at, Rgb::luma)
    }
}
