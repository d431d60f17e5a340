"""Makes the files in `johnson/`: a narrow network that repaints pictures, with random weights, and what
torch computes with it: pictures, and the gradients it would learn from.

    pip install torch==2.15.0 numpy safetensors
    python make_johnson.py

The network is that of Johnson, Alahi and Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", with instance normalisation, in the arrangement and under the names its PyTorch example
is published in; old files of it carry running statistics nobody uses. `golden.safetensors` holds a picture
whose sides are multiples of four and one of odd sides, both from 0 to 1, what the network makes of them,
divided by 255, and of the first one the gradient of some of its weights for given gradients of its result.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent / "johnson"
WIDTHS = [4, 6, 8]
BLOCKS = 2
TAUGHT = ["conv1.conv2d.weight", "in2.weight", "res2.conv1.conv2d.weight", "in4.bias", "deconv3.conv2d.bias"]


class Over(nn.Module):
    """A convolution over a reflection, of pixels that may be repeated first."""

    def __init__(self, inputs, outputs, kernel, stride=1, repeat=1):
        super().__init__()
        self.repeat, self.edge = repeat, kernel // 2
        self.conv2d = nn.Conv2d(inputs, outputs, kernel, stride)

    def forward(self, xs):
        if self.repeat > 1:
            xs = functional.interpolate(xs, mode="nearest", scale_factor=self.repeat)
        return self.conv2d(functional.pad(xs, [self.edge] * 4, mode="reflect"))


class Pair(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = Over(width, width, 3), Over(width, width, 3)
        self.in1, self.in2 = (nn.InstanceNorm2d(width, affine=True) for _ in range(2))

    def forward(self, xs):
        inner = self.in1(self.conv1(xs)).relu()
        return xs + self.in2(self.conv2(inner))


class Repainter(nn.Module):
    def __init__(self):
        super().__init__()
        a, b, c = WIDTHS
        self.conv1, self.conv2, self.conv3 = Over(3, a, 9), Over(a, b, 3, 2), Over(b, c, 3, 2)
        self.deconv1, self.deconv2 = Over(c, b, 3, repeat=2), Over(b, a, 3, repeat=2)
        self.deconv3 = Over(a, 3, 9)
        for number, width in enumerate([a, b, c, b, a], 1):
            setattr(self, f"in{number}", nn.InstanceNorm2d(width, affine=True))
        for number in range(1, BLOCKS + 1):
            setattr(self, f"res{number}", Pair(c))

    def forward(self, pictures):
        xs = pictures * 255
        for number in (1, 2, 3):
            xs = getattr(self, f"in{number}")(getattr(self, f"conv{number}")(xs)).relu()
        for number in range(1, BLOCKS + 1):
            xs = getattr(self, f"res{number}")(xs)
        for number in (1, 2):
            xs = getattr(self, f"in{number + 3}")(getattr(self, f"deconv{number}")(xs)).relu()
        return self.deconv3(xs) / 255


def main():
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(11)
    net = Repainter()
    for name, value in net.named_parameters():
        if value.dim() == 4:
            value.data.normal_(0, (2.0 / value[0].numel()) ** 0.5)
        elif "in" in name.split(".")[-2] and name.endswith("weight"):
            value.data.uniform_(0.5, 1.5)
        else:
            value.data.normal_(0, 0.3)
        value.data.copy_(value.data.half().float())
    # Colours are as large as that.
    net.deconv3.conv2d.weight.data *= 64
    net.deconv3.conv2d.bias.data.fill_(128)
    state = {name: value.clone() for name, value in net.state_dict().items()}
    state["in1.running_mean"], state["in1.running_var"] = torch.zeros(WIDTHS[0]), torch.ones(WIDTHS[0])
    torch.save(state, HERE / "quick.pth")
    even, odd = torch.rand(1, 3, 32, 24), torch.rand(1, 3, 29, 35)
    made = net(even)
    pull = torch.randn(made.shape)
    (made * pull).sum().backward()
    named = dict(net.named_parameters())
    goldens = {"even": even, "odd": odd, "pull": pull, "even_made": made.detach()}
    with torch.no_grad():
        goldens["odd_made"] = net(odd)
    goldens |= {f"gradient.{name}": named[name].grad for name in TAUGHT}
    save_file({name: value.contiguous() for name, value in goldens.items()}, HERE / "golden.safetensors")
    for name, value in goldens.items():
        print(name, list(value.shape), f"deviation {value.std():.4f}")


main()
