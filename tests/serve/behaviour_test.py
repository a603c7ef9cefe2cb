"""What a server does, as its users see it.

    python3 behaviour_test.py SUBMASK FOLDER_OF_TASKS   # where a.task, b.task and c.cascade are
"""

import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from server import Server, soon, striped

program, made_tasks = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
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


class ServeTest(unittest.TestCase):
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

    # Answers

    def test_says_what_predict_says(self):
        server = self.serve()
        self.assertEqual((server.tasks, server.backbone), (3, "resnet20"))
        files = {name: self.tasks / name for name in ("a.task", "b.task", "c.cascade")}
        expected = predicted(files.values(), image)
        for file, path in files.items():
            answer = server.predict(path.stem, image, "?top=100").json()
            self.assertEqual((answer["task"], answer["model_version"]), (path.stem, version_of(path)))
            self.assert_answer(answer, expected[file])

    def test_says_it_bit_for_bit_without_batches(self):
        server = self.serve("--max-batch", 1)
        for name, expected in predicted([self.tasks / "a.task", self.tasks / "b.task"], image).items():
            answer = server.predict(name.removesuffix(".task"), image, "?top=100").json()
            self.assertEqual({each["label"]: each["score"] for each in answer["predictions"]}, expected)

    def test_answers_several_images_and_tasks(self):
        server = self.serve()
        alone = {(task, each): server.predict(task, each, "?top=100").json()["predictions"]
                 for task in ("a", "b") for each in (image, other_image)}
        files = [("image", "x.png", image), ("image", "y.png", other_image)]
        results = server.post_form("/v1/predict?tasks=b,a&top=100", files).json()["results"]
        self.assertEqual([(r["task"], r["image"]) for r in results],
                         [("b", "x.png"), ("b", "y.png"), ("a", "x.png"), ("a", "y.png")])
        for result in results:
            expected = alone[result["task"], image if result["image"] == "x.png" else other_image]
            self.assert_answer(result, {each["label"]: each["score"] for each in expected})
        everything = server.ask("POST", "/v1/predict?tasks=*&top=1", image).json()["results"]
        self.assertEqual([r["task"] for r in everything], ["a", "b", "c"])
        self.assertEqual([len(r["predictions"]) for r in everything], [1, 1, 1])

    def test_one_bad_image_or_task_harms_no_other(self):
        server = self.serve()
        files = [("image", "x.png", image), ("image", "bad.png", b"no image")]
        good, bad = server.post_form("/v1/tasks/a/predict", files).json()["results"]
        self.assertEqual(good["image"], "x.png")
        self.assertEqual(bad["status"], 400)
        self.assertRegex(bad["error"], "expected a JPEG.*got a file that begins with.*in bad.png")
        good, missing = server.ask("POST", "/v1/predict?tasks=a,nope", image).json()["results"]
        self.assertIn("predictions", good)
        self.assertEqual((missing["task"], missing["status"]), ("nope", 404))

    def test_takes_compressed_bodies(self):
        server = self.serve()
        answer = server.predict("a", gzip.compress(image), **{"Content-Encoding": "gzip"})
        self.assertEqual(answer.json()["predictions"], server.predict("a", image).json()["predictions"])
        self.assertEqual(server.predict("a", image, **{"Content-Encoding": "gzip"}).status, 400)
        self.assertEqual(server.predict("a", image, **{"Content-Encoding": "br"}).status, 415)

    def test_lists_and_describes_tasks(self):
        server = self.serve()
        listed = server.get("/v1/tasks?sort=-name&limit=2").json()
        self.assertEqual((listed["matching"], [t["task"] for t in listed["tasks"]]), (3, ["c", "b"]))
        self.assertEqual([t["task"] for t in server.get("/v1/tasks?search=A").json()["tasks"]][:1], ["a"])
        self.assertEqual(server.get("/v1/tasks?offset=7").json()["tasks"], [])
        out = subprocess.run([program, "inspect", self.tasks / "a.task", "--json"], capture_output=True, text=True,
                             check=True).stdout
        shown, inspected = server.get("/v1/tasks/a").json(), json.loads(out)
        self.assertEqual({key: shown[key] for key in inspected}, inspected)
        self.assertEqual(server.get("/v1/tasks/c").json()["kind"], "cascade")
        self.assertEqual(server.get("/v1/tasks/a").json()["state"], "file")
        server.predict("a", image)
        self.assertEqual(server.get("/v1/tasks/a").json()["state"], "weights")

    # Refusals

    def test_refuses_with_a_line(self):
        server = self.serve("--pixel-limit", 5000)
        for method, path, body, status, line in (
                ("GET", "/v1/tasks/nope", None, 404, "expected a task that is served, got 'nope'"),
                ("GET", "/v1/tasks/..%2f..%2fetc%2fpasswd", None, 404, "expected a task that is served"),
                ("GET", "/v1/tasks/" + "x" * 10_000, None, 404, "expected a task that is served"),
                ("GET", "/v1/tasks?limit=-1", None, 400, "expected limit of 0 to 1000, got '-1'"),
                ("GET", "/v1/tasks?sort=size", None, 400, "expected sort="),
                ("GET", "/v1/tasks?search=%", None, 400, "expected a query that decodes"),
                ("GET", "/nope", None, 404, "expected a path of /openapi.json, got '/nope'"),
                ("PUT", "/v1/tasks", None, 405, "expected GET, got 'PUT'"),
                ("POST", "/v1/tasks/a/predict", b"", 400, "expected an image as the body, got none"),
                ("POST", "/v1/tasks/a/predict", b"GIF89a", 400, "GIF"),
                ("POST", "/v1/tasks/a/predict", striped(3, True)[:60], 400, "expected"),
                ("POST", "/v1/tasks/a/predict?top=0", image, 400, "expected top of 1 to"),
                ("POST", "/v1/predict", image, 400, "expected tasks=NAME,NAME"),
                ("POST", "/v2/models/a/infer", b"{}", 400, 'expected a list as "inputs", got none'),
                ("POST", "/v2/models/a/versions/0/infer", b"{}", 404, "expected version"),
                ("GET", "/v1/examples/x.png", None, 404, "expected an example"),
                ("GET", "/page/nope.js", None, 404, "expected a file of the page")):
            with self.subTest(path=path[:40]):
                answer = server.ask(method, path, body)
                self.assertEqual(answer.status, status)
                self.assertIn(line, answer.error())
                self.assertNotIn("\n", answer.error())
        self.assertIn("expected the fields image and task, got 'photo'",
                      server.post_form("/v1/tasks/a/predict", [("photo", "x", image)]).error())
        large = bytearray(striped(3, True))
        large[16:24] = (100_000).to_bytes(4, "big") * 2
        self.assertEqual(server.predict("a", bytes(large)).status, 400)
        self.assertEqual(server.predict("a", image).status, 200)

    def test_refuses_strangers(self):
        server = self.serve("--cors", "https://good.example")
        for headers, status in (({"Host": "evil.example"}, 403), ({"Host": f"localhost:{server.port}"}, 200),
                                ({"Host": "127.0.0.1.evil.example"}, 403), ({"Origin": "https://evil.example"}, 403),
                                ({"Origin": "null"}, 403), ({"Origin": f"http://127.0.0.1:{server.port}"}, 200),
                                ({"Origin": "https://good.example"}, 200)):
            answer = server.ask("GET", "/v1/tasks", headers=headers)
            self.assertEqual(answer.status, status, headers)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"],
                             "https://good.example" if "good" in headers.get("Origin", "") else None)
        asked = server.ask("OPTIONS", "/v1/predict", headers={"Origin": "https://good.example"})
        self.assertEqual((asked.status, asked.headers["Access-Control-Allow-Methods"]), (204, "GET, POST"))
        for options, line in ((("--host", "0.0.0.0"), "expected --keys FILE, or --open"),
                              (("--cors", "good.example"), "expected --cors as https://example.org"),
                              (("--tls-cert", "/dev/null"), "expected a certificate and its private key"),
                              (("--memory", 1000), "expected --memory of at least"),
                              (("--pin", "nope"), "expected a task that is served, got 'nope'"),
                              (("--port", server.port), "expected to listen at")):
            ended = subprocess.run([program, "serve", "--backbone", "resnet20", "--tasks", self.tasks, "--port", "0",
                                    *map(str, options)], capture_output=True, text=True)
            self.assertIn(ended.returncode, (2, 4), options)
            self.assertRegex(ended.stderr, f"^submask: {line}[^\n]*\n$")
            self.assertEqual(ended.stdout, "")

    def test_asks_for_keys(self):
        keys = self.scratch / "keys"

        def write(**roles):
            keys.write_text("".join(f"{hashlib.sha256(key.encode()).hexdigest()} {role} {key}-name\n"
                                    for key, role in roles.items()))

        def status(path, key, method="GET", **more):
            return server.ask(method, path, headers={"Authorization": f"Bearer {key}"}, **more).status

        write(alice="read", root="admin")
        server = self.serve("--keys", keys, "--host", "0.0.0.0", "--access-log", self.scratch / "log")
        self.assertEqual(server.get("/v1/tasks").status, 401)
        self.assertEqual(server.get("/v1/tasks").headers["WWW-Authenticate"], "Bearer")
        self.assertEqual([status("/v1/tasks", key) for key in ("alice", "root", "Alice", "")], [200, 200, 401, 401])
        self.assertEqual([server.get(path).status for path in ("/", "/v2/health/ready", "/openapi.json")], [200] * 3)
        self.assertEqual(set(server.get("/v1/server").json()), {"version", "backbone", "needs_key", "role"})
        unload = "/v2/repository/models/a/unload"
        self.assertEqual([status(unload, key, "POST") for key in ("alice", "root")], [403, 200])
        self.assertEqual(status("/v1/tasks/a/predict", "alice", "POST", body=image), 404)
        self.assertEqual(status("/v2/repository/models/a/load", "root", "POST"), 200)
        self.assertEqual(status("/v1/tasks/a/predict", "alice", "POST", body=image), 200)
        write(bob="read")
        self.assertTrue(soon(lambda: status("/v1/tasks", "alice") == 401))
        self.assertEqual(status("/v1/tasks", "bob"), 200)
        keys.write_text("broken\n")
        server.tell(signal.SIGHUP)
        self.assertTrue(soon(lambda: "goes on with the earlier keys" in server.said()))
        self.assertEqual(status("/v1/tasks", "bob"), 200)
        lines = [json.loads(line) for line in (self.scratch / "log").read_text().splitlines()]
        self.assertIn("alice-name", [line.get("key") for line in lines])
        self.assertNotIn("Bearer", (self.scratch / "log").read_text())

    def test_bounds_rates(self):
        server = self.serve("--rate", 5)
        statuses = [server.get("/v1/tasks").status for _ in range(20)]
        self.assertGreaterEqual(statuses.count(200), 5)
        self.assertIn(429, statuses)
        self.assertEqual(server.get("/v2/health/ready").status, 200)

    def test_refuses_what_finds_no_room(self):
        server = self.serve("--max-queue-bytes", 1 << 20, "--timeout-s", 20)
        answer = server.ask("POST", "/v1/tasks/a/predict", bytes(2 << 20))
        self.assertEqual((answer.status, "expected a body of at most" in answer.error()), (413, True))
        self.assertEqual(server.predict("a", image).status, 200)

    def test_one_client_cannot_hold_up_others(self):
        """Bodies that say nothing, small files of many pixels, compressed ones, stars, lessons that take long."""
        server = self.serve()
        bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
        refused = server.ask("GET", "/v2/health/live", bomb, {"Content-Encoding": "gzip, gzip"})
        self.assertEqual((refused.status, refused.error()), (400, "expected no body with GET, got one"))
        self.assertEqual(server.predict("a", gzip.compress(bytes(100_000_000)), **{"Content-Encoding": "gzip"}).status, 400)
        self.assertEqual(server.ask("POST", "/v1/predict?tasks=*,*", image).status, 400)
        many = [("image", str(i), image) for i in range(300)]
        self.assertEqual(server.post_form("/v1/tasks/a/predict", many).status, 400)
        lesson = [(f"image:{i}", "x", image) for i in range(90)]
        slow = threading.Thread(target=lambda: server.post_form("/v1/teach?probe=lp&timeout_ms=1500", lesson))
        slow.start()
        time.sleep(.5)
        start = time.monotonic()
        self.assertEqual(server.predict("a", image).status, 200)
        self.assertLess(time.monotonic() - start, 5)
        slow.join()

    def test_a_task_of_a_name_is_saved_once(self):
        keys = self.scratch / "keys"
        keys.write_text(hashlib.sha256(b"root").hexdigest() + " admin\n")
        server, key = self.serve("--keys", keys), {"Authorization": "Bearer root"}
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(
            server.post_form("/v1/teach?name=once&probe=lp", self.lesson(), key).status)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [200, 409, 409, 409])
        (self.tasks / "link.task").symlink_to(self.scratch / "outside.task")
        self.assertEqual(server.post_form("/v1/teach?name=link", self.lesson(), key).status, 409)
        self.assertFalse((self.scratch / "outside.task").exists())
        self.assertEqual(server.post_form(f"/v1/teach?name={'x' * 250}", self.lesson(), key).status, 400)
        self.assertEqual([path.name for path in self.tasks.iterdir() if path.name.endswith(".taught")], [])

    def test_reads_no_file_without_end(self):
        for name in ("huge.task", ".submask-serve.json"):
            with open(self.tasks / name, "wb") as file:
                file.truncate(1 << 41)
        server = self.serve()
        self.assertTrue(soon(lambda: server.get("/v1/server").json()["unchecked"] == 0))
        huge = next(t for t in server.get("/v1/tasks").json()["tasks"] if t["task"] == "huge")
        self.assertRegex(huge["error"], "expected a file of at most .* got 2199023255552, in huge.task")
        self.assertEqual(server.predict("a", image).status, 200)

    def test_ends_though_nobody_reads_its_log(self):
        log = self.scratch / "log"
        os.mkfifo(log)
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        server = self.serve("--access-log", log)
        for _ in range(800):  # more than a pipe holds
            server.get("/v2")
        self.assertEqual(server.end(timeout=20), 0)

    # Files

    def test_serves_what_comes_and_forgets_what_goes(self):
        server = self.serve()
        shutil.copy(self.tasks / "a.task", self.tasks / "new.task")
        self.assertTrue(soon(lambda: server.predict("new", image).status == 200))
        (self.tasks / "new.task").unlink()
        self.assertTrue(soon(lambda: server.predict("new", image).status == 404))

    def test_keeps_the_last_good_version(self):
        server = self.serve()
        good = server.predict("a", image, "?top=100").json()
        broken = self.tasks / "a.task.part"
        broken.write_bytes((self.tasks / "a.task").read_bytes()[:-100])
        broken.rename(self.tasks / "a.task")

        def listed():
            return next(t for t in server.get("/v1/tasks").json()["tasks"] if t["task"] == "a")
        self.assertTrue(soon(lambda: "error" in listed()))
        self.assertEqual(server.predict("a", image, "?top=100").json()["model_version"], good["model_version"])
        shutil.copy(self.tasks / "b.task", broken)
        broken.rename(self.tasks / "a.task")
        new = version_of(self.tasks / "b.task")
        self.assertTrue(soon(lambda: server.predict("a", image).json()["model_version"] == new))
        self.assertNotIn("error", listed())

    def test_refuses_files_of_other_backbones_and_names(self):
        (self.tasks / "text.task").write_text("no task")
        (self.tasks / "a.cascade").write_bytes((self.tasks / "c.cascade").read_bytes())
        (self.tasks / "..task").write_text("hidden")
        server = self.serve()
        self.assertTrue(soon(lambda: server.get("/v1/server").json()["unchecked"] == 0))
        index = {(m["name"], m["state"]): m["reason"] for m in
                 server.ask("POST", "/v2/repository/index", b"{}").json()}
        self.assertIn("text.task", index["text", "UNAVAILABLE"])
        self.assertIn("got a task and a cascade", index["a", "UNAVAILABLE"])
        self.assertEqual(server.predict("text", image).status, 404)

    def test_starts_again_from_its_index(self):
        time.sleep(2.1)  # the index keeps files that are older
        server = self.serve()
        self.assertTrue(soon(lambda: server.get("/v1/server").json()["unchecked"] == 0))
        server.end()
        self.assertTrue((self.tasks / ".submask-serve.json").is_file())
        server = self.serve()
        self.assertEqual(server.get("/v1/server").json()["unchecked"], 0)
        self.assertEqual(server.predict("a", image).status, 200)

    def test_kill_harms_nothing(self):
        before = {path.name: path.read_bytes() for path in self.tasks.glob("*.[tc]*")}
        server = self.serve()
        threads = [threading.Thread(target=lambda: self.ask_until_dead(server)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(.5)
        server.end(signal.SIGKILL)
        for thread in threads:
            thread.join()
        self.assertEqual({path.name: path.read_bytes() for path in self.tasks.glob("*.[tc]*")}, before)
        self.assertEqual(self.serve().predict("a", image).status, 200)

    @staticmethod
    def ask_until_dead(server):
        with contextlib.suppress(OSError, Exception):
            while True:
                server.predict("a", image)

    # Ends

    def test_drains(self):
        server = self.serve("--grace-s", 1)
        statuses = []

        def ask():
            while True:
                try:
                    statuses.append(server.predict("a", image).status)
                except ConnectionRefusedError:
                    return
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(.3)
        server.tell(signal.SIGTERM)
        self.assertTrue(soon(lambda: server.get("/v2/health/ready").status == 503, 1))
        self.assertEqual(server.get("/v2/health/live").json(), {"live": True, "ready": False})
        self.assertEqual(server.process.wait(30), 0)
        for thread in threads:
            thread.join()
        self.assertGreater(len(statuses), 5)
        self.assertEqual(set(statuses), {200})

    def test_ends_at_once_when_told_twice_or_by_hand(self):
        self.assertEqual(self.serve("--grace-s", 600).end(signal.SIGINT, 10), 0)
        server = self.serve("--grace-s", 600)
        server.tell(signal.SIGTERM)
        self.assertTrue(soon(lambda: server.get("/v2/health/ready").status == 503))
        self.assertEqual(server.end(signal.SIGTERM, 10), 0)

    def test_answers_while_another_is_silent(self):
        server = self.serve()
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        for each in silent:
            each.sendall(b"POST /v1/tasks/a/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc")
        self.assertEqual(server.predict("a", image).status, 200)
        for each in silent:
            each.close()

    # Teaching

    def lesson(self):
        return [(f"image:{label}", f"{i}.png", striped(3 + i % 2, down=label == "down", shade=150 + 20 * i))
                for i in range(5) for label in ("down", "across")]

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
        self.assertEqual(server.post_form("/v1/teach?name=x", self.lesson(), key).status, 409)
        self.assertEqual(server.post_form("/v1/teach?name=..%2fy", self.lesson(), key).status, 400)
        self.assertFalse((self.scratch / "y.task").exists())

    def test_refuses_lessons_that_are_none(self):
        server = self.serve()
        for parts, line in (([("image:a", "1", image)], "images of two classes or more, got 1"),
                            ([("image", "1", image)], "expected the fields image:LABEL, got 'image'"),
                            ([("image:", "1", image)], "expected a label of 1 to 200 printable bytes"),
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


if __name__ == "__main__":
    os.environ.pop("SUBMASK_ASSETS", None)
    unittest.main()
