"""Makes the files in `vgg/`: a narrow VGG-19 with random weights in every kind of file it is published
in, and what torch computes with it.

    pip install torch==2.15.0 numpy safetensors
    python make_vgg.py

The network follows Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image
Recognition", in torchvision's arrangement (configuration E) and with its names. `golden.safetensors`
holds a picture from 0 to 1, what each convolution gives before it is activated, and how the picture
changes a sum over three of them.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).resolve().parent / "vgg"
BLOCKS = [(4, 2), (4, 2), (6, 4), (8, 4), (16, 4)]
GRADIENT_CONVS = [3, 9, 12]
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def features(blocks, norms=False):
    layers, inputs = [], 3
    for width, convs in blocks:
        for _ in range(convs):
            layers += [nn.Conv2d(inputs, width, 3, padding=1)]
            layers += [nn.BatchNorm2d(width)] if norms else []
            layers += [nn.ReLU()]
            inputs = width
        layers += [nn.MaxPool2d(2, 2)]
    return nn.Sequential(*layers)


class Vgg(nn.Module):
    def __init__(self, blocks, norms=False):
        super().__init__()
        self.features = features(blocks, norms)
        self.classifier = nn.Sequential(nn.Linear(blocks[-1][0], 5))


def main():
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(19)
    net = Vgg(BLOCKS).eval()
    with torch.no_grad():
        for part in net.features:
            if isinstance(part, nn.Conv2d):
                part.weight.normal_(0, (2.0 / part.weight[0].numel()) ** 0.5)
                part.bias.normal_(0, 0.3)
        for value in net.parameters():
            value.copy_(value.half().float())
    state = net.state_dict()
    torch.save(state, HERE / "vgg19.pth")
    half = {name: value.half() for name, value in state.items()}
    torch.save({"state_dict": half}, HERE / "stream.pth", _use_new_zipfile_serialization=False)
    save_file({f"net.{name}": value for name, value in half.items()}, HERE / "vgg19.safetensors")
    picture = torch.rand(1, 3, 33, 35)
    goldens, xs, convs = {"picture": picture}, (picture - MEAN) / DEVIATION, 0
    with torch.no_grad():
        for layer in net.features:
            xs = layer(xs)
            if isinstance(layer, nn.Conv2d):
                goldens[f"{convs:02}"] = xs.clone()
                convs += 1
    # What style transfer follows.
    learnt = picture.clone().requires_grad_()
    xs, loss, convs = (learnt - MEAN) / DEVIATION, 0, 0
    for layer in net.features:
        # Not in place: the sum looks at what there was before the activation.
        xs = torch.relu(xs) if isinstance(layer, nn.ReLU) else layer(xs)
        if isinstance(layer, nn.Conv2d):
            loss = loss + (xs**2).mean() * (convs in GRADIENT_CONVS)
            convs += 1
    loss.backward()
    goldens["gradient"] = learnt.grad
    save_file(goldens, HERE / "golden.safetensors")
    for name, value in goldens.items():
        print(name, list(value.shape), f"deviation {value.std():.2f}")
    # Not VGG-19: one of 16 layers, and one with batch normalisation.
    blocks = [(2, 2), (2, 2), (2, 3), (2, 3), (2, 3)]
    save_file(Vgg(blocks).state_dict(), HERE / "other_16.safetensors")
    blocks = [(2, 2), (2, 2), (2, 4), (2, 4), (2, 4)]
    save_file(Vgg(blocks, norms=True).state_dict(), HERE / "other_bn.safetensors")


main()
