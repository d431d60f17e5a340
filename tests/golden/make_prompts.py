"""Makes the golden numbers of prompts with weights, several chunks, schedules and composition.

    pip install torch==2.15.0 diffusers==0.42.1 transformers==5.23.0 numpy
    python make_prompts.py

diffusers knows none of these, so this follows what A1111 and ComfyUI are described to do, step by step
and in the plainest way, on the text encoder and the UNet of `epsilon/`, which `make.py` has made:

- A1111: weighted parts are tokenized by themselves and cut into chunks of 75; what follows a comma at
  most 20 tokens before the end of a chunk moves to the next one; embeddings are multiplied, and each
  chunk is scaled so that its mean stays ("No norm": it is not).
- ComfyUI: a part shorter than 8 tokens is not divided; embeddings move away from those of an empty text.
- Clip skip 2 is the layer before the last, through the final norm.
- Prompts that change hold as A1111 holds them: the texts of each step are written out here by hand.
- Composed prompts: negative + sum of weight * guidance * (prompt - negative). Prompt and negative
  prompt of different lengths are computed by themselves.

`prompts.json` holds the cases and the tokens of each chunk, `epsilon/prompts.safetensors` embeddings and
latents.
"""

import json

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from make import GUIDANCE, HERE, NEGATIVE, PROMPT, SEED
from safetensors.torch import save_file

STEPS = 6
LONG = ", ".join([PROMPT] * 5) + " the cat sat on a mat in the snow under the moon's light " * 4 + ", the end"

pipe = StableDiffusionPipeline.from_pretrained(
    HERE / "epsilon", safety_checker=None, torch_dtype=torch.float32, local_files_only=True
)
tokenizer, encoder, unet = pipe.tokenizer, pipe.text_encoder, pipe.unet
START, END = tokenizer.bos_token_id, tokenizer.eos_token_id
COMMA = tokenizer.convert_tokens_to_ids(",</w>")
ROOM = 75


def ids_of(text):
    return tokenizer(text, add_special_tokens=False, verbose=False).input_ids


def chunk(pairs):
    """Marks around, padding behind."""
    assert len(pairs) <= ROOM
    rest = ROOM - len(pairs)
    ids = [START] + [id for id, _ in pairs] + [END] + [END] * rest
    return ids, [1.0] + [weight for _, weight in pairs] + [1.0] * (rest + 1)


def chunks_by_comma(parts):
    """`None` among the parts begins a chunk."""
    done, now = [], []
    for part in parts:
        if part is None:
            done.append(now)
            now = []
            continue
        text, weight = part
        for id in ids_of(text):
            if len(now) == ROOM:
                commas = [place for place, (known, _) in enumerate(now) if known == COMMA]
                moved = []
                if id != COMMA and commas and ROOM - commas[-1] <= 20:
                    now, moved = now[: commas[-1] + 1], now[commas[-1] + 1 :]
                done.append(now)
                now = moved
            now.append((id, weight))
    if now or not done:
        done.append(now)
    return [chunk(pairs) for pairs in done]


def chunks_by_part(parts):
    done = [[]]
    for text, weight in parts:
        pairs = [(id, weight) for id in ids_of(text)]
        divisible = len(pairs) >= 8
        while len(done[-1]) + len(pairs) > ROOM:
            if divisible:
                room = ROOM - len(done[-1])
                done[-1] += pairs[:room]
                pairs = pairs[room:]
            done.append([])
        done[-1] += pairs
    return [chunk(pairs) for pairs in done]


@torch.no_grad()
def hidden(ids, skip):
    out = encoder(torch.tensor([ids]), output_hidden_states=True)
    if skip == 1:
        return out.last_hidden_state
    model = getattr(encoder, "text_model", encoder)
    return model.final_layer_norm(out.hidden_states[-skip])


def embed(chunks, emphasis, skip):
    embedded = []
    for ids, weights in chunks:
        z = hidden(ids, skip)
        w = torch.tensor(weights)[None, :, None]
        if emphasis == "comfy":
            empty = hidden(chunk([])[0], skip)
            z = torch.where(w == 1.0, z, empty + w * (z - empty))
        else:
            before = z.mean()
            z = z * w
            if emphasis == "a1111":
                z = z * (before / z.mean())
        embedded.append(z)
    return torch.cat(embedded, 1)


# A prompt, and its parts as A1111 and as ComfyUI weigh them; `None` where one of them is not asked.
TEXTS = [
    (PROMPT, [(PROMPT, 1.0)], [(PROMPT, 1.0)]),
    ("", [("", 1.0)], [("", 1.0)]),
    (
        "a (red:1.4) [sailboat], ((ocean's edge:0.7) at) sunset",
        [("a ", 1.0), ("red", 1.4), (" ", 1.0), ("sailboat", 1 / 1.1), (", ", 1.0), ("ocean's edge", 0.7 * 1.1),
         (" at", 1.1), (" sunset", 1.0)],
        [("a ", 1.0), ("red", 1.4), (" [sailboat], ", 1.0), ("ocean's edge", 0.7), (" at", 1.1), (" sunset", 1.0)],
    ),
    (
        r"\(red\) (on:1.5) the (moon",
        [("(red) ", 1.0), ("on", 1.5), (" the ", 1.0), ("moon", 1.1)],
        [("(red) ", 1.0), ("on", 1.5), (" the ", 1.0), ("(moon", 1.0)],
    ),
    (
        "the first part BREAK (the second:0.6) one",
        [("the first part", 1.0), None, ("the second", 0.6), (" one", 1.0)],
        [("the first part BREAK ", 1.0), ("the second", 0.6), (" one", 1.0)],
    ),
    (LONG, [(LONG, 1.0)], [(LONG, 1.0)]),
    (
        f"({LONG}:1.3) at sunset, (red cat)" + LONG,
        [(LONG, 1.3), (" at sunset, ", 1.0), ("red cat", 1.1), (LONG, 1.0)],
        [(LONG, 1.3), (" at sunset, ", 1.0), ("red cat", 1.1), (LONG, 1.0)],
    ),
    (
        "a boat " * 36 + "and (snow under the moon:1.2)",
        [("a boat " * 36 + "and ", 1.0), ("snow under the moon", 1.2)],
        [("a boat " * 36 + "and ", 1.0), ("snow under the moon", 1.2)],
    ),
]


