"""Makes the goldens of FLUX with the reference implementation.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0 gguf==0.19.0 sentencepiece==0.2.3
    python make_flux.py

`flux/` is a tiny FLUX with random weights in the diffusers layout, told the guidance as FLUX.1-dev is:
CLIP for the whole prompt, T5 for its tokens, a denoiser of two streams and of one, an autoencoder of 16
channels with a shift. `flux_schnell/` is a denoiser that is not told it, with a scheduler that shifts
nothing and an index; it goes with the other parts of `flux/`. Each holds `golden.safetensors`: what
diffusers and transformers compute. Denoisers are stored in half precision, and computed with in f32.

`flux/denoiser.safetensors` is that of `flux/` in one file, as Black Forest Labs name it (diffusers' own
conversion must give the folder back); `flux/coded.gguf` the same with its matrices in blocks, and
`flux/coded.safetensors` what diffusers computes with what the gguf package reads in them.
"""

import inspect
import json
import shutil

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
)
from diffusers.loaders import single_file_utils
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from make import HERE, PROMPT, SEED, shake, train_vocabulary, write_model
from make_sd3 import make_pieces

WIDTH, HEADS = 32, 2
STEPS, SIDE = 4, 32
GUIDANCE = 3.5
AXES = (4, 6, 6)


def transformer(seed, double, single, guidance):
    torch.manual_seed(seed)
    network = FluxTransformer2DModel(
        in_channels=64,
        num_layers=double,
        num_single_layers=single,
        attention_head_dim=WIDTH // HEADS,
        num_attention_heads=HEADS,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        guidance_embeds=guidance,
        axes_dims_rope=AXES,
    )
    return shake(network, seed).half()


def clip(vocabulary):
    torch.manual_seed(71)
    config = CLIPTextConfig(
        vocab_size=len(vocabulary),
        hidden_size=WIDTH,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        bos_token_id=vocabulary["<|startoftext|>"],
        eos_token_id=vocabulary["<|endoftext|>"],
        pad_token_id=vocabulary["<|endoftext|>"],
    )
    return shake(CLIPTextModel(config), 71)


def t5():
    torch.manual_seed(72)
    config = T5Config(
        vocab_size=256,
        d_model=WIDTH,
        d_kv=8,
        d_ff=48,
        num_layers=2,
        num_heads=3,
        feed_forward_proj="gated-gelu",
        dropout_rate=0.0,
    )
    return shake(T5EncoderModel(config), 72)


def scheduler(dynamic):
    """As published: dev moves its levels with the picture's size, schnell does not."""
    config = {
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "base_image_seq_len": 256,
        "base_shift": 0.5,
        "max_image_seq_len": 4096,
        "max_shift": 1.15,
        "num_train_timesteps": 1000,
        "shift": 3.0 if dynamic else 1.0,
        "use_dynamic_shifting": dynamic,
    }
    return config


