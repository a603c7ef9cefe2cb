#!/usr/bin/env bash
# What a grid's cells show, taken together.
. "$(dirname "$0")/harness.sh" "$@"

command -v gnuplot >/dev/null || skip "no gnuplot (Debian's gnuplot-nox)"
class_folders shapes
cat >grid.toml <<TOML
[all]
batch-size = 8
epochs = 4
seed = [0, 1]
score-start = "normal"
score-mean = 0.5
score-std = 0.5
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set.fashion]
data = "fashion-mnist:$fixture/data"
[set.shapes]
data = "folder:$PWD/shapes"
[set.few]
data = "fashion-mnist:$fixture/data"
train-limit = 10
[[run]]
method = ["fs", "fft"]
[[run]]
method = "lp"
TOML
expect_exit 0 "$submask" grid run grid.toml --db grid.sqlite --threads 1 --quiet

# analyzed WHAT DB: its table and figures, and numbers in --json.
analyzed() {
  expect_exit 0 "$submask" analyze "$1" "$2" --out "$1" --json
  expect_json analysis db sentence numbers left_out files
  [ -s "$1/$1.md" ] && [ -s "$1/$1.csv" ] || fail "expected tables of $1"
  python3 - "$printed" <<'PY' || fail "expected the files that were told"
import json, os, sys
result = json.load(open(sys.argv[1]))
assert all(os.path.getsize(path) > 100 for path in result["files"]), result["files"]
assert result["sentence"].endswith("."), result
# The sets of this grid are alike in some ways.
assert all(line.startswith("too few or equal values of ") for line in result["left_out"]), result
PY
}
# numbers EXPRESSION: holds of the first of `numbers`.
numbers() {
  python3 -c 'import json, sys; n = json.load(open(sys.argv[1]))["numbers"][0]; assert eval(sys.argv[2]), n' "$printed" "$1" ||
    fail "expected $1"
}

analyzed similarity grid.sqlite
numbers 'n["pairs"] == 3 and 0 < n["jaccard"] < 1 and abs(n["rank_correlation"]) <= 1'
expect_equal "$(ls similarity | tr '\n' ' ')" "similarity.csv similarity.md similarity_fixture.svg \
similarity_masks_fixture.svg similarity_weights_fixture.svg "
# Starts are drawn by the seed, for all sets alike; that must not look like likeness of the sets.
numbers 'abs(n["jaccard"] - n["chance_jaccard"]) < .02'
# A set beside itself is a row too, and counts as no pair.
expect_equal "$(grep -c '^| fixture ' similarity/similarity.md)" 6
python3 - "$printed" similarity/similarity.csv <<'PY' || fail "expected shares of a set's own likeness by the formula"
import csv, json, sys
rows = {(row["a"], row["b"]): row for row in csv.DictReader(open(sys.argv[2]))}
beyond = {pair: float(row["jaccard"]) - float(row["by chance"]) for pair, row in rows.items()}
shares = []
for (a, b), row in rows.items():
    own = beyond[a, a], beyond[b, b]
    share = beyond[a, b] / (own[0] * own[1]) ** .5 if min(own) > 0 else None
    assert (row["share of own"] == "") == (share is None), row
    assert share is None or abs(float(row["share of own"]) - share) < 1e-9, (row, share)
    if a != b and share is not None: shares.append(share)
told = json.load(open(sys.argv[1]))["numbers"][0]["share_of_own"]
assert told is None if not shares else abs(told - sum(shares) / len(shares)) < 1e-9, (told, shares)
PY
cp "$printed" similarity.json
analyzed stability grid.sqlite
numbers 'n["seeds"] == 2 and abs(n["jaccard"] - n["chance_jaccard"]) < .02'
python3 - similarity.json "$printed" <<'PY' || fail "expected what stability tells of one set with two seeds"
import json, sys
similarity, stability = (json.load(open(path))["numbers"] for path in sys.argv[1:])
assert len(stability) == 3, stability
assert abs(similarity[0]["own_jaccard"] - sum(n["jaccard"] for n in stability) / 3) < 1e-9, (similarity, stability)
PY
analyzed correlation grid.sqlite
numbers 'n["points"] == 3'
for what in classes 'training images' 'distance of classes in frozen features'; do
  grep -q "^| $what | accuracy of fs less that of fft | 3 |" correlation/correlation.md || fail "expected $what in the table"
done

# Scores moved with their threshold, and scaled with it and the rate, give the same mask; another rate does not.
cat >settings.toml <<TOML
[all]
batch-size = 8
epochs = 2
keep-epochs = true
recipe = "one-rate"
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set.fashion]
data = "fashion-mnist:$fixture/data"
[settings.base]
rate = 8192
score-mean = 1.0
mu = 0.0
[settings.scaled]
rate = 16384
score-mean = 2.0
mu = 0.0
[settings.another]
rate = 16384
score-mean = 1.0
mu = 0.0
[[run]]
method = "fs"
TOML
# Cells that have run without --keep-epochs have not what another grid asks of the same settings.
sed '1i title = "settings"
/^keep-epochs/d' settings.toml >without.toml
expect_exit 0 "$submask" grid run without.toml --db settings.sqlite --threads 1 --quiet
expect_exit 0 "$submask" grid run settings.toml --db settings.sqlite --threads 1 --quiet
analyzed invariance settings.sqlite
grep -q '^| fixture, fashion | settings scaled (same in theory) | 2 | 1 | 0 | 0 |$' invariance/invariance_epochs.md ||
  fail "expected masks that are equal in every epoch"
[ -s invariance/invariance_epochs_fixture--fashion.svg ] || fail "expected a figure of the epochs"
numbers 'n["equivalent_pairs"] == 1 and n["equal_pairs"] == 1 and n["other_pairs"] == 2 and n["others_differing"] > 0'

cat >rates.toml <<TOML
[all]
batch-size = 8
epochs = 1
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set.fashion]
data = "fashion-mnist:$fixture/data"
[[run]]
method = "fft"
rate = [0.001, 0.01, 0.1]
TOML
expect_exit 0 "$submask" grid run rates.toml --db rates.sqlite --threads 1 --quiet
analyzed tuning rates.sqlite
numbers 'n["of"] == "fixture, fashion, fft"'
numbers 'n["best_accuracy"] >= n["worst_accuracy"] and n["factor_within_one_point"] >= 1'
expect_exit 0 "$submask" analyze tuning rates.sqlite --out pdf --format pdf
head -c 5 pdf/tuning_fixture_fashion.pdf | grep -q '%PDF-' || fail "expected a PDF"

# What a database cannot show, and what is gone.
expect_refusal 2 'expected a grid that sweeps --rate, got none with results' "$submask" analyze tuning grid.sqlite --out tuning
expect_refusal 2 'similarity' "$submask" analyze likeness grid.sqlite --out x
expect_refusal 4 'missing.sqlite' "$submask" analyze tuning missing.sqlite --out tuning
rm grid.sqlite.cells/*/learned.task
expect_exit 2 "$submask" analyze stability grid.sqlite --out gone
expect_line 'got no file .*learned.task'
