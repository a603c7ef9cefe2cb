"""Writes tests/golden/text/: strings with the tokens that open_clip gives them.

clip_texts.json.gz: 1,000 strings, seeded. clip_merges.txt: a small byte-pair vocabulary in the standard file's form,
trained here on this project's README (CLIP's own belongs to OpenAI). clip_tokens.json.gz: each string's tokens by
the small vocabulary and by CLIP's own.

    python tests/reference/make_clip_tokens.py
"""

import collections
import gzip
import json
import pathlib
import random
import tempfile
from importlib.metadata import version

import open_clip.tokenizer

ROOT = pathlib.Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "text"
MERGES = 400

PLAIN = """a photo of a cat; the dog's bowl, a dog that'll run; they're here, we've seen it, I'm sure, he'd say; 3D CT scan of
12 km2; e-mail: someone@example.org; https://example.org/a?b=1&c=2; "quoted" text; 50% off!!! ... ???; snake_case names; x<y and y>z; C++ 'SaShiMi' DON'T; a\tb\nc""".split(";")
WORLD = """Crème brûlée; naïve façade; Ångström; ÉCOLE; Straße; ŁÓDŹ; İstanbul'da; ΟΔΥΣΣΕΥΣ ΣΟΦΟΣ; Ἀθῆναι; ПРИВЕТ, мир!; Ёлка и Ъ; Tiếng Việt; 东京都の猫; 北京烤鸭; カタカナ と ひらがな; ｶﾀｶﾅ ﾊﾟﾝ; ＬＯＵＤ　ＮＯＩＳＥＳ; 한국어 사진;
한국어; שלום עולם; مرحبا بالعالم; नमस्ते दुनिया; ภาพถ่ายแมว; Հայաստան; ქართული; e\u0301te\u0301 n\u0303; o\u0302\u0323; q\u0307\u0323; ﬁne ﬂuﬃest ﬆ; Ǆungla ĳs ŉ; ½ cup, ²³ Ⅷ ④ ٣٤; “curly” ‘quotes’ ‚low‛; it’s; naïve—dash–dash…; zero\u200bwidth\ufeff; nb\u00a0sp\u2003em; l\u2028s\u2029p; 𝒜𝓫𝔠; 𐐀𐐁; ﷺ; ʼn; K Å; ſ'ſ""".split(";")
EMOJI = """😀; 👩‍👩‍👧‍👦 family; 🏳️‍🌈; 👍🏽; 🇳🇱🇯🇵; ❤️ love; ✈️ ☀; #️⃣ 1️⃣; 🐈🐕 pets; 🦄🧜‍♀️""".split(";")
HTML = """&amp;; &lt;b&gt;bold&lt;/b&gt;; &amp;amp;lt;; &eacute;t&eacute;; P&EACUTE;REZ; &#233;&#xE9;; &#8220;x&#8221;; &nbsp;&hellip;; &notit; &notin;; AT&T; &copy 2020; &#0;&#128;&#x1F600;; &#xD800; &#99999999;;
<p>caf&eacute; &ldquo;hi&rdquo;</p>; &Aacute &aacute; &bogus;; &#x110000;; fish &amp chips; &amp;#39;; &#59;; &FJLIG; &SZLIG;; &CounterClockwiseContourIntegral;; &#11;&#13;&#127;""".split(r"; ")
ODD = ["", " ", "\n", "<start_of_text>", "a <end_of_text> b", "\x1b[31mred\x1b[0m", "bell\x07 \x00nul", "!?'s '''ll", "-" * 100, "a" * 300, "supercalifragilisticexpialidocious " * 20,
       "word " * 90, "猫" * 120, "0123456789" * 12, "🐈" * 40, "é" * 200, "line one <b>\nline &amp; two\r\nthree &lsquo;", "\u0303", "a\u0345\u0301", "\x80\x99\x9f"]


def strings():
    """Each part alone, then seeded mixtures of them."""
    chosen = random.Random(4)
    parts = [part.strip(" ") for part in PLAIN + WORLD + EMOJI + HTML]
    texts = ODD + parts
    while len(texts) < 1000:
        mixed = [chosen.choice(chosen.choice((PLAIN, PLAIN, WORLD, EMOJI, HTML))) for _ in range(chosen.choice((1, 2, 3, 4, 6)))]
        text = chosen.choice(("", " ", "  ", ", ", "-")).join(mixed)
        change = chosen.random()
        text = text.upper() if change < 0.1 else text.title() if change < 0.2 else text
        if change > 0.9:  # letters of all of Unicode's first planes
            text += "".join(chr(chosen.choice(range(0xA1, 0x3000))) for _ in range(5)) + chr(chosen.randrange(0x10000, 0x1F700))
        texts.append(text)
    return texts


def train_merges():
    """Byte-pair encoding of the README's words: the commonest pair becomes a token, again and again."""
    byte_encoder = open_clip.tokenizer.bytes_to_unicode()
    words = collections.Counter()
    for word in (ROOT / "README.md").read_text().lower().split():
        symbols = [byte_encoder[byte] for byte in word.encode()]
        symbols[-1] += "</w>"
        words[tuple(symbols)] += 1
    merges = []
    while len(merges) < MERGES:
        pairs = collections.Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = collections.Counter()
        for word, count in words.items():
            symbols, i = [], 0
            while i < len(word):
                fits = word[i : i + 2] == best
                symbols.append("".join(best) if fits else word[i])
                i += 2 if fits else 1
            merged[tuple(symbols)] += count
        words = merged
    return merges


def write_json(name, value):
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    (GOLDEN / name).write_bytes(gzip.compress(data, 9, mtime=0))


def main():
    texts = strings()
    merges = GOLDEN / "clip_merges.txt"
    if not merges.exists():  # the README moves on, the fixture stays
        lines = ["#version: trained by make_clip_tokens.py", *(" ".join(pair) for pair in train_merges())]
        merges.write_text("\n".join(lines))
    with tempfile.NamedTemporaryFile(suffix=".gz") as packed:
        packed.write(gzip.compress(merges.read_bytes()))
        packed.flush()
        small = open_clip.tokenizer.SimpleTokenizer(packed.name)
    full = open_clip.tokenizer.SimpleTokenizer()

    def tokens(tokenizer):
        rows = tokenizer(texts).tolist()
        # Without the zeros that pad, of which no token is the last.
        return [row[: max(i for i, token in enumerate(row) if token) + 1] for row in rows]

    write_json("clip_texts.json.gz", texts)
    write_json("clip_tokens.json.gz", {"source": f"open_clip_torch {version('open_clip_torch')}, ftfy {version('ftfy')}",
                                       "small": tokens(small), "clip": tokens(full)})


if __name__ == "__main__":
    main()
