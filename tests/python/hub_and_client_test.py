"""A task as a folder for the hub, and a server's client. Neither needs torch."""

import hashlib
import json
import os
import shutil
import socketserver
import sys
import threading
import time
import unittest
from unittest import mock

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

    def test_names_stay_names_in_the_card(self):
        task = submask.load_task(GOLDEN / "embedded_small.task")
        said = task.description
        said["classes"] = ["x.\n\n# Owned\n<script>alert(1)</script>", "[click](http://evil)"]
        said["backbone"] = "a\n\n```python\nimport os\n```"
        with mock.patch.object(submask.Task, "description", said):
            submask.save_pretrained(task, self.folder)
        card = (self.folder / "README.md").read_text()
        self.assertIn(r"Classes: x. \# Owned \<script\>alert(1)\</script\>, \[click\](http://evil)." + "\n", card)
        self.assertEqual(card.count("\n```"), 2)
        self.assertEqual(card.count("\n# "), 1)

    def test_what_cannot_be_written_leaves_nothing(self):
        for options in (
            {"metrics": {"a": float("nan")}},
            {"metrics": {"a": "x"}},
            {"metrics": [1]},
            {"tags": "abc"},
            {"tags": [5]},
            {"base_model": 5},
            {"base_model": "\ud800"},
        ):
            with self.assertRaises(submask.InvalidArgument):
                submask.save_pretrained(GOLDEN / "embedded_small.task", self.folder, **options)
            self.assertFalse(self.folder.exists())
        submask.save_pretrained(GOLDEN / "embedded_small.task", self.folder, metrics={"a": np.float32(0.5)})
        before = sorted(self.folder.iterdir())
        with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
            with self.assertRaisesRegex(submask.FileError, "expected to write .*config.json, got No space left"):
                submask.save_pretrained(GOLDEN / "embedded_small.task", self.folder)
        self.assertEqual(sorted(self.folder.iterdir()), before)

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

    def test_images_are_bytes_or_paths(self):
        client = submask.Client("http://127.0.0.1:1")
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        for pattern, call in (
            ("a list of images of 'a', got bytes", lambda: client.teach({"a": bytes([reading])})),
            ("a list of images of 'a', got str", lambda: client.teach({"a": "photo.jpg"})),
            ("an image, a file's bytes or its path, got int", lambda: client.predict("x", reading)),
            ("a list of images, got str", lambda: client.predict_all("x", "photo.jpg")),
            ("at least one of images, got none", lambda: client.predict_all("x", [])),
            ("a list of names of tasks, got str", lambda: client.predict_by("ab", b"image")),
            ("the name of a task", lambda: client.task(None)),
            ("labels of one line", lambda: client.teach({"a\nb": [b"image"]})),
        ):
            with self.assertRaisesRegex(submask.InvalidArgument, pattern):
                call()
        os.fstat(reading)
        for path in ("nofile.jpg", self.folder):
            with self.assertRaisesRegex(submask.FileError, "expected an image .*(nofile|tmp)"):
                client.predict("x", path)

    def test_addresses_and_keys(self):
        for url in (5, "http://", "http://[::", "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://a b"):
            with self.assertRaisesRegex(submask.InvalidArgument, "expected an address"):
                submask.Client(url)
        for key in ("a\r\nX: y", "\u65e5", b"a"):
            with self.assertRaisesRegex(submask.InvalidArgument, "a key of one line in ASCII, got another"):
                submask.Client("http://127.0.0.1:1", key=key)
        for timeout in (-1, "x", float("nan")):
            with self.assertRaisesRegex(submask.InvalidArgument, "a timeout of seconds"):
                submask.Client("http://127.0.0.1:1", timeout_s=timeout)

    def test_an_address_without_http_is_refused(self):
        with self.assertRaisesRegex(submask.InvalidArgument, "begins with http:// or https://, got 'localhost:8080'"):
            submask.Client("localhost:8080")


class Liars(unittest.TestCase):
    """Servers that are none of ours."""

    def serve(self, answer):
        """The address of a server that says these bytes, and what it was asked."""
        asked = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                asked.append(self.request.recv(65536))
                pieces = [answer] if isinstance(answer, bytes) else answer
                try:
                    for piece in pieces:
                        self.request.sendall(piece)
                except OSError:  # the client has gone
                    pass

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}", asked

    def said(self, body, status="200 OK", **headers):
        lines = {"Content-Length": len(body), "Connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin1") + body

    def test_the_key_does_not_follow_a_redirect(self):
        other, asked = self.serve(self.said(b"{}"))
        for location in (f"{other}/x", "file:///etc/passwd", "http://[::x/"):
            url, _ = self.serve(self.said(b"", "302 Found", Location=location))
            with self.assertRaisesRegex(submask.ServerError, "expected an answer, got a redirect to") as refused:
                submask.Client(url, key="secret").tasks()
            self.assertEqual(refused.exception.status, 302)
        self.assertEqual(asked, [])

    def test_what_is_no_answer(self):
        for answer in (
            b"",
            b"SSH-2.0-x\r\n",
            self.said(b"{nope"),
            self.said(b"\xff\xfe"),
            self.said(b"[" * 100000),
            self.said(b"[1]"),
            self.said(b'{"tasks": 5, "matching": 9}'),
            self.said(b'{"tasks": [1]}'),
            self.said(b'{"results": 5}'),
            self.said(b'{"results": []}'),
            self.said(b'{"a": 1}', **{"Content-Length": 999}),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100000 + b"\r\n\r\n",
        ):
            with self.subTest(answer[:60]):
                client = submask.Client(self.serve(answer)[0], timeout_s=5)
                for call in (client.tasks, lambda: client.predict("x", b"image")):
                    with self.assertRaisesRegex(submask.Unavailable, "expected a server at http"):
                        call()
                with self.assertRaises(submask.Error):
                    client.teach({"a": [b"image"]})

    def test_refusals_of_any_form(self):
        for body, headers in (
            (b"<html>", {}),
            (b"[]", {}),
            (b"[" * 100000, {}),
            (b"{}", {"Retry-After": "\xb2"}),
        ):
            url, _ = self.serve(self.said(body, "503 Busy", **headers))
            with self.assertRaisesRegex(submask.ServerError, "expected an answer, got 503 Busy") as refused:
                submask.Client(url).tasks()
            self.assertIsNone(refused.exception.retry_after_s)

    def test_an_answer_has_an_end(self):
        def drops():
            yield self.said(b"", **{"Content-Length": 1000})
            for _ in range(50):
                yield b" "
                time.sleep(0.1)

        start = time.monotonic()
        with self.assertRaisesRegex(submask.Unavailable, "no whole answer in time"):
            submask.Client(self.serve(drops())[0], timeout_s=0.5).tasks()
        self.assertLess(time.monotonic() - start, 4)
        with mock.patch("submask._client._most_bytes", 1 << 20):
            endless = self.said(b" " * (1 << 22))
            with self.assertRaisesRegex(submask.Unavailable, "more than 1048576 bytes"):
                submask.Client(self.serve(endless)[0]).tasks()


if __name__ == "__main__":
    unittest.main()
