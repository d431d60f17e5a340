"""Makes the files in `lama/`: a tiny LaMa with random weights, and what torch computes with it.

    pip install torch==2.15.0 numpy safetensors
    python make_lama.py            # writes lama/
    python make_lama.py --time     # a network of big-lama's size: parameters and seconds

The generator below follows Suvorov et al. 2022, "Resolution-robust large mask inpainting with Fourier
convolutions" (arXiv 2109.07161) and Chi et al. 2020, "Fast Fourier convolution", in the arrangement of
the published big-lama: reflected edges, batch normalisation, three quarters of the channels global
within the residual blocks, no local Fourier unit, a sigmoid in the end. The attributes are named
like those in its checkpoint. What is around it follows the authors' prediction: values from 0 to 1,
mask above 0, both extended by symmetric reflection to multiples of 8, and the prediction taken
inside the mask alone.

`module.pt` is a TorchScript trace, `checkpoint.ckpt` a training checkpoint with the same weights,
`golden.safetensors` holds a picture of odd size, its mask and what comes out.
"""

import argparse
import resource
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).resolve().parent / "lama"
GLOBAL = 0.75


class FourierUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv_layer = nn.Conv2d(2 * channels, 2 * channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, xs):
        batch, channels, height, width = xs.shape
        waves = torch.fft.rfftn(xs, dim=(-2, -1), norm="ortho")
        # Real and imaginary part of a channel become channels side by side.
        parts = torch.stack((waves.real, waves.imag), dim=2)
        parts = parts.reshape(batch, 2 * channels, height, width // 2 + 1)
        parts = torch.relu(self.bn(self.conv_layer(parts)))
        parts = parts.reshape(batch, channels, 2, height, width // 2 + 1)
        waves = torch.complex(parts[:, :, 0], parts[:, :, 1])
        return torch.fft.irfftn(waves, s=(height, width), dim=(-2, -1), norm="ortho")


class SpectralTransform(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        half = outputs // 2
        self.conv1 = nn.Sequential(
            nn.Conv2d(inputs, half, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU()
        )
        self.fu = FourierUnit(half)
        self.conv2 = nn.Conv2d(half, outputs, 1, bias=False)

    def forward(self, xs):
        xs = self.conv1(xs)
        return self.conv2(xs + self.fu(xs))


class FFC(nn.Module):
    """A convolution between local and global channels; either kind may be missing."""

    def __init__(self, inputs, outputs, kernel, global_in, global_out, stride, padding):
        super().__init__()
        in_global, out_global = int(inputs * global_in), int(outputs * global_out)
        in_local, out_local = inputs - in_global, outputs - out_global

        def conv(a, b):
            if a == 0 or b == 0:
                return None
            return nn.Conv2d(
                a, b, kernel, stride, padding, bias=False, padding_mode="reflect"
            )

        self.convl2l = conv(in_local, out_local)
        self.convl2g = conv(in_local, out_global)
        self.convg2l = conv(in_global, out_local)
        both = in_global > 0 and out_global > 0
        self.convg2g = SpectralTransform(in_global, out_global) if both else None

    def forward(self, local, wide):
        out_local, out_wide = self.convl2l(local), None
        if self.convg2l is not None:
            out_local = out_local + self.convg2l(wide)
        if self.convl2g is not None:
            out_wide = self.convl2g(local)
        if self.convg2g is not None:
            out_wide = out_wide + self.convg2g(wide)
        return out_local, out_wide


class FFC_BN_ACT(nn.Module):
    def __init__(self, inputs, outputs, kernel, global_in=0.0, global_out=0.0, stride=1, padding=0):
        super().__init__()
        self.ffc = FFC(inputs, outputs, kernel, global_in, global_out, stride, padding)
        wide = int(outputs * global_out)
        self.bn_l = nn.BatchNorm2d(outputs - wide)
        self.bn_g = nn.BatchNorm2d(wide) if wide else None

    def forward(self, local, wide=None):
        local, wide = self.ffc(local, wide)
        local = torch.relu(self.bn_l(local))
        return local, None if wide is None else torch.relu(self.bn_g(wide))


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = FFC_BN_ACT(channels, channels, 3, GLOBAL, GLOBAL, padding=1)
        self.conv2 = FFC_BN_ACT(channels, channels, 3, GLOBAL, GLOBAL, padding=1)

    def forward(self, local, wide):
        new_local, new_wide = self.conv2(*self.conv1(local, wide))
        return local + new_local, wide + new_wide


class Concat(nn.Module):
    def forward(self, local, wide):
        return torch.cat((local, wide), dim=1)


class Generator(nn.Module):
    def __init__(self, features=64, downsamplings=3, blocks=18):
        super().__init__()
        model = [nn.ReflectionPad2d(3), FFC_BN_ACT(4, features, 7)]
        for step in range(downsamplings):
            wide = GLOBAL if step == downsamplings - 1 else 0.0
            width = features * 2**step
            model += [FFC_BN_ACT(width, 2 * width, 3, 0.0, wide, stride=2, padding=1)]
        widest = features * 2**downsamplings
        model += [Block(widest) for _ in range(blocks)]
        model += [Concat()]
        for step in range(downsamplings):
            width = widest // 2**step
            model += [
                nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1),
                nn.BatchNorm2d(width // 2),
                nn.ReLU(),
            ]
        model += [nn.ReflectionPad2d(3), nn.Conv2d(features, 3, 7), nn.Sigmoid()]
        self.model = nn.ModuleList(model)

    def forward(self, xs):
        state = (xs,)
        for layer in self.model:
            out = layer(*(part for part in state if part is not None))
            state = out if isinstance(out, tuple) else (out,)
        return state[0]


class Inpainter(nn.Module):
    """Picture `[1, 3, h, w]` and mask `[1, 1, h, w]` to the picture with its hole filled."""

    def __init__(self, generator):
        super().__init__()
        self.model = generator

    def forward(self, image, mask):
        made = self.model(torch.cat((image * (1 - mask), mask), dim=1))
        return mask * made + (1 - mask) * image


def shaken(module):
    """Every weight random: batch norms start at 0 and 1 and would hide errors."""
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.weight.uniform_(0.7, 1.3)
                part.bias.normal_(0, 0.2)
                part.running_mean.normal_(0, 0.2)
                part.running_var.uniform_(0.5, 1.5)
            elif isinstance(part, (nn.Conv2d, nn.ConvTranspose2d)):
                part.weight.normal_(0, (1.0 / part.weight[0].numel()) ** 0.5)
                if part.bias is not None:
                    part.bias.normal_(0, 0.2)
    return module.eval()


def extended(values):
    """`[channels, height, width]` to multiples of 8."""
    more = [(0, 0)] + [(0, -side % 8) for side in values.shape[1:]]
    return torch.from_numpy(np.pad(values.numpy(), more, mode="symmetric"))[None]


def without_debugging(path):
    """Most of a small module's file is notes on where its code came from; torch loads it without."""
    with zipfile.ZipFile(path) as whole:
        parts = [(name, whole.read(name)) for name in whole.namelist()]
    with zipfile.ZipFile(path, "w") as smaller:
        for name, content in parts:
            if not name.endswith("debug_pkl") and "traced_inputs" not in name:
                code = zipfile.ZIP_DEFLATED if "/code/" in name else zipfile.ZIP_STORED
                smaller.writestr(name, content, code)
    torch.jit.load(path)


def golden():
    torch.manual_seed(11)
    net = Inpainter(shaken(Generator(features=2, blocks=2)))
    height, width = 29, 37
    rows, columns = torch.arange(height)[:, None], torch.arange(width)[None]
    picture = torch.stack(
        [(7 * rows + 3 * columns) % 256, (rows * columns) % 256, (columns * 6 + rows) % 256]
    ).to(torch.uint8)
    mask = (((rows - 12) ** 2 + (columns - 24) ** 2 < 90) * 255).to(torch.uint8)[None]
    mask[0, 27:, 3:9] = 255
    image, hole = extended(picture / 255), extended((mask > 0).float())
    HERE.mkdir(exist_ok=True)
    with torch.no_grad():
        torch.jit.trace(net, (image, hole)).save(HERE / "module.pt")
        without_debugging(HERE / "module.pt")
        filled = net(image, hole)
        made = net.model(torch.cat((image * (1 - hole), hole), dim=1))
    state = {f"generator.{name}": value for name, value in net.model.state_dict().items()}
    state["discriminator.model0.0.weight"] = torch.zeros(2, 3)
    torch.save(
        {"epoch": 1, "state_dict": state, "callbacks": {"path": Path("x")}},
        HERE / "checkpoint.ckpt",
    )
    save_file(
        {
            "picture": picture,
            "mask": mask,
            "made": made,
            "filled": (filled[0, :, :height, :width] * 255).round().to(torch.uint8).contiguous(),
        },
        HERE / "golden.safetensors",
    )
    print("made from", made.min().item(), "to", made.max().item(), "deviation", made.std().item())


def measure():
    torch.manual_seed(0)
    net = shaken(Generator())
    print("parameters", sum(p.numel() for p in net.parameters()))
    torch.save(net.state_dict(), "lama-random.pth")
    xs = torch.rand(1, 4, 512, 512)
    with torch.no_grad():
        for threads in (1, 2):
            torch.set_num_threads(threads)
            start = time.time()
            net(xs)
            print(threads, "threads:", round(time.time() - start, 2), "s")
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MiB")


parser = argparse.ArgumentParser()
parser.add_argument("--time", action="store_true")
arguments = parser.parse_args()
torch.set_num_threads(1)
measure() if arguments.time else golden()
