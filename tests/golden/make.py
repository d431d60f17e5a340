"""Makes every golden number in this folder with the reference implementation.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.23.0 numpy
    python make.py [--clip-merges merges.txt.gz]

`epsilon/` and `velocity/` are tiny models with random weights in the diffusers layout, one spelled
like the folders published for Stable Diffusion 1.5, the other as today's libraries write them.
Each holds `golden.safetensors`: what diffusers and transformers compute with it.
`starts.safetensors` beside it: the same from a picture, whole and masked. `inpaint/` is a denoiser of
9 channels that goes with the other parts of `epsilon/`.
`noise.safetensors` holds values of torch.randn; `clip_tokens.json` ids of OpenAI CLIP's own vocabulary.
"""

import argparse
import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

HERE = Path(__file__).resolve().parent
PROMPT = "A red sailboat, on the ocean's edge at sunset!"
NEGATIVE = "blurry 日落"
STEPS, SEED, GUIDANCE = 10, 7, 4.0

WORDS = PROMPT + " " + NEGATIVE + " the cat sat on a mat in the snow under the moon's light "


def shake(module, seed):
    """Moves every parameter off its initial value: norms start at 1 and 0 and would hide errors."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.08)
    return module.eval()


def train_vocabulary(size):
    """A small vocabulary of CLIP's kind: bytes, bytes ending a word, merges, two marks."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator([WORDS.replace(" ", "\n")] * 3, trainer)
    merges = [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
    tokens = alphabet + [c + "</w>" for c in alphabet]
    kept = []
    for left, right in merges:
        if left in tokens and right in tokens and left + right not in tokens:
            kept.append((left, right))
            tokens.append(left + right)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return {token: index for index, token in enumerate(tokens)}, kept


def text_encoder(vocabulary, activation, seed):
    torch.manual_seed(seed)
    config = CLIPTextConfig(
        vocab_size=len(vocabulary),
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=3,
        max_position_embeddings=77,
        hidden_act=activation,
        bos_token_id=vocabulary["<|startoftext|>"],
        eos_token_id=vocabulary["<|endoftext|>"],
        pad_token_id=vocabulary["<|endoftext|>"],
    )
    return shake(CLIPTextModel(config), seed)


def rename_keys(file, rename):
    save_file({rename(key): value.contiguous() for key, value in load_file(file).items()}, file)


def write_model(name, vocabulary, merges, parts, scheduler, pipeline):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    for part, module in parts.items():
        module.save_pretrained(folder / part)
    (folder / "scheduler").mkdir()
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler, indent=2) + "\n")
    (folder / "model_index.json").write_text(json.dumps(pipeline, indent=2) + "\n")
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer/vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
    (folder / "tokenizer/merges.txt").write_text("\n".join(lines) + "\n")
    return folder


INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.42.1",
    "feature_extractor": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "PNDMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def make_epsilon():
    """Spelled like the folder published for Stable Diffusion 1.5."""
    vocabulary, merges = train_vocabulary(600)
    torch.manual_seed(11)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=2,
        norm_num_groups=8,
        attention_head_dim=2,
        cross_attention_dim=24,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4,
        sample_size=16,
    )
    parts = {
        "text_encoder": text_encoder(vocabulary, "quick_gelu", 12),
        "unet": shake(unet, 13),
        "vae": shake(vae, 14),
    }
    scheduler = {
        "_class_name": "PNDMScheduler",
        "_diffusers_version": "0.6.0",
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "num_train_timesteps": 1000,
        "set_alpha_to_one": False,
        "skip_prk_steps": True,
        "steps_offset": 1,
        "trained_betas": None,
        "clip_sample": False,
    }
    folder = write_model("epsilon", vocabulary, merges, parts, scheduler, INDEX)
    rename_keys(folder / "text_encoder/model.safetensors", lambda key: "text_model." + key)
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}

    def old_name(key):
        for new, name in old.items():
            key = key.replace(f"attentions.0.{new}.", f"attentions.0.{name}.")
        return key

    rename_keys(folder / "vae/diffusion_pytorch_model.safetensors", old_name)
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    (folder / "tokenizer/special_tokens_map.json").write_text(json.dumps(special))
    (folder / "tokenizer/tokenizer_config.json").write_text(json.dumps({"model_max_length": 77}))
    return folder


