"""A task as a folder for the hub, and a server's client. Neither needs torch."""

import hashlib
import json
import shutil
import sys
import unittest

import numpy as np

import submask
from files import GOLDEN, InAFolder, PROGRAM, ROOT, write_png

sys.path.insert(0, str(ROOT / "tests" / "serve"))
from server import Server  # noqa: E402


class Hub(InAFolder):
    def setUp(self):
        super().setUp()
        self.folder = self.folder / "clothes"

    def test_a_folder_goes_there_and_back(self):
        submask.save_pretrained(
            GOLDEN / "embedded_small.task",
            self.folder,
            base_model="me/resnet20",
            tags=["clothes"],
            metrics={"accuracy": 0.5},
        )
        self.assertEqual(sorted(file.name for file in self.folder.iterdir()), ["README.md", "config.json", "mask.task"])
        task = submask.from_pretrained(self.folder)
        self.assertEqual(task.to_bytes(), (GOLDEN / "embedded_small.task").read_bytes())
        config = json.loads((self.folder / "config.json").read_text())
        self.assertEqual(config["weights_identity"], task.description["weights_identity"])
        card = (self.folder / "README.md").read_text()
        head = card.split("---\n")[1]
        for line in (
            "library_name: submask",
            'base_model: "me/resnet20"',
            '- "clothes"',
            '    - type: "accuracy"',
            "      value: 0.5",
        ):
            self.assertIn(line + "\n", head)
        self.assertIn(f"{100 * task.description['masked_fraction']:.1f} %", card)

    def test_the_card_is_yaml(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("no yaml")
        submask.save_pretrained(GOLDEN / "embedded_small.task", self.folder, tags=['a: "b"'], metrics={"accuracy": 0.5})
        read = yaml.safe_load((self.folder / "README.md").read_text().split("---\n")[1])
        self.assertIn('a: "b"', read["tags"])
        self.assertEqual(read["model-index"][0]["results"][0]["metrics"], [{"type": "accuracy", "value": 0.5}])

    def test_refusals(self):
        with self.assertRaisesRegex(submask.InvalidArgument, "a task without a parent"):
            submask.save_pretrained(GOLDEN / "embedded_child.task", self.folder)
        with self.assertRaisesRegex(submask.FileError, "config.json"):
            submask.from_pretrained(GOLDEN)
        submask.save_pretrained(GOLDEN / "embedded_small.task", self.folder)
        for config in ('{"task_file": "../mask.task"}', '{"task_file": 3}', "[]", "no JSON"):
            (self.folder / "config.json").write_text(config)
            with self.assertRaisesRegex(submask.CorruptFile, "expected .*task_file.*config.json"):
                submask.from_pretrained(self.folder)


@unittest.skipIf(PROGRAM is None, "no program")
class Clients(InAFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "tasks").mkdir()
        shutil.copy(GOLDEN / "embedded_small.task", self.folder / "tasks" / "clothes.task")
        shutil.copy(GOLDEN / "embedded_fast.task", self.folder / "tasks" / "fast.task")
        rng = np.random.default_rng(0)
        self.images = []
        for index in range(4):
            self.images.append(self.folder / f"{index}.png")
            write_png(self.images[-1], rng.integers(0, 100, (32, 32, 3), np.uint8) + np.uint8(150 * (index % 2)))

    def test_asks_and_teaches(self):
        with Server(PROGRAM, "--backbone", "resnet20", "--tasks", self.folder / "tasks", "--grace-s", "0") as server:
            client = submask.Client(server.url)
            self.assertEqual([task["task"] for task in client.tasks()], ["clothes", "fast"])
            self.assertEqual([task["task"] for task in client.tasks("cloth")], ["clothes"])
            self.assertEqual(client.task("clothes")["backbone"], "resnet20")
            self.assertIn("version", json.dumps(client.server()))
            one = client.predict("clothes", self.images[0], top=2)
            self.assertEqual(len(one["predictions"]), 2)
            several = client.predict_all("clothes", [file.read_bytes() for file in self.images])
            self.assertEqual(len(several), 4)
            best = several[0]["predictions"][0]
            self.assertEqual(best["label"], one["predictions"][0]["label"])
            self.assertAlmostEqual(best["score"], one["predictions"][0]["score"], delta=1e-5)
            self.assertEqual(
                client.predict_all("clothes", self.images[:1])[0]["predictions"][0]["label"], best["label"]
            )
            both = client.predict_by(["clothes", "fast"], self.images[0])
            self.assertEqual([answer["task"] for answer in both], ["clothes", "fast"])
            self.assertEqual(len(client.predict_by(["*"], self.images[0])), 2)

            lesson = {'dark "x"': self.images[::2], "light": self.images[1::2]}
            task, accuracy = client.teach(lesson, task="clothes", probe="knn")
            self.assertEqual(task.classes, ['dark "x"', "light"])
            self.assertIn("bank", task.head())
            self.assertEqual(accuracy, 1.0)
            with self.assertRaisesRegex(submask.ServerError, "expected a key of the role admin"):
                client.teach_as("shades", lesson)

            with self.assertRaisesRegex(submask.ServerError, "expected .*nowhere") as refused:
                client.predict("nowhere", self.images[0])
            self.assertEqual(refused.exception.status, 404)
            with self.assertRaises(submask.ServerError) as refused:
                client.predict("clothes", b"no image")
            self.assertEqual(refused.exception.status, 400)
        with self.assertRaisesRegex(submask.Unavailable, f"expected a server at {server.url}, got"):
            client.tasks()

    def test_keys(self):
        keys = self.folder / "keys"
        keys.write_text(f"{hashlib.sha256(b'open sesame').hexdigest()} admin me\n")
        with Server(PROGRAM, "--backbone", "resnet20", "--tasks", self.folder / "tasks", "--keys", keys) as server:
            with self.assertRaises(submask.ServerError) as refused:
                submask.Client(server.url).tasks()
            self.assertEqual(refused.exception.status, 401)
            client = submask.Client(server.url, key="open sesame")
            client.teach_as("shades", {"dark": self.images[::2], "light": self.images[1::2]}, task="clothes")
            self.assertEqual(client.predict("shades", self.images[1])["predictions"][0]["label"], "light")

    def test_an_address_without_http_is_refused(self):
        with self.assertRaisesRegex(submask.InvalidArgument, "begins with http:// or https://, got 'localhost:8080'"):
            submask.Client("localhost:8080")


if __name__ == "__main__":
    unittest.main()
