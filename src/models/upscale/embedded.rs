//! Networks that are part of the program: Sprout's, whose card is in `assets/sprout/README.md`.

/// What a network was taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// A larger picture, true to the small one.
    Larger,
    /// A larger picture of one that is worn, for its looks: crisp, at the price of being true.
    Crisp,
    /// The same size, without grain and JPEG's marks.
    Clean,
}

/// A network that enlarges or restores pictures without a file of people's own.
#[derive(Debug, PartialEq, Eq)]
pub struct EmbeddedUpscaler {
    /// In recipes and on the command line.
    pub name: &'static str,
    /// As people see it.
    pub title: &'static str,
    pub aim: Aim,
    pub(super) bytes: &'static [u8],
}

macro_rules! weights {
    ($name:literal) => {
        include_bytes!(concat!("../../../assets/sprout/upscale/", $name)).as_slice()
    };
}

/// All of them: those that make pictures larger by factor, then the others. Static, so that the program
/// holds them once.
pub static SPROUT_UPSCALE: [EmbeddedUpscaler; 4] = [
    EmbeddedUpscaler {
        name: "sprout-x2",
        title: "Sprout ×2",
        aim: Aim::Larger,
        bytes: weights!("x2.safetensors"),
    },
    EmbeddedUpscaler {
        name: "sprout-x4",
        title: "Sprout ×4",
        aim: Aim::Larger,
        bytes: weights!("x4.safetensors"),
    },
    EmbeddedUpscaler {
        name: "sprout-x4-crisp",
        title: "Sprout ×4 Crisp",
        aim: Aim::Crisp,
        bytes: weights!("x4_crisp.safetensors"),
    },
    EmbeddedUpscaler {
        name: "sprout-restore",
        title: "Sprout Restore",
        aim: Aim::Clean,
        bytes: weights!("restore.safetensors"),
    },
];

impl EmbeddedUpscaler {
    pub fn by_name(name: &str) -> Option<&'static Self> {
        SPROUT_UPSCALE.iter().find(|known| known.name == name)
    }

    /// The one for a factor; where none is asked for, the one that enlarges most.
    pub fn usual(factor: Option<f64>) -> &'static Self {
        let [small, large, ..] = &SPROUT_UPSCALE;
        match factor {
            Some(factor) if factor <= 2.0 => small,
            _ => large,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::UpscalerFile;

    #[test]
    fn each_is_found_by_its_name_and_enlarges_by_its_factor() {
        for (known, scale) in SPROUT_UPSCALE.iter().zip([2, 4, 4, 1]) {
            assert_eq!(EmbeddedUpscaler::by_name(known.name), Some(known));
            let file = UpscalerFile::embedded(known).unwrap();
            assert_eq!(
                (file.layout().scale(), file.layout().channels()),
                (scale, 3)
            );
            assert_eq!(file.name(), known.name);
            file.read().unwrap();
            // At most 3 MiB each.
            assert!(known.bytes.len() <= 3 << 20, "{}", known.bytes.len());
        }
        assert_eq!(EmbeddedUpscaler::by_name("sprout"), None);
    }

    #[test]
    fn the_usual_one_enlarges_as_much_as_is_asked_for() {
        let usual = |factor| EmbeddedUpscaler::usual(factor).name;
        assert_eq!(usual(Some(1.5)), "sprout-x2");
        assert_eq!(usual(Some(2.0)), "sprout-x2");
        assert_eq!(usual(Some(3.0)), "sprout-x4");
        assert_eq!(usual(None), "sprout-x4");
    }
}
