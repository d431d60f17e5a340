"""Trains Sprout-CLIP: pictures and captions in one space, so that a picture can be read by comparing it with texts.

    python clip.py --pictures work/see-1 work/see-2 --check work/check --tokenizer ../model/tokenizer --init ../model \
        --out work/clip --steps 6000

The text tower is Sprout's text encoder and stays as it is; only its projection learns, and the vision tower from
nothing. Three things are learnt at once: which caption of a batch is a picture's; which value of each attribute it
shows, told from the attribute's texts; and its plain caption among captions that are wrong in one attribute.

The first pictures are small (`--sides`), which costs less; the positions are interpolated until the last are as large
as the model reads them.
"""

import argparse
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call

import clip_texts
import data
import parallel
import reader
import shape

WRONG = 2  # captions wrong in the same attribute


class Scenes:
    """Some painter folders as one: pictures, attributes, captions' states."""

    def __init__(self, folders, side, read):
        self.parts = [data.pictures(f, side) for f in folders]
        lines = [data.records(f) for f in folders]
        self.first = np.cumsum([0] + [len(part) for part in lines])
        self.captions = torch.cat(
            [
                read.kept(
                    pathlib.Path(f) / "states.pt",
                    lambda part=part: [t for r in part for l in clip_texts.LANGUAGES for t in data.texts(r, l)],
                )
                for f, part in zip(folders, lines)
            ]
        ).view(self.first[-1], 2, data.Tokens.VARIANTS, -1)
        lines = [r for part in lines for r in part]
        self.labels, self.others = reader.labels(lines)
        self.rows = torch.tensor([k for k, r in enumerate(lines) if not data.withheld(r)])
        whole = [0.35, 0.35, 0.65, 0.65]
        box = torch.tensor([[r["bounds"] or whole, r["other_bounds"] or r["bounds"] or whole] for r in lines])
        # What a cut must not lose.
        self.box = torch.cat([box[:, :, :2].amin(1), box[:, :, 2:].amax(1)], 1).clamp(0, 1)
        self.turns = torch.tensor([r["relation"] not in ("left-of", "right-of") for r in lines])

    def pictures(self, rows):
        part = np.searchsorted(self.first, rows.numpy(), "right") - 1
        return data.tensor(np.stack([self.parts[p][r - self.first[p]] for p, r in zip(part, rows.tolist())]))


