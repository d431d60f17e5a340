//! The icons of the window, drawn with lines so that they are sharp at every size.

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// A drawing of 16 by 16 points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Sparkle,
    Brush,
    Gear,
    Dice,
    Locked,
    Unlocked,
    Right,
    Down,
    Up,
    Cross,
    Undo,
    Redo,
    Open,
    Save,
    Copy,
    Reveal,
    Mask,
    Compare,
    Style,
    Enlarge,
    Models,
    Grid,
    Swap,
}

/// Side of the drawings, in points.
const SIDE: f32 = 16.0;

impl Icon {
    /// The lines it is drawn with, where nothing else is.
    const fn lines(self) -> &'static [&'static [(f32, f32)]] {
        match self {
            Self::Undo => &[
                &[(5.6, 3.4), (2.8, 6.2), (5.6, 9.0)],
                &[
                    (2.8, 6.2),
                    (9.6, 6.2),
                    (12.4, 7.4),
                    (13.2, 9.6),
                    (12.4, 11.8),
                    (9.6, 13.0),
                    (7.0, 13.0),
                ],
            ],
            Self::Redo => &[
                &[(10.4, 3.4), (13.2, 6.2), (10.4, 9.0)],
                &[
                    (13.2, 6.2),
                    (6.4, 6.2),
                    (3.6, 7.4),
                    (2.8, 9.6),
                    (3.6, 11.8),
                    (6.4, 13.0),
                    (9.0, 13.0),
                ],
            ],
            Self::Open => &[
                &[
                    (2.0, 12.8),
                    (2.0, 3.4),
                    (6.2, 3.4),
                    (7.8, 5.4),
                    (13.0, 5.4),
                    (13.0, 7.4),
                ],
                &[
                    (2.0, 12.8),
                    (4.2, 7.4),
                    (14.8, 7.4),
                    (12.6, 12.8),
                    (2.0, 12.8),
                ],
            ],
            Self::Save => &[
                &[(8.0, 2.0), (8.0, 10.0)],
                &[(4.8, 7.0), (8.0, 10.2), (11.2, 7.0)],
                &[(2.5, 10.5), (2.5, 13.5), (13.5, 13.5), (13.5, 10.5)],
            ],
            Self::Reveal => &[
                &[
                    (7.0, 3.0),
                    (2.5, 3.0),
                    (2.5, 13.5),
                    (13.0, 13.5),
                    (13.0, 9.0),
                ],
                &[(7.4, 8.6), (13.5, 2.5)],
                &[(9.4, 2.5), (13.5, 2.5), (13.5, 6.6)],
            ],
            Self::Swap => &[
                &[(2.0, 5.0), (13.5, 5.0)],
                &[(10.8, 2.3), (13.5, 5.0), (10.8, 7.7)],
                &[(14.0, 11.0), (2.5, 11.0)],
                &[(5.2, 8.3), (2.5, 11.0), (5.2, 13.7)],
            ],
            Self::Right => &[&[(6.0, 4.0), (10.0, 8.0), (6.0, 12.0)]],
            Self::Down => &[&[(4.0, 6.0), (8.0, 10.0), (12.0, 6.0)]],
            Self::Up => &[&[(4.0, 10.0), (8.0, 6.0), (12.0, 10.0)]],
            Self::Cross => &[&[(4.0, 4.0), (12.0, 12.0)], &[(12.0, 4.0), (4.0, 12.0)]],
            Self::Brush | Self::Style | Self::Enlarge | Self::Models | Self::Grid => {
                self.place_lines()
            }
            Self::Sparkle
            | Self::Copy
            | Self::Mask
            | Self::Compare
            | Self::Gear
            | Self::Dice
            | Self::Locked
            | Self::Unlocked => &[],
        }
    }

    /// The same of what there is a place for in the window.
    const fn place_lines(self) -> &'static [&'static [(f32, f32)]] {
        match self {
            Self::Brush => &[
                &[(13.5, 2.5), (7.5, 8.5)],
                &[(11.5, 1.8), (14.2, 4.5)],
                &[
                    (7.5, 8.5),
                    (5.2, 8.6),
                    (4.0, 10.4),
                    (3.6, 12.4),
                    (2.0, 13.6),
                    (5.0, 13.9),
                    (7.4, 12.9),
                    (8.2, 10.9),
                    (7.5, 8.5),
                ],
            ],
            Self::Style => &[
                &[(2.0, 2.5), (9.5, 2.5), (9.5, 9.5), (2.0, 9.5), (2.0, 2.5)],
                &[
                    (9.5, 6.0),
                    (14.0, 6.0),
                    (14.0, 13.5),
                    (6.5, 13.5),
                    (6.5, 9.5),
                ],
            ],
            Self::Enlarge => &[
                &[(2.0, 9.0), (7.0, 9.0), (7.0, 14.0), (2.0, 14.0), (2.0, 9.0)],
                &[
                    (2.0, 6.0),
                    (2.0, 2.0),
                    (14.0, 2.0),
                    (14.0, 14.0),
                    (10.0, 14.0),
                ],
                &[(7.6, 8.4), (11.4, 4.6)],
                &[(8.2, 4.6), (11.4, 4.6), (11.4, 7.8)],
            ],
            Self::Models => &[
                &[
                    (8.0, 1.8),
                    (13.6, 4.8),
                    (13.6, 11.2),
                    (8.0, 14.2),
                    (2.4, 11.2),
                    (2.4, 4.8),
                    (8.0, 1.8),
                ],
                &[(2.4, 4.8), (8.0, 7.9), (13.6, 4.8)],
                &[(8.0, 7.9), (8.0, 14.2)],
            ],
            Self::Grid => &[
                &[
                    (2.5, 2.5),
                    (13.5, 2.5),
                    (13.5, 13.5),
                    (2.5, 13.5),
                    (2.5, 2.5),
                ],
                &[(6.2, 2.5), (6.2, 13.5)],
                &[(9.8, 2.5), (9.8, 13.5)],
                &[(2.5, 6.2), (13.5, 6.2)],
                &[(2.5, 9.8), (13.5, 9.8)],
            ],
            _ => &[],
        }
    }

    /// Paints the icon into the middle of `rect`.
    pub(super) fn paint(self, painter: &Painter, rect: Rect, size: f32, color: Color32) {
        let scale = size / SIDE;
        let origin = rect.center() - vec2(size, size) / 2.0;
        let at = |x: f32, y: f32| -> Pos2 { origin + vec2(x, y) * scale };
        let stroke = Stroke::new(1.4 * scale, color);
        let lines = |points: &[(f32, f32)]| {
            let points = points.iter().map(|&(x, y)| at(x, y)).collect();
            painter.add(Shape::line(points, stroke));
        };
        for points in self.lines() {
            lines(points);
        }
        match self {
            Self::Sparkle => {
                star(painter, at(7.0, 9.0), 5.5 * scale, stroke);
                star(painter, at(13.0, 3.5), 2.5 * scale, stroke);
            }
            Self::Copy => {
                let front = Rect::from_min_max(at(5.5, 5.5), at(13.5, 13.5));
                painter.rect_stroke(front, CornerRadius::same(2), stroke, StrokeKind::Middle);
                lines(&[(2.5, 10.5), (2.5, 2.5), (10.5, 2.5)]);
            }
            Self::Mask => {
                painter.circle_stroke(at(8.0, 8.0), 5.8 * scale, stroke);
                for x in [6.0, 8.0, 10.0] {
                    let reach = 5.0 - (x - 8.0_f32).abs() * 0.6;
                    lines(&[(x, 8.0 - reach), (x, 8.0 + reach)]);
                }
            }
            Self::Compare => {
                let frame = Rect::from_min_max(at(2.0, 3.5), at(14.0, 12.5));
                painter.rect_stroke(frame, CornerRadius::same(2), stroke, StrokeKind::Middle);
                lines(&[(8.0, 1.5), (8.0, 14.5)]);
                let left = Rect::from_min_max(at(2.0, 3.5), at(8.0, 12.5));
                painter.rect_filled(left, CornerRadius::same(2), color.gamma_multiply(0.45));
            }
            Self::Gear => gear(painter, at(8.0, 8.0), scale, stroke),
            Self::Dice => {
                let square = Rect::from_min_max(at(2.0, 2.0), at(14.0, 14.0));
                let radius = CornerRadius::same((3.0 * scale) as u8);
                painter.rect_stroke(square, radius, stroke, StrokeKind::Middle);
                for (x, y) in [
                    (5.2, 5.2),
                    (10.8, 5.2),
                    (8.0, 8.0),
                    (5.2, 10.8),
                    (10.8, 10.8),
                ] {
                    painter.circle_filled(at(x, y), 1.1 * scale, color);
                }
            }
            Self::Locked | Self::Unlocked => {
                let body = Rect::from_min_max(at(3.0, 7.0), at(13.0, 14.0));
                painter.rect_stroke(body, CornerRadius::same(2), stroke, StrokeKind::Middle);
                let lift = if self == Self::Locked { 0.0 } else { -1.2 };
                let mut bow: Vec<_> = (0..=12)
                    .map(|step| {
                        let angle = std::f32::consts::PI * (1.0 + step as f32 / 12.0);
                        at(8.0 + 3.0 * angle.cos(), 5.0 + lift + 3.0 * angle.sin())
                    })
                    .collect();
                bow.insert(0, at(5.0, 7.0));
                if self == Self::Locked {
                    bow.push(at(11.0, 7.0));
                }
                painter.add(Shape::line(bow, stroke));
            }
            _ => {}
        }
    }
}

