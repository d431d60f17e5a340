//! In how many bits a model's weights are kept.

use serde::{Deserialize, Serialize};

/// How a model's weights are kept while it makes a picture: fewer bits take less memory, and where
/// the file has more the picture is a slightly different one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightBits {
    /// As many as the file stores: the exact picture.
    #[default]
    AsStored,
    /// 16 of each, where the file stores more.
    Half,
    /// 8 of those of the denoiser's transformers, the rest as stored.
    EightBit,
}

impl WeightBits {
    /// In the order of their numbers.
    pub const ALL: [Self; 3] = [Self::AsStored, Self::Half, Self::EightBit];

    /// As recipes, the command line and `parameters` call it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AsStored => "as_stored",
            Self::Half => "half",
            Self::EightBit => "eight_bit",
        }
    }

    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bits| bits.id() == id)
    }

    /// Whether nothing is changed.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub fn are_stored(&self) -> bool {
        *self == Self::AsStored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_id() {
        for (number, bits) in WeightBits::ALL.into_iter().enumerate() {
            assert_eq!(bits as usize, number);
            assert_eq!(WeightBits::by_id(bits.id()), Some(bits));
            assert_eq!(serde_json::to_value(bits).unwrap(), bits.id());
        }
        assert_eq!(WeightBits::by_id("four_bit"), None);
    }
}
