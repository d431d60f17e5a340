"""What Sprout-CLIP reads pictures with: the attributes' texts in both languages, and captions that differ in one word.

The text tower stays as Sprout's text encoder is, so each text's state is computed once and kept.
"""

import itertools
import json
import pathlib

import torch

READING = pathlib.Path(__file__).parent / "../clip/reading.json"
ASKED = ("subject", "color", "place", "time", "style")
LANGUAGES = ("en", "zh")

# Where the colour is not the whole thing's.
WORN = {
    "corgi": ("corgi in {} spacesuit", "穿着{}宇航服的柯基犬"),
    "plain-corgi": ("corgi in {} sweater", "穿着{}毛衣的柯基犬"),
    "astronaut": ("astronaut in {} spacesuit", "穿着{}宇航服的宇航员"),
    "snowman": ("snowman with {} hat and scarf", "戴着{}帽子和围巾的雪人"),
}


def reading():
    """{attribute: {value: {language: text}}}, in the order of the painter's lists."""
    return json.loads(READING.read_text(encoding="utf-8"))


def with_article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def colored(subject, texts, color, language):
    """A subject in its colour: "an orange cat", "a corgi in a red sweater"."""
    if subject in WORN:
        english, chinese = WORN[subject]
        return with_article(english.format(with_article(color))) if language == "en" else chinese.format(color)
    if language == "en":
        return with_article(f"{color} {texts['en'].split(' ', 1)[1]}")
    return f"{color}的{texts['zh']}"


class Combinations:
    """A plain caption for each of all combinations of the five attributes, as one number each."""

    def __init__(self):
        self.table = reading()
        self.values = [list(self.table[a]) for a in ASKED]
        self.sizes = [len(v) for v in self.values]
        self.count = torch.tensor(self.sizes).prod().item()

    def number(self, labels):
        """[..., 5] values to [...] numbers."""
        out = torch.zeros(labels.shape[:-1], dtype=torch.long)
        for k, size in enumerate(self.sizes):
            out = out * size + labels[..., k]
        return out

    def texts(self, language):
        """All captions of one language, in the order of their numbers."""
        t = self.table
        for subject, color, place, time, style in itertools.product(*self.values):
            what = colored(subject, t["subject"][subject], t["color"][color][language], language)
            where, when, how = (t[a][v][language] for a, v in (("place", place), ("time", time), ("style", style)))
            yield f"{where} {when} with {what}, {how}" if language == "en" else f"{when}，{where}，{what}，{how}"


class Reader:
    """Texts to the text tower's pooled states [N, D]; states once computed are kept in a file."""

    def __init__(self, text, tokenizer):
        from tokenizers import Tokenizer

        self.text, self.end = text, text.config.eos_token_id
        self.fast = Tokenizer.from_file(str(pathlib.Path(tokenizer) / "tokenizer.json"))
        self.fast.enable_truncation(text.config.max_position_embeddings)

    @torch.no_grad()
    def __call__(self, texts, batch=512):
        ids = [e.ids for e in self.fast.encode_batch_fast(list(texts))]
        out = torch.empty(len(ids), self.text.config.hidden_size, dtype=torch.float16)
        # Texts of a length together, so that little is padding; the mask is causal, so padding changes nothing.
        order = sorted(range(len(ids)), key=lambda k: len(ids[k]))
        for k in range(0, len(order), batch):
            part = order[k : k + batch]
            long = max(len(ids[j]) for j in part)
            rows = torch.tensor([ids[j] + [self.end] * (long - len(ids[j])) for j in part])
            with torch.autocast("cpu", torch.bfloat16, enabled=len(order) > 4 * batch):
                out[torch.tensor(part)] = self.text(input_ids=rows).pooler_output.half()
        return out

    def kept(self, path, make):
        """The states of the texts that `make` gives, from the file where they are."""
        if not path.exists():
            states = self(make())
            torch.save(states, path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
        return torch.load(path)


def attribute_states(read):
    """For each attribute the states of its texts [languages, values, D]."""
    values = reading()
    return [torch.stack([read([v[l] for v in values[a].values()]) for l in LANGUAGES]) for a in ASKED]
