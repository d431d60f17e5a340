"""Makes the fonts of the window: small parts of Inter and of Noto Sans SC.

    pip install fonttools
    python make.py --inter DIR --noto DIR

The first folder holds Inter-Regular.otf and Inter-SemiBold.otf (https://github.com/rsms/inter,
Debian's package fonts-inter), the second NotoSansCJK-Regular.ttc and NotoSansCJK-Bold.ttc
(https://github.com/notofonts/noto-cjk, Debian's package fonts-noto-cjk). Run it again after new
characters came into src/app.
"""

import argparse
import pathlib

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).resolve().parent
HOUSE = HERE.parent.parent

# Latin letters, punctuation, arrows, signs of keys and simple shapes.
LATIN = [(0x20, 0x7E), (0xA0, 0x17F), (0x2000, 0x2070), (0x20AC, 0x20AC), (0x2122, 0x2122),
         (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF), (0x25A0, 0x27BF)]
# CJK punctuation and full-width forms.
CHINESE = [(0x3000, 0x3017), (0xFF01, 0xFF5E), (0xFFE5, 0xFFE5)]
# Face of a collection file that holds the shapes of mainland China.
FACE = 2


def ranges(pairs):
    return {code for first, last in pairs for code in range(first, last + 1)}


def usual_hanzi():
    """The 3,755 characters of GB 2312's first level."""
    cells = (bytes([0xA0 + row, 0xA0 + cell]) for row in range(16, 56) for cell in range(1, 95))
    return {ord(text) for text in (cell.decode("gb2312", "ignore") for cell in cells) if text}


def characters(files):
    return {ord(char) for file in files for char in file.read_text("utf-8") if ord(char) > 0x7F}


def written_in_the_window():
    """Every character that stands in the window's code."""
    return characters(sorted((HOUSE / "src" / "app").rglob("*.rs")))


def taught_to_sprout():
    return characters([HOUSE / "assets" / "sprout" / "train" / "chars_zh.txt"])


def cut(font, codes, features):
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)


def with_tabular_digits(font):
    """Digits of one width, so that numbers stand still while they count."""
    gsub = font["GSUB"].table
    lookups = {index for record in gsub.FeatureList.FeatureRecord if record.FeatureTag == "tnum"
               for index in record.Feature.LookupListIndex}
    tabular = {}
    for index in lookups:
        for table in gsub.LookupList.Lookup[index].SubTable:
            table = getattr(table, "ExtSubTable", table)
            tabular.update(table.mapping)
    for table in font["cmap"].tables:
        for code in map(ord, "0123456789"):
            glyph = table.cmap.get(code)
            # Tables may share one mapping: then it is done already.
            if glyph in tabular:
                table.cmap[code] = tabular[glyph]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inter", type=pathlib.Path, required=True)
    parser.add_argument("--noto", type=pathlib.Path, required=True)
    options = parser.parse_args()

    for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
        font = TTFont(options.inter / name, recalcTimestamp=False)
        with_tabular_digits(font)
        cut(font, ranges(LATIN), ["kern", "mark", "mkmk", "ccmp"])
        font.save(HERE / name)

    shown = written_in_the_window() | ranges(CHINESE)
    # Headings are the window's own words; people may write anything in the regular weight.
    for weight, codes in (("Regular", shown | usual_hanzi() | taught_to_sprout()), ("Bold", shown)):
        name = options.noto / f"NotoSansCJK-{weight}.ttc"
        font = TTFont(name, fontNumber=FACE, recalcTimestamp=False)
        cut(font, codes - ranges([(0, 0x2FF)]), [])
        font.save(HERE / f"NotoSansSC-{weight}.otf")


if __name__ == "__main__":
    main()
