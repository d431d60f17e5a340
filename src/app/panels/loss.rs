//! Both losses of a style run, drawn while it goes on.

use egui::{
    CornerRadius, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::row;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{head, secondary};
use crate::app::words::of_style;
use crate::engine::Losses;

const HEIGHT: f32 = 108.0;
const INSET: f32 = 10.0;
/// What is less is drawn as this much: logarithms have no zero.
const LEAST: f64 = 1e-9;

pub(super) fn show(ui: &mut Ui, view: &View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    let none = Vec::new();
    let run = view.style.run();
    let losses = run.map_or(&none, |run| &run.losses);
    let now = losses.last().map_or_else(String::new, |last| {
        of_style::losses(language, last.style, last.content)
    });
    row(
        ui,
        20.0,
        |ui| drop(head(ui, palette, words.loss)),
        |ui| drop(secondary(ui, palette, &*now)),
    );
    ui.add_space(6.0);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let told = format!("{}: {now}", words.loss);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    let painter = ui.painter();
    painter.rect(
        rect,
        CornerRadius::same(theme::BOX_RADIUS),
        palette.field,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    let steps = run.map_or(1, |run| run.recipe.steps);
    let inside = rect.shrink(INSET);
    let range = range_of(losses);
    for (of, color, width) in [
        (content_of as fn(&Losses) -> f64, palette.text_hint, 1.5),
        (style_of as fn(&Losses) -> f64, palette.accent, 2.0),
    ] {
        let points = curve(losses, of, (steps, range), inside);
        painter.add(Shape::line(points, Stroke::new(width, color)));
    }
    response.on_hover_text(words.loss_tip);
}

fn style_of(losses: &Losses) -> f64 {
    losses.style.max(LEAST).log10()
}

fn content_of(losses: &Losses) -> f64 {
    losses.content.max(LEAST).log10()
}

/// The least and the largest of both, in logarithms; of the content's only once it is more than
/// nothing.
fn range_of(losses: &[Losses]) -> (f64, f64) {
    let styles = losses.iter().map(style_of);
    let contents = losses
        .iter()
        .filter(|losses| losses.content > LEAST)
        .map(content_of);
    let all = styles.chain(contents);
    let (least, most) = all.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), value| (least.min(value), most.max(value)),
    );
    (least, most.max(least + 0.1))
}

/// The points of one loss, at most one for each pixel across.
fn curve(
    losses: &[Losses],
    of: fn(&Losses) -> f64,
    (steps, (least, most)): (u32, (f64, f64)),
    inside: Rect,
) -> Vec<egui::Pos2> {
    let every = losses
        .len()
        .div_ceil(inside.width().max(1.0) as usize)
        .max(1);
    let point = |losses: &Losses| {
        let across = f64::from(losses.evaluation) / f64::from(steps.max(1));
        let up = (of(losses) - least) / (most - least);
        pos2(
            inside.left() + inside.width() * across.min(1.0) as f32,
            inside.bottom() - inside.height() * up.clamp(0.0, 1.0) as f32,
        )
    };
    // A content that has not been left yet has no logarithm.
    let told = losses.iter().filter(|losses| of(losses) > LEAST.log10());
    told.step_by(every).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_loss_falls_and_stays_inside() {
        let losses: Vec<_> = (1..=1000)
            .map(|evaluation| Losses {
                evaluation,
                style: 100.0 / f64::from(evaluation),
                content: f64::from(evaluation - 1) * 1e-3,
            })
            .collect();
        let inside = Rect::from_min_size(pos2(10.0, 20.0), vec2(200.0, 80.0));
        let range = range_of(&losses);
        let points = curve(&losses, style_of, (1000, range), inside);
        assert!(points.len() <= 200 && points.len() > 100);
        assert!(
            points
                .iter()
                .all(|point| inside.expand(0.01).contains(*point))
        );
        assert!(points.is_sorted_by(|a, b| a.x < b.x && a.y < b.y));
    }
}
