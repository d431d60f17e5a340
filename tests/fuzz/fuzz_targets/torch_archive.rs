//! Archives of torch and of `TorchScript`: whole ones, and any bytes as the pickle in one.
#![no_main]

use afterimage::weights::Weights;
use afterimage_fuzz::{in_a_file, read_all, stored_zip};
use libfuzzer_sys::fuzz_target;

const ZIP: &[u8] = b"PK\x03\x04";
/// What tensors of the pickle may be made of.
const NUMBERS: [u8; 64] = [0x3f; 64];

fuzz_target!(|data: &[u8]| {
    let built;
    let file = if data.starts_with(ZIP) {
        data
    } else {
        built = stored_zip(&[
            ("a/data.pkl", data),
            ("a/data/0", &NUMBERS),
            ("a/data/1", &NUMBERS),
        ]);
        &built
    };
    in_a_file("any.pt", file, |path| {
        if let Ok(weights) = Weights::open(path) {
            read_all(&weights);
        }
    });
});
