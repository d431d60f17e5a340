"""Makes the files in `taesd/`: small decoders with random weights, and the pictures diffusers' make.

    pip install torch==2.15.0 diffusers==0.42.1 safetensors
    python make_taesd.py

`three.safetensors` doubles a picture three times, as published ones do, in diffusers' names, both
halves; `three.pth` is its decoder in the names of its author, which count one layer more. `one.safetensors`
doubles once. `golden.safetensors` has latents and what each makes of them.
"""

from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent / "taesd"


def tiny(blocks):
    levels = len(blocks)
    return AutoencoderTiny(
        encoder_block_out_channels=(8,) * levels,
        decoder_block_out_channels=(8,) * levels,
        num_encoder_blocks=(1,) * levels,
        num_decoder_blocks=blocks,
    ).eval()


def main():
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(8)
    latents = torch.randn(2, 4, 5, 6) * 2
    goldens = {"latents": latents}
    for name, blocks in [("three", (2, 1, 1, 1)), ("one", (1, 1))]:
        network = tiny(blocks)
        with torch.no_grad():
            for value in network.parameters():
                value.mul_(1.5)
            goldens[name] = network.decode(latents).sample
        state = {key: value.contiguous() for key, value in network.state_dict().items()}
        save_file(state, HERE / f"{name}.safetensors")
        if name == "three":
            own = {}
            for key, value in state.items():
                if key.startswith("decoder.layers."):
                    index, rest = key.removeprefix("decoder.layers.").split(".", 1)
                    own[f"{int(index) + 1}.{rest}"] = value
            torch.save(own, HERE / "three.pth")
    save_file(goldens, HERE / "golden.safetensors")


main()
