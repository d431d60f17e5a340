//! Texts about prompts: how long they are and how they are read.

use super::Language::{self, Chinese, English};
use crate::engine::TokenCount;
use crate::recipe::Emphasis;

/// `23 / 75 tokens`, or `80 / 150 tokens · 2 chunks`.
pub fn tokens(language: Language, count: &TokenCount) -> String {
    let (tokens, chunks) = (count.tokens, count.chunks);
    let room = count.room * chunks;
    match (language, chunks) {
        (English, 1) => format!("{tokens} / {room} tokens"),
        (English, _) => format!("{tokens} / {room} tokens · {chunks} chunks"),
        (Chinese, 1) => format!("{tokens} / {room} 词元"),
        (Chinese, _) => format!("{tokens} / {room} 词元 · {chunks} 段"),
    }
}

/// Where a prompt is cut, under it.
pub fn cut_from(language: Language, cut: &str) -> String {
    const SHOWN: usize = 40;
    let mut start: String = cut.chars().take(SHOWN).collect();
    if start.len() < cut.len() {
        start.push('…');
    }
    match language {
        English => format!("the model reads no further; left out: “{start}”"),
        Chinese => format!("模型只读到这里，以下被舍去：“{start}”"),
    }
}

/// `A1111 · clip skip 2`: how prompts are read.
pub fn reading(language: Language, emphasis: Emphasis, clip_skip: u32) -> String {
    let name = emphasis_name(language, emphasis);
    match (language, clip_skip) {
        (_, 1) => name.to_owned(),
        (English, _) => format!("{name} · clip skip {clip_skip}"),
        (Chinese, _) => format!("{name} · CLIP 跳层 {clip_skip}"),
    }
}

pub fn emphasis_name(language: Language, emphasis: Emphasis) -> &'static str {
    match (language, emphasis) {
        (_, Emphasis::A1111) => "A1111",
        (_, Emphasis::Comfy) => "ComfyUI",
        (English, Emphasis::NoNorm) => "No norm",
        (Chinese, Emphasis::NoNorm) => "无归一",
        (English, Emphasis::None) => "Literal",
        (Chinese, Emphasis::None) => "原文",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_names_its_chunks_where_there_are_several() {
        let mut count = TokenCount {
            tokens: 23,
            room: 75,
            chunks: 1,
            cut: None,
        };
        assert_eq!(tokens(English, &count), "23 / 75 tokens");
        (count.tokens, count.chunks) = (80, 2);
        assert_eq!(tokens(English, &count), "80 / 150 tokens · 2 chunks");
        assert_eq!(tokens(Chinese, &count), "80 / 150 词元 · 2 段");
    }

    #[test]
    fn what_is_left_out_is_told_by_its_beginning() {
        let told = cut_from(Chinese, &"日落".repeat(40));
        assert!(told.contains("日落…”"), "{told}");
    }
}
