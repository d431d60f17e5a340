//! Models many people begin with.

use super::super::Family;

/// A repository that is worth knowing. Sizes are about those of what is got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curated {
    pub repo: &'static str,
    pub title: &'static str,
    /// `None` for what is a part for several.
    pub family: Option<Family>,
    /// The weights that are got.
    pub variant: Option<&'static str>,
    /// About the bytes that come.
    pub bytes: u64,
    pub licence: &'static str,
    /// Names what it is for, in the window's words.
    pub purpose: &'static str,
}

const MB: u64 = 1_000_000;

const fn row(
    repo: &'static str,
    title: &'static str,
    family: Option<Family>,
    (variant, megabytes): (Option<&'static str>, u64),
    licence: &'static str,
    purpose: &'static str,
) -> Curated {
    Curated {
        repo,
        title,
        family,
        variant,
        bytes: megabytes * MB,
        licence,
        purpose,
    }
}

const HALF: Option<&str> = Some("fp16");
const SD1: Option<Family> = Some(Family::Sd1);
const SD2: Option<Family> = Some(Family::Sd2);
const SDXL: Option<Family> = Some(Family::Sdxl);
const SD3: Option<Family> = Some(Family::Sd3);
const FLUX: Option<Family> = Some(Family::Flux);
const Z_IMAGE: Option<Family> = Some(Family::ZImage);

/// In the order shown: what is quick and small first.
pub const CURATED: &[Curated] = &[
    row(
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "Stable Diffusion 1.5",
        SD1,
        (HALF, 2_135),
        "creativeml-openrail-m",
        "classic",
    ),
    row(
        "Lykon/dreamshaper-8",
        "DreamShaper 8",
        SD1,
        (HALF, 2_135),
        "creativeml-openrail-m",
        "painterly",
    ),
    row(
        "SimianLuo/LCM_Dreamshaper_v7",
        "LCM DreamShaper 7",
        SD1,
        (None, 4_265),
        "mit",
        "few_steps",
    ),
    row(
        "stable-diffusion-v1-5/stable-diffusion-inpainting",
        "Stable Diffusion 1.5 inpainting",
        SD1,
        (HALF, 2_135),
        "creativeml-openrail-m",
        "inpainting",
    ),
    row(
        "stabilityai/sd-turbo",
        "SD Turbo",
        SD2,
        (HALF, 2_580),
        "sai-nc-community",
        "one_step",
    ),
    row(
        "stabilityai/stable-diffusion-2-1",
        "Stable Diffusion 2.1",
        SD2,
        (HALF, 2_580),
        "openrail++",
        "larger",
    ),
    row(
        "stabilityai/stable-diffusion-xl-base-1.0",
        "Stable Diffusion XL",
        SDXL,
        (HALF, 6_940),
        "openrail++",
        "finest",
    ),
    row(
        "stabilityai/sdxl-turbo",
        "SDXL Turbo",
        SDXL,
        (HALF, 6_940),
        "sai-nc-community",
        "one_step",
    ),
    row(
        "stabilityai/stable-diffusion-3.5-medium",
        "Stable Diffusion 3.5 medium",
        SD3,
        (None, 16_300),
        "stabilityai-ai-community",
        "long_prompts",
    ),
    row(
        "black-forest-labs/FLUX.1-schnell",
        "FLUX.1 schnell",
        FLUX,
        (None, 33_700),
        "apache-2.0",
        "four_steps",
    ),
    row(
        "Tongyi-MAI/Z-Image-Turbo",
        "Z-Image Turbo",
        Z_IMAGE,
        (None, 32_900),
        "apache-2.0",
        "both_languages",
    ),
    row(
        "madebyollin/taesd",
        "TAESD",
        SD1,
        (None, 10),
        "mit",
        "quick_decoder",
    ),
    row(
        "madebyollin/taesdxl",
        "TAESDXL",
        SDXL,
        (None, 10),
        "mit",
        "quick_decoder",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::RepoName;
    use super::*;

    #[test]
    fn every_row_names_a_repository_once() {
        for (at, row) in CURATED.iter().enumerate() {
            assert_eq!(RepoName::parse(row.repo).unwrap().as_str(), row.repo);
            assert!(!CURATED[..at].iter().any(|other| other.repo == row.repo));
            assert!(row.bytes > 0 && !row.licence.is_empty());
        }
    }
}
