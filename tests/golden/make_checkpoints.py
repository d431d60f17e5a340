"""Makes the files in `single/`: what tensors of checkpoints in one file are called in diffusers' folders.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0 safetensors
    python make_checkpoints.py

`one.json`, `two.json` and `xl.json` are tiny models of each family: the configurations that diffusers
and transformers give them, and for each tensor of the folder where its numbers lie in a checkpoint of
latent diffusion. The names are put together here by hand, and diffusers' own conversion must give the
folder back from them. `one.ckpt` and `one_stream.ckpt` are the first one in both formats of torch, in
half precision, with `one_digests.json`, the SHA-256 of each of its tensors in the folder. `bomb.ckpt` is
no checkpoint.
"""

import hashlib
import json
import zipfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

HERE = Path(__file__).resolve().parent / "single"
WORDS = 49408

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def unet_name(name, layers, levels):
    """In a checkpoint; every level has `layers` residual blocks on the way down."""
    for new, old in UNET_ENDS.items():
        if name.startswith(new + "."):
            return old + name[len(new) :]
    parts = name.split(".")
    if parts[0] == "mid_block":
        kind, index, rest = parts[1], int(parts[2]), parts[3:]
        if kind == "attentions":
            return ".".join(["middle_block.1", *rest])
        return ".".join(["middle_block", str(2 * index), RESNET[rest[0]], *rest[1:]])
    way, level, kind, index, rest = parts[0], int(parts[1]), parts[2], int(parts[3]), parts[4:]
    if way == "down_blocks":
        block = 1 + level * (layers + 1) + (layers if kind == "downsamplers" else index)
        start = f"input_blocks.{block}"
        inner = {"resnets": "0", "attentions": "1", "downsamplers": "0.op"}[kind]
    else:
        block = level * (layers + 1) + (layers if kind == "upsamplers" else index)
        start = f"output_blocks.{block}"
        inner = {"resnets": "0", "attentions": "1", "upsamplers": "UP"}[kind]
    if kind == "resnets":
        rest = [RESNET[rest[0]], *rest[1:]]
    elif kind in ("downsamplers", "upsamplers"):
        rest = rest[1:]
    return ".".join([start, inner, *rest])


def unet_tensors(unet):
    config = unet.config
    levels, layers = len(config.block_out_channels), config.layers_per_block
    found = {}
    for name, value in unet.state_dict().items():
        own = unet_name(name, layers, levels)
        if ".UP" in own:
            level = int(name.split(".")[1])
            has_attention = config.up_block_types[level].startswith("Cross")
            own = own.replace(".UP", ".2.conv" if has_attention else ".1.conv")
        found[name] = ("model.diffusion_model." + own, "whole", value)
    return found


