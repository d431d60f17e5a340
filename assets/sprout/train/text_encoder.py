"""Trains the CLIP text encoder to read captions: what is where and when, the same in English and Chinese.

    python text_encoder.py --captions train --check val --tokenizer sprout/tokenizer --out work/text --steps 3000

It reads a caption and says subject, colour, place, time and backdrop from the end token and from some of the padding
after it, which is most of what the UNet will look at. Two captions of one scene, whatever the language, must come out
alike. Afterwards it stays as it is while the UNet learns.
"""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

import data
import parallel
import shape


class Task:
    """One step of the text encoder's training, for parallel.train."""

    shown = ("loss", "reading", "apart", "right")

    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.tokens = data.Tokens(args.captions, args.tokenizer)
        self.check = data.Tokens(args.check, args.tokenizer)
        assert self.tokens.names == self.check.names, "the check must show all there is"
        held = data.held_out(args.held_out) if args.held_out else set()
        self.rows = torch.tensor([k for k, key in enumerate(self.tokens.keys) if key not in held])
        self.where = parallel.device()
        self.text = shape.text_encoder(len(self.tokens.plain.vocab))
        if args.init:
            from transformers import CLIPTextModel

            self.text = CLIPTextModel.from_pretrained(args.init, subfolder="text_encoder", torch_dtype=torch.float32)
        self.text.to(self.where)
        self.heads = nn.ModuleList(nn.Linear(shape.WIDTH, len(n)) for n in self.tokens.names.values()).to(self.where)
        self.modules = [self.text, self.heads]

    def muon(self):
        return ()

    def optimizer(self):
        return {"decay": 0.01, "betas": (0.9, 0.98)}

    def rates(self, step):
        return {"rate": self.args.rate * parallel.schedule(step, self.args), "average": 0.998}

    def read(self, ids, g, window):
        """States [B, W, D] and which of the positions to read from: the end and three paddings after it."""
        ids = ids[:, :window].to(self.where)
        states = self.text(input_ids=ids).last_hidden_state
        end = (ids == self.tokens.end).int().argmax(1)
        far = torch.rand(len(ids), 3, generator=g).to(self.where)
        at = torch.cat([end[:, None], end[:, None] + (far * (window - end[:, None])).long()], 1)
        return states[torch.arange(len(ids), device=self.where)[:, None], at]

    def window(self, ids, g):
        """The shortest window that holds the batch: the mask is causal, so nothing changes. Now and then the whole."""
        need = int((ids != self.tokens.end).sum(1).max()) + 4
        return 77 if float(torch.rand(1, generator=g)) < 0.2 else min(77, need)

    def loss(self, step, rank, g):
        count = self.args.batch // self.workers // 2
        rows = self.rows[torch.randint(len(self.rows), (count,), generator=g)]
        language = torch.randint(2, (2, count), generator=g)
        # Mostly one English and one Chinese; the second is always complete, the first any.
        language[1] = torch.where(torch.rand(count, generator=g) < 0.7, 1 - language[0], language[1])
        which = torch.randint(self.tokens.VARIANTS, (2, count), generator=g)
        same = torch.rand(count, generator=g) < 0.5
        which[:, same] = self.tokens.VARIANTS - 1
        ids = torch.cat([self.tokens.ids[rows, language[k], which[k]] for k in range(2)])
        ids = self.tokens.vary(ids, g)
        states = self.read(ids, g, self.window(ids, g))
        labels = self.tokens.labels[torch.cat([rows, rows])].to(self.where)
        reading, right = 0, 0
        for k, head in enumerate(self.heads):
            out = head(states)
            reading = reading + F.cross_entropy(out.flatten(0, 1), labels[:, k, None].expand(-1, 4).flatten())
            right = right + (out[:, 0].argmax(-1) == labels[:, k]).float().mean() / len(self.heads)
        a, b = states.chunk(2)
        # Only complete captions say the same; the others leave something out.
        apart = (a[same].mean(1) - b[same].mean(1)).square().mean() if bool(same.any()) else a.sum() * 0
        return {"loss": reading + self.args.agree * apart, "reading": reading, "apart": apart, "right": right}

    def keep(self, folder, step):
        g = torch.Generator().manual_seed(0)
        for language, name in enumerate(("en", "zh")):
            ids = self.check.ids[:512, language, -1].long()
            states = self.read(ids, g, 77)[:, 0]
            rates = [
                f"{field} {(head(states).argmax(-1).cpu() == self.check.labels[:512, k]).float().mean():.3f}"
                for k, (field, head) in enumerate(zip(data.FIELDS, self.heads))
            ]
            print(f"check at {step}: {name} complete captions read: {', '.join(rates)}", flush=True)
        self.text.save_pretrained(folder / "text_encoder")


def main():
    parser = parallel.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    parser.add_argument("--captions", required=True, help="the painter's folder to train on")
    parser.add_argument("--check", required=True, help="the painter's folder to measure on")
    parser.add_argument("--held-out", help="the painter's folder whose scenes are not trained on")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--agree", type=float, default=1.0, help="weight of English and Chinese coming out alike")
    args = parser.parse_args()
    parallel.train(Task(args), args)


if __name__ == "__main__":
    main()
