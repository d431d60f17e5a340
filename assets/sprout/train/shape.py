"""Sprout's shape: the one place that says how large its parts are. Only diffusers' and transformers' own classes."""

from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPVisionConfig

LATENT = 16  # channels of the latent picture; 8 blurred small things, and 12 gained a decibel less than 16
WIDTH = 192  # of the text encoder, and so of the UNet's cross-attention
TOKENS = 77
SIDE = 256  # pictures; latents are an eighth of it

READ_SIDE = 128  # pictures as Sprout-CLIP reads them

SCHEDULE = {
    "_class_name": "DPMSolverMultistepScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "steps_offset": 1,
    "timestep_spacing": "trailing",
    "algorithm_type": "dpmsolver++",
    "solver_order": 2,
}


def text_config(vocabulary):
    """Three CLIP layers. The end token is the last id, as in CLIP, and pads too."""
    return CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=3,
        num_attention_heads=6,
        max_position_embeddings=TOKENS,
        hidden_act="quick_gelu",
        projection_dim=WIDTH,
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=vocabulary - 1,
    )


def text_encoder(vocabulary):
    return CLIPTextModel(text_config(vocabulary))


def clip(vocabulary, side=READ_SIDE, patch=16, layers=4):
    """Sprout's text encoder beside four layers that see patches of 16 by 16 pixels."""
    seen = CLIPVisionConfig(
        image_size=side,
        patch_size=patch,
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=layers,
        num_attention_heads=6,
        hidden_act="quick_gelu",
        projection_dim=WIDTH,
    )
    return CLIPModel(CLIPConfig(text_config=text_config(vocabulary), vision_config=seen, projection_dim=WIDTH))


def autoencoder(latent=LATENT, channels=(16, 32, 96, 160)):
    """Few channels at full size, where a CPU spends its time."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=latent,
        block_out_channels=channels,
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        sample_size=SIDE,
    )


def unet(latent=LATENT, channels=(96, 160, 256), attention=(False, True, True), layers=1, head=32):
    """`attention` says at which size (32, 16, 8) the blocks look at each other and at the text."""
    down = ["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attention]
    up = ["CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attention)]
    return UNet2DConditionModel(
        sample_size=SIDE // 8,
        in_channels=latent,
        out_channels=latent,
        block_out_channels=channels,
        layers_per_block=layers,
        down_block_types=down,
        up_block_types=up,
        cross_attention_dim=WIDTH,
        # diffusers calls it attention_head_dim, but here it is the number of heads.
        attention_head_dim=tuple(c // head for c in channels),
        norm_num_groups=32,
    )
