//! Texts about how well pictures fit words.

use std::path::Path;

use super::Language::{self, Chinese, English};
use crate::engine::Likeness;

/// `24.1`: of a tile.
pub fn score(likeness: Likeness) -> String {
    format!("{:.1}", likeness.score)
}

/// What a tile's name has more, once the picture was compared: `likeness 24.1`.
pub fn likeness(language: Language, likeness: Likeness) -> String {
    let score = score(likeness);
    match language {
        English => format!("likeness {score}"),
        Chinese => format!("相似度 {score}"),
    }
}

/// `Likeness 24.1 (cosine 0.241)`.
pub fn likeness_tip(language: Language, likeness: Likeness) -> String {
    let (score, cosine) = (score(likeness), likeness.cosine);
    match language {
        English => format!("Likeness to the words {score} (cosine {cosine:.3})"),
        Chinese => format!("与文字的相似度 {score}（余弦 {cosine:.3}）"),
    }
}

/// `compared 3 of 60`.
pub fn compared(language: Language, done: usize, all: usize) -> String {
    match language {
        English => format!("compared {done} of {all}"),
        Chinese => format!("已比较 {done} / {all}"),
    }
}

/// `best 2 of 6 · Sprout-CLIP`: how a run is ranked, beside the folded head.
pub fn keeps(language: Language, keep: u32, count: u32) -> String {
    let keep = keep.min(count);
    match language {
        English => format!("keep {keep} of {count}"),
        Chinese => format!("{count} 张留 {keep}"),
    }
}

/// Pictures that do not stay.
pub fn set_aside(language: Language, count: usize, folder: &Path) -> String {
    let folder = folder.display();
    match (language, count) {
        (English, 1) => format!("1 picture was set aside, not deleted: it is in {folder}"),
        (English, _) => {
            format!("{count} pictures were set aside, not deleted: they are in {folder}")
        }
        (Chinese, _) => format!("{count} 张图片已移到一旁（未删除）：{folder}"),
    }
}

/// Who compares, as people call it.
pub fn clip_name(name: &str) -> String {
    if name == "sprout-clip" {
        "Sprout-CLIP".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_never_keeps_more_than_it_has() {
        assert_eq!(keeps(English, 4, 2), "keep 2 of 2");
        assert_eq!(keeps(Chinese, 1, 4), "4 张留 1");
    }

    #[test]
    fn nothing_that_is_set_aside_seems_deleted() {
        let told = set_aside(English, 3, Path::new("/pictures/set-aside"));
        assert!(told.contains("not deleted") && told.contains("/pictures/set-aside"));
        assert!(set_aside(Chinese, 1, Path::new("/a")).contains("未删除"));
    }
}
