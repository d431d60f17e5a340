"""Pictures and holes for the tests of removing, and what OpenCV's Telea makes of them.

    pip install scikit-image opencv-python-headless pillow numpy
    python make.py --font ../../assets/fonts/Inter-Regular.otf

brick, grass and gravel: CC0Textures, CC0. coffee: Rachel Michetti, CC0. rocket: SpaceX, public domain. All as
scikit-image ships them (`skimage.data`), cut. page: a text of our own. chessboard: squares of 23 pixels.
`NAME.png` is a picture, `hole-NAME.png` a mask, white where the picture is to be filled. `telea.json` holds the
PSNR, over the hole alone, of `cv2.inpaint(…, 5, INPAINT_TELEA)`.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
DATA = Path(skimage.__file__).parent / "data"
SIZE = (192, 160)
TEXTURE = (224, 224)

TEXT = """The light went first, then the
colour of the sea. A boat lay red
against the harbour wall; nobody
had sailed it since the autumn.
She drew it twice, once as it was
and once with a sail that had
filled, and kept the second one.
Rain came in over the headland."""


def page(font):
    image = Image.new("L", SIZE, 236)
    ImageDraw.Draw(image).multiline_text((6, 6), TEXT, fill=30, font=ImageFont.truetype(font, 11), spacing=6)
    return image


def chessboard():
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    return Image.fromarray(((x // 23 + y // 23) % 2 * 255).astype(np.uint8))


def cut(name, left, top, size):
    return Image.open(DATA / name).crop((left, top, left + size[0], top + size[1]))


def holes(font):
    def drawn(size, draw):
        image = Image.new("L", size)
        draw(ImageDraw.Draw(image))
        return image.point(lambda value: 255 if value > 100 else 0)

    def scratches(draw):
        for line in ((10, 20, 120, 150), (60, 5, 185, 70), (150, 30, 100, 140), (5, 130, 180, 118)):
            draw.line(line, fill=255, width=4)

    def overlay(draw):
        face = ImageFont.truetype(font, 26)
        for row in range(3):
            draw.text((6, 12 + row * 48), "Sample overlay", fill=255, font=face)

    return {
        "rectangle": drawn(SIZE, lambda draw: draw.rectangle((76, 60, 119, 97), fill=255)),
        "disc": drawn(SIZE, lambda draw: draw.ellipse((40, 32, 76, 68), fill=255)),
        "scratches": drawn(SIZE, scratches),
        "overlay": drawn(SIZE, overlay),
        "field": drawn(TEXTURE, lambda draw: draw.rectangle((80, 84, 145, 141), fill=255)),
        "pond": drawn(TEXTURE, lambda draw: draw.ellipse((80, 76, 150, 146), fill=255)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--font", required=True)
    font = parser.parse_args().font
    pictures = {
        "brick": cut("brick.png", 0, 0, SIZE),
        "chessboard": chessboard(),
        "page": page(font),
        "coffee": cut("coffee.png", 150, 90, SIZE),
        "rocket": cut("rocket.jpg", 230, 90, SIZE),
        "grass": cut("grass.png", 0, 0, TEXTURE),
        "gravel": cut("gravel.png", 0, 0, TEXTURE),
    }
    masks = holes(font)
    for name, picture in pictures.items():
        picture.save(HERE / f"{name}.png", optimize=True)
    for name, mask in masks.items():
        mask.convert("1").save(HERE / f"hole-{name}.png", optimize=True)
    table = {}
    for name in ("brick", "chessboard", "page", "coffee", "rocket"):
        for hole in ("rectangle", "disc", "scratches", "overlay"):
            picture = np.ascontiguousarray(pictures[name].convert("RGB"))
            mask = np.array(masks[hole])
            filled = cv2.inpaint(picture, mask, 5, cv2.INPAINT_TELEA)
            error = ((filled.astype(float) - picture)[mask > 0] ** 2).mean()
            table[f"{name} {hole}"] = round(10 * np.log10(255**2 / error), 3)
    (HERE / "telea.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
