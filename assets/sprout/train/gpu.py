"""Trains all of Sprout on one GPU against the clock, on pictures that the painter draws meanwhile.

    python gpu.py --work work --tokenizer ../tokenizer --init .. --test work/test --check work/check --minutes 12

Stages: the autoencoder goes on from the weights of `--init`; its latents are fitted; the text encoder learns to read
captions; then it and the UNet, from nothing, learn to draw. `--minutes` holds for all stages together; a file
`deadline` in the work folder (seconds since 1970) moves the end while it runs. The rates fall over the last third of
each stage. What is learnt so far is in `out/`, as f16, every two minutes and at the end.
"""

import argparse
import pathlib
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import autoencoder
import data
import diffusion
import gallery
import parallel
import shape

BATCH = {"crops": 64, "side": 128, "text": 512, "unet": 256}


def log(*words):
    print(f"[{time.time() - BEGAN:6.1f}]", *words, flush=True)


BEGAN = time.time()


class Clock:
    """How far a stage is, from 0 to 1."""

    def __init__(self, end, deadline=None):
        self.began, self.end, self.deadline = time.time(), end, deadline

    def share(self):
        if self.deadline and self.deadline.exists():
            self.end = float(self.deadline.read_text())
        return (time.time() - self.began) / max(self.end - self.began, 1e-3)

    def rate(self, step, warm, fall=0.35):
        """Warm-up by steps, level, then down to a fiftieth."""
        return min(1.0, (step + 1) / warm) * max(0.02, min(1.0, (1 - self.share()) / fall))


def learner(modules, muon, **options):
    flat = parallel.Flat(modules, 1)
    flat.attach(0)
    return flat, parallel.Optimizer(flat, 0, muon=muon, **options)


def matrices(module, outer):
    """Hidden weights, for Muon: all matrices but the first and last layers' and embeddings."""
    return {id(p) for n, p in module.named_parameters() if p.dim() > 1 and not n.startswith(outer) and "embedding" not in n}


def half(where, enabled=True):
    return torch.autocast("cuda", torch.bfloat16, enabled=enabled and where.type == "cuda")


