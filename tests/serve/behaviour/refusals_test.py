"""Whom and what a server refuses, and that one client cannot harm others."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import threading
import time

from serve_case import ServeCase, image, program
from server import soon, striped


def pixels(side):
    """An image as numbers."""
    data = [0] * (3 * side * side)
    return json.dumps({"inputs": [{"name": "pixels", "datatype": "UINT8", "shape": [1, side, side, 3], "data": data}]}).encode()


class Refusals(ServeCase):
    def test_refuses_queries_that_it_does_not_know(self):
        server = self.serve()
        refused = server.ask("POST", "/v1/tasks/a/predict?tops=3", image)
        self.assertEqual((refused.status, refused.error()),
                         (400, "expected top, neighbours, timeout_ms in the query, got 'tops'"))
        refused = server.post_form("/v1/tasks/a/predict", [("image", "1", image), ("top", None, b"3")])
        self.assertIn("got 'top', which belongs in the query", refused.error())
        self.assertEqual(server.get("/v2/health/ready?t=1").status, 200)

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
                ("POST", "/v1/tasks/a/predict?timeout_ms=600001", image, 400, "expected timeout_ms of 1 to 600000"),
                ("POST", "/v2/models/a/infer", pixels(100), 400, "expected an image of at most 5000 pixels, got 10000"),
                ("POST", "/v2/repository/index", bytes(70_000), 413, "expected a body of at most 65536 bytes, got 70000"),
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
        for host, status in (("evil.example", 403), ("localhost", 200)):  # as for a proxy
            self.assertEqual(server.get(f"http://{host}/v1/tasks").status, status)
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
        for value, got in (("alice", "a value that does not begin with Bearer and a space"),
                           ("Basic YWxpY2U6", "a value that does not begin with Bearer and a space"),
                           ("Bearer bob", "one that is not known")):
            self.assertEqual(server.get("/v1/tasks", Authorization=value).error(),
                             f"expected a key as Authorization: Bearer KEY, got {got}")
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

    def test_bounds_the_rate_of_each_key(self):
        keys = self.scratch / "keys"
        keys.write_text("".join(f"{hashlib.sha256(key).hexdigest()} read {key.decode()}\n" for key in (b"alice", b"bob")))
        server = self.serve("--keys", keys, "--rate", .1)  # one in ten seconds
        self.assertEqual([server.get("/v1/tasks", Authorization=f"Bearer {key}").status for key in ("alice", "alice", "bob")],
                         [200, 429, 200])

    def test_tells_that_a_star_finds_no_task(self):
        self.tasks = self.scratch / "none"
        self.tasks.mkdir()
        server = self.serve()
        refused = server.ask("POST", "/v1/predict?tasks=*", image)
        self.assertEqual((refused.status, refused.error()),
                         (400, "expected tasks in the folder that can answer tasks=*, got a folder without tasks"))
        (self.tasks / "notes.task").write_text("some text")
        self.assertTrue(soon(lambda: "got a file that begins with 'some tex', in notes.task" in server.said()))
        self.assertIn("got 1 that are refused, unloaded or have no head",
                      server.ask("POST", "/v1/predict?tasks=*", image).error())

    def test_asks_for_no_pass_phrase(self):
        names = [self.scratch / name for name in ("cert.pem", "key.pem")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-passout", "pass:secret", "-keyout", names[1],
                        "-out", names[0], "-subj", "/CN=localhost", "-days", "2"], check=True, capture_output=True)
        ended = subprocess.run([program, "serve", "--backbone", "resnet20", "--tasks", self.tasks, "--port", "0", "--tls-cert",
                                names[0], "--tls-key", names[1]], capture_output=True, text=True, timeout=60)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""))
        self.assertEqual(ended.stderr, "submask: expected the private key of the certificate as PEM, without a pass phrase, "
                                       f"got one that has a pass phrase, in {names[1]}\n")

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
        self.assertEqual(server.predict("a", gzip.compress(bytes(100_000_000)), **{"Content-Encoding": "gzip"}).status, 413)
        self.assertEqual(server.ask("POST", "/v1/predict?tasks=*,*", image).status, 400)
        index = gzip.compress(bytes(1_000_000))
        self.assertEqual(server.ask("POST", "/v2/repository/index", index, {"Content-Encoding": "gzip"}).status, 413)
        many = [("image", str(i), image) for i in range(300)]
        self.assertIn("got 200 x 1001", server.post_form("/v1/tasks/a/predict?top=1&neighbours=1000", many[:200]).error())
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
        self.assertEqual(server.end(), 0)
