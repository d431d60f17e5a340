//! Any bytes as a GGUF file. What lists files and what reads them agree on which are whole.
#![no_main]

use afterimage::weights::{FileFacts, Weights};
use afterimage_fuzz::{in_a_file, read_all};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = [b"GGUF", data].concat();
    in_a_file("any.gguf", &file, |path| {
        let (weights, facts) = (Weights::open(path), FileFacts::read(path));
        match (&weights, &facts) {
            (Ok(weights), Ok(facts)) => {
                assert!(weights.names().eq(facts.tensors.keys()));
                read_all(weights);
            }
            (Err(_), Err(_)) => {}
            _ => panic!("{weights:?} is {facts:?}"),
        }
    });
});
