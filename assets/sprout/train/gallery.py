"""Pictures on their way from the painter to the GPU, while the painter is still at work. What has become latents is deleted.

    python gallery.py --work work --tokenizer ../tokenizer

The painter writes folders `part-N` of pictures and captions. This file's process turns the captions of each finished
one into token ids (`read.npz`) beside it; `Gallery`, in the trainer's process, brings both to the GPU and keeps the
latents of all pictures there.
"""

import argparse
import pathlib
import threading
import time

import numpy as np
import torch

import data


def bounds(record):
    """The boxes of both subjects as eight numbers; empty ones are zero."""
    return [*(record["bounds"] or [0.0] * 4), *(record["other_bounds"] or [0.0] * 4)]


def read(folder, tokenizer, seed):
    """Ids of every caption of a part, as they will be shown, its labels by name, and which pictures must not be shown."""
    tokens = data.Tokens(folder, tokenizer)
    lines = data.records(folder)
    count = len(lines)
    flat = tokens.ids.view(count * 2 * tokens.VARIANTS, -1)
    ids = tokens.vary(flat, torch.Generator().manual_seed(seed)).short().view(count, 2, tokens.VARIANTS, -1)
    return {
        "ids": ids.numpy(),
        "plain": tokens.ids[:, :, -1].numpy(),
        "bounds": np.array([bounds(r) for r in lines], np.float32),
        "fields": np.array([[str(r[f]) for f in data.FIELDS] for r in lines]),
        "keys": np.array(["/".join(map(str, data.key(r))) for r in lines]),
        "withheld": np.array([data.withheld(r) for r in lines]),
    }


def painted(work, done=()):
    """The finished parts that are not among those done."""
    folders = sorted(pathlib.Path(work).glob("part-*"))
    return [f for f in folders if f not in done and (f / "captions.jsonl").exists()]


class Gallery:
    """All pictures so far, as latents on the GPU, with the ids of their captions."""

    def __init__(self, work, capacity, held, encode, where):
        self.work, self.held, self.encode, self.where = pathlib.Path(work), held, encode, where
        new = lambda *shape, kind: torch.empty(capacity, *shape, dtype=kind, device=where)
        side = data.SIDE // 8
        self.latents = new(16, side, side, kind=torch.float16)
        self.ids = new(2, data.Tokens.VARIANTS, 77, kind=torch.int16)
        self.weights = new(1, side, side, kind=torch.float16)
        self.capacity, self.count, self.done = capacity, 0, []
        self.stopped = threading.Event()

    def add(self, folder):
        with np.load(folder / "read.npz") as part:
            part = dict(part)
        kept = [k for k in range(len(part["keys"])) if part["keys"][k] not in self.held and not part["withheld"][k]]
        kept = np.array(kept[: self.capacity - self.count])
        pictures = data.pictures(folder)
        for k in range(0, len(kept), 128):
            rows = kept[k : k + 128]
            to = slice(self.count, self.count + len(rows))
            self.latents[to] = self.encode(torch.from_numpy(pictures[rows]).to(self.where))
            self.ids[to] = torch.from_numpy(part["ids"][rows]).to(self.where)
            boxes = part["bounds"][rows].tolist()
            lines = [{"bounds": b[:4] if b[2] else None, "other_bounds": b[4:] if b[6] else None} for b in boxes]
            self.weights[to] = data.focus(lines, self.weights.shape[-1], 4.0).half().to(self.where)
            if self.where.type == "cuda":
                torch.cuda.current_stream().synchronize()
            self.count = to.stop
        (folder / "pictures.u8").unlink()
        self.done.append(folder)

    def fill(self, least):
        """Waits for the painter until there are so many pictures."""
        while self.count < min(least, self.capacity):
            ready = [f for f in painted(self.work, self.done) if (f / "read.npz").exists()]
            for folder in ready:
                self.add(folder)
            if not ready:
                time.sleep(0.2)

    def watch(self):
        """Takes what comes, beside the training, until it is full or stopped."""

        def work():
            stream = torch.cuda.Stream() if self.where.type == "cuda" else None
            with torch.cuda.stream(stream):
                while not self.stopped.is_set() and self.count < self.capacity:
                    ready = [f for f in painted(self.work, self.done) if (f / "read.npz").exists()]
                    for folder in ready[:1]:
                        self.add(folder)
                    self.stopped.wait(0.1 if ready else 0.5)

        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--of", type=int, default=1, help="how many such processes share the work")
    parser.add_argument("--which", type=int, default=0, help="which of them this is")
    args = parser.parse_args()
    torch.set_num_threads(1)
    done = []
    while not (pathlib.Path(args.work) / "enough").exists():
        for folder in painted(args.work, done):
            number = int(folder.name.split("-")[1])
            if number % args.of == args.which and not (folder / "read.npz").exists():
                part = read(folder, args.tokenizer, number)
                np.savez(folder / "reading.npz", **part)
                (folder / "reading.npz").rename(folder / "read.npz")
            done.append(folder)
        time.sleep(0.2)


if __name__ == "__main__":
    main()
