#!/usr/bin/env bash
# Images a second of two processes of one thread each (ours) over those of one process of two threads (theirs), in turn.
# Usage: data_parallel.sh PROGRAM [ROUNDS [BACKBONE [PIXELS [LINK]]]]; LINK, such as 1gbit: the two processes run on two hosts
# that it joins (two_hosts.sh). Prints one JSON line, of the median ratio.
set -euo pipefail
submask=$(realpath "$1") rounds=${2:-3} backbone=${3:-resnet18} pixels=${4:-224} link=${5:-}
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 - "$submask" "$rounds" "$backbone" "$pixels" "$link" "$here" <<'PY'
import json, os, statistics, subprocess, sys

submask, rounds, backbone, pixels, link, here = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
processes = [f"{here}/two_hosts.sh", link] if link else ["mpirun", "-n", "2", "--bind-to", "none"]
os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
# Random weights, because only the time counts; images of another size are resized.
subprocess.run([submask, "pretrain", "--backbone", backbone, "--data", "fashion-mnist", "--train-limit", "8",
                "--test-limit", "2", "--input-size", "32", "--epochs", "1", "--batch-size", "8", "--out", "w.safetensors",
                "--quiet"], check=True, stdout=subprocess.DEVNULL)
learn = ["train", "--backbone", backbone, "--weights", "w.safetensors", "--data", "fashion-mnist", "--train-limit", "192",
         "--test-limit", "2", "--input-size", pixels, "--batch-size", "32", "--epochs", "1", "--workers", "1", "--quiet",
         "--json", "--out", "o.task"]


def rate(*launcher, threads):
    done = subprocess.run([*launcher, submask, *learn, "--threads", str(threads)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])["images_per_second"]


ours, theirs = [], []
for i in range(rounds):
    sides = [(ours, processes, 1), (theirs, [], 2)]
    for values, launcher, threads in sides if i % 2 == 0 else sides[::-1]:
        values.append(rate(*launcher, threads=threads))
ratios = [a / b for a, b in zip(ours, theirs)]
print(json.dumps({"bench": "data_parallel", "ours": round(statistics.median(ours), 2),
                  "theirs": round(statistics.median(theirs), 2), "ratio": round(statistics.median(ratios), 4),
                  "unit": "images/s", "lowest": round(min(ratios), 4), "highest": round(max(ratios), 4), "backbone": backbone,
                  "pixels": int(pixels), "link": link, "rounds": rounds}))
PY
