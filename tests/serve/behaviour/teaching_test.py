"""Tasks that are learned of a few images, and what a server tells of itself."""

import hashlib
import json
import os
import subprocess

from serve_case import ServeCase, image, other_image, predicted, program, version_of
from server import striped


class Teaching(ServeCase):
    def test_teaches(self):
        server = self.serve()
        for query in ("?probe=knn", "?probe=lp", "?task=a&probe=knn", "?task=a&probe=lp"):
            with self.subTest(query=query):
                answer = server.post_form("/v1/teach" + query, self.lesson())
                self.assertEqual(answer.status, 200, answer.body)
                self.assertGreaterEqual(float(answer.headers["X-Submask-Accuracy"]), .8)
                file = self.scratch / "taught.task"
                file.write_bytes(answer.body)
                self.assertEqual(answer.headers["X-Submask-Version"], version_of(file))
                asked = striped(3, down=True, shade=180)
                expected = predicted([file], asked)["taught.task"]
                self.assertEqual(max(expected, key=expected.get), "down")
                tried = server.post_form("/v1/predict?neighbours=1",
                                         [("task", "mine.task", answer.body), ("image", "x.png", asked)])
                result = tried.json()["results"][0]
                self.assertEqual(result["task"], "mine")
                self.assert_answer(result, expected)
                if "knn" in query:
                    many = server.post_form("/v1/predict?neighbours=10",
                                            [("task", "mine.task", answer.body), ("image", "x.png", asked)])
                    self.assertEqual(len(many.json()["results"][0]["neighbours"]), 5)  # as many as vote
                    self.assertEqual(result["neighbours"][0]["label"], "down")
                    self.assertEqual(result["neighbours"][0]["row"] % 2, 0)

    def test_saves_what_it_was_taught_with_an_admin_key(self):
        self.assertEqual(self.serve().post_form("/v1/teach?name=x", self.lesson()).status, 403)
        keys = self.scratch / "keys"
        keys.write_text(hashlib.sha256(b"root").hexdigest() + " admin\n")
        server, key = self.serve("--keys", keys), {"Authorization": "Bearer root"}
        saved = server.post_form("/v1/teach?name=x&probe=knn", self.lesson(), key)
        self.assertEqual(saved.status, 200, saved.body)
        self.assertEqual(saved.json()["model_version"], version_of(self.tasks / "x.task"))
        self.assertEqual(server.predict("x", image, Authorization="Bearer root").json()["model_version"],
                         saved.json()["model_version"])
        shown = server.ask("GET", "/v1/tasks/x", headers=key).json()
        inspected = json.loads(subprocess.run([program, "inspect", self.tasks / "x.task", "--json"], capture_output=True,
                                              text=True, check=True).stdout)
        self.assertEqual({name: shown[name] for name in inspected}, inspected)
        self.assertEqual(inspected["accuracy"], inspected["provenance"]["fit"]["accuracy"])
        self.assertEqual(server.post_form("/v1/teach?name=x", self.lesson(), key).status, 409)
        self.assertEqual(server.post_form("/v1/teach?name=..%2fy", self.lesson(), key).status, 400)
        self.assertFalse((self.scratch / "y.task").exists())

    def test_saves_beside_what_is_there(self):
        keys = self.scratch / "keys"
        keys.write_text(hashlib.sha256(b"root").hexdigest() + " admin\n")
        server, key = self.serve("--keys", keys), {"Authorization": "Bearer root"}
        for number in range(3):  # as a server in another container has it that saves into this folder
            (self.tasks / f".{server.process.pid}-{number}.taught").write_bytes(b"another's")
        before = self.task_files()
        taken = server.post_form("/v1/teach?name=c", self.lesson(), key)  # a cascade's name
        self.assertEqual((taken.status, taken.error()), (409, "expected the name of a new task, got 'c'"))
        self.assertEqual(self.task_files(), before)
        self.assertEqual(server.post_form("/v1/teach?name=x", self.lesson(), key).status, 200)
        self.assertEqual(self.task_files(), sorted([*before, "x.task"]))
        self.assertEqual({path.read_bytes() for path in self.tasks.glob(".*.taught")}, {b"another's"})

    def task_files(self):
        return sorted(path.name for path in self.tasks.iterdir() if not path.name.startswith(".submask-serve"))

    def test_judges_no_class_of_one_image(self):
        server = self.serve()
        answer = server.post_form("/v1/teach", [("image:a", "1", image), ("image:b", "2", other_image)])
        self.assertEqual(answer.status, 200, answer.body)
        self.assertNotIn("X-Submask-Accuracy", answer.headers)
        answer = server.post_form("/v1/teach", [*self.lesson(), ("image:alone", "1", image)])
        self.assertGreaterEqual(float(answer.headers["X-Submask-Accuracy"]), .8)

    def test_removes_what_a_killed_server_was_saving(self):
        old, new = self.tasks / ".7-1.taught.unfinished", self.tasks / ".8-1.taught"
        for each in (old, new):
            each.write_bytes(b"half")
        os.utime(old, (0, 0))
        self.serve()
        self.assertEqual((old.exists(), new.exists()), (False, True))

    def test_refuses_lessons_that_are_none(self):
        server = self.serve()
        self.assertEqual(server.ask("POST", "/v1/teach", b"x", {"Content-Type": "image/png"}).status, 415)
        self.assertIn("'probe', which belongs in the query", server.post_form("/v1/teach", [("probe", None, b"lp")]).error())
        for parts, line in (([("image:a", "1", image)], "images of two classes or more, got 1"),
                            ([("image", "1", image)], "expected the fields image:LABEL, got 'image'"),
                            ([("image:", "1", image)], "expected a label of 1 to 200 printable bytes"),
                            ([("image:\udcff", "1", image)], "bytes of UTF-8, got"),
                            ([("image:a", "1", image), ("image:b", "2", b"no image")], "expected a JPEG")):
            answer = server.post_form("/v1/teach", parts)
            self.assertEqual(answer.status, 400)
            self.assertIn(line, answer.error())
        self.assertEqual(server.post_form("/v1/teach?task=c", self.lesson()).status, 400)
        self.assertEqual(server.post_form("/v1/teach?probe=x", self.lesson()).status, 400)

    def test_tells_what_it_does(self):
        examples = self.scratch / "examples"
        examples.mkdir()
        (examples / "1.png").write_bytes(image)
        (examples / "text.txt").write_text("x")
        server = self.serve("--examples", examples)
        server.predict("a", image)
        told = server.get("/v1/server").json()
        self.assertEqual((told["tasks"], told["examples"], told["answers"]["answered"]), (3, ["1.png"], 1))
        self.assertEqual(server.get("/v1/examples/1.png").body, image)
        self.assertEqual(server.get("/v1/examples/text.txt").status, 404)
        self.assertLessEqual(told["memory"]["bytes"], told["memory"]["most_bytes"])
        self.assertIn('submask_requests_total{route="/v1/tasks/{task}/predict",status="200"} 1',
                      server.get("/metrics").body.decode())
        self.assertEqual(server.ask("HEAD", "/v1/tasks").body, b"")
