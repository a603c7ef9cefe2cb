"""What every test of a server's behaviour has: a folder of tasks, and a server over it."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from server import Server, striped  # noqa: E402

program, made_tasks = os.environ["SUBMASK_PROGRAM"], pathlib.Path(os.environ["SUBMASK_TASKS"])
os.environ.pop("SUBMASK_ASSETS", None)
image, other_image = striped(3, down=True), striped(5, down=False)


def version_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()[:16]


def predicted(tasks, image):
    """What `submask predict` says: {task file name: {label: share}}."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(image)
        file.flush()
        words = [word for task in tasks for word in ("--task", str(task))]
        out = subprocess.run([program, "predict", *words, "--top", "100", "--cascade", "conditional", "--json", "--quiet",
                              "--threads", "1", file.name], capture_output=True, text=True, check=True).stdout
    answers = json.loads(out.splitlines()[-1])["images"][0]["predictions"]
    return {pathlib.Path(each["task"]).name: {c["label"]: c["probability"] for c in each["classes"]} for each in answers}


class ServeCase(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.scratch = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.tasks = self.scratch / "tasks"
        shutil.copytree(made_tasks, self.tasks)

    def serve(self, *options, **more):
        words = ("--backbone", "resnet20", "--tasks", self.tasks, "--memory", 100 << 20, "--grace-s", 0, *options)
        return self.stack.enter_context(Server(program, *words, **more))

    def assert_answer(self, answer, expected):
        got = {each["label"]: each["score"] for each in answer["predictions"]}
        self.assertEqual(got.keys(), expected.keys())
        for label, share in expected.items():
            self.assertAlmostEqual(got[label], share, delta=1e-5)

    # Images of stripes, by their direction.
    def lesson(self):
        return [(f"image:{label}", f"{i}.png", striped(3 + i % 2, down=label == "down", shade=150 + 20 * i))
                for i in range(5) for label in ("down", "across")]
