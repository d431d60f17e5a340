"""Puts Sprout's parts together: a diffusers folder of f16 safetensors, checked for size and that it draws.

    python export.py --tokenizer work/tokenizer --learnt work/out --out sprout
    python export.py --tokenizer work/tokenizer --text work/text/text_encoder --vae work/ae/vae \
        --unet work/unet/unet --out sprout

`--learnt` is what gpu.py writes. A part that is not given is made with random weights, so that readers of the folder
can be built early.
"""

import argparse
import json
import pathlib
import shutil

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.schedulers import DPMSolverMultistepScheduler
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

import shape

LIMIT_BYTES, LIMIT_PARAMETERS = 52 * 2**20, 27_000_000


def load(kind, folder, make):
    torch.manual_seed(0)
    part = kind.from_pretrained(folder, torch_dtype=torch.float32) if folder else make()
    return part.to(torch.float16).eval()


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for part in ("tokenizer", "text", "vae", "unet"):
        args.add_argument(f"--{part}", required=part == "tokenizer")
    args.add_argument("--learnt", help="a folder of text, vae and unet.safetensors and their scaling_factor")
    args.add_argument("--scale", type=float, help="scaling factor of the latents; default: the autoencoder's own")
    args.add_argument("--out", required=True)
    args = args.parse_args()
    out = pathlib.Path(args.out)
    staged = out.with_name(out.name + ".part")
    shutil.rmtree(staged, ignore_errors=True)

    tokenizer = CLIPTokenizer.from_pretrained(args.tokenizer)
    text = load(CLIPTextModel, args.text, lambda: shape.text_encoder(len(tokenizer)))
    vae = load(AutoencoderKL, args.vae, shape.autoencoder)
    unet = load(UNet2DConditionModel, args.unet, shape.unet)
    if args.learnt:
        learnt = pathlib.Path(args.learnt)
        for name, part in (("text", text), ("vae", vae), ("unet", unet)):
            lost = part.load_state_dict(load_file(learnt / f"{name}.safetensors"), strict=False)
            assert not lost.unexpected_keys and all("position_ids" in k for k in lost.missing_keys), lost
        args.scale = float((learnt / "scaling_factor").read_text())
    if args.scale:
        vae.register_to_config(scaling_factor=args.scale)
    for part in (text, vae, unet):
        assert all(torch.isfinite(p).all() for p in part.parameters()), "not finite in f16"
    pipe = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DPMSolverMultistepScheduler.from_config(shape.SCHEDULE),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.save_pretrained(staged, safe_serialization=True)
    # The names every Stable Diffusion folder has; transformers 5 drops the prefix when it saves and takes both.
    weights = staged / "text_encoder" / "model.safetensors"
    prefixed = {"text_model." + k.removeprefix("text_model."): v for k, v in load_file(weights).items()}
    save_file(prefixed, weights, metadata={"format": "pt"})
    # transformers leaves out what tokenizer.json holds; readers of the older files need them all.
    shutil.rmtree(staged / "tokenizer")
    shutil.copytree(args.tokenizer, staged / "tokenizer")
    # Where the parts were trained is nobody's business.
    for path in staged.rglob("*.json"):
        config = json.loads(path.read_text(encoding="utf-8"))
        if config.pop("_name_or_path", None) is not None:
            path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (staged / "scheduler" / "scheduler_config.json").write_text(json.dumps(shape.SCHEDULE, indent=2) + "\n")

    sizes = {str(p.relative_to(staged)): p.stat().st_size for p in sorted(staged.rglob("*")) if p.is_file()}
    counts = {n: sum(p.numel() for p in m.parameters()) for n, m in (("text", text), ("vae", vae), ("unet", unet))}
    for name, size in sizes.items():
        print(f"{size:>10} {name}")
    print(f"{sum(sizes.values())} bytes ({sum(sizes.values()) / 2**20:.2f} MiB); parameters {counts}, {sum(counts.values())}")
    assert sum(sizes.values()) <= LIMIT_BYTES and sum(counts.values()) <= LIMIT_PARAMETERS

    pipe = StableDiffusionPipeline.from_pretrained(staged, torch_dtype=torch.float32)
    for name, p in pipe.text_encoder.named_parameters():
        assert torch.equal(p, text.get_parameter(name).float()), name
    pipe.set_progress_bar_config(disable=True)
    picture = pipe("a red house", num_inference_steps=2, generator=torch.Generator().manual_seed(0)).images[0]
    assert picture.size == (shape.SIDE, shape.SIDE), picture.size
    shutil.rmtree(out, ignore_errors=True)
    staged.rename(out)
    print("wrote", out.name)


if __name__ == "__main__":
    main()
