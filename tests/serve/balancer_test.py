"""Two servers behind HAProxy and nginx, with the configurations of examples/serve: nothing is lost while a server
ends, dies or starts again, and a task stays with one server.

    python3 balancer_test.py SUBMASK FOLDER_OF_TASKS   # where a.task and b.task are
"""

import collections
import contextlib
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from load import Load, expected_of
from server import Server, png, soon, striped

program, made_tasks = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
examples = pathlib.Path(__file__).resolve().parents[2] / "examples" / "serve"
grace_s = 2.5  # longer than HAProxy needs to see it, and than nginx keeps away from a server that refused

noise = random.Random(1)
# The second is larger than what HAProxy holds to ask again.
images = [striped(3, down=True), png([[noise.randrange(256) for _ in range(224)] for _ in range(224)])]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Balancer:
    """HAProxy or nginx with its example, in which only the three ports are other ones, until its block ends."""

    def __init__(self, name, ports, scratch):
        self.name, self.port, self.folder = name, free_port(), scratch
        text = (examples / {"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}[name]).read_text()
        for old, new in zip((8080, 8081, 8082), (self.port, *ports)):
            assert f"127.0.0.1:{old}" in text
            text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
        (scratch / "example").write_text(text)

    def command(self):
        if self.name == "haproxy":
            return ["haproxy", "-db", "-f", self.folder / "example"]
        # What Debian's own nginx.conf is to the example, but in a folder of the test. As root nginx would give up
        # its rights to that folder.
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = " ".join(f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"{user} worker_processes 2; pid nginx.pid; daemon off; events {{}}\n"
                                                f"http {{ access_log off; {temporary} include example; }}\n")
        return ["nginx", "-p", self.folder, "-c", "nginx.conf", "-e", "stderr"]

    def __enter__(self):
        self.complaints = open(self.folder / "complaints", "w")
        self.process = subprocess.Popen(self.command(), stdout=self.complaints, stderr=self.complaints)
        if not soon(self.answers):
            self.__exit__()
            raise AssertionError(f"expected {self.name}, got {(self.folder / 'complaints').read_text()!r}")
        return self

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("GET", "/v2/health/live").status == 200
        return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.complaints.close()

    # It is asked as a server is.
    ask = Server.ask
    post_form = Server.post_form


class Deaf(http.server.BaseHTTPRequestHandler):
    """A server that is healthy, and closes the connection over whatever is posted, having read it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(self.path)
        self.close_connection = True

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def deaf_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Deaf) as server:
        server.posted = []
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server
        finally:
            server.shutdown()


class BehindBalancer:
    """What both must do; `name` says which it is."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.scratch = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))

    def balance(self, ports):
        return self.stack.enter_context(Balancer(self.name, ports, self.scratch))

    def serve(self, number, port=0):
        return self.stack.enter_context(
            self.server("--port", port, "--grace-s", grace_s, "--access-log", self.scratch / f"log{number}"))

    def server(self, *options):
        # One image a batch, because a network's last bits depend on how many it computes together.
        return Server(program, "--backbone", "resnet20", "--tasks", self.scratch / "tasks", "--max-batch", 1, *options)

    def serve_two(self):
        (self.scratch / "tasks").mkdir()
        self.tasks = [f"t{i}" for i in range(16)]
        for i, task in enumerate(self.tasks):
            shutil.copy(made_tasks / ("a.task", "b.task")[i % 2], self.scratch / "tasks" / f"{task}.task")
        self.servers = [self.serve(0), self.serve(1)]
        return self.balance([server.port for server in self.servers])

    def expected(self):
        with self.server() as alone:
            return expected_of(alone, self.tasks, images)

    def log(self, number):
        """(method, path) of the requests that this server answered."""
        # What is being written has no end yet, and a killed server leaves its last line cut.
        *lines, _ = (self.scratch / f"log{number}").read_text().split("\n")
        lines = map(json.loads, (line for line in lines if line.endswith("}")))
        return [(line["method"], line["path"]) for line in lines]

    def predicts(self, number):
        return [path for _, path in self.log(number) if path.endswith("/predict")]

    def start_again(self, number, signal_number, status, after_s=0):
        self.assertEqual(self.servers[number].end(signal_number), status)
        before = len(self.predicts(number))
        time.sleep(after_s)
        self.servers[number] = self.serve(number, self.servers[number].port)
        self.assertTrue(soon(lambda: len(self.predicts(number)) > before), "expected requests for a server that is back")

    # Tests

    def test_loses_nothing(self):
        balancer = self.serve_two()
        expected = self.expected()
        with Load(balancer.port, self.tasks, images) as load:
            time.sleep(1)
            first, second = (set(self.predicts(number)) for number in (0, 1))
            # The first stays away for longer than HAProxy goes on trying the same server.
            self.start_again(0, signal.SIGTERM, 0, after_s=4)
            self.start_again(1, signal.SIGTERM, 0)
        self.assertEqual(load.wrong(expected), [])
        self.assertEqual(first & second, set(), "expected one server for each task")
        self.assertEqual(len(first | second), len(self.tasks))
        self.assertTrue(first and second, "expected tasks on both servers")
        self.assertGreater(len(load.results), 300)
        print(f"{self.name}: {len(load.results)} requests while both servers were started again, none lost")

    def test_clients_that_ask_again_lose_nothing_when_a_server_is_killed(self):
        balancer = self.serve_two()
        expected = self.expected()
        with Load(balancer.port, self.tasks, images, tries=5) as load:
            time.sleep(1)
            self.start_again(0, signal.SIGKILL, -signal.SIGKILL)
        self.assertEqual(load.wrong(expected), [])
        repeats = dict(collections.Counter(load.repeats))
        print(f"{self.name}: {len(load.results)} requests while one was killed, asked again after {repeats}, none lost")

    def test_keeps_a_task_in_its_place_however_it_is_asked_for(self):
        balancer = self.serve_two()
        for task in self.tasks[:8]:
            asks = {("GET", path) for path in (f"/v1/tasks/{task}", f"/v2/models/{task}", f"/v2/models/{task}/ready")}
            for ask in asks:
                self.assertEqual(balancer.ask(*ask).status, 200)
            self.assertTrue(soon(lambda: any(asks <= set(self.log(number)) for number in (0, 1))), "expected one place")
        for _ in range(20):
            balancer.ask("GET", "/v1/tasks")
        self.assertTrue(soon(lambda: all(("GET", "/v1/tasks") in self.log(number) for number in (0, 1))))

    def test_passes_everything_on(self):
        balancer = self.serve_two()
        for path in ("/", "/page/main.js", "/openapi.json", "/metrics", "/v2"):
            self.assertEqual(balancer.ask("GET", path).status, 200)
        own = {"Origin": f"http://127.0.0.1:{balancer.port}"}
        self.assertEqual(balancer.post_form("/v1/tasks/t0/predict", [("image", "x.png", images[0])], own).status, 200)
        self.assertEqual(balancer.ask("POST", "/v1/tasks/t0/predict", images[0], {"Origin": "https://evil.example"}).status, 403)
        large = balancer.ask("POST", "/v1/tasks/t0/predict", bytes(60 << 20))
        self.assertEqual(large.status, 400)
        self.assertIn("expected a JPEG", large.error())

    def test_repeats_only_what_changes_nothing(self):
        with deaf_server() as first, deaf_server() as second:
            ports = [server.server_address[1] for server in (first, second)]
            for path, repeats in (("/v1/tasks/a/predict", True), ("/v1/predict?tasks=a", True),
                                  ("/v2/models/a/infer", True), ("/v2/models/a/versions/1/infer", True),
                                  ("/v1/teach?name=x", False), ("/v2/repository/models/a/unload", False)):
                # One of its own for each, as nginx stops asking servers that failed.
                with self.subTest(path=path), Balancer(self.name, ports, self.scratch) as balancer:
                    first.posted, second.posted = [], []
                    self.assertEqual(balancer.ask("POST", path, b"body").status, 502)
                    self.assertEqual(len(first.posted + second.posted) > 1, repeats)


class HaproxyTest(BehindBalancer, unittest.TestCase):
    name = "haproxy"


class NginxTest(BehindBalancer, unittest.TestCase):
    name = "nginx"


if __name__ == "__main__":
    os.environ.pop("SUBMASK_ASSETS", None)
    unittest.main()
