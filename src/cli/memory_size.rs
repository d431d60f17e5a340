//! Amounts of memory as people write them.

use clap::Args;

use crate::recipe::Draft;

/// How much memory drawing may take, and what makes it less.
#[derive(Clone, Copy, Debug, Args)]
pub struct MemoryArgs {
    /// Decode in tiles of so many pixels a side, which overlap: less memory for a similar picture; 0
    /// leaves the choice to the memory.
    #[arg(long, value_name = "N", default_value_t = Draft::default().decode_tile)]
    pub decode_tile: u32,
    /// Memory that may be used, such as 4GiB; when it is not given, what is free. What does not fit as it
    /// is asked for is decoded in tiles, or drawn with half weights, and what cannot fit is refused.
    #[arg(long, value_name = "SIZE", value_parser = parse_memory)]
    pub memory_limit: Option<u64>,
}

/// `2GiB`, `1.5 GB`, `800M`: binary with an i or a single letter, decimal with a B alone.
pub(super) fn parse_memory(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 10] = [
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("k", 1 << 10),
        ("m", 1 << 20),
        ("g", 1 << 30),
        ("b", 1),
    ];
    let lower = text.trim().to_lowercase();
    let (number, unit) = UNITS
        .iter()
        .find_map(|(unit, bytes)| Some((lower.strip_suffix(unit)?, *bytes)))
        .unwrap_or((&lower, 1));
    let parsed: Option<f64> = number.trim().parse().ok();
    parsed
        .filter(|number| number.is_finite() && *number > 0.0)
        .map(|number| (number * unit as f64) as u64)
        .ok_or_else(|| "an amount of memory is written 2GiB or 800MiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_as_people_write_it() {
        for (text, bytes) in [
            ("2GiB", 2 << 30),
            ("800 mib", 800 << 20),
            ("1.5GB", 1_500_000_000),
            ("512M", 512 << 20),
            ("4096", 4096),
            ("7b", 7),
        ] {
            assert_eq!(parse_memory(text), Ok(bytes), "{text}");
        }
        for text in ["", "GiB", "-1GiB", "0", "2 gigs", "nan", "infMiB"] {
            assert!(parse_memory(text).is_err(), "{text}");
        }
    }
}
