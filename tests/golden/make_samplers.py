"""Makes `samplers.json` in this folder: whole runs of every sampler over a toy denoiser.

    pip install torch==2.15.0 diffusers==0.42.1 k-diffusion torchsde scipy numpy
    python make_samplers.py

Four samplers on two schedules are run by diffusers' classes for many configurations. The others are
run by k-diffusion's functions where they are those of its family, else by diffusers' classes. A
schedule the reference does not offer is given to it: its levels are computed here as A1111 and ComfyUI
define them, and put where the class keeps its own.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    LCMScheduler,
    PNDMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)
from diffusers.schedulers.scheduling_utils import AysSchedules
from k_diffusion import sampling
from k_diffusion.external import DiscreteSchedule

from make import SCHEDULERS

HERE = Path(__file__).resolve().parent
SEED = 3
SHAPE = (1, 1, 4, 4)
PICTURE = torch.arange(16).reshape(SHAPE) / 8 - 1

BASE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False}
VELOCITY = BASE | {"prediction_type": "v_prediction"}
CONFIGS = [BASE | {"prediction_type": "epsilon"}, VELOCITY]
CONFIGS += [BASE | {"timestep_spacing": s, "steps_offset": 1} for s in ("linspace", "leading", "trailing")]
CONFIGS += [
    BASE | {"set_alpha_to_one": False, "final_sigmas_type": "sigma_min"},
    BASE | {"clip_sample": True, "clip_sample_range": 0.8},
    BASE | {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02},
    BASE | {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"},
    BASE | {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction", "timestep_spacing": "trailing"},
    BASE | {"solver_type": "heun", "euler_at_final": True},
    BASE | {"num_train_timesteps": 200},
]


def toy_denoiser(latents, timestep):
    """Depends on both inputs and mixes neighbours, so that no two steps are alike."""
    return 0.6 * latents.roll(1, -1) + 0.2 * torch.sin(3 * latents + float(timestep) / 200)


def made(kind, config, **options):
    """A scheduler of diffusers, told what it knows of a configuration."""
    known = {key: value for key, value in config.items() if key in kind().config}
    return kind(**{**known, **options})


def run(config, sampler, schedule, steps, timesteps, latents, **more):
    return {
        "config": config, "sampler": sampler, "schedule": schedule, "steps": steps, **more,
        "timesteps": [float(f"{float(t):.6g}") for t in timesteps],
        "latents": [float(f"{value:.7g}") for value in latents.flatten().tolist()],
    }


# What levels a schedule visits.


def table(config):
    """The noise levels of training, as k-diffusion keeps them."""
    scheduler = made(EulerDiscreteScheduler, config)
    alphas = scheduler.alphas_cumprod
    return DiscreteSchedule(((1 - alphas) / alphas) ** 0.5, quantize=False)


def loglinear(levels, steps):
    places = np.linspace(0, 1, len(levels))
    return np.exp(np.interp(np.linspace(0, 1, steps), places, np.log(levels)))


def aligned(steps):
    # The published table ends at no noise in diffusers, and at 0.029 in A1111.
    levels = AysSchedules["StableDiffusionSigmas"][:-1] + [0.029]
    return levels if steps == len(levels) else loglinear(levels, steps).tolist()


def levels_between(schedule, config, highest, lowest, steps):
    """The levels of a schedule, noisiest first, without the end."""
    known = table(config)
    train = len(known.sigmas)
    if schedule == "karras":
        return sampling.get_sigmas_karras(steps, lowest, highest)[:-1].double()
    if schedule == "exponential":
        return sampling.get_sigmas_exponential(steps, lowest, highest)[:-1].double()
    if schedule == "polyexponential":
        return sampling.get_sigmas_polyexponential(steps, lowest, highest)[:-1].double()
    if schedule == "beta":
        scheduler = EulerDiscreteScheduler()
        ends = np.array([highest, lowest])
        return torch.from_numpy(scheduler._convert_to_beta(torch.from_numpy(ends), steps))
    if schedule == "sgm_uniform":
        start, end = known.sigma_to_t(known.sigma_max), known.sigma_to_t(known.sigma_min)
        return known.t_to_sigma(torch.linspace(start, end, steps + 1)[:-1]).double()
    if schedule == "align_your_steps":
        return torch.tensor(aligned(steps), dtype=torch.float64)
    if schedule == "simple":
        return torch.stack([known.sigmas[-(1 + int(x * train / steps))] for x in range(steps)]).double()
    if schedule == "ddim_uniform":
        # As many as are asked for, counted up from 1.
        return known.sigmas[1 :: max(train // steps, 1)][:steps].flip(0).double()
    raise ValueError(schedule)


# k-diffusion's own samplers.

K_SAMPLERS = {
    "euler": sampling.sample_euler,
    "euler_ancestral": sampling.sample_euler_ancestral,
    "heun": sampling.sample_heun,
    "dpm_2": sampling.sample_dpm_2,
    "dpm_2_ancestral": sampling.sample_dpm_2_ancestral,
    "dpmpp_2s_ancestral": sampling.sample_dpmpp_2s_ancestral,
    "dpmpp_sde": sampling.sample_dpmpp_sde,
    "dpmpp_2m_sde": sampling.sample_dpmpp_2m_sde,
    "dpmpp_3m_sde": sampling.sample_dpmpp_3m_sde,
    "lms": sampling.sample_lms,
}
SDE = ("dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde")
# From a level this far up f32 no longer tells the picture from the noise, on this scale.
FAR = 1000
# Above this one unit of f32 in a level moves what grew over a Brownian path by hundredths.
GROWN = 1000
ANCESTRAL = ("euler_ancestral", "dpm_2_ancestral", "dpmpp_2s_ancestral")


class Wrapped:
    """The toy denoiser as k-diffusion calls it; remembers what it was told."""

    def __init__(self, config):
        self.known, self.prediction, self.told = table(config), config.get("prediction_type", "epsilon"), []

    def __call__(self, x, sigma):
        sigma = sigma[0]
        timestep = self.known.sigma_to_t(sigma[None])[0]
        self.told.append(float(timestep))
        output = toy_denoiser(x / (sigma**2 + 1) ** 0.5, timestep)
        if self.prediction == "v_prediction":
            return x / (sigma**2 + 1) - output * sigma / (sigma**2 + 1) ** 0.5
        return output if self.prediction == "sample" else x - output * sigma


class WrappedFlow:
    def __init__(self):
        self.told = []

    def __call__(self, x, sigma):
        self.told.append(float(sigma[0] * 1000))
        return x - sigma[0] * toy_denoiser(x, sigma[0] * 1000)


def k_sigmas(config, schedule, steps):
    own = made(EulerDiscreteScheduler, {k: v for k, v in config.items() if k != "final_sigmas_type"})
    own.set_timesteps(steps)
    if schedule != "normal":
        highest, lowest = own.sigmas[0].item(), own.sigmas[-2].item()
        levels = levels_between(schedule, config, highest, lowest, steps)
        own.sigmas = torch.cat([levels.float(), torch.zeros(1)])
    return own.sigmas, own.init_noise_sigma


def k_loop(sampler, model, sigmas, latents, generator):
    more = {}
    if sampler in SDE:
        positive = sigmas[sigmas > 0]
        more["noise_sampler"] = sampling.BrownianTreeNoiseSampler(latents, positive.min(), sigmas.max(), seed=SEED)
    if sampler in ANCESTRAL:
        more["noise_sampler"] = lambda *_: torch.randn(SHAPE, generator=generator)
    return more


def k_run(config, sampler, schedule, steps, first_step=0):
    sigmas, scale = k_sigmas(config, schedule, steps)
    if sigmas.max() > FAR:
        return None
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(SHAPE, generator=generator)
    latents = PICTURE + noise * sigmas[first_step] if first_step else noise * scale
    model = Wrapped(config)
    more = k_loop(sampler, model, sigmas, latents, generator)
    latents = K_SAMPLERS[sampler](model, latents, sigmas[first_step:], disable=True, **more)
    if sampler in SDE and latents.abs().max() > GROWN:
        return None
    begun = {"first_step": first_step} if first_step else {}
    return run(config, sampler, schedule, steps, model.told, latents, **begun)


# diffusers' classes.


def class_loop(scheduler, latents, generator=None, told=None, begin=0):
    """A loop over a scheduler; `told`: what the denoiser is told in place of its timesteps."""
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    timesteps = scheduler.timesteps[begin:]
    told = timesteps if told is None else told
    for timestep, say in zip(timesteps, told):
        output = toy_denoiser(scheduler.scale_model_input(latents, timestep), say)
        extra = {"generator": generator} if generator is not None else {}
        latents = scheduler.step(output, timestep, latents, **extra).prev_sample
    return told, latents


def start(scheduler, at=None, first_step=0):
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(SHAPE, generator=generator)
    if first_step:
        signal = at ** 0.5
        return generator, signal * PICTURE + (1 - at) ** 0.5 * noise
    return generator, noise * scheduler.init_noise_sigma


MULTISTEP = {"dpmpp_2m": DPMSolverMultistepScheduler, "uni_pc": UniPCMultistepScheduler}


def multistep_run(config, sampler, schedule, steps, first_step=0):
    kind = MULTISTEP[sampler]
    options = {"use_karras_sigmas": True} if schedule == "karras" else {}
    scheduler = made(kind, config, **options)
    scheduler.set_timesteps(steps)
    if schedule not in ("normal", "karras"):
        known = table(config)
        levels = levels_between(schedule, config, known.sigma_max.item(), known.sigma_min.item(), steps)
        scheduler.sigmas = torch.cat([levels.float(), scheduler.sigmas[-1:]])
        told = known.sigma_to_t(levels.float())
        told = told.trunc() if config["beta_schedule"] == "squaredcos_cap_v2" else told.round()
        scheduler.timesteps = told.long()
    sigma = scheduler.sigmas[first_step]
    generator, latents = start(scheduler, 1 / (sigma**2 + 1), first_step)
    stochastic = config.get("algorithm_type") == "sde-dpmsolver++"
    told, latents = class_loop(scheduler, latents, generator if stochastic else None, begin=first_step)
    begun = {"first_step": first_step} if first_step else {}
    return run(config, sampler, schedule, steps, told, latents, **begun)


ON_LEVELS = {"ddim": DDIMScheduler, "plms": PNDMScheduler}


def alphas_run(config, sampler, schedule, steps, first_step=0):
    """DDIM and PLMS on given levels: the class is told that it was trained on them alone."""
    if sampler == "plms" and config.get("rescale_betas_zero_snr"):
        # The class does not know it.
        return None
    options = {"skip_prk_steps": True} if sampler == "plms" else {}
    known = table(config)
    if schedule == "normal":
        scheduler = made(ON_LEVELS[sampler], config, **options)
        scheduler.set_timesteps(steps)
        if not first_step:
            generator, latents = start(scheduler)
            told, latents = class_loop(scheduler, latents)
            return run(config, sampler, schedule, steps, told, latents)
        # Leading spacing: each move ends at the next level.
        alphas, final = scheduler.alphas_cumprod[scheduler.timesteps.unique().flip(0)], scheduler.final_alpha_cumprod
        told = scheduler.timesteps.unique().flip(0)
    else:
        levels = levels_between(schedule, config, known.sigma_max.item(), known.sigma_min.item(), steps)
        told = known.sigma_to_t(levels.float()).round()
        alphas, final = 1 / (levels**2 + 1), torch.tensor(1.0)
    told, alphas = told[first_step:], alphas[first_step:]
    rest = {k: v for k, v in config.items() if k not in ("timestep_spacing", "steps_offset", "num_train_timesteps", "rescale_betas_zero_snr")}
    scheduler = made(ON_LEVELS[sampler], rest, num_train_timesteps=len(told), **options)
    scheduler.alphas_cumprod, scheduler.final_alpha_cumprod = alphas.float().flip(0), final
    scheduler.set_timesteps(len(told))
    generator, latents = start(scheduler, alphas[0].float(), first_step)
    said = [told[len(told) - 1 - int(t)] for t in scheduler.timesteps]
    said, latents = class_loop(scheduler, latents, told=said)
    begun = {"first_step": first_step} if first_step else {}
    return run(config, sampler, schedule, steps, said, latents, **begun)


NEAREST = {"ddpm": DDPMScheduler, "lcm": LCMScheduler, "tcd": TCDScheduler}


def nearest_run(config, sampler, schedule, steps, first_step=0):
    scheduler = made(NEAREST[sampler], config)
    if config.get("rescale_betas_zero_snr"):
        # The other classes keep it from being 0.
        scheduler.alphas_cumprod[-1] = 2**-24
    if schedule == "normal":
        scheduler.set_timesteps(steps)
    else:
        known = table(config)
        levels = levels_between(schedule, config, known.sigma_max.item(), known.sigma_min.item(), steps)
        told = known.sigma_to_t(levels.float()).round().long().tolist()
        if len(set(told)) < len(told):
            return None
        scheduler.set_timesteps(timesteps=told)
    at = scheduler.alphas_cumprod[scheduler.timesteps[first_step]]
    generator, latents = start(scheduler, at, first_step)
    told, latents = class_loop(scheduler, latents, generator, begin=first_step)
    begun = {"first_step": first_step} if first_step else {}
    return run(config, sampler, schedule, steps, told, latents, **begun)


RUNNERS = (
    {name: k_run for name in K_SAMPLERS}
    | {name: multistep_run for name in MULTISTEP}
    | {name: alphas_run for name in ON_LEVELS}
    | {name: nearest_run for name in NEAREST}
)
SCHEDULES = (
    "normal", "karras", "exponential", "polyexponential", "sgm_uniform", "align_your_steps", "simple",
    "ddim_uniform", "beta",
)


def first_loop(scheduler, steps):
    scheduler.set_timesteps(steps)
    # Else two equal first timesteps, as rounding can give, make some classes start at the second.
    generator, latents = start(scheduler)
    stochastic = isinstance(scheduler, EulerAncestralDiscreteScheduler)
    return class_loop(scheduler, latents, generator if stochastic else None)


def first_samplers():
    """The samplers that diffusers has as they are."""
    for config in CONFIGS:
        for sampler, schedule, kind, options in SCHEDULERS:
            # Through DPM-Solver++ the Karras DDIM knows no clipping, and cuts timesteps of the
            # cosine schedule where all other paths round them.
            odd = config["clip_sample"] or config["beta_schedule"] == "squaredcos_cap_v2"
            if sampler == "ddim" and schedule == "karras" and odd:
                continue
            for steps in (1, 4, 10, 21):
                known = config
                if sampler == "ddim" and schedule == "karras":
                    known = {k: v for k, v in config.items() if k != "final_sigmas_type"}
                told, latents = first_loop(made(kind, known, **options), steps)
                yield run(config, sampler, schedule, steps, told, latents)


def other_samplers():
    done = {(sampler, schedule) for sampler, schedule, *_ in SCHEDULERS}
    for sampler, runner in RUNNERS.items():
        for schedule in SCHEDULES:
            if (sampler, schedule) in done:
                continue
            if schedule == "normal":
                cases = [(config, steps) for config in CONFIGS for steps in (4, 10)]
                # k-diffusion's own fail at a single step.
                few = (21,) if sampler in ("dpmpp_2m_sde", "dpmpp_3m_sde") else (1, 21)
                cases += [(CONFIGS[0], steps) for steps in few]
            else:
                # Numbers of steps whose levels do not fall halfway between two training steps.
                cases = [(CONFIGS[0], 5), (CONFIGS[0], 11), (VELOCITY, 9), (VELOCITY, 5), (CONFIGS[6], 7)]
            for config, steps in cases:
                yield runner(config, sampler, schedule, steps)


def midway():
    leading = BASE | {"timestep_spacing": "leading", "steps_offset": 1}
    for sampler, runner in RUNNERS.items():
        for schedule in ("normal", "karras"):
            config = leading if sampler in ON_LEVELS else CONFIGS[0]
            yield runner(config, sampler, schedule, 10, first_step=4)


def options():
    """What models' files may ask for."""
    for extra in ({"algorithm_type": "sde-dpmsolver++"}, {"algorithm_type": "sde-dpmsolver++", "solver_type": "heun"},
                  {"solver_order": 3}, {"solver_order": 1}):
        for steps in (6, 17):
            yield multistep_run(BASE | extra, "dpmpp_2m", "normal", steps)
    for extra in ({"solver_type": "bh1"}, {"solver_order": 3}, {"solver_order": 3, "solver_type": "bh1"},
                  {"solver_order": 3, "lower_order_final": False, "final_sigmas_type": "sigma_min"}):
        yield multistep_run(BASE | extra, "uni_pc", "normal", 9)
    for extra in ({"variance_type": "fixed_large"}, {"variance_type": "fixed_small_log"}):
        yield nearest_run(BASE | extra, "ddpm", "normal", 7)
    for extra in ({"original_inference_steps": 100}, {"original_inference_steps": 20, "timestep_scaling": 0.01}):
        yield nearest_run(BASE | extra, "lcm", "normal", 6)
    sample = BASE | {"prediction_type": "sample"}
    for sampler in ("euler", "heun", "dpmpp_2m", "uni_pc", "ddpm", "lcm", "tcd"):
        yield RUNNERS[sampler](sample, sampler, "normal", 8)
    told, latents = first_loop(made(DDIMScheduler, sample), 8)
    yield run(sample, "ddim", "normal", 8, told, latents)
    for flag in ("use_exponential_sigmas", "use_beta_sigmas"):
        config = BASE | {flag: True}
        told, latents = first_loop(made(EulerDiscreteScheduler, config), 9)
        yield run(config, "euler", "normal", 9, told, latents)


