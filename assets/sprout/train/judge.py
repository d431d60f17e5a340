"""Prints the PSNR of pictures made larger, beside bicubic's and Lanczos', and of pictures restored, beside what they were
and non-local means': scikit-image's photographs. Parts of three of them, as bicubic makes them or as they were given, by
the network and as they are, go into a sheet.

    pip install scikit-image PyWavelets
    python judge.py ../upscale/x2.safetensors ../upscale/x4.safetensors --sheet ../upscale/sheet.jpg
    python judge.py ../upscale/restore.safetensors --sheet ../upscale/restore.jpg
    python judge.py ../upscale/x4.safetensors ../upscale/x4_crisp.safetensors --worn --sheet ../upscale/crisp.jpg

With --worn the small pictures are worn, too (`damage.py`), by lot.
"""

import argparse
import io

import numpy as np
import skimage.data
from skimage.restoration import denoise_nl_means, estimate_sigma
import torch
from PIL import Image
from safetensors.torch import load_file

from damage import small
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


def noisy(picture, deviation):
    grain = np.random.default_rng(0).standard_normal(picture.shape) * deviation
    return np.clip(np.round(picture + grain), 0, 255).astype(np.uint8)


def pressed(picture, quality):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


# What is done to pictures that are to be restored.
DAMAGES = [(f"grain of {deviation}", noisy, deviation) for deviation in (10, 25, 50)]
DAMAGES += [(f"JPEG of {quality}", pressed, quality) for quality in (10, 20, 40, 80)]
DAMAGES += [("nothing", lambda picture, _: picture, None)]


def by_means(given):
    sigma = np.mean(estimate_sigma(given, channel_axis=-1)) / 255
    fast = dict(patch_size=5, patch_distance=6, fast_mode=True, channel_axis=-1)
    made = denoise_nl_means(given / 255, h=0.8 * sigma, sigma=sigma, **fast)
    return np.clip(np.round(made * 255), 0, 255).astype(np.uint8)


def restored(network):
    """Means over all photographs for each damage: as given, by non-local means, by the network."""
    for name, damage, how in DAMAGES:
        figures = []
        for photo in PHOTOGRAPHS:
            wanted = photograph(photo)
            given = damage(wanted, how)
            three = (given, by_means(given), enlarged(network, given))
            figures.append([psnr(picture, wanted, 1) if (picture != wanted).any() else np.inf for picture in three])
        yield name, np.mean(figures, axis=0)


def rows(network):
    for name in PHOTOGRAPHS:
        wanted = cut(photograph(name), network.scale)
        given = reduced(wanted, network.scale)
        made = [resized(given, wanted, way) for way in (Image.BICUBIC, Image.LANCZOS)]
        yield name, [psnr(picture, wanted, network.scale) for picture in (*made, enlarged(network, given))]


def worn(networks):
    """For each photograph that is not gray: bicubic, what each network makes of it worn, and the photograph."""
    for seed, name in enumerate(PHOTOGRAPHS[:4]):
        wanted = cut(photograph(name), networks[0].scale)
        given = small(wanted, networks[0].scale, np.random.default_rng(seed + 5))
        yield name, [resized(given, wanted, Image.BICUBIC), *(enlarged(network, given) for network in networks), wanted]


def tell_worn(networks, files, sheet):
    print("| picture, worn | bicubic | " + " | ".join(files) + " |\n" + "|---" * (len(files) + 2) + "|")
    lines, parts = [], {name: (left, top) for name, left, top in PARTS}
    for name, pictures in worn(networks):
        figures = [psnr(picture, pictures[-1], networks[0].scale) for picture in pictures[:-1]]
        print(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")
        if name in parts:
            left, top = parts[name]
            lines.append(np.hstack([picture[top : top + PART, left : left + PART] for picture in pictures]))
    if sheet:
        Image.fromarray(np.vstack(lines).repeat(2, 0).repeat(2, 1)).save(sheet, quality=88)


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


def restored_sheet(network):
    """A row for each damage and part: as given, by the network, the photograph; each pixel as two by two."""
    lines = []
    for _, damage, how in (DAMAGES[1], DAMAGES[4]):
        for name, left, top in PARTS:
            wanted = photograph(name)
            given = damage(wanted, how)
            three = (given, enlarged(network, given), wanted)
            lines.append(np.hstack([picture[top : top + PART, left : left + PART] for picture in three]))
    return Image.fromarray(np.vstack(lines).repeat(2, 0).repeat(2, 1))


def tell_restored(network, sheet):
    print("| what was done to it | as it was | non-local means | Sprout Restore |\n|---|---|---|---|")
    for name, figures in restored(network):
        print(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")
    if sheet:
        restored_sheet(network).save(sheet, quality=88)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--sheet")
    parser.add_argument("--worn", action="store_true")
    args = parser.parse_args()
    networks = [opened(file) for file in args.files]
    if args.worn:
        return tell_worn(networks, args.files, args.sheet)
    if networks[0].scale == 1:
        return tell_restored(networks[0], args.sheet)
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
