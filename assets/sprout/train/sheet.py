"""Draws the test prompts with a Sprout folder, through diffusers' own pipeline.

    python sheet.py --sprout sprout --captions test/captions.jsonl --language en --out sheet-en

Writes sheet-en.png (eight a row, without captions, so that it can be read blind), sheet-en.txt (the captions in the same
order) and sheet-en.u8 (the pictures as bytes, for the witness).
"""

import argparse
import pathlib

import numpy as np
import torch

import data


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sprout", required=True)
    parser.add_argument("--captions", help="the painter's captions.jsonl; or --prompts")
    parser.add_argument("--prompts", nargs="*")
    parser.add_argument("--language", default="en", choices=("en", "zh"))
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--scheduler", default="EulerAncestralDiscreteScheduler", help="diffusers' name of the sampler")
    parser.add_argument("--side", type=int, default=data.SIDE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    import diffusers

    torch.set_num_threads(2)
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(args.sprout, torch_dtype=torch.float32)
    pipe.to("cuda" if torch.cuda.is_available() else "cpu")
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = getattr(diffusers, args.scheduler).from_config(pipe.scheduler.config)
    prompts = args.prompts or [r[f"complete_{args.language}"] for r in data.records(args.captions)[: args.count]]
    out = []
    for k in range(0, len(prompts), 16):
        part = prompts[k : k + 16]
        g = [torch.Generator().manual_seed(args.seed + k + i) for i in range(len(part))]
        pictures = pipe(
            part, num_inference_steps=args.steps, guidance_scale=args.guidance, generator=g, output_type="np",
            height=args.side, width=args.side,
        ).images
        out.append((pictures * 255).round().astype(np.uint8))
    out = np.concatenate(out)
    base = pathlib.Path(args.out)
    data.grid([list(out[k : k + 8]) for k in range(0, len(out), 8)], base.with_suffix(".png"))
    base.with_suffix(".txt").write_text("".join(f"{k} {p}\n" for k, p in enumerate(prompts)), encoding="utf-8")
    out.tofile(base.with_suffix(".u8"))


if __name__ == "__main__":
    main()
