"""Writes src/text/unicode_tables.cpp and html_entities.cpp: what CLIP's tokenizer needs of Unicode and HTML.

Letters and numbers are those of the `regex` package, which CLIP's pattern is written for; all else is Python's own.
Numbers are hexadecimal; the first field of a record counts from the code after the record before it.

    python tests/reference/make_unicode_tables.py
"""

import html
import html.entities
import pathlib
import platform
import unicodedata

import regex

SOURCE = pathlib.Path(__file__).parent.parent.parent / "src" / "backbone"
CODES = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL = range(0xAC00, 0xD7A4)  # composed by arithmetic
WIDTHS = range(0xFF01, 0xFFEF)


def signed(number):
    return f"-{-number:x}" if number < 0 else f"{number:x}"


def records(rows):
    """rows of (first, last, fields...) -> text; `last` is where the next record counts from."""
    texts, previous = [], -1
    for first, last, *fields in rows:
        texts.append(".".join([f"{first - previous - 1:x}", *map(signed, fields)]))
        previous = last
    return texts


def ranges(value_of):
    """Runs of codes with one value that is not 0: (first, last, length - 1[, value where it is not True])."""
    runs = []
    for code in CODES:
        value = value_of(code)
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == value:
            runs[-1][1] = code
        elif value:
            runs.append([code, code, value])
    return records((a, b, b - a) if value is True else (a, b, b - a, value) for a, b, value in runs)


def cased(code):
    return (chr(code) + "\u03a3").lower().endswith("\u03c2")


def case_ignorable(code):
    return not cased(code) and ("A" + chr(code) + "\u03a3").lower().endswith("\u03c2")


def lower_runs():
    """(first, last, steps, step, difference): alphabets alternate capital and small, or come as blocks."""
    runs = []
    for code in CODES:
        lower = chr(code).lower()
        if len(lower) != 1 or ord(lower) == code:
            continue
        difference = ord(lower) - code
        if runs and runs[-1][4] == difference:
            first, last, steps, step, _ = runs[-1]
            if code - last == (step or code - last) <= 2:
                runs[-1] = [first, code, steps + 1, code - last, difference]
                continue
        runs.append([code, code, 0, 0, difference])
    return records((a, b, steps, step or 1, difference) for a, b, steps, step, difference in runs)


def decompositions():
    rows = []
    for code in CODES:
        fields = unicodedata.decomposition(chr(code)).split()
        if fields and not fields[0].startswith("<") and code not in HANGUL:
            rows.append((code, code, *(int(field, 16) for field in fields)))
    return rows


def excluded(row):
    return len(row) == 4 and unicodedata.normalize("NFC", chr(row[0])) != chr(row[0])


def widths():
    rows = [(0x3000, 0x3000, 0x20)]
    for code in WIDTHS:
        wide = unicodedata.decomposition(chr(code))
        if wide:
            form = unicodedata.normalize("NFKC", chr(code))
            # Two characters only for the macron, which keeps its space in front of a combining mark.
            rows.append((code, code, *map(ord, form)))
    return records(rows)


def entities():
    """NAME, ':' ('!' where no semicolon is needed), its characters, and for a small name that may be shouted '^' and
    those of the shouted one where they differ."""
    texts = []
    for name, characters in sorted(html.entities.html5.items()):
        if not name.endswith(";"):
            continue
        bare = name[:-1]
        codes = ",".join(f"{ord(c):x}" for c in characters)
        shouted, capital = "&" + name.upper(), characters.upper()
        entry = bare + ("!" if bare in html.entities.html5 else ":") + codes
        if name == name.lower() and html.unescape(shouted) == shouted:
            entry += "^" + ("" if capital == characters else ",".join(f"{ord(c):x}" for c in capital))
        texts.append(entry)
    return texts


def literal(name, texts):
    lines, line = [], ""
    for text in texts:
        if len(line) + len(text) > 93:
            lines.append(line)
            line = ""
        line += text + " "
    lines.append(line)
    return f"const std::string_view {name} =\n" + "\n".join(f'    "{each}"' for each in lines) + ";\n"


def write(name, header, tables):
    made_by = (f"// Made by tests/reference/make_unicode_tables.py with Python {platform.python_version()} "
               f"(Unicode {unicodedata.unidata_version})\n// and regex {regex.__version__}.\n// clang-format off\n")
    text = made_by + f'#include "backbone/{header}"\n\nnamespace submask {{\n\n' + "\n".join(tables) + "\n}  // namespace submask\n"
    (SOURCE / name).write_text(text)


def main():
    letter, number = regex.compile(r"\p{L}"), regex.compile(r"\p{N}")
    decomposed = decompositions()
    write("unicode_tables.cpp", "unicode_tables.h", [
        literal("letter_table", ranges(lambda c: bool(letter.match(chr(c))))),
        literal("number_table", ranges(lambda c: bool(number.match(chr(c))))),
        literal("cased_table", ranges(cased)),
        literal("case_ignorable_table", ranges(case_ignorable)),
        literal("lower_table", lower_runs()),
        literal("combining_class_table", ranges(lambda c: unicodedata.combining(chr(c)))),
        literal("decomposition_table", records(decomposed)),
        literal("never_composed_table", records(row[:2] for row in decomposed if excluded(row))),
        literal("width_table", widths()),
    ])
    write("html_entities.cpp", "html_unescape.h", [literal("html_entity_table", entities())])


if __name__ == "__main__":
    main()
