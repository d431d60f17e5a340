//! Outlines the painter fills: ovals, boxes, polygons and smooth closed curves.

use tiny_skia::{Path, PathBuilder, Rect, Transform};

/// An outline; nothing is drawn for an empty one.
#[derive(Clone, Debug)]
pub(super) struct Shape(Option<Path>);

impl Shape {
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.as_ref()
    }
}

/// Sine and cosine of an angle in turns, the same on every machine (no system maths library).
pub(super) fn sin_cos(turns: f32) -> (f32, f32) {
    (wave(turns), wave(turns + 0.25))
}

/// The sine of an angle in turns, by a polynomial that is exact to about 1e-6.
pub(super) fn wave(turns: f32) -> f32 {
    let folded = turns - (turns + 0.5).floor();
    let quarter = if folded > 0.25 {
        0.5 - folded
    } else if folded < -0.25 {
        -0.5 - folded
    } else {
        folded
    };
    let x = quarter * std::f32::consts::TAU;
    let x2 = x * x;
    x * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0 * (1.0 - x2 / 72.0))))
}

/// A rotation by an angle in turns.
pub(super) fn turned(turns: f32) -> Transform {
    let (sin, cos) = sin_cos(turns);
    Transform::from_row(cos, sin, -sin, cos, 0.0, 0.0)
}

pub(super) fn oval(cx: f32, cy: f32, rx: f32, ry: f32) -> Shape {
    Shape(Rect::from_ltrb(cx - rx, cy - ry, cx + rx, cy + ry).and_then(PathBuilder::from_oval))
}

pub(super) fn disc(cx: f32, cy: f32, r: f32) -> Shape {
    oval(cx, cy, r, r)
}

/// The box between two corners.
pub(super) fn slab(x0: f32, y0: f32, x1: f32, y1: f32) -> Shape {
    Shape(
        Rect::from_ltrb(x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)).map(PathBuilder::from_rect),
    )
}

/// The box between two corners with rounded edges.
pub(super) fn pill(from: (f32, f32), to: (f32, f32), radius: f32) -> Shape {
    let (x0, y0, x1, y1) = (
        from.0.min(to.0),
        from.1.min(to.1),
        from.0.max(to.0),
        from.1.max(to.1),
    );
    let r = radius.min((x1 - x0) * 0.5).min((y1 - y0) * 0.5);
    // The control points of a quarter circle lie this share of the radius before the corner.
    let k = r * 0.4477;
    Outline::new(x0 + r, y0)
        .line(x1 - r, y0)
        .cubic((x1 - k, y0), (x1, y0 + k), (x1, y0 + r))
        .line(x1, y1 - r)
        .cubic((x1, y1 - k), (x1 - k, y1), (x1 - r, y1))
        .line(x0 + r, y1)
        .cubic((x0 + k, y1), (x0, y1 - k), (x0, y1 - r))
        .line(x0, y0 + r)
        .cubic((x0, y0 + k), (x0 + k, y0), (x0 + r, y0))
        .close()
}

pub(super) fn polygon(points: &[(f32, f32)]) -> Shape {
    let mut builder = PathBuilder::new();
    for (index, (x, y)) in points.iter().enumerate() {
        if index == 0 {
            builder.move_to(*x, *y);
        } else {
            builder.line_to(*x, *y);
        }
    }
    builder.close();
    Shape(builder.finish())
}

/// A smooth closed curve through the points.
pub(super) fn blob(points: &[(f32, f32)]) -> Shape {
    let n = points.len();
    let mut builder = PathBuilder::new();
    let at = |index: usize| points[index % n];
    if let Some((x, y)) = points.first() {
        builder.move_to(*x, *y);
        for index in 0..n {
            smooth(
                &mut builder,
                [at(index + n - 1), at(index), at(index + 1), at(index + 2)],
            );
        }
        builder.close();
    }
    Shape(builder.finish())
}

/// A smooth open curve through the points, for strokes.
pub(super) fn curve(points: &[(f32, f32)]) -> Shape {
    let mut builder = PathBuilder::new();
    if let Some((x, y)) = points.first() {
        builder.move_to(*x, *y);
        open_curve(&mut builder, points);
    }
    Shape(builder.finish())
}

/// The area under a smooth curve, down to `floor`: a ridge, a dune, a bank.
pub(super) fn under(points: &[(f32, f32)], floor: f32) -> Shape {
    let mut builder = PathBuilder::new();
    if let (Some((x0, y0)), Some((x1, _))) = (points.first(), points.last()) {
        builder.move_to(*x0, *y0);
        open_curve(&mut builder, points);
        builder.line_to(*x1, floor);
        builder.line_to(*x0, floor);
        builder.close();
    }
    Shape(builder.finish())
}

/// Several outlines filled as one, so that a translucent ink does not double where they meet.
pub(super) fn join(shapes: &[Shape]) -> Shape {
    let mut builder = PathBuilder::new();
    for path in shapes.iter().filter_map(Shape::path) {
        builder.push_path(path);
    }
    Shape(builder.finish())
}

fn open_curve(builder: &mut PathBuilder, points: &[(f32, f32)]) {
    let last = points.len() - 1;
    for index in 0..last {
        smooth(
            builder,
            [
                points[index.saturating_sub(1)],
                points[index],
                points[index + 1],
                points[(index + 2).min(last)],
            ],
        );
    }
}

/// One Catmull-Rom piece, between the two middle points.
fn smooth(builder: &mut PathBuilder, [a, b, c, d]: [(f32, f32); 4]) {
    builder.cubic_to(
        b.0 + (c.0 - a.0) / 6.0,
        b.1 + (c.1 - a.1) / 6.0,
        c.0 - (d.0 - b.0) / 6.0,
        c.1 - (d.1 - b.1) / 6.0,
        c.0,
        c.1,
    );
}

/// A shape drawn step by step.
pub(super) struct Outline(PathBuilder);

impl Outline {
    pub(super) fn new(x: f32, y: f32) -> Self {
        let mut builder = PathBuilder::new();
        builder.move_to(x, y);
        Self(builder)
    }

    pub(super) fn line(mut self, x: f32, y: f32) -> Self {
        self.0.line_to(x, y);
        self
    }

    pub(super) fn quad(mut self, control: (f32, f32), to: (f32, f32)) -> Self {
        self.0.quad_to(control.0, control.1, to.0, to.1);
        self
    }

    pub(super) fn cubic(mut self, a: (f32, f32), b: (f32, f32), to: (f32, f32)) -> Self {
        self.0.cubic_to(a.0, a.1, b.0, b.1, to.0, to.1);
        self
    }

    pub(super) fn close(mut self) -> Shape {
        self.0.close();
        Shape(self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::wave;

    #[test]
    fn wave_is_the_sine() {
        for step in -40..40 {
            let turns = step as f32 / 13.0;
            let exact = (f64::from(turns) * std::f64::consts::TAU).sin() as f32;
            assert!((wave(turns) - exact).abs() < 1e-4, "{turns}");
        }
    }
}