def make_embeddings(golden):
    cases = []
    for number, (prompt, a1111, comfy) in enumerate(TEXTS):
        for emphasis in ("a1111", "no_norm", "comfy"):
            chunks = chunks_by_part(comfy) if emphasis == "comfy" else chunks_by_comma(a1111)
            for skip in (1, 2):
                key = f"embeddings.{number}.{emphasis}.{skip}"
                golden[key] = embed(chunks, emphasis, skip)
                cases.append({
                    "key": key, "prompt": prompt, "emphasis": emphasis, "clip_skip": skip,
                    "ids": [ids for ids, _ in chunks],
                })
    return cases


def plain(text):
    """Without brackets: as A1111 embeds it."""
    return embed(chunks_by_comma([(text, 1.0)]), "a1111", 1)


def filled_up(embeddings):
    longest = max(one.shape[1] for one in embeddings)
    return [torch.cat([one] + [one[:, -1:]] * (longest - one.shape[1]), 1) for one in embeddings]


@torch.no_grad()
def run(told):
    """`told` gives the prompts with their weights and the negative prompt of a step."""
    scheduler = DDIMScheduler.from_pretrained(HERE / "epsilon", subfolder="scheduler")
    scheduler.set_timesteps(STEPS)
    generator = torch.Generator().manual_seed(SEED)
    latents = torch.randn((1, 4, 8, 8), generator=generator) * scheduler.init_noise_sigma
    for step, timestep in enumerate(scheduler.timesteps):
        prompts, negative = told(step)
        apart = unet(latents, timestep, negative).sample
        output = apart.clone()
        for embeddings, weight in prompts:
            output += weight * GUIDANCE * (unet(latents, timestep, embeddings).sample - apart)
        latents = scheduler.step(output, timestep, latents).prev_sample
    return latents


def make_runs(golden):
    negative = plain(NEGATIVE)
    at_last = embed(chunks_by_comma([("A ", 1.0), ("blue", 1.3), (" sailboat", 1.0)]), "a1111", 1)
    at_first = plain("A red sailboat")
    # The first text holds a step longer than is said, as in A1111.
    changes = [at_first] * 4 + [at_last] * 2
    turns = [plain(f"{word} boat") for word in ("red", "red", "blue", "red", "blue", "red")]
    longer = [[plain("the moon")] * 3 + [plain("the cat")] * 3, [plain(NEGATIVE)] * 2 + [plain(LONG)] * 4]
    # Texts that hold one after the other have equally many chunks.
    empty = hidden(chunk([])[0], 1)
    longest = plain(LONG).shape[1] // 77
    longer[1][:2] = [torch.cat([plain(NEGATIVE)] + [empty] * (longest - 1), 1)] * 2
    composed = [plain("red sailboat"), plain("the moon"), plain("cat")]
    uneven = filled_up([plain("red sailboat"), plain(LONG)])
    runs = [
        ("A [red:(blue:1.3):0.5] sailboat", NEGATIVE, lambda step: ([(changes[step], 1.0)], negative)),
        ("[red|blue] boat", NEGATIVE, lambda step: ([(turns[step], 1.0)], negative)),
        ("the [moon:cat:2]", f"[{NEGATIVE}:{LONG}:1]", lambda step: ([(longer[0][step], 1.0)], longer[1][step])),
        ("red sailboat AND the moon :0.6 AND cat : -0.4", NEGATIVE,
         lambda step: (list(zip(composed, (1.0, 0.6, -0.4))), negative)),
        (f"red sailboat AND {LONG}", NEGATIVE, lambda step: ([(one, 1.0) for one in uneven], negative)),
        (LONG, NEGATIVE, lambda step: ([(plain(LONG), 1.0)], negative)),
    ]
    cases = []
    for number, (prompt, negative_prompt, told) in enumerate(runs):
        key = f"run.{number}"
        golden[key] = run(told)
        cases.append({"key": key, "prompt": prompt, "negative_prompt": negative_prompt})
    return cases


if __name__ == "__main__":
    golden = {}
    cases = {"steps": STEPS, "embeddings": make_embeddings(golden), "runs": make_runs(golden)}
    (HERE / "prompts.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")
    save_file({key: value.contiguous() for key, value in golden.items()}, HERE / "epsilon/prompts.safetensors")
    print(len(golden), "tensors;", {key: list(value.shape) for key, value in golden.items() if key.endswith(".a1111.1")})
