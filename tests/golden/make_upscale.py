"""Makes the files in `upscale/`: tiny networks with random weights under every set of names and in
every kind of file they are published in, and what torch computes with them.

    pip install torch==2.15.0 numpy safetensors
    python make_upscale.py            # writes upscale/
    python make_upscale.py --count    # parameters of the published sizes

The networks follow Wang et al. 2018, "ESRGAN"; Wang et al. 2021, "Real-ESRGAN"; and Liang et al. 2021,
"SwinIR", in the arrangement of the published ones; attributes are named like those in their files.
`golden.safetensors` holds for each file `NAME.input` and `NAME.output`.
"""

import argparse
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent / "upscale"


def conv(inputs, outputs, kernel=3):
    return nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2)


def padded(xs, multiple):
    height, width = xs.shape[2:]
    return F.pad(xs, (0, -width % multiple, 0, -height % multiple), "reflect")


# RRDBNet


class DenseBlock(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        for index in range(5):
            outputs = growth if index < 4 else features
            self.add_module(f"conv{index + 1}", conv(features + index * growth, outputs))

    def forward(self, xs):
        seen = [xs]
        for index in range(4):
            new = getattr(self, f"conv{index + 1}")(torch.cat(seen, 1))
            seen.append(F.leaky_relu(new, 0.2))
        return self.conv5(torch.cat(seen, 1)) * 0.2 + xs


class ResidualBlock(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        self.rdb1 = DenseBlock(features, growth)
        self.rdb2 = DenseBlock(features, growth)
        self.rdb3 = DenseBlock(features, growth)

    def forward(self, xs):
        return self.rdb3(self.rdb2(self.rdb1(xs))) * 0.2 + xs


class RRDBNet(nn.Module):
    """`unshuffle` is 1 but for Real-ESRGAN's networks of scale 2 (2) and 1 (4)."""

    def __init__(self, features=64, growth=32, blocks=23, doublings=2, unshuffle=1, channels=3):
        super().__init__()
        self.unshuffle, self.scale = unshuffle, 2**doublings // unshuffle
        self.conv_first = conv(channels * unshuffle**2, features)
        self.body = nn.Sequential(*[ResidualBlock(features, growth) for _ in range(blocks)])
        self.conv_body = conv(features, features)
        self.ups = [f"conv_up{step + 1}" for step in range(doublings)]
        for up in self.ups:
            self.add_module(up, conv(features, features))
        self.conv_hr = conv(features, features)
        self.conv_last = conv(features, channels)

    def forward(self, xs):
        height, width = xs.shape[2:]
        xs = F.pixel_unshuffle(padded(xs, self.unshuffle), self.unshuffle)
        xs = self.conv_first(xs)
        xs = xs + self.conv_body(self.body(xs))
        for up in self.ups:
            xs = F.interpolate(xs, scale_factor=2, mode="nearest")
            xs = F.leaky_relu(getattr(self, up)(xs), 0.2)
        xs = self.conv_last(F.leaky_relu(self.conv_hr(xs), 0.2))
        return xs[:, :, : height * self.scale, : width * self.scale]


def trunk_names(state):
    """As ESRGAN's repository, RealSR and BSRGAN call them."""
    others = {"conv_body": "trunk_conv", "conv_hr": "HRconv", "conv_up": "upconv"}

    def renamed(name):
        if name.startswith("body."):
            return name.replace("body.", "RRDB_trunk.", 1).replace("rdb", "RDB")
        for ours, theirs in others.items():
            name = name.replace(ours, theirs)
        return name

    return OrderedDict((renamed(name), value) for name, value in state.items())


def sequence_names(state, blocks, doublings):
    """As the first networks call them: the places of all layers in one sequence."""
    places = {"conv_first": "model.0", "conv_body": f"model.1.sub.{blocks}"}
    places |= {f"conv_up{step + 1}": f"model.{3 * step + 3}" for step in range(doublings)}
    places |= {"conv_hr": f"model.{3 * doublings + 2}", "conv_last": f"model.{3 * doublings + 4}"}

    def renamed(name):
        layer, kind = name.rsplit(".", 1)
        if layer.startswith("body."):
            layer = layer.replace("body.", "model.1.sub.").replace("rdb", "RDB") + ".0"
        return f"{places.get(layer, layer)}.{kind}"

    return OrderedDict((renamed(name), value) for name, value in state.items())


# SRVGGNetCompact


class Compact(nn.Module):
    def __init__(self, features=64, convs=32, scale=4, channels=3, activation="prelu"):
        super().__init__()
        body = [conv(channels, features)]
        for _ in range(convs):
            body += [self.activation(activation, features), conv(features, features)]
        body += [self.activation(activation, features), conv(features, channels * scale**2)]
        self.body, self.scale = nn.ModuleList(body), scale

    @staticmethod
    def activation(name, features):
        return nn.PReLU(features) if name == "prelu" else nn.LeakyReLU(0.1)

    def forward(self, xs):
        ys = xs
        for layer in self.body:
            ys = layer(ys)
        base = F.interpolate(xs, scale_factor=float(self.scale), mode="nearest")
        return F.pixel_shuffle(ys, self.scale) + base


# SwinIR


def cut(xs, side):
    """`[batch, height, width, channels]` to `[windows, side * side, channels]`."""
    batch, height, width, channels = xs.shape
    xs = xs.view(batch, height // side, side, width // side, side, channels)
    return xs.permute(0, 1, 3, 2, 4, 5).reshape(-1, side * side, channels)


def joined(windows, side, size):
    height, width = size
    channels = windows.shape[2]
    xs = windows.view(-1, height // side, width // side, side, side, channels)
    return xs.permute(0, 1, 3, 2, 4, 5).reshape(-1, height, width, channels)


def mask(size, side, shift):
    """What pixels of a window do not see of each other: they come from both ends of the picture."""
    areas = torch.zeros(1, *size, 1)
    parts = (slice(0, -side), slice(-side, -shift), slice(-shift, None))
    for index, (rows, columns) in enumerate((a, b) for a in parts for b in parts):
        areas[:, rows, columns, :] = index
    areas = cut(areas, side).squeeze(2)
    return ((areas[:, None, :] - areas[:, :, None]) != 0).float() * -100.0


class Attention(nn.Module):
    def __init__(self, width, heads, side):
        super().__init__()
        self.heads = heads
        table = torch.zeros((2 * side - 1) ** 2, heads)
        self.relative_position_bias_table = nn.Parameter(table)
        places = torch.stack(torch.meshgrid([torch.arange(side)] * 2, indexing="ij")).flatten(1)
        apart = (places[:, :, None] - places[:, None, :]) + side - 1
        self.register_buffer("relative_position_index", apart[0] * (2 * side - 1) + apart[1])
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, xs, hidden):
        count, pixels, width = xs.shape
        qkv = self.qkv(xs).reshape(count, pixels, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        scores = (q * (width // self.heads) ** -0.5) @ k.transpose(2, 3)
        bias = self.relative_position_bias_table[self.relative_position_index]
        scores = scores + bias.permute(2, 0, 1)[None]
        if hidden is not None:
            kinds = hidden.shape[0]
            scores = scores.view(count // kinds, kinds, self.heads, pixels, pixels)
            scores = (scores + hidden[None, :, None]).flatten(0, 1)
        seen = scores.softmax(-1) @ v
        return self.proj(seen.transpose(1, 2).reshape(count, pixels, width))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, xs):
        return self.fc2(F.gelu(self.fc1(xs)))


class SwinBlock(nn.Module):
    def __init__(self, width, heads, side, shift, hidden):
        super().__init__()
        self.side, self.shift = side, shift
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width, heads, side)
        self.mlp = Mlp(width, hidden)
        if shift:
            # Of the size the network was trained at.
            self.register_buffer("attn_mask", mask((2 * side, 2 * side), side, shift))

    def forward(self, xs, size):
        batch, pixels, width = xs.shape
        seen = self.norm1(xs).view(batch, *size, width)
        if self.shift:
            seen = torch.roll(seen, (-self.shift, -self.shift), (1, 2))
        hidden = mask(size, self.side, self.shift) if self.shift else None
        seen = joined(self.attn(cut(seen, self.side), hidden), self.side, size)
        if self.shift:
            seen = torch.roll(seen, (self.shift, self.shift), (1, 2))
        xs = xs + seen.reshape(batch, pixels, width)
        return xs + self.mlp(self.norm2(xs))


def connection(kind, width):
    if kind == "1conv":
        return conv(width, width)
    narrow = width // 4
    return nn.Sequential(
        conv(width, narrow),
        nn.LeakyReLU(0.2),
        conv(narrow, narrow, 1),
        nn.LeakyReLU(0.2),
        conv(narrow, width),
    )


class Blocks(nn.Module):
    def __init__(self, width, depth, heads, side, hidden):
        super().__init__()
        self.blocks = nn.ModuleList(
            SwinBlock(width, heads, side, side // 2 * (index % 2), hidden)
            for index in range(depth)
        )


class Group(nn.Module):
    def __init__(self, width, depth, heads, side, hidden, resi_connection):
        super().__init__()
        self.residual_group = Blocks(width, depth, heads, side, hidden)
        self.conv = connection(resi_connection, width)

    def forward(self, xs, size):
        ys = xs
        for block in self.residual_group.blocks:
            ys = block(ys, size)
        return xs + rows(self.conv(picture(ys, size)))


def rows(xs):
    return xs.flatten(2).transpose(1, 2)


def picture(xs, size):
    return xs.transpose(1, 2).reshape(xs.shape[0], -1, *size)


class Embedding(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)


class SwinIR(nn.Module):
    def __init__(
        self,
        width=180,
        depths=(6,) * 6,
        heads=(6,) * 6,
        side=8,
        ratio=2,
        scale=4,
        upsampler="nearest+conv",
        resi_connection="1conv",
        features=64,
        channels=3,
        patch_norm=True,
    ):
        super().__init__()
        self.side, self.scale, self.upsampler = side, scale, upsampler
        colours = [0.4488, 0.4371, 0.4040] if channels == 3 else [0.0] * channels
        self.mean = torch.tensor(colours).view(1, channels, 1, 1)
        self.conv_first = conv(channels, width)
        if patch_norm:
            self.patch_embed = Embedding(width)
        self.layers = nn.ModuleList(
            Group(width, depth, head, side, ratio * width, resi_connection)
            for depth, head in zip(depths, heads)
        )
        self.norm = nn.LayerNorm(width)
        self.conv_after_body = connection(resi_connection, width)
        if upsampler == "pixelshuffledirect":
            self.upsample = nn.Sequential(conv(width, scale**2 * channels), nn.PixelShuffle(scale))
            return
        # The activation has torch's usual slope, 0.01.
        self.conv_before_upsample = nn.Sequential(conv(width, features), nn.LeakyReLU())
        if upsampler == "pixelshuffle":
            steps = [3] if scale == 3 else [2] * (scale.bit_length() - 1)
            layers = []
            for step in steps:
                layers += [conv(features, step**2 * features), nn.PixelShuffle(step)]
            self.upsample = nn.Sequential(*layers)
        else:
            self.ups = [f"conv_up{step + 1}" for step in range(scale.bit_length() - 1)]
            for up in self.ups:
                self.add_module(up, conv(features, features))
            self.conv_hr = conv(features, features)
        self.conv_last = conv(features, channels)

    def forward(self, xs):
        height, width = xs.shape[2:]
        xs = self.conv_first(padded(xs, self.side) - self.mean)
        size = xs.shape[2:]
        ys = rows(xs)
        if hasattr(self, "patch_embed"):
            ys = self.patch_embed.norm(ys)
        for layer in self.layers:
            ys = layer(ys, size)
        xs = xs + self.conv_after_body(picture(self.norm(ys), size))
        if self.upsampler == "pixelshuffledirect":
            xs = self.upsample(xs)
        else:
            xs = self.conv_before_upsample(xs)
            if self.upsampler == "pixelshuffle":
                xs = self.upsample(xs)
            else:
                for up in self.ups:
                    xs = F.interpolate(xs, scale_factor=2, mode="nearest")
                    xs = F.leaky_relu(getattr(self, up)(xs), 0.2)
                xs = F.leaky_relu(self.conv_hr(xs), 0.2)
            xs = self.conv_last(xs)
        xs = xs + self.mean
        return xs[:, :, : height * self.scale, : width * self.scale]


# Files


def shaken(net, half=False):
    """Every weight random, and such that all parts of the network matter."""
    with torch.no_grad():
        for part in net.modules():
            if isinstance(part, (nn.Conv2d, nn.Linear)):
                part.weight.normal_(0, (1.5 / part.weight[0].numel()) ** 0.5)
                part.bias.normal_(0, 0.1)
            elif isinstance(part, nn.LayerNorm):
                part.weight.uniform_(0.7, 1.3)
                part.bias.normal_(0, 0.2)
            elif isinstance(part, nn.PReLU):
                part.weight.uniform_(-0.2, 0.6)
            elif isinstance(part, Attention):
                part.relative_position_bias_table.normal_(0, 1)
        if half:
            for value in net.parameters():
                value.copy_(value.half().float())
    return net.eval()


def halved(state):
    return {name: value.half() if value.is_floating_point() else value for name, value in state.items()}


def zeroed(state):
    return {name: torch.zeros_like(value) for name, value in state.items()}


class Goldens:
    def __init__(self):
        self.tensors = {}

    def add(self, name, net, content, channels=3, size=(9, 7), stream=False):
        xs = torch.rand(1, channels, *size)
        with torch.no_grad():
            ys = net(xs)
        if name.endswith(".safetensors"):
            save_file({key: value.contiguous() for key, value in content.items()}, HERE / name)
        else:
            torch.save(content, HERE / name, _use_new_zipfile_serialization=not stream)
        self.tensors[f"{name}.input"], self.tensors[f"{name}.output"] = xs, ys.contiguous()
        kib = (HERE / name).stat().st_size // 1024
        print(f"{name}: {kib} KiB, {ys.min():.2f} to {ys.max():.2f}, deviation {ys.std():.2f}")


def rrdb(goldens):
    sizes = dict(features=6, growth=3, blocks=1)
    net = shaken(RRDBNet(**sizes))
    content = {"params": zeroed(net.state_dict()), "params_ema": net.state_dict()}
    goldens.add("body_x4.pth", net, content)
    net = shaken(RRDBNet(**sizes | {"blocks": 2}, unshuffle=2))
    goldens.add("body_x2.pth", net, {"params": net.state_dict(), "iter": 7})
    net = shaken(RRDBNet(**sizes, unshuffle=4))
    goldens.add("body_x1.safetensors", net, net.state_dict(), size=(14, 9))
    # Wide enough for the kernels of wide networks.
    net = shaken(RRDBNet(features=16, growth=4, blocks=1), half=True)
    goldens.add("body_wide.pth", net, {"params_ema": halved(net.state_dict())}, stream=True)
    net = shaken(RRDBNet(**sizes))
    goldens.add("trunk_x4.pth", net, trunk_names(net.state_dict()))
    net = shaken(RRDBNet(**sizes, doublings=1))
    content = OrderedDict((f"module.{key}", value) for key, value in trunk_names(net.state_dict()).items())
    goldens.add("trunk_x2.pth", net, content, stream=True)
    for scale, doublings, unshuffle in [(8, 3, 1), (4, 2, 1), (2, 1, 1), (1, 0, 1), (2, 2, 2)]:
        net = shaken(RRDBNet(**sizes, doublings=doublings, unshuffle=unshuffle))
        state = sequence_names(net.state_dict(), sizes["blocks"], doublings)
        name = f"sequence_x{scale}" + ("_squares" if unshuffle > 1 else "")
        size = (5, 4) if scale == 8 else (9, 7)
        if scale == 2:
            state = {"state_dict": state, "epoch": 2}
        if scale == 1:
            goldens.add(f"{name}.safetensors", net, state, size=size)
        else:
            goldens.add(f"{name}.pth", net, state, size=size, stream=True)
    # A gray one.
    net = shaken(RRDBNet(**sizes, channels=1))
    goldens.add("sequence_gray.pth", net, sequence_names(net.state_dict(), 1, 2), channels=1)


def compact(goldens):
    net = shaken(Compact(features=8, convs=2, scale=4))
    goldens.add("compact_general.pth", net, {"params": net.state_dict()})
    net = shaken(Compact(features=16, convs=1, scale=2))
    goldens.add("compact_anime.pth", net, {"params": net.state_dict()}, stream=True)
    net = shaken(Compact(features=5, convs=0, scale=3, channels=1))
    goldens.add("compact_gray.safetensors", net, net.state_dict(), channels=1)
    net = shaken(Compact(features=4, convs=1, scale=1))
    goldens.add("compact_x1.pth", net, {"params_ema": net.state_dict()})


def swin_ir(goldens):
    sizes = dict(width=12, depths=(2, 1), heads=(2, 3), side=4, features=8)
    net = shaken(SwinIR(**sizes, scale=2, upsampler="pixelshuffle"))
    goldens.add("swin_classical_x2.pth", net, {"params": net.state_dict()})
    net = shaken(SwinIR(**sizes, scale=3, upsampler="pixelshuffle", patch_norm=False))
    goldens.add("swin_classical_x3.pth", net, {"params": net.state_dict()}, stream=True)
    net = shaken(SwinIR(**sizes, scale=4, upsampler="pixelshuffle"), half=True)
    goldens.add("swin_classical_x4.safetensors", net, halved(net.state_dict()))
    net = shaken(SwinIR(**sizes, scale=2, upsampler="pixelshuffledirect"))
    learned = {key: net.state_dict()[key] for key, _ in net.named_parameters()}
    goldens.add("swin_light_x2.safetensors", net, learned, size=(4, 16))
    net = shaken(SwinIR(**sizes, scale=4))
    goldens.add("swin_real_x4.pth", net, {"params_ema": net.state_dict()})
    net = shaken(SwinIR(**sizes | {"side": 5}, scale=4, resi_connection="3conv"))
    goldens.add("swin_real_large.pth", net, {"params_ema": net.state_dict()})
    net = shaken(SwinIR(**sizes, scale=2, upsampler="pixelshuffledirect", channels=1))
    goldens.add("swin_gray.pth", net, {"params": net.state_dict()}, channels=1)


def others():
    """Kin of these networks that are not them, to be refused."""
    state = Compact(features=4, convs=1, activation="leakyrelu").state_dict()
    save_file(state, HERE / "other_leaky.safetensors")
    state = SwinIR(width=4, depths=(1,), heads=(1,), side=2, features=2, scale=2).state_dict()
    more = {"layers.0.residual_group.overlap_attn.scale": torch.ones(1)}
    save_file(state | more, HERE / "other_hat.safetensors")
    ends = ("conv_before", "conv_up", "conv_hr")
    repairs = {key: value for key, value in state.items() if not key.startswith(ends)}
    save_file(repairs, HERE / "other_repairs.safetensors")
    state = sequence_names(RRDBNet(features=2, growth=1, blocks=1).state_dict(), 1, 2)
    more = {"model.1.sub.0.RDB1.conv1x1.weight": torch.ones(1, 2, 1, 1)}
    save_file(state | more, HERE / "other_plus.safetensors")


def count():
    def parameters(net):
        return sum(value.numel() for value in net.parameters())

    print("RealESRGAN_x4plus", parameters(RRDBNet()))
    print("realesr-general-x4v3", parameters(Compact()))
    print("realSR SwinIR-M x4", parameters(SwinIR()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", action="store_true")
    if parser.parse_args().count:
        return count()
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(23)
    goldens = Goldens()
    rrdb(goldens)
    compact(goldens)
    swin_ir(goldens)
    others()
    save_file(goldens.tensors, HERE / "golden.safetensors")


if __name__ == "__main__":
    main()
