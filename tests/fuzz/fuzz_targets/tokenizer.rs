//! A tokenizer's files one after the other, with 0xff between them: vocabulary, merges, settings,
//! marks, all in one; then a text that is read by it.
#![no_main]

use afterimage::models::PromptTokenizer;
use afterimage_fuzz::Overlay;
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 5] = [
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "tokenizer/tokenizer_config.json",
    "tokenizer/special_tokens_map.json",
    "tokenizer/tokenizer.json",
];

fuzz_target!(|data: &[u8]| {
    let mut contents = data.split(|byte| *byte == 0xff);
    let own = FILES
        .into_iter()
        .zip(contents.by_ref())
        .filter(|(_, content)| !content.is_empty());
    let files = Overlay::over("epsilon", own);
    let Ok(tokenizer) = PromptTokenizer::new(&files, 77) else {
        return;
    };
    let text = String::from_utf8_lossy(contents.next().unwrap_or(b"a cat, (red:1.2) \xe6\x97\xa5"));
    if let Ok(tokens) = tokenizer.encode(&text) {
        assert_eq!(tokens.ids.len(), tokenizer.window());
    }
});
