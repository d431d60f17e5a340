"""Makes the goldens of Stable Diffusion 3 with the reference implementation.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0 sentencepiece==0.2.3
    python make_sd3.py

`sd3/` is a tiny Stable Diffusion 3 with random weights in the diffusers layout: three text encoders and an
autoencoder of 16 channels with a shift. `sd35/` is a denoiser as that of 3.5 medium has it, with norms of
queries and keys and layers of two attentions, in two files with an index; it goes with the other parts of
`sd3/`, without the third text encoder. Each holds `golden.safetensors`: what diffusers and transformers
compute with it; `sd3/runs.safetensors`: whole runs; `sd3/starts.safetensors`: from a picture, whole and
masked; `sd3/t5_tokens.json`: ids of texts; `sd35/work.json`: the multiplications of calls. `sd35/published.safetensors` is the denoiser of `sd35/` in the names of its publisher, from which
diffusers' own conversion must give the folder back.
"""

import io
import json
import shutil

import sentencepiece
import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Img2ImgPipeline,
    StableDiffusion3InpaintPipeline,
    StableDiffusion3Pipeline,
)
from diffusers.loaders.single_file_utils import convert_sd3_transformer_checkpoint_to_diffusers
from make import GUIDANCE, HERE, NEGATIVE, PROMPT, SEED, WORDS, scene, shake, train_vocabulary, write_model
from make_families import encoder
from PIL import Image
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode
from transformers import CLIPTextModelWithProjection, T5Config, T5EncoderModel, T5Tokenizer

STEPS = 20
TOKENS = 256
# Full-width letters, a ligature and a space that is none, as SentencePiece writes such rules.
RULES = [("FF21", "0041"), ("FF22", "0042"), ("FB01", "0066 0069"), ("00A0", "0020")]
TEXTS = [
    PROMPT, NEGATIVE, "", "  the  cat\tsat\non a mat ", "ＡＢ ﬁne\u00a0boat", "naïve café – “quotes” 🦊",
    "the</s>cat <extra_id_0> <pad>", "snow " * 300,
]


def save(tensors, file):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)


def make_pieces(folder):
    """A small unigram vocabulary with rules for characters, as transformers lays it."""
    rules = folder / "rules.tsv"
    rules.write_text("".join(f"{old}\t{new}\n" for old, new in RULES))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(WORDS.split(" ") * 4 + [WORDS] * 2),
        model_writer=model,
        vocab_size=110,
        hard_vocab_limit=False,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
        normalization_rule_tsv=str(rules),
        character_coverage=1.0,
        minloglevel=2,
    )
    rules.unlink()
    target = folder / "tokenizer_3"
    target.mkdir()
    (target / "spiece.model").write_bytes(model.getvalue())
    tokenizer = T5Tokenizer.from_pretrained(target)
    tokenizer.save_pretrained(target)
    return tokenizer


def transformer(seed, **more):
    torch.manual_seed(seed)
    config = dict(
        sample_size=8,
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=3,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=48,
        caption_projection_dim=16,
        pooled_projection_dim=32,
        pos_embed_max_size=12,
    )
    return shake(SD3Transformer2DModel(**(config | more)), seed)


