"""Trains a network that makes pictures larger, or restores them, against the processor's clock: SRVGGNetCompact's layout.

    python upscale.py FOLDER... --scale 2 --minutes 40 --out x2.pth [--from OTHER.safetensors] [--judge FOLDER]

Pictures in the folders are what the result should look like; what is given to the network is made from
them by antialiased bicubic reduction, at scale 1 by what wears pictures out (`damage.py`). With `--sharp` they are
blurred, reduced and worn, and results have to please a critic beside being near to crisp pictures (`critic.py`).
Every minute the state is saved beside the output; run the same command again and it goes on from there.
At the end the weights are written as f16 in safetensors, too.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from critic import Critic
from damage import crisp, small, worn

CROP = 40
BATCH = 16
RATE = 1e-3
# Worn pictures are cut out of larger ones, so that blocks of JPEG begin anywhere.
AROUND = 8


class Compact(nn.Module):
    """The published layout: convolutions with PReLU between, and the picture's own pixels added."""

    def __init__(self, scale, features=48, activated=13):
        super().__init__()
        self.scale = scale
        body = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(activated - 1):
            body += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        body.append(nn.Conv2d(features, 3 * scale * scale, 3, padding=1))
        self.body = nn.Sequential(*body)
        # As torch draws weights, what passes fades from layer to layer, and so does what is learnt from.
        for layer in body[::2]:
            nn.init.kaiming_normal_(layer.weight, a=0.25)
            nn.init.zeros_(layer.bias)
        body[-1].weight.data *= 0.1

    def forward(self, x):
        larger = F.pixel_shuffle(self.body(x).float(), self.scale)
        return larger + F.interpolate(x.float(), scale_factor=self.scale, mode="nearest")


