//! The prompt: its field, names that complete themselves, weights by key, and how long it is.

use egui::text::{CCursor, CCursorRange, CharIndex};
use egui::text_edit::TextEditState;
use egui::{Context, Id, Key, Modifiers, Ui};

use super::row;
use crate::app::completion::suggestions;
use crate::app::keys::Command;
use crate::app::theme;
use crate::app::view::View;
use crate::app::weighing::weigh;
use crate::app::widgets::{Completed, TextField, head, inform, problem, secondary};
use crate::app::words::{failures, of_prompts, phrases};

/// What one press adds to a weight.
const PRESS: f64 = 0.1;

pub(super) fn show(ui: &mut Ui, view: &mut View<'_>) {
    let (words, palette, language) = (view.words(), view.palette, view.language());
    row(ui, 20.0, |ui| drop(head(ui, palette, words.prompt)), |_| ());
    let tip = phrases::makes_it(language, words.prompt_tip, &view.key(Command::Generate));
    let field = TextField {
        name: words.prompt,
        tip: &tip,
        hint: words.prompt_hint,
        rows: 5,
        bad: false,
    };
    let draft = &mut view.settings.form.draft;
    let count = view.session.tokens.as_ref();
    let cut = count.and_then(|count| count.cut.as_deref());
    let id = field.id(ui);
    if !draft.emphasis.is_none() {
        weigh_by_keys(ui.ctx(), id, &mut draft.prompt);
    }
    let (names, emphasis) = (&view.session.extras.names, draft.emphasis);
    let completed = Completed {
        cut,
        suggest: &|word| suggestions(word, names, emphasis, words),
    };
    let response = field.show_completed(ui, palette, &mut draft.prompt, &completed);
    if std::mem::take(view.focus_prompt) {
        response.request_focus();
    }
    if let Some(count) = count {
        let text = of_prompts::tokens(language, count);
        row(
            ui,
            18.0,
            |_| (),
            |ui| match count.cut {
                Some(_) => drop(ui.colored_label(
                    palette.bad,
                    egui::RichText::new(text).font(theme::SECONDARY),
                )),
                None => drop(secondary(ui, palette, text)),
            },
        );
    }
    if let Some(cut) = cut {
        problem(ui, palette, &of_prompts::cut_from(language, cut));
    }
    for note in &view.session.notes {
        inform(ui, palette, &failures::note(language, note));
    }
}

/// Ctrl+↑ and Ctrl+↓ weigh what is marked, or the word at the cursor.
fn weigh_by_keys(ctx: &Context, id: Id, text: &mut String) {
    if !ctx.memory(|memory| memory.has_focus(id)) {
        return;
    }
    let presses = ctx.input_mut(|input| {
        let mut pressed = |key| input.count_and_consume_key(Modifiers::COMMAND, key) as f64;
        pressed(Key::ArrowUp) - pressed(Key::ArrowDown)
    });
    let Some(mut state) = TextEditState::load(ctx, id).filter(|_| presses != 0.0) else {
        return;
    };
    let Some(range) = state.cursor.char_range() else {
        return;
    };
    let marked = range.as_sorted_char_range();
    let marked = marked.start.0..marked.end.0;
    if let Some((weighed, marked)) = weigh(text, marked, presses * PRESS) {
        *text = weighed;
        let [from, to] = [marked.start, marked.end].map(|at| CCursor::new(CharIndex(at)));
        state
            .cursor
            .set_char_range(Some(CCursorRange::two(from, to)));
        state.store(ctx, id);
    }
}