def train_autoencoder(vae, pictures, clock, where, check):
    """Goes on with crops, then with whole pictures; both halves learn."""
    vae.train()
    muon = {id(p) for n, p in vae.named_parameters() if p.dim() == 4 and "conv_in" not in n and "conv_out" not in n}
    flat, optimizer = learner([vae], muon, decay=0.0, betas=(0.9, 0.99))
    g = torch.Generator(where).manual_seed(1)
    step, seen = 0, None
    while (share := clock.share()) < 1:
        whole = share > 0.75
        count, side = (BATCH["crops"] // 4, data.SIDE) if whole else (BATCH["crops"], BATCH["side"])
        rows = torch.randint(len(pictures), (count,), generator=g, device=where)
        x = pictures[rows]
        if not whole:
            y0, x0 = torch.randint(data.SIDE - side + 1, (2,), generator=g, device=where).tolist()
            x = x[:, y0 : y0 + side, x0 : x0 + side]
        x = x.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        with half(where):
            mean, spread = autoencoder.moments(vae, x)
            spread = spread.float().clamp(-12, 4)
            mean = mean.float()
            z = mean + torch.randn(mean.shape, generator=g, device=where) * (0.5 * spread).exp()
            y = autoencoder.decode(vae, z).float()
        square = (y - x).square().mean()
        kl = 0.5 * (mean.square() + spread.exp() - 1 - spread).sum(dim=(1, 2, 3)).mean() * (data.SIDE / x.shape[2]) ** 2 / 4
        ((y - x).abs().mean() + 4 * square + autoencoder.edges(y, x) + 1e-6 * kl).backward()
        optimizer.gather()
        k = clock.rate(step, 50)
        optimizer.step(step + 1, rate=5e-4 * k, muon_rate=1e-3 * k, average=0.998)
        seen = square.detach() if seen is None else seen.lerp(square.detach(), 0.02)
        step += 1
        if step % 100 == 0:
            log("autoencoder", step, f"psnr {float(-10 * torch.log10(seen / 4)):.2f} rate {k:.2f}")
    flat.swap()
    vae.eval()
    with torch.no_grad():
        values, out = autoencoder.psnr(vae, check)
    log(f"autoencoder after {step} steps: psnr {values.mean():.2f} dB, worst {values.min():.2f}")
    return out


@torch.no_grad()
def fit(vae, pictures):
    """Shifts and scales the latents to mean zero per channel and unit variance overall; see diffusion.encode."""
    parts = [autoencoder.moments(vae, rgb(pictures[k : k + 64]))[0] for k in range(0, min(len(pictures), 4096), 64)]
    z = torch.cat(parts)
    mean = z.mean((0, 2, 3))
    channels = len(mean)
    vae.quant_conv.bias[:channels] -= mean
    vae.post_quant_conv.bias += vae.post_quant_conv.weight[:, :, 0, 0] @ mean
    vae.register_to_config(scaling_factor=float(1 / (z - mean[None, :, None, None]).std()))
    log("scaling factor", vae.config.scaling_factor)


def rgb(bytes_):
    return bytes_.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def train_text(text, parts, clock, where, end):
    """Reads captions: what is where and when, the same in English and Chinese. See text_encoder.py."""
    ids = torch.from_numpy(np.concatenate([p["ids"] for p in parts])).to(where)
    fields = np.concatenate([p["fields"] for p in parts])
    names = [sorted(set(fields[:, k])) for k in range(fields.shape[1])]
    labels = torch.tensor([[n.index(v) for n, v in zip(names, row)] for row in fields], device=where)
    heads = nn.ModuleList(nn.Linear(shape.WIDTH, len(n)) for n in names).to(where)
    both = nn.ModuleList([text, heads])
    flat, optimizer = learner([both], (), decay=0.01, betas=(0.9, 0.98))
    g = torch.Generator(where).manual_seed(2)
    draw = lambda high, *n: torch.randint(high, n, generator=g, device=where)
    step = 0
    while clock.share() < 1:
        count = BATCH["text"] // 2
        rows, first = draw(len(ids), count), draw(2, count)
        same = torch.rand(count, generator=g, device=where) < 0.5
        which = draw(4, 2, count)
        which[:, same] = 3
        shown = torch.cat([ids[rows, first, which[0]], ids[rows, 1 - first, which[1]]]).long()
        with half(where):
            states = text(input_ids=shown).last_hidden_state.float()
        last = (shown != end).sum(1).clamp(max=76)
        far = torch.rand(len(shown), 3, generator=g, device=where)
        at = torch.cat([last[:, None], last[:, None] + (far * (77 - last[:, None])).long()], 1)
        states = states[torch.arange(len(shown), device=where)[:, None], at]
        told = labels[torch.cat([rows, rows])]
        reading, right = 0, []
        for k, head in enumerate(heads):
            out = head(states)
            reading = reading + F.cross_entropy(out.flatten(0, 1), told[:, k, None].expand(-1, 4).flatten())
            right.append((out[:, 0].argmax(-1) == told[:, k]).float().mean())
        a, b = states.chunk(2)
        apart = (a[same].mean(1) - b[same].mean(1)).square().mean()
        (reading + apart).backward()
        optimizer.gather()
        k = clock.rate(step, 100)
        optimizer.step(step + 1, rate=1e-3 * k, average=0.995)
        step += 1
        if step % 100 == 0:
            shares = " ".join(f"{f} {float(r):.3f}" for f, r in zip(data.FIELDS, right))
            log("text", step, f"reading {float(reading):.3f} apart {float(apart):.4f}", shares)
    flat.swap()


class Painterly:
    """The text encoder and the UNet as they learn to draw."""

    def __init__(self, text, unet, empty, where, args):
        self.text, self.unet, self.where, self.args = text, unet, where, args
        self.empty = empty
        self.alphas = diffusion.alphas().to(where)
        outer = ("conv_in", "conv_out", "time_embedding")
        self.flat, self.optimizer = learner([unet], matrices(unet, outer), decay=0.01, betas=(0.9, 0.99))
        self.words, self.reader = learner([text], (), decay=0.01, betas=(0.9, 0.99))
        self.forward = torch.compile(unet) if args.compile else unet
        self.g = torch.Generator(where).manual_seed(3)
        self.step, self.mean = 0, None

    def times(self, count):
        """As diffusion.py's: three in ten evenly, the rest by a bell about the middle."""
        share = (torch.randperm(count, generator=self.g, device=self.where) + torch.rand(count, generator=self.g, device=self.where)) / count
        even = share < 0.3
        bell = torch.special.ndtri(((share - 0.3) / 0.7).clamp(1e-4, 1 - 1e-4)).add(self.args.late).sigmoid()
        return (torch.where(even, share / 0.3, bell) * 1000).long().clamp(0, 999)

    def learn(self, z, ids, weights, k):
        count = len(z)
        ids = ids.long()
        ids[torch.rand(count, generator=self.g, device=self.where) < 0.1] = self.empty
        noise = torch.randn(z.shape, generator=self.g, device=self.where)
        times = self.times(count)
        a = self.alphas[times][:, None, None, None]
        x, v = a.sqrt() * z + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * z
        with half(self.where):
            states = self.text(input_ids=ids).last_hidden_state
            out = self.forward(x.contiguous(memory_format=torch.channels_last), times, states).sample
        each = ((out.float() - v).square() * weights).mean((1, 2, 3))
        loss = each.mean()
        loss.backward()
        self.optimizer.gather()
        self.reader.gather()
        self.step += 1
        self.optimizer.step(self.step, rate=self.args.rate * k, muon_rate=self.args.muon * k, average=self.args.average)
        self.reader.step(self.step, rate=2e-4 * k, average=self.args.average)
        loss = loss.detach()
        self.mean = loss if self.mean is None else self.mean.lerp(loss, 0.01)

    def averaged(self):
        for flat in (self.flat, self.words):
            flat.swap()


def save(out, text, vae, unet):
    """All weights as f16, each file whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    for name, part in (("text", text), ("vae", vae), ("unet", unet)):
        weights = {k: v.detach().half().contiguous().cpu() for k, v in part.state_dict().items() if v.is_floating_point()}
        save_file(weights, out / f"{name}.part", metadata={"format": "pt"})
        (out / f"{name}.part").rename(out / f"{name}.safetensors")
    (out / "scaling_factor").write_text(str(vae.config.scaling_factor))


@torch.no_grad()
def sheet(path, prompts, plain, text, vae, unet, where, steps=20, guidance=2.5):
    from diffusers.schedulers import EulerAncestralDiscreteScheduler

    ids = torch.tensor([plain(p) for p in prompts], device=where)
    empty = torch.tensor(plain(""), device=where)[None]
    with half(where):
        z = diffusion.draw(unet, text, ids, empty, steps, guidance, seed=1000, size=data.SIDE // 8).float()
    out = data.image(torch.cat([autoencoder.decode(vae, p) for p in (z / vae.config.scaling_factor).split(16)]))
    data.grid([list(out[k : k + 10]) for k in range(0, len(out), 10)], path)


def initial(init, plain, where):
    """The shipped autoencoder, and the shipped text encoder with its embeddings moved to the new vocabulary."""
    from diffusers import AutoencoderKL

    from tokenizer import Plain

    vae = AutoencoderKL.from_pretrained(init, subfolder="vae", torch_dtype=torch.float32).to(where)
    text = shape.text_encoder(len(plain.vocab))
    if (pathlib.Path(init) / "text_encoder").exists():
        old = load_file(pathlib.Path(init) / "text_encoder" / "model.safetensors")
        old = {k.removeprefix("text_model."): v.float() for k, v in old.items()}
        known = Plain(pathlib.Path(init) / "tokenizer").vocab
        state = {k.removeprefix("text_model."): v for k, v in text.state_dict().items()}
        for name, value in state.items():
            if name == "embeddings.token_embedding.weight":
                for token, k in plain.vocab.items():
                    if token in known:
                        value[k] = old[name][known[token]]
            elif name in old and old[name].shape == value.shape:
                value.copy_(old[name])
    return vae, text.to(where)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("work", "tokenizer", "init", "test", "check"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--autoencoder", type=float, default=75, help="seconds")
    parser.add_argument("--text", type=float, default=25, help="seconds")
    parser.add_argument("--first", type=int, default=30000, help="pictures to wait for before the UNet begins")
    parser.add_argument("--pictures", type=int, default=160000, help="pictures at most")
    parser.add_argument("--parts", type=int, default=8, help="parts of the painter's that the autoencoder is shown")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon", type=float, default=2e-3)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--late", type=float, default=0.5, help="shift of the noise times towards noise")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--warm", action="store_true", help="only compile the UNet, for a run that comes after")
    parser.add_argument("--resume", help="a folder of weights to go on from: no first stages")
    parser.add_argument("--batch", type=int, default=BATCH["unet"])
    parser.add_argument("--prompts", required=True, help="a file of prompts for the sheet, one a line")
    args = parser.parse_args()
    where = parallel.device()
    torch.manual_seed(1)
    if where.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    from tokenizer import Plain

    work, plain = pathlib.Path(args.work), Plain(args.tokenizer)
    out = work / "out"
    prompts = pathlib.Path(args.prompts).read_text(encoding="utf-8").splitlines()
    end = BEGAN + args.minutes * 60
    held = {"/".join(map(str, data.key(r))) for r in data.records(args.test)}
    vae, text = initial(args.init, plain, where)
    unet = shape.unet().to(where, memory_format=torch.channels_last)
    log(f"text {sum(p.numel() for p in text.parameters()) / 1e6:.2f} M, unet {sum(p.numel() for p in unet.parameters()) / 1e6:.2f} M")
    empty = torch.tensor(plain(""), device=where)
    if args.warm:
        painter = Painterly(text, unet, empty, where, args)
        side = data.SIDE // 8
        z, ids = torch.randn(args.batch, 16, side, side, device=where), empty.expand(args.batch, -1).clone()
        for _ in range(3):
            painter.learn(z, ids, torch.ones(args.batch, 1, side, side, device=where), 0.0)
        log("compiled; loss", float(painter.mean))
        return
    if args.resume:
        for part, name in ((text, "text"), (vae, "vae"), (unet, "unet")):
            part.load_state_dict({k: v.float() for k, v in load_file(pathlib.Path(args.resume) / f"{name}.safetensors").items()}, strict=False)
        vae.register_to_config(scaling_factor=float((pathlib.Path(args.resume) / "scaling_factor").read_text()))
    else:
        shown = []
        while len(shown) < args.parts:
            time.sleep(0.2)
            shown = gallery.painted(work)[: args.parts]
        pictures = torch.cat([torch.from_numpy(np.array(data.pictures(f))) for f in shown]).to(where)
        log(len(pictures), "pictures for the autoencoder")
        check = np.array(data.pictures(args.check)[:96])
        seen = train_autoencoder(vae, pictures, Clock(time.time() + args.autoencoder), where, check)
        data.grid([r for k in (0, 8, 16) for r in (check[k : k + 8], seen[k : k + 8])], work / "autoencoder.png")
        fit(vae, pictures)
        parts = []
        for f in shown:
            while not (f / "read.npz").exists():
                time.sleep(0.2)
            with np.load(f / "read.npz") as part:
                parts.append(dict(part))
        del pictures
        train_text(text, parts, Clock(time.time() + args.text), where, plain.end)
    vae.eval().requires_grad_(False)

    @torch.no_grad()
    def encode(pictures):
        return autoencoder.moments(vae, rgb(pictures))[0].mul(vae.config.scaling_factor).half()

    store = gallery.Gallery(work, args.pictures, held, encode, where)
    store.fill(args.first)
    log(store.count, "pictures to begin with")
    store.watch()
    painter = Painterly(text, unet, empty, where, args)
    clock = Clock(end, work / "deadline")
    saved = time.time()
    g = torch.Generator(where).manual_seed(4)
    while clock.share() < 1:
        rows = torch.randint(store.count, (args.batch,), generator=g, device=where)
        variant = torch.randint(8, (args.batch,), generator=g, device=where)
        ids = store.ids.view(-1, 8, 77)[rows, variant]
        k = clock.rate(painter.step, 200)
        painter.learn(store.latents[rows].float(), ids, store.weights[rows].float(), k)
        if painter.step <= 3 or painter.step % 100 == 0:
            log("unet", painter.step, f"loss {float(painter.mean):.4f} rate {k:.3f} pictures {store.count}")
        if time.time() - saved > 120:
            saved = time.time()
            painter.averaged()
            save(out, text, vae, unet)
            painter.averaged()
    painter.averaged()
    store.stopped.set()
    (work / "enough").touch()
    save(out, text, vae, unet)
    sheet(out / "sheet.png", prompts, plain, text, vae, unet, where)
    log(f"done: {painter.step} steps of {args.batch}, {store.count} pictures")


if __name__ == "__main__":
    main()