def load(folders):
    files = sorted(file for folder in folders for file in Path(folder).rglob("*.png"))
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def reduced(picture, scale):
    size = (picture.shape[1] // scale, picture.shape[0] // scale)
    return np.asarray(Image.fromarray(picture).resize(size, Image.BICUBIC))


class Reduced:
    """Pictures, and each made smaller by antialiased bicubic."""

    def __init__(self, pictures, scale):
        cut = [picture[: picture.shape[0] // scale * scale, : picture.shape[1] // scale * scale] for picture in pictures]
        self.pairs = [(reduced(picture, scale), picture) for picture in cut]
        self.scale = scale

    def crop(self, rng):
        given, wanted = self.pairs[rng.integers(len(self.pairs))]
        y, x = (rng.integers(side - CROP + 1) for side in given.shape[:2])
        s = self.scale
        return given[y : y + CROP, x : x + CROP], wanted[y * s : (y + CROP) * s, x * s : (x + CROP) * s]


class Damaged:
    """Pictures, and parts of them as they arrive: worn at their own size, or made smaller carelessly."""

    def __init__(self, pictures, scale):
        self.pictures, self.scale = pictures, scale
        # What is wanted of an enlargement for looks.
        self.wanted = pictures if scale == 1 else [crisp(picture) for picture in pictures]

    def crop(self, rng):
        which = rng.integers(len(self.pictures))
        s, side = self.scale, (CROP + AROUND) * self.scale
        y, x = (rng.integers(length - side + 1) for length in self.pictures[which].shape[:2])
        picture, wanted = (part[which][y : y + side, x : x + side] for part in (self.pictures, self.wanted))
        given = worn(picture, rng) if s == 1 else small(picture, s, rng)
        y, x = rng.integers(AROUND + 1, size=2)
        return given[y : y + CROP, x : x + CROP], wanted[y * s : (y + CROP) * s, x * s : (x + CROP) * s]


def batch(pairs, rng):
    """Crops of what is given and what is wanted, turned and mirrored by lot, colours exchanged now and then."""
    given, wanted = [], []
    for _ in range(BATCH):
        turn, mirror = rng.integers(4), rng.integers(2)
        channels = rng.permutation(3) if rng.random() < 0.3 else np.arange(3)
        for part, out in zip(pairs.crop(rng), (given, wanted)):
            part = np.rot90(part, turn)
            part = part[:, ::-1] if mirror else part
            out.append(part[..., channels])
    return tensor(np.stack(given)), tensor(np.stack(wanted))


def tensor(pictures):
    pictures = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2)
    return pictures.float().div(255).contiguous(memory_format=torch.channels_last)


def psnr(a, b, border):
    """Of all three channels, without a border."""
    a, b = (x[border:-border, border:-border].astype(np.float64) for x in (a, b))
    return 10 * math.log10(255**2 / np.mean((a - b) ** 2))


def enlarged(network, given):
    with torch.no_grad():
        made = network(tensor(given[None]))[0].permute(1, 2, 0)
    return made.clamp(0, 1).mul(255).round().byte().numpy()


def judge(network, pictures, scale):
    """Mean PSNR: ours and bicubic's."""
    ours, bicubic = [], []
    for picture in pictures:
        wanted = picture[: picture.shape[0] // scale * scale, : picture.shape[1] // scale * scale]
        given = reduced(wanted, scale)
        ours.append(psnr(enlarged(network, given), wanted, scale))
        larger = Image.fromarray(given).resize((wanted.shape[1], wanted.shape[0]), Image.BICUBIC)
        bicubic.append(psnr(np.asarray(larger), wanted, scale))
    return np.mean(ours), np.mean(bicubic)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--scale", type=int, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--judge")
    parser.add_argument("--sharp", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    network = Compact(args.scale).to(memory_format=torch.channels_last)
    if args.start:
        # All but the last convolution, which makes other pixels.
        given, own = load_file(args.start), network.state_dict()
        network.load_state_dict({name: value if given[name].shape != value.shape else given[name] for name, value in own.items()})
    average = Compact(args.scale)
    average.load_state_dict(network.state_dict())
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, betas=(0.9, 0.99))
    critic = Critic(RATE / 4) if args.sharp else None
    state_file, used, step = args.out.with_suffix(".state"), 0.0, 0
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        used, step = state["used"], state["step"]
        if critic:
            critic.load_state_dict(state["critic"])
    rng = np.random.default_rng(args.seed + step)
    pairs = (Damaged if args.sharp or args.scale == 1 else Reduced)(load(args.folders), args.scale)
    unseen = load([args.judge]) if args.judge else []
    # Time of the processor, since others may be at work beside this.
    clock = lambda: time.process_time() / torch.get_num_threads()
    whole, began, saved = args.minutes * 60, clock() - used, time.time()
    told = 0.0
    while (used := clock() - began) < whole:
        part = used / whole
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, step / 100) * 0.5 * (1 + math.cos(math.pi * part)) + 1e-6
        given, wanted = batch(pairs, rng)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            made = network(given)
        loss = (made - wanted).abs().mean()
        if critic:
            loss = loss + critic.displeasure(made, wanted, part)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        keep = min(0.999, step / (step + 10))
        with torch.no_grad():
            for mean, value in zip(average.parameters(), network.parameters()):
                mean.lerp_(value, 1 - keep)
        told += (loss.item() - told) * max(0.01, 1 / step)
        if time.time() - saved > 60 or used + 1 > whole:
            saved = time.time()
            state = {
                "network": network.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "used": used,
                "step": step,
            }
            if critic:
                state["critic"] = critic.state_dict()
            torch.save(state, state_file)
            torch.save({"params": average.state_dict()}, args.out)
            line = f"{used / 60:6.1f} min, step {step}, loss {told:.5f}"
            if unseen:
                ours, bicubic = judge(average, unseen, args.scale)
                line += f", unseen {ours:.2f} dB, bicubic {bicubic:.2f} dB"
            print(line, flush=True)
    torch.save({"params": average.state_dict()}, args.out)
    half = {name: value.half().contiguous() for name, value in average.state_dict().items()}
    save_file(half, args.out.with_suffix(".safetensors"))


if __name__ == "__main__":
    main()
