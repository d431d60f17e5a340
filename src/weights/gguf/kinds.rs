//! ggml's kinds of numbers.

use candle_core::DType;
use candle_core::quantized::GgmlDType;

/// What numbers are read as, and their blocks where they are coded.
pub(super) type ReadAs = (DType, Option<GgmlDType>);

/// The number a kind has in files, what people call it, and how it is read, if it is.
type Row = (u32, &'static str, Option<ReadAs>);

/// The kinds there are, after ggml.h.
const KINDS: &[Row] = &[
    (0, "f32", Some(plain(DType::F32))),
    (1, "f16", Some(plain(DType::F16))),
    (2, "q4_0", Some(coded(GgmlDType::Q4_0))),
    (3, "q4_1", Some(coded(GgmlDType::Q4_1))),
    (6, "q5_0", Some(coded(GgmlDType::Q5_0))),
    (7, "q5_1", Some(coded(GgmlDType::Q5_1))),
    (8, "q8_0", Some(coded(GgmlDType::Q8_0))),
    (9, "q8_1", None),
    (10, "q2_k", Some(coded(GgmlDType::Q2K))),
    (11, "q3_k", Some(coded(GgmlDType::Q3K))),
    (12, "q4_k", Some(coded(GgmlDType::Q4K))),
    (13, "q5_k", Some(coded(GgmlDType::Q5K))),
    (14, "q6_k", Some(coded(GgmlDType::Q6K))),
    (15, "q8_k", None),
    (16, "iq2_xxs", None),
    (17, "iq2_xs", None),
    (18, "iq3_xxs", None),
    (19, "iq1_s", None),
    (20, "iq4_nl", None),
    (21, "iq3_s", None),
    (22, "iq2_s", None),
    (23, "iq4_xs", None),
    (24, "i8", None),
    (25, "i16", None),
    (26, "i32", None),
    (27, "i64", Some(plain(DType::I64))),
    (28, "f64", Some(plain(DType::F64))),
    (29, "iq1_m", None),
    (30, "bf16", Some(plain(DType::BF16))),
    (34, "tq1_0", None),
    (35, "tq2_0", None),
    (39, "mxfp4", None),
];

const fn plain(kind: DType) -> ReadAs {
    (kind, None)
}

const fn coded(blocks: GgmlDType) -> ReadAs {
    (DType::F32, Some(blocks))
}

/// How numbers of a kind are read; else what people call it.
pub(super) fn read_as(kind: u32) -> Result<ReadAs, String> {
    match KINDS.iter().find(|(number, ..)| *number == kind) {
        Some((.., Some(read))) => Ok(*read),
        Some((_, name, None)) => Err((*name).to_owned()),
        None => Err(format!("ggml's kind {kind}")),
    }
}

/// What people call blocks that are read.
pub(in super::super) fn name_of(blocks: GgmlDType) -> &'static str {
    let of_blocks = |read: &Option<ReadAs>| read.is_some_and(|(_, own)| own == Some(blocks));
    let row = KINDS.iter().find(|(.., read)| of_blocks(read));
    row.map_or("", |(_, name, _)| name)
}
