"""Paints textures like paintings, from seeds: night.png, autumn.png and dots.png in a folder.

    pip install numpy pillow
    python textures.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 384
# Painted larger than kept, so that edges are soft.
FINE = 2
NIGHT = [(18, 28, 72), (28, 58, 128), (52, 98, 168), (120, 160, 196), (214, 200, 120), (240, 190, 60)]
AUTUMN = [(70, 26, 22), (150, 50, 28), (206, 96, 36), (232, 168, 72), (120, 120, 60), (46, 70, 60)]
GARDEN = [(40, 70, 110), (70, 120, 90), (150, 180, 80), (232, 200, 90), (222, 120, 70), (180, 60, 90)]


def flow(rng, swirls):
    """Directions of strokes: a slow wave, and some swirls."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    angle = 0.6 * np.sin(3 * x + 2 * y)
    u, v = np.cos(angle), np.sin(angle)
    for _ in range(swirls):
        center_x, center_y = rng.random(2)
        turn, reach = rng.choice([-1, 1]), 0.08 + 0.12 * rng.random()
        dx, dy = x - center_x, y - center_y
        strength = 2.2 * np.exp(-(dx * dx + dy * dy) / (2 * reach * reach))
        distance = np.sqrt(dx * dx + dy * dy) + 1e-6
        u += -turn * dy / distance * strength
        v += turn * dx / distance * strength
    length = np.hypot(u, v) + 1e-9
    return u / length, v / length


def patches(rng, cells):
    """Where which colours are: from 0 to 1, slowly changing."""
    coarse = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
    field = np.array(coarse.resize((SIDE, SIDE), Image.BICUBIC))
    return (field - field.min()) / (field.max() - field.min())


def shade(color):
    return tuple(int(np.clip(value, 0, 255)) for value in color)


def strokes(seed, palette, count, length, width, swirls):
    """Strokes of bristles along a flow."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), palette[0])
    draw = ImageDraw.Draw(image)
    u, v = flow(rng, swirls)
    field, colors = patches(rng, 6), np.array(palette, float)
    for index in range(count):
        x, y = rng.random(2) * SIDE
        place = field[int(y) % SIDE, int(x) % SIDE] + 0.16 * rng.standard_normal()
        place = np.clip(place * (len(colors) - 1), 0, len(colors) - 1)
        below = int(min(place, len(colors) - 2))
        if rng.random() < 0.7:
            color = colors[int(round(place))]
        else:
            color = colors[below] * (1 - place + below) + colors[below + 1] * (place - below)
        color = color + 18 * rng.standard_normal() + 6 * rng.standard_normal(3)
        broad = rng.uniform(*width) * (1 - 0.4 * index / count)
        points = []
        for _ in range(int(length * rng.uniform(0.5, 1.2) / 2)):
            points.append((x, y))
            at = int(y) % SIDE, int(x) % SIDE
            x, y = x + 2 * u[at], y + 2 * v[at]
        if len(points) < 3:
            continue
        path = np.array(points)
        rows, columns = (np.clip(path[:, axis].astype(int), 0, SIDE - 1) for axis in (1, 0))
        across = np.stack([-v[rows, columns], u[rows, columns]], 1)
        bristles = max(2, int(broad * 1.3))
        for bristle in range(bristles):
            side = (bristle / (bristles - 1) - 0.5) * broad
            light = 10 if bristle < bristles / 3 else -8 if bristle > 2 * bristles / 3 else 0
            light += 14 * rng.standard_normal()
            line = [tuple(float(value) for value in point) for point in FINE * (path + side * across)]
            draw.line(line, fill=shade(color + light), width=int(FINE * 1.2 * broad / bristles) + 1, joint="curve")
    return image.resize((SIDE, SIDE), Image.LANCZOS)


def dots(seed, palette):
    """Dots of pure colours on a light ground."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), (236, 226, 206))
    draw = ImageDraw.Draw(image)
    field, colors = patches(rng, 5), np.array(palette, float)
    for _ in range(12000):
        x, y = rng.random(2) * SIDE
        place = (field[int(y), int(x)] + 0.22 * rng.standard_normal()) * (len(colors) - 1)
        color = colors[int(round(np.clip(place, 0, len(colors) - 1)))] + 8 * rng.standard_normal(3)
        reach = rng.uniform(1.6, 2.8) * FINE
        box = [x * FINE - reach, y * FINE - reach, x * FINE + reach, y * FINE + reach]
        draw.ellipse(box, fill=shade(color))
    return image.resize((SIDE, SIDE), Image.LANCZOS)


def night():
    return strokes(3, NIGHT, 7000, 26, (3, 7), 5)


def autumn():
    return strokes(5, AUTUMN, 4200, 34, (6, 13), 2)


def main():
    folder = Path(sys.argv[1])
    night().save(folder / "night.png")
    autumn().save(folder / "autumn.png")
    dots(7, GARDEN).save(folder / "dots.png")


if __name__ == "__main__":
    main()
