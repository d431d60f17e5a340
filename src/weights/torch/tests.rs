use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::Weights;
use super::*;

/// Files of `tests/golden/make_torch.py`.
fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/torch")
        .join(name)
}

fn read(weights: &Weights, name: &str, dtype: DType) -> Tensor {
    let builder = weights.builder(dtype, &Device::Cpu);
    let shape = weights.shape(name).unwrap().to_vec();
    builder.get(shape, name).unwrap()
}

/// Compares the given tensors to those of the plain file, exactly.
fn assert_same(ours: &Weights, names: impl Iterator<Item = (String, String)>) {
    let plain = Weights::open(&golden("plain.safetensors")).unwrap();
    let mut count = 0;
    for (own, plainly) in names {
        let (a, b) = (
            read(ours, &own, DType::F64),
            read(&plain, &plainly, DType::F64),
        );
        assert_eq!(a.dims(), b.dims(), "{own}");
        let values = |tensor: &Tensor| {
            let flat = tensor.flatten_all().unwrap();
            flat.to_vec1::<f64>().unwrap()
        };
        assert_eq!(values(&a), values(&b), "{own}");
        count += 1;
    }
    assert!(count >= 7, "only {count} tensors");
}

#[test]
fn modules_and_checkpoints_give_the_tensors_of_their_state() {
    for file in ["trace.pt", "script.pt", "lightning.ckpt"] {
        let weights = Weights::open(&golden(file)).unwrap();
        let expected = [
            "body.0.bias",
            "body.0.weight",
            "body.1.bias",
            "body.1.num_batches_tracked",
            "body.1.running_mean",
            "body.1.running_var",
            "body.1.weight",
        ];
        assert_eq!(weights.names().collect::<Vec<_>>(), expected, "{file}");
        assert_same(
            &weights,
            expected
                .map(|name| (name.to_owned(), name.to_owned()))
                .into_iter(),
        );
    }
}

