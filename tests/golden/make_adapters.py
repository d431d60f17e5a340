"""Makes `adapters/` with the reference implementations: PEFT and diffusers.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.23.0 peft==0.21.2
    python make_adapters.py

`merged.safetensors` holds two layers, and what PEFT makes of them with each of the files `layer_*`,
which are named as LyCORIS, kohya's scripts or PEFT name them. `sets.safetensors` holds what diffusers
computes with the model `epsilon` and the files `set_*`: one LoRA in several spellings, another one,
and both at once. `inversion.safetensors` holds two rows learnt for a word, and what diffusers reads of
a prompt with that word; `inversion_*` hold the same rows as other tools write them.
"""

import copy
import json
import shutil
from pathlib import Path

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from peft import LoHaConfig, LoKrConfig, LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "adapters"
PROMPT = "A red sailboat, on the ocean's edge at sunset!"
NEGATIVE = "blurry 日落"
STEPS, SEED, GUIDANCE = 4, 7, 4.0


def noise(shape, generator, size):
    return torch.randn(shape, generator=generator) * size


class Layers(torch.nn.Module):
    """A linear layer and two convolutions; the second one is square, so that its sides look alike."""

    def __init__(self, generator):
        super().__init__()
        self.linear = torch.nn.Linear(20, 12)
        self.conv = torch.nn.Conv2d(6, 10, 3)
        self.point = torch.nn.Conv2d(8, 8, 1)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(noise(parameter.shape, generator, 0.5))


TARGETS = ["linear", "conv", "point"]
# A name for the file, how PEFT is told, and how the file spells it.
WEIGHT = 0.6
LAYER_KINDS = [
    ("lora", LoraConfig(r=3, lora_alpha=5, target_modules=TARGETS), "peft"),
    ("rslora", LoraConfig(r=3, lora_alpha=5, use_rslora=True, target_modules=TARGETS), "peft"),
    ("pattern", LoraConfig(r=3, lora_alpha=5, rank_pattern={"conv": 2}, alpha_pattern={"conv": 7}, target_modules=TARGETS), "peft"),
    ("dora", LoraConfig(r=3, lora_alpha=5, use_dora=True, target_modules=TARGETS), "peft"),
    ("dora_kohya", LoraConfig(r=3, lora_alpha=5, use_dora=True, target_modules=TARGETS), "kohya"),
    ("loha", LoHaConfig(r=3, alpha=5, target_modules=TARGETS), "lycoris"),
    ("loha_tucker", LoHaConfig(r=3, alpha=5, use_effective_conv2d=True, target_modules=TARGETS), "lycoris"),
    ("loha_peft", LoHaConfig(r=3, alpha=5, target_modules=TARGETS), "peft"),
    ("lokr", LoKrConfig(r=2, alpha=5, target_modules=TARGETS), "lycoris"),
    ("lokr_tucker", LoKrConfig(r=1, alpha=3, use_effective_conv2d=True, target_modules=TARGETS), "lycoris"),
    ("lokr_both", LoKrConfig(r=1, alpha=3, decompose_both=True, target_modules=TARGETS), "lycoris"),
]


def lycoris_key(key):
    module, rest = key.removeprefix("base_model.model.").split(".", 1)
    for peft, kohya in (("lora_A", "lora_down"), ("lora_B", "lora_up"), ("lora_magnitude_vector", "dora_scale")):
        rest = rest.replace(peft, kohya)
    return f"lora_unet_{module}.{rest}"


KEPT = ("peft_type", "r", "alpha", "lora_alpha", "alpha_pattern", "rank_pattern", "use_dora", "use_rslora")


def shorten(file):
    """What scales, in one order: the targets are a set, and so differ from run to run."""
    config = json.loads(file.read_text())
    kept = {key: config[key] for key in KEPT if key in config}
    file.write_text(json.dumps(kept | {"target_modules": TARGETS}, indent=2) + "\n")


