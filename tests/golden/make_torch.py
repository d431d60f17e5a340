"""Makes the files in `torch/`: small weights in every kind of file torch writes.

    pip install torch==2.15.0 numpy safetensors
    python make_torch.py

`plain.safetensors` holds the same tensors by name, as they read in torch.
"""

from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent / "torch"


class Net(torch.nn.Module):
    """A few kinds of state: nested modules, buffers, settings that are no tensors."""

    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))
        self.names = ["a", "b"]
        self.scale = 0.5

    def forward(self, xs):
        return self.body(xs) * self.scale


def main():
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(5)
    net = Net().eval()
    for value in net.state_dict().values():
        if value.is_floating_point():
            value.normal_()
        else:
            value.fill_(2**40 + 3)
    state = net.state_dict()
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(1, 2, 5, 5)).sum().backward()
    optimizer.step()
    torch.jit.trace(net, torch.zeros(1, 2, 5, 5)).save(HERE / "trace.pt")
    torch.jit.script(net).save(HERE / "script.pt")
    checkpoint = {
        "epoch": 3,
        "global_step": 2**70,
        "state_dict": state,
        "hyper_parameters": {"rate": 1e-3, "name": "日", "layers": [1, None, True], "seen": {4, 5}},
        "optimizer_states": [optimizer.state_dict()],
    }
    torch.save(checkpoint, HERE / "lightning.ckpt")

    numbers = torch.randn(4, 3, 2)
    views = OrderedDict()
    views["whole"] = numbers
    views["turned"] = numbers.permute(2, 0, 1)
    views["part"] = numbers[1:3, 1, :]
    views["column"] = numbers[:, 2, 1]
    views["one"] = numbers[2, 0, 1]
    views["empty"] = numbers[:0]
    views["half"] = numbers.half()
    views["brain"] = numbers.bfloat16()
    views["double"] = numbers.double() / 3
    views["long"] = torch.tensor([[1, -2**40], [3, 4]]).t()
    views["parameter"] = torch.nn.Parameter(numbers[0].clone())
    plain = {f"views.{name}": value.detach().clone().contiguous() for name, value in views.items()}
    views["yes"] = torch.tensor([True, False])
    views["spread"] = torch.ones(1).expand(5)
    torch.save(views, HERE / "views.pth")
    # The older stream; what lies between the tensors there is found by the lengths of all others.
    others = {"bytes": torch.arange(3, dtype=torch.uint8), "waves": torch.ones(2, dtype=torch.cfloat)}
    torch.save(
        {"epoch": 3, "first": others, "state_dict": views, "optimizer": optimizer.state_dict()},
        HERE / "before_archives.pth",
        _use_new_zipfile_serialization=False,
    )
    plain |= {name: value.clone() for name, value in state.items()}
    save_file(plain, HERE / "plain.safetensors")


main()
