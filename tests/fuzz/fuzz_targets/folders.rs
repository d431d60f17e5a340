//! `ComfyUI`'s list of folders of models, and the list of those people added.
#![no_main]

use afterimage::stock::Roots;
use afterimage_fuzz::{in_a_file, place};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    in_a_file("extra_model_paths.yaml", data, |list| {
        let remembered = place("added.json");
        let _nothing_yet = std::fs::remove_file(&remembered);
        let mut roots = Roots::new(place("studio"), place("hub"), remembered);
        if let Err(error) = roots.add(list) {
            assert!(
                error.to_string().contains("extra_model_paths.yaml"),
                "{error}"
            );
        }
    });
    in_a_file("model_folders.json", data, |file| {
        Roots::new(place("studio"), place("hub"), file.to_owned());
    });
});
