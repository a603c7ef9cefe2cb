"""Writes src/text/html_entities.cpp: the names of HTML's characters that cleaning CLIP's texts resolves.

These are 286 of HTML 5's 2,125 names: what web pages and captions have. The rest are nearly all of mathematics.

    python tests/reference/make_html_entities.py
"""

import html
import html.entities
import pathlib
import platform

SOURCE = pathlib.Path(__file__).parent.parent.parent / "src" / "text" / "html_entities.cpp"

# HTML 5's own: the apostrophe of XML, and the two that the golden texts of CLIP's tokenizer have besides.
OTHERS = {"apos", "fjlig", "CounterClockwiseContourIntegral"}


def is_met(name):
    """Names of HTML 4, names that need no semicolon, and what either becomes where a text's case is changed."""
    without_semicolon = {each for each in html.entities.html5 if not each.endswith(";")}
    met = {each.lower() for each in without_semicolon | set(html.entities.name2codepoint)}
    return name in OTHERS or name.lower() in met


def entities():
    """NAME, ':' ('!' where no semicolon is needed), its characters, and for a small name that may be shouted '^' and
    those of the shouted one where they differ."""
    texts = []
    for name, characters in sorted(html.entities.html5.items()):
        if not name.endswith(";"):
            continue
        bare = name[:-1]
        if not is_met(bare):
            continue
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


def main():
    text = (f"// Made by tests/reference/make_html_entities.py with Python {platform.python_version()}.\n// clang-format off\n"
            f'#include "text/html_unescape.h"\n\nnamespace submask {{\n\n{literal("html_entity_table", entities())}\n'
            "}  // namespace submask\n")
    SOURCE.write_text(text)


if __name__ == "__main__":
    main()
