"""Makes the goldens of further families with the reference implementation.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0
    python make_families.py

`xl/` is a tiny Stable Diffusion XL with random weights in the diffusers layout: two text encoders, of
which the second pads with "!" and gives the pooled text, and a denoiser that is told sizes. `lcm/` is a
denoiser that is told the guidance, with an index that says so; it goes with the other parts of
`epsilon/`. Each holds `golden.safetensors`: what diffusers and transformers compute with it.
"""

import json
import shutil

import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LatentConsistencyModelPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from make import GUIDANCE, HERE, INDEX, NEGATIVE, PROMPT, SEED, shake, train_vocabulary, write_model

STEPS = 20


def encoder(vocabulary, kind, seed, **sizes):
    torch.manual_seed(seed)
    config = CLIPTextConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=77,
        bos_token_id=vocabulary["<|startoftext|>"],
        eos_token_id=vocabulary["<|endoftext|>"],
        pad_token_id=vocabulary["<|endoftext|>"],
        **sizes,
    )
    return shake(kind(config), seed)


def make_xl():
    vocabulary, merges = train_vocabulary(560)
    first = encoder(
        vocabulary, CLIPTextModel, 41, hidden_size=16, intermediate_size=24,
        num_hidden_layers=3, num_attention_heads=2, hidden_act="quick_gelu",
    )
    second = encoder(
        vocabulary, CLIPTextModelWithProjection, 42, hidden_size=24, intermediate_size=40,
        num_hidden_layers=3, num_attention_heads=3, hidden_act="gelu", projection_dim=20,
    )
    torch.manual_seed(43)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16, 16),
        layers_per_block=2,
        norm_num_groups=4,
        attention_head_dim=(2, 4, 4),
        transformer_layers_per_block=(1, 1, 2),
        cross_attention_dim=40,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=20 + 6 * 8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4,
        scaling_factor=0.13025,
        sample_size=16,
    )
    parts = {
        "text_encoder": first,
        "text_encoder_2": second,
        "unet": shake(unet, 44),
        "vae": shake(vae, 45),
    }
    scheduler = {
        "_class_name": "EulerDiscreteScheduler",
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "clip_sample": False,
        "interpolation_type": "linear",
        "num_train_timesteps": 1000,
        "prediction_type": "epsilon",
        "set_alpha_to_one": False,
        "steps_offset": 1,
        "timestep_spacing": "leading",
        "use_karras_sigmas": False,
    }
    index = {
        "_class_name": "StableDiffusionXLPipeline",
        "_diffusers_version": "0.42.1",
        "force_zeros_for_empty_prompt": True,
        "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    folder = write_model("xl", vocabulary, merges, parts, scheduler, index)
    marks = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "model_max_length": 77}
    shutil.copytree(folder / "tokenizer", folder / "tokenizer_2")
    for name, padding in (("tokenizer", "<|endoftext|>"), ("tokenizer_2", "!")):
        config = marks | {"pad_token": padding, "tokenizer_class": "CLIPTokenizer"}
        (folder / name / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


@torch.no_grad()
def xl_goldens(folder):
    load = dict(local_files_only=True, torch_dtype=torch.float32)
    pipe = StableDiffusionXLPipeline.from_pretrained(folder, **load, add_watermarker=False)
    pipe.set_progress_bar_config(disable=True)
    assert pipe.tokenizer_2.pad_token == "!" and pipe.tokenizer.pad_token == "<|endoftext|>"
    golden = {}
    told = pipe.encode_prompt(PROMPT, negative_prompt=NEGATIVE, do_classifier_free_guidance=True)
    for name, tensor in zip(("prompt", "negative", "pooled.prompt", "pooled.negative"), told):
        golden[f"embeddings.{name}"] = tensor
    generator = torch.Generator().manual_seed(5)
    sizes = torch.tensor([[24, 16, 3, 1, 20, 18]], dtype=torch.float32).repeat(2, 1)
    for name, size in (("even", (8, 8)), ("odd", (9, 14))):
        latents = torch.randn((2, 4, *size), generator=generator)
        added = {"text_embeds": torch.cat([told[3], told[2]]), "time_ids": sizes}
        golden[f"unet.{name}.latents"] = latents
        golden[f"unet.{name}.output"] = pipe.unet(
            latents, 601.5, torch.cat([told[1], told[0]]), added_cond_kwargs=added
        ).sample
    run = dict(
        prompt=PROMPT, guidance_scale=GUIDANCE, num_inference_steps=STEPS, height=16, width=16
    )
    seeded = lambda: torch.Generator().manual_seed(SEED)
    kinds = (("euler", EulerDiscreteScheduler), ("euler_ancestral", EulerAncestralDiscreteScheduler))
    for sampler, kind in kinds:
        pipe.scheduler = kind.from_pretrained(folder, subfolder="scheduler")
        made = pipe(**run, negative_prompt=NEGATIVE, generator=seeded(), output_type="latent").images
        golden[f"run.{sampler}"] = made
    pipe.scheduler = EulerDiscreteScheduler.from_pretrained(folder, subfolder="scheduler")
    # No negative prompt is not an empty one here: it is zeros.
    golden["run.without_negative"] = pipe(**run, generator=seeded(), output_type="latent").images
    told = dict(original_size=(40, 48), crops_coords_top_left=(4, 8), target_size=(32, 24))
    golden["run.told_sizes"] = pipe(
        **run, **told, negative_prompt=NEGATIVE, generator=seeded(), output_type="latent"
    ).images
    golden["picture"] = torch.from_numpy(
        pipe(**run, negative_prompt=NEGATIVE, generator=seeded(), output_type="np").images
    )[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")


def make_lcm():
    folder = HERE / "lcm"
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(51)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=2,
        cross_attention_dim=24,
        time_cond_proj_dim=12,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )
    shake(unet, 52).save_pretrained(folder / "unet")
    index = INDEX | {"_class_name": "LatentConsistencyModelPipeline"}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    return folder


@torch.no_grad()
def lcm_goldens(folder):
    epsilon = HERE / "epsilon"
    pipe = LatentConsistencyModelPipeline.from_pretrained(
        epsilon,
        unet=UNet2DConditionModel.from_pretrained(folder / "unet"),
        scheduler=EulerDiscreteScheduler.from_pretrained(epsilon, subfolder="scheduler"),
        safety_checker=None,
        local_files_only=True,
    )
    pipe.set_progress_bar_config(disable=True)
    ids = pipe.tokenizer(PROMPT, padding="max_length", max_length=77, return_tensors="pt").input_ids
    context = pipe.text_encoder(ids)[0]
    latents = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5))
    guidance = pipe.get_guidance_scale_embedding(torch.tensor([GUIDANCE - 1.0]), embedding_dim=12)
    golden = {
        "unet.latents": latents,
        "unet.output": pipe.unet(latents, 601.5, context, timestep_cond=guidance).sample,
    }
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")


if __name__ == "__main__":
    xl_goldens(make_xl())
    lcm_goldens(make_lcm())
