"""The second witness: a small network that has only ever seen the painter's pictures says what a picture shows.

    python classifier.py train --pictures train --check val --held-out test --out work/witness --steps 3000
    python classifier.py table --witness work/witness --drawn out.u8 --captions test/captions.jsonl

It shares nothing with Sprout. `table` reads pictures as bytes (N x 128 x 128 x 3) in the order of the captions.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import data
import parallel

ASKED = data.FIELDS[:4]


class Witness(nn.Module):
    """Five halvings, then an average: what is there matters, not where."""

    def __init__(self, names):
        super().__init__()
        self.names = names
        widths = (3, 24, 48, 96, 128, 160)
        body = []
        for a, b in zip(widths, widths[1:]):
            body += [nn.Conv2d(a, b, 4, stride=2, padding=1), nn.GroupNorm(8, b), nn.SiLU()]
            body += [nn.Conv2d(b, b, 3, padding=1, groups=8), nn.GroupNorm(8, b), nn.SiLU()]
        self.body = nn.Sequential(*body)
        self.heads = nn.ModuleList(nn.Linear(2 * widths[-1], len(names[f])) for f in ASKED)

    def forward(self, x):
        y = self.body(x)
        y = torch.cat([y.mean((2, 3)), y.amax((2, 3))], 1)
        return [head(y) for head in self.heads]


class Task:
    """One step of the witness's training, for parallel.train."""

    shown = ("loss", "right")

    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        lines = data.records(args.pictures)
        self.labels, self.names = data.labels(lines)
        held = data.held_out(args.held_out) if args.held_out else set()
        self.rows = torch.tensor([k for k, r in enumerate(lines) if data.key(r) not in held])
        self.pictures = data.pictures(args.pictures)
        self.check = args.check
        self.where = parallel.device()
        self.net = Witness(self.names).to(self.where, memory_format=torch.channels_last)
        self.modules = [self.net]

    def muon(self):
        return ()

    def optimizer(self):
        return {"decay": 0.02, "betas": (0.9, 0.99)}

    def rates(self, step):
        return {"rate": self.args.rate * parallel.schedule(step, self.args), "average": 0.995}

    def loss(self, step, rank, g):
        count = self.args.batch // self.workers
        rows = self.rows[torch.randint(len(self.rows), (count,), generator=g)]
        x = data.tensor(np.stack([self.pictures[r] for r in rows.tolist()]))
        x = torch.where(torch.rand(count, 1, 1, 1, generator=g) < 0.5, x, x.flip(3))
        # Drawn pictures are a little softer and noisier than painted ones; the witness should not mind.
        soft = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
        mix = torch.rand(count, 1, 1, 1, generator=g) * (torch.rand(count, 1, 1, 1, generator=g) < 0.5)
        x = x + mix * (soft - x) + 0.05 * torch.rand(count, 1, 1, 1, generator=g) * torch.randn(x.shape, generator=g)
        out = self.net(x.to(self.where).contiguous(memory_format=torch.channels_last))
        labels = self.labels[rows].to(self.where)
        loss = sum(F.cross_entropy(o, labels[:, k]) for k, o in enumerate(out))
        right = sum((o.argmax(1) == labels[:, k]).float().mean() for k, o in enumerate(out)) / len(out)
        return {"loss": loss, "right": right}

    def keep(self, folder, step):
        self.net.eval()
        torch.save({"names": self.names, "weights": self.net.state_dict()}, folder / "witness.pt")
        said = judge(self.net, data.pictures(self.check)[:1000])
        print(f"check at {step}:", table(said, data.records(self.check)[:1000]), flush=True)
        self.net.train()


@torch.no_grad()
def judge(net, pictures):
    """What the witness says of each picture: a list of {field: value}."""
    where = next(net.parameters()).device
    said = []
    for k in range(0, len(pictures), 100):
        out = [o.argmax(1).tolist() for o in net(data.tensor(pictures[k : k + 100]).to(where))]
        said += [{f: net.names[f][o[i]] for f, o in zip(ASKED, out)} for i in range(len(out[0]))]
    return said


def table(said, lines):
    """Part of the pictures in which each attribute, and all of them at once, are as asked."""
    right = {f: np.array([s[f] == str(r[f]) for s, r in zip(said, lines)]) for f in ASKED}
    rates = {f: round(float(v.mean()), 4) for f, v in right.items()}
    return {**rates, "all": round(float(np.logical_and.reduce(list(right.values())).mean()), 4), "pictures": len(said)}


def load(folder):
    kept = torch.load(pathlib.Path(folder) / "witness.pt", map_location="cpu")
    net = Witness(kept["names"]).eval()
    net.load_state_dict(kept["weights"])
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    which = parser.add_subparsers(dest="what", required=True)
    one = parallel.arguments(which.add_parser("train"))
    one.add_argument("--pictures", required=True)
    one.add_argument("--check", required=True)
    one.add_argument("--held-out")
    one.add_argument("--rate", type=float, default=2e-3)
    two = which.add_parser("table")
    two.add_argument("--witness", required=True)
    two.add_argument("--drawn", required=True, nargs="+", help="pictures as bytes, one file for each row of the table")
    two.add_argument("--captions", required=True)
    args = parser.parse_args()
    if args.what == "train":
        parallel.train(Task(args), args)
        return
    net, lines = load(args.witness), data.records(args.captions)
    for path in args.drawn:
        pictures = np.fromfile(path, np.uint8).reshape(-1, data.SIDE, data.SIDE, 3)
        said = judge(net, pictures)
        print(pathlib.Path(path).stem, json.dumps(table(said, lines[: len(pictures)])))
        for k, (s, r) in enumerate(zip(said, lines)):
            wrong = [f"{f} {s[f]} for {r[f]}" for f in ASKED if s[f] != str(r[f])]
            if wrong:
                print(f"  {k}: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
