"""Makes the golden numbers of shortcuts: guidance in an interval, and DeepCache.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.23.0 numpy
    python make_shortcuts.py

diffusers computes neither by itself here: a wrapper around its UNet does both. Where a step is not
guided, the UNet sees the prompt alone and its output stands for both halves of the batch. Where a
step is not whole, every block but the outermost ones gives what it gave last, as in the authors'
own helper (Ma et al. 2023, https://github.com/horseee/DeepCache), `cache_branch_id` 0.

`shortcuts.safetensors` in `epsilon/` and `velocity/`, which `make.py` has made: pictures from a
prompt, and with `epsilon/` from a picture, whole and masked. `sprout-like/` is a UNet of Sprout's
layout that goes with the other parts of `epsilon/`. `work.json` holds the multiplications of UNets
as torch counts them.
"""

import json
import shutil

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from make import GUIDANCE, HERE, NEGATIVE, PROMPT, SEED, STEPS, scene, shake
from PIL import Image
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode

SCHEDULERS = {
    "ddim": DDIMScheduler,
    "euler_ancestral": EulerAncestralDiscreteScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
}
# From where to where guidance is computed, and of how many steps one is whole.
SHORTCUTS = [(0.0, 1.0, 2), (0.0, 1.0, 3), (0.0, 1.0, 5), (0.2, 0.7, 1), (0.2, 0.7, 3), (0.0, 0.5, 4)]
STRENGTH = 0.65


class Shortcuts:
    """Wraps a UNet; counts its calls from 0 whenever `begin` is called."""

    def __init__(self, unet):
        self.unet, self.forward = unet, unet.forward
        self.kept = {}
        self.whole = True
        unet.forward = self.call
        inside = [*unet.down_blocks, *unet.up_blocks[:-1]] + ([unet.mid_block] if unet.mid_block else [])
        last = unet.up_blocks[-1]
        inside += [*last.resnets[:-1], *(last.attentions[:-1] if hasattr(last, "attentions") else [])]
        for module in inside:
            self.wrap(module)

    def wrap(self, module):
        forward = module.forward

        def kept_or_new(*args, **kwargs):
            if self.whole:
                self.kept[module] = forward(*args, **kwargs)
            return self.last(self.kept[module])

        module.forward = kept_or_new

    def last(self, kept):
        """Of what was kept, the last pictures, as many as are computed now: the prompt's come last."""
        return tuple(self.last(one) for one in kept) if isinstance(kept, tuple) else kept[-self.batch :]

    def begin(self, guided, interval, steps):
        self.first, self.end = (int(fraction * steps) for fraction in guided)
        self.interval, self.step = interval, 0
        self.since, self.before = 0, False
        self.whole_calls = self.guided_calls = 0

    def call(self, sample, timestep, encoder_hidden_states, **kwargs):
        guided = self.first <= self.step < self.end
        self.step += 1
        self.whole = self.since % self.interval == 0 or (guided and not self.before)
        self.since = 1 if self.whole else self.since + 1
        self.before = guided
        self.whole_calls += self.whole
        self.guided_calls += guided
        if guided:
            self.batch = 2
            return self.forward(sample, timestep, encoder_hidden_states, **kwargs)
        self.batch = 1
        (output,) = self.forward(sample[1:], timestep, encoder_hidden_states[1:], **kwargs)
        return (torch.cat([output, output]),)


def make_sprout_like():
    """A denoiser with Sprout's blocks, layers and heads, and few channels."""
    folder = HERE / "sprout-like"
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(41)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16, 24),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=(2, 4, 6),
        cross_attention_dim=24,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )
    shake(unet, 43).save_pretrained(folder / "unet")
    return folder, {"unet": unet}


