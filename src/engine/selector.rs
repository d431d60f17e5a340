//! The thread that finds what people point at: on large pictures that takes seconds.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::clerk::Done;
use super::finder::Finder;
use super::guard::guarded;
use super::protocol::{Event, Selection};
use crate::pipelines::CancelToken;

/// A selection with the token that ends it.
pub(super) struct Search {
    pub(super) selection: Selection,
    pub(super) token: CancelToken,
}

/// Answers until there are no more senders, with the weights in `models` if there are any; what was
/// ended is not answered.
pub(super) fn run_selector(searches: &Receiver<Search>, done: &Sender<Done>, models: PathBuf) {
    let mut finder = Finder::new(models);
    for Search { selection, token } in searches {
        let mask = match guarded(|| finder.find(&selection, &token)) {
            Ok(None) => continue,
            Ok(Some(mask)) => Ok(Arc::new(mask)),
            Err(failure) => Err(failure),
        };
        let number = selection.number;
        let event = Event::Selected { number, mask };
        if done.send(Done::Event(event)).is_err() {
            log::warn!("the engine ended before a selection could be told");
            return;
        }
    }
}
