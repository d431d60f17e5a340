//! The words for the style a picture is painted in.

use super::super::attributes::Style;

/// What a style is called: before the sentence, and behind it or among keywords.
pub(super) struct Manner {
    pub(super) before: &'static [&'static str],
    pub(super) after: &'static [&'static str],
}

/// The English words; they are given before "a cat …".
pub(super) const fn english(style: Style) -> Manner {
    match style {
        Style::Flat => Manner {
            before: &[
                "an illustration of",
                "a picture of",
                "a drawing of",
                "a flat illustration of",
            ],
            after: &[
                "flat illustration",
                "vector art",
                "flat vector illustration",
            ],
        },
        Style::Oil => Manner {
            before: &[
                "an oil painting of",
                "oil painting of",
                "a thick oil painting of",
            ],
            after: &[
                "oil painting",
                "oil on canvas",
                "oil painting style",
                "in oil paint",
            ],
        },
        Style::Watercolour => Manner {
            before: &[
                "a watercolour of",
                "a watercolor painting of",
                "a watercolor of",
                "a watercolour painting of",
            ],
            after: &[
                "watercolour",
                "watercolor",
                "watercolor painting",
                "watercolour painting",
                "in watercolour style",
                "in watercolor style",
            ],
        },
        Style::Pixel => Manner {
            before: &[
                "pixel art of",
                "a pixel art picture of",
                "retro pixel art of",
            ],
            after: &[
                "pixel art",
                "pixel art style",
                "in pixel art style",
                "8-bit pixel art",
            ],
        },
        Style::Neon => Manner {
            before: &[
                "a neon cyberpunk picture of",
                "cyberpunk art of",
                "a cyberpunk picture of",
            ],
            after: &[
                "in neon cyberpunk style",
                "cyberpunk",
                "cyberpunk style",
                "neon cyberpunk",
                "in neon style",
            ],
        },
        Style::Pencil => Manner {
            before: &[
                "a pencil sketch of",
                "a pencil drawing of",
                "pencil sketch of",
            ],
            after: &[
                "pencil sketch",
                "pencil drawing",
                "pencil sketch style",
                "drawn in pencil",
            ],
        },
    }
}

/// The Chinese words; those before the sentence end in a stop, or in 的 before a measure word.
pub(super) const fn chinese(style: Style) -> Manner {
    match style {
        Style::Flat => Manner {
            before: &["一幅插画：", "插画：", "一幅画，画的是"],
            after: &["插画", "扁平插画", "扁平风格插画"],
        },
        Style::Oil => Manner {
            before: &["一幅油画：", "油画：", "油画风格的", "一幅油画，画的是"],
            after: &["油画", "油画风格", "布面油画"],
        },
        Style::Watercolour => Manner {
            before: &[
                "一幅水彩画：",
                "水彩画：",
                "水彩风格的",
                "一幅水彩画，画的是",
            ],
            after: &["水彩画", "水彩", "水彩风格", "水彩画风格"],
        },
        Style::Pixel => Manner {
            before: &["一幅像素画：", "像素画：", "像素风格的"],
            after: &["像素画", "像素风格", "像素艺术"],
        },
        Style::Neon => Manner {
            before: &["赛博朋克风格的", "霓虹风格的", "一幅赛博朋克风格的画："],
            after: &["赛博朋克风格", "霓虹风格", "赛博朋克", "霓虹赛博朋克风格"],
        },
        Style::Pencil => Manner {
            before: &[
                "一幅铅笔画：",
                "铅笔素描：",
                "铅笔素描风格的",
                "一幅铅笔素描，画的是",
            ],
            after: &["铅笔素描", "铅笔画", "铅笔素描风格"],
        },
    }
}
