#!/usr/bin/env bash
# Linear probes and neighbours over one frozen network: as a grid, whose cells share features, and command by command.
# Usage: grid_features.sh PROGRAM [ROUNDS]. Prints one JSON line, of the median ratio.
set -euo pipefail
submask=$(realpath "$1") rounds=${2:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >grid.toml <<'TOML'
[all]
train-limit = 5000
test-limit = 2000
[model.resnet20]
backbone = "resnet20"
[set.fashion]
data = "fashion-mnist"
[[run]]
method = "lp"
labels = ["100p", "50p", "25p", "10p", "5p", "1p"]
[[run]]
method = "knn"
k = [1, 20, 200]
TOML
"$submask" grid plan grid.toml --json >plan.json
python3 - "$submask" "$rounds" <<'PY'
import json, shutil, statistics, subprocess, sys, time

submask, rounds = sys.argv[1], int(sys.argv[2])
cells = json.load(open("plan.json"))["cells"]


def seconds(*commands):
    start = time.monotonic()
    for command in commands:
        subprocess.run([submask, *command, "--threads", "2", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


pairs = []
for i in range(rounds):
    ours = seconds(["grid", "run", "grid.toml", "--db", f"{i}.sqlite"])
    theirs = seconds(*([cell["command"], *cell["arguments"]] for cell in cells))
    pairs.append((ours, theirs))
ours, theirs = (statistics.median(side) for side in zip(*pairs))
print(json.dumps({"bench": f"grid of {len(cells)} probes, seconds; theirs: as single commands", "ours": ours,
                  "theirs": theirs, "ratio": statistics.median(theirs / ours for ours, theirs in pairs)}))
PY
