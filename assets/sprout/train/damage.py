"""What happens to pictures before people have them: grain, JPEG, blur. Everything by lot, seeded by whoever asks."""

import io

import numpy as np
from PIL import Image, ImageFilter


def noisy(picture, most, rng):
    """Grain of a deviation up to `most` of 255, more often little: of all channels or of lightness alone, even or growing
    with light."""
    deviation = most * rng.random() ** 1.5
    channels = 1 if rng.random() < 0.3 else 3
    grain = rng.standard_normal((*picture.shape[:2], channels)) * deviation
    if rng.random() < 0.3:
        grain = grain * np.sqrt(picture / 127.5)
    return np.clip(np.round(picture + grain), 0, 255).astype(np.uint8)


def pressed(picture, qualities, rng):
    """Through JPEG, with colours at half size or whole."""
    file = io.BytesIO()
    quality = int(rng.integers(*qualities))
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=int(rng.choice([0, 2, 2])))
    return np.asarray(Image.open(file).convert("RGB"))


def worn(picture, rng):
    """As pictures arrive from phones and from the net, at their own size; one in seven whole."""
    lot = rng.random()
    if lot < 0.14:
        return picture
    if lot < 0.6:
        picture = noisy(picture, 50, rng)
    if lot > 0.48:
        picture = pressed(picture, (10, 99), rng)
    return picture


def small(picture, scale, rng):
    """Made smaller as cameras and programs do it: out of focus, by whichever filter, with grain, pressed."""
    if rng.random() < 0.7:
        radius = rng.uniform(0.2, 0.5 * scale)
        picture = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))
    size = (picture.shape[1] // scale, picture.shape[0] // scale)
    ways = [Image.BICUBIC, Image.BILINEAR, Image.BOX, Image.LANCZOS]
    picture = np.asarray(Image.fromarray(picture).resize(size, ways[rng.integers(len(ways))]))
    if rng.random() < 0.6:
        picture = noisy(picture, 12, rng)
    if rng.random() < 0.7:
        picture = pressed(picture, (35, 96), rng)
    return picture


def crisp(picture):
    """What a sharp network is to make: edges a little stronger than they were."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.UnsharpMask(radius=2, percent=60, threshold=2)))
