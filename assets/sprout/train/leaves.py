"""Paints pictures of dead leaves: many textured shapes, of sizes as in nature, that hide each other.

After Lee, Mumford and Huang 2001, "Occlusion Models for Natural Images", and Achddou, Gousseau and
Ladjal 2025, "VibrantLeaves" (arXiv 2504.10201): geometry, textures and depth are what networks that
restore pictures learn from such pictures. Nothing here was photographed.

    python leaves.py FOLDER COUNT [SEED]
"""

import sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 384
# Painted larger than kept, so that edges are soft.
FINE = 2
SMALLEST, LARGEST = 5, 500


def clouds(rng, side, slope):
    """Noise whose spectrum falls with the frequency to a power: mean 0, deviation 1."""
    y = np.fft.fftfreq(side)[:, None]
    x = np.fft.rfftfreq(side)[None, :]
    # Stretched one way, as wood and hair are.
    turn, stretch = rng.uniform(0, np.pi), rng.choice([1.0, 1.0, rng.uniform(1, 6)])
    u, v = np.cos(turn) * x + np.sin(turn) * y, -np.sin(turn) * x + np.cos(turn) * y
    radius = np.sqrt((u * stretch) ** 2 + (v / stretch) ** 2)
    radius[0, 0] = 1
    spectrum = radius ** (-slope) * np.exp(2j * np.pi * rng.random(radius.shape))
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, (side, side))
    return field / (field.std() + 1e-9)


def waves(rng, side):
    """Stripes, checks or dots, bent a little: from -1 to 1."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float64)
    bend = clouds(rng, side, 2.2) * rng.uniform(0, 12)
    turn, period = rng.uniform(0, np.pi), np.exp(rng.uniform(np.log(6), np.log(60)))
    along = np.cos(turn) * x + np.sin(turn) * y + bend
    across = -np.sin(turn) * x + np.cos(turn) * y + bend
    wave = np.sin(2 * np.pi * along / period)
    kind = rng.integers(4)
    if kind == 1:
        wave = wave * np.sin(2 * np.pi * across / period)
    if kind == 2:
        wave = np.maximum(wave, np.sin(2 * np.pi * across / period))
    return np.tanh(wave * rng.uniform(0.5, 6)) if kind else wave


def colour(rng):
    """As often dull as in nature."""
    light, warm, tint = rng.beta(1.6, 1.8), rng.normal(0, 0.07), rng.normal(0, 0.05)
    if rng.random() < 0.2:
        return rng.random(3)
    return np.clip([light + warm + 0.02, light + tint, light - warm], 0, 1)


def texture(rng, side):
    """Colours `[side, side, 3]` from 0 to 1."""
    first, second = colour(rng), colour(rng)
    kind = rng.integers(6)
    if kind == 0:
        mix = np.full((side, side), 0.5)
    elif kind == 1:
        mix = 0.5 + 0.5 * waves(rng, side)
    else:
        mix = 0.5 + rng.uniform(0.05, 0.35) * clouds(rng, side, rng.uniform(0.6, 2.0))
    grain = rng.uniform(0, 0.06) * clouds(rng, side, rng.uniform(0.0, 0.8))
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    turn = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.7) * (np.cos(turn) * x + np.sin(turn) * y)
    mix = np.clip(mix, 0, 1)[..., None]
    return np.clip((first * mix + second * (1 - mix)) * light[..., None] + grain[..., None], 0, 1)


def outline(rng, radius):
    """Corners of a shape around its middle."""
    kind = rng.integers(4)
    turn = rng.uniform(0, 2 * np.pi)
    if kind == 0:
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
        reach = np.full(len(angles), radius)
    elif kind == 1:
        flat = rng.uniform(0.05, 1)
        corner = np.arctan(flat)
        angles = np.array([corner, np.pi - corner, np.pi + corner, -corner])
        reach = np.full(4, radius)
    else:
        angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        reach = np.full(72, radius)
        for wave in range(2, 2 + rng.integers(1, 7)):
            reach = reach + radius * rng.normal(0, 0.25 / wave) * np.cos(wave * angles + rng.uniform(0, 6))
    flat = 1.0 if kind == 1 else rng.uniform(0.25, 1)
    x, y = reach * np.cos(angles), flat * reach * np.sin(angles)
    return np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y


def picture(seed):
    rng = np.random.default_rng(seed)
    side = SIDE * FINE
    bank = [Image.fromarray((texture(rng, 512) * 255).astype(np.uint8)) for _ in range(10)]
    image = bank[0].resize((side, side), Image.BICUBIC)
    # Radii fall as their cube, which makes pictures alike at all scales.
    depth = rng.integers(2, 5)
    count = int(rng.uniform(150, 420))
    # The largest lie behind, out of focus where there is depth.
    for layer in range(depth):
        for _ in range(count // depth):
            part = rng.random()
            radius = (SMALLEST ** -2 + part * (LARGEST ** -2 - SMALLEST ** -2)) ** -0.5 * (depth - layer) ** 0.7
            radius *= 2.5
            cx, cy = rng.uniform(-40, side + 40, 2)
            xs, ys = outline(rng, radius)
            box = (int(np.floor(cx + xs.min())), int(np.floor(cy + ys.min())))
            size = (int(np.ceil(np.ptp(xs))) + 2, int(np.ceil(np.ptp(ys))) + 2)
            mask = Image.new("L", size)
            corners = [(cx + x - box[0], cy + y - box[1]) for x, y in zip(xs, ys)]
            ImageDraw.Draw(mask).polygon(corners, fill=255)
            paint = bank[rng.integers(len(bank))]
            if max(size) > 512:
                paint = paint.resize((max(size), max(size)), Image.BILINEAR)
            left, top = (rng.integers(0, paint.size[axis] - size[axis] + 1) for axis in (0, 1))
            leaf = paint.crop((left, top, left + size[0], top + size[1]))
            tone = rng.uniform(0.6, 1.3)
            leaf = leaf.point(lambda value, tone=tone: min(255, int(value * tone)))
            image.paste(leaf, box, mask)
        if layer + 1 < depth and rng.random() < 0.5:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4)))
    return image.resize((SIDE, SIDE), Image.BOX)


def save(task):
    folder, seed = task
    picture(seed).save(folder / f"{seed:06}.png")


if __name__ == "__main__":
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    folder.mkdir(parents=True, exist_ok=True)
    with Pool() as pool:
        for _ in pool.imap_unordered(save, [(folder, first + at) for at in range(count)], chunksize=4):
            pass
