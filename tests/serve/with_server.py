"""Starts a server, runs a command that asks it, ends the server: its exit status is the command's, or 1 where the
server did not end well. {address} and {url} in the command stand for where it is.

    python3 with_server.py SUBMASK OPTIONS... -- COMMAND...
"""

import subprocess
import sys

from server import Server

split = sys.argv.index("--")
with Server(*sys.argv[1:split], "--grace-s", "0") as server:
    words = [word.replace("{address}", server.address).replace("{url}", server.url) for word in sys.argv[split + 1:]]
    status = subprocess.run(words, check=False).returncode
    ended = server.end()
    complaints = server.said()
if ended != 0:
    print(f"expected the server to end with 0, got {ended}: {complaints}", file=sys.stderr)
sys.exit(status or ended != 0)
