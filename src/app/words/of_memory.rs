//! How pictures are made to fit into memory, and why some do not.

use super::Language::{self, Chinese, English};
use super::phrases::gigabytes;
use crate::engine::{Saving, TooLittleMemory};
use crate::recipe::WeightBits;

/// `Fits by decoding in tiles of 512 pixels.`
pub fn fits_by(language: Language, savings: &[Saving]) -> String {
    match language {
        English => format!("Fits by {}.", Saving::all(savings)),
        Chinese => format!("为适应内存：{}。", all(savings)),
    }
}

/// Something is done so that the picture fits, told of a job that goes on.
pub fn fitted(language: Language, savings: &[Saving]) -> String {
    match language {
        English => format!("fits into memory by {}", Saving::all(savings)),
        Chinese => format!("为适应内存：{}", all(savings)),
    }
}

/// Why a picture does not fit, and what would.
pub fn refusal(language: Language, refusal: &TooLittleMemory) -> String {
    match language {
        English => refusal.to_string(),
        Chinese => chinese(refusal),
    }
}

fn all(savings: &[Saving]) -> String {
    let texts: Vec<_> = savings.iter().map(|saving| one(*saving)).collect();
    texts.join("，")
}

fn one(saving: Saving) -> String {
    match saving {
        Saving::Tiles(side) => format!("以 {side} 像素的图块解码"),
        Saving::Bits(WeightBits::EightBit) => "权重以 8 位保存".to_owned(),
        Saving::Bits(_) => "权重以半精度保存".to_owned(),
        Saving::OneText => "逐条计算提示词".to_owned(),
        Saving::DropEncoders => "读完提示词后卸载文本编码器".to_owned(),
    }
}

fn chinese(refusal: &TooLittleMemory) -> String {
    let TooLittleMemory {
        extent,
        needed,
        allowed,
        savings,
        smaller,
        fewer_bits,
    } = refusal;
    let even = if savings.is_empty() {
        String::new()
    } else {
        format!("即使{}，", all(savings))
    };
    let smaller = smaller.map(|(size, bytes)| {
        let (width, height) = (size.width, size.height);
        format!("尺寸最大为 {width}×{height}（{}）", gigabytes(bytes))
    });
    let bits = fewer_bits.map(|(_, bytes)| format!("权重以 8 位保存（{}）", gigabytes(bytes)));
    let mut cures: Vec<_> = smaller.into_iter().chain(bits).collect();
    if cures.is_empty() {
        cures.push("换用较小的模型".to_owned());
    }
    cures.push("允许更多内存".to_owned());
    format!(
        "{}×{} 的图片{even}也需要 {}，而可用内存为 {}：请选择{}",
        extent.width,
        extent.height,
        gigabytes(*needed),
        gigabytes(*allowed),
        cures.join("，或")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Extent;

    #[test]
    fn a_refusal_names_what_would_fit_in_both_languages() {
        let told = TooLittleMemory {
            extent: Extent::new(1024, 768),
            needed: 9_100_000_000,
            allowed: 6_000_000_000,
            savings: vec![Saving::Tiles(256), Saving::OneText],
            smaller: Some((Extent::new(512, 384), 5_900_000_000)),
            fewer_bits: Some((WeightBits::EightBit, 5_500_000_000)),
        };
        assert_eq!(
            refusal(English, &told),
            "a picture of 1024x768 needs 9.10 GB even by decoding in tiles of 256 pixels and telling \
             the denoiser one prompt at a time, and 6.00 GB may be used: choose at most 512x384 \
             (5.90 GB), keep the weights in 8 bits (5.50 GB), or allow more memory"
        );
        assert_eq!(
            refusal(Chinese, &told),
            "1024×768 的图片即使以 256 像素的图块解码，逐条计算提示词，也需要 9.1 GB，而可用内存为 6.0 GB：请选择尺寸最大为 512×384（5.9 GB），或权重以 8 位保存（5.5 GB），或允许更多内存"
        );
        let hopeless = TooLittleMemory {
            savings: Vec::new(),
            smaller: None,
            fewer_bits: None,
            ..told
        };
        assert!(
            refusal(English, &hopeless).ends_with("choose a smaller model, or allow more memory")
        );
        assert!(refusal(Chinese, &hopeless).ends_with("请选择换用较小的模型，或允许更多内存"));
    }

    #[test]
    fn savings_are_told_in_both_languages() {
        let savings = [
            Saving::Tiles(512),
            Saving::Bits(WeightBits::Half),
            Saving::DropEncoders,
        ];
        assert_eq!(
            fits_by(English, &savings),
            "Fits by decoding in tiles of 512 pixels, keeping the weights in half precision and \
             unloading the text encoders once the prompts are read."
        );
        assert_eq!(
            fits_by(Chinese, &savings),
            "为适应内存：以 512 像素的图块解码，权重以半精度保存，读完提示词后卸载文本编码器。"
        );
    }
}
