//! Networks: a configuration read from `config.json`, `new(config, vb)`, `forward`.
//!
//! Constructors mirror the names in diffusers' checkpoints, so a path in the code is a key in the
//! file. A network never hears of a job: all it is given beside tensors is an
//! [`Interrupt`](crate::nn::Interrupt).

mod adain;
mod autoencoder;
mod checkpoint;
mod clip;
mod denoiser;
mod family;
mod flux;
mod held;
mod johnson;
mod joint;
mod lama;
mod latent_format;
mod learnt_words;
mod manifest;
mod measured;
mod needs;
mod plausible;
mod prompt_chunks;
mod prompt_memory;
mod prompt_text;
mod resnet;
mod sam;
mod shortcut_costs;
mod sizes;
mod sprout;
mod stable_diffusion;
mod text;
mod tiny_decoder;
mod tokenizer;
mod unet;
mod upscale;
mod vgg;
mod vocabulary;
mod weight_costs;
mod whole_text;
mod z_image;

pub use adain::{AdaIn, with_moments_of};
pub use autoencoder::{AutoencoderConfig, AutoencoderKl, decoder_bytes};
use checkpoint::authors_modules;
pub use checkpoint::{Checkpoint, WithVae};
pub use clip::{
    CLIP_WEIGHTS, Clip, ClipConfig, ClipEye, ClipText, ClipTextConfig, ClipTextEncoder, ClipVector,
    ClipVision, ClipVisionConfig, Likeness, embedded_clip,
};
pub use denoiser::{Denoiser, DenoiserConfig, DenoiserPrompt, DenoiserWork};
pub use family::{FAMILIES, Family, Usual};
pub use flux::{FluxConfig, FluxPrompt, FluxTransformer, flux_bytes};
pub use johnson::{Johnson, JohnsonLayout};
pub use joint::{JointConfig, JointPrompt, JointTransformer, joint_bytes};
pub use lama::{Lama, LamaLayout};
pub use latent_format::{LATENT_COLORS, LatentColors, LatentFormat};
pub use learnt_words::{LearntRows, LearntWords, WindowIds};
pub use manifest::{
    ClipPart, Manifest, PREVIEW_DECODER_FILE, TextParts, TextPlan, TokenizedText, WholePart,
};
pub use measured::Measured;
pub use needs::{MemoryNeeds, PartBytes};
pub use prompt_chunks::{Chunk, ChunkedText, TokenCount};
pub use prompt_text::{EmptyText, PromptText};
pub use sam::{Embedding, Masks, Prompt, Sam, SamConfig};
pub use shortcut_costs::ShortcutCost;
pub use sprout::{SPROUT, is_checkpoint, title_of, vae_beside};
pub use stable_diffusion::StableDiffusion;
pub use text::{PromptIds, TextEmbeddings, TextEncoders};
pub use tiny_decoder::{TinyDecoder, TinyLayout};
pub use tokenizer::{PromptTokenizer, Tokens};
pub use unet::{KeptFeatures, PromptKeys, Told, UNet, UNetConfig, denoiser_bytes, prompt_bytes};
pub use upscale::{
    Aim, CompactLayout, EmbeddedUpscaler, RrdbLayout, RrdbNames, SPROUT_UPSCALE, SwinIrConnection,
    SwinIrEnd, SwinIrGroup, SwinIrLayout, Upscaler, UpscalerFile, UpscalerLayout, UpscalerPlace,
    upscaler_names,
};
pub use vgg::{Vgg19, VggConv, VggLayout, VggLook};
pub use weight_costs::WeightCost;
pub use whole_text::{
    FeedForward, Qwen3Config, Qwen3Encoder, T5Config, T5Encoder, WholeConfig, WholeEncoder,
    WholeText, WholeTokenizer,
};
pub use z_image::{ZImageConfig, ZImagePrompt, ZImageTransformer, z_image_bytes};
