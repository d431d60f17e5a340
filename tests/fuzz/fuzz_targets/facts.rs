//! What is shown of a file in the list of models: its tensors by lines, what it says about itself, and
//! behind a line `---` what other programs put beside it.
#![no_main]

use afterimage::stock::{Cache, details, item_at, picture_of, small_picture_of, trigger_words};
use afterimage::weights::FileFacts;
use afterimage_fuzz::{Header, in_a_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (header, beside) = text.split_once("\n---\n").unwrap_or((text, ""));
    for name in ["any.civitai.info", "any.json", "README.md"] {
        in_a_file(name, beside.as_bytes(), |_| ());
    }
    Header::of(header).in_a_file("any.safetensors", |path| {
        let item = item_at(path, &mut Cache::default());
        if let Some(item) = item {
            assert_eq!(item.told.problem, None);
            item.matches("any");
        }
        let facts = FileFacts::read(path).expect("a header that holds together");
        trigger_words(&facts.about);
        let details = details(path).expect("the same header");
        assert!(details.trigger_words.len() <= 80);
        if picture_of(path).is_some_and(|picture| picture.len() < 1 << 10) {
            small_picture_of(path, 32);
        }
    });
});
