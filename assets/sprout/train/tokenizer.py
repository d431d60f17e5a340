"""Builds Sprout's tokenizer: CLIP's byte-level BPE with a vocabulary of its own.

English is spelt exactly as CLIP spells it: of CLIP's merges we keep those on the path of the words we
know (words_en.txt and every word of the captions) and the first few hundred, which are the commonest letter pairs.
Keeping a path whole keeps the result the same as CLIP's, because BPE always applies the lowest rank first.

Every Chinese character we know becomes one token, in two forms: inside a run of letters, and `</w>` at its end.
Its UTF-8 bytes (lead, middle, last) join as (lead, middle) and then (lead-middle, last); a lead byte never
follows inside a character, so no merge can cross from one character to the next.

    python tokenizer.py --clip bpe_simple_vocab_16e6.txt.gz --captions captions.jsonl --out sprout/tokenizer
"""

import argparse
import gzip
import json
import pathlib
import re
import unicodedata

HERE = pathlib.Path(__file__).parent
START, END = "<|startoftext|>", "<|endoftext|>"
LETTERS = re.compile(r"[^\W\d_]+")


def byte_letters():
    """GPT-2's printable letter for each byte, in CLIP's vocabulary order."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    codes, order = list(kept), list(kept)
    for byte in range(256):
        if byte not in kept:
            order.append(byte)
            codes.append(256 + len(order) - len(kept) - 1)
    return {byte: chr(code) for byte, code in zip(order, codes)}


LETTER = byte_letters()


def spell(word):
    """A word as BPE starts from it: byte letters, the last one marked."""
    letters = [LETTER[b] for b in word.encode()]
    return letters[:-1] + [letters[-1] + "</w>"]


def split(text):
    """CLIP's pre-tokenizer, written with the standard library; only for the plain check of the files."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).lower()
    out, i = [], 0
    for special in (START, END):
        assert special not in text, "specials are not part of a prompt"
    while i < len(text):
        kind = unicodedata.category(text[i])[0]
        contraction = re.match(r"'(?:s|t|re|ve|m|ll|d)", text[i:])
        j = i + 1
        if contraction:
            j = i + len(contraction.group())
        elif text[i].isspace():
            i = j
            continue
        elif kind == "L":
            while j < len(text) and unicodedata.category(text[j])[0] == "L":
                j += 1
        elif kind != "N":
            while j < len(text) and not text[j].isspace() and unicodedata.category(text[j])[0] not in "LN":
                j += 1
        out.append(text[i:j])
        i = j
    return out


def bpe(symbols, ranks):
    """Applies merges, lowest rank first; returns the symbols and the merges used."""
    symbols, used = list(symbols), []
    while len(symbols) > 1:
        pairs = [(ranks.get(p, 1 << 30), k) for k, p in enumerate(zip(symbols, symbols[1:]))]
        rank, _ = min(pairs)
        if rank == 1 << 30:
            break
        a, b = next(p for p in zip(symbols, symbols[1:]) if ranks.get(p) == rank)
        used.append((a, b))
        out, k = [], 0
        while k < len(symbols):
            if k + 1 < len(symbols) and symbols[k] == a and symbols[k + 1] == b:
                out.append(a + b)
                k += 2
            else:
                out.append(symbols[k])
                k += 1
        symbols = out
    return symbols, used


def is_han(char):
    """Chinese characters and their punctuation: what takes three bytes."""
    return len(char.encode()) == 3


def build(clip, captions, common):
    """Returns (vocab, merges) from CLIP's merges, the caption texts and the word lists beside this file."""
    lines = gzip.open(clip, "rt", encoding="utf-8").read().split("\n")[1 : 48894 + 1]
    clip_merges = [tuple(line.split()) for line in lines]
    ranks = {pair: k for k, pair in enumerate(clip_merges)}
    words = set((HERE / "words_en.txt").read_text().split())
    listed = (HERE / "chars_zh.txt").read_text(encoding="utf-8")
    chars = dict.fromkeys(c for c in listed if is_han(c))
    for text in captions:
        for run in LETTERS.findall(text.lower()):
            if run.isascii():
                words.add(run)
        chars.update(dict.fromkeys(c for c in text if is_han(c)))
    wanted = set(clip_merges[:common])
    for word in sorted(words):
        symbols, used = bpe(spell(word), ranks)
        if len(symbols) > 1:
            print("more than one token in CLIP:", word, symbols)
        wanted.update(used)
    # A merge is only usable when both halves can be made.
    merges, made = [], set(LETTER.values()) | {c + "</w>" for c in LETTER.values()}
    for a, b in clip_merges:
        if (a, b) in wanted and a in made and b in made:
            merges.append((a, b))
            made.add(a + b)
    for char in chars:
        lead, middle, last = (LETTER[b] for b in char.encode())
        for pair in ((lead, middle), (lead + middle, last), (lead + middle, last + "</w>")):
            if "".join(pair) not in made:
                merges.append(pair)
                made.add("".join(pair))
    final = {pair: k for k, pair in enumerate(merges)}
    for char in chars:
        assert len(bpe(spell(char), final)[0]) == 1 and len(bpe(spell(char + "\u4e00"), final)[0]) == 2, char
    tokens = list(LETTER.values()) + [c + "</w>" for c in LETTER.values()]
    tokens += ["".join(pair) for pair in merges] + [START, END]
    assert len(set(tokens)) == len(tokens)
    return {token: k for k, token in enumerate(tokens)}, merges


