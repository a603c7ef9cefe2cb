"""Teaches a task on the page of `submask serve` with five trousers and five bags of Fashion-MNIST, and asks it about two
hundred others there; the file that the page gives must say the same by `submask predict`.

    python3 teach_fashion.py BASE SUBMASK FOLDER_OF_FASHION_MNIST
"""

import base64
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import types

from page_driver import CARRY, Browser, Page, Server, Wrong, expect
from server import png

CLASSES = {"trouser": 1, "bag": 8}
EXAMPLES, ASKED = 5, 100  # of each class
LONGEST = 10  # seconds from the last drop to the first answer


def images(folder, part, count):
    """{class: [PNG bytes]}: the first so many of each class."""
    pixels = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())[8:]
    found = {name: [] for name in CLASSES}
    for number, label in enumerate(labels):
        for name, wanted in CLASSES.items():
            if label == wanted and len(found[name]) < count:
                rows = pixels[784 * number:784 * (number + 1)]
                found[name].append(png([rows[28 * y:28 * (y + 1)] for y in range(28)]))
    return found


def drop(page, selector, files):
    carried = [{"name": name, "content": base64.b64encode(content).decode()} for name, content in files]
    page.browser.run(CARRY, page.browser.find(selector), "drop", carried)


def teach(page, examples):
    """Seconds from the last drop to the first answer."""
    page.browser.open(page.server.base + "#tab=teach")
    page.browser.wait("return document.querySelectorAll('.class-card').length === 2", "the classes")
    for number, (name, contents) in enumerate(examples.items(), 1):
        card = f".class-card:nth-child({number})"
        page.browser.type(f"{card} input:not([type=file])", name)
        drop(page, card, [(f"{name}-{i}.png", content) for i, content in enumerate(contents)])
    start = time.monotonic()
    page.browser.click("#teach-button")
    page.browser.wait("return !document.getElementById('taught').hidden", "the task that was taught")
    drop(page, "#try-intake .intake", [("first.png", examples["bag"][0])])
    page.wait_answered("first.png", "#try-answers")
    return time.monotonic() - start


def ask(page, asked):
    """{file: label that the page shows}."""
    files = [(f"{name}-asked-{i}.png", content) for name, contents in asked.items() for i, content in enumerate(contents)]
    drop(page, "#try-intake .intake", files)
    return {name: page.wait_answered(name, "#try-answers")["columns"][0]["labels"][0] for name, _ in files}


def predicted(submask, task, asked):
    """{file: label} by `submask predict`."""
    files = []
    for name, contents in asked.items():
        for i, content in enumerate(contents):
            files.append(task.parent / f"{name}-asked-{i}.png")
            files[-1].write_bytes(content)
    out = subprocess.run([submask, "predict", "--task", task, "--top", "1", "--json", "--quiet", "--threads", "1", *files],
                         capture_output=True, text=True, check=True).stdout
    return {pathlib.Path(image["image"]).name: image["predictions"][0]["classes"][0]["label"]
            for image in json.loads(out.splitlines()[-1])["images"]}


def main():
    base, submask, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as scratch:
        browser = Browser(scratch)
        try:
            page = Page(browser, Server(base, ""), pathlib.Path(scratch), types.SimpleNamespace(task=[]))
            seconds = teach(page, images(folder, "train", EXAMPLES))
            asked = images(folder, "t10k", ASKED)
            labels = ask(page, asked)
            right = sum(name.startswith(label) for name, label in labels.items())
            print(f"{right} of {len(labels)} right, {seconds:.1f} s from the last drop to the first answer")
            expect(right >= .9 * len(labels), "at least nine of ten have to be right")
            expect(seconds < LONGEST, f"the first answer has to come within {LONGEST} s")
            expect(labels == predicted(submask, page.download(), asked), "submask predict says other labels than the page")
        except Wrong as wrong:
            raise SystemExit(str(wrong)) from None
        finally:
            browser.close()


main()