def make_velocity():
    """As today's libraries write it; other block types, linear projections, exact GELU."""
    vocabulary, merges = train_vocabulary(560)
    torch.manual_seed(21)
    unet = UNet2DConditionModel(
        in_channels=6,
        out_channels=6,
        sample_size=8,
        block_out_channels=(16, 32, 32),
        layers_per_block=(1, 2, 1),
        norm_num_groups=4,
        attention_head_dim=(2, 4, 4),
        transformer_layers_per_block=(1, 2, 1),
        cross_attention_dim=24,
        use_linear_projection=True,
        mid_block_scale_factor=1.2,
        flip_sin_to_cos=False,
        freq_shift=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=2,
        norm_num_groups=2,
        latent_channels=6,
        scaling_factor=0.7,
        sample_size=32,
    )
    parts = {
        "text_encoder": text_encoder(vocabulary, "gelu", 22),
        "unet": shake(unet, 23),
        "vae": shake(vae, 24),
    }
    scheduler = {
        "_class_name": "DDIMScheduler",
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "clip_sample": False,
        "final_sigmas_type": "zero",
        "prediction_type": "v_prediction",
        "set_alpha_to_one": True,
        "timestep_spacing": "trailing",
    }
    index = INDEX | {"scheduler": ["diffusers", "DDIMScheduler"]}
    folder = write_model("velocity", vocabulary, merges, parts, scheduler, index)
    vocabulary_file, merges_file = folder / "tokenizer/vocab.json", folder / "tokenizer/merges.txt"
    tokenizer = CLIPTokenizer(str(vocabulary_file), str(merges_file), model_max_length=77)
    tokenizer.save_pretrained(folder / "tokenizer")
    for file in (vocabulary_file, merges_file):
        file.unlink(missing_ok=True)
    return folder


class KarrasAncestral(EulerAncestralDiscreteScheduler):
    """The reference class has no Karras path; this gives it the one of EulerDiscreteScheduler."""

    def set_timesteps(self, steps, device=None):
        path = EulerDiscreteScheduler.from_config(self.config, use_karras_sigmas=True)
        path.set_timesteps(steps)
        super().set_timesteps(steps, device)
        self.sigmas, self.timesteps = path.sigmas, path.timesteps


