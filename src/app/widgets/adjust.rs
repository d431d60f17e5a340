//! Values that are moved by arrow keys and by assistive tools, whatever the control looks like.

use std::ops::RangeInclusive;

use egui::accesskit::{Action, ActionData};
use egui::{EventFilter, Key, Response, Ui};

/// How people moved a value since the last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::app) struct Adjusted {
    /// Up, or down where negative.
    pub(in crate::app) steps: f64,
    /// An assistive tool named the value itself, or Home or End asks for the least or the most.
    pub(in crate::app) to: Option<f64>,
}

/// Tells assistive tools within what bounds a control's value can be moved.
pub(in crate::app) fn offer_adjusting(response: &Response, range: &RangeInclusive<f64>, step: f64) {
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(*range.start());
        node.set_max_numeric_value(*range.end());
        node.set_numeric_value_step(step);
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

/// What arrow keys, Home and End, if the control has the focus, and assistive tools ask for.
pub(in crate::app) fn adjusted(
    ui: &Ui,
    response: &Response,
    range: &RangeInclusive<f64>,
) -> Adjusted {
    let id = response.id;
    let (mut steps, mut end) = (0.0, None);
    if response.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        steps += ui.input(|input| {
            input.num_presses(Key::ArrowRight) as f64 - input.num_presses(Key::ArrowLeft) as f64
        });
        let ends = [(Key::Home, range.start()), (Key::End, range.end())];
        let pressed = |key: Key| ui.input(|input| input.key_pressed(key));
        let asked = ends.into_iter().find(|(key, _)| pressed(*key));
        end = asked.map(|(_, end)| *end);
    }
    ui.input(|input| {
        steps += input.num_accesskit_action_requests(id, Action::Increment) as f64
            - input.num_accesskit_action_requests(id, Action::Decrement) as f64;
        let to = input
            .accesskit_action_requests(id, Action::SetValue)
            .filter_map(|request| match request.data {
                Some(ActionData::NumericValue(value)) => Some(value),
                _ => None,
            })
            .last()
            .or(end);
        Adjusted { steps, to }
    })
}
