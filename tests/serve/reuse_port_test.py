"""Two servers on one port by --reuse-port: both are asked, and one ends while clients go on.

    python3 reuse_port_test.py SUBMASK FOLDER_OF_TASKS   # where a.task and b.task are
"""

import collections
import pathlib
import sys
import tempfile
import time

from load import Load, expected_of
from server import Server, striped

program, folder = sys.argv[1:]
images, tasks, threads = [striped(3, down=True)], ["a", "b"], 8


def serve(log, *options):
    return Server(program, "--backbone", "resnet20", "--tasks", folder, "--max-batch", 1, "--grace-s", 1, "--reuse-port",
                  "--access-log", log, *options)


with tempfile.TemporaryDirectory() as scratch:
    logs = [pathlib.Path(scratch) / name for name in ("first", "second")]
    with serve(logs[0]) as first, serve(logs[1], "--port", first.port) as second:
        expected = expected_of(second, tasks, images)
        # New connections alone: these the system spreads; one that is open stays where it is.
        with Load(first.port, tasks, images, threads, keeps=[False], tries=2, pause_s=0) as load:
            time.sleep(1)
            shares = [log.read_text().count("/predict") for log in logs]
            assert min(shares) > max(shares) / 4, shares
            assert first.end() == 0, first.said()
            time.sleep(1)
        # A connection that waits to be accepted when its process ends is reset: one of each thread at most, and
        # the second try finds the other process.
        assert len(load.repeats) <= threads, load.repeats
        assert load.wrong(expected) == [], load.wrong(expected)
    print(f"{len(load.results)} requests, {shares} while both lived, asked again after "
          f"{dict(collections.Counter(load.repeats))}: all as expected")
