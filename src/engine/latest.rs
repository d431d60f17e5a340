//! A place for one value: a new one replaces one nobody fetched.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// The side that puts values in; never waits.
#[derive(Clone, Debug)]
pub(super) struct LatestSender<T> {
    sender: Sender<T>,
    /// The other end, to make room.
    receiver: Receiver<T>,
}

/// A slot's two ends.
pub(super) fn latest<T>() -> (LatestSender<T>, Receiver<T>) {
    let (sender, receiver) = bounded(1);
    let other = receiver.clone();
    (
        LatestSender {
            sender,
            receiver: other,
        },
        receiver,
    )
}

impl<T> LatestSender<T> {
    /// Whether there is no value that nobody fetched.
    pub(super) fn is_fetched(&self) -> bool {
        self.receiver.is_empty()
    }

    pub(super) fn put(&self, value: T) {
        let mut value = value;
        // A second round is needed only when the reader fetched in between.
        while let Err(TrySendError::Full(back)) = self.sender.try_send(value) {
            drop(self.receiver.try_recv());
            value = back;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_value_wins_and_is_read_once() {
        let (sender, receiver) = latest();
        assert!(sender.is_fetched());
        for value in 0..5 {
            sender.put(value);
        }
        assert!(!sender.is_fetched());
        assert_eq!(receiver.try_recv(), Ok(4));
        assert!(sender.is_fetched());
        assert!(receiver.try_recv().is_err());
    }
}