def write(vocab, merges, out):
    """Writes the five files diffusers and transformers expect."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    body = "\n".join(" ".join(pair) for pair in merges)
    (out / "merges.txt").write_text(f"#version: 0.2\n{body}\n", encoding="utf-8")
    from transformers import CLIPTokenizer

    fast = CLIPTokenizer(vocab, [tuple(m) for m in merges], model_max_length=77)
    fast.save_pretrained(out)
    # save_pretrained leaves out what tokenizer.json holds; older readers want all of it beside.
    (out / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    (out / "merges.txt").write_text(f"#version: 0.2\n{body}\n", encoding="utf-8")
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    (out / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    config = {
        "add_prefix_space": False,
        **special,
        "clean_up_tokenization_spaces": False,
        "do_lower_case": True,
        "errors": "replace",
        "model_max_length": 77,
        "tokenizer_class": "CLIPTokenizer",
    }
    (out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


class Plain:
    """The definition itself: vocab.json and merges.txt, nothing else. 77 ids, padded with the end token."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")[1:]
        self.ranks = {tuple(line.split()): k for k, line in enumerate(lines) if line}
        self.start, self.end = self.vocab[START], self.vocab[END]
        self.cache = {}

    def word(self, word):
        if word not in self.cache:
            self.cache[word] = [self.vocab[s] for s in bpe(spell(word), self.ranks)[0]]
        return self.cache[word]

    def __call__(self, text, length=77):
        ids = [i for word in split(text) for i in self.word(word)][: length - 2]
        return [self.start] + ids + [self.end] * (length - 1 - len(ids))


PROBES = [
    "", "a red house", "A Red  HOUSE, on\tthe meadow!", "it's the astronaut's cat; they'll don't we've I'm I'd",
    "红色的房子", "一只红色的猫坐在草地上，夕阳西下。", "a 红色 house 在雪地", "红色house在雪地 2026年 12,345.67",
    "café naïve Ünïcödé ßtraße", "龘靐齉 unknown characters", "😀 emoji 🚀🌙 mixed", "x" * 300, "，。！？、…——",
    "3d render, 4k (best quality:1.2) [a|b] {c} <d> \"e\" #f @g", "日本語のテキスト 한국어", "ＡＢＣ１２３　全角",
    "redhousecorgi", "a corgi " * 60, "e\u0301 combining", "½ Ⅷ ² ①",
]


def check(folder, texts):
    """The three readings of the folder must agree on every text."""
    from tokenizers import Tokenizer
    from transformers import CLIPTokenizer

    plain, fast = Plain(folder), CLIPTokenizer.from_pretrained(folder)
    raw = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    for text in texts:
        a = plain(text)
        b = fast(text, padding="max_length", max_length=77, truncation=True).input_ids
        raw.enable_truncation(77)
        raw.enable_padding(length=77, pad_id=plain.end, pad_token=END)
        c = raw.encode(text).ids
        assert a == b == c, (text, a[:20], b[:20], c[:20])
    return len(texts)


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--clip", required=True, help="CLIP's bpe_simple_vocab_16e6.txt.gz")
    args.add_argument("--captions", nargs="*", default=[], help="captions.jsonl files whose words must be known")
    args.add_argument("--common", type=int, default=400, help="CLIP's first merges to keep whatever the words")
    args.add_argument("--out", required=True)
    args = args.parse_args()
    from data import all_texts

    texts = sorted({t for path in args.captions for t in all_texts(path)})
    vocab, merges = build(args.clip, texts, args.common)
    out = pathlib.Path(args.out)
    write(vocab, merges, out)
    print(f"{len(vocab)} tokens; {check(out, PROBES + texts[:: max(1, len(texts) // 20000)])} texts agree")


if __name__ == "__main__":
    main()
