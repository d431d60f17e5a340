//! Which family a model belongs to, as the names and shapes of its tensors tell.

use serde::{Deserialize, Serialize};

/// Models that share an architecture: what is made for one fits the others of its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    Sd1,
    Sd2,
    Sdxl,
    SdxlRefiner,
    Sd3,
    Flux,
    ZImage,
}

impl Family {
    /// Every family, with what people call it.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Sd1, "SD 1.x"),
        (Self::Sd2, "SD 2.x"),
        (Self::Sdxl, "SDXL"),
        (Self::SdxlRefiner, "SDXL refiner"),
        (Self::Sd3, "SD 3"),
        (Self::Flux, "FLUX"),
        (Self::ZImage, "Z-Image"),
    ];

    /// What people call it.
    pub fn title(self) -> &'static str {
        let row = Self::ALL.iter().find(|(family, _)| *family == self);
        row.map_or("", |(_, title)| title)
    }

    /// The one that sees prompts of this width.
    pub(super) const fn of_width(width: usize) -> Option<Self> {
        match width {
            768 => Some(Self::Sd1),
            1024 => Some(Self::Sd2),
            1280 => Some(Self::SdxlRefiner),
            2048 => Some(Self::Sdxl),
            _ => None,
        }
    }
}

/// The family of a denoiser, of a checkpoint with one, or of what is laid over one; `None` for any
/// other network. Names come with their shapes, outermost dimension first.
pub fn family_of<'n>(tensors: impl Iterator<Item = (&'n str, &'n [usize])>) -> Option<Family> {
    let (mut by_width, mut second_encoder) = (None, false);
    for (name, shape) in tensors {
        if let Some(family) = of_transformer(name, shape) {
            return Some(family);
        }
        second_encoder |= name.starts_with("lora_te2_")
            || name.starts_with("text_encoder_2.")
            || name.starts_with("conditioner.embedders.1.model.")
                && name.contains("transformer.resblocks");
        if let Some(family) = of_cross_attention(name, shape) {
            by_width = by_width.max(Some(family));
        }
    }
    // The refiner has one text encoder, the larger one, and so has its cross-attention.
    match by_width {
        None if second_encoder => Some(Family::Sdxl),
        known => known,
    }
}

/// Networks whose denoiser is a transformer have layers no other has.
fn of_transformer(name: &str, shape: &[usize]) -> Option<Family> {
    let has = |part: &str| name.contains(part);
    if has("joint_blocks.") || has("joint_transformer_blocks.") {
        return Some(Family::Sd3);
    }
    let is_flux = has("double_blocks.0.img_attn") || has("double_blocks_0_img_attn");
    let is_diffusers_flux = has("single_transformer_blocks.") || has("single_transformer_blocks_");
    if is_flux || is_diffusers_flux {
        return Some(Family::Flux);
    }
    // Lumina's layers are called the same; its prompts have another width.
    let is_z_image = name.ends_with("cap_embedder.1.weight") && shape == [3840, 2560];
    is_z_image.then_some(Family::ZImage)
}

/// In a U-Net the prompt enters by keys of attention, whose width is that of its text encoders.
fn of_cross_attention(name: &str, shape: &[usize]) -> Option<Family> {
    let keys = ["attn2.to_k", "attn2_to_k", "attn2.processor.to_k_lora"];
    if !keys.iter().any(|key| name.contains(key)) {
        return None;
    }
    let enters = name.ends_with("to_k.weight")
        || name.contains("lora_down")
        || name.contains("lora_A")
        || name.contains("lora.down")
        || name.contains("to_k_lora.down");
    Family::of_width(*shape.get(1).filter(|_| enters)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(tensors: &[(&str, &[usize])]) -> Option<Family> {
        family_of(tensors.iter().copied())
    }

    #[test]
    fn denoisers_are_known_by_how_wide_prompts_enter() {
        let name = "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight";
        assert_eq!(family(&[(name, &[640, 768])]), Some(Family::Sd1));
        assert_eq!(family(&[(name, &[640, 1024])]), Some(Family::Sd2));
        assert_eq!(family(&[(name, &[640, 2048])]), Some(Family::Sdxl));
        assert_eq!(family(&[(name, &[640, 1280])]), Some(Family::SdxlRefiner));
        let other = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k.weight";
        assert_eq!(family(&[(other, &[320, 768])]), None);
    }

    #[test]
    fn what_is_laid_over_a_denoiser_has_its_family_in_every_spelling() {
        for name in [
            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight",
            "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight",
            "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight",
        ] {
            assert_eq!(family(&[(name, &[8, 768])]), Some(Family::Sd1), "{name}");
            assert_eq!(family(&[(name, &[8, 2048])]), Some(Family::Sdxl), "{name}");
        }
        let encoder = "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight";
        assert_eq!(family(&[(encoder, &[8, 1280])]), Some(Family::Sdxl));
    }

    #[test]
    fn transformers_are_known_by_their_blocks() {
        let flux = "double_blocks.0.img_attn.qkv.weight";
        assert_eq!(family(&[(flux, &[9216, 3072])]), Some(Family::Flux));
        let sd3 = "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight";
        assert_eq!(family(&[(sd3, &[4608, 1536])]), Some(Family::Sd3));
        let z_image = "cap_embedder.1.weight";
        assert_eq!(family(&[(z_image, &[3840, 2560])]), Some(Family::ZImage));
        assert_eq!(family(&[(z_image, &[2304, 2304])]), None);
    }
}