@torch.no_grad()
def write_goldens(folder, parts, kinds):
    factor = 2 ** (len(parts["vae"].config.block_out_channels) - 1)
    pixels, mask = scene(factor)
    golden = {"image": torch.from_numpy(pixels), "mask": torch.from_numpy(mask)}
    wrapped = Shortcuts(parts["unet"])
    for verb, kind in kinds.items():
        pipe = kind(**(parts | {"safety_checker": None, "requires_safety_checker": False}))
        pipe.set_progress_bar_config(disable=True)
        more = {"height": 8 * factor, "width": 8 * factor}
        steps = STEPS
        if verb != "draw":
            more = {"image": Image.fromarray(pixels), "strength": STRENGTH}
            steps = int(STEPS * STRENGTH)
        if verb == "inpaint":
            more |= {"mask_image": Image.fromarray(mask), "height": 8 * factor, "width": 10 * factor}
        for sampler, solver in SCHEDULERS.items():
            for start, end, interval in SHORTCUTS:
                pipe.scheduler = solver.from_config(parts["scheduler"].config)
                key = f"{verb}.{sampler}.{start}.{end}.{interval}"
                out = []
                for output in ("latent", "np"):
                    wrapped.begin((start, end), interval, steps)
                    out.append(
                        pipe(
                            PROMPT,
                            negative_prompt=NEGATIVE,
                            guidance_scale=GUIDANCE,
                            num_inference_steps=STEPS,
                            generator=torch.Generator().manual_seed(SEED),
                            output_type=output,
                            **more,
                        ).images
                    )
                    assert wrapped.step == steps, (key, wrapped.step)
                golden[f"{key}.latents"] = out[0]
                golden[f"{key}.picture"] = torch.from_numpy(out[1])[0]
                golden[f"{key}.calls"] = torch.tensor([wrapped.whole_calls, wrapped.guided_calls])
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "shortcuts.safetensors")


def multiplications(config, side):
    """Of one call for one prompt of 77 tokens, whole and of the outermost layers alone."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(**config)
        latents = torch.empty(1, unet.config.in_channels, side, side)
        prompt = torch.empty(1, 77, unet.config.cross_attention_dim)
        timestep = torch.tensor(1)
    with FlopCounterMode(display=False) as counter:
        unet(latents, timestep, prompt)
    last = unet.up_blocks[-1]
    up, layer = f"up_blocks.{len(unet.up_blocks) - 1}", len(last.resnets) - 1
    outermost = ["time_embedding", "conv_in", "conv_out", f"{up}.resnets.{layer}"]
    if hasattr(last, "attentions"):
        outermost.append(f"{up}.attentions.{layer}")
    counts = counter.get_flop_counts()
    # An operation is a product or a sum; they come in pairs.
    of = lambda name: sum(counts[name].values()) // 2
    return of("UNet2DConditionModel"), sum(of(f"UNet2DConditionModel.{name}") for name in outermost)


def make_work():
    configs = {"sd15": {"attention_head_dim": 8, "cross_attention_dim": 768}}
    folders = {name: HERE / name for name in ("epsilon", "velocity", "sprout-like")}
    folders["sprout"] = HERE.parent.parent / "assets/sprout/model"
    for name, folder in folders.items():
        config = json.loads((folder / "unet/config.json").read_text())
        configs[name] = {key: value for key, value in config.items() if not key.startswith("_")}
    rows = []
    for name, config in configs.items():
        calls = [[side, *multiplications(config, side)] for side in (16, 32, 64)]
        rows.append({"unet": name, "config": config, "side_whole_outer": calls})
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "work.json").write_text(f"[\n{lines}\n]\n")


def components(name):
    return StableDiffusionPipeline.from_pretrained(HERE / name, safety_checker=None, local_files_only=True).components


if __name__ == "__main__":
    draw = {"draw": StableDiffusionPipeline}
    change = {"change": StableDiffusionImg2ImgPipeline, "inpaint": StableDiffusionInpaintPipeline}
    write_goldens(HERE / "epsilon", components("epsilon"), draw | change)
    write_goldens(HERE / "velocity", components("velocity"), draw)
    folder, unet = make_sprout_like()
    write_goldens(folder, components("epsilon") | unet, draw)
    make_work()
