"""Whole runs of 20 steps of every sampler that diffusers has, on the model's own schedule.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0
    python make_runs.py

Writes `runs.safetensors` into `epsilon/`, `velocity/` and `xl/`: latents, and of one sampler each the
picture.
"""

import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    KDPM2AncestralDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    TCDScheduler,
    UniPCMultistepScheduler,
)
from safetensors.torch import save_file

from make import GUIDANCE, HERE, NEGATIVE, PROMPT, SEED

STEPS = 20
SAMPLERS = {
    "ddim": DDIMScheduler,
    "ddpm": DDPMScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
    "dpm_2": KDPM2DiscreteScheduler,
    "dpm_2_ancestral": KDPM2AncestralDiscreteScheduler,
    "euler": EulerDiscreteScheduler,
    "euler_ancestral": EulerAncestralDiscreteScheduler,
    "heun": HeunDiscreteScheduler,
    "lcm": LCMScheduler,
    "lms": LMSDiscreteScheduler,
    "plms": PNDMScheduler,
    "tcd": TCDScheduler,
    "uni_pc": UniPCMultistepScheduler,
}
MODELS = {
    "epsilon": StableDiffusionPipeline,
    "velocity": StableDiffusionPipeline,
    "xl": StableDiffusionXLPipeline,
}


@torch.no_grad()
def make(name, kind):
    extra = {"add_watermarker": False} if kind is StableDiffusionXLPipeline else {"safety_checker": None}
    pipe = kind.from_pretrained(HERE / name, local_files_only=True, torch_dtype=torch.float32, **extra)
    pipe.set_progress_bar_config(disable=True)
    side = 8 * 2 ** (len(pipe.vae.config.block_out_channels) - 1)
    golden = {}
    for sampler, scheduler in SAMPLERS.items():
        options = {"skip_prk_steps": True} if sampler == "plms" else {}
        run = dict(
            prompt=PROMPT, negative_prompt=NEGATIVE, guidance_scale=GUIDANCE, num_inference_steps=STEPS,
            height=side, width=side,
        )
        for output in ("latent", "np") if sampler == "uni_pc" else ("latent",):
            pipe.scheduler = scheduler.from_pretrained(HERE / name, subfolder="scheduler", **options)
            # The share of noise its authors recommend; other schedulers are told none.
            run["eta"] = 0.3 if sampler == "tcd" else 0.0
            made = pipe(**run, generator=torch.Generator().manual_seed(SEED), output_type=output).images
            if output == "latent":
                golden[f"run.{sampler}"] = made.contiguous()
            else:
                golden["picture"] = torch.from_numpy(made)[0].contiguous()
    save_file(golden, HERE / name / "runs.safetensors")
    print(name, {key: float(value.abs().max()) for key, value in golden.items()})


if __name__ == "__main__":
    for name, kind in MODELS.items():
        make(name, kind)
