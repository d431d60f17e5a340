"""What a CLIP reads in the painter's pictures: the value of each attribute whose text is most like the picture.

    python reader.py export --learnt work/clip/model --tokenizer ../model/tokenizer --pictures work/check --out ../clip
    python reader.py table --clip ../clip --pictures work/check
"""

import argparse
import json
import pathlib
import shutil

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import clip_texts
import data
import shape

LIMIT_BYTES = 8 * 2**20

# Pictures by whether their subject, colour and place were learnt together.
KINDS = {"learnt": lambda record: not data.withheld(record), "held-out": data.withheld}


def begun(sprout, tokenizer):
    """A CLIP whose text tower is a Sprout's, the rest random."""
    from transformers import CLIPTextModel

    vocabulary = len(json.loads((pathlib.Path(tokenizer) / "vocab.json").read_text(encoding="utf-8")))
    model = shape.clip(vocabulary)
    text = CLIPTextModel.from_pretrained(sprout, subfolder="text_encoder", torch_dtype=torch.float32)
    model.text_model.load_state_dict(text.state_dict())
    return model


def labels(lines):
    """[N, 5] the attributes as numbers, -1 where there is no subject; and the same of second subjects, else -2."""
    values = [list(v) for v in clip_texts.reading().values()]
    number = lambda names, value, none: none if value is None else names.index(value)
    own = [[number(v, r[a], -1) for a, v in zip(clip_texts.ASKED, values)] for r in lines]
    other = [[number(values[0], r["other"], -2), number(values[1], r["other_color"], -2), -2, -2, -2] for r in lines]
    return torch.tensor(own), torch.tensor(other)


def read_in(pictures, side):
    """[N, 3, side, side] floats between -1 and 1, as CLIP's processor makes them."""
    if pictures.shape[1] != side:
        whole = lambda p: np.asarray(Image.fromarray(p).resize((side, side), Image.BICUBIC))
        pictures = np.stack([whole(p) for p in pictures])
    return data.tensor(pictures)


@torch.no_grad()
def embedded(model, pictures, batch=64):
    parts = [
        model.get_image_features(pictures[k : k + batch]).pooler_output
        for k in range(0, len(pictures), batch)
    ]
    return F.normalize(torch.cat(parts), dim=-1)


class Check:
    """Pictures of a painter folder, and how well a CLIP reads them."""

    def __init__(self, folder, states, count=None, side=shape.SIDE, only=None):
        lines = data.records(folder)
        pictures = data.pictures(folder, side)
        keep = [k for k, r in enumerate(lines) if only is None or only(r)][:count]
        self.pictures = pictures[keep]
        self.labels, self.others = labels([lines[k] for k in keep])
        self.states = states

    @torch.no_grad()
    def rates(self, model):
        """{attribute: (rates in each language, pictures)} of pictures of one subject or none; of two, whether both are
        what is most like."""
        seen = embedded(model, read_in(self.pictures, model.config.vision_config.image_size))
        alone, out = self.others[:, 0] < 0, {}
        all_right = [torch.ones(len(seen), dtype=torch.bool) for _ in clip_texts.LANGUAGES]
        two = [[], []]
        for k, attribute in enumerate(clip_texts.ASKED):
            there = alone & (self.labels[:, k] >= 0)
            rates = []
            for l, texts in enumerate(self.states[k]):
                likeness = seen @ F.normalize(model.text_projection(texts.float()), dim=-1).T
                right = likeness.argmax(1) == self.labels[:, k]
                rates.append(right[there].float().mean().item())
                all_right[l] &= right
                if k < 2 and bool((~alone).any()):
                    best = likeness[~alone].topk(2).indices.sort(1).values
                    wanted = torch.stack([self.labels[~alone, k], self.others[~alone, k]], 1).sort(1).values
                    two[l].append((best == wanted).all(1).float().mean().item())
            out[attribute] = rates, int(there.sum())
        there = alone & (self.labels[:, 0] >= 0)
        out["all five"] = [r[there].float().mean().item() for r in all_right], int(there.sum())
        for k, name in enumerate(("two subjects", "two colours")):
            if two[0]:
                out[name] = [t[k] for t in two], int((~alone).sum())
        return out

    def line(self, model):
        return ", ".join(f"{a} {' '.join(f'{r:.4f}' for r in rates)}" for a, (rates, _) in self.rates(model).items())


def export(args):
    """The folder in CLIP's layout as f16, checked."""
    from transformers import CLIPImageProcessor, CLIPModel

    out = pathlib.Path(args.out)
    model = CLIPModel.from_pretrained(args.learnt, torch_dtype=torch.float32).half()
    assert all(torch.isfinite(p).all() for p in model.parameters()), "not finite in f16"
    model.save_pretrained(out)
    side = model.config.vision_config.image_size
    CLIPImageProcessor(
        size={"shortest_edge": side},
        crop_size={"height": side, "width": side},
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
    ).save_pretrained(out)
    for file in ("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(pathlib.Path(args.tokenizer) / file, out / file)
    size = sum(f.stat().st_size for f in out.iterdir())
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {size / 2**20:.2f} MiB")
    assert (out / "model.safetensors").stat().st_size <= LIMIT_BYTES
    print(f"scores as transformers makes them differ by {apart(out, data.pictures(args.pictures)[:8]):.4f} at most")


@torch.no_grad()
def apart(folder, pictures):
    """The largest difference between the scores of transformers' own pipeline and those the table is made of."""
    from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

    model = CLIPModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    texts = [t[l] for v in clip_texts.reading().values() for t in v.values() for l in clip_texts.LANGUAGES]
    shown = CLIPImageProcessor.from_pretrained(folder)(images=[np.array(p) for p in pictures], return_tensors="pt")
    words = CLIPTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    theirs = model(**words, **shown).logits_per_image
    read = clip_texts.Reader(model.text_model, folder)
    told = F.normalize(model.text_projection(read(texts).float()), dim=-1)
    seen = embedded(model, read_in(pictures, model.config.vision_config.image_size))
    return float((theirs - model.logit_scale.exp() * seen @ told.T).abs().max())


def table(args):
    from transformers import CLIPModel

    model = CLIPModel.from_pretrained(args.clip, torch_dtype=torch.float32).eval()
    states = clip_texts.attribute_states(clip_texts.Reader(model.text_model, args.clip))
    print("| read | " + " | ".join(clip_texts.LANGUAGES) + " | pictures |\n|---|---|---|---|")
    for path in args.pictures:
        for name, only in KINDS.items():
            if args.only not in (None, name):
                continue
            check = Check(path, states, side=args.side, only=only)
            if not len(check.pictures):
                continue
            print(f"| **{pathlib.Path(path).name}, {name}** | | | |")
            for attribute, (rates, count) in check.rates(model).items():
                print(f"| {attribute} | " + " | ".join(f"{100 * r:.1f} %" for r in rates) + f" | {count} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    which = parser.add_subparsers(dest="what", required=True)
    one = which.add_parser("export")
    one.add_argument("--learnt", required=True)
    one.add_argument("--tokenizer", required=True)
    one.add_argument("--pictures", required=True, help="a painter folder, some of whose pictures try the result")
    one.add_argument("--out", required=True)
    two = which.add_parser("table")
    two.add_argument("--clip", required=True)
    two.add_argument("--pictures", required=True, nargs="+")
    two.add_argument("--side", type=int, default=shape.SIDE, help="of the painter's pictures")
    two.add_argument("--only", choices=KINDS, help="measure these combinations alone")
    args = parser.parse_args()
    {"export": export, "table": table}[args.what](args)


if __name__ == "__main__":
    main()
