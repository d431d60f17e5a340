"""Writes what the fuzz targets begin with into seeds/, out of files of the other tests.

    python tests/fuzz/make_seeds.py
"""

import json
import shutil
import struct
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"
FORMATS = HERE.parent / "formats"
SEEDS = HERE / "seeds"
# Bytes of a file that is taken whole: mutations of longer ones seldom reach what matters.
LONGEST = 16 << 10


def put(target, name, content):
    if isinstance(content, str):
        content = content.encode()
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def lines_of(path):
    """The header of a safetensors file as lines of text."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    lines = []
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            lines += [f"@{key} {text}" for key, text in entry.items() if "\n" not in text]
        else:
            lines.append(" ".join([name, entry["dtype"], *map(str, entry["shape"])]))
    return "\n".join(lines)


def weights():
    for path in sorted((GOLDEN / "inversions").glob("*")) + sorted((GOLDEN / "adapters").glob("*")):
        if path.suffix == ".safetensors" and path.stat().st_size < LONGEST:
            put("safetensors", path.name, path.read_bytes())
    for path in sorted((GOLDEN / "torch").glob("*")) + sorted((GOLDEN / "adapters").glob("*")):
        if path.suffix not in (".pt", ".pth", ".ckpt", ".bin"):
            continue
        data = path.read_bytes()
        if data.startswith(b"PK"):
            put("torch_archive", path.name, data)
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith("data.pkl"):
                        put("torch_archive", path.name + ".pickle", archive.read(name))
        else:
            put("torch_stream", path.name, data)
    # What would run something.
    put("torch_archive", "call.pickle", b"cos\nsystem\nU\x04true\x85R.")
    put("gguf", "kinds", (GOLDEN / "gguf/kinds.gguf").read_bytes()[4:])
    for kind in range(10):
        blocks = bytes((at * 37 + kind) % 251 for at in range(420))
        put("ggml_blocks", f"kind{kind}", bytes([kind]) + blocks)


def models():
    files = [
        "unet/config.json",
        "vae/config.json",
        "text_encoder/config.json",
        "scheduler/scheduler_config.json",
        "model_index.json",
        "tokenizer/tokenizer_config.json",
        "tokenizer/special_tokens_map.json",
        "text_encoder_2/config.json",
    ]
    for at, model in enumerate(["epsilon", "xl", "velocity"]):
        own = [GOLDEN / model / name for name in files]
        own = [path.read_bytes() if path.is_file() else b"" for path in own]
        put("manifest", model, bytes([at, 1, 0]) + b"\xff".join(own))
        for index in range(len(files)):
            one = [b""] * index + [own[index]]
            if own[index]:
                put("manifest", f"{model}{index}", bytes([at, 2 * index, index]) + b"\xff".join(one))
    vocabulary = [(GOLDEN / "epsilon/tokenizer" / name).read_bytes() for name in ("vocab.json", "merges.txt")]
    put("tokenizer", "clip", b"\xff".join([*vocabulary, b"", b"", b"", b"a cat, in the garden"]))
    small = {"l": 0, "o": 1, "w</w>": 2, "lo": 3, "<|startoftext|>": 4, "<|endoftext|>": 5}
    merges = "#version: 0.2\nl o\nlo w</w>\n"
    marks = json.dumps({"pad_token": "!", "bos_token": {"content": "<|startoftext|>"}})
    small = json.dumps(small | {"low</w>": 6, "!": 7})
    put("tokenizer", "small", "\xff".join([small, merges, '{"model_max_length": 9}', marks, "", "low low"]).encode("latin-1"))
    whole = {"version": "1.0", "model": {"type": "BPE", "vocab": json.loads(small), "merges": ["l o", "lo w</w>"]}}
    put("tokenizer", "whole", "\xff".join(["", "", "", "", json.dumps(whole), "low"]).encode("latin-1"))
    for base in range(4):
        put("checkpoint", f"base{base}", bytes([base]))
    put("checkpoint", "narrow", b"\x00model.diffusion_model.input_blocks.0.0.weight F16 32 9 3 3\n-first_stage_model.decoder.conv_in.weight")
    put("checkpoint", "flux", b"\x03double_blocks.0.img_attn.qkv.weight BF16 9216 3072")
    for path in sorted((GOLDEN / "upscale").glob("*.safetensors")):
        lines = lines_of(path)
        if path.stem != "golden" and len(lines) < LONGEST:
            put("checkpoint", "upscaler-" + path.stem, b"\x03" + lines.encode())
    put("checkpoint", "sam", b"\x03" + lines_of(GOLDEN / "sam/vit.safetensors").encode())
    put("checkpoint", "taesd", b"\x03" + lines_of(GOLDEN / "taesd/one.safetensors").encode())


# Tensors of the tiny model that adapters may be made for.
TO_Q = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
CONV = "conv_in"


def adapters():
    kinds = {
        "lora": ["lora_down.weight F32 4 {i}", "lora_up.weight F32 {o} 4", "alpha F32"],
        "loha": ["hada_w1_a F16 {o} 2", "hada_w1_b F16 2 {i}", "hada_w2_a F16 {o} 2", "hada_w2_b F16 2 {i}"],
        "lokr": ["lokr_w1 F32 2 2", "lokr_w2 F32 {h} {g}", "alpha F32"],
        "dora": ["lora_A.weight BF16 2 {i}", "lora_B.weight BF16 {o} 2", "lora_magnitude_vector F32 {o}"],
        "diff": ["diff F32 {o} {i}", "diff_b F32 {o}"],
    }
    header = (GOLDEN / "epsilon/unet/diffusion_pytorch_model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", header[:8])
    outputs, inputs = json.loads(header[8 : 8 + length])[TO_Q + ".weight"]["shape"]
    sizes = {"o": outputs, "i": inputs, "h": outputs // 2, "g": inputs // 2}
    for kind, tensors in kinds.items():
        spelled = f"unet.{TO_Q}" if kind == "dora" else "lora_unet_" + TO_Q.replace(".", "_")
        lines = [f"{spelled}." + tensor.format(**sizes) for tensor in tensors]
        put("adapter", kind, "\n".join(lines))
    tucker = ["lora_down.weight F32 2 4 1 1", "lora_mid.weight F32 2 2 3 3", "lora_up.weight F32 16 2 1 1"]
    put("adapter", "tucker", "\n".join(f"lora_unet_{CONV}.{tensor}" for tensor in tucker))
    told = '@lora_adapter_metadata {"unet.r": 4, "unet.lora_alpha": 2, "unet.use_rslora": true}'
    put("adapter", "told", told + f"\nunet.{TO_Q}.lora_A.weight F32 4 {inputs}\nunet.{TO_Q}.lora_B.weight F32 {outputs} 4")
    for path in sorted((GOLDEN / "adapters").glob("inversion*")):
        put("inversion", path.name, b"\0" + path.read_bytes())
    put("inversion", "one", "a (any-word:1.2), embedding:Any-Word.pt\nemb_params F32 2 768")
    put("inversion", "two", "ANY-WORD and embedding:other\nclip_l F16 3 768\nclip_g F16 3 1280")


PROMPTS = {
    "a1111": "\na (red:1.3) [cat:dog:0.5] ((big)) [a|b] BREAK sea AND hill :0.7 \\(x\\) <lora:armor:0.8:0.5>",
    "dynamic": "x|0.5::y|{p|q}\n{a|b} {2$$ and $$a|b|c} {1-2$$__a__} __a__ {0.3::x|y} \\{z\\}",
    "comfy": "\n(a:1.2) (b (c)) embedding:ink, 日落",
    "nested": "\n" + "((([[[{{{a|b}}}]]])))",
}

PARAMETERS = [
    "a cat, <lora:armor:0.8>\nNegative prompt: blurry\nsecond line\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, "
    'CFG scale: 7.5, Seed: 965400086, Size: 512x768, Model hash: 6ce0161689, Model: v1, Clip skip: 2, RNG: CPU, '
    'Lora hashes: "armor: 1a2b3c4d5e6f", Version: v1.10.1',
    "x\nSteps: 3, Sampler: Euler a Karras, Seed: 1, Variation seed: 5, Variation seed strength: 0.3, Emphasis: ComfyUI, "
    "Guidance from: 0.1, Guidance to: 0.9, Cache interval: 3, Weight bits: 8, Original size: 512x512, Crop: 0x0, Target size: 512x512",
]

RECIPE = {
    "version": 1,
    "task": "text_to_image",
    "prompt": "a cat",
    "negative_prompt": "blurry",
    "model": {"name": "sprout"},
    "sampler": "euler",
    "schedule": "karras",
    "steps": 20,
    "guidance": 7.5,
    "seed": 7,
    "noise": "cpu",
    "width": 256,
    "height": 256,
}

FOLDERS = [
    "a111:\n    base_path: webui/\n    checkpoints: models/Stable-diffusion\n    loras: |\n         models/Lora\n         models/LyCORIS\n",
    "comfyui:\n  base_path: ~/comfy\n  is_default: true\n  vae: $HOME/vae\n  clip: &c a\n  unet: *c\n",
    '{"folders": ["/a", "b"]}',
]


def texts():
    for name, text in PROMPTS.items():
        put("prompt", name, text)
    for at, text in enumerate(PARAMETERS):
        put("recipe", f"parameters{at}", text)
    put("recipe", "recipe", json.dumps(RECIPE))
    for at, text in enumerate(FOLDERS):
        put("folders", str(at), text)
    put("facts", "checkpoint", "first_stage_model.decoder.conv_in.weight F16 512 4 3 3\nmodel.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight F16 640 768")
    tags = '{"10_a":{"night":9,"knight ":30}}'
    about = f'@ss_tag_frequency {tags}\n@modelspec.trigger_phrase night, knight\n@modelspec.architecture stable-diffusion-xl-v1-base/lora\n@modelspec.thumbnail data:image/png;base64,iVBORw0K'
    beside = '{"trainedWords":["armor, "],"activation text":"shield, helmet"}'
    put("facts", "lora", f"{about}\nlora_unet_mid.lora_down.weight F16 8 320\n---\n{beside}")
    put("facts", "embedding", "clip_l F16 2 768\nclip_g F16 2 1280\n---\n---\nlicense: other\nlicense_name: \"flux-1\"\n---\n")


def pictures():
    for path in sorted(FORMATS.iterdir()):
        if path.suffix != ".py":
            put("picture", path.name, path.read_bytes())


if __name__ == "__main__":
    shutil.rmtree(SEEDS, ignore_errors=True)
    weights()
    models()
    adapters()
    texts()
    pictures()
    print(sum(path.stat().st_size for path in SEEDS.rglob("*") if path.is_file()), "bytes")