# Id and schedule in Afterimage, class, and what the class is told beside the model's own file.
# DDIM is DPM-Solver++ of first order, which unlike DDIMScheduler has a Karras path.
SCHEDULERS = [
    ("ddim", "normal", DDIMScheduler, {}),
    ("ddim", "karras", DPMSolverMultistepScheduler, {"solver_order": 1, "use_karras_sigmas": True}),
    ("euler", "normal", EulerDiscreteScheduler, {}),
    ("euler", "karras", EulerDiscreteScheduler, {"use_karras_sigmas": True}),
    ("euler_ancestral", "normal", EulerAncestralDiscreteScheduler, {}),
    ("euler_ancestral", "karras", KarrasAncestral, {}),
    ("dpmpp_2m", "normal", DPMSolverMultistepScheduler, {}),
    ("dpmpp_2m", "karras", DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
]


@torch.no_grad()
def write_goldens(folder):
    pipe = StableDiffusionPipeline.from_pretrained(
        folder, safety_checker=None, torch_dtype=torch.float32, local_files_only=True
    )
    pipe.set_progress_bar_config(disable=True)
    golden = {}
    for name, prompt in (("prompt", PROMPT), ("negative", NEGATIVE), ("empty", ""), ("long", PROMPT * 9)):
        ids = pipe.tokenizer(
            prompt, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        ).input_ids
        golden[f"ids.{name}"] = ids[0].to(torch.int64)
        golden[f"embeddings.{name}"] = pipe.text_encoder(ids)[0]
    generator = torch.Generator().manual_seed(5)
    channels = pipe.unet.config.in_channels
    # One size the blocks divide evenly, and one they do not.
    for name, size in (("even", (8, 8)), ("odd", (9, 14))):
        latents = torch.randn((2, channels, *size), generator=generator)
        golden[f"unet.{name}.latents"] = latents
        context = torch.cat([golden["embeddings.negative"], golden["embeddings.prompt"]])
        golden[f"unet.{name}.output"] = pipe.unet(latents, 601.5, context).sample
    latents = torch.randn((1, channels, 5, 7), generator=generator)
    golden["vae.latents"] = latents
    golden["vae.decoded"] = pipe.vae.decode(latents).sample
    factor = 2 ** (len(pipe.vae.config.block_out_channels) - 1)
    picture = torch.rand((1, 3, 6 * factor, 5 * factor), generator=generator) * 2 - 1
    golden["vae.picture"] = picture
    distribution = pipe.vae.encode(picture).latent_dist
    golden["vae.mean"], golden["vae.logvar"] = distribution.mean, distribution.logvar
    for sampler, schedule, kind, options in SCHEDULERS:
        pipe.scheduler = kind.from_pretrained(folder, subfolder="scheduler", **options)
        golden[f"run.{sampler}.{schedule}"] = pipe(
            PROMPT,
            negative_prompt=NEGATIVE,
            guidance_scale=GUIDANCE,
            num_inference_steps=STEPS,
            height=8 * factor,
            width=8 * factor,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
        ).images
    pipe.scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler")
    picture = pipe(
        PROMPT,
        guidance_scale=1.0,
        num_inference_steps=3,
        height=8 * factor,
        width=8 * factor,
        generator=torch.Generator().manual_seed(SEED),
        output_type="np",
    ).images
    golden["picture.unguided"] = torch.from_numpy(picture)[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")


def make_inpaint(epsilon):
    """A denoiser that takes the mask and the masked picture too, and an index that says so."""
    folder = HERE / "inpaint"
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(31)
    unet = UNet2DConditionModel(
        in_channels=9,
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=2,
        cross_attention_dim=24,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )
    shake(unet, 33).save_pretrained(folder / "unet")
    index = INDEX | {"_class_name": "StableDiffusionInpaintPipeline"}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    parts = StableDiffusionPipeline.from_pretrained(epsilon, safety_checker=None, local_files_only=True).components
    return folder, parts | {"unet": unet}


def scene(factor):
    """A picture of 8 x 10 latents and a mask that follows their grid."""
    generator = np.random.default_rng(17)
    pixels = generator.integers(0, 256, (8 * factor, 10 * factor, 3), dtype=np.uint8)
    mask = np.zeros((8 * factor, 10 * factor), np.uint8)
    mask[2 * factor : 6 * factor, 3 * factor : 9 * factor] = 255
    mask[4 * factor : 5 * factor, 5 * factor : 6 * factor] = 0
    return pixels, mask


# Whole strength begins with noise alone; the other one in the middle of the path.
STRENGTHS = (1.0, 0.65)
START_SAMPLERS = [row for row in SCHEDULERS if row[1] == "normal"] + [SCHEDULERS[-1]]


@torch.no_grad()
def write_starts(folder, parts, kinds):
    factor = 2 ** (len(parts["vae"].config.block_out_channels) - 1)
    pixels, mask = scene(factor)
    golden = {"image": torch.from_numpy(pixels), "mask": torch.from_numpy(mask)}
    pictures = {"image": Image.fromarray(pixels)}
    for verb, kind in kinds.items():
        pipe = kind(**(parts | {"safety_checker": None, "requires_safety_checker": False}))
        pipe.set_progress_bar_config(disable=True)
        more = {"mask_image": Image.fromarray(mask), "height": 8 * factor, "width": 10 * factor}
        for sampler, schedule, solver, options in START_SAMPLERS:
            for strength in STRENGTHS:
                pipe.scheduler = solver.from_config(parts["scheduler"].config, **options)
                out = [
                    pipe(
                        PROMPT,
                        negative_prompt=NEGATIVE,
                        guidance_scale=GUIDANCE,
                        num_inference_steps=STEPS,
                        strength=strength,
                        generator=torch.Generator().manual_seed(SEED),
                        output_type=output,
                        **pictures,
                        **(more if verb == "inpaint" else {}),
                    ).images
                    for output in ("latent", "np")
                ]
                key = f"{verb}.{sampler}.{schedule}.{strength}"
                golden[f"{key}.latents"] = out[0]
                golden[f"{key}.picture"] = torch.from_numpy(out[1])[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "starts.safetensors")


def make_starts():
    change = {"change": StableDiffusionImg2ImgPipeline}
    fill = {"inpaint": StableDiffusionInpaintPipeline}
    for name, kinds in (("epsilon", change | fill), ("velocity", change)):
        parts = StableDiffusionPipeline.from_pretrained(
            HERE / name, safety_checker=None, local_files_only=True
        ).components
        write_starts(HERE / name, parts, kinds)
    write_starts(*make_inpaint(HERE / "epsilon"), fill)


def make_noise():
    tensors = {}
    for seed, shape in ((0, (1, 4, 8, 8)), (7, (1, 4, 16, 16)), (42, (20,)), (2**32 + 5, (5,)), (123456789, (1, 3, 5, 7))):
        generator = torch.Generator().manual_seed(seed)
        tensors[f"{seed}.first"] = torch.randn(shape, generator=generator)
        tensors[f"{seed}.second"] = torch.randn(shape, generator=generator)
    save_file(tensors, HERE / "noise.safetensors")


CLIP_TEXTS = [
    "a photo of a cat", "A  Red\tSailboat,\non the OCEAN's edge!", "", "日落时海面上的一艘红色帆船", "naïve café – “quotes” 123 4.5e6",
    "masterpiece, best quality, 1girl (smile:1.2) <lora:x:0.8>", "🦊🌊 don't we'll I'm", "word " * 90, "ﬁ ½ Å",
]


def make_clip_tokens(merges_file):
    lines = gzip.open(merges_file, "rt", encoding="utf-8").read().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    alphabet = list(bytes_to_unicode().values())
    tokens = alphabet + [c + "</w>" for c in alphabet] + ["".join(pair) for pair in merges]
    vocabulary = {token: i for i, token in enumerate(tokens + ["<|startoftext|>", "<|endoftext|>"])}
    tokenizer = CLIPTokenizer(vocabulary, merges)
    cases = [
        {"text": text, "ids": tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids}
        for text in CLIP_TEXTS
    ]
    (HERE / "clip_tokens.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")


def bytes_to_unicode():
    """CLIP's order of the byte alphabet: printable bytes first."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [b for b in range(256) if b not in printable]
    return dict(zip(printable + others, [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--clip-merges", type=Path, default=HERE.parent.parent / "assets/clip/merges.txt.gz")
    arguments = parser.parse_args()
    make_noise()
    make_clip_tokens(arguments.clip_merges)
    for folder in (make_epsilon(), make_velocity()):
        write_goldens(folder)
        print(folder.name, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()), "bytes")
    make_starts()
