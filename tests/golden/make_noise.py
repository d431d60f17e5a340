"""Makes `noise_more.safetensors` in this folder: NVIDIA's stream, variations and a Brownian tree.

    pip install torch==2.15.0 torchsde k-diffusion safetensors numpy
    python make_noise.py

NVIDIA's stream is Philox of Salmon et al. 2011 as torch's CUDA kernel draws from it: one counter for
each value, of which Box and Muller's sine is taken. Written down here with numpy's integers, and checked
against values torch has printed on such devices.
"""

from pathlib import Path

import numpy as np
import torch
from k_diffusion.sampling import BrownianTreeNoiseSampler
from safetensors.torch import save_file
from torchsde._brownian import brownian_interval

HERE = Path(__file__).resolve().parent
MASK = np.uint64(0xFFFFFFFF)
# Printed by torch on a CUDA device.
PRINTED = {0: [-0.9247, -0.4253, -2.6438, 0.1452], 42: [0.1940, 2.1614, -0.1721, 0.8491]}


def words(seed, draw, count):
    index = np.arange(count, dtype=np.uint64)
    none = np.zeros(count, dtype=np.uint64)
    c0, c1, c2, c3 = none + np.uint64(draw), none, index, none
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (
            (p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            p1 & MASK,
            (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            p0 & MASK,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1


class Nv:
    """torch.randn of a CUDA generator, one draw after the other."""

    def __init__(self, seed):
        self.seed, self.draws = seed, 0

    def randn(self, shape):
        first, second = words(self.seed, self.draws, int(np.prod(shape)))
        self.draws += 1
        unit = np.float32(2.3283064e-10)
        turn = np.float32(2.3283064e-10 * 6.2831855)
        radius = np.sqrt(-2 * np.log(first * np.float64(unit) + np.float64(unit) / 2))
        values = radius * np.sin(second * np.float64(turn) + np.float64(turn) / 2)
        return torch.from_numpy(values.astype(np.float32)).reshape(shape)


class Cpu:
    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def randn(self, shape):
        return torch.randn(shape, generator=self.generator)


SOURCES = {"cpu": Cpu, "nv": Nv}


def along_the_arc(part, low, high):
    """Of noise `[channels, height, width]`: each column on its own, as A1111 varies seeds."""
    angle = torch.acos((low / low.norm(dim=1, keepdim=True) * (high / high.norm(dim=1, keepdim=True))).sum(1, keepdim=True))
    return torch.sin((1 - part) * angle) / torch.sin(angle) * low + torch.sin(part * angle) / torch.sin(angle) * high


def main():
    for seed, printed in PRINTED.items():
        assert np.allclose(Nv(seed).randn((4,)).numpy(), printed, atol=6e-5)
    tensors = {}
    for seed, shape in ((0, (1, 4, 8, 8)), (42, (20,)), (2**32 + 5, (5,)), (2**63 + 1, (1, 3, 5, 7))):
        stream = Nv(seed)
        tensors[f"nv.{seed}.first"], tensors[f"nv.{seed}.second"] = stream.randn(shape), stream.randn(shape)
    shape = (4, 8, 6)
    for name, source in SOURCES.items():
        for part in (0.15, 0.5, 1.0):
            varied = along_the_arc(part, source(3).randn(shape), source(77).randn(shape))
            tensors[f"variation.{name}.{part}"] = varied[None]
        # A1111 draws the tree's noise from the chosen source, too.
        brownian_interval._randn = lambda size, dtype, device, seed, source=source: source(int(seed)).randn(tuple(size))
        for seed in (5, 2**40 + 1):
            levels = torch.linspace(2.68, 0.17, 7) ** 2.7
            tree = BrownianTreeNoiseSampler(torch.zeros(1, 4, 6, 5), levels.min(), levels.max(), seed=seed)
            for step in range(6):
                tensors[f"brownian.{name}.{seed}.{step}"] = tree(levels[step], levels[step + 1])
            tensors["brownian.levels"] = levels
    save_file({key: value.contiguous() for key, value in tensors.items()}, HERE / "noise_more.safetensors")


if __name__ == "__main__":
    main()
