//! The thread that finds what people point at: on large pictures that takes seconds.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::clerk::Done;
use super::guard::guarded;
use super::protocol::{Event, Failure, Selection};
use crate::pipelines::{CancelToken, select_object};

/// A selection with the token that ends it.
pub(super) struct Search {
    pub(super) selection: Selection,
    pub(super) token: CancelToken,
}

/// Answers until there are no more senders; what was ended is not answered.
pub(super) fn run_selector(searches: &Receiver<Search>, done: &Sender<Done>) {
    for Search { selection, token } in searches {
        let Selection {
            number,
            image,
            hint,
        } = selection;
        let found = guarded(|| Ok::<_, Failure>(select_object(&image, hint, &token)));
        let mask = match found {
            Ok(None) => continue,
            Ok(Some(mask)) => Ok(Arc::new(mask)),
            Err(failure) => Err(failure),
        };
        let event = Event::Selected { number, mask };
        if done.send(Done::Event(event)).is_err() {
            log::warn!("the engine ended before a selection could be told");
        }
    }
}
