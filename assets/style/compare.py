"""Makes `sheet.jpg`: ways to take a style without trained weights, side by side.

    pip install torch==2.15.0 numpy pillow
    python compare.py afterimage CONTENT

`afterimage` is the built studio, which draws the last column; CONTENT a photograph. Each way starts
from the content in the style's palette and walks L-BFGS at 48, 96 and 192 pixels.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

import textures

HERE = Path(__file__).resolve().parent
SIDE = 192
WAYS = ["random filters", "sliced patches", "random VGG", "matched patches"]
EVALUATIONS = ((48, 40), (96, 40), (192, 20))


def load(image):
    image = image.convert("RGB")
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    image = image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.LANCZOS)
    return torch.tensor(np.array(image) / 255.0, dtype=torch.float32).permute(2, 0, 1)[None]


def at_size(picture, side):
    return F.interpolate(picture, size=(side, side), mode="bilinear", antialias=True)


def in_palette(picture, other):
    """Pitié and Kokaram's linear map of mean and covariance."""

    def moments(x):
        rows = x[0].reshape(3, -1).double()
        mean = rows.mean(1, keepdim=True)
        return mean, (rows - mean) @ (rows - mean).T / rows.shape[1] + 1e-5 * torch.eye(3).double()

    def root(matrix):
        values, vectors = torch.linalg.eigh(matrix)
        return vectors @ torch.diag(values.clamp_min(0).sqrt()) @ vectors.T

    (mean, spread), (wanted, other_spread) = moments(picture), moments(other)
    half = root(spread)
    back = torch.linalg.inv(half)
    turn = back @ root(half @ other_spread @ half) @ back
    rows = turn @ (picture[0].reshape(3, -1).double() - mean) + wanted
    return rows.float().reshape(picture.shape).clamp(0, 1)


def gram(given):
    rows = given[0].flatten(1)
    return rows @ rows.T / given[0].numel()


def halved(picture):
    return F.avg_pool2d(picture, 2)