INDEX = {
    "_class_name": "FluxPipeline",
    "_diffusers_version": "0.30.0",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "text_encoder_2": ["transformers", "T5EncoderModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "tokenizer_2": ["transformers", "T5TokenizerFast"],
    "transformer": ["diffusers", "FluxTransformer2DModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def make_dev():
    vocabulary, merges = train_vocabulary(560)
    folder = HERE / "flux"
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(73)
    vae = AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=16,
        norm_num_groups=4,
        scaling_factor=0.3611,
        shift_factor=0.1159,
        use_quant_conv=False,
        use_post_quant_conv=False,
        sample_size=16,
    )
    parts = {
        "text_encoder": clip(vocabulary),
        "text_encoder_2": t5(),
        "transformer": transformer(74, 2, 1, True),
        "vae": shake(vae, 75),
    }
    write_model("flux", vocabulary, merges, parts, scheduler(True), INDEX)
    make_pieces(folder)
    (folder / "tokenizer_3").rename(folder / "tokenizer_2")
    marks = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "model_max_length": 77}
    marks |= {"pad_token": "<|endoftext|>", "tokenizer_class": "CLIPTokenizer"}
    (folder / "tokenizer" / "tokenizer_config.json").write_text(json.dumps(marks))
    return folder


def make_schnell():
    folder = HERE / "flux_schnell"
    shutil.rmtree(folder, ignore_errors=True)
    transformer(76, 1, 2, False).save_pretrained(folder / "transformer")
    (folder / "scheduler").mkdir()
    text = json.dumps(scheduler(False), indent=2) + "\n"
    (folder / "scheduler/scheduler_config.json").write_text(text)
    (folder / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    return folder


def pipeline(folder):
    """The parts of `flux/`, with the denoiser and the scheduler of a folder."""
    pipe = FluxPipeline.from_pretrained(
        HERE / "flux",
        transformer=FluxTransformer2DModel.from_pretrained(
            folder / "transformer", torch_dtype=torch.float32
        ),
        scheduler=FlowMatchEulerDiscreteScheduler.from_pretrained(folder, subfolder="scheduler"),
        local_files_only=True,
        torch_dtype=torch.float32,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def goldens(folder, tokens):
    pipe = pipeline(folder)
    golden = {}
    prompt, pooled, text_ids = pipe.encode_prompt(PROMPT, max_sequence_length=tokens)
    golden["embeddings.tokens"], golden["embeddings.pooled"] = prompt, pooled
    generator = torch.Generator().manual_seed(5)
    told = torch.tensor([GUIDANCE]) if pipe.transformer.config.guidance_embeds else None
    for name, (height, width) in (("square", (8, 8)), ("wide", (6, 14))):
        latents = torch.randn((1, 16, height, width), generator=generator)
        packed = pipe._pack_latents(latents, 1, 16, height, width)
        ids = pipe._prepare_latent_image_ids(1, height // 2, width // 2, "cpu", torch.float32)
        output = pipe.transformer(
            hidden_states=packed,
            timestep=torch.tensor([0.6015]),
            guidance=told,
            pooled_projections=pooled,
            encoder_hidden_states=prompt[:, :40],
            txt_ids=text_ids[:40],
            img_ids=ids,
        ).sample
        scale = pipe.vae_scale_factor
        golden[f"network.{name}.latents"] = latents
        golden[f"network.{name}.output"] = pipe._unpack_latents(
            output, height * scale, width * scale, scale
        )
    run = dict(
        prompt=PROMPT,
        guidance_scale=GUIDANCE,
        num_inference_steps=STEPS,
        height=SIDE,
        width=SIDE,
        max_sequence_length=tokens,
    )
    seeded = lambda: torch.Generator().manual_seed(SEED)
    made = pipe(**run, generator=seeded(), output_type="latent").images
    golden["run.latents"] = pipe._unpack_latents(made, SIDE, SIDE, pipe.vae_scale_factor)
    golden["run.picture"] = torch.from_numpy(pipe(**run, generator=seeded(), output_type="np").images)[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")
    print(folder.name, {key: (tuple(value.shape), float(value.abs().max())) for key, value in golden.items()})


def of_black_forest_labs(state):
    """The tensors of a denoiser as its authors call them, each with those of diffusers it is made of."""
    found = {}
    rest = dict(state)

    def stack(own, names):
        found[own] = (torch.cat([rest[name] for name in names]), names)
        for name in names:
            rest.pop(name)

    def linear(own, *names):
        for kind in ("weight", "bias"):
            stack(f"{own}.{kind}", [f"{name}.{kind}" for name in names])

    for own, name in (("time_in", "timestep"), ("vector_in", "text"), ("guidance_in", "guidance")):
        for layer, number in (("in_layer", 1), ("out_layer", 2)):
            linear(f"{own}.{layer}", f"time_text_embed.{name}_embedder.linear_{number}")
    linear("txt_in", "context_embedder")
    linear("img_in", "x_embedder")
    linear("final_layer.linear", "proj_out")
    linear(LAST_NORM, "norm_out.linear")
    streams = (
        ("img", "norm1", "attn.to_%s", "attn.norm_%s", "attn.to_out.0", "ff"),
        ("txt", "norm1_context", "attn.add_%s_proj", "attn.norm_added_%s", "attn.to_add_out", "ff_context"),
    )
    for index in range(2):
        own, name = f"double_blocks.{index}", f"transformer_blocks.{index}"
        for stream, norm, attention, head_norm, out, dense in streams:
            linear(f"{own}.{stream}_mod.lin", f"{name}.{norm}.linear")
            linear(f"{own}.{stream}_attn.qkv", *[f"{name}.{attention % letter}" for letter in "qkv"])
            for letter, long in (("q", "query"), ("k", "key")):
                scale = f"{own}.{stream}_attn.norm.{long}_norm.scale"
                stack(scale, [f"{name}.{head_norm % letter}.weight"])
            linear(f"{own}.{stream}_attn.proj", f"{name}.{out}")
            linear(f"{own}.{stream}_mlp.0", f"{name}.{dense}.net.0.proj")
            linear(f"{own}.{stream}_mlp.2", f"{name}.{dense}.net.2")
    own, name = "single_blocks.0", "single_transformer_blocks.0"
    linear(f"{own}.modulation.lin", f"{name}.norm.linear")
    linear(f"{own}.linear1", *[f"{name}.attn.to_{letter}" for letter in "qkv"], f"{name}.proj_mlp")
    for letter, long in (("q", "query"), ("k", "key")):
        stack(f"{own}.norm.{long}_norm.scale", [f"{name}.attn.norm_{letter}.weight"])
    linear(f"{own}.linear2", f"{name}.proj_out")
    assert not rest, rest.keys()
    for kind in ("weight", "bias"):
        value, names = found[f"{LAST_NORM}.{kind}"]
        found[f"{LAST_NORM}.{kind}"] = (swapped(value), names)
    return found


LAST_NORM = "final_layer.adaLN_modulation.1"


def swapped(value):
    """Shift and scale the other way around."""
    return torch.cat(value.chunk(2)[::-1])


def check_by_diffusers(tensors, state):
    """Its own conversion, which takes the width of the published model for granted."""
    source = inspect.getsource(single_file_utils.convert_flux_transformer_checkpoint_to_diffusers)
    space = dict(vars(single_file_utils))
    exec(source.replace("inner_dim = 3072", f"inner_dim = {WIDTH}"), space)
    theirs = space["convert_flux_transformer_checkpoint_to_diffusers"](dict(tensors))
    assert set(theirs) == set(state)
    for name, value in state.items():
        assert torch.equal(value, theirs[name]), name


@torch.no_grad()
def make_files(folder):
    """The denoiser in one file: as its authors write it, and in blocks."""
    network = FluxTransformer2DModel.from_pretrained(folder / "transformer", torch_dtype=torch.float16)
    found = of_black_forest_labs(network.state_dict())
    tensors = {name: value.contiguous() for name, (value, _) in found.items()}
    check_by_diffusers(tensors, network.state_dict())
    save_file(tensors, folder / "denoiser.safetensors")
    kinds = [GGMLQuantizationType[name] for name in ("Q8_0", "Q4_0", "Q5_1", "Q4_1", "Q5_0")]
    writer = GGUFWriter(folder / "coded.gguf", "flux")
    shapes = {name: value.shape[0] for name, value in network.state_dict().items()}
    state = {}
    for index, name in enumerate(sorted(tensors)):
        value = tensors[name].float().numpy()
        if value.ndim == 2:
            kind = kinds[index % len(kinds)]
            data = quantize(value, kind)
            writer.add_tensor(name, data, raw_dtype=kind)
            value = dequantize(data, kind).astype(np.float32)
        else:
            writer.add_tensor(name, value)
        value = torch.from_numpy(value)
        value = swapped(value) if name.startswith(LAST_NORM) else value
        names = found[name][1]
        parts = value.split([shapes[part] for part in names])
        state |= {part: rows.clone() for part, rows in zip(names, parts)}
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    network = network.float()
    network.load_state_dict(state)
    pipe = pipeline(folder)
    prompt, pooled, ids = pipe.encode_prompt(PROMPT, max_sequence_length=512)
    latents = torch.randn((1, 16, 8, 8), generator=torch.Generator().manual_seed(9))
    output = network(
        hidden_states=pipe._pack_latents(latents, 1, 16, 8, 8),
        timestep=torch.tensor([0.6015]),
        guidance=torch.tensor([GUIDANCE]),
        pooled_projections=pooled,
        encoder_hidden_states=prompt[:, :40],
        txt_ids=ids[:40],
        img_ids=pipe._prepare_latent_image_ids(1, 4, 4, "cpu", torch.float32),
    ).sample
    scale = pipe.vae_scale_factor
    golden = {
        "latents": latents,
        "output": pipe._unpack_latents(output, 8 * scale, 8 * scale, scale).contiguous(),
    }
    save_file(golden, folder / "coded.safetensors")


if __name__ == "__main__":
    dev = make_dev()
    goldens(dev, 512)
    goldens(make_schnell(), 256)
    make_files(dev)