def varied(x, box, turns, side, g):
    """Cuts that keep the subjects, mirror images, a little more or less light, blur and noise: [B, 3, side, side]."""
    count = len(x)
    dice = torch.rand(7, count, generator=g)
    size = 1 - 0.28 * dice[0] * (dice[1] < 0.8)
    a = (box[:, 2:] - size[:, None]).clamp(min=0).minimum(1 - size[:, None])
    b = box[:, :2].minimum(1 - size[:, None])
    corner = torch.lerp(a, b, dice[2:4].T)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = torch.where((dice[4] < 0.5) & turns, -size, size)
    theta[:, 1, 1] = size
    theta[:, :, 2] = 2 * corner + size[:, None] - 1
    fine = side * (2 if 2 * side <= x.shape[-1] else 1)
    x = F.grid_sample(x, F.affine_grid(theta, (count, 3, fine, fine), False), padding_mode="reflection", align_corners=False)
    x = F.avg_pool2d(x, fine // side) if fine > side else x
    # Drawn pictures are a little softer than painted ones, and not as even.
    soft = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    x = torch.lerp(x, soft, (dice[5] * (dice[5] < 0.5) * 2)[:, None, None, None])
    x = x + 0.06 * dice[6][:, None, None, None] * torch.randn(x.shape, generator=g)
    light = 1 + 0.08 * torch.randn(2, count, generator=g).clamp(-2, 2)
    return x * light[0][:, None, None, None] + (light[1][:, None, None, None] - 1)


class Task:
    """One step of Sprout-CLIP's training, for parallel.train."""

    shown = ("loss", "captions", "attributes", "wrong", "right")

    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.model = reader.begun(args.init, args.tokenizer)
        read = clip_texts.Reader(self.model.text_model.eval(), args.tokenizer)
        for p in self.model.text_model.parameters():
            p.requires_grad_(False)
        self.scenes = Scenes(args.pictures, shape.READ_SIDE, read)
        self.attributes = clip_texts.attribute_states(read)
        self.plain = clip_texts.Combinations()
        folder = pathlib.Path(args.out)
        folder.mkdir(parents=True, exist_ok=True)
        self.captions = [
            read.kept(folder / f"plain_{l}.pt", lambda l=l: self.plain.texts(l)) for l in clip_texts.LANGUAGES
        ]
        self.sizes = torch.tensor(self.plain.sizes)
        self.check = reader.Check(args.check, self.attributes, 512)
        self.modules = [self.model]

    def muon(self):
        return {id(p) for p in self.model.vision_model.encoder.parameters() if p.dim() == 2}

    def optimizer(self):
        return {"decay": 0.05, "betas": (0.9, 0.99)}

    def rates(self, step):
        a = self.args
        k = min((step + 1) / 150, 0.02 + 0.98 * (1 + math.cos(math.pi * step / a.steps)) / 2)
        return {"rate": a.rate * k, "muon_rate": a.muon * k, "average": 0.998}

    def side(self, step):
        sides, until = self.args.sides, self.args.until
        return next((s for s, u in zip(sides, until) if step < u * self.args.steps), sides[-1])

    def seen(self, x):
        """Pictures in the common space, unit length [B, D]. Computed in bfloat16; the weights that learn are not."""
        tower = self.model.vision_model
        weights = {n: p.bfloat16() for n, p in tower.named_parameters()}
        small = x.shape[-1] != shape.READ_SIDE
        y = functional_call(tower, weights, (x.bfloat16(),), {"interpolate_pos_encoding": small}).pooler_output
        return F.normalize(self.model.visual_projection(y.float()), dim=-1)

    def told(self, states):
        return F.normalize(self.model.text_projection(states.float()), dim=-1)

    def loss(self, step, rank, g):
        s, count = self.scenes, self.args.batch // self.workers
        rows = s.rows[torch.randint(len(s.rows), (count,), generator=g)]
        x = varied(s.pictures(rows), s.box[rows], s.turns[rows], self.side(step), g)
        seen = self.seen(x)
        scale = self.model.logit_scale.clamp(max=math.log(100)).exp()
        labels, others = s.labels[rows], s.others[rows]
        captions = self.by_caption(seen, rows, scale, g)
        attributes, right = self.by_attribute(seen, labels, others, scale)
        wrong = self.by_wrong(seen, labels, others, scale, g)
        loss = captions + self.args.attributes * attributes + wrong
        return {"loss": loss, "captions": captions, "attributes": attributes, "wrong": wrong, "right": right}

    def by_caption(self, seen, rows, scale, g):
        """Whose caption is whose: half of the captions are complete."""
        count = len(rows)
        language = torch.randint(2, (count,), generator=g)
        which = torch.randint(2 * data.Tokens.VARIANTS - 2, (count,), generator=g).clamp(max=data.Tokens.VARIANTS - 1)
        logits = scale * seen @ self.told(self.scenes.captions[rows, language, which]).T
        own = torch.arange(count)
        return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2

    def by_attribute(self, seen, labels, others, scale):
        """The sum of what each attribute's texts cost, the mean over languages, and how often they are right.

        Of two subjects each is half of the answer.
        """
        cost, right = 0, 0
        for k, states in enumerate(self.attributes):
            there = labels[:, k] >= 0
            own, other = labels[there, k], others[there, k]
            wanted = F.one_hot(own, states.shape[1]) + F.one_hot(torch.where(other < 0, own, other), states.shape[1])
            for texts in states:
                logits = scale * seen[there] @ self.told(texts).T
                cost = cost + F.cross_entropy(logits, wanted / 2) / len(states)
                said = logits.argmax(1)
                right = right + ((said == own) | (said == other)).float().mean() / len(states) / len(self.attributes)
        return cost, right

    def by_wrong(self, seen, labels, others, scale, g):
        """The plain caption among those that are wrong in one attribute."""
        there = labels.amin(1) >= 0
        labels, others, seen = labels[there], others[there], seen[there]
        number = len(self.sizes) * WRONG
        all_ = labels[:, None].repeat(1, 1 + number, 1)
        at = torch.arange(number) % len(self.sizes)
        other = torch.rand(len(labels), number, generator=g) * (self.sizes[at] - 1)
        other = (labels[:, at] + 1 + other.long()) % self.sizes[at]
        all_[:, torch.arange(number) + 1, at] = other
        language = torch.randint(2, (1,), generator=g).item()
        texts = self.told(self.captions[language][self.plain.number(all_)])
        logits = scale * (texts @ seen[:, :, None])[:, :, 0]
        # The second subject, or its colour, is not wrong.
        logits[:, 1:] = logits[:, 1:].masked_fill(other == others[:, at], -1e4)
        return F.cross_entropy(logits, torch.zeros(len(labels), dtype=torch.long))

    def keep(self, folder, step):
        self.model.eval()
        side = self.side(step - 1)
        print(f"check at {step}, side {side}:", self.check.line(self.model, side), flush=True)
        self.model.train()
        self.model.save_pretrained(folder / "model")


def main():
    parser = parallel.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    parser.add_argument("--pictures", required=True, nargs="+", help=f"painter folders of side {shape.READ_SIDE}")
    parser.add_argument("--check", required=True, help=f"a painter folder of side {shape.SIDE} to measure on")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon", type=float, default=2e-3)
    parser.add_argument("--attributes", type=float, default=1.0, help="weight of the attributes' texts")
    parser.add_argument("--sides", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--until", type=float, nargs="+", default=[0.7, 1.0], help="share of the steps at which each side ends")
    args = parser.parse_args()
    parallel.train(Task(args), args)


if __name__ == "__main__":
    main()
