"""Trains the UNet on the latents of painter pictures, with the text encoder's reading of their captions.

    python diffusion.py latents --vae work/ae/vae --pictures train --out work/latents-train
    python diffusion.py train --latents work/latents-train --check work/latents-val --captions train \
        --check-captions val --held-out test --tokenizer sprout/tokenizer --text work/text/text_encoder \
        --vae work/ae/vae --out work/unet --steps 20000 --batch 64

v-prediction on Stable Diffusion's noise schedule. English and Chinese alike, any of a picture's captions, and every
tenth time none, so that guidance works.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

import data
import parallel
import shape
from autoencoder import decode, moments


def alphas():
    """The signal's share of the variance at each of the 1000 times."""
    beta = torch.linspace(shape.SCHEDULE["beta_start"] ** 0.5, shape.SCHEDULE["beta_end"] ** 0.5, 1000) ** 2
    return torch.cumprod(1 - beta, 0)


@torch.no_grad()
def encode(args):
    """Writes mean latents, shifted and scaled to mean zero per channel and unit variance overall, as f16.

    The shift goes into the autoencoder itself (its 1 x 1 convolutions before and after the latents), the scale into its
    config, where every reader of the folder expects it. Both are set once, by the folder with --fit.
    """
    from diffusers import AutoencoderKL

    torch.set_num_threads(args.threads)
    where = parallel.device()
    vae = AutoencoderKL.from_pretrained(args.vae, torch_dtype=torch.float32).to(where).eval()
    pictures = data.pictures(args.pictures)[: args.count]
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    z = np.lib.format.open_memmap(
        out / "latents.npy", "w+", np.float16, (len(pictures), vae.config.latent_channels, data.SIDE // 8, data.SIDE // 8)
    )
    for k in range(0, len(pictures), 50):
        x = data.tensor(pictures[k : k + 50]).to(where)
        z[k : k + 50] = moments(vae, x)[0].cpu().numpy()
        if k % 5000 == 0:
            print(k, flush=True)
    if args.fit:
        part = torch.from_numpy(z[:: max(1, len(z) // 4000)].astype(np.float32))
        mean = part.mean((0, 2, 3))
        scale = 1 / float((part - mean[None, :, None, None]).std())
        half = len(mean)
        vae.quant_conv.bias[:half] -= mean.to(where)
        vae.post_quant_conv.bias += vae.post_quant_conv.weight[:, :, 0, 0] @ mean.to(where)
        vae.register_to_config(scaling_factor=scale)
        vae.save_pretrained(args.vae)
        for k in range(0, len(z), 1000):
            z[k : k + 1000] = ((z[k : k + 1000] - mean.numpy()[None, :, None, None]) * scale).astype(np.float16)
    else:
        for k in range(0, len(z), 1000):
            z[k : k + 1000] = (z[k : k + 1000].astype(np.float32) * vae.config.scaling_factor).astype(np.float16)
    z.flush()
    spread = z[:2000].astype(np.float32).std((0, 2, 3))
    print("scaling factor", vae.config.scaling_factor, "spread per channel", spread.round(2).tolist())


@torch.no_grad()
def draw(unet, text, ids, empty, steps=20, guidance=4.0, seed=0, size=data.SIDE // 8, scheduler=None):
    """Latents for token ids, as the pipeline draws them."""
    from diffusers.schedulers import DPMSolverMultistepScheduler

    where = next(unet.parameters()).device
    plan = scheduler or DPMSolverMultistepScheduler.from_config(shape.SCHEDULE)
    plan.set_timesteps(steps, device=where)
    # One generator for each picture: a picture does not change with the company it is drawn in.
    x = torch.stack(
        [torch.randn(unet.config.in_channels, size, size, generator=torch.Generator().manual_seed(seed + k)) for k in range(len(ids))]
    ).to(where)
    x = x * plan.init_noise_sigma
    both = text(input_ids=torch.cat([empty.expand(len(ids), -1), ids]).long().to(where)).last_hidden_state
    for t in plan.timesteps:
        pair = plan.scale_model_input(torch.cat([x, x]), t).contiguous(memory_format=torch.channels_last)
        free, told = unet(pair, t, both).sample.chunk(2)
        x = plan.step(free + guidance * (told - free), t, x).prev_sample
    return x


class Task:
    """One step of the UNet's training, for parallel.train."""

    shown = ("loss", "v", "high", "low")

    def __init__(self, args):
        from diffusers import AutoencoderKL, UNet2DConditionModel
        from transformers import CLIPTextModel

        self.args = args
        torch.manual_seed(args.seed)
        self.where = parallel.device()
        self.latents = np.load(pathlib.Path(args.latents) / "latents.npy", mmap_mode="r")
        check = np.load(pathlib.Path(args.check) / "latents.npy", mmap_mode="r")
        self.tokens = data.Tokens(args.captions, args.tokenizer)
        check_tokens = data.Tokens(args.check_captions, args.tokenizer)
        lines = data.records(args.captions)[: len(self.latents)]
        self.weights = data.focus(lines, self.latents.shape[-1], args.focus)
        held = data.held_out(args.held_out) if args.held_out else set()
        rows = [k for k, line in enumerate(lines) if data.key(line) not in held and not data.withheld(line)]
        print(f"{len(rows)} of {len(lines)} pictures to train on", flush=True)
        self.rows = torch.tensor([k for k in rows for _ in range(1 + args.more.count(lines[k]["subject"] or "none"))])
        g = torch.Generator().manual_seed(5)
        count = args.check_count
        self.check = torch.from_numpy(check[:count].astype(np.float32))
        self.check_ids = check_tokens.ids[torch.arange(count), torch.arange(count) % 2, -1]
        self.check_noise = torch.randn(self.check.shape, generator=g)
        self.check_times = ((torch.arange(count) + 0.5) / count * 1000).long()[torch.randperm(count, generator=g)]
        self.empty = torch.tensor(self.tokens.plain(""), dtype=torch.int16)[None]
        self.text = CLIPTextModel.from_pretrained(args.text, torch_dtype=torch.float32).to(self.where).eval()
        self.vae = AutoencoderKL.from_pretrained(args.vae, torch_dtype=torch.float32).to(self.where).eval()
        self.vae.requires_grad_(False)
        self.text.requires_grad_(args.joint)
        if args.init:
            self.unet = UNet2DConditionModel.from_pretrained(args.init, subfolder="unet", torch_dtype=torch.float32)
        else:
            self.unet = shape.unet(**json.loads(args.shape))
        self.unet.to(self.where, memory_format=torch.channels_last)
        self.modules = [self.unet, self.text] if args.joint else [self.unet]
        self.alphas = alphas().to(self.where)
        self.forward = self.unet
        if args.compile:
            from torch._inductor import config

            config.compile_threads = 1
            self.forward = torch.compile(self.unet)

    def warm(self):
        """Compiles before the workers part, so that it is done once."""
        if self.args.compile:
            self.loss(0, 0, parallel.generator(0, 0, 0))["loss"].backward()

    def muon(self):
        if not self.args.muon:
            return ()
        outer = ("conv_in", "conv_out", "time_embedding", "token_embedding", "position_embedding")
        named = [item for m in self.modules for item in m.named_parameters()]
        return {id(p) for n, p in named if p.dim() > 1 and not n.startswith(outer) and "embeddings" not in n}

    def optimizer(self):
        return {"decay": self.args.decay, "betas": (0.9, 0.99)}

    def rates(self, step):
        k = parallel.schedule(step, self.args)
        return {"rate": self.args.rate * k, "muon_rate": self.args.muon * k, "average": self.args.average}

    def noised(self, z, noise, times):
        a = self.alphas[times][:, None, None, None]
        return a.sqrt() * z + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * z

    def times(self, share):
        """Noise times for shares of 1: a part of them evenly, the rest by a logistic bell about the middle.

        Shapes are decided in the middle, and a picture of 20 steps never asks for the first times at all.
        """
        even = share < self.args.even
        flat = share / max(self.args.even, 1e-6)
        bell = ((share - self.args.even) / (1 - self.args.even + 1e-6)).clamp(1e-4, 1 - 1e-4)
        bell = torch.special.ndtri(bell).add(0.1).sigmoid()
        return (torch.where(even, flat, bell) * 1000).long().clamp(0, 999)

    def loss(self, step, rank, g):
        count = self.args.batch // self.workers
        rows = self.rows[torch.randint(len(self.rows), (count,), generator=g)]
        ids = self.tokens.ids[
            rows, torch.randint(2, (count,), generator=g), torch.randint(self.tokens.VARIANTS, (count,), generator=g)
        ]
        ids = self.tokens.vary(ids, g)
        ids[torch.rand(count, generator=g) < 0.1] = self.empty.long()
        z = torch.from_numpy(self.latents[np.sort(rows.numpy())].astype(np.float32))
        # Sorted reading is kind to the disk; the rest has to follow.
        order = torch.argsort(rows)
        ids, where = ids[order], self.weights[rows[order]]
        noise = torch.randn(z.shape, generator=g)
        # One time from each of `count` equal stretches: less noise in the gradient than free choice.
        share = (torch.randperm(count, generator=g) + torch.rand(count, generator=g)) / count
        times = self.times(share)
        z, noise, times, ids, where = (t.to(self.where) for t in (z, noise, times, ids, where))
        x, v = self.noised(z, noise, times)
        with torch.set_grad_enabled(self.args.joint):
            states = self.text(input_ids=ids).last_hidden_state
        with torch.autocast(self.where.type, torch.bfloat16, enabled=self.where.type == "cuda" or self.args.half):
            out = self.forward(x.contiguous(memory_format=torch.channels_last), times, states).sample.float()
        each = ((out - v).square() * where).mean((1, 2, 3))
        snr = self.alphas[times] / (1 - self.alphas[times])
        weight = torch.ones_like(snr)
        if self.args.gamma:
            weight = snr.clamp(max=self.args.gamma) / (snr + 1)
            weight = weight / 0.55  # about its mean, so that rates mean the same
        late = times >= 500
        return {
            "loss": (weight * each).mean(),
            "v": each.mean(),
            "high": each[late].mean(),
            "low": each[~late].mean(),
        }

    def keep(self, folder, step):
        self.unet.eval()
        parts = []
        for k in range(0, len(self.check), 64):
            s = slice(k, k + 64)
            times = self.check_times[s].to(self.where)
            x, v = self.noised(self.check[s].to(self.where), self.check_noise[s].to(self.where), times)
            states = self.text(input_ids=self.check_ids[s].long().to(self.where)).last_hidden_state
            parts.append((self.unet(x, times, states).sample - v).square().mean((1, 2, 3)).cpu())
        each = torch.cat(parts)
        quarters = [each[self.check_times // 250 == q].mean().item() for q in range(4)]
        print(f"check at {step}: v {each.mean():.4f} by quarter {' '.join(f'{q:.4f}' for q in quarters)}", flush=True)
        self.unet.save_pretrained(folder / "unet")
        if self.args.joint:
            self.text.save_pretrained(folder / "text_encoder")
        if self.args.draw and (step % self.args.draw == 0 or step == self.args.steps):
            z = draw(self.unet, self.text, self.check_ids[:16], self.empty)
            out = data.image(decode(self.vae, z / self.vae.config.scaling_factor))
            data.grid([out[:8], out[8:]], folder / f"sheet-{step:06d}.png")
        self.unet.train()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    which = parser.add_subparsers(dest="what", required=True)
    one = which.add_parser("latents")
    one.add_argument("--vae", required=True)
    one.add_argument("--pictures", required=True)
    one.add_argument("--out", required=True)
    one.add_argument("--fit", action="store_true", help="set the autoencoder's shift and scale by these pictures")
    one.add_argument("--count", type=int, help="only the first so many pictures")
    one.add_argument("--threads", type=int, default=2)
    two = parallel.arguments(which.add_parser("train"))
    for name in ("latents", "check", "captions", "check-captions", "tokenizer", "text", "vae"):
        two.add_argument(f"--{name}", required=True)
    two.add_argument("--held-out", help="the painter's folder whose scenes are not trained on")
    two.add_argument("--shape", default="{}", help="changes to shape.unet, as JSON")
    two.add_argument("--rate", type=float, default=1e-3)
    two.add_argument("--muon", type=float, default=0.0, help="rate of Muon; 0: AdamW alone")
    two.add_argument("--decay", type=float, default=0.01)
    two.add_argument("--average", type=float, default=0.9995)
    two.add_argument("--gamma", type=float, default=0.0, help="min-SNR weighting; 0: none")
    two.add_argument("--focus", type=float, default=1.0, help="what a place of the subject counts against any other")
    two.add_argument("--even", type=float, default=1.0, help="share of the noise times drawn evenly, not by a bell")
    two.add_argument("--more", nargs="*", default=[], help="subjects (none: empty landscapes) to show once more for each time they are named")
    two.add_argument("--joint", action="store_true", help="train the text encoder too")
    two.add_argument("--half", action="store_true", help="in bfloat16 on a processor, too: quicker where it has AMX")
    two.add_argument("--compile", action="store_true")
    two.add_argument("--draw", type=int, default=1000, help="steps between sheets; 0: none")
    two.add_argument("--check-count", type=int, default=256)
    args = parser.parse_args()
    if args.what == "latents":
        encode(args)
    else:
        parallel.train(Task(args), args)


if __name__ == "__main__":
    main()
