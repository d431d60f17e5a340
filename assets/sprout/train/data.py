"""Pictures and captions of the painter, as it writes them: pictures.u8 (N x 256 x 256 x 3) and captions.jsonl."""

import json
import math
import pathlib
import zlib

import numpy as np
import torch

FIELDS = ("subject", "color", "place", "time", "backdrop", "style", "weather", "other", "other_color", "relation")
SIDE = 256


def pictures(folder, side=SIDE):
    """All pictures, mapped from the file: [N, side, side, 3] bytes."""
    raw = np.memmap(pathlib.Path(folder) / "pictures.u8", np.uint8, "r")
    return raw.reshape(-1, side, side, 3)


def records(path):
    """The lines of captions.jsonl."""
    path = pathlib.Path(path)
    path = path / "captions.jsonl" if path.is_dir() else path
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def texts(record, language):
    """Every caption of a picture in one language, the complete one last."""
    return [*record[language], record[f"complete_{language}"]]


def all_texts(path):
    return [t for r in records(path) for language in ("en", "zh") for t in texts(r, language)]


def key(record):
    """What is held out: pictures with this subject, colour, place and time are not trained on."""
    return tuple(record[f] for f in FIELDS[:4])


def withheld(record):
    """Whether the picture's subject, colour and place are one of the combinations (one in 25) that are never trained on."""
    return zlib.crc32("/".join(str(f) for f in key(record)[:3]).encode()) % 25 == 0


def focus(lines, side, weight):
    """What the subjects' part of the picture counts against the rest, for squares of a side x side grid: [N, 1, side, side].

    The mean over each picture is 1. The best answer at each place stays what it was; more of the work goes where people
    look.
    """
    out = torch.ones(len(lines), 1, side, side)
    for row, line in zip(out, lines):
        for bounds in filter(None, (line["bounds"], line["other_bounds"])):
            left, top, right, bottom = (min(max(b, 0.0), 1.0) * side for b in bounds)
            row[0, math.floor(top) : math.ceil(bottom), math.floor(left) : math.ceil(right)] = weight
    return out / out.mean((2, 3), keepdim=True)


def held_out(path):
    return {key(r) for r in records(path)}


def tensor(batch):
    """Bytes [B, H, W, 3] to floats [B, 3, H, W] between -1 and 1, channels last in memory."""
    x = torch.from_numpy(np.ascontiguousarray(batch)).permute(0, 3, 1, 2)
    return x.float().div_(127.5).sub_(1)


def image(x):
    """Floats [B, 3, H, W] to bytes [B, H, W, 3]."""
    return x.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def grid(rows, path, gap=2):
    """Saves rows of equally large byte pictures as one sheet."""
    from PIL import Image

    side = rows[0][0].shape[0] + gap
    out = Image.new("RGB", (side * max(map(len, rows)) - gap, side * len(rows) - gap))
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            out.paste(Image.fromarray(picture), (x * side, y * side))
    out.save(path)


class Tokens:
    """Every caption of a painter folder as token ids, and the ways in which a training varies them."""

    VARIANTS = 4  # per language: three captions and the complete one

    def __init__(self, folder, tokenizer):
        from tokenizers import Tokenizer

        from tokenizer import Plain

        self.plain = plain = Plain(tokenizer)
        self.end = plain.end
        lines = records(folder)
        self.keys = [key(r) for r in lines]
        self.labels, self.names = labels(lines)
        flat = [t for r in lines for language in ("en", "zh") for t in texts(r, language)]
        # The same ids as Plain's, which tokenizer.py has checked, in a tenth of the time.
        fast = Tokenizer.from_file(str(pathlib.Path(tokenizer) / "tokenizer.json"))
        fast.enable_truncation(77)
        fast.enable_padding(length=77, pad_id=plain.end)
        self.ids = torch.empty(len(flat), 77, dtype=torch.int16)
        for k in range(0, len(flat), 10000):
            part = fast.encode_batch_fast(flat[k : k + 10000])
            self.ids[k : k + len(part)] = torch.tensor([e.ids for e in part], dtype=torch.int16)
        self.ids = self.ids.view(len(lines), 2, self.VARIANTS, 77)
        self.vary_with(set(torch.unique(self.ids).tolist()))

    def vary_with(self, used):
        """What may be put in or changed without changing what a caption says."""
        vocab = self.plain.vocab
        self.foreign = torch.tensor([i for i in vocab.values() if i not in used and i < self.plain.start])
        # A Chinese character inside a run and at its end: what a space after it would make of it.
        self.spaced = torch.arange(len(vocab))
        for token, i in vocab.items():
            if token + "</w>" in vocab and len(token) == 3:
                self.spaced[i] = vocab[token + "</w>"]
        marks = [",", ".", "，", "。", "!", "！"]
        self.marks = torch.tensor(sorted({i for m in marks for i in self.plain.word(m) if len(self.plain.word(m)) == 1}))

    def vary(self, ids, g):
        """Now and then: unknown words put in, punctuation left out, Chinese written with spaces."""
        out = ids.clone().long()
        dice = torch.rand(len(out), 3, generator=g)
        for row, (words, marks, spaces) in zip(out, dice.tolist()):
            if max(words < 0.15, marks < 0.15, spaces < 0.06) == 0:
                continue
            body = row[1:][row[1:] != self.end]
            if spaces < 0.06:
                body = self.spaced[body]
            if marks < 0.15:
                body = body[~torch.isin(body, self.marks)]
            if words < 0.15:
                for _ in range(int(torch.randint(1, 5, (1,), generator=g))):
                    at = int(torch.randint(len(body) + 1, (1,), generator=g))
                    new = self.foreign[torch.randint(len(self.foreign), (1,), generator=g)]
                    body = torch.cat([body[:at], new, body[at:]])
            body = body[:75]
            row[1:] = self.end
            row[1 : 1 + len(body)] = body
        return out


def labels(lines):
    """What each picture shows as numbers [N, fields], and the names those numbers stand for."""
    names = {f: sorted({str(r[f]) for r in lines}) for f in FIELDS}
    return torch.tensor([[names[f].index(str(r[f])) for f in FIELDS] for r in lines]), names
