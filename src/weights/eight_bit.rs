//! Floating-point numbers of eight bits: Micikevicius et al. 2022, "FP8 Formats for Deep Learning".
//! f16 holds all of them exactly.
//!
//! Some files tell a scale beside a tensor (ComfyUI's `scale_weight`, or `weight_scale`), so that the
//! few numbers there are fit it; what is scaled is rounded to f16.

use half::f16;

use super::coded::Coded;
use super::header::{Place, Places};

/// How the eight bits are read, and what the numbers are multiplied with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EightBit {
    format: Format,
    scale: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Four bits of exponent and three of mantissa, without infinities.
    E4M3,
    /// The upper half of an f16.
    E5M2,
}

impl EightBit {
    pub(super) const E4M3: Self = Self {
        format: Format::E4M3,
        scale: 1.0,
    };
    pub(super) const E5M2: Self = Self {
        format: Format::E5M2,
        scale: 1.0,
    };

    pub(super) const fn name(self) -> &'static str {
        match self.format {
            Format::E4M3 => "f8_e4m3",
            Format::E5M2 => "f8_e5m2",
        }
    }

    /// The bytes of the f16 that all of `data` stand for.
    pub(super) fn decoded(self, data: &[u8]) -> Vec<u8> {
        let table: Vec<[u8; 2]> = (0..=u8::MAX)
            .map(|bits| {
                let number = self.format.number(bits);
                // Times 1 a number stays what it is.
                let scaled = f16::from_f32(number.to_f32() * self.scale);
                scaled.to_ne_bytes()
            })
            .collect();
        let numbers = data.iter().map(|&bits| table[usize::from(bits)]);
        numbers.flatten().collect()
    }
}

impl Format {
    fn number(self, bits: u8) -> f16 {
        /// All bits but the sign's.
        const SIZE: u8 = 0x7f;
        match self {
            Self::E5M2 => f16::from_bits(u16::from(bits) << 8),
            Self::E4M3 if bits & SIZE == SIZE => f16::NAN,
            Self::E4M3 => {
                // Where f16 has its exponent and mantissa, they stand for 2⁸ times less.
                let size = f16::from_bits(u16::from(bits & SIZE) << 7).to_f32() * 256.0;
                f16::from_f32(if bits > SIZE { -size } else { size })
            }
        }
    }
}

/// What a scale's name ends with instead of `weight`.
const SCALES: [&str; 2] = ["scale_weight", "weight_scale"];

/// Takes the scales beside tensors of eight bits into account: they are no tensors of the network.
/// `value` reads the one number of a tensor; a tensor whose scale is another kind is none that anybody
/// can read.
pub(super) fn take_scales(places: &mut Places, value: impl Fn(&Place) -> Option<f32>) {
    let scales: Vec<(String, String)> = places
        .keys()
        .filter_map(|name| {
            let ends = SCALES.iter().find_map(|end| name.strip_suffix(end))?;
            Some((name.clone(), format!("{ends}weight")))
        })
        .collect();
    for (scale, weight) in scales {
        let factor = places.get(&scale).and_then(&value);
        let Some(place) = places.get_mut(&weight) else {
            continue;
        };
        if let Some(Coded::EightBit(eight)) = &mut place.coded {
            match factor {
                Some(factor) => eight.scale = factor,
                None => place.kind = Err(format!("{} with scales in parts", eight.name())),
            }
            places.remove(&scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use candle_core::{DType, Device};

    use crate::weights::{FolderFiles, ModelFiles as _};

    #[test]
    fn every_number_is_what_torch_reads_and_scales_count() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/eight_bit");
        let folder = FolderFiles::new(&folder);
        let ours = folder.weights("numbers.safetensors").unwrap();
        let theirs = folder.weights("expected.safetensors").unwrap();
        let names: Vec<&str> = theirs.names().collect();
        // Its scales are several, which nobody reads.
        let read = ours.names().filter(|name| *name != "parts.weight");
        assert_eq!(read.collect::<Vec<_>>(), names);
        for name in names {
            assert_eq!(ours.dtype(name), Some(DType::F16), "{name}");
            let ours = ours.values(name).unwrap();
            for (ours, theirs) in ours.into_iter().zip(theirs.values(name).unwrap()) {
                let are_nothing = ours.is_nan() && theirs.is_nan();
                assert!(
                    are_nothing || ours == theirs,
                    "{name}: {ours}, not {theirs}"
                );
            }
        }
        let parts = ours.values("parts.weight").unwrap_err().to_string();
        assert!(parts.contains("f8_e4m3 with scales in parts"), "{parts}");
        let stored = ours.as_stored(DType::F32, &Device::Cpu);
        let tensor = stored.get((16, 16), "e4m3.weight").unwrap();
        assert_eq!(tensor.dtype(), DType::F16);
    }
}