def coarse(picture):
    """What is kept of the content where no network sees it."""
    return at_size(picture, picture.shape[-1] // 6)


def reflected(picture, reach):
    return F.pad(picture, [reach] * 4, mode="reflect")


def relative(given, wanted):
    return sum(((gram(a) - b) ** 2).sum() / (b**2).sum() for a, b in zip(given, wanted)) / len(wanted)


class RandomFilters:
    """One layer of filters of many sizes; Ustyuzhaninov et al. 2017."""

    def __init__(self, style, content):
        torch.manual_seed(1)
        self.filters = []
        for side in (3, 5, 7, 11):
            weight = torch.rand(32, 3, side, side) - 0.5
            self.filters.append(weight / weight.flatten(1).norm(dim=1).view(-1, 1, 1, 1))
        self.wanted = [gram(self.given(style))]
        self.content = coarse(content)

    def given(self, picture):
        seen = [F.conv2d(reflected(picture - 0.5, w.shape[-1] // 2), w) for w in self.filters]
        return torch.cat([F.relu(one) for one in seen], 1)

    def loss(self, picture):
        gap = coarse(picture) - self.content
        return relative([self.given(picture)], self.wanted) + (gap**2).mean()


class SlicedPatches:
    """Distributions of patches along random directions at four scales, and of colours."""

    def __init__(self, style, content):
        torch.manual_seed(1)
        self.filters = [torch.randn(48, 3, 7, 7) for _ in range(4)]
        self.filters = [w / w.flatten(1).norm(dim=1).view(-1, 1, 1, 1) for w in self.filters]
        self.wanted = [given.sort(1)[0] for given in self.given(style)]
        self.content = coarse(content)

    def given(self, picture):
        made = [3 * picture[0].flatten(1)]
        for weight in self.filters:
            if picture.shape[-1] < 14:
                break
            made.append(F.conv2d(picture, weight)[0].flatten(1))
            picture = halved(picture)
        return made

    def loss(self, picture):
        pairs = zip(self.given(picture), self.wanted)
        style = sum(((given.sort(1)[0] - wanted) ** 2).mean() for given, wanted in pairs)
        return style + ((coarse(picture) - self.content) ** 2).mean()


class RandomVgg:
    """Five convolutions nobody trained, brought to mean 0 and deviation 1 on the style."""

    def __init__(self, style, content):
        torch.manual_seed(1)
        self.layers, inputs, xs = [], 3, style
        for width, pools in ((48, False), (48, True), (64, False), (64, True), (96, False)):
            weight = torch.randn(width, inputs, 3, 3)
            seen = F.conv2d(reflected(xs, 1), weight)
            deviation, mean = seen.std((0, 2, 3)) + 1e-4, seen.mean((0, 2, 3))
            self.layers.append((weight / deviation.view(-1, 1, 1, 1), -mean / deviation, pools))
            xs = F.relu(F.conv2d(reflected(xs, 1), *self.layers[-1][:2]))
            xs = F.max_pool2d(xs, 2) if pools else xs
            inputs = width
        self.wanted = [gram(given) for given in self.given(style)]
        self.content = self.given(content)[3]

    def given(self, xs):
        made = []
        for weight, bias, pools in self.layers:
            made.append(F.conv2d(reflected(xs, 1), weight, bias))
            xs = F.relu(made[-1])
            xs = F.max_pool2d(xs, 2) if pools else xs
        return made

    def loss(self, picture):
        given = self.given(picture)
        return relative(given, self.wanted) + 0.04 * ((given[3] - self.content) ** 2).mean()


class MatchedPatches:
    """Every patch is drawn to the style's that is most like it; Kwatra et al. 2005."""

    def __init__(self, style, content):
        self.patches = F.unfold(style, 9)[0].T
        self.patches = self.patches[:: max(1, len(self.patches) // 8000)]
        self.content, self.evaluations = coarse(content), 0

    def match(self, picture):
        padded = reflected(picture, 4)
        own = F.unfold(padded, 9, stride=3)[0].T
        found = torch.cat([torch.cdist(part, self.patches).argmin(1) for part in own.split(1024)])
        like = self.patches[found]
        weight = (((like - own) ** 2).sum(1, keepdim=True) + 1e-2) ** -0.6
        side = padded.shape[2]
        fold = lambda rows: F.fold(rows.T[None], (side, side), 9, stride=3)[:, :, 4:-4, 4:-4]
        self.weight = fold(weight.expand_as(like).contiguous())
        self.wanted = fold(like * weight) / self.weight
        self.weight = self.weight / self.weight.mean()

    def loss(self, picture):
        if self.evaluations % 10 == 0:
            with torch.no_grad():
                self.match(picture)
        self.evaluations += 1
        gap = coarse(picture) - self.content
        return (self.weight * (picture - self.wanted) ** 2).mean() + 2 * (gap**2).mean()


def walk(way, content, style):
    palette, picture = in_palette(content, style), None
    for side, evaluations in EVALUATIONS:
        small, like = at_size(palette, side), at_size(style, side)
        target = way(like, small)
        picture = (small if picture is None else at_size(picture, side)).clamp(0, 1).clone()
        picture.requires_grad_(True)
        optimizer = torch.optim.LBFGS([picture], max_iter=evaluations, max_eval=evaluations)

        def closure():
            with torch.no_grad():
                picture.clamp_(0, 1)
            optimizer.zero_grad()
            loss = 1e3 * target.loss(picture)
            loss.backward()
            return loss

        optimizer.step(closure)
        picture = picture.detach().clamp(0, 1)
    return picture


def by_the_studio(program, content, style):
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / name for name in ("content.png", "style.png", "made.png")]
        for name, picture in zip(names, (content, style)):
            image(picture).save(name)
        words = ["style", names[0], names[1], "--features", "embedded", "--size", str(SIDE)]
        subprocess.run([program, *words, "--steps", "200", "--seed", "1", "--out", names[2]], check=True)
        return load(Image.open(names[2]))


def image(picture):
    values = (picture[0].permute(1, 2, 0).clamp(0, 1).numpy() * 255).round()
    return Image.fromarray(values.astype(np.uint8))


def main():
    program, content = sys.argv[1], load(Image.open(sys.argv[2]))
    titles = ["content", "style", *WAYS, "chosen: both before"]
    sheet = Image.new("RGB", (len(titles) * SIDE, 2 * SIDE + 18), "white")
    for column, title in enumerate(titles):
        ImageDraw.Draw(sheet).text((column * SIDE + 6, 4), title, fill="black")
    for row, painted in enumerate((textures.night(), textures.autumn())):
        style = load(painted)
        made = [content, style]
        for way in (RandomFilters, SlicedPatches, RandomVgg, MatchedPatches):
            made.append(walk(way, content, style))
            print(way.__name__, flush=True)
        made.append(by_the_studio(program, content, style))
        for column, picture in enumerate(made):
            sheet.paste(image(picture), (column * SIDE, 18 + row * SIDE))
        sheet.save(HERE / "sheet.jpg", quality=90)


if __name__ == "__main__":
    main()
