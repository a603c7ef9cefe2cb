"""Headless Chromium (through chromedriver) on the page of `submask serve`, and the same server asked without the page.

PAGE_TEST_SECONDS in the environment says how long anything on the page may take.
"""

import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

SECONDS = int(os.environ.get("PAGE_TEST_SECONDS", 60))

CARRY = """
const [target, kind, files] = arguments, carried = new DataTransfer();
for (const {name, content} of files)
  carried.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, {type: "image/png"}));
const how = {bubbles: true, cancelable: true};
target.dispatchEvent(kind === "drop" ? new DragEvent("drop", {...how, dataTransfer: carried})
                                     : new ClipboardEvent("paste", {...how, clipboardData: carried}));
"""
ANSWERS = """
return [...document.querySelectorAll(arguments[0] + " .image-card")].map(card => ({
  file: card.getAttribute("aria-label"),
  columns: [...card.querySelectorAll(".answer")].map(answer => ({
    task: answer.closest(".column")?.querySelector("h3").textContent ?? null,
    labels: [...answer.querySelectorAll(".bars .label")].map(e => e.textContent),
    scores: [...answer.querySelectorAll(".bars .score")].map(e => parseFloat(e.textContent)),
    timing: answer.querySelector(".timing")?.textContent ?? "",
    unsure: answer.classList.contains("unsure"),
    error: answer.querySelector(".error")?.textContent ?? ""})),
  neighbours: [...card.querySelectorAll(".neighbours img")].map(e => e.src)}));
"""


class Wrong(Exception):
    pass


def expect(is_right, line):
    if not is_right:
        raise Wrong(line)


def png(seed, side=32):
    """A picture of two colours with a pattern, another one for each seed."""
    bits = hashlib.sha256(seed.encode()).digest()
    colours = bits[:3], bits[3:6]
    rows = b"".join(b"\0" + b"".join(colours[bits[(x // 4 + y // 4 * 8) % 32] & 1] for x in range(side)) for y in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Browser:
    def __init__(self, downloads):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.driver.stdout:
            if port := re.search(r"on port (\d+)\.", line):
                break
        self.address = f"http://127.0.0.1:{port[1]}/session"
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900",
                     "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        options = {"args": arguments, "prefs": {"download.default_directory": str(downloads)}}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.address += "/" + self.call("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def call(self, what, body):
        request = urllib.request.Request(self.address + what, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Wrong(f"{what}: {json.load(error)['value']['message'].splitlines()[0]}") from None

    def open(self, address):
        self.call("/url", {"url": "about:blank"})
        self.call("/url", {"url": address})

    def run(self, script, *arguments):
        return self.call("/execute/sync", {"script": script, "args": arguments})

    def run_async(self, script):
        return self.call("/execute/async", {"script": script, "args": []})

    def find(self, selector):
        found = self.call("/elements", {"using": "css selector", "value": selector})
        expect(found, f"nothing on the page matches {selector}")
        return found[0]

    def click(self, selector):
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        self.call(f"/element/{next(iter(element.values()))}/click", {})

    def type(self, selector, text):
        element = next(iter(self.find(selector).values()))
        if "type=file" not in selector:
            self.call(f"/element/{element}/clear", {})
        self.call(f"/element/{element}/value", {"text": text})

    def press(self, *keys):
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def wait(self, script, what, *arguments, seconds=SECONDS):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.run(script, *arguments):
                return found
            time.sleep(.1)
        raise Wrong(f"waited in vain for {what}")

    def cdp(self, command, **parameters):
        return self.call("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def console(self):
        return [entry["message"] for entry in self.call("/se/log", {"type": "browser"})]

    def shoot(self, file):
        file.write_bytes(base64.b64decode(self.cdp("Page.captureScreenshot", captureBeyondViewport=False)["data"]))

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.address, method="DELETE"), timeout=60).close()
        self.driver.terminate()
        self.driver.wait()


class Server:
    """The same API, asked without the page, to know what the page should show."""

    def __init__(self, base, key):
        self.base, self.key = base, key

    def ask(self, path, body=None, kind="application/octet-stream"):
        request = urllib.request.Request(self.base + path, body, {"Content-Type": kind} if body is not None else {})
        if self.key:
            request.add_header("Authorization", f"Bearer {self.key}")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def usable_tasks(self):
        tasks = self.ask("v1/tasks?limit=50")["tasks"]
        return [task["task"] for task in tasks if task["state"] != "refused" and task["kind"] == "task"]

    def predict(self, task, image):
        return self.ask(f"v1/tasks/{urllib.parse.quote(task, safe='')}/predict?top=5", image)["predictions"]

    def predict_by_file(self, content, image):
        parts = [("task", "my-task.task", content), ("image", "image.png", image)]
        body = b"".join(f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'.encode() + data + b"\r\n"
                        for name, file, data in parts) + b"--edge--\r\n"
        return self.ask("v1/predict?top=5&neighbours=6", body, "multipart/form-data; boundary=edge")["results"][0]


class Page:
    """The page in its browser, with what the checks share."""

    def __init__(self, browser, server, folder, options):
        self.browser, self.server, self.folder, self.options = browser, server, folder, options
        self.tasks = options.task or server.usable_tasks()
        expect(len(self.tasks) >= 2, "the server needs two tasks or more")

    def image(self, name):
        """Writes a picture into the folder; its path and its bytes."""
        file = self.folder / name
        file.write_bytes(png(name))
        return file, file.read_bytes()

    def open(self, hash=""):
        self.browser.open(self.server.base + hash)
        self.browser.wait("return document.querySelector('#task-list [role=option]') !== null || "
                          "document.querySelector('#key-dialog').open", "the list of tasks")

    def choose(self, task):
        self.browser.type("#task-search", task)
        self.browser.wait("""const rows = [...document.querySelectorAll("#task-list [role=option]")];
            const row = rows.find(each => each.dataset.task === arguments[0]);
            row?.click();
            return row !== undefined;""", f"{task} in the list", task)

    def carry(self, kind, selector, *names):
        files = [{"name": name, "content": base64.b64encode(self.image(name)[1]).decode()} for name in names]
        self.browser.run(CARRY, self.browser.find(selector), kind, files)

    def answers(self, where="#answers"):
        return {answer["file"]: answer for answer in self.browser.run(ANSWERS, where)}

    def wait_answered(self, name, where="#answers", columns=1):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            found = self.answers(where).get(name, {"columns": []})
            if len(found["columns"]) >= columns and all(c["labels"] or c["error"] for c in found["columns"]):
                return found
            time.sleep(.1)
        raise Wrong(f"waited in vain for the answer about {name}")

    def download(self):
        """The file of the task that was taught."""
        self.browser.click("#download-task")
        file = self.folder / "my-task.task"
        end = time.monotonic() + 30
        while not file.exists() and time.monotonic() < end:
            time.sleep(.1)
        expect(file.exists(), "nothing was downloaded")
        return file

    def open_tab(self, name):
        self.browser.click(f"#tab-{name}")
        self.browser.wait("return !document.getElementById(arguments[0]).hidden", f"the tab {name}", name)

    def expect_answer(self, column, predictions, of):
        expect(column["labels"] == [each["label"] for each in predictions],
               f"{of}: the page shows {column['labels'] or column['error']}, the server says {predictions}")
        expect(all(abs(shown - 100 * each["score"]) < .06 for shown, each in zip(column["scores"], predictions)),
               f"{of}: the page shows {column['scores']}, the server says {predictions}")

    def expect_quiet(self):
        expect(not (said := self.browser.console()), f"the console says {said}")
