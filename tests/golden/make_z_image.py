"""Makes the goldens of Z-Image with the reference implementation.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0
    python make_z_image.py

`z_image/` is a tiny Z-Image with random weights in the diffusers layout: a language model that reads
the prompt, with a small vocabulary of its own, a denoiser, an autoencoder of 16 channels with a shift.
`golden.safetensors` holds what diffusers and transformers compute, `tokens.json` the ids of prompts in
their chat. `names.json` tells the denoiser's tensors as its authors call them, and which of diffusers'
each is made of: diffusers' own conversion gives the folder back from them.
"""

import json
import shutil

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from diffusers.loaders.single_file_utils import convert_z_image_transformer_checkpoint_to_diffusers
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, Qwen3Config, Qwen3Model

from make import HERE, SEED, WORDS, shake

PROMPT = "A red sailboat 一只红色的帆船, 在日落时的海边"
NEGATIVE = "blurry 模糊"
STEPS, SIDE = 4, 32
# Words are cut as Qwen's tokenizer cuts them.
CUT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# What Qwen3's own template makes of one question that may be thought about.
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
INDEX = {
    "_class_name": "ZImagePipeline",
    "_diffusers_version": "0.36.0",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "Qwen3Model"],
    "tokenizer": ["transformers", "Qwen2Tokenizer"],
    "transformer": ["diffusers", "ZImageTransformer2DModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def write_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CUT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([WORDS + PROMPT + " user assistant\n"] * 3, trainer)
    tokenizer.add_special_tokens([AddedToken(mark, special=True) for mark in MARKS])
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "chat_template": CHAT,
        "eos_token": "<|im_end|>",
        "model_max_length": 131072,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return tokenizer.get_vocab_size()


def make():
    folder = HERE / "z_image"
    shutil.rmtree(folder, ignore_errors=True)
    words = write_tokenizer(folder / "tokenizer")
    torch.manual_seed(81)
    config = Qwen3Config(
        vocab_size=words,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        rope_theta=1000000.0,
        max_position_embeddings=1024,
    )
    text = shake(Qwen3Model(config), 81)
    network = ZImageTransformer2DModel(
        dim=24,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=32,
        axes_dims=[4, 4, 4],
        axes_lens=[600, 64, 64],
    )
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
    text.save_pretrained(folder / "text_encoder")
    # Its folder holds the class of the whole language model, as the published one does.
    shake(network, 82).half().save_pretrained(folder / "transformer")
    shake(vae, 83).save_pretrained(folder / "vae")
    scheduler = {
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "num_train_timesteps": 1000,
        "shift": 3.0,
        "use_dynamic_shifting": False,
    }
    (folder / "scheduler").mkdir()
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler, indent=2) + "\n")
    (folder / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    return folder


def names_of_authors(state):
    """Their names, and of which tensors of diffusers each is made."""
    found, taken = {}, set()
    for name in state:
        if ".attention.to_" in name and ".to_out." not in name:
            start = name.split(".to_")[0]
            stack = [f"{start}.to_{letter}.weight" for letter in "qkv"]
            found[f"{start}.qkv.weight"] = stack
            taken.update(stack)
            continue
        own = name.replace(".attention.to_out.0.", ".attention.out.")
        own = own.replace(".attention.norm_q.", ".attention.q_norm.")
        own = own.replace(".attention.norm_k.", ".attention.k_norm.")
        own = own.replace("all_final_layer.2-1.", "final_layer.")
        own = own.replace("all_x_embedder.2-1.", "x_embedder.")
        found[own] = [name]
    tensors = {own: torch.cat([state[name] for name in names]) for own, names in found.items()}
    theirs = convert_z_image_transformer_checkpoint_to_diffusers(dict(tensors))
    assert set(theirs) == set(state)
    for name, value in state.items():
        assert torch.equal(value, theirs[name]), name
    return found


@torch.no_grad()
def goldens(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    pipe = ZImagePipeline.from_pretrained(
        folder,
        tokenizer=tokenizer,
        transformer=ZImageTransformer2DModel.from_pretrained(
            folder / "transformer", torch_dtype=torch.float32
        ),
        local_files_only=True,
        torch_dtype=torch.float32,
    )
    pipe.set_progress_bar_config(disable=True)
    chats = []
    for text in (PROMPT, NEGATIVE, "", "\n two lines\n\n", "<|im_end|>", "word " * 700):
        chat = tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True, enable_thinking=True
        )
        ids = tokenizer([chat], padding="max_length", max_length=512, truncation=True)
        kept = [id for id, mask in zip(ids.input_ids[0], ids.attention_mask[0]) if mask]
        chats.append({"text": text, "ids": kept})
    (folder / "tokens.json").write_text(json.dumps(chats, ensure_ascii=False).replace("}, ", "},\n") + "\n")
    golden = {}
    prompts, negatives = pipe.encode_prompt(PROMPT, negative_prompt=NEGATIVE)
    golden["embeddings.prompt"], golden["embeddings.negative"] = prompts[0], negatives[0]
    generator = torch.Generator().manual_seed(5)
    for name, (height, width) in (("full", (8, 16)), ("filled", (6, 14))):
        latents = torch.randn((1, 16, height, width), generator=generator)
        output = pipe.transformer(list(latents.unsqueeze(2)), torch.tensor([0.3985]), prompts)
        golden[f"network.{name}.latents"] = latents
        golden[f"network.{name}.output"] = -output.sample[0].squeeze(1)[None]
    run = dict(num_inference_steps=STEPS, height=SIDE, width=SIDE)
    seeded = lambda: torch.Generator().manual_seed(SEED)
    for name, guidance in (("plain", 0.0), ("guided", 1.5)):
        asked = dict(prompt=PROMPT, negative_prompt=NEGATIVE, guidance_scale=guidance)
        golden[f"run.{name}"] = pipe(**asked, **run, generator=seeded(), output_type="latent").images
    asked = dict(prompt=PROMPT, guidance_scale=0.0)
    made = pipe(**asked, **run, generator=seeded(), output_type="np").images
    golden["picture"] = torch.from_numpy(made)[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")
    print({key: (tuple(value.shape), float(value.abs().max())) for key, value in golden.items()})
    names = names_of_authors(pipe.transformer.state_dict())
    (folder / "names.json").write_text(json.dumps(names).replace("], ", "],\n") + "\n")


if __name__ == "__main__":
    goldens(make())