/// A star with four curved rays.
fn star(painter: &Painter, center: Pos2, radius: f32, stroke: Stroke) {
    /// How far the sides curve in, as a share of the radius.
    const WAIST: f32 = 0.3;
    let points = (0..8)
        .map(|corner| {
            let angle = std::f32::consts::FRAC_PI_4 * corner as f32;
            let reach = if corner % 2 == 0 { 1.0 } else { WAIST };
            center + vec2(angle.cos(), angle.sin()) * radius * reach
        })
        .collect();
    painter.add(Shape::closed_line(points, stroke));
}

fn gear(painter: &Painter, center: Pos2, scale: f32, stroke: Stroke) {
    painter.circle_stroke(center, 2.2 * scale, stroke);
    painter.circle_stroke(center, 4.8 * scale, stroke);
    for tooth in 0..8 {
        let angle = std::f32::consts::FRAC_PI_4 * tooth as f32;
        let way = vec2(angle.cos(), angle.sin());
        painter.line_segment(
            [center + way * 5.0 * scale, center + way * 7.2 * scale],
            stroke,
        );
    }
}

/// The studio's mark: a sun that leaves its light behind. It has the same colours in both themes.
pub(super) fn mark(painter: &Painter, rect: Rect) {
    let light = Color32::from_rgb(0xf2, 0xa6, 0x5a);
    let glow = Color32::from_rgb(0xff, 0xd9, 0x9e);
    let deep = Color32::from_rgb(0xd9, 0x7a, 0x4a);
    painter.rect_filled(rect, CornerRadius::same(8), deep);
    let inner = Rect::from_min_size(rect.min, rect.size() * 0.86);
    painter.rect_filled(inner, CornerRadius::same(8), light);
    painter.circle_filled(
        pos2(
            rect.left() + rect.width() * 0.42,
            rect.top() + rect.height() * 0.42,
        ),
        rect.width() * 0.32,
        glow,
    );
}
