"""Makes the files in `gguf/`: tensors in every kind of block, and what the `gguf` package reads in them.

    pip install gguf==0.19.0 numpy safetensors
    python make_gguf.py

Blocks are random bytes whose scales are finite, so that no bit of them goes untried.
"""

from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize
from safetensors.numpy import save_file

HERE = Path(__file__).resolve().parent / "gguf"
CODED = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "BF16"]
ROWS, COLUMNS = 3, 512


def blocks_of(kind, random):
    """Rows of random blocks, and their values."""
    elements, size = GGML_QUANT_SIZES[kind]
    rows = []
    while len(rows) < ROWS * COLUMNS // elements:
        block = random.integers(0, 256, (1, size), dtype=np.uint8)
        with np.errstate(all="ignore"):
            values = dequantize(block, kind)
        if np.isfinite(values).all():
            rows.append(block)
    data = np.concatenate(rows).reshape(ROWS, -1)
    return data, dequantize(data, kind).reshape(ROWS, COLUMNS).astype(np.float32)


def main():
    HERE.mkdir(exist_ok=True)
    random = np.random.default_rng(4)
    writer = GGUFWriter(HERE / "kinds.gguf", "test")
    writer.add_custom_alignment(16)
    writer.add_string("a.text", "日")
    writer.add_array("a.list", ["b", "c"])
    writer.add_array("more.numbers", [1.5, 2.5])
    writer.add_bool("yes", True)
    writer.add_uint64("large", 2**63)
    writer.add_array("comfy.gguf.orig_shape.shaped", [2, 3, 4, 1])
    expected = {}
    for name in CODED:
        kind = GGMLQuantizationType[name]
        data, values = blocks_of(kind, random)
        writer.add_tensor(name, data, raw_dtype=kind)
        expected[name] = values
    for name, dtype in [("F32", np.float32), ("F16", np.float16)]:
        values = random.standard_normal((2, 3, 3, 1)).astype(dtype)
        writer.add_tensor(name, values)
        expected[name] = values.astype(np.float32)
    values = random.standard_normal((4, 6)).astype(np.float32)
    writer.add_tensor("shaped", values)
    expected["shaped"] = values.reshape(2, 3, 4, 1)
    writer.add_tensor("foreign", np.zeros((2, 18), np.uint8), raw_dtype=GGMLQuantizationType.IQ4_NL)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, HERE / "kinds.safetensors")


main()
