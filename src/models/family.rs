//! Families of models, and the settings each draws best with.

use super::sprout::SPROUT;
use super::{DenoiserConfig, Manifest};
use crate::recipe::Draft;

/// A family of models: what one of them was made for goes with the others.
#[derive(Debug)]
pub struct Family {
    pub id: &'static str,
    /// As it is published.
    pub title: &'static str,
    /// What its models are usually drawn with.
    guidance: f32,
    steps: Steps,
    has: fn(&DenoiserConfig) -> bool,
}

/// How many steps its models usually take.
#[derive(Clone, Copy, Debug)]
enum Steps {
    /// As a draft begins with.
    Usual,
    Of(u32),
}

impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Family {}

/// Whether a UNet reads prompts of this width, and pooled ones.
fn is_unet(config: &DenoiserConfig, widths: (usize, Option<usize>)) -> bool {
    matches!(config, DenoiserConfig::UNet(_)) && config.text_widths() == widths
}

/// Every family whose members are told apart by what their denoiser is and reads.
pub const FAMILIES: &[Family] = &[
    Family {
        id: "sd1",
        title: "Stable Diffusion 1.x",
        guidance: GUIDANCE,
        steps: Steps::Usual,
        has: |config| is_unet(config, (768, None)),
    },
    Family {
        id: "sd2",
        title: "Stable Diffusion 2.x",
        guidance: GUIDANCE,
        steps: Steps::Usual,
        has: |config| is_unet(config, (1024, None)),
    },
    Family {
        id: "sdxl",
        title: "Stable Diffusion XL",
        guidance: GUIDANCE_OF_XL,
        steps: Steps::Usual,
        has: |config| is_unet(config, (2048, Some(1280))),
    },
    Family {
        id: "sd3",
        title: "Stable Diffusion 3",
        guidance: GUIDANCE_OF_SD3,
        steps: Steps::Of(STEPS_OF_SD3),
        has: |config| matches!(config, DenoiserConfig::Joint(_)),
    },
    Family {
        id: "flux",
        title: "FLUX.1",
        guidance: GUIDANCE_OF_FLUX,
        steps: Steps::Of(STEPS_OF_FLUX),
        has: |config| matches!(config, DenoiserConfig::Flux(_)),
    },
    Family {
        id: "z_image",
        title: "Z-Image",
        guidance: NO_GUIDANCE,
        steps: Steps::Of(STEPS_OF_Z_IMAGE),
        has: |config| matches!(config, DenoiserConfig::ZImage(_)),
    },
];

/// The settings a model is taken up with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    pub guidance: f32,
    pub steps: u32,
    /// Where another one would draw badly.
    pub sampler: Option<&'static str>,
}

/// What diffusers' pipelines take where nothing is said.
const GUIDANCE: f32 = 7.5;
const GUIDANCE_OF_XL: f32 = 5.0;
const GUIDANCE_OF_SD3: f32 = 7.0;
const STEPS_OF_SD3: u32 = 28;
const GUIDANCE_OF_FLUX: f32 = 3.5;
const STEPS_OF_FLUX: u32 = 28;
/// As Z-Image-Turbo is published; what is distilled needs no guidance.
const STEPS_OF_Z_IMAGE: u32 = 8;
const NO_GUIDANCE: f32 = 1.0;
/// Chosen by eye.
const GUIDANCE_OF_SPROUT: f32 = 4.0;
/// The reference's default for latent consistency models.
const GUIDANCE_TOLD: f32 = 8.5;
const FEW_STEPS: u32 = 4;
/// What the publishers of models that draw in one to four steps call them; nothing in their files
/// tells them from others.
const DISTILLED: [&str; 2] = ["turbo", "lightning"];
/// Of flows, which few samplers draw.
const SAMPLER_OF_FLOWS: &str = "euler";

impl Manifest {
    /// `None` for models of sizes of their own.
    pub fn family(&self) -> Option<&'static Family> {
        FAMILIES.iter().find(|family| (family.has)(&self.denoiser))
    }

    /// The settings it draws best with, under the name people know it by.
    pub fn usual(&self, name: &str) -> Usual {
        let family = self.family();
        let flow = self.denoiser.is_flow().then_some(SAMPLER_OF_FLOWS);
        let guidance = match family {
            Some(family) => family.guidance,
            None if self.denoiser.text_widths().1.is_some() => GUIDANCE_OF_XL,
            None => GUIDANCE,
        };
        let plain = Usual {
            guidance,
            steps: match family.map_or(Steps::Usual, |family| family.steps) {
                Steps::Usual => Draft::default().steps,
                Steps::Of(steps) => steps,
            },
            sampler: flow,
        };
        if name == SPROUT.name {
            return Usual {
                guidance: GUIDANCE_OF_SPROUT,
                ..plain
            };
        }
        match &self.denoiser {
            // FLUX.1-schnell is distilled.
            DenoiserConfig::Flux(config) if !config.guidance_embeds => {
                return Usual {
                    guidance: NO_GUIDANCE,
                    steps: FEW_STEPS,
                    ..plain
                };
            }
            DenoiserConfig::Flux(_) | DenoiserConfig::ZImage(_) => return plain,
            DenoiserConfig::UNet(_) | DenoiserConfig::Joint(_) => {}
        }
        if self.denoiser.is_told_guidance() {
            return Usual {
                guidance: GUIDANCE_TOLD,
                steps: FEW_STEPS,
                sampler: Some("lcm"),
            };
        }
        let name = name.to_lowercase();
        if DISTILLED.iter().any(|word| name.contains(word)) {
            return Usual {
                guidance: NO_GUIDANCE,
                steps: FEW_STEPS,
                sampler: flow.or(Some("euler_ancestral")),
            };
        }
        plain
    }
}
