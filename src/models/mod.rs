//! Networks: a configuration read from `config.json`, `new(config, vb)`, `forward`.
//!
//! Constructors mirror the names in diffusers' checkpoints, so a path in the code is a key in the
//! file. A network never hears of a job: all it is given beside tensors is an
//! [`Interrupt`](crate::nn::Interrupt).

mod adain;
mod autoencoder;
mod clip_text;
mod held;
mod johnson;
mod lama;
mod latent_format;
mod measured;
mod prompt_chunks;
mod prompt_memory;
mod prompt_text;
mod resnet;
mod sam;
mod shortcut_costs;
mod sizes;
mod sprout;
mod stable_diffusion;
mod tokenizer;
mod unet;
mod upscale;
mod vgg;
mod weight_costs;

pub use adain::{AdaIn, with_moments_of};
pub use autoencoder::{AutoencoderConfig, AutoencoderKl, decoder_bytes};
pub use clip_text::{ClipTextConfig, ClipTextEncoder};
pub use johnson::{Johnson, JohnsonLayout};
pub use lama::{Lama, LamaLayout};
pub use latent_format::{LatentColors, LatentFormat};
pub use measured::Measured;
pub use prompt_chunks::{Chunk, ChunkedText, TokenCount};
pub use prompt_text::PromptText;
pub use sam::{Embedding, Masks, Prompt, Sam, SamConfig};
pub use shortcut_costs::ShortcutCost;
pub use sprout::{SPROUT, title_of, usual_guidance};
pub use stable_diffusion::{Manifest, StableDiffusion};
pub use tokenizer::{PromptTokenizer, Tokens};
pub use unet::{KeptFeatures, PromptKeys, UNet, UNetConfig, UNetWork, denoiser_bytes};
pub use upscale::{
    CompactLayout, EmbeddedUpscaler, RrdbLayout, RrdbNames, SPROUT_UPSCALE, SwinIrConnection,
    SwinIrEnd, SwinIrGroup, SwinIrLayout, Upscaler, UpscalerFile, UpscalerLayout, UpscalerPlace,
    upscaler_names,
};
pub use vgg::{Vgg19, VggConv, VggLayout, VggLook};
pub use weight_costs::WeightCost;