@torch.no_grad()
def make_layers():
    merged = {}
    for index, (name, config, spelling) in enumerate(LAYER_KINDS):
        layers = Layers(torch.Generator().manual_seed(40))
        base = {key: value.clone() for key, value in layers.state_dict().items()}
        merged |= {f"base.{key}": value for key, value in base.items()}
        torch.manual_seed(41)
        model = get_peft_model(layers, config)
        generator = torch.Generator().manual_seed(50 + index)
        for key, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.add_(noise(parameter.shape, generator, 0.3))
        state = {key: value.clone().contiguous() for key, value in get_peft_model_state_dict(model).items()}
        if spelling == "peft":
            folder = FOLDER / f"layer_{name}"
            folder.mkdir()
            model.save_pretrained(folder)
            (folder / "README.md").unlink(missing_ok=True)
            shorten(folder / "adapter_config.json")
        else:
            named = {lycoris_key(key): value for key, value in state.items()}
            alpha = float(getattr(config, "alpha", None) or config.lora_alpha)
            for module in TARGETS:
                # Where both factors of LoKr are whole there is no rank to divide by.
                whole = f"lora_unet_{module}.lokr_w2" in named and f"lora_unet_{module}.lokr_w1" in named
                if whole:
                    key = f"lora_unet_{module}.lokr_w1"
                    named[key] = named[key] * (alpha / config.r)
                named[f"lora_unet_{module}.alpha"] = torch.tensor(alpha)
            for key in [key for key in named if key.endswith("dora_scale")]:
                module = key.split(".")[0].removeprefix("lora_unet_")
                sides = [-1] + [1] * (base[f"{module}.weight"].dim() - 1)
                named[key] = named[key].reshape(sides).contiguous()
            save_file(named, FOLDER / f"layer_{name}.safetensors")
        if name == "dora":
            weighted = copy.deepcopy(model)
            for module in weighted.modules():
                if hasattr(module, "scale_layer"):
                    module.scale_layer(WEIGHT)
            weighted = weighted.merge_and_unload().state_dict()
            merged |= {f"{name}_weighted.{module}.weight": weighted[f"{module}.weight"].clone() for module in TARGETS}
        plain = model.merge_and_unload().state_dict()
        for module in TARGETS:
            key = f"{module}.weight"
            assert not torch.equal(plain[key], base[key]), (name, key)
            merged[f"{name}.{key}"] = plain[key].clone()
    save_file(merged, FOLDER / "merged.safetensors")


def pipeline():
    pipe = StableDiffusionPipeline.from_pretrained(
        HERE / "epsilon", safety_checker=None, torch_dtype=torch.float32, local_files_only=True
    )
    pipe.scheduler = DDIMScheduler.from_pretrained(HERE / "epsilon", subfolder="scheduler")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def targets(network, endings):
    for name, module in network.named_modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)) and name.endswith(endings):
            yield name, module


UNET = (
    "to_q", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2",
    "time_emb_proj", "conv_shortcut", "downsamplers.0.conv",
)
TEXT = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")


def low_rank(pipe, endings, rank, seed):
    """Random factors for some layers: {(part, layer): (down, up)}."""
    generator = torch.Generator().manual_seed(seed)
    factors = {}
    for part in ("unet", "text_encoder"):
        for name, module in targets(getattr(pipe, part), endings[part]):
            out, wide, *kernel = module.weight.shape
            down = noise((rank, wide, *kernel), generator, 0.3)
            up = noise((out, rank, *[1] * len(kernel)), generator, 0.3)
            factors[part, name.removeprefix("text_model.")] = (down, up)
    return factors


def ldm(name):
    """The layer's name in the first published checkpoints, of a denoiser like `epsilon`'s."""
    parts = name.split(".")
    inner = {
        "conv1": "in_layers.2",
        "conv2": "out_layers.3",
        "time_emb_proj": "emb_layers.1",
        "conv_shortcut": "skip_connection",
    }
    tail = ".".join(parts[4:])
    if parts[0] == "mid_block":
        tail = ".".join(parts[3:])
        number = {"resnets": 2 * int(parts[2]), "attentions": 1}[parts[1]]
        return f"middle_block.{number}.{inner.get(tail, tail)}"
    block, kind, index = int(parts[1]), parts[2], int(parts[3])
    if parts[0] == "down_blocks":
        number = 1 + 3 * block + (2 if kind == "downsamplers" else index)
        place = 1 if kind == "attentions" else 0
        tail = "op" if kind == "downsamplers" else inner.get(tail, tail)
        return f"input_blocks.{number}.{place}.{tail}"
    number = 3 * block + (2 if kind == "upsamplers" else index)
    place = {"resnets": 0, "attentions": 1, "upsamplers": 1}[kind]
    return f"output_blocks.{number}.{place}.{inner.get(tail, tail)}"


def kohya(factors, alpha, unet_name=lambda name: name):
    named = {}
    for (part, name), (down, up) in factors.items():
        name = unet_name(name) if part == "unet" else "text_model." + name
        prefix = {"unet": "lora_unet_", "text_encoder": "lora_te_"}[part]
        module = prefix + name.replace(".", "_")
        named[f"{module}.lora_down.weight"] = down
        named[f"{module}.lora_up.weight"] = up
        named[f"{module}.alpha"] = torch.tensor(alpha)
    return named


def peft(factors, alpha):
    named = {}
    for (part, name), (down, up) in factors.items():
        if part == "text_encoder":
            name = "text_model." + name
        scale = alpha / down.shape[0]
        named[f"{part}.{name}.lora_A.weight"] = down
        named[f"{part}.{name}.lora_B.weight"] = up * scale
    return named