def flow():
    name = {"_class_name": "FlowMatchEulerDiscreteScheduler"}
    dynamic = {"use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.15, "base_image_seq_len": 256, "max_image_seq_len": 4096}
    for config in ({}, {"shift": 3.0}, dynamic, dynamic | {"time_shift_type": "linear"}, {"shift": 2.0, "shift_terminal": 0.1}):
        for schedule in ("normal", "karras", "exponential", "beta"):
            for steps in (1, 4, 9):
                flags = {} if schedule == "normal" else {f"use_{schedule}_sigmas": True}
                scheduler = FlowMatchEulerDiscreteScheduler(**config, **flags)
                if "shift_terminal" in config and steps == 1:
                    continue
                tokens, more = 1024, {}
                if "use_dynamic_shifting" in config:
                    mu = 0.5 + (1.15 - 0.5) * (tokens - 256) / (4096 - 256)
                    more = {"sigmas": np.linspace(1.0, 1 / steps, steps), "mu": mu}
                scheduler.set_timesteps(steps, **more)
                latents = torch.randn(SHAPE, generator=torch.Generator().manual_seed(SEED))
                begun, sigmas = latents, scheduler.sigmas
                told, latents = class_loop_flow(scheduler, latents)
                yield run(name | config, "euler", schedule, steps, told, latents, tokens=tokens)
                if steps == 9 and "shift" in config:
                    for sampler in ("heun", "dpm_2", "lms"):
                        model = WrappedFlow()
                        latents = K_SAMPLERS[sampler](model, begun, sigmas, disable=True)
                        yield run(name | config, sampler, schedule, steps, model.told, latents, tokens=tokens)


def class_loop_flow(scheduler, latents):
    for timestep in scheduler.timesteps:
        latents = scheduler.step(toy_denoiser(latents, timestep), timestep, latents).prev_sample
    return scheduler.timesteps, latents


def main():
    runs = [*first_samplers(), *other_samplers(), *midway(), *options(), *flow()]
    finite = [found for found in runs if found and all(math.isfinite(value) for value in found["latents"])]
    lines = ",\n".join(json.dumps(found) for found in finite)
    (HERE / "samplers.json").write_text(f"[\n{lines}\n]\n")
    print(len(finite), "sampler runs of", len(runs))


if __name__ == "__main__":
    main()
