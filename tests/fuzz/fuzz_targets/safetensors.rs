//! Any bytes as a file of weights: the header, and the numbers it leads to. What lists files and what
//! reads them agree on which are whole.
#![no_main]

use afterimage::weights::{FileFacts, OtherUse, Weights};
use afterimage_fuzz::{in_a_file, read_all};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    in_a_file("any.safetensors", data, |path| {
        let (weights, facts) = (Weights::open(path), FileFacts::read(path));
        match (&weights, &facts) {
            (Ok(weights), Ok(facts)) => {
                assert!(weights.names().eq(facts.tensors.keys()));
                read_all(weights);
                OtherUse::of(weights);
                facts.precision();
                assert!(facts.elements() <= 8 * data.len() as u64 || facts.elements() == u64::MAX);
            }
            (Err(_), Err(_)) => {}
            _ => panic!("{weights:?} is {facts:?}"),
        }
    });
});
