"""Of new connections to two servers on one port (--reuse-port), which share is lost when one of them ends?

    python3 lost_when_one_ends.py SUBMASK FOLDER_OF_TASKS [ENDS]

One stays; another is started, and ended a moment later, again and again. Eight clients ask for /v2/health/live meanwhile,
without pauses and over a new connection each time.
"""

import collections
import contextlib
import http.client
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "serve"))
from server import Server  # noqa: E402

program, folder = sys.argv[1:3]
ends = int(sys.argv[3]) if len(sys.argv) > 3 else 25
said = collections.Counter()
is_over = threading.Event()


def serve(*options):
    return Server(program, "--backbone", "resnet20", "--tasks", folder, "--grace-s", .3, "--reuse-port", *options)


def ask(port):
    while not is_over.is_set():
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            try:
                connection.request("GET", "/v2/health/live")
                said[connection.getresponse().status] += 1
            except (OSError, http.client.HTTPException) as error:
                said[type(error).__name__] += 1


with serve() as stays:
    clients = [threading.Thread(target=ask, args=(stays.port,)) for _ in range(8)]
    began = time.monotonic()
    for client in clients:
        client.start()
    for _ in range(ends):
        with serve("--port", stays.port) as goes:
            time.sleep(.2)
            goes.end()
    seconds = time.monotonic() - began
    is_over.set()
    for client in clients:
        client.join()

total = said.total()
print(f"{ends} ends, {total} requests at {total / seconds:.0f} a second: {total - said[200]} lost, "
      f"{1e6 * (1 - said[200] / total):.0f} in a million {dict(said)}")
