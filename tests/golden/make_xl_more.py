"""Makes what goes with the model `xl/` of `make_families.py`: its inpainting form, and a LoRA for it.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0 peft==0.21.2
    python make_xl_more.py

`xl_inpaint/` is a denoiser that takes the mask and the masked picture too, with an index that says so; it
goes with the other parts of `xl/`. `starts.safetensors` holds what diffusers fills with it. `xl_lora/` changes all
three networks of `xl/`, as kohya's scripts spell them; its `golden.safetensors` holds what diffusers draws then.
"""

import json
import shutil

import numpy as np
import torch
from diffusers import (
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from safetensors.torch import save_file

from make import (
    GUIDANCE, HERE, NEGATIVE, PROMPT, SEED, START_SAMPLERS, STEPS, STRENGTHS, shake,
)
from make_adapters import noise, targets

# Of pixels; diffusers takes multiples of 8.
HEIGHT, WIDTH = 16, 24
LORA_WEIGHT, LORA_RANK, LORA_ALPHA, LORA_STEPS = 0.7, 2, 1.5, 20
# Which networks, how kohya's names begin, and whose layers.
NETWORKS = [
    ("unet", "lora_unet_", ("to_q", "to_v", "to_out.0", "ff.net.0.proj", "proj_in", "conv1", "conv_shortcut")),
    ("text_encoder", "lora_te1_text_model_", ("q_proj", "out_proj", "fc2")),
    ("text_encoder_2", "lora_te2_text_model_", ("q_proj", "out_proj", "fc2")),
]


def scene():
    """A picture and a mask that follows the grid of its latents."""
    pixels = np.random.default_rng(70).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[4:12, 6:20] = 255
    mask[8:10, 10:12] = 0
    return pixels, mask


def pipeline():
    pipe = StableDiffusionXLPipeline.from_pretrained(
        HERE / "xl", local_files_only=True, torch_dtype=torch.float32, add_watermarker=False
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def make_inpaint():
    folder = HERE / "xl_inpaint"
    shutil.rmtree(folder, ignore_errors=True)
    pipe = pipeline()
    torch.manual_seed(71)
    config = dict(pipe.unet.config) | {"in_channels": 9}
    unet = shake(UNet2DConditionModel.from_config(config), 72)
    unet.save_pretrained(folder / "unet")
    index = json.loads((HERE / "xl" / "model_index.json").read_text())
    index["_class_name"] = "StableDiffusionXLInpaintPipeline"
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    filling = StableDiffusionXLInpaintPipeline(
        **(pipe.components | {"unet": unet}), add_watermarker=False
    )
    filling.set_progress_bar_config(disable=True)
    pixels, mask = scene()
    golden = {"image": torch.from_numpy(pixels), "mask": torch.from_numpy(mask)}
    for sampler, schedule, solver, options in START_SAMPLERS:
        for strength in STRENGTHS:
            key = f"inpaint.{sampler}.{schedule}.{strength}"
            for output, name in (("latent", "latents"), ("np", "picture")):
                filling.scheduler = solver.from_config(pipe.scheduler.config, **options)
                made = filling(
                    PROMPT,
                    negative_prompt=NEGATIVE,
                    image=Image.fromarray(pixels),
                    mask_image=Image.fromarray(mask),
                    height=HEIGHT,
                    width=WIDTH,
                    guidance_scale=GUIDANCE,
                    num_inference_steps=STEPS,
                    strength=strength,
                    generator=torch.Generator().manual_seed(SEED),
                    output_type=output,
                ).images
                golden[f"{key}.{name}"] = made if output == "latent" else torch.from_numpy(made)[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "starts.safetensors")


@torch.no_grad()
def make_lora():
    folder = HERE / "xl_lora"
    folder.mkdir(exist_ok=True)
    pipe = pipeline()
    generator = torch.Generator().manual_seed(73)
    named = {}
    for part, beginning, endings in NETWORKS:
        for name, module in targets(getattr(pipe, part), endings):
            out, wide, *kernel = module.weight.shape
            spelled = beginning + name.removeprefix("text_model.").replace(".", "_")
            named[f"{spelled}.lora_down.weight"] = noise((LORA_RANK, wide, *kernel), generator, 0.3)
            up = (out, LORA_RANK, *[1] * len(kernel))
            named[f"{spelled}.lora_up.weight"] = noise(up, generator, 0.3)
            named[f"{spelled}.alpha"] = torch.tensor(LORA_ALPHA)
    save_file({key: value.contiguous() for key, value in named.items()}, folder / "lora.safetensors")
    golden = {}
    for run in ("none", "lora"):
        pipe = pipeline()
        if run == "lora":
            pipe.load_lora_weights(folder, weight_name="lora.safetensors", adapter_name="lora")
            pipe.set_adapters(["lora"], [LORA_WEIGHT])
        told = pipe.encode_prompt(PROMPT, negative_prompt=NEGATIVE, do_classifier_free_guidance=True)
        golden[f"{run}.prompt"], golden[f"{run}.pooled"] = told[0], told[2]
        for sampler, kind in (
            ("euler", EulerDiscreteScheduler), ("euler_ancestral", EulerAncestralDiscreteScheduler),
        ):
            pipe.scheduler = kind.from_pretrained(HERE / "xl", subfolder="scheduler")
            golden[f"{run}.{sampler}"] = pipe(
                PROMPT, negative_prompt=NEGATIVE, guidance_scale=GUIDANCE, num_inference_steps=LORA_STEPS,
                height=16, width=16, generator=torch.Generator().manual_seed(SEED), output_type="latent",
            ).images
    for what in ("prompt", "pooled", "euler"):
        gap = (golden[f"lora.{what}"] - golden[f"none.{what}"]).abs().max().item()
        print(what, gap)
        assert gap > 0.05, what
    golden = {key: value.contiguous() for key, value in golden.items() if key.startswith("lora.")}
    save_file(golden, folder / "golden.safetensors")


if __name__ == "__main__":
    make_inpaint()
    make_lora()
