"""What diffusers decodes and encodes in tiles, with the autoencoder of `epsilon/`.

    pip install torch==2.15.0 diffusers==0.42.1
    python make_tiles.py

`tiles.safetensors`: latents and a picture, both several tiles of 8 latents wide and high and no multiple
of what tiles are apart, and what `tiled_decode` and `_tiled_encode` make of them.
"""

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
TILE = 8
HEIGHT, WIDTH = 19, 26


@torch.no_grad()
def main():
    vae = AutoencoderKL.from_pretrained(HERE / "epsilon/vae").eval()
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    vae.enable_tiling()
    vae.tile_latent_min_size = TILE
    vae.tile_sample_min_size = TILE * factor
    generator = torch.Generator().manual_seed(11)
    channels = vae.config.latent_channels
    latents = torch.randn((1, channels, HEIGHT, WIDTH), generator=generator)
    picture = torch.rand((1, 3, HEIGHT * factor, WIDTH * factor), generator=generator) * 2 - 1
    encoded = vae.encode(picture).latent_dist
    tensors = {
        "latents": latents,
        "decoded": vae.decode(latents).sample,
        "picture": picture,
        "mean": encoded.mean,
        "logvar": encoded.logvar,
    }
    vae.disable_tiling()
    tensors["whole"] = vae.decode(latents).sample
    save_file({name: value.contiguous() for name, value in tensors.items()}, HERE / "tiles.safetensors")


if __name__ == "__main__":
    main()
