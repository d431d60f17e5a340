"""Makes LoRAs for the models of `make.py` and `make_sd3.py`, and what diffusers draws with them.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0 peft==0.21.2
    python make_lora_runs.py

`epsilon_lora/`, `velocity_lora/` and `sd3_lora/` each hold `lora.safetensors`, which changes the denoiser and the text
encoders of CLIP in PEFT's spelling, and `golden.safetensors`: latents and the picture of twenty steps.
"""

import torch
from diffusers import EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, StableDiffusionPipeline
from safetensors.torch import save_file

from make import GUIDANCE, HERE, NEGATIVE, PROMPT, SEED
from make_adapters import noise, targets
from make_sd3 import load, picture, run

WEIGHT, RANK, SIZE, STEPS = 0.7, 2, 0.3, 20
TEXT = ("q_proj", "out_proj", "fc2")
UNET = ("to_q", "to_v", "to_out.0", "ff.net.0.proj", "conv1")
JOINT = ("to_q", "to_v", "add_k_proj", "to_out.0", "ff.net.0.proj")


def write(name, pipe, networks):
    """A file that changes some layers of each network."""
    folder = HERE / f"{name}_lora"
    folder.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(91)
    named = {}
    for part, endings in networks:
        for layer, module in targets(getattr(pipe, part), endings):
            out, wide, *kernel = module.weight.shape
            named[f"{part}.{layer}.lora_A.weight"] = noise((RANK, wide, *kernel), generator, SIZE)
            named[f"{part}.{layer}.lora_B.weight"] = noise((out, RANK, *[1] * len(kernel)), generator, SIZE)
    save_file({key: value.contiguous() for key, value in named.items()}, folder / "lora.safetensors")
    return folder


def changed(pipe, folder, networks):
    pipe.load_lora_weights(folder, weight_name="lora.safetensors")
    # Not set_adapters: it fails where layers_per_block is a list.
    pipe.fuse_lora(components=[part for part, _ in networks], lora_scale=WEIGHT)


def finish(folder, plain, golden):
    gap = (golden["euler"] - plain).abs().max().item()
    print(folder.name, gap)
    assert gap > 0.05, folder
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")


@torch.no_grad()
def make_sd(name):
    pipe = StableDiffusionPipeline.from_pretrained(
        HERE / name, local_files_only=True, torch_dtype=torch.float32, safety_checker=None
    )
    pipe.set_progress_bar_config(disable=True)
    side = 8 * pipe.vae_scale_factor

    def drawn(kind, output="latent"):
        pipe.scheduler = kind.from_pretrained(HERE / name, subfolder="scheduler")
        return pipe(
            PROMPT, negative_prompt=NEGATIVE, guidance_scale=GUIDANCE, num_inference_steps=STEPS,
            height=side, width=side, generator=torch.Generator().manual_seed(SEED), output_type=output,
        ).images

    networks = [("unet", UNET), ("text_encoder", TEXT)]
    folder = write(name, pipe, networks)
    plain = drawn(EulerDiscreteScheduler)
    changed(pipe, folder, networks)
    golden = {
        "euler": drawn(EulerDiscreteScheduler),
        "euler_ancestral": drawn(EulerAncestralDiscreteScheduler),
        "picture": torch.from_numpy(drawn(EulerDiscreteScheduler, "np"))[0],
    }
    finish(folder, plain, golden)


@torch.no_grad()
def make_joint():
    pipe = load(HERE / "sd3")
    networks = [("transformer", JOINT), ("text_encoder", TEXT), ("text_encoder_2", TEXT)]
    folder = write("sd3", pipe, networks)
    plain = run(pipe)
    changed(pipe, folder, networks)
    finish(folder, plain, {"euler": run(pipe), "picture": picture(pipe)})


if __name__ == "__main__":
    make_sd("epsilon")
    make_sd("velocity")
    make_joint()
