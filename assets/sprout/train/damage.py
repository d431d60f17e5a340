"""What happens to pictures before people have them: grain and JPEG. Everything by lot, seeded by whoever asks."""

import io

import numpy as np
from PIL import Image


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
