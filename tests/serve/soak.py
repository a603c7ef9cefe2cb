"""Many requests over many tasks while files are replaced: no answer may come from another version than it names, every
answer is what `submask predict` says of that version, and memory does not grow.

    python3 soak.py SUBMASK TASK_FILE [--tasks 1000] [--requests 100000] [--threads 8]

Memory is looked at where there are enough requests for it to be flat: from 50,000 on.
"""

import argparse
import hashlib
import http.client
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from server import Server, striped

KEY = {"Authorization": "Bearer root"}
IMAGES = [striped(period, down) for period in (3, 5) for down in (True, False)]
MOST_GROWTH = .02


def version_of(content):
    return hashlib.sha256(content).hexdigest()[:16]


def taught(server, name, base="base"):
    """The bytes of a task with classes of its own."""
    parts = [(f"image:{name}-{i}", "x", image) for i, image in enumerate(IMAGES)]
    answer = server.post_form(f"/v1/teach?task={base}&probe=lp", parts, KEY)
    assert answer.status == 200, answer.body
    return answer.body


def predictions(submask, contents, folder):
    """{version: [{label: share}] for each image} by `submask predict`."""
    images = []
    for i, image in enumerate(IMAGES):
        images.append(folder / f"{i}.png")
        images[-1].write_bytes(image)
    told = {}
    for first in range(0, len(contents), 500):
        words = []
        for content in contents[first:first + 500]:
            (folder / f"{version_of(content)}.task").write_bytes(content)
            words += ["--task", folder / f"{version_of(content)}.task"]
        out = subprocess.run([submask, "predict", *words, "--top", "9", "--json", "--quiet", "--threads", "1", *images],
                             capture_output=True, text=True, check=True).stdout
        for image in json.loads(out.splitlines()[-1])["images"]:
            for answer in image["predictions"]:
                shares = {each["label"]: each["probability"] for each in answer["classes"]}
                told.setdefault(pathlib.Path(answer["task"]).stem, []).append(shares)
    return told


def resident(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class Soak:
    def __init__(self, server, folder, told, spares, options):
        self.server, self.folder, self.told, self.spares, self.options = server, folder, told, spares, options
        self.done, self.wrong, self.replaced = 0, [], 0
        self.lock = threading.Lock()

    def ask(self, seed):
        draw = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        while not self.wrong:
            with self.lock:
                if self.done >= self.options.requests:
                    return
                self.done += 1
            task, image = f"t{draw.randrange(self.options.tasks)}", draw.randrange(len(IMAGES))
            connection.request("POST", f"/v1/tasks/{task}/predict?top=9", IMAGES[image], KEY)
            response = connection.getresponse()
            answer = json.loads(response.read())
            if fault := self.fault(response.status, answer, task, image):
                self.wrong.append(fault)

    def fault(self, status, answer, task, image):
        if status != 200:
            return f"{task}: {status} {answer}"
        told = self.told.get(answer["model_version"])
        if told is None or answer["task"] != task:
            return f"{task}: an unknown version or another task: {answer}"
        got = {each["label"]: each["score"] for each in answer["predictions"]}
        if got.keys() != told[image].keys() or any(abs(got[label] - share) > 1e-5 for label, share in told[image].items()):
            return f"{task}: {answer['predictions']} where predict says {told[image]}"
        return None

    def replace(self):
        """Every second another task gets one of the spare files, which has its labels."""
        draw = random.Random(0)
        while self.done < self.options.requests and not self.wrong:
            task = draw.randrange(self.options.tasks)
            new = self.folder / "next"
            new.write_bytes(draw.choice(self.spares))
            new.rename(self.folder / f"t{task}.task")
            self.replaced += 1
            time.sleep(1)

    def run(self):
        threads = [threading.Thread(target=self.ask, args=(i,)) for i in range(self.options.threads)]
        threads.append(threading.Thread(target=self.replace))
        start, warm = time.monotonic(), None
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if warm is None and self.done > self.options.requests // 4:
                warm = resident(self.server.process)
            time.sleep(.1)
        growth = resident(self.server.process) / warm - 1
        rate = self.done / (time.monotonic() - start)
        if self.wrong:
            raise SystemExit(self.wrong[0])
        print(f"{self.done} requests over {self.options.tasks} tasks at {rate:.0f}/s, {self.replaced} files replaced, "
              f"all as predict says; memory grew by {100 * growth:.1f} %")
        if self.options.requests >= 50_000 and growth > MOST_GROWTH:
            raise SystemExit(f"expected memory to grow by at most {100 * MOST_GROWTH} %")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("submask")
    parser.add_argument("task")
    for name, value in (("tasks", 1000), ("requests", 100_000), ("threads", 8)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "tasks"
        folder.mkdir()
        shutil.copy(options.task, folder / "base.task")
        keys = pathlib.Path(scratch) / "keys"
        keys.write_text(hashlib.sha256(b"root").hexdigest() + " admin\n")
        words = ("--backbone", "resnet20", "--tasks", folder, "--keys", keys, "--grace-s", "0", "--memory", 64 << 20)
        with Server(options.submask, *words) as server:
            files = [taught(server, f"c{number}") for number in range(options.tasks)]
            spares = [taught(server, f"spare{number}") for number in range(20)]
        for number, content in enumerate(files):
            (folder / f"t{number}.task").write_bytes(content)
        told = predictions(options.submask, files + spares, pathlib.Path(scratch))
        with Server(options.submask, *words) as server:
            Soak(server, folder, told, spares, options).run()
            assert server.end() == 0, server.said()


main()
