"""Makes the folders in `clip/`: whole CLIPs with random weights, and what transformers computes.

    pip install torch==2.15.0 torchvision==0.29.2 transformers==5.24.0 pillow==13.0.0 safetensors
    python make_clip_vision.py

`old/` is spelled like the folders published with the paper: one number for a size, an `eos_token_id` of
2, so that a text ends at its largest id. `new/` is as today's transformers writes it, but for its
weights, which are torch's: a `processor_config.json`, `tokenizer.json`, and pictures whose side no
number of patches fills. Each holds `golden.safetensors`: two pictures that are not square, what PIL's
processor makes of them, both kinds of embeddings, their cosines and the scores.
"""

import json
import shutil
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    AutoTokenizer,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
    CLIPTextConfig,
    CLIPVisionConfig,
)

HERE = Path(__file__).resolve().parent
TEXTS = ["A red sailboat, on the ocean's edge at sunset!", "blurry 日落", "the cat", "under the moon's light " * 30]
# Rows are resized first, as by every PIL before 13, which begins with the columns of tall pictures that shrink.
SIZES = [(53, 41), (21, 30)]


def pictures(seed):
    """Blocks of colour with noise: something to see at every scale."""
    generator = torch.Generator().manual_seed(seed)
    made = []
    for width, height in SIZES:
        blocks = torch.rand((1, 3, 5, 4), generator=generator)
        smooth = torch.nn.functional.interpolate(blocks, (height, width), mode="nearest")[0]
        noise = torch.rand((3, height, width), generator=generator) * 0.3
        values = ((smooth * 0.7 + noise) * 255).round().to(torch.uint8)
        made.append(values.permute(1, 2, 0).contiguous())
    return made


def shaken(config, seed):
    torch.manual_seed(seed)
    model = CLIPModel(config).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name == "logit_scale":
                parameter.fill_(3.0)
            else:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.15)
    return model


def config(vocabulary, **changed):
    text = dict(
        vocab_size=vocabulary,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=3,
        max_position_embeddings=77,
    )
    vision = dict(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    text |= changed.pop("text", {})
    vision |= changed.pop("vision", {})
    return CLIPConfig(
        text_config=CLIPTextConfig(**text).to_dict(),
        vision_config=CLIPVisionConfig(**vision).to_dict(),
        **changed,
    )


@torch.no_grad()
def goldens(folder, model, tokenizer, processor, seed):
    told = {}
    made = pictures(seed)
    for index, picture in enumerate(made):
        told[f"picture.{index}"] = picture
    images = [Image.fromarray(picture.numpy()) for picture in made]
    pixels = processor(images=images, return_tensors="pt")["pixel_values"]
    ids = tokenizer(
        TEXTS, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
    )
    # One after the other, as nothing may hang on what else is in a batch.
    output = model(input_ids=ids["input_ids"], attention_mask=ids["attention_mask"], pixel_values=pixels)
    told["pixels"] = pixels
    told["text"] = output.text_embeds
    told["image"] = output.image_embeds
    told["cosine"] = output.image_embeds @ output.text_embeds.T
    told["score"] = output.logits_per_image
    save_file({key: value.contiguous() for key, value in told.items()}, folder / "golden.safetensors")
    print(folder.name, told["cosine"])
    other = CLIPProcessor.from_pretrained(folder).image_processor
    theirs = other(images=images, return_tensors="pt")["pixel_values"]
    moved = model(input_ids=ids["input_ids"], attention_mask=ids["attention_mask"], pixel_values=theirs)
    print("torchvision's own processor moves scores by", (moved.logits_per_image - told["score"]).abs().max())


def make_old():
    folder = HERE / "clip/old"
    folder.mkdir(parents=True)
    for name in ("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(HERE / "epsilon/tokenizer" / name, folder / name)
    vocabulary = json.loads((folder / "vocab.json").read_text())
    made = config(len(vocabulary), projection_dim=16, text=dict(eos_token_id=2, bos_token_id=0))
    model = shaken(made, 71)
    model.save_pretrained(folder)
    state = load_file(folder / "model.safetensors")
    # Files of that time hold these too.
    state["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    save_file(state, folder / "model.safetensors")
    processor = {
        "crop_size": 32,
        "do_center_crop": True,
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "size": 32,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    goldens(folder, model, tokenizer, CLIPImageProcessorPil.from_pretrained(folder), 81)


def make_new():
    folder = HERE / "clip/new"
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(HERE / "velocity/tokenizer" / name, folder / name)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    end = tokenizer.eos_token_id
    made = config(
        len(tokenizer),
        projection_dim=20,
        text=dict(hidden_act="gelu", eos_token_id=end, bos_token_id=tokenizer.bos_token_id),
        vision=dict(hidden_act="gelu", image_size=30, patch_size=7, num_attention_heads=2),
    )
    model = shaken(made, 72)
    model.save_pretrained(folder)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": 34},
        crop_size={"height": 30, "width": 30},
        image_mean=[0.5, 0.4, 0.6],
        image_std=[0.2, 0.3, 0.25],
    )
    CLIPProcessor(image_processor=processor, tokenizer=tokenizer).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(HERE / "velocity/tokenizer" / name, folder / name)
    goldens(folder, model, tokenizer, processor, 82)


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "clip", ignore_errors=True)
    make_old()
    make_new()


main()
