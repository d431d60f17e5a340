//! How a running network is asked to stop.

use std::fmt;
use std::sync::Arc;

use candle_core::{Error, Result};

use crate::kernels::Stopped;

/// Looked at between the blocks of a network and between the tiles of its longer operations.
#[derive(Clone)]
pub struct Interrupt {
    asked: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interrupt(asked: {})", self.is_asked())
    }
}

impl Interrupt {
    /// Asks `asked` each time it is looked at; once true it must stay true.
    pub fn when(asked: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            asked: Arc::new(asked),
        }
    }

    pub fn never() -> Self {
        Self::when(|| false)
    }

    pub fn is_asked(&self) -> bool {
        (self.asked)()
    }

    /// Fails when the network was asked to stop. The caller that set the interrupt looks at it
    /// again to tell this failure from others.
    pub fn check(&self) -> Result<()> {
        if self.is_asked() {
            return Err(Stopped.into());
        }
        Ok(())
    }
}

impl From<Stopped> for Error {
    fn from(_: Stopped) -> Self {
        Self::msg("the network was interrupted")
    }
}
