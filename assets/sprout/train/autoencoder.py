"""Trains the AutoencoderKL on painter pictures: first on 64 x 64 crops, four times cheaper, then on whole pictures.

    python autoencoder.py --pictures train --check val --out work/ae --steps 12000 --batch 16

Loss: mean absolute and squared error, the same of the differences between neighbours (edges), and a KL term so
small that it only keeps the latents near unit size and a little noisy, which the diffusion is thankful for.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F

import data
import parallel
import shape


def moments(vae, x):
    return vae.quant_conv(vae.encoder(x)).float().chunk(2, 1)


def decode(vae, z):
    return vae.decoder(vae.post_quant_conv(z)).float()


def edges(a, b):
    d = a - b
    return d.diff(dim=2).abs().mean() + d.diff(dim=3).abs().mean()


@torch.no_grad()
def psnr(vae, pictures, batch=20):
    """Mean over pictures of each one's PSNR in decibels; mean latents, bytes against bytes."""
    where = next(vae.parameters()).device
    out, values = [], []
    for k in range(0, len(pictures), batch):
        x = data.tensor(pictures[k : k + batch]).to(where)
        y = data.image(decode(vae, moments(vae, x)[0]))
        error = ((y.astype(np.float32) - pictures[k : k + batch]) ** 2).mean((1, 2, 3))
        values.extend(10 * np.log10(255**2 / np.maximum(error, 1e-3)))
        out.append(y)
    return np.array(values), np.concatenate(out)


class Task:
    """One step of the autoencoder's training, for parallel.train."""

    shown = ("loss", "l1", "edge", "psnr", "spread", "noise")

    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.vae = shape.autoencoder()
        # Begin with little noise on the latents: finding that out alone costs the first thousand steps.
        self.vae.quant_conv.bias.data[shape.LATENT :] = -5
        if args.init:
            from diffusers import AutoencoderKL

            self.vae = AutoencoderKL.from_pretrained(args.init, subfolder="vae", torch_dtype=torch.float32)
        self.where = parallel.device()
        self.vae.to(self.where).train()
        if args.freeze_encoder:
            for part in (self.vae.encoder, self.vae.quant_conv):
                part.requires_grad_(False)
        self.modules = [self.vae]
        self.pictures = data.pictures(args.pictures)
        self.check = data.pictures(args.check)[:96]
        self.turn = int(args.steps * args.cropped)

    def muon(self):
        if not self.args.muon:
            return ()
        return {id(p) for n, p in self.vae.named_parameters() if p.dim() == 4 and "conv_in" not in n and "conv_out" not in n}

    def optimizer(self):
        return {"decay": 0.0, "betas": (0.9, 0.99)}

    def rates(self, step):
        k = parallel.schedule(step, self.args)
        return {"rate": self.args.rate * k, "muon_rate": self.args.muon * k, "average": 0.998}

    def batch(self, step, g):
        cropped = step < self.turn
        count = max(1, self.args.batch // self.workers // (1 if cropped else 4))
        rows = torch.randint(len(self.pictures), (count,), generator=g).tolist()
        if not cropped:
            x = np.stack([self.pictures[r] for r in rows])
        else:
            at = torch.randint(65, (count, 2), generator=g).tolist()
            x = np.stack([self.pictures[r, y : y + 64, q : q + 64] for r, (y, q) in zip(rows, at)])
        x = data.tensor(x)
        return torch.where(torch.rand(count, 1, 1, 1, generator=g) < 0.5, x, x.flip(3)).contiguous(
            memory_format=torch.channels_last
        )

    def loss(self, step, rank, g):
        x = self.batch(step, g).to(self.where)
        mean, log = moments(self.vae, x)
        log = log.clamp(-12, 4)
        noise = torch.randn(mean.shape, generator=g).to(self.where)
        z = mean + noise * ((0.5 * log).exp() + self.args.noise)
        y = decode(self.vae, z)
        l1, square, edge = (y - x).abs().mean(), (y - x).square().mean(), edges(y, x)
        kl = 0.5 * (mean.square() + log.exp() - 1 - log).sum(dim=(1, 2, 3)).mean() / (x.shape[2] / data.SIDE) ** 2
        return {
            "loss": l1 + 4 * square + self.args.edge * edge + self.args.kl * kl,
            "l1": l1,
            "edge": edge,
            "psnr": -10 * torch.log10(square / 4),
            "spread": mean.std(),
            "noise": (0.5 * log).exp().mean(),
        }

    def keep(self, folder, step):
        self.vae.eval()
        values, out = psnr(self.vae, self.check)
        print(f"check at {step}: psnr {values.mean():.2f} dB, worst {values.min():.2f}", flush=True)
        data.grid([r for k in (0, 8, 16) for r in (self.check[k : k + 8], out[k : k + 8])], folder / "sheet.png")
        self.vae.save_pretrained(folder / "vae")
        self.vae.train()


def main():
    parser = parallel.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    parser.add_argument("--pictures", required=True, help="the painter's folder to train on")
    parser.add_argument("--check", required=True, help="the painter's folder to measure on")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--muon", type=float, default=0.0, help="rate of Muon; 0: AdamW alone")
    parser.add_argument("--cropped", type=float, default=0.75, help="part of the steps on crops")
    parser.add_argument("--kl", type=float, default=1e-6)
    parser.add_argument("--edge", type=float, default=1.0)
    parser.add_argument("--noise", type=float, default=0.0, help="extra noise on the latents, for the decoder")
    parser.add_argument("--freeze-encoder", action="store_true")
    args = parser.parse_args()
    parallel.train(Task(args), args)


if __name__ == "__main__":
    main()
