//! Families of models, and the settings each draws best with.

use super::Manifest;
use super::sprout::SPROUT;
use crate::recipe::Draft;

/// A family of models: what one of them was made for goes with the others.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    pub id: &'static str,
    /// As it is published.
    pub title: &'static str,
    /// Width of the prompt's embeddings, and of the pooled prompt.
    text: (usize, Option<usize>),
}

/// Every family whose members are told apart by what their denoiser reads.
pub const FAMILIES: &[Family] = &[
    Family {
        id: "sd1",
        title: "Stable Diffusion 1.x",
        text: (768, None),
    },
    Family {
        id: "sd2",
        title: "Stable Diffusion 2.x",
        text: (1024, None),
    },
    Family {
        id: "sdxl",
        title: "Stable Diffusion XL",
        text: (2048, Some(1280)),
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
/// Chosen by eye.
const GUIDANCE_OF_SPROUT: f32 = 4.0;
/// The reference's default for latent consistency models.
const GUIDANCE_TOLD: f32 = 8.5;
const FEW_STEPS: u32 = 4;
/// What the publishers of models that draw in one to four steps call them; nothing in their files
/// tells them from others.
const DISTILLED: [&str; 2] = ["turbo", "lightning"];

impl Manifest {
    /// `None` for models of sizes of their own.
    pub fn family(&self) -> Option<&'static Family> {
        let text = (
            self.unet.cross_attention_dim.at(0),
            self.unet.pooled_width(),
        );
        FAMILIES.iter().find(|family| family.text == text)
    }

    /// The settings it draws best with, under the name people know it by.
    pub fn usual(&self, name: &str) -> Usual {
        let plain = Usual {
            guidance: GUIDANCE,
            steps: Draft::default().steps,
            sampler: None,
        };
        if name == SPROUT.name {
            return Usual {
                guidance: GUIDANCE_OF_SPROUT,
                ..plain
            };
        }
        if self.is_told_guidance() {
            return Usual {
                guidance: GUIDANCE_TOLD,
                steps: FEW_STEPS,
                sampler: Some("lcm"),
            };
        }
        let name = name.to_lowercase();
        if DISTILLED.iter().any(|word| name.contains(word)) {
            return Usual {
                guidance: 1.0,
                steps: FEW_STEPS,
                sampler: Some("euler_ancestral"),
            };
        }
        match self.unet.pooled_width() {
            Some(_) => Usual {
                guidance: GUIDANCE_OF_XL,
                ..plain
            },
            None => plain,
        }
    }
}