def old_diffusers(factors):
    """Only attention, and the text encoder's layers wrapped whole."""
    named = {}
    for (part, name), (down, up) in factors.items():
        if part == "unet":
            attention, layer = name.removesuffix(".0").rsplit(".", 1)
            module = f"unet.{attention}.processor.{layer}_lora"
        else:
            module = f"text_encoder.text_model.{name}.lora_linear_layer"
        named[f"{module}.down.weight"] = down
        named[f"{module}.up.weight"] = up
    return named


# Spellings, and with which weights they are used together.
RUNS = [
    ("kohya", {"kohya": 0.8}),
    ("ldm", {"ldm": 0.8}),
    ("peft", {"peft": 0.8}),
    ("old", {"old": -0.6}),
    ("both", {"kohya": 0.7, "old": 0.5}),
]


@torch.no_grad()
def make_sets():
    pipe = pipeline()
    whole = low_rank(pipe, {"unet": UNET, "text_encoder": TEXT}, 2, 61)
    attention = low_rank(
        pipe,
        {"unet": ("to_q", "to_k", "to_v", "to_out.0"), "text_encoder": ("q_proj", "k_proj", "v_proj", "out_proj")},
        1,
        62,
    )
    files = {
        "kohya": kohya(whole, 1.5),
        "ldm": kohya(whole, 1.5, ldm),
        "peft": peft(whole, 1.5),
        "old": old_diffusers(attention),
    }
    for name, named in files.items():
        save_file({key: value.contiguous() for key, value in named.items()}, FOLDER / f"set_{name}.safetensors")
    goldens = {}
    latents = noise((2, 4, 8, 8), torch.Generator().manual_seed(63), 1.0)
    goldens["latents"] = latents
    for run, weights in RUNS + [("none", {})]:
        pipe = pipeline()
        for file in weights:
            # Of the first spelling of blocks, diffusers makes its own where it knows the configuration.
            pipe.load_lora_weights(
                FOLDER,
                weight_name=f"set_{file}.safetensors",
                adapter_name=file,
                unet_config=pipe.unet.config,
            )
        if weights:
            pipe.set_adapters(list(weights), list(weights.values()))
        ids = pipe.tokenizer(PROMPT, padding="max_length", max_length=77, return_tensors="pt").input_ids
        embeddings = pipe.text_encoder(ids)[0]
        goldens[f"{run}.embeddings"] = embeddings
        goldens[f"{run}.output"] = pipe.unet(latents, 601.5, embeddings.expand(2, -1, -1)).sample
        picture = pipe(
            PROMPT,
            negative_prompt=NEGATIVE,
            guidance_scale=GUIDANCE,
            num_inference_steps=STEPS,
            height=16,
            width=16,
            generator=torch.Generator().manual_seed(SEED),
            output_type="np",
        ).images
        goldens[f"{run}.picture"] = torch.from_numpy(picture)[0]
    for run, _ in RUNS:
        for what in ("embeddings", "output"):
            gap = (goldens[f"{run}.{what}"] - goldens[f"none.{what}"]).abs().max().item()
            assert gap > 0.05, (run, what, gap)
            print(run, what, gap)
    assert torch.equal(goldens["kohya.output"], goldens["ldm.output"])
    save_file({key: value.contiguous() for key, value in goldens.items()}, FOLDER / "sets.safetensors")


@torch.no_grad()
def make_inversion():
    rows = noise((2, 24), torch.Generator().manual_seed(71), 1.0)
    prompt = "A red inkwash sailboat, at sunset!"
    pipe = pipeline()
    pipe.load_textual_inversion({"inkwash": rows}, token="inkwash")
    ids = pipe.tokenizer(
        pipe.maybe_convert_prompt(prompt, pipe.tokenizer),
        padding="max_length",
        max_length=77,
        return_tensors="pt",
    ).input_ids
    save_file(
        {"rows": rows, "embeddings": pipe.text_encoder(ids)[0], "ids": ids[0]},
        FOLDER / "inversion.safetensors",
    )
    beside = {"string_to_token": {"*": 265}, "name": "inkwash", "step": 100, "sd_checkpoint": None}
    torch.save(beside | {"string_to_param": {"*": rows}}, FOLDER / "inversion_a1111.pt")
    parameters = torch.nn.ParameterDict({"*": torch.nn.Parameter(rows)})
    torch.save(beside | {"string_to_param": parameters}, FOLDER / "inversion_parameters.pt")
    torch.save({"<inkwash>": rows[0]}, FOLDER / "inversion_one.bin")
    save_file({"emb_params": rows}, FOLDER / "inversion_a1111.safetensors")
    second = noise((2, 32), torch.Generator().manual_seed(72), 1.0)
    save_file({"clip_l": rows, "clip_g": second}, FOLDER / "inversion_two.safetensors")


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    make_layers()
    make_sets()
    make_inversion()
    print(sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()), "bytes")