def index(third):
    return {
        "_class_name": "StableDiffusion3Pipeline",
        "_diffusers_version": "0.42.1",
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "text_encoder_3": ["transformers", "T5EncoderModel"] if third else [None, None],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "tokenizer_3": ["transformers", "T5TokenizerFast"] if third else [None, None],
        "transformer": ["diffusers", "SD3Transformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }


def make_sd3():
    vocabulary, merges = train_vocabulary(560)
    first = encoder(
        vocabulary, CLIPTextModelWithProjection, 141, hidden_size=16, intermediate_size=24,
        num_hidden_layers=3, num_attention_heads=2, hidden_act="quick_gelu", projection_dim=12,
    )
    second = encoder(
        vocabulary, CLIPTextModelWithProjection, 142, hidden_size=24, intermediate_size=40,
        num_hidden_layers=3, num_attention_heads=3, hidden_act="gelu", projection_dim=20,
    )
    torch.manual_seed(143)
    third = T5EncoderModel(T5Config(
        vocab_size=256, d_model=48, d_kv=8, d_ff=40, num_layers=3, num_heads=3,
        feed_forward_proj="gated-gelu", is_encoder_decoder=False, use_cache=False,
    ))
    vae = AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=16,
        norm_num_groups=4,
        scaling_factor=1.5305,
        shift_factor=0.0609,
        use_quant_conv=False,
        use_post_quant_conv=False,
        sample_size=16,
    )
    parts = {
        "text_encoder": first,
        "text_encoder_2": second,
        "text_encoder_3": shake(third, 144),
        "transformer": transformer(145),
        "vae": shake(vae, 146),
    }
    scheduler = {
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "_diffusers_version": "0.29.0",
        "num_train_timesteps": 1000,
        "shift": 3.0,
    }
    folder = write_model("sd3", vocabulary, merges, parts, scheduler, index(True))
    marks = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "model_max_length": 77}
    shutil.copytree(folder / "tokenizer", folder / "tokenizer_2")
    for name, padding in (("tokenizer", "<|endoftext|>"), ("tokenizer_2", "!")):
        config = marks | {"pad_token": padding, "tokenizer_class": "CLIPTokenizer"}
        (folder / name / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = make_pieces(folder)
    ids = [tokenizer(text, padding="max_length", max_length=TOKENS, truncation=True).input_ids for text in TEXTS]
    cases = [{"text": text, "ids": ids} for text, ids in zip(TEXTS, ids)]
    (folder / "t5_tokens.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")
    return folder


def make_sd35():
    folder = HERE / "sd35"
    shutil.rmtree(folder, ignore_errors=True)
    network = transformer(151, qk_norm="rms_norm", dual_attention_layers=(0, 1))
    network.save_pretrained(folder / "transformer", max_shard_size="100KB")
    save(published(network), folder / "published.safetensors")
    (folder / "model_index.json").write_text(json.dumps(index(False), indent=2) + "\n")
    return folder


PUBLISHED = {
    "pos_embed.proj": "x_embedder.proj",
    "time_text_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_text_embed.timestep_embedder.linear_2": "t_embedder.mlp.2",
    "time_text_embed.text_embedder.linear_1": "y_embedder.mlp.0",
    "time_text_embed.text_embedder.linear_2": "y_embedder.mlp.2",
    "context_embedder": "context_embedder",
    "proj_out": "final_layer.linear",
}
HALVES = {
    "x_block": {
        "norm1.linear": "adaLN_modulation.1", "attn.to_out.0": "attn.proj", "attn2.to_out.0": "attn2.proj",
        "attn.norm_q": "attn.ln_q", "attn.norm_k": "attn.ln_k", "attn2.norm_q": "attn2.ln_q",
        "attn2.norm_k": "attn2.ln_k", "ff.net.0.proj": "mlp.fc1", "ff.net.2": "mlp.fc2",
    },
    "context_block": {
        "norm1_context.linear": "adaLN_modulation.1", "attn.to_add_out": "attn.proj",
        "attn.norm_added_q": "attn.ln_q", "attn.norm_added_k": "attn.ln_k",
        "ff_context.net.0.proj": "mlp.fc1", "ff_context.net.2": "mlp.fc2",
    },
}
TOGETHER = {
    "x_block.attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "x_block.attn2.qkv": ("attn2.to_q", "attn2.to_k", "attn2.to_v"),
    "context_block.attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
}


def published(network):
    own = dict(network.state_dict())
    out = {"pos_embed": own.pop("pos_embed.pos_embed")}
    swapped = lambda tensor: torch.cat(tensor.chunk(2)[::-1])
    for kind in ("weight", "bias"):
        for new, old in PUBLISHED.items():
            out[f"{old}.{kind}"] = own.pop(f"{new}.{kind}")
        out[f"final_layer.adaLN_modulation.1.{kind}"] = swapped(own.pop(f"norm_out.linear.{kind}"))
        for index in range(network.config.num_layers):
            block, theirs = f"transformer_blocks.{index}", f"joint_blocks.{index}"
            for old, parts in TOGETHER.items():
                names = [f"{block}.{part}.{kind}" for part in parts]
                if names[0] in own:
                    out[f"{theirs}.{old}.{kind}"] = torch.cat([own.pop(name) for name in names])
            for half, names in HALVES.items():
                for new, old in names.items():
                    tensor = own.pop(f"{block}.{new}.{kind}", None)
                    if tensor is not None:
                        last = index + 1 == network.config.num_layers and new == "norm1_context.linear"
                        out[f"{theirs}.{half}.{old}.{kind}"] = swapped(tensor) if last else tensor
    assert not own, own.keys()
    back = convert_sd3_transformer_checkpoint_to_diffusers(dict(out))
    for name, tensor in network.state_dict().items():
        assert torch.equal(back[name], tensor), name
    return out


def load(folder, kind=StableDiffusion3Pipeline, **parts):
    pipe = kind.from_pretrained(folder, local_files_only=True, torch_dtype=torch.float32, **parts)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def network_goldens(pipe, golden, told):
    generator = torch.Generator().manual_seed(5)
    for name, size in (("square", (8, 8)), ("wide", (12, 20))):
        latents = torch.randn((2, 16, *size), generator=generator)
        golden[f"transformer.{name}.latents"] = latents
        golden[f"transformer.{name}.output"] = pipe.transformer(
            latents,
            timestep=torch.tensor([601.5, 601.5]),
            encoder_hidden_states=torch.cat([told[1], told[0]]),
            pooled_projections=torch.cat([told[3], told[2]]),
        ).sample


def told_goldens(pipe, golden):
    told = pipe.encode_prompt(PROMPT, None, None, negative_prompt=NEGATIVE, do_classifier_free_guidance=True)
    for name, tensor in zip(("prompt", "negative", "pooled.prompt", "pooled.negative"), told):
        golden[f"embeddings.{name}"] = tensor
    return told


RUN = dict(prompt=PROMPT, num_inference_steps=STEPS, height=24, width=32)


def run(pipe, output="latent", **more):
    more = dict(guidance_scale=GUIDANCE, negative_prompt=NEGATIVE) | more
    return pipe(**(RUN | more), generator=torch.Generator().manual_seed(SEED), output_type=output).images


def picture(pipe, **more):
    return torch.from_numpy(run(pipe, "np", **more))[0]


@torch.no_grad()
def sd3_goldens(folder):
    pipe = load(folder)
    golden = {}
    told = told_goldens(pipe, golden)
    network_goldens(pipe, golden, told)
    pixels = torch.rand((1, 3, 16, 24), generator=torch.Generator().manual_seed(6)) * 2 - 1
    mean = pipe.vae.encode(pixels).latent_dist.mean
    config = pipe.vae.config
    golden["vae.pixels"] = pixels
    golden["vae.scaled"] = (mean - config.shift_factor) * config.scaling_factor
    latents = torch.randn((1, 16, 8, 12), generator=torch.Generator().manual_seed(8))
    golden["vae.latents"] = latents
    golden["vae.decoded"] = pipe.vae.decode(latents / config.scaling_factor + config.shift_factor).sample
    save(golden, folder / "golden.safetensors")
    golden = {}
    golden["run.guided"] = run(pipe)
    golden["run.guided.picture"] = picture(pipe)
    golden["run.alone"] = run(pipe, guidance_scale=1.0)
    options = {"use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.16}
    pipe.scheduler = FlowMatchEulerDiscreteScheduler.from_config(pipe.scheduler.config, **options)
    golden["run.dynamic"] = run(pipe)
    pipe = load(folder, text_encoder_3=None, tokenizer_3=None)
    golden["two.embeddings.prompt"] = told_goldens(pipe, {})[0]
    golden["run.two"] = run(pipe)
    golden["run.two.picture"] = picture(pipe)
    save(golden, folder / "runs.safetensors")


@torch.no_grad()
def starts_goldens(folder):
    pixels, mask = scene(4)
    golden = {"image": torch.from_numpy(pixels), "mask": torch.from_numpy(mask)}
    height, width = mask.shape
    for verb, kind, strengths in (
        ("change", StableDiffusion3Img2ImgPipeline, (0.65,)),
        ("inpaint", StableDiffusion3InpaintPipeline, (1.0, 0.65)),
    ):
        pipe = load(folder, kind)
        more = {"image": Image.fromarray(pixels), "height": height, "width": width}
        if verb == "inpaint":
            more["mask_image"] = Image.fromarray(mask)
        for strength in strengths:
            key = f"{verb}.{strength}"
            latents = golden[f"{key}.latents"] = run(pipe, strength=strength, **more)
            # As the other pipelines decode: that for inpainting forgets the shift.
            config = pipe.vae.config
            made = pipe.vae.decode(latents / config.scaling_factor + config.shift_factor).sample
            made = pipe.image_processor.postprocess(made, output_type="np")
            golden[f"{key}.picture"] = torch.from_numpy(made)[0]
    save(golden, folder / "starts.safetensors")


@torch.no_grad()
def sd35_goldens(folder, sd3):
    network = SD3Transformer2DModel.from_pretrained(folder / "transformer")
    pipe = load(sd3, transformer=network, text_encoder_3=None, tokenizer_3=None)
    golden = {}
    told = told_goldens(pipe, {})
    network_goldens(pipe, golden, told)
    golden["run.guided"] = run(pipe)
    save(golden, folder / "golden.safetensors")


MEDIUM = dict(
    attention_head_dim=64, caption_projection_dim=1536, dual_attention_layers=list(range(13)),
    joint_attention_dim=4096, num_attention_heads=24, num_layers=24, pooled_projection_dim=2048,
    pos_embed_max_size=384, qk_norm="rms_norm",
)


def multiplications(config, side):
    """Of a call for one prompt; what is read of it before the first step is not counted."""
    with torch.device("meta"):
        network = SD3Transformer2DModel(**config)
        counter = FlopCounterMode(display=False)
        with counter:
            network(
                torch.zeros((1, 16, side, side)),
                timestep=torch.zeros(1),
                encoder_hidden_states=torch.zeros((1, 77 + TOKENS, config["joint_attention_dim"])),
                pooled_projections=torch.zeros((1, config["pooled_projection_dim"])),
            )
    counts = counter.get_flop_counts()
    # An operation is a product or a sum; they come in pairs.
    of = lambda name: sum(counts[name].values()) // 2
    read = [f"SD3Transformer2DModel.{part}" for part in ("context_embedder", "time_text_embed.text_embedder")]
    return of("SD3Transformer2DModel") - sum(of(name) for name in read)


def make_work(folders):
    configs = [MEDIUM] + [json.loads((folder / "transformer/config.json").read_text()) for folder in folders]
    rows = []
    for config in configs:
        config = {key: value for key, value in config.items() if not key.startswith("_")}
        most = 2 * config["pos_embed_max_size"]
        sides = [side for side in (8, 16, 128) if side <= most]
        rows.append({"config": config, "side_whole": [[side, multiplications(config, side)] for side in sides]})
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "sd35" / "work.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    sd3 = make_sd3()
    sd3_goldens(sd3)
    starts_goldens(sd3)
    sd35 = make_sd35()
    sd35_goldens(sd35, sd3)
    make_work((sd3, sd35))
    for folder in (sd3, sd35):
        for file in sorted(folder.rglob("*")):
            print(file.relative_to(HERE), file.stat().st_size if file.is_file() else "")
