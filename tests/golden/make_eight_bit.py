"""Makes the files in `eight_bit/`: all floating-point numbers of eight bits, and what torch reads in them.

    pip install torch==2.15.0 numpy safetensors
    python make_eight_bit.py

`numbers.safetensors` holds both kinds, and one of them with a scale beside it as ComfyUI writes it; the same
names in `expected.safetensors` are f32. `parts.weight`, whose scales are several, is not read. What is scaled is rounded to f16, as it is computed with.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent / "eight_bit"
SCALE = torch.tensor([0.0123])


def main():
    HERE.mkdir(exist_ok=True)
    numbers = torch.arange(256, dtype=torch.uint8).view(16, 16)
    tensors, expected = {}, {}
    for name, dtype in [("e4m3.weight", torch.float8_e4m3fn), ("e5m2.weight", torch.float8_e5m2)]:
        tensors[name] = numbers.clone().view(dtype)
        expected[name] = tensors[name].float()
    for scale in ["scale_weight", "weight_scale"]:
        tensors[f"{scale}.weight"] = numbers.clone().view(torch.float8_e4m3fn)
        tensors[f"{scale}.{scale}"] = SCALE.clone()
        expected[f"{scale}.weight"] = (tensors[f"{scale}.weight"].float() * SCALE).half().float()
    # As some tools have it, a scale for each row.
    tensors["parts.weight"] = numbers.clone().view(torch.float8_e4m3fn)
    tensors["parts.scale_weight"] = torch.rand(16, generator=torch.Generator().manual_seed(1))
    save_file(tensors, HERE / "numbers.safetensors")
    save_file(expected, HERE / "expected.safetensors")


if __name__ == "__main__":
    main()
