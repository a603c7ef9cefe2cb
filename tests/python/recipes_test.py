"""Runs the recipes of examples/python/ as their readers do, each in an empty folder, and looks at what they learned.

A recipe whose packages are not there is left out, with a line that says so; tools/nightly python has all of them. That
of torch.compile is left out without SUBMASK_SLOW_RECIPES, as compiling takes most of a minute.
"""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import torch

import submask
from files import ROOT

RECIPES = ROOT / "examples" / "python"
sys.path.insert(0, str(RECIPES))
import stripes  # noqa: E402

CHANCE = 1 / len(stripes.CLASSES)
TWO_PROCESSES = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


class Recipes(unittest.TestCase):
    def need(self, name, *packages):
        for package in packages:
            if importlib.util.find_spec(package) is None:
                print(f"skipped: examples/python/{name}: no {package}, which tools/nightly python has")
                self.skipTest(f"no {package}")

    def run_recipe(self, name, task, packages=(), launcher=()):
        self.need(name, *packages)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, *launcher, str(RECIPES / name)],
                cwd=folder,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                capture_output=True,
                text=True,
            )
            self.assertEqual(done.returncode, 0, done.stderr[-4000:])
            learned = submask.load_task(pathlib.Path(folder) / task)
        self.assertEqual(learned.classes, stripes.CLASSES)
        self.assertGreater(learned.description["masked_fraction"], 0.01)
        # The file gives what was learned: a head over the weights as they were cannot (test_the_head_alone).
        accuracy = float(re.search(r"accuracy ([0-9.]+)$", done.stdout.strip()).group(1))
        self.assertGreater(accuracy, 0.9)
        return done.stdout

    def test_the_head_alone_does_not_learn_it(self):
        torch.manual_seed(0)
        model = stripes.SmallNetwork()
        optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1, momentum=0.9)
        images, labels = stripes.stripes(1000, seed=1)
        for _ in range(4):
            for rows in torch.randperm(len(images)).split(32):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
                optimizer.step()
        accuracy = stripes.accuracy(model, *stripes.stripes(1000, seed=2))
        self.assertGreater(accuracy, CHANCE)
        self.assertLess(accuracy, 0.6)

    def test_plain_loop(self):
        printed = self.run_recipe("plain_loop.py", "stripes.task")
        before = float(re.search(r"before: accuracy ([0-9.]+)", printed).group(1))
        self.assertAlmostEqual(before, CHANCE, delta=0.1)
        learned = re.search(r"learned: accuracy ([0-9.]+)", printed).group(1)
        self.assertIn(f"by the task's file: accuracy {learned}", printed)

    def test_timm(self):
        self.assertIn("test_resnet: accuracy", self.run_recipe("with_timm.py", "timm.task", ["timm"]))

    def test_ddp(self):
        printed = self.run_recipe("with_ddp.py", "ddp.task", launcher=TWO_PROCESSES)
        self.assertIn("2 processes have 1 network", printed)

    def test_lightning(self):
        self.assertIn("after 4 epochs", self.run_recipe("with_lightning.py", "lightning.task", ["lightning"]))

    def test_accelerate(self):
        self.run_recipe("with_accelerate.py", "accelerate.task", ["accelerate"])

    def test_trainer(self):
        printed = self.run_recipe("with_trainer.py", "trainer.task", ["transformers", "accelerate"])
        self.assertIn("after 128 steps", printed)

    def test_compile(self):
        if "SUBMASK_SLOW_RECIPES" not in os.environ:
            print("skipped: examples/python/with_compile.py: compiles for a minute, which tools/nightly python does")
            self.skipTest("slow")
        self.assertIn("compiled 1 graph", self.run_recipe("with_compile.py", "compiled.task"))

    def test_notebook(self):
        name = "fashion_mnist.ipynb"
        self.need(name, "nbclient", "ipykernel", "matplotlib", "safetensors")
        import nbclient
        import nbformat

        stored = nbformat.read(RECIPES / name, as_version=4)
        # Whoever looks at it without running it sees what a run from top to bottom gave.
        code = [cell for cell in stored.cells if cell.cell_type == "code"]
        self.assertEqual([cell.execution_count for cell in code], list(range(1, len(code) + 1)))
        self.assertLess((RECIPES / name).stat().st_size, 150_000)
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder) / "examples" / "python"
            place.mkdir(parents=True)
            (pathlib.Path(folder) / "assets").symlink_to(ROOT / "assets")
            nbclient.NotebookClient(stored, timeout=1800, resources={"metadata": {"path": str(place)}}).execute()
            learned = submask.load_task(place / "fashion.task")
        printed = "".join(output.text for cell in code for output in cell.outputs if output.output_type == "stream")
        accuracy = float(re.search(r"accuracy by the task file: ([0-9.]+)", printed).group(1))
        before = float(re.search(r"learned nothing: ([0-9.]+)", printed).group(1))
        self.assertGreater(accuracy, before + 0.4)
        self.assertIn("the network is as it was: True", printed)
        self.assertEqual(len(learned.units), 19)
        pictures = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
        self.assertEqual(len(pictures), 3)


if __name__ == "__main__":
    unittest.main()
