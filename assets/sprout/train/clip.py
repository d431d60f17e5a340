"""Trains Sprout-CLIP: pictures and captions in one space, so that a picture can be read by comparing it with texts.

    python clip.py --pictures work/see-1 work/see-2 --check work/check --tokenizer ../model/tokenizer --init ../model \
        --out work/clip --steps 6000

The text tower is Sprout's text encoder and stays as it is; only its projection learns, and the vision tower from
nothing. Three things are learnt at once: which caption of a batch is a picture's; which value of each attribute it
shows, told from the attribute's texts; and its plain caption among captions that are wrong in one attribute.
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


class Scenes:
    """Some painter folders as one: pictures, attributes, the states of their captions."""

    def __init__(self, folders, read):
        self.parts = [data.pictures(f, shape.READ_SIDE) for f in folders]
        lines = [data.records(f) for f in folders]
        self.first = np.cumsum([0] + [len(part) for part in lines])
        kept = [read.kept(pathlib.Path(f) / "states.pt", clip_texts.learnt, part) for f, part in zip(folders, lines)]
        kept = torch.cat(kept).view(self.first[-1], clip_texts.LEARNT, -1)
        # The painter's captions [N, languages, in part and complete, D]; the plain one and the wrong ones [N, 6, D].
        self.captions = kept[:, : 2 * len(clip_texts.LANGUAGES)].view(len(kept), len(clip_texts.LANGUAGES), 2, -1)
        self.plain = kept[:, 2 * len(clip_texts.LANGUAGES) :]
        lines = [r for part in lines for r in part]
        self.labels, self.others = reader.labels(lines)
        self.rows = torch.tensor([k for k, r in enumerate(lines) if not data.withheld(r)])
        middle = [0.35, 0.35, 0.65, 0.65]
        box = torch.tensor([[r["bounds"] or middle, r["other_bounds"] or r["bounds"] or middle] for r in lines])
        # What a cut must not lose.
        self.box = torch.cat([box[:, :, :2].amin(1), box[:, :, 2:].amax(1)], 1).clamp(0, 1)
        self.turns = torch.tensor([r["relation"] not in ("left-of", "right-of") for r in lines])

    def pictures(self, rows):
        part = np.searchsorted(self.first, rows.numpy(), "right") - 1
        return data.tensor(np.stack([self.parts[p][r - self.first[p]] for p, r in zip(part, rows.tolist())]))


def varied(x, box, turns, g):
    """Cuts that keep the subjects, mirror images, a little more or less light, blur and noise: as many, as large."""
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
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
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
        # On a CPU in bfloat16, products of matrices are quicker than the fused attention's way back.
        self.model.set_attn_implementation("eager")
        self.scenes = Scenes(args.pictures, read)
        self.attributes = clip_texts.attribute_states(read)
        self.check = reader.Check(args.check, self.attributes, args.measure)
        self.modules = [self.model]

    def muon(self):
        return {id(p) for p in self.model.vision_model.encoder.parameters() if p.dim() == 2}

    def optimizer(self):
        return {"decay": 0.05, "betas": (0.9, 0.99)}

    def rates(self, step):
        k = parallel.schedule(step, self.args)
        return {"rate": self.args.rate * k, "muon_rate": self.args.muon * k, "average": 0.995}

    def seen(self, x):
        """Pictures in the common space, unit length [B, D]. Computed in bfloat16; the weights that learn are not."""
        tower = self.model.vision_model
        weights = {n: p.bfloat16() for n, p in tower.named_parameters()}
        y = functional_call(tower, weights, (x.bfloat16(),)).pooler_output
        return F.normalize(self.model.visual_projection(y.float()), dim=-1)

    def told(self, states):
        return F.normalize(self.model.text_projection(states.float()), dim=-1)

    def loss(self, step, rank, g):
        s, count = self.scenes, self.args.batch // self.workers
        rows = s.rows[torch.randint(len(s.rows), (count,), generator=g)]
        seen = self.seen(varied(s.pictures(rows), s.box[rows], s.turns[rows], g))
        scale = self.model.logit_scale.clamp(max=math.log(100)).exp()
        labels, others = s.labels[rows], s.others[rows]
        captions = self.by_caption(seen, rows, scale, g)
        attributes, right = self.by_attribute(seen, labels, others, scale)
        wrong = self.by_wrong(seen, rows, scale)
        loss = captions + attributes + wrong
        return {"loss": loss, "captions": captions, "attributes": attributes, "wrong": wrong, "right": right}

    def by_caption(self, seen, rows, scale, g):
        """Whose caption is whose: in either language, in part or complete."""
        own = torch.arange(len(rows))
        language, complete = torch.randint(2, (2, len(rows)), generator=g)
        logits = scale * seen @ self.told(self.scenes.captions[rows, language, complete]).T
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

    def by_wrong(self, seen, rows, scale):
        """The plain caption among those that are wrong in one attribute, where there is a subject."""
        there = self.scenes.labels[rows].amin(1) >= 0
        texts = self.told(self.scenes.plain[rows[there]])
        logits = scale * (texts @ seen[there, :, None])[:, :, 0]
        return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))

    def keep(self, folder, step):
        self.model.eval()
        print(f"check at {step}:", self.check.line(self.model), flush=True)
        self.model.train()
        # The loop keeps weights of convolutions in another order.
        weights = {name: value.contiguous() for name, value in self.model.state_dict().items()}
        self.model.save_pretrained(folder / "model", state_dict=weights)


def main():
    parser = parallel.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    parser.add_argument("--pictures", required=True, nargs="+", help=f"painter folders of side {shape.READ_SIDE}")
    parser.add_argument("--check", required=True, help=f"a painter folder of side {shape.SIDE} to measure on")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon", type=float, default=2e-3)
    parser.add_argument("--measure", type=int, default=512, help="pictures of --check to measure on as it learns")
    args = parser.parse_args()
    parallel.train(Task(args), args)


if __name__ == "__main__":
    main()
