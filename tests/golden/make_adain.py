"""Makes the files in `adain/`: narrow networks of AdaIN with random weights, and what torch computes
with them.

    pip install torch==2.15.0 numpy safetensors
    python make_adain.py

Encoder, decoder and the change between them follow Huang and Belongie 2017, "Arbitrary Style Transfer in
Real-time with Adaptive Instance Normalization", in the arrangement their PyTorch implementation is
published in: two sequences whose places are the names. `golden.safetensors` holds a content and a style
picture of odd sides, the features of both, those of the first changed wholly and by half, and what is
drawn of the former.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).resolve().parent / "adain"
WIDTHS = [4, 6, 8, 12]


def conv(inputs, outputs, activated=True):
    layers = [nn.ReflectionPad2d(1), nn.Conv2d(inputs, outputs, 3)]
    return layers + ([nn.ReLU()] if activated else [])


def encoder():
    a, b, c, d = WIDTHS
    pool = [nn.MaxPool2d(2, 2, ceil_mode=True)]
    layers = [nn.Conv2d(3, 3, 1)]
    layers += conv(3, a) + conv(a, a) + pool
    layers += conv(a, b) + conv(b, b) + pool
    layers += conv(b, c) + conv(c, c) + conv(c, c) + conv(c, c) + pool
    layers += conv(c, d)
    # Published with what is not used.
    return nn.Sequential(*layers, *conv(d, d))


def decoder():
    a, b, c, d = WIDTHS
    double = [nn.Upsample(scale_factor=2, mode="nearest")]
    layers = conv(d, c) + double
    layers += conv(c, c) + conv(c, c) + conv(c, c) + conv(c, b) + double
    layers += conv(b, b) + conv(b, a) + double
    layers += conv(a, a) + conv(a, 3, activated=False)
    return nn.Sequential(*layers)


def moments(features):
    rows = features.flatten(2)
    deviation = (rows.var(2) + 1e-5).sqrt()
    return rows.mean(2)[..., None, None], deviation[..., None, None]


def changed(content, style):
    (mean, deviation), (style_mean, style_deviation) = moments(content), moments(style)
    return (content - mean) / deviation * style_deviation + style_mean


def main():
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(5)
    networks = {"vgg_normalised.pth": encoder(), "decoder.pth": decoder()}
    for file, net in networks.items():
        for part in net:
            if isinstance(part, nn.Conv2d):
                part.weight.data.normal_(0, (2.0 / part.weight[0].numel()) ** 0.5)
                part.bias.data.normal_(0, 0.2)
        for value in net.parameters():
            value.data.copy_(value.data.half().float())
        torch.save({name: value.clone() for name, value in net.state_dict().items()}, HERE / file)
    look, draw = (net.eval() for net in networks.values())
    look = look[:31]
    content, style = torch.rand(1, 3, 43, 37), torch.rand(1, 3, 26, 51)
    with torch.no_grad():
        features = look(content)
        moved = changed(features, look(style))
        goldens = {
            "content": content,
            "style": style,
            "features": features,
            "style_features": look(style),
            "whole": moved,
            "half": 0.5 * moved + 0.5 * features,
            "drawn": draw(moved),
        }
    save_file({name: value.contiguous() for name, value in goldens.items()}, HERE / "golden.safetensors")
    for name, value in goldens.items():
        print(name, list(value.shape), f"deviation {value.std():.2f}")


main()
