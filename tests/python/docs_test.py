"""Runs every Python block of docs/python.md, in order, as one program, and those of the README and python/README.md.

A network with the embedded weights stands in for timm's, whose weights would have to be fetched.
"""

import contextlib
import io
import os
import pathlib
import re
import shutil
import sys
import tempfile
import types
import unittest

import numpy as np
import torch
from torch import nn

import submask
from files import PROGRAM, ROOT, write_png
from onnx_test import export_base, has_onnx
from networks import ResNet20, pretrained_resnet20

sys.path.insert(0, str(ROOT / "tests" / "serve"))
from server import Server  # noqa: E402

ADDRESS = "http://127.0.0.1:8080"


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


class OfTimm(ResNet20):
    """With timm's manners: a classifier fc, and a pretrained_cfg."""

    def __init__(self, classes):
        super().__init__()
        self.load_state_dict(pretrained_resnet20().state_dict())
        del self.linear
        self.fc = nn.Linear(64, classes)
        self.pretrained_cfg = {"architecture": "resnet20", "input_size": (3, 32, 32), "crop_pct": 1.0}
        self.pretrained_cfg.update(interpolation="bicubic", mean=(0.5,) * 3, std=(0.25,) * 3)

    def forward(self, x):
        return self.fc(self.features(x))


def create_model(name, pretrained, num_classes=10):
    return OfTimm(num_classes)


class Docs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        sys.modules["timm"] = timm = types.ModuleType("timm")
        timm.create_model = create_model
        self.addCleanup(sys.modules.pop, "timm")
        torch.manual_seed(0)
        self.names = ["cat", "dog", "bird"]
        self.loader = [(torch.randn(8, 3, 32, 32), torch.randint(0, 3, (8,))) for _ in range(2)]
        birds = create_model("resnet50", True, 3)
        optimizer = submask.MaskSGD(submask.param_groups(birds), score_start="normal", score_mean=0.1, score_std=0.1)
        submask.save_task(birds, optimizer, "birds.task", head=birds.fc, classes=self.names)

    def run_blocks(self, code, namespace):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            for block in code:
                exec(compile(block, "the page", "exec"), namespace)
        return printed.getvalue()

    def namespace(self):
        weights = {name: np.array(tensor) for name, tensor in pretrained_resnet20().state_dict().items()}
        images = self.loader[0][0]
        return {"names": self.names, "loader": self.loader, "images": images, "weights": weights}

    def test_every_block_of_the_page_runs(self):
        page = blocks("docs/python.md")
        self.assertGreaterEqual(len(page), 9)
        if has_onnx():
            export_base(create_model("resnet50", True), "base.onnx")
        else:
            page = [block for block in page if "onnx" not in block]
        asking = next(block for block in page if ADDRESS in block)
        if PROGRAM is None:
            printed = self.run_blocks([block for block in page if block is not asking], self.namespace())
        else:
            os.mkdir("served")
            shutil.copy("birds.task", "served/pets.task")
            for index, file in enumerate(("photo.jpg", "cat1.jpg", "cat2.jpg", "dog1.jpg", "dog2.jpg")):
                write_png(pathlib.Path(file), np.full((32, 32, 3), 50 * index, np.uint8))
            with Server(PROGRAM, "--backbone", "resnet20", "--tasks", "served", "--grace-s", "0") as server:
                here = [block.replace(ADDRESS, server.url) for block in page]
                printed = self.run_blocks(here, self.namespace())
            self.assertEqual(submask.load_task("cats.task").classes, ["cat", "dog"])
        self.assertIn("['cat', 'dog', 'bird'] torch.Size([8, 3])", printed)
        self.assertIn("expected conv1.weight of shape 16x3x3x3, got none", printed)
        self.assertLessEqual(len((ROOT / "docs/python.md").read_text().splitlines()), 150)

    def test_the_readmes_blocks_run(self):
        for page in ("README.md", "python/README.md"):
            namespace = self.namespace()
            namespace["model"] = create_model("resnet50", True, 3)
            namespace["other_model"] = create_model("resnet50", True)
            code = blocks(page)
            self.assertTrue(code, page)
            self.run_blocks(["import submask", *code], namespace)
            self.assertEqual(submask.load_task("pets.task").classes, self.names)


if __name__ == "__main__":
    unittest.main()
