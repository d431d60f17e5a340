//! Texts of the style table with numbers and names in them.

use super::Language::{self, Chinese, English};
use super::phrases;
use crate::raster::Extent;

/// Where weights of VGG-19 belong.
pub fn vgg_missing(language: Language, folder: &str) -> String {
    match language {
        English => format!("With vgg19-dcbb9e9d.pth in {folder} VGG-19 sees finer."),
        Chinese => format!("把 vgg19-dcbb9e9d.pth 放到 {folder}，VGG-19 会看得更细。"),
    }
}

/// `style 12.1 · content 3.4`
pub fn losses(language: Language, style: f64, content: f64) -> String {
    let (style, content) = (short(style), short(content));
    match language {
        English => format!("style {style} · content {content}"),
        Chinese => format!("风格 {style} · 内容 {content}"),
    }
}

/// A number in three digits or so.
fn short(value: f64) -> String {
    match value {
        value if value >= 1e5 => format!("{value:.1e}"),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 0.095 => format!("{value:.1}"),
        value if value <= 0.0 => "0".to_owned(),
        value => format!("{value:.1e}"),
    }
}

/// `growing · 512x342`
pub fn growing(language: Language, extent: Extent) -> String {
    let extent = phrases::extent(extent);
    match language {
        English => format!("growing · {extent}"),
        Chinese => format!("生成中 · {extent}"),
    }
}

/// The weight of one of several styles.
pub fn style_weight(language: Language, number: usize) -> String {
    match language {
        English => format!("Weight of style {number}"),
        Chinese => format!("风格 {number} 的权重"),
    }
}

pub fn take_style(language: Language, number: usize) -> String {
    match language {
        English => format!("Take away style {number}"),
        Chinese => format!("移除风格 {number}"),
    }
}

pub fn kept_style(language: Language, number: usize) -> String {
    match language {
        English => format!("Kept style {number}"),
        Chinese => format!("收藏的风格 {number}"),
    }
}

pub fn forget_style(language: Language, number: usize) -> String {
    match language {
        English => format!("Forget kept style {number}"),
        Chinese => format!("取消收藏风格 {number}"),
    }
}

/// The tile of a style a network has learnt.
pub fn quick_style(language: Language, title: &str) -> String {
    match language {
        English => format!("Quick style {title}"),
        Chinese => format!("快速风格 {title}"),
    }
}

/// A style has been learnt.
pub fn learnt(language: Language, title: &str) -> String {
    match language {
        English => format!("{title} is learnt: any picture takes it in a moment now"),
        Chinese => format!("已学会“{title}”：现在一瞬间就能用于任何图片"),
    }
}

pub fn go_on_with(language: Language, title: &str) -> String {
    match language {
        English => format!("Continue to learn {title}"),
        Chinese => format!("继续学习 {title}"),
    }
}

pub fn forget_quick_style(language: Language, title: &str) -> String {
    match language {
        English => format!("Remove the quick style {title}"),
        Chinese => format!("删除快速风格 {title}"),
    }
}

pub fn delete_quick_style(language: Language, title: &str) -> String {
    match language {
        English => format!("Delete {title} for good"),
        Chinese => format!("永久删除 {title}"),
    }
}

pub fn spare_quick_style(language: Language, title: &str) -> String {
    match language {
        English => format!("Keep {title}"),
        Chinese => format!("保留 {title}"),
    }
}

pub fn forget_lesson(language: Language, title: &str) -> String {
    match language {
        English => format!("Remove the unfinished {title}"),
        Chinese => format!("删除未完成的 {title}"),
    }
}
