//! The stream torch wrote before it wrote archives.
#![no_main]

use afterimage::weights::Weights;
use afterimage_fuzz::{in_a_file, read_all};
use libfuzzer_sys::fuzz_target;

/// The number by which torch knows such a file, a version, and what kind of machine wrote it.
const START: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00(X\x10\0\0\0protocol_versionq\x01M\xe9\x03X\r\0\0\0little_endianq\x02\x88u.";

fuzz_target!(|data: &[u8]| {
    let file = if data.starts_with(&START[..15]) {
        data.to_vec()
    } else {
        [START, data].concat()
    };
    in_a_file("any.pth", &file, |path| {
        if let Ok(weights) = Weights::open(path) {
            read_all(&weights);
        }
    });
});
