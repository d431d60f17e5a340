//! Numbers that a file holds in fewer bits than they are computed with.

use candle_core::Result;
use candle_core::quantized::GgmlDType;

use super::eight_bit::EightBit;
use super::{blocks, gguf};

/// How the numbers of a tensor are coded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Coded {
    /// In blocks, as ggml does it; they stand for f32.
    Blocks(GgmlDType),
    /// One by one; they stand for f16.
    EightBit(EightBit),
}

impl Coded {
    /// As people write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Blocks(blocks) => gguf::name_of(blocks),
            Self::EightBit(eight) => eight.name(),
        }
    }

    /// Bytes of so many elements in a row; `None` where they end inside of a block.
    pub(super) fn bytes_of_elements(self, elements: usize) -> Option<usize> {
        match self {
            Self::Blocks(blocks) => {
                let whole = elements.is_multiple_of(blocks.block_size());
                let count = whole.then_some(elements / blocks.block_size())?;
                count.checked_mul(blocks.type_size())
            }
            Self::EightBit(_) => Some(elements),
        }
    }

    /// The bytes of the numbers it stands for.
    pub(super) fn decoded(self, data: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Blocks(kind) => blocks::decoded(kind, data),
            Self::EightBit(eight) => Ok(eight.decoded(data)),
        }
    }
}
