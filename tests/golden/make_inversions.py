"""Makes the golden numbers of textual inversions in prompts.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.24.0
    python make_inversions.py

`inversions/two.safetensors` holds two rows for each text encoder of `xl/`, which `make_families.py` has
made. `inversions/golden.safetensors` holds what diffusers reads of a prompt with them, and, in the plain
way of `make_prompts.py`, what A1111 and ComfyUI read on the text encoder of `epsilon/` with the rows of
`adapters/inversion.safetensors`: the rows of a word stay in one chunk, and have its weight.
"""

import torch
from diffusers import StableDiffusionXLPipeline
from make import HERE
from make_prompts import ROOM, chunk, embed, ids_of, pipe
from safetensors.torch import load_file, save_file

FOLDER = HERE / "inversions"
PROMPT = "A red inkwash sailboat, at sunset"
# The second tokenizer of `xl/` takes "!" for padding where it reads the text itself.
LITERAL = PROMPT + "!"
NEGATIVE = "blurry inkwash"
WORD = object()
# Parts of "a (inkwash:1.3) boat, embedding:inkwash" and of 74 tokens with the word behind them.
TEXTS = {
    "weighed": [("a ", 1.0), (WORD, 1.3), (" boat, ", 1.0), (WORD, 1.0)],
    "moved": [("a " * 74, 1.0), (WORD, 1.0), (" boat", 1.0)],
}


def chunks_of(parts, word):
    done = [[]]
    for text, weight in parts:
        ids = word if text is WORD else ids_of(text)
        if len(done[-1]) + len(ids) > ROOM:
            done.append([])
        done[-1] += [(id, weight) for id in ids]
    return [chunk(pairs) for pairs in done]


@torch.no_grad()
def main():
    FOLDER.mkdir(exist_ok=True)
    golden = {}
    rows = load_file(HERE / "adapters" / "inversion.safetensors")["rows"]
    pipe.load_textual_inversion({"inkwash": rows}, token="inkwash")
    word = pipe.tokenizer.convert_tokens_to_ids(["inkwash", "inkwash_1"])
    for name, parts in TEXTS.items():
        chunks = chunks_of(parts, word)
        for emphasis in ("a1111", "comfy"):
            golden[f"{name}.{emphasis}"] = embed(chunks, emphasis, 1)

    xl = StableDiffusionXLPipeline.from_pretrained(
        HERE / "xl", local_files_only=True, torch_dtype=torch.float32, add_watermarker=False
    )
    generator = torch.Generator().manual_seed(81)
    two = {name: torch.randn((2, width), generator=generator) for name, width in (("clip_l", 16), ("clip_g", 24))}
    save_file(two, FOLDER / "two.safetensors")
    for name, encoder, tokenizer in (
        ("clip_l", xl.text_encoder, xl.tokenizer),
        ("clip_g", xl.text_encoder_2, xl.tokenizer_2),
    ):
        xl.load_textual_inversion(
            {"inkwash": two[name]}, token="inkwash", text_encoder=encoder, tokenizer=tokenizer
        )
    told = xl.encode_prompt(PROMPT, negative_prompt=NEGATIVE, do_classifier_free_guidance=True)
    for name, tensor in zip(("prompt", "negative", "pooled.prompt", "pooled.negative"), told):
        golden[f"xl.{name}"] = tensor
    golden["xl.literal"] = xl.encode_prompt(LITERAL, do_classifier_free_guidance=False)[0]
    save_file({key: value.contiguous() for key, value in golden.items()}, FOLDER / "golden.safetensors")
    print({key: tuple(value.shape) for key, value in golden.items()})


if __name__ == "__main__":
    main()
