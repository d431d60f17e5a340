"""Makes `upscale/tiles.safetensors`: what the tiny networks of `make_upscale.py` make of a picture as a
whole and in parts, cut as Real-ESRGAN's authors cut pictures in their program.

    pip install torch==2.15.0 numpy safetensors
    python make_upscale_tiles.py

The picture is extended to the right and downward by its reflection, by `pre_pad` and then to a
multiple; each part is shown with `tile_pad` pixels around it as far as there are any, and the part
alone is kept; in the end what was added is cut off and values are clamped to 0..1. Gray pictures are
shown as colours, and so is alpha, by itself; what comes of that is made gray again.

For each case `NAME.input` `[height, width, channels]` in 8 or 16 bits, `NAME.whole` and `NAME.tiled`
`[scale * height, scale * width, channels]`, and `NAME.numbers`: tile, tile_pad, pre_pad.
"""

import math

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from make_upscale import HERE, Compact, RRDBNet, SwinIR

TINY = dict(features=6, growth=3, blocks=1)
SWIN = dict(width=12, depths=(2, 1), heads=(2, 3), side=4, features=8)

# File, network, where its weights are, channels of the picture, bits, tile, tile_pad, multiple.
CASES = [
    ("body_x4.pth", RRDBNet(**TINY), "params_ema", 3, 8, 12, 10, 1),
    ("body_x4.pth", RRDBNet(**TINY), "params_ema", 4, 8, 12, 10, 1),
    ("body_x4.pth", RRDBNet(**TINY), "params_ema", 1, 16, 12, 10, 1),
    ("body_x2.pth", RRDBNet(**TINY | {"blocks": 2}, unshuffle=2), "params", 3, 8, 12, 10, 2),
    ("body_x1.safetensors", RRDBNet(**TINY, unshuffle=4), None, 3, 8, 12, 12, 4),
    ("compact_general.pth", Compact(features=8, convs=2), "params", 3, 16, 9, 10, 1),
    ("compact_anime.pth", Compact(features=16, convs=1, scale=2), "params", 4, 16, 10, 10, 2),
    ("compact_gray.safetensors", Compact(features=5, convs=0, scale=3, channels=1), None, 1, 8, 7, 10, 1),
    ("compact_gray.safetensors", Compact(features=5, convs=0, scale=3, channels=1), None, 4, 8, 7, 10, 1),
    ("swin_real_x4.pth", SwinIR(**SWIN, scale=4), "params_ema", 3, 8, 12, 12, 4),
]
PRE_PAD = 10
GRAY = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def parts(net, xs, tile, tile_pad):
    height, width = xs.shape[2:]
    scale = net.scale
    out = torch.zeros(1, xs.shape[1], height * scale, width * scale)
    for row in range(math.ceil(height / tile)):
        for column in range(math.ceil(width / tile)):
            top, left = row * tile, column * tile
            bottom, right = min(top + tile, height), min(left + tile, width)
            first_row, first_column = max(top - tile_pad, 0), max(left - tile_pad, 0)
            shown = xs[
                :,
                :,
                first_row : min(bottom + tile_pad, height),
                first_column : min(right + tile_pad, width),
            ]
            made = net(shown)
            y, x = (top - first_row) * scale, (left - first_column) * scale
            out[:, :, top * scale : bottom * scale, left * scale : right * scale] = made[
                :, :, y : y + (bottom - top) * scale, x : x + (right - left) * scale
            ]
    return out


def enlarged(net, xs, tile, tile_pad, multiple):
    height, width = xs.shape[2:]
    xs = F.pad(xs, (0, PRE_PAD, 0, PRE_PAD), "reflect")
    down, across = -xs.shape[2] % multiple, -xs.shape[3] % multiple
    xs = F.pad(xs, (0, across, 0, down), "reflect")
    ys = parts(net, xs, tile, tile_pad) if tile else net(xs)
    return ys[:, :, : height * net.scale, : width * net.scale].clamp(0, 1)


def of_all_channels(net, xs, gray, *how):
    """Colours together, gray and alpha each as colours unless the network is gray itself."""
    if gray:
        planes = [enlarged(net, xs[:, i : i + 1], *how) for i in range(xs.shape[1])]
        return torch.cat(planes, 1)
    colours = xs.shape[1] >= 3
    planes = [enlarged(net, xs[:, :3], *how)] if colours else []
    for channel in range(3 if colours else 0, xs.shape[1]):
        made = enlarged(net, xs[:, channel : channel + 1].expand(-1, 3, -1, -1), *how)
        planes.append((made * GRAY).sum(1, keepdim=True))
    return torch.cat(planes, 1)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(5)
    tensors = {}
    for file, net, wrapper, channels, bits, tile, tile_pad, multiple in CASES:
        path = HERE / file
        state = load_file(path) if file.endswith(".safetensors") else torch.load(path)
        net.load_state_dict(state[wrapper] if wrapper else state, strict=False)
        net.eval()
        most = 2**bits - 1
        # Smooth, with some noise: extremes would be clamped.
        coarse = torch.rand(1, channels, 5, 6) * 0.5 + 0.25
        xs = F.interpolate(coarse, (23, 27), mode="bicubic") + torch.randn(1, channels, 23, 27) * 0.03
        codes = (xs.clamp(0, 1) * most).round()
        xs = codes / most
        gray = file.startswith("compact_gray")
        name = f"{file}.{channels}"
        with torch.no_grad():
            whole = of_all_channels(net, xs, gray, 0, 0, multiple)
            tiled = of_all_channels(net, xs, gray, tile, tile_pad, multiple)
        last = lambda values: values[0].permute(1, 2, 0).contiguous()
        tensors[f"{name}.input"] = last(codes).to(torch.uint8 if bits == 8 else torch.int32)
        tensors[f"{name}.whole"], tensors[f"{name}.tiled"] = last(whole), last(tiled)
        tensors[f"{name}.numbers"] = torch.tensor([tile, tile_pad, PRE_PAD], dtype=torch.int32)
        between = ((tiled > 0) & (tiled < 1)).float().mean()
        apart = (whole - tiled).abs().max() * 255
        print(f"{name}: {between:.0%} of the values are not clamped, parts differ by {apart:.2f}/255")
    save_file(tensors, HERE / "tiles.safetensors")


main()
