"""A server of the tests' own: started, asked, ended. Standard library alone."""

import contextlib
import http.client
import json
import os
import re
import signal
import struct
import subprocess
import tempfile
import time
import urllib.parse
import uuid
import zlib


def png(pixels):
    """Bytes of a grey PNG file of rows of numbers 0 to 255."""
    rows = b"".join(b"\0" + bytes(row) for row in pixels)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def striped(period, down, shade=200):
    """An image of stripes across, or down."""
    return png([[shade * (((x if down else y) // period) % 2) for x in range(32)] for y in range(32)])


def soon(check, seconds=20):
    """Whether it becomes true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(.05)
    return False


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def error(self):
        return self.json()["error"]


def form(parts):
    """(Content-Type, body) of (field, file name or None, bytes)."""
    boundary = uuid.uuid4().hex
    body = b""
    for field, name, content in parts:
        file = f'; filename="{name}"' if name else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'.encode(errors="surrogateescape")
        body += content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class Server:
    """`submask serve` with these options, until its block ends."""

    def __init__(self, program, *options, environment=None):
        self.options = [program, "serve", "--port", "0", "--threads", "1", *map(str, options)]
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})}

    def __enter__(self):
        self.complaints = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.options, stdout=subprocess.PIPE, stderr=self.complaints, text=True,
                                        env=self.environment)
        self.first_line = self.process.stdout.readline()
        found = re.search(r"^serving (\d+) tasks? over (\S+) at (https?)://(\S+):(\d+)$", self.first_line)
        if not found:
            self.process.wait(10)
            raise AssertionError(f"expected a server, got {self.said()!r}")
        self.tasks, self.backbone = int(found[1]), found[2]
        self.address, self.port = f"{found[4]}:{found[5]}", int(found[5])
        self.url = f"{found[3]}://{self.address}"
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.complaints.close()

    def said(self):
        self.complaints.seek(0)
        return self.complaints.read()

    def ask(self, method, path, body=None, headers=None, timeout=60):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as connection:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())

    def get(self, path, **headers):
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def predict(self, task, image, query="", **options):
        path = f"/v1/tasks/{urllib.parse.quote(task, safe='')}/predict{query}"
        return self.ask("POST", path, image, {"Content-Type": "image/png", **options})

    def post_form(self, path, parts, headers=None):
        kind, body = form(parts)
        return self.ask("POST", path, body, {"Content-Type": kind, **(headers or {})})

    def tell(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM, timeout=60):
        """The exit status after this signal."""
        self.tell(number)
        return self.process.wait(timeout)
