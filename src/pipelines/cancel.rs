//! How people end a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::nn::Interrupt;

/// What is wished of a running job. A wish only ever grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    GoOn,
    /// End now and keep what is there.
    Stop,
    /// End now and keep nothing.
    Discard,
}

/// Shared by those who run a job and those who may end it.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    wish: Arc<AtomicU8>,
}

impl CancelToken {
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the wish; a weaker one than before changes nothing.
    pub fn ask(&self, wish: Wish) {
        self.wish.fetch_max(wish as u8, Ordering::Relaxed);
    }

    pub fn wish(&self) -> Wish {
        match self.wish.load(Ordering::Relaxed) {
            0 => Wish::GoOn,
            1 => Wish::Stop,
            _ => Wish::Discard,
        }
    }

    /// Whether the run shall end, one way or the other.
    pub fn is_ended(&self) -> bool {
        self.wish() > Wish::GoOn
    }

    /// Interrupts a network as soon as at least `wish` is asked.
    pub fn interrupt_at(&self, wish: Wish) -> Interrupt {
        let token = self.clone();
        Interrupt::when(move || token.wish() >= wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_never_shrinks() {
        let token = CancelToken::new();
        token.ask(Wish::Discard);
        token.ask(Wish::Stop);
        assert_eq!(token.wish(), Wish::Discard);
    }

    #[test]
    fn stop_interrupts_the_denoiser_but_not_the_decoder() {
        let token = CancelToken::new();
        let (denoiser, decoder) = (
            token.interrupt_at(Wish::Stop),
            token.interrupt_at(Wish::Discard),
        );
        token.ask(Wish::Stop);
        assert!(denoiser.is_asked() && !decoder.is_asked());
        token.ask(Wish::Discard);
        assert!(decoder.is_asked());
    }
}
