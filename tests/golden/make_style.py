"""Makes `style/golden.safetensors`: what torch computes of style and content with the narrow VGG-19 of
`make_vgg.py`, and where its L-BFGS and Adam go.

    pip install torch==2.15.0 numpy safetensors
    python make_style.py

Losses follow Gatys, Ecker and Bethge 2016: mean squared error of Gram matrices, each over the number
of its features and pixels, and of features, taken before their activation. The guided Gram matrices
follow Gatys et al. 2017, their weights being the means of the mask over each feature's block.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
BLOCKS = [2, 2, 4, 4, 4]
SETS = {
    "first_five": ([0, 1, 2, 3, 4], [3]),
    "gatys": ([0, 2, 4, 8, 12], [9]),
}
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
STYLE_WEIGHT, CONTENT_WEIGHT = 1e6, 1.0
EVALUATIONS = 45


def features(state, picture):
    """What every convolution gives, before it is activated."""
    xs, place, seen = (picture - MEAN) / DEVIATION, 0, []
    for convs in BLOCKS:
        for _ in range(convs):
            weight = state[f"features.{place}.weight"]
            xs = F.conv2d(xs, weight, state[f"features.{place}.bias"], padding=1)
            seen.append(xs)
            xs = torch.relu(xs)
            place += 2
        if min(xs.shape[2:]) < 2:
            break
        xs = F.max_pool2d(xs, 2)
        place += 1
    return seen


def gram(xs, mask=None):
    _, channels, height, width = xs.shape
    pixels = height * width
    if mask is not None:
        block = (mask.shape[2] // height, mask.shape[3] // width)
        guide = F.avg_pool2d(mask[:, :, : block[0] * height, : block[1] * width], block)
        xs, pixels = xs * guide, (guide**2).sum()
    rows = xs.reshape(channels, height * width)
    return rows @ rows.T / (channels * pixels)


class Losses:
    def __init__(self, state, name, content, styles, mask=None):
        self.state, self.mask = state, mask
        self.style_at, self.content_at = SETS[name]
        seen = [(features(state, style), share) for style, share in styles]
        self.grams = [([gram(seen[at]) for at in self.style_at], share) for seen, share in seen]
        seen = features(state, content)
        self.content = [seen[at] for at in self.content_at]

    def __call__(self, picture):
        seen = features(self.state, picture)
        style = 0
        for grams, share in self.grams:
            for at, wanted in zip(self.style_at, grams):
                style = style + share * F.mse_loss(gram(seen[at], self.mask), wanted)
        content = sum(F.mse_loss(seen[at], wanted) for at, wanted in zip(self.content_at, self.content))
        return STYLE_WEIGHT * style, CONTENT_WEIGHT * content


def smooth(seed, height, width, cells):
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 3, cells, cells, generator=generator)
    large = F.interpolate(small, size=(height, width), mode="bicubic", align_corners=False)
    fine = torch.rand(1, 3, height, width, generator=generator)
    picture = (0.8 * large + 0.2 * fine).clamp(0, 1)
    # As a file of 8 bits has it.
    return (picture * 255).round() / 255


def walk(losses, start, make):
    picture = start.clone().requires_grad_(True)
    optimizer = make([picture])
    told = []

    def closure():
        with torch.no_grad():
            picture.clamp_(0, 1)
        optimizer.zero_grad()
        style, content = losses(picture)
        (style + content).backward()
        told.append((float(style), float(content)))
        return style + content

    while len(told) < EVALUATIONS:
        optimizer.step(closure)
    return torch.tensor(told[:EVALUATIONS])


def main():
    torch.set_num_threads(1)
    state = torch.load(HERE / "vgg" / "vgg19.pth")
    content, style, other = smooth(1, 40, 48, 5), smooth(2, 36, 44, 9), smooth(3, 48, 40, 16)
    start = smooth(4, 40, 48, 7)
    mask = torch.zeros(1, 1, 40, 48)
    mask[:, :, 5:30, 10:41] = 1
    mask[:, :, 30:34, 10:41] = 102 / 255
    goldens = {"content": content, "style": style, "other": other, "start": start, "mask": mask}
    for name in SETS:
        cases = {
            name: Losses(state, name, content, [(style, 1.0)]),
            f"{name}.two": Losses(state, name, content, [(style, 0.75), (other, 0.25)]),
            f"{name}.masked": Losses(state, name, content, [(style, 1.0)], mask),
        }
        for case, losses in cases.items():
            picture = start.clone().requires_grad_(True)
            both = losses(picture)
            sum(both).backward()
            goldens[f"{case}.losses"] = torch.stack([value.detach() for value in both])
            goldens[f"{case}.gradient"] = picture.grad
        plain = cases[name]
        goldens[f"{name}.lbfgs"] = walk(plain, content, lambda xs: torch.optim.LBFGS(xs, lr=1))
        goldens[f"{name}.adam"] = walk(plain, content, lambda xs: torch.optim.Adam(xs, lr=0.02))
    (HERE / "style").mkdir(exist_ok=True)
    save_file(goldens, HERE / "style" / "golden.safetensors")
    for name, value in goldens.items():
        ends = value[[0, 19, 44]].sum(1).tolist() if value.shape == (EVALUATIONS, 2) else ""
        print(name, list(value.shape), f"{value.abs().max():.3g}", ends)


main()
