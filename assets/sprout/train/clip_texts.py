"""What Sprout-CLIP reads pictures with: the attributes' texts in both languages, and captions that differ in one word.

The text tower stays as Sprout's text encoder is, so each text's state is computed once and kept.
"""

import functools
import json
import pathlib
import random

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


@functools.cache
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


def plain(said, language):
    """A plain caption of {attribute: value}; one without a subject names none."""
    table = reading()
    where, when, how = (table[a][said[a]][language] for a in ("place", "time", "style"))
    if said["subject"] is None:
        return f"{where} {when}, {how}" if language == "en" else f"{when}，{where}，{how}"
    subject, color = said["subject"], table["color"][said["color"]][language]
    what = colored(subject, table["subject"][subject], color, language)
    return f"{where} {when} with {what}, {how}" if language == "en" else f"{when}，{where}，{what}，{how}"


def wrong(record, dice):
    """The record's attributes, then five times with one of them wrong: never the second subject's."""
    out = [{a: record[a] for a in ASKED}]
    for attribute, values in reading().items():
        shown = {record[attribute], record.get(f"other_{attribute}"), record["other"]}
        false = dict(out[0])
        if record["subject"] is not None:
            false[attribute] = dice.choice([v for v in values if v not in shown])
        out.append(false)
    return out


def learnt(lines):
    """Of each picture the captions it is learnt with, LEARNT texts: in each language one in part and the complete one,
    then its plain caption and the wrong ones in one of the languages."""
    for k, record in enumerate(lines):
        for language in LANGUAGES:
            yield record[language][k % len(record[language])]
            yield record[f"complete_{language}"]
        language = LANGUAGES[k % len(LANGUAGES)]
        yield from (plain(said, language) for said in wrong(record, random.Random(k)))


LEARNT = 2 * len(LANGUAGES) + 1 + len(ASKED)


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

    def kept(self, path, texts, lines):
        """The states of the texts of some records, from the file where there is one."""
        if not path.exists():
            states = self(texts(lines))
            torch.save(states, path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
        return torch.load(path)


def attribute_states(read):
    """For each attribute the states of its texts [languages, values, D]."""
    values = reading()
    return [torch.stack([read([v[l] for v in values[a].values()]) for l in LANGUAGES]) for a in ASKED]