#[test]
fn views_of_any_kind_and_order_read_as_they_do_in_torch() {
    for file in ["views.pth", "before_archives.pth"] {
        let weights = Weights::open(&golden(file)).unwrap();
        let names: Vec<String> = weights.names().map(str::to_owned).collect();
        assert_eq!(names.len(), 13, "{names:?}");
        let readable = names
            .iter()
            .filter(|name| !["yes", "spread"].contains(&name.as_str()));
        assert_same(
            &weights,
            readable.map(|name| (name.clone(), format!("views.{name}"))),
        );
        let builder = weights.builder(DType::F32, &Device::Cpu);
        for (name, words) in [("yes", "BoolStorage"), ("spread", "share their place")] {
            let shape = weights.shape(name).unwrap().to_vec();
            let error = builder.get(shape, name).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}

#[test]
fn a_cut_or_altered_file_never_reads_outside_of_itself() {
    for file in [
        "trace.pt",
        "lightning.ckpt",
        "views.pth",
        "before_archives.pth",
    ] {
        let whole = std::fs::read(golden(file)).unwrap();
        for keep in (4..whole.len()).step_by(7) {
            assert!(places(&whole[..keep]).is_err(), "{file} cut at {keep}");
        }
        for at in (0..whole.len()).step_by(5) {
            for flip in [0x01, 0x80] {
                let mut altered = whole.clone();
                altered[at] ^= flip;
                let Ok(header) = places(&altered) else {
                    continue;
                };
                for place in header.values() {
                    assert!(place.bytes.end <= altered.len());
                    if let Ok(kind) = place.kind {
                        let room = place.bytes.len() / kind.size_in_bytes();
                        assert!(place.elements() <= room as u64, "{place:?}");
                        if let Some(strides) = &place.strides {
                            let between = &altered[place.bytes.clone()];
                            let own = place.gathered(between, strides, kind.size_in_bytes());
                            assert!(own.len() <= between.len());
                        }
                    }
                }
            }
        }
    }
}

/// An archive as torch would write it around a pickle and one storage of eight bytes.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in parts {
        writer.start_file(format!("x/{name}"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A dictionary with the tensor `a` of the given place, as a pickle.
fn one_tensor(offset: u32, shape: u32, stride: u32) -> Vec<u8> {
    let mut bytes = b"\x80\x02}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v2\n((".to_vec();
    bytes.extend(b"X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x02tQ");
    for (number, after) in [(offset, &b""[..]), (shape, b"\x85"), (stride, b"\x85")] {
        bytes.push(b'J');
        bytes.extend(number.to_le_bytes());
        bytes.extend(after);
    }
    bytes.extend(b"\x89}tRs.");
    bytes
}

fn refused(parts: &[(&str, &[u8])], words: &str) {
    let error = places(&archive(parts)).unwrap_err();
    assert!(error.contains(words), "{error:?} without {words:?}");
}

#[test]
fn a_tensor_must_lie_in_its_storage() {
    let storage: &[u8] = &[0; 8];
    let good = one_tensor(0, 2, 1);
    let header = places(&archive(&[("data.pkl", &good), ("data/0", storage)])).unwrap();
    assert_eq!(header["a"].shape, [2]);
    assert_eq!(header["a"].bytes.len(), 8);
    for (offset, shape, stride) in [
        (0, 3, 1),
        (1, 2, 1),
        (0, 2, 2),
        (i32::MAX as u32, 1, 1),
        (0, i32::MAX as u32, i32::MAX as u32),
    ] {
        let bad = one_tensor(offset, shape, stride);
        refused(&[("data.pkl", &bad), ("data/0", storage)], "tensor a");
    }
    // A negative size describes no tensor.
    let bad = one_tensor(0, u32::MAX, 1);
    refused(
        &[("data.pkl", &bad), ("data/0", storage)],
        "no named tensors",
    );
    refused(&[("data.pkl", &good)], "data/0 is missing");
    refused(&[("data/0", storage)], "torch did not write it");
    let foreign = [
        ("data.pkl", &good[..]),
        ("data/0", storage),
        ("byteorder", b"big"),
    ];
    refused(&foreign, "big end first");
}

#[test]
fn objects_without_end_are_refused() {
    // d = {}; d["a"] = d
    refused(&[("data.pkl", b"}q\x00U\x01ah\x00s.")], "nested too deep");
    // Twenty dictionaries, each twice in the next.
    let mut bytes = b"}q\x00".to_vec();
    for level in 0..20 {
        bytes.extend([
            b'}', b'(', b'U', 1, b'a', b'h', level, b'U', 1, b'b', b'h', level,
        ]);
        bytes.extend([b'u', b'q', level + 1]);
    }
    bytes.push(b'.');
    refused(&[("data.pkl", &bytes)], "more parts than could be true");
}

/// A dictionary of that many entries with the value which `value` makes once, before them.
fn same_many_times(value: &[u8], names: impl Iterator<Item = String>) -> Vec<u8> {
    let mut bytes = b"\x80\x02".to_vec();
    bytes.extend(value);
    bytes.extend(b"q\x000}(");
    for name in names {
        bytes.push(b'X');
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend(name.bytes());
        bytes.extend(b"h\x00");
    }
    bytes.extend(b"u.");
    bytes
}

/// A tensor of that many dimensions of one element each, which takes its call from [`one_tensor`].
fn tensor(dimensions: usize) -> Vec<u8> {
    let whole = one_tensor(0, 1, 1);
    let call = &whole[b"\x80\x02}X\x01\0\0\0a".len()..whole.len() - b"s.".len()];
    let tuple = b"J\x01\0\0\0\x85";
    let at = call.windows(6).position(|found| found == tuple).unwrap();
    let long = [&b"("[..], &b"K\x01".repeat(dimensions), b"t"].concat();
    [&call[..at], &long, &long, &call[at + 12..]].concat()
}

#[test]
fn what_is_named_again_and_again_does_not_grow_without_end() {
    let storage = ("data/0", &[0; 8][..]);
    let names = |count: usize| (0..count).map(|at| at.to_string());

    let good = same_many_times(&tensor(4), names(9));
    let header = super::places(&archive(&[("data.pkl", &good), storage])).unwrap();
    assert_eq!(header["8"].shape, [1; 4]);
    let long = same_many_times(&tensor(9), names(9));
    refused(&[("data.pkl", &long), storage], "no named tensors");

    let long = same_many_times(&tensor(1), std::iter::once("x".repeat(2000)));
    refused(&[("data.pkl", &long), storage], "too long to be true");

    let whole = one_tensor(0, 1000, 1);
    let call = &whole[b"\x80\x02}X\x01\0\0\0a".len()..whole.len() - b"s.".len()];
    let large = ("data/0", &[0; 4000][..]);
    let shared = same_many_times(call, names(2));
    let header = super::places(&archive(&[("data.pkl", &shared), large])).unwrap();
    assert_eq!(header.len(), 2);
    let shared = same_many_times(call, names(9));
    refused(&[("data.pkl", &shared), large], "share their storages");
}

/// The older stream around some objects, with storages of so many elements each, and their bytes.
fn stream(machine: &[u8], objects: &[u8], storages: &[(&str, i64, &[u8])]) -> Vec<u8> {
    let magic = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
    let mut bytes = [&magic[..], b"\x80\x02M\xe9\x03.", machine, objects, b"]("].concat();
    for (key, ..) in storages {
        bytes.extend([b'U', key.len() as u8]);
        bytes.extend(key.bytes());
    }
    bytes.extend(b"e.");
    for (_, count, elements) in storages {
        bytes.extend(count.to_le_bytes());
        bytes.extend(*elements);
    }
    bytes
}

/// `{"little_endian": True}`
const MACHINE: &[u8] = b"}U\x0dlittle_endian\x88s.";

#[test]
fn a_storage_of_the_older_stream_lies_behind_all_before_it() {
    // A dictionary of the tensor `a` and of a storage of bytes that is part of no tensor.
    let mut objects = one_tensor(0, 2, 1);
    objects.truncate(objects.len() - 1);
    objects.extend(b"U\x01b(U\x07storagectorch\nByteStorage\nU\x01\x78U\x03cpuK\x03NtQs.");
    let (numbers, others): (&[u8], &[u8]) = (&[0; 8], &[0; 3]);
    let good = stream(MACHINE, &objects, &[("x", 3, others), ("0", 2, numbers)]);
    let header = places(&good).unwrap();
    assert_eq!(header["a"].bytes, good.len() - 8..good.len());

    let refused = |bytes: &[u8], words: &str| {
        let error = super::places(bytes).unwrap_err();
        assert!(error.contains(words), "{error:?} without {words:?}");
    };
    refused(&good[..good.len() - 1], "storage 0 reaches beyond");
    for count in [3, i64::MAX, -1, i64::MIN] {
        let bad = stream(
            MACHINE,
            &objects,
            &[("x", 3, others), ("0", count, numbers)],
        );
        refused(&bad, "storage 0 reaches beyond");
    }
    refused(
        &stream(MACHINE, &objects, &[("x", 3, others)]),
        "storage 0 is missing",
    );
    refused(
        &stream(MACHINE, &objects, &[("y", 3, others)]),
        "storage y belongs to no tensor",
    );
    let short = stream(MACHINE, &objects, &[("x", 3, others), ("0", 1, &[0; 4])]);
    refused(&short, "tensor a: it reaches beyond its storage");
    refused(
        &stream(b"}U\x0dlittle_endian\x89s.", &objects, &[]),
        "big end first",
    );
    refused(&stream(b"K\x01.", &objects, &[]), "big end first");
    let mut later = good.clone();
    let version = b"M\xe9\x03";
    let at = later.windows(3).position(|found| found == version).unwrap();
    later[at + 1] += 1;
    refused(&later, "version");
}

#[test]
fn what_only_the_oldest_streams_have_is_named() {
    // A storage that is a part of another: its name has (key, offset, elements) in the end.
    let whole = one_tensor(0, 2, 1);
    let end = b"K\x02tQ";
    let at = whole.windows(4).position(|found| found == end).unwrap() + 2;
    let objects = [&whole[..at], b"U\x01vK\x00K\x02\x87", &whole[at..]].concat();
    let header = places(&stream(MACHINE, &objects, &[("0", 2, &[0; 8])])).unwrap();
    assert_eq!(header["a"].kind, Err("a part of a storage".to_owned()));

    // And a class of storages nobody knows hides where the next one lies.
    let name = b"FloatStorage";
    let at = whole.windows(name.len()).position(|found| found == name);
    let mut objects = whole;
    objects[at.unwrap()] = b'B';
    let bytes = stream(MACHINE, &objects, &[("0", 2, &[0; 8])]);
    let error = super::places(&bytes).unwrap_err();
    assert!(
        error.contains("BloatStorage, which is not known"),
        "{error}"
    );
}
