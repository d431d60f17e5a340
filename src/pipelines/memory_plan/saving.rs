//! Ways to take less memory, in words.

use std::fmt;

use crate::recipe::WeightBits;

/// Something that is done so that a picture fits into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Side of the tiles the picture is decoded in, in pixels.
    Tiles(u32),
    /// What the weights are kept in.
    Bits(WeightBits),
    /// The denoiser is told one text after the other.
    OneText,
    /// Text encoders are dropped once the prompts are read.
    DropEncoders,
}

impl Saving {
    /// As programs read it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Tiles(_) => "decode_in_tiles",
            Self::Bits(_) => "fewer_weight_bits",
            Self::OneText => "one_text_at_a_time",
            Self::DropEncoders => "unload_text_encoders",
        }
    }

    /// `decoding in tiles of 512 pixels and keeping the weights in half precision`.
    pub fn all(savings: &[Self]) -> String {
        let texts: Vec<_> = savings.iter().map(Self::to_string).collect();
        match texts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
            None => String::new(),
        }
    }
}

impl fmt::Display for Saving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tiles(side) => write!(f, "decoding in tiles of {side} pixels"),
            Self::Bits(WeightBits::EightBit) => f.write_str("keeping the weights in 8 bits"),
            Self::Bits(_) => f.write_str("keeping the weights in half precision"),
            Self::OneText => f.write_str("telling the denoiser one prompt at a time"),
            Self::DropEncoders => {
                f.write_str("unloading the text encoders once the prompts are read")
            }
        }
    }
}
