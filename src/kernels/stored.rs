//! How packed weights are kept.

/// Numbers weights are kept as; all are computed with as f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stored {
    /// f32.
    #[default]
    Whole,
    /// f16: half of the memory, and of the time where weights come from far away. Exact where they
    /// were f16 before.
    Half,
    /// bf16: the same for what was bf16 before.
    Brain,
}

impl Stored {
    /// Bytes of a number.
    pub const fn size(self) -> usize {
        match self {
            Self::Whole => 4,
            Self::Half | Self::Brain => 2,
        }
    }
}
