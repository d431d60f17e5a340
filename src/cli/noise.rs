//! What noise a picture begins with, as people type it.

use clap::Args;

use crate::recipe::{NoiseSource, Variation};

#[derive(Clone, Debug, Args)]
pub struct NoiseArgs {
    /// Whose random numbers: cpu, torch's on the processor; nv, torch's on NVIDIA's devices.
    #[arg(long = "noise", value_name = "ID", default_value = "cpu", value_parser = parse_source)]
    pub source: NoiseSource,
    /// Move the noise a picture begins with towards that of this seed; of several pictures it counts up
    /// and the other one stays.
    #[arg(long, value_name = "N", requires = "variation_strength")]
    pub variation_seed: Option<u64>,
    /// How far, from 0 to 1.
    #[arg(
        long,
        value_name = "F",
        requires = "variation_seed",
        allow_negative_numbers = true
    )]
    pub variation_strength: Option<f64>,
}

impl NoiseArgs {
    pub(super) fn variation(&self) -> Variation {
        Variation {
            seed: self.variation_seed.unwrap_or_default(),
            strength: self.variation_strength.unwrap_or_default(),
        }
    }
}

/// A source of noise, as A1111 calls it.
fn parse_source(text: &str) -> Result<NoiseSource, String> {
    let found = NoiseSource::by_label(&text.to_uppercase());
    found.ok_or_else(|| "choose cpu or nv".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        noise: NoiseArgs,
    }

    fn parsed(line: &str) -> Option<NoiseArgs> {
        let words = std::iter::once("afterimage").chain(line.split_whitespace());
        Line::try_parse_from(words).ok().map(|line| line.noise)
    }

    #[test]
    fn noise_is_torchs_of_the_cpu_unless_another_is_named() {
        let plain = parsed("").unwrap();
        assert_eq!(plain.source, NoiseSource::TorchCpu);
        assert!(plain.variation().is_off());
        assert_eq!(parsed("--noise nv").unwrap().source, NoiseSource::Nv);
        assert!(parsed("--noise dice").is_none());
    }

    #[test]
    fn a_variation_has_a_seed_and_a_strength() {
        let varied = parsed("--variation-seed 3 --variation-strength 0.2").unwrap();
        let Variation { seed, strength } = varied.variation();
        assert_eq!((seed, strength), (3, 0.2));
        assert!(parsed("--variation-seed 3").is_none());
        assert!(parsed("--variation-strength 0.2").is_none());
    }
}
