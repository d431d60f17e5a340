//! Any bytes as numbers coded in blocks of each kind that is read.
#![no_main]

use afterimage::weights::Weights;
use afterimage_fuzz::in_a_file;
use libfuzzer_sys::fuzz_target;

/// Numbers of ggml's kinds, numbers of a block, and bytes of it.
const KINDS: [(u32, usize, usize); 10] = [
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (10, 256, 84),
    (11, 256, 110),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
];

fuzz_target!(|data: &[u8]| {
    let Some((&kind, data)) = data.split_first() else {
        return;
    };
    let (kind, numbers, bytes) = KINDS[usize::from(kind) % KINDS.len()];
    let blocks = data.len() / bytes;
    if blocks == 0 {
        return;
    }
    // One tensor, called t; its data begin at the next 32 bytes.
    let mut file =
        b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0t\x01\0\0\0".to_vec();
    file.extend(((blocks * numbers) as u64).to_le_bytes());
    file.extend(kind.to_le_bytes());
    file.extend(0u64.to_le_bytes());
    file.resize(file.len().next_multiple_of(32), 0);
    file.extend(&data[..blocks * bytes]);
    in_a_file("blocks.gguf", &file, |path| {
        let weights = Weights::open(path).expect("a whole file");
        let values = weights.values("t").expect("a tensor of it");
        assert_eq!(values.len(), blocks * numbers);
    });
});
