"""Writes a full-size model with random weights of 16 bits, as a folder in the diffusers layout, and
tells how much memory a run of it takes beside what was predicted.

    python full_size.py AFTERIMAGE sd15|sdxl FOLDER [--steps N]

AFTERIMAGE is the program, FOLDER a new or existing folder of its own (SD 1.5: 2 GB, SDXL: 7 GB; kept for
the next run). Needs torch, diffusers and transformers; nothing is downloaded, so that the tokenizer is
one of single bytes with the size of CLIP's vocabulary.
"""

import argparse
import json
import subprocess
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

CLIP_L = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
CLIP_G = dict(
    hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20,
    hidden_act="gelu", projection_dim=1280,
)
VAE = dict(
    block_out_channels=(128, 256, 512, 512), layers_per_block=2,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
)
MODELS = {
    "sd15": dict(
        pipeline="StableDiffusionPipeline",
        unet=dict(sample_size=64, cross_attention_dim=768, attention_head_dim=8),
        vae=VAE | dict(sample_size=512),
        texts=[("text_encoder", CLIPTextModel, CLIP_L)],
    ),
    "sdxl": dict(
        pipeline="StableDiffusionXLPipeline",
        unet=dict(
            sample_size=128, cross_attention_dim=2048, attention_head_dim=(5, 10, 20),
            block_out_channels=(320, 640, 1280), transformer_layers_per_block=(1, 2, 10),
            use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        vae=VAE | dict(sample_size=1024, scaling_factor=0.13025),
        texts=[
            ("text_encoder", CLIPTextModel, CLIP_L),
            ("text_encoder_2", CLIPTextModelWithProjection, CLIP_G),
        ],
    ),
}


def write_weights(module, file):
    """Normally distributed, small, without ever holding them in f32."""
    generator = torch.Generator().manual_seed(0)
    tensors = {
        name: (torch.randn(value.shape, generator=generator) * 0.02).half()
        for name, value in module.state_dict().items()
        if value.dtype.is_floating_point
    }
    save_file(tensors, file)


def write(name, folder):
    parts = MODELS[name]
    with torch.device("meta"):
        unet = UNet2DConditionModel(**parts["unet"])
        vae = AutoencoderKL(**parts["vae"])
        texts = {part: kind(CLIPTextConfig(**sizes)) for part, kind, sizes in parts["texts"]}
    for part, module in {"unet": unet, "vae": vae}.items():
        (folder / part).mkdir(parents=True)
        module.save_config(folder / part)
        write_weights(module, folder / part / "diffusion_pytorch_model.safetensors")
    for part, module in texts.items():
        (folder / part).mkdir()
        module.config.save_pretrained(folder / part)
        write_weights(module, folder / part / "model.safetensors")
        write_tokenizer(folder / part.replace("text_encoder", "tokenizer"), part)
    scheduler = {
        "_class_name": "EulerDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012,
        "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "steps_offset": 1,
        "timestep_spacing": "leading",
    }
    (folder / "scheduler").mkdir()
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler))
    index = {
        "_class_name": parts["pipeline"],
        "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    } | {part: ["transformers", kind.__name__] for part, kind, _ in parts["texts"]}
    (folder / "model_index.json").write_text(json.dumps(index))


def write_tokenizer(folder, part):
    folder.mkdir()
    letters = [chr(code) for code in range(33, 127)]
    tokens = letters + [letter + "</w>" for letter in letters] + ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    padding = "!" if part == "text_encoder_2" else "<|endoftext|>"
    config = {"model_max_length": 77, "pad_token": padding}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=1)
    asked = parser.parse_args()
    if not (asked.folder / "model_index.json").exists():
        write(asked.model, asked.folder)
    size = sum(file.stat().st_size for file in asked.folder.rglob("*") if file.is_file())
    for start in ("first", "second"):
        began = time.time()
        run = subprocess.run(
            [asked.program, "generate", "a cat", "--model", asked.folder, "--steps", str(asked.steps),
             "--sampler", "euler", "--seed", "1", "--json", "--force", "--out", asked.folder / "made.png"],
            capture_output=True, text=True, check=True,
        )
        events = [json.loads(line) for line in run.stdout.splitlines()]
        planned = next(event["memory_bytes"] for event in events if event["event"] == "planned")
        done = next(event for event in events if event["event"] == "finished")
        held, loading = done["peak_memory_bytes"], done["seconds"]["load_model"]
        print(
            f"{asked.model}, {start} run: files {size / 1e9:.2f} GB, predicted {planned / 1e9:.2f} GB, "
            f"held {held / 1e9:.2f} GB ({held / planned - 1:+.1%}), loading {loading:.1f} s, "
            f"in all {time.time() - began:.1f} s"
        )


if __name__ == "__main__":
    main()
