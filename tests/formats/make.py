"""Pictures of every kind we read, all of the same scene: red on the left, blue on the right, 16 by 8 pixels.

    pip install pillow numpy opencv-python-headless
    python make.py
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms

HERE = Path(__file__).resolve().parent

scene = Image.new("RGB", (16, 8), (220, 20, 20))
scene.paste((20, 20, 220), (8, 0, 16, 8))

scene.save(HERE / "plain.bmp")
scene.save(HERE / "plain.tif")
scene.save(HERE / "plain.webp", lossless=True)
scene.save(HERE / "still.gif", save_all=True, append_images=[Image.new("RGB", (16, 8), "white")], duration=100)
scene.quantize(4).save(HERE / "palette.png")
scene.convert("CMYK").save(HERE / "cmyk.jpg", quality=95)

# A camera held upright: stored lying on its side, to be turned a quarter clockwise.
exif = Image.Exif()
exif[0x0112] = 6
scene.transpose(Image.Transpose.ROTATE_90).save(HERE / "turned.jpg", quality=95, exif=exif)

values = np.array(scene.convert("L"), np.uint16) * 257
Image.fromarray(values).save(HERE / "gray16.png")
Image.fromarray(values).save(HERE / "gray16.tif")
opaque = scene.copy()
scene.putalpha(128)
scene.save(HERE / "half.png")
(HERE / "text.png").write_text("This is no picture.\n")
whole = (HERE / "half.png").read_bytes()
(HERE / "cut.png").write_bytes(whole[: len(whole) - 30])

# A camera's: lying on its side, with a profile, a name and XMP.
exif[0x013B] = "somebody"
xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
srgb, xyz = (ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes() for name in ("sRGB", "XYZ"))
opaque.transpose(Image.Transpose.ROTATE_90).save(
    HERE / "camera.jpg", quality=95, exif=exif, icc_profile=srgb, xmp=xmp
)
# A profile that is not of the picture's colours.
opaque.save(HERE / "xyz.webp", lossless=True, icc_profile=xyz)

# Sixteen bits of colour, and floats beyond what a PNG can hold. OpenCV takes blue first.
deep = np.array(opaque, np.uint16)[:, :, ::-1] * 257
deep[:, :, 0] += 100
cv2.imwrite(str(HERE / "deep.tif"), deep)
light = np.array(opaque, np.float32)[:, :, ::-1] / 255
light[0, 0] = (2.0, 0.5, -0.5)
cv2.imwrite(str(HERE / "float.tif"), light)

# AVIF: of a smooth picture, beside what libavif makes of it again; and turned in all ways.
y, x = np.mgrid[0:24, 0:40]
smooth = np.stack([40 + 4 * x, 30 + 7 * y, 200 - 2 * x - 3 * y], 2).astype(np.uint8)
for name, options in {
    "444": {"subsampling": "4:4:4"},
    "422": {"subsampling": "4:2:2"},
    "420": {"subsampling": "4:2:0"},
    "limited": {"subsampling": "4:4:4", "range": "limited"},
}.items():
    path = HERE / f"smooth-{name}.avif"
    Image.fromarray(smooth).save(path, quality=95, speed=4, **options)
    Image.open(path).convert("RGB").save(HERE / f"smooth-{name}.png")
scene.save(HERE / "half.avif", quality=100, subsampling="4:4:4")
opaque.save(HERE / "plain.avif", quality=100)
opaque.convert("L").save(HERE / "gray.avif", quality=100, subsampling="4:0:0")
cv2.imwrite(str(HERE / "deep.avif"), deep >> 6, [cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_DEPTH, 10])
opaque.save(HERE / "camera.avif", quality=100, subsampling="4:4:4", icc_profile=srgb, xmp=xmp)
corner = Image.fromarray(smooth)
for way in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = way
    corner.save(HERE / f"turned-{way}.avif", quality=60, exif=exif, subsampling="4:4:4")
