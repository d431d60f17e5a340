"""Prints the PSNR of pictures made larger, beside bicubic's and Lanczos': scikit-image's photographs. Parts of three of
them, by bicubic, by the network and as they are, go into a sheet.

    pip install scikit-image
    python judge.py ../upscale/x2.safetensors ../upscale/x4.safetensors --sheet ../upscale/sheet.jpg
"""

import argparse

import numpy as np
import skimage.data
import torch
from PIL import Image
from safetensors.torch import load_file

from upscale import Compact, enlarged, psnr, reduced

# Photographs that come with the package itself.
PHOTOGRAPHS = ["astronaut", "chelsea", "coffee", "rocket", "camera", "clock", "coins", "moon", "brick", "grass", "gravel"]


# Parts of the sheet: the photograph and the upper left corner, in public domain or CC0.
PARTS = [("astronaut", 130, 60), ("chelsea", 120, 60), ("coffee", 200, 130)]
PART = 144


def photograph(name):
    return np.asarray(Image.fromarray(getattr(skimage.data, name)()).convert("RGB"))


def opened(file):
    weights = {name: value.float() for name, value in load_file(file).items()}
    # The last convolution makes three values for each pixel of the square.
    last = weights[max(weights, key=lambda name: int(name.split(".")[1]))]
    network = Compact(round((last.shape[0] / 3) ** 0.5)).to(memory_format=torch.channels_last)
    network.load_state_dict(weights)
    return network


def cut(whole, scale):
    return whole[: whole.shape[0] // scale * scale, : whole.shape[1] // scale * scale]


def resized(given, wanted, way):
    return np.asarray(Image.fromarray(given).resize((wanted.shape[1], wanted.shape[0]), way))


def rows(network):
    for name in PHOTOGRAPHS:
        wanted = cut(photograph(name), network.scale)
        given = reduced(wanted, network.scale)
        made = [resized(given, wanted, way) for way in (Image.BICUBIC, Image.LANCZOS)]
        yield name, [psnr(picture, wanted, network.scale) for picture in (*made, enlarged(network, given))]


def sheet(networks):
    """A row for each factor and part: bicubic, the network, the photograph; each pixel as two by two."""
    lines = []
    for network in networks:
        for name, left, top in PARTS:
            wanted = cut(photograph(name), network.scale)
            given = reduced(wanted, network.scale)
            three = (resized(given, wanted, Image.BICUBIC), enlarged(network, given), wanted)
            lines.append(np.hstack([picture[top : top + PART, left : left + PART] for picture in three]))
    return Image.fromarray(np.vstack(lines).repeat(2, 0).repeat(2, 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--sheet")
    args = parser.parse_args()
    networks = [opened(file) for file in args.files]
    print("| picture | factor | bicubic | Lanczos | Sprout |\n|---|---|---|---|---|")
    for network in networks:
        told = list(rows(network))
        for name, figures in told:
            print(f"| {name} | ×{network.scale} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")
        for what, some in (("colour photographs", told[:4]), ("all", told)):
            mean = np.mean([figures for _, figures in some], axis=0)
            print(f"| **mean, {what}** | ×{network.scale} | " + " | ".join(f"{figure:.2f}" for figure in mean) + " |")
    if args.sheet:
        sheet(networks).save(args.sheet, quality=88)


if __name__ == "__main__":
    main()
