"""Makes the golden numbers of Segment Anything with its reference implementation.

    pip install torch==2.15.0 torchvision timm numpy safetensors
    pip install git+https://github.com/ChaoningZhang/MobileSAM@34bbbfdface3c18e5221aa7de6032d7220c6c6a1
    python make.py

(MobileSAM's package has the paper's encoder and its own small one.) Two tiny networks, `vit` and
`tiny`, whose weights a formula gives that the tests know too, so no weights are kept: `NAME.json`
has the shapes, `NAME.safetensors` what the reference computes for a click and a rectangle on a
picture that is a formula as well.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from mobile_sam import SamPredictor
from mobile_sam.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TinyViT
from mobile_sam.modeling import TwoWayTransformer
from mobile_sam.modeling.tiny_vit_sam import LayerNorm2d
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
WIDTH = 32
MEAN, DEVIATION = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
PICTURE = (61, 90)
POINT, BOX = (37, 22), (20, 9, 71, 50)


def noise(name, count):
    """Numbers of -0.5 to 0.5 that a name and a place give."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    values = (seed + np.arange(count, dtype=np.uint64) * 2654435761) % 2**32
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor) % 2**32
    return values / 2.0**32 - 0.5


def weights(shapes):
    tensors = {}
    for name, shape in shapes.items():
        values = noise(name, int(np.prod(shape)))
        if len(shape) > 1:
            values = values * np.sqrt(12.0 / np.prod(shape[1:]))
        elif name.endswith(("weight", "running_var")):
            values = values * 0.6 + 1.0
        else:
            values = values * 0.4
        tensors[name] = torch.from_numpy(values.astype(np.float32).reshape(shape))
    return tensors


def picture():
    height, width = PICTURE
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    disc = (x - 45) ** 2 + (y - 30) ** 2 < 400
    return np.where(disc, 200 - 40 * c + x // 4, 40 + 3 * y % 64 + 20 * c).astype(np.uint8)


def whole(encoder, grid, side):
    return Sam(
        image_encoder=encoder,
        prompt_encoder=PromptEncoder(WIDTH, (grid, grid), (side, side), 16),
        mask_decoder=MaskDecoder(
            transformer_dim=WIDTH,
            transformer=TwoWayTransformer(2, WIDTH, num_heads=8, mlp_dim=48),
            iou_head_hidden_dim=24,
        ),
        pixel_mean=MEAN,
        pixel_std=DEVIATION,
    )


def vit():
    encoder = ImageEncoderViT(
        img_size=64,
        patch_size=8,
        embed_dim=24,
        depth=3,
        num_heads=3,
        out_chans=WIDTH,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=3,
        global_attn_indexes=(1,),
    )
    return whole(encoder, 8, 64)


class SmallTinyViT(TinyViT):
    """The reference has its own sizes written into its code in three places: the neck's width, the
    width at which a merging keeps the size, and the grid."""

    def __init__(self, side):
        super().__init__(
            img_size=side,
            embed_dims=[16, 16, 24, 32],
            depths=[1, 1, 2, 1],
            num_heads=[1, 2, 3, 4],
            window_sizes=[7, 7, 5, 8],
            drop_path_rate=0.0,
        )
        self.neck = torch.nn.Sequential(
            torch.nn.Conv2d(32, WIDTH, 1, bias=False),
            LayerNorm2d(WIDTH),
            torch.nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            LayerNorm2d(WIDTH),
        )
        self.layers[2].downsample.conv2.c.stride = (1, 1)
        self.grid = side // 16

    def forward_features(self, x):
        x = self.patch_embed(x)
        for layer in self.layers:
            x = layer(x)
        x = x.view(len(x), self.grid, self.grid, -1).permute(0, 3, 1, 2)
        return self.neck(x)


def tiny():
    return whole(SmallTinyViT(128), 8, 128)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for name, make in {"vit": vit, "tiny": tiny}.items():
        sam = make()
        # Counters of the batch norms are no weights.
        shapes = {
            key: list(value.shape)
            for key, value in sam.state_dict().items()
            if "num_batches" not in key
        }
        sam.load_state_dict(weights(shapes), strict=False)
        # After the weights: it computes tables of the biases.
        sam.eval()
        predictor = SamPredictor(sam)
        predictor.set_image(picture())
        resized = predictor.transform.apply_image(picture())
        golden = {
            "resized": torch.from_numpy(resized),
            "features": predictor.get_image_embedding(),
        }
        prompts = {
            "point": dict(point_coords=np.array([POINT]), point_labels=np.array([1])),
            "box": dict(box=np.array(BOX)),
        }
        for kind, prompt in prompts.items():
            several = kind == "point"
            masks, fit, low = predictor.predict(multimask_output=several, **prompt)
            golden[f"{kind}.fit"] = torch.from_numpy(fit)
            golden[f"{kind}.logits"] = torch.from_numpy(low)
            golden[f"{kind}.mask"] = torch.from_numpy(masks[fit.argmax()].astype(np.uint8))
            print(name, kind, fit, masks.mean((1, 2)))
        golden = {key: value.contiguous() for key, value in golden.items()}
        save_file(golden, HERE / f"{name}.safetensors")
        text = json.dumps(shapes, indent=0, separators=(",", ":")).replace("[\n", "[")
        lines = text.replace(",\n", ",").replace("\n]", "]").replace('],"', '],\n"')
        (HERE / f"{name}.json").write_text(lines + "\n")


main()
