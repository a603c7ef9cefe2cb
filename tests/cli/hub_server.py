"""The Hugging Face hub, and a host that serves its large files, on two ports of this machine.

usage: hub_server.py ROOT LOG

ROOT/ORG/NAME holds a model's files. The first line on stdout has the two ports. LOG gets a line a request: the part that
served it, method, path, range and token. What a model's NAME says, its server does:

  cut      the first reply with bytes ends in the middle
  drip     bytes come slowly
  stall    bytes stop coming, for the first request
  busy     the first two requests are answered by 429 with Retry-After
  later    every request is answered by 429 with a Retry-After of minutes
  wrong    bytes are changed on the way
  ranges-ignored  a request for the rest gets all
  half     every reply with bytes is all of them, and ends in the middle
  private  a token is needed

It takes uploads with a token, too: large files by git LFS, a commit as lines of JSON.
"""

import base64
import hashlib
import http.server
import json
import pathlib
import sys
import threading
import time

ROOT, LOG = pathlib.Path(sys.argv[1]), open(sys.argv[2], "w", buffering=1)
COMMIT = hashlib.sha1(b"commit").hexdigest()
TOKEN = "Bearer secret"
LARGE = 4000  # bytes from which a file is stored apart
requests = {}  # how many a model has had, by kind
lock = threading.Lock()


def count(kind, name):
    with lock:
        requests[kind, name] = requests.get((kind, name), 0) + 1
        return requests[kind, name]


def git_digest(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    part = "hub"

    def log_message(self, *_):
        pass

    def reply(self, status, content=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        LOG.write(f"{self.part} {self.command} {self.path} {self.headers.get('Range', '-')} "
                  f"{self.headers.get('Authorization', '-')}\n")
        words = self.path.split("/")[1:]
        if words[0] == "api":
            return self.model(words[2], words[3])
        if words[0] == "files":
            return self.bytes(words[1], words[2], "/".join(words[3:]))
        return self.resolve(words[0], words[1], "/".join(words[4:]))

    def refused(self, org, name):
        if "private" in name and self.headers.get("Authorization") != TOKEN:
            self.reply(401)
        elif not (ROOT / org / name).is_dir():
            self.reply(404)
        elif "later" in name:
            self.reply(429, Retry_After="200")
        elif "busy" in name and count("busy", name) <= 2:
            self.reply(429, Retry_After="1")
        else:
            return False
        return True

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        LOG.write(f"{self.part} POST {self.path} {self.headers['Content-Type']} {self.headers.get('Authorization', '-')}\n")
        if self.headers.get("Authorization") != TOKEN:
            return self.reply(401, b'{"error": "Invalid username or password."}')
        if self.path == "/api/repos/create":
            return self.create(json.loads(content))
        words = self.path.split("/")[1:]
        if self.path.endswith(".git/info/lfs/objects/batch"):
            return self.batch(json.loads(content)["objects"])
        folder, action = ROOT / words[2] / words[3], words[4]
        if action == "preupload":
            files = [{"path": file["path"], "shouldIgnore": False,
                      "uploadMode": "regular" if file["path"].endswith(".md") else "lfs"} for file in json.loads(content)["files"]]
            return self.reply(200, json.dumps({"files": files}).encode())
        self.commit(folder, [json.loads(line) for line in content.decode().splitlines()])

    def create(self, asked):
        folder = ROOT / asked["organization"] / asked["name"]
        if "forbidden" in asked["name"]:
            return self.reply(403, b'{"error": "You have no rights in this namespace."}')
        if folder.is_dir():
            return self.reply(409, b'{"error": "You already created this model repo"}')
        folder.mkdir(parents=True)
        self.reply(200, b'{"url": "created"}')

    def batch(self, objects):
        for each in objects:
            if not (ROOT / "uploads" / each["oid"]).is_file():
                each["actions"] = {"upload": {"href": f"http://127.0.0.1:{files_port}/uploads/{each['oid']}",
                                              "header": {"X-Signed": "yes"}}}
        self.reply(200, json.dumps({"transfer": "basic", "objects": objects}).encode())

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        LOG.write(f"{self.part} PUT {self.path} {self.headers.get('X-Signed', '-')} {self.headers.get('Authorization', '-')}\n")
        oid = self.path.rsplit("/", 1)[1]
        if self.headers.get("X-Signed") != "yes" or hashlib.sha256(content).hexdigest() != oid:
            return self.reply(400)
        (ROOT / "uploads").mkdir(exist_ok=True)
        (ROOT / "uploads" / oid).write_bytes(content)
        self.reply(200)

    def commit(self, folder, lines):
        for line in lines[1:]:
            value = line["value"]
            path = folder / value["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            if line["key"] == "lfsFile":
                content = (ROOT / "uploads" / value["oid"]).read_bytes()
                assert len(content) == value["size"]
            else:
                content = base64.b64decode(value["content"])
            path.write_bytes(content)
        url = f"http://127.0.0.1/{folder.relative_to(ROOT)}/commit/{COMMIT}"
        self.reply(200, json.dumps({"success": True, "commitOid": COMMIT, "commitUrl": url}).encode())

    def model(self, org, name):
        if self.refused(org, name):
            return
        folder = ROOT / org / name
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        answer = {"sha": COMMIT, "siblings": [{"rfilename": file} for file in files + ["../outside"]]}
        self.reply(200, json.dumps(answer).encode())

    def resolve(self, org, name, file):
        if self.refused(org, name):
            return
        path = ROOT / org / name / file
        if not path.is_file():
            return self.reply(404)
        content = path.read_bytes()
        stated = {"X_Repo_Commit": COMMIT}
        if len(content) < LARGE:
            return self.reply(200, content, ETag=f'"{git_digest(content)}"', **stated)
        stated |= {"X_Linked_Size": str(len(content)), "X_Linked_ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        self.reply(302, Location=f"http://127.0.0.1:{files_port}/files/{org}/{name}/{file}", **stated)

    def bytes(self, org, name, file):
        path = ROOT / org / name / file
        if not path.is_file():
            return self.reply(404)
        content = path.read_bytes()
        if "wrong" in name:
            content = content[:-1] + bytes([content[-1] ^ 1])
        begin, number = 0, self.command == "GET" and count("bytes", name)
        asked = self.headers.get("Range")
        if asked and "ranges-ignored" not in name and "half" not in name:
            begin = int(asked.removeprefix("bytes=").split("-")[0])
            if begin >= len(content):
                return self.reply(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        rest = content[begin:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if "half" in name or number == 1 and ("cut" in name or "ranges-ignored" in name or "stall" in name):
            self.wfile.write(rest[:len(rest) // 2])
            self.wfile.flush()
            if "stall" in name:
                time.sleep(4)
            self.close_connection = True
            return
        step = 2000 if "drip" in name else len(rest)
        for at in range(0, len(rest), step):
            self.wfile.write(rest[at:at + step])
            if "drip" in name:
                time.sleep(0.05)


class Files(Handler):
    part = "files"


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that was killed


def serve(handler):
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


files_port = serve(Files)
print(serve(Handler), files_port, flush=True)
threading.Event().wait()