def vae_tensors(vae):
    levels = len(vae.config.block_out_channels)
    found = {}
    for name, value in vae.state_dict().items():
        own, how = name, "whole"
        own = own.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        own = own.replace("mid_block.resnets.0", "mid.block_1").replace("mid_block.resnets.1", "mid.block_2")
        own = own.replace("downsamplers.0", "downsample").replace("upsamplers.0", "upsample")
        parts = own.split(".")
        if parts[1] == "down_blocks":
            own = ".".join([parts[0], "down", parts[2], *parts[3:]]).replace(".resnets.", ".block.")
        elif parts[1] == "up_blocks":
            own = ".".join([parts[0], "up", str(levels - 1 - int(parts[2])), *parts[3:]])
            own = own.replace(".resnets.", ".block.")
        if "mid_block.attentions.0" in own:
            for new, old in [("group_norm", "norm"), ("to_out.0", "proj_out"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v")]:
                own = own.replace(f"mid_block.attentions.0.{new}.", f"mid.attn_1.{old}.")
            how = "matrix" if value.dim() == 2 else "whole"
        found[name] = ("first_stage_model." + own, how, value)
    return found


def clip_tensors(encoder, prefix):
    return {
        name: (prefix + of_published(name), "whole", value)
        for name, value in encoder.state_dict().items()
        if "position_ids" not in name
    }


def of_published(name):
    """Published files begin every key with `text_model.`; current transformers may write none."""
    return name if name.startswith("text_model.") or name.startswith("text_projection") else "text_model." + name


def open_clip_tensors(encoder, prefix):
    found = {}
    for name, value in encoder.state_dict().items():
        own, how = of_published(name), "whole"
        if own.startswith("text_model.encoder.layers."):
            index, layer = own.removeprefix("text_model.encoder.layers.").split(".", 1)
            block = f"transformer.resblocks.{index}."
            part, kind = layer.rsplit(".", 1)
            if part in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"):
                how = "third " + str("qkv".index(part[len("self_attn.")]))
                own = f"{block}attn.in_proj_{kind}"
            else:
                own = f"{block}{OPEN_CLIP[part]}.{kind}"
        elif own == "text_projection.weight":
            own, how = "text_projection", "transposed"
        else:
            own = own.replace("text_model.embeddings.token_embedding", "token_embedding")
            own = own.replace("text_model.embeddings.position_embedding.weight", "positional_embedding")
            own = own.replace("text_model.final_layer_norm", "ln_final")
        found[name] = (prefix + own, how, value)
    return found


def checkpoint_of(tensors):
    """The checkpoint's own tensors, and numbers that are nobody's beside them."""
    state, thirds = {}, {}
    for own, how, value in tensors:
        if how == "whole":
            state[own] = value
        elif how == "matrix":
            state[own] = value[:, :, None, None]
        elif how == "transposed":
            state[own] = value.T.contiguous()
        else:
            thirds.setdefault(own, {})[int(how.split()[1])] = value
    for own, parts in thirds.items():
        state[own] = torch.cat([parts[i] for i in range(3)])
    return state


def same(ours, theirs, what):
    assert set(ours) == set(theirs), (what, set(ours) ^ set(theirs))
    for name, value in ours.items():
        assert torch.equal(value, theirs[name]), (what, name)


def check_by_diffusers(state, unet, vae, open_clips):
    config = dict(unet.config)
    # The names of configurations of SDXL's conversion are those of the folder.
    same(unet.state_dict(), convert_ldm_unet_checkpoint(dict(state), config), "unet")
    same(vae.state_dict(), convert_ldm_vae_checkpoint(dict(state), dict(vae.config)), "vae")
    for encoder, prefix in open_clips:
        theirs = convert_open_clip_checkpoint(encoder, dict(state), prefix=prefix)
        ours = {of_published(name): value for name, value in encoder.state_dict().items()}
        for name, value in ours.items():
            # Its way of slicing is right where the prompt's projection is as wide as the encoder.
            if "_proj." not in name or "out_proj" in name:
                assert torch.equal(value, theirs[name]), name


def text(cls, width, layers, activation, projection):
    config = CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=1,
        hidden_act=activation,
        projection_dim=projection,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
    )
    return cls(config)


def vae(scale, channels=(32, 64), layers=1, **more):
    return AutoencoderKL(
        block_out_channels=channels,
        layers_per_block=layers,
        down_block_types=["DownEncoderBlock2D"] * len(channels),
        up_block_types=["UpDecoderBlock2D"] * len(channels),
        scaling_factor=scale,
        **more,
    )


def unet(channels, attends, layers, heads, context, **more):
    down = ["CrossAttnDownBlock2D" if one else "DownBlock2D" for one in attends]
    up = ["CrossAttnUpBlock2D" if one else "UpBlock2D" for one in reversed(attends)]
    return UNet2DConditionModel(
        block_out_channels=channels,
        down_block_types=down,
        up_block_types=up,
        layers_per_block=layers,
        attention_head_dim=heads,
        cross_attention_dim=context,
        **more,
    )


def write(name, parts, state):
    """`parts`: folder, network, tensors."""
    tensors = []
    for folder, _, found in parts:
        for new, (own, how, value) in found.items():
            tensors.append([folder, of_published(new) if "text_encoder" in folder else new, list(value.shape), own, how])
    configs = {}
    for folder, network, _ in parts:
        config = network.config
        config = config.to_dict() if hasattr(config, "to_dict") else dict(config)
        configs[folder] = config
    shapes = {own: list(value.shape) for own, value in state.items()}
    text = json.dumps({"configs": configs, "tensors": tensors, "checkpoint": shapes}, default=list)
    # A line for each tensor, so that changes can be read.
    (HERE / f"{name}.json").write_text(text.replace(', ["', ',\n["').replace('"checkpoint"', '\n"checkpoint"') + "\n")


def one():
    """Like 1.x: CLIP, eight heads, convolutions around the transformers."""
    parts = {
        "unet": unet((32, 64, 64), (True, True, False), 2, 8, 16, sample_size=64),
        "vae": vae(0.18215, layers=2),
        "text_encoder": text(CLIPTextModel, 16, 2, "quick_gelu", 16),
    }
    return parts, "cond_stage_model.transformer.", None


def two():
    """Like 2.x: OpenCLIP without its last layer, heads of 64 channels, matrices around them."""
    parts = {
        "unet": unet((64, 128), (True, False), 1, [1, 2], 24, use_linear_projection=True, sample_size=96),
        "vae": vae(0.18215),
        "text_encoder": text(CLIPTextModel, 24, 2, "gelu", 24),
    }
    return parts, None, "cond_stage_model.model."


def xl():
    """Like XL: both text encoders, transformers of several layers, sizes beside the prompt."""
    parts = {
        "unet": unet(
            (32, 64, 128),
            (False, True, True),
            2,
            [1, 1, 2],
            16 + 24,
            transformer_layers_per_block=[1, 2, 3],
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=20 + 6 * 8,
            sample_size=128,
        ),
        "vae": vae(0.13025),
        "text_encoder": text(CLIPTextModel, 16, 2, "quick_gelu", 16),
        "text_encoder_2": text(CLIPTextModelWithProjection, 24, 3, "gelu", 20),
    }
    return parts, "conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."


def make(name, networks, clip, open_clip):
    for network in networks.values():
        for value in network.state_dict().values():
            if value.is_floating_point():
                torch.nn.init.normal_(value)
    parts = [("unet", networks["unet"], unet_tensors(networks["unet"]))]
    parts.append(("vae", networks["vae"], vae_tensors(networks["vae"])))
    first = networks["text_encoder"]
    parts.append(("text_encoder", first, clip_tensors(first, clip) if clip else open_clip_tensors(first, open_clip)))
    if "text_encoder_2" in networks:
        second = networks["text_encoder_2"]
        parts.append(("text_encoder_2", second, open_clip_tensors(second, open_clip)))
    tensors = [tensor for _, _, found in parts for tensor in found.values()]
    state = checkpoint_of(tensors)
    open_clips = [(network, open_clip) for folder, network, _ in parts if open_clip and folder in ("text_encoder_2", "text_encoder")][-1:]
    check_by_diffusers(state, networks["unet"], networks["vae"], open_clips)
    if name == "two":
        # The layer that 2.x does not look at, and the projection that it has no use for.
        last = {key: value for key, value in state.items() if ".resblocks.1." in key}
        state |= {key.replace(".resblocks.1.", ".resblocks.2."): torch.ones_like(value) for key, value in last.items()}
        state[open_clip + "text_projection"] = torch.ones(24, 24)
        state[open_clip + "logit_scale"] = torch.ones(())
    if name == "one":
        state["model_ema.decay"] = torch.ones(())
        state["model_ema.diffusion_modelinput_blocks00weight"] = torch.ones(32, 4, 3, 3)
    write(name, parts, state)


def make_torch():
    networks = {
        "unet": unet((8, 8), (True, False), 1, 8, 2, norm_num_groups=4),
        "vae": vae(0.18215, channels=(8, 16), norm_num_groups=4),
        "text_encoder": text(CLIPTextModel, 2, 1, "quick_gelu", 2),
    }
    found = {"unet": unet_tensors(networks["unet"]), "vae": vae_tensors(networks["vae"])}
    found["text_encoder"] = clip_tensors(networks["text_encoder"], "cond_stage_model.transformer.")
    for part in found.values():
        for name, (own, how, value) in part.items():
            # A repository has no use for so much noise.
            value = torch.zeros_like(value) if "token_embedding" in own else torch.randn_like(value) / 8
            part[name] = (own, how, value.half())
    state = checkpoint_of([tensor for part in found.values() for tensor in part.values()])
    state["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    whole = {"epoch": 1, "global_step": 2, "state_dict": state}
    torch.save(whole, HERE / "one.ckpt")
    torch.save(whole, HERE / "one_stream.ckpt", _use_new_zipfile_serialization=False)
    digests = {
        folder: {
            (of_published(name) if folder == "text_encoder" else name): hashlib.sha256(value.numpy().tobytes()).hexdigest()
            for name, (_, _, value) in part.items()
        }
        for folder, part in found.items()
    }
    (HERE / "one_digests.json").write_text(json.dumps(digests, indent=0) + "\n")


def make_bomb():
    """An archive whose description would take a thousand times its own size."""
    with zipfile.ZipFile(HERE / "bomb.ckpt", "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("archive/data.pkl", (1980, 1, 1, 0, 0, 0))
        archive.writestr(entry, bytes(1 << 24), zipfile.ZIP_DEFLATED)


def main():
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(6)
    for family in (one, two, xl):
        make(family.__name__, *family())
    make_torch()
    make_bomb()


main()
