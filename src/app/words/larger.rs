//! Texts about pictures that are made larger.

use super::Language::{self, Chinese, English};
use super::phrases::{duration, extent, gigabytes, megabytes};
use crate::models::UpscalerLayout;
use crate::pipelines::Plan;
use crate::raster::{Extent, Kind};
use crate::recipe::Enlargement;

/// Name of the cross beside a picture that is to be made larger.
pub fn take_out(language: Language, place: usize) -> String {
    match language {
        English => format!("Take out picture {place}"),
        Chinese => format!("移出图片 {place}"),
    }
}

/// `another picture, 4 times as large by Lanczos`: how a picture was made larger; a network is told
/// as the model.
pub(super) fn enlarged(language: Language, enlargement: &Enlargement) -> String {
    let scale = (enlargement.scale * 100.0).round() / 100.0;
    let by_network = enlargement.method == "network";
    match (language, by_network) {
        // A job that waits for its picture does not know yet.
        (English, _) if scale == 0.0 => "another picture, made larger".to_owned(),
        (Chinese, _) if scale == 0.0 => "另一张图片，放大".to_owned(),
        (English, true) if scale == 1.0 => "another picture, restored".to_owned(),
        (Chinese, true) if scale == 1.0 => "另一张图片，修复".to_owned(),
        (English, true) => format!("another picture, {scale} times as large"),
        (Chinese, true) => format!("另一张图片，放大 {scale} 倍"),
        (English, false) => format!("another picture, {scale} times as large by Lanczos"),
        (Chinese, false) => format!("另一张图片，放大 {scale} 倍（Lanczos）"),
    }
}

/// `Part 3 of 16`.
pub fn part_of(language: Language, part: u32, parts: u32) -> String {
    match language {
        English => format!("Part {part} of {parts}"),
        Chinese => format!("第 {part} / {parts} 块"),
    }
}

/// `1.2 s a part`.
pub fn each_part(language: Language, seconds: f64) -> String {
    let time = duration(language, seconds);
    match language {
        English => format!("{time} a part"),
        Chinese => format!("每块 {time}"),
    }
}

/// `RRDBNet · ×4 · sees 349 px`: what a network is.
pub fn network(language: Language, layout: &UpscalerLayout) -> String {
    let (family, scale) = (layout.family(), layout.scale());
    let sees = match (language, layout.receptive_field()) {
        (English, Some(field)) => format!("sees {field} px around"),
        (Chinese, Some(field)) => format!("感受野 {field} 像素"),
        (English, None) => "sees without an end".to_owned(),
        (Chinese, None) => "感受野无限".to_owned(),
    };
    format!("{family} · ×{scale} · {sees}")
}

/// Where networks that enlarge belong.
pub fn networks_belong(language: Language, folder: &str) -> String {
    match language {
        English => format!(
            "Networks of your own, such as Real-ESRGAN's weights, belong in {folder}/upscale."
        ),
        Chinese => format!("您自己的网络（例如 Real-ESRGAN 的权重）请放入 {folder}/upscale。"),
    }
}

/// `512 × 384 · 16 bits`: what a picture is.
pub fn picture_facts(language: Language, size: Extent, (kind, sixteen): (Kind, bool)) -> String {
    let mut parts = vec![extent(size)];
    if sixteen {
        parts.push(match language {
            English => "16 bits".to_owned(),
            Chinese => "16 位".to_owned(),
        });
    }
    if !kind.color {
        parts.push(match language {
            English => "gray".to_owned(),
            Chinese => "灰度".to_owned(),
        });
    }
    if kind.alpha {
        parts.push(match language {
            English => "transparent".to_owned(),
            Chinese => "透明".to_owned(),
        });
    }
    parts.join(" · ")
}

/// `0.5 GB of memory · a file of at most 52 MB`.
pub fn plan_takes(language: Language, memory: u64, file: u64) -> String {
    let (memory, file) = (gigabytes(memory), megabytes(file));
    match language {
        English => format!("{memory} of memory · file up to {file}"),
        Chinese => format!("内存 {memory} · 文件至多 {file}"),
    }
}

/// `512×384 → 2048×1536`.
pub fn enlargement(from: Extent, to: Extent) -> String {
    format!("{} → {}", extent(from), extent(to))
}

/// How a picture will be cut, and whether that can be seen.
pub fn parts(language: Language, plan: &Plan) -> String {
    let (count, Extent { width, height }) = (plan.parts(), plan.tile);
    if plan.method == "lanczos" {
        return match language {
            English => "line by line".to_owned(),
            Chinese => "逐行处理".to_owned(),
        };
    }
    if count == 1 {
        return match language {
            English => "in one part".to_owned(),
            Chinese => "整张一次完成".to_owned(),
        };
    }
    let seams = match (language, plan.is_seamless(), plan.feather) {
        (English, true, _) => "no seam",
        (Chinese, true, _) => "无接缝",
        (English, false, true) => "blended",
        (Chinese, false, true) => "已融合",
        (English, false, false) => "seams may show",
        (Chinese, false, false) => "可能有接缝",
    };
    match language {
        English => format!("{count} parts of {width}×{height} · {seams}"),
        Chinese => format!("{count} 块，每块 {width}×{height} · {seams}"),
    }
}

/// Name of a method's button where all are compared.
pub fn prefer(language: Language, name: &str) -> String {
    match language {
        English => format!("Use {name}"),
        Chinese => format!("采用 {name}"),
    }
}
