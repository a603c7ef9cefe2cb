#!/usr/bin/env bash
# From `grid submit` to the last row of 12 cells of about a second, on a Slurm cluster of its own with two nodes; theirs: the
# same cells by `grid run` with as many processes. Usage: slurm_grid.sh PROGRAM [ROUNDS]. Prints one JSON line; `beyond` is
# what submitting, waiting and starting took beyond the cells, in seconds.
set -euo pipefail
rounds=${2:-3}
. "$(dirname "$0")/../tests/cli/harness.sh" "$1" /
. "$golden/../slurm/cluster.sh"
start_cluster
# Few images: a whole data set would be read to name each cell, and that is no part of the question.
idx_dataset data 250 100
cat >grid.toml <<'TOML'
[all]
epochs = 1
seed = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
[model.resnet20]
backbone = "resnet20"
[set.fashion]
data = "fashion-mnist:data"
[[run]]
method = "fs"
TOML
python3 - "$submask" "$rounds" <<'PY'
import json, sqlite3, statistics, subprocess, sys, time

submask, rounds = sys.argv[1], int(sys.argv[2])


# The seconds of the command, and those of its cells, two of which run at a time.
def seconds(command, db):
    start = time.monotonic()
    subprocess.run([submask, "grid", command, "grid.toml", "--db", db, "--quiet",
                    *(("--threads", "1", "--sbatch", "--exclusive") if command == "submit" else
                      ("--threads", "2", "--jobs", "2"))], check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - start
    results = sqlite3.connect(db).execute("SELECT result FROM cells").fetchall()
    assert len(results) == 12
    return whole, sum(json.loads(result)["seconds"] for result, in results) / 2


pairs = [(seconds("submit", f"{i}.sqlite"), seconds("run", f"{i}-here.sqlite")) for i in range(rounds)]
ours, cells, theirs = (statistics.median(values) for values in zip(*((o, c, t) for (o, c), (t, _) in pairs)))
print(json.dumps({"bench": "12 cells on two nodes of Slurm, seconds from submit to the last row; theirs: by grid run",
                  "ours": ours, "theirs": theirs, "ratio": statistics.median(o / t for (o, _), (t, _) in pairs),
                  "beyond": statistics.median(o - c for (o, c), _ in pairs), "cell": cells / 6}))
PY
