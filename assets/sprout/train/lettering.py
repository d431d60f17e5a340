"""Paints pictures of lettering on paper, walls and screens, in the studio's own fonts.

    python lettering.py FOLDER COUNT FONTS [SEED]
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from leaves import FINE, SIDE, colour, texture

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?-()&%"
CHINESE = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理世"


def lettering(seed, fonts):
    rng = np.random.default_rng(seed)
    side = SIDE * FINE
    ground = Image.fromarray((texture(rng, 512) * 255).astype(np.uint8)).resize((side, side), Image.BICUBIC)
    draw = ImageDraw.Draw(ground)
    y = 0
    while y < side:
        size = int(np.exp(rng.uniform(np.log(14), np.log(130))))
        file = fonts[rng.integers(len(fonts))]
        letters = list(CHINESE if "SC" in file.name and rng.random() < 0.6 else LATIN)
        ink = tuple(int(value * 255) for value in colour(rng))
        words = []
        for _ in range(40):
            words.append("".join(rng.choice(letters, rng.integers(1, 9))))
        draw.text((rng.integers(-40, 40), y), " ".join(words), font=ImageFont.truetype(str(file), size), fill=ink)
        y += int(size * rng.uniform(1.1, 1.8))
    turned = ground.rotate(rng.choice([0, 0, 0, rng.uniform(-20, 20)]), Image.BICUBIC)
    return turned.resize((SIDE, SIDE), Image.BOX)


if __name__ == "__main__":
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    fonts = sorted(Path(sys.argv[3]).glob("*.otf"))
    first = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(count):
        lettering(first + at, fonts).save(folder / f"{first + at:06}.png")
