//! How the picture people look at was made.

use egui::{Align, Layout, Ui, vec2};

use super::row;
use crate::app::action::Action;
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::widgets::{Look, Push, head, hint, wrapped};
use crate::app::words::{of_finish, phrases};
use crate::models::title_of;
use crate::raster::Extent;
use crate::recipe::{Recipe, Task, Variation, sampler_by_id, schedule_by_id};

/// Width of the names.
const NAME: f32 = 76.0;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette) = (view.words(), view.palette);
    let recipe = view.session.current_recipe();
    let is_style = |recipe: &Recipe| matches!(recipe.task, Task::Style(_));
    let known = recipe
        .as_ref()
        .is_some_and(|recipe| recipe.is_drawn() || is_style(recipe));
    let action = row(
        ui,
        26.0,
        |ui| drop(head(ui, palette, words.recipe)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if !known {
                return None;
            }
            let copy =
                Push::new(words.copy_recipe, words.copy_recipe_tip, Look::Quiet).label(words.copy);
            let tip = view.tip(words.use_recipe_tip, &[Command::UseRecipe]);
            let adopt = Push::new(words.use_recipe_name, tip, Look::Quiet).label(words.use_recipe);
            let copied = copy.show(ui, palette).clicked();
            let adopted = adopt.show(ui, palette).clicked();
            if copied {
                Some(Action::CopyRecipe)
            } else {
                adopted.then_some(Action::UseRecipe)
            }
        },
    );
    view.actions.extend(action);
    match recipe {
        Some(recipe) => facts(ui, view, &recipe),
        None if view.session.current().is_some() => drop(hint(ui, palette, words.no_recipe)),
        None => drop(hint(ui, palette, words.recipe_empty)),
    }
}

fn facts(ui: &mut Ui, view: &View<'_>, recipe: &Recipe) {
    let (words, language) = (view.words(), view.language());
    let sampler = sampler_by_id(&recipe.sampler).map_or(recipe.sampler.as_str(), |row| row.label);
    let schedule =
        schedule_by_id(&recipe.schedule).map_or(recipe.schedule.as_str(), |row| row.label);
    let extent = Extent::new(recipe.width, recipe.height);
    let mut rows = vec![
        (words.made_from, phrases::made_from(language, &recipe.task)),
        (words.prompt, recipe.prompt.clone()),
        (words.negative_prompt, recipe.negative_prompt.clone()),
        (words.model, title_of(&recipe.model.name)),
        (words.size, phrases::extent(extent)),
    ];
    if recipe.is_drawn() {
        rows.extend([
            (words.sampler, format!("{sampler} {schedule}")),
            (words.steps, recipe.steps.to_string()),
            (words.guidance, recipe.guidance.to_string()),
            (
                words.seed,
                format!("{} · torch {}", recipe.seed, recipe.noise.label()),
            ),
        ]);
        if !recipe.variation.is_off() {
            let Variation { seed, strength } = recipe.variation;
            rows.push((words.variation, format!("{seed} · {strength}")));
        }
    }
    if let Task::Style(styling) = &recipe.task {
        rows.extend([
            (words.features, styling.features.id.clone()),
            (words.iterations, recipe.steps.to_string()),
        ]);
    }
    if !recipe.shortcuts.are_off() {
        rows.push((words.speed, phrases::shortcuts(language, recipe.shortcuts)));
    }
    if let Some(vae) = &recipe.vae {
        rows.push(("VAE", title_of(&vae.name)));
    }
    if !recipe.weight_bits.are_stored() {
        let text = phrases::weight_bits(language, recipe.weight_bits).to_owned();
        rows.push((words.weight_bits, text));
    }
    if recipe.decode_tile > 0 {
        rows.push((words.decode_tile, recipe.decode_tile.to_string()));
    }
    if let Some(step) = recipe.stopped_after {
        let text = phrases::stopped_after(language, step, recipe.calls());
        rows.push((words.stopped, text));
    }
    for finish in &recipe.finishes {
        rows.push((words.finish, of_finish::finish(language, finish)));
    }
    rows.retain(|(_, value)| !value.is_empty());
    ui.spacing_mut().item_spacing.y = 3.0;
    for (name, value) in rows {
        fact(ui, view, name, &value);
    }
}

fn fact(ui: &mut Ui, view: &View<'_>, name: &str, value: &str) {
    let palette = view.palette;
    let width = ui.available_width();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let cell = vec2(NAME, 16.0);
        ui.allocate_ui_with_layout(cell, Layout::top_down(Align::Min), |ui| {
            ui.set_width(NAME);
            wrapped(ui, name, theme::SECONDARY, palette.text_hint);
        });
        let cell = vec2(width - NAME, 16.0);
        ui.allocate_ui_with_layout(cell, Layout::top_down(Align::Min), |ui| {
            ui.set_width(width - NAME);
            wrapped(ui, value, theme::SECONDARY, palette.text);
        });
    });
}
