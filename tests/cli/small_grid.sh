# shellcheck shell=bash disable=SC2034,SC2154
# Sourced after harness.sh by tests of `submask grid run`: a grid of a few seconds, and what a database has.
grid_run=("$submask" grid run --threads 1 --json)

grid_of() {  # NAME METHODS EPOCHS
  cat >"$1" <<TOML
[all]
epochs = $3
batch-size = 8
seed = [0, 1]
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set.small]
data = "fashion-mnist:$fixture/data"
[[run]]
method = $2
[[run.then]]
method = ["lp", "knn"]
labels = "100p"
TOML
}

# rows DB: every cell but for what times, machine and places change, and every epoch.
rows() {
  python3 - "$1" <<'PY'
import json, re, shlex, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
for id, done, command, result, error in database.execute("SELECT id, done, command, result, error FROM cells ORDER BY id"):
    result = json.loads(result) if result else {}
    for key in ("seconds", "images_per_second", "waiting_share", "out", "task", "weights", "commit"):
        result.pop(key, None)
    command = " ".join(re.sub(r"--(task|weights)=.*/([0-9a-f]{64})/", r"--\1=CELLS/\2/", word) for word in shlex.split(command))
    print(id, done, command, json.dumps(result, sort_keys=True), error)
for row in database.execute("SELECT * FROM epochs ORDER BY cell, epoch"):
    print(*row)
for row in database.execute("SELECT * FROM grid_entries ORDER BY grid, place"):
    print(*row)
PY
}
