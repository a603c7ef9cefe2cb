#!/usr/bin/env bash
# A grid runs each cell once, whatever happens to its processes, and keeps what failed.
. "$(dirname "$0")/harness.sh" "$@"
. "$golden/../cli/small_grid.sh"

# What a cell gives is what its command gives.
grid_of grid.toml '["fs", "ssl-ft"]' 2
expect_exit 0 "${grid_run[@]}" grid.toml --db whole.sqlite --jobs 2
expect_json db cells runs
expect_line '"cells":12,"runs":12'
rows whole.sqlite >whole.txt
expect_equal "$(grep -cE '^[0-9a-f]{64} 1 (train|evaluate) ' whole.txt)" 12
expect_equal "$(grep -cE '^[0-9a-f]{64} [12] \{"' whole.txt)" 8
learned=$(grep -l '"method":"fs".*"seed":1' whole.sqlite.cells/*/result.json)
expect_exit 0 "$submask" train "${backbone[@]}" "${data[@]}" --method fs --epochs 2 --batch-size 8 --seed 1 \
  --threads 1 --quiet --out alone.task
expect_same_files alone.task "$(dirname "$learned")/learned.task"
expect_equal "$(find whole.sqlite.cells -name '*.lease' -o -name checkpoint | wc -l)" 0

# Tables of it.
expect_exit 0 "$submask" report whole.sqlite
expect_line '^\| model \| method \| small \|$'
expect_line '^\| fixture \| fs \| [.01][0-9.]* \+- [.01][0-9.]* \(2\) \|$'
expect_line '^\| fixture \| ssl-ft \+ knn \| '
expect_exit 0 "$submask" report whole.sqlite --rows method,seed --columns model --metric task_bytes --format csv
expect_line '^fs,1,fixture,task_bytes,1,[0-9]+,0,0,0,$'
expect_exit 0 "$submask" report whole.sqlite --format latex --out table.tex --quiet
grep -qF "bottomrule" table.tex || fail "expected a table in LaTeX"
# Several metrics: a table each, of CSV one with one head.
expect_exit 0 "$submask" report whole.sqlite --metric accuracy,task_bytes --format latex
expect_equal "$(grep -c '^% ' "$printed")" 2
expect_exit 0 "$submask" report whole.sqlite --metric accuracy,task_bytes --format csv
expect_equal "$(grep -c ',metric,values,' "$printed")" 1
expect_line ',accuracy,'
expect_line ',task_bytes,'
expect_refusal 4 'missing.sqlite' "$submask" report missing.sqlite
expect_exit 0 "$submask" report whole.sqlite --figure frontier --out pictures
for picture in pictures/frontier-*.svg; do
  grep -q 'ssl-ft' "$picture" || fail "expected a curve for each method in $picture"
done
expect_exit 0 "$submask" report whole.sqlite --figure frontier --out pictures --format csv --rows method
expect_line '^--rows is of no use to --figure$'
expect_refusal 4 'cannot create folder whole.sqlite' "$submask" report whole.sqlite --figure frontier --out whole.sqlite
expect_refusal 2 'expected a folder for the pictures .--out. with --figure, got none' "$submask" report whole.sqlite --figure frontier
expect_refusal 2 'expected a number in the results .seconds[?] accuracy, .*, got secnds' "$submask" report whole.sqlite --metric secnds
printf 'modle,method,metric,value\nfixture,fs,accuracy,.5\n' >paper.csv
expect_refusal 2 '\(model[?] the grid.s: model, set, method.*\), got modle, in paper.csv$' "$submask" report whole.sqlite --reference paper.csv

# Done cells are not run again, also where only the database is left.
touch before
expect_exit 0 "${grid_run[@]}" grid.toml --db whole.sqlite
expect_equal "$(find whole.sqlite.cells -newer before -name result.json | wc -l)" 0
rm -r whole.sqlite.cells
expect_exit 0 "${grid_run[@]}" grid.toml --db whole.sqlite
expect_equal "$(find whole.sqlite.cells -name 'learned.*' | wc -l)" 0
rows whole.sqlite >again.txt
expect_same_files whole.txt again.txt

# Killed three times, the last time but for the worker, and resumed: the same rows.
grid_of long.toml '["fs", "ssl-fs"]' 4
expect_exit 0 "${grid_run[@]}" long.toml --db undisturbed.sqlite
for delay in 0.7 1.5 2.5; do
  "${grid_run[@]}" long.toml --db killed.sqlite >/dev/null 2>&1 &
  runner=$!
  sleep "$delay"
  [ "$delay" = 2.5 ] || pkill -9 -P "$runner"
  kill -9 "$runner" 2>/dev/null
  wait "$runner" 2>/dev/null
done
expect_exit 0 "${grid_run[@]}" long.toml --db killed.sqlite --retry
rows undisturbed.sqlite >undisturbed.txt
rows killed.sqlite >killed.txt
expect_same_files undisturbed.txt killed.txt

# Two runners share the cells; each has a database, and merged they have all.
"${grid_run[@]}" grid.toml --db one.sqlite --cells shared >one.out 2>&1 &
runner=$!
expect_exit 0 "${grid_run[@]}" grid.toml --db two.sqlite --cells shared
wait "$runner" || fail "expected the other runner to end well: $(cat one.out)"
expect_exit 0 "$submask" grid merge one.sqlite two.sqlite
rows one.sqlite >one.txt
expect_same_files whole.txt one.txt

# The grid is read once, so it may come by a pipe.
expect_exit 0 "${grid_run[@]}" <(cat grid.toml) --db piped.sqlite --jobs 2
rows piped.sqlite | sed 's/^[0-9]* \([0-9]* [0-9a-f]\{64\}\)/grid \1/' >piped.txt
expect_same_files whole.txt piped.txt
expect_refusal 2 'expected --db FILE, got an empty name' "${grid_run[@]}" grid.toml --db ''

# Of two results for one cell the first database's is kept, and said.
cp one.sqlite other.sqlite
python3 -c 'import sqlite3; d = sqlite3.connect("other.sqlite"); d.execute("UPDATE cells SET result = json_set(result, \"$.accuracy\", 2) WHERE command LIKE \"%--method=knn%\""); d.commit()'
expect_exit 0 "$submask" grid merge one.sqlite other.sqlite
expect_line '^4 cells have other results in other.sqlite: those of one.sqlite are kept$'
rows one.sqlite >one.txt
expect_same_files whole.txt one.txt

# A grid of the same title with other cells takes its place, and says so.
expect_exit 0 "${grid_run[@]}" grid.toml --db one.sqlite
expect_no_line 'is replaced'
sed 's/^seed.*/seed = [1, 0]/' grid.toml >order.toml
sed -i '1i title = "grid"' order.toml
expect_exit 0 "${grid_run[@]}" order.toml --db one.sqlite
expect_line "^the grid 'grid' in one.sqlite had other cells: it is replaced$"

# One cell by its name, with the one that it measures.
expect_exit 0 "$submask" grid plan grid.toml --json
probe=$(python3 -c 'import json, sys; print([c["id"] for c in json.load(open(sys.argv[1]))["cells"] if "after" in c][0])' "$printed")
expect_exit 0 "${grid_run[@]}" grid.toml --db alone.sqlite --cell "${probe:0:12}"
expect_line '"cells":2,"runs":2'
expect_exit 0 "$submask" report alone.sqlite
expect_line 'missing'
expect_refusal 2 "expected the name of a cell or the beginning of one, got 'x', which 0 cells have" \
  "${grid_run[@]}" grid.toml --db alone.sqlite --cell x

# All of them as an array of Slurm, task by task.
mkdir bin && ln -s "$(realpath "$submask")" bin/submask
expect_exit 0 "$submask" grid plan grid.toml --slurm --cells 'an array'
cp "$printed" array.sh
expect_line '^#SBATCH --array=0-3$'
for task in 0 1 2 3; do
  SLURM_ARRAY_TASK_ID=$task PATH=$PWD/bin:$PATH bash array.sh >array.out 2>&1 || fail "expected task $task to end well: $(cat array.out)"
done
expect_exit 0 "$submask" grid merge array.sqlite 'an array'/task-*.sqlite
rows array.sqlite >array.txt
expect_same_files whole.txt array.txt

# A cell that fails keeps its error; the others run with --keep-going; --retry runs it again.
class_folders broken
printf 'no image' >broken/train/grey/grey.png
sed "s|^data = .*|data = \"folder:$PWD/broken\"|; s|\[set.small\]|[set.broken]|" grid.toml >broken.toml
cat >>broken.toml <<TOML
[[run]]
method = "lp"
set = "small"
TOML
sed -i "/^\[set.broken\]/i [set.small]\ndata = \"fashion-mnist:$fixture/data\"" broken.toml
sed -i '0,/^method = /s//set = "broken"\nmethod = /' broken.toml
expect_exit 5 "${grid_run[@]}" broken.toml --db broken.sqlite
expect_line 'of .* cells failed, .* left; model fixture, set broken, method fs, seed 0: .*grey\.png'
expect_exit 5 "${grid_run[@]}" broken.toml --db broken.sqlite --keep-going
rows broken.sqlite >broken.txt
grep -q '^[0-9a-f]* 0 .*grey\.png$' broken.txt || fail "expected the error in the database"
expect_equal "$(grep -c '^[0-9a-f]* 1 evaluate' broken.txt)" 1
touch before
expect_exit 5 "${grid_run[@]}" broken.toml --db broken.sqlite --keep-going --retry
[ "$(find broken.sqlite.cells -newer before -name result.json | wc -l)" -gt 0 ] || fail "expected another try"

# A disk that is full, here a limit to files: no result is made up, and with room again all come.
for kilobytes in 8 60; do
  rm -rf full.sqlite*
  (trap '' XFSZ && ulimit -f "$kilobytes" && "${grid_run[@]}" grid.toml --db full.sqlite --quiet) >full.out 2>&1 &&
    fail "expected an error with files of $kilobytes kB at most"
  grep -qE '^submask: .*(cannot|disk)' full.out || fail "expected a line on the disk: $(cat full.out)"
  expect_exit 0 "${grid_run[@]}" grid.toml --db full.sqlite --retry
  rows full.sqlite >full.txt
  expect_same_files whole.txt full.txt
done

# A cell whose data is missing: the grid says so before it begins, or, to keep going, fails it alone and runs the rest.
grid_of absent.toml '["fs"]' 1
sed -i "s|^data = .*|data = \"fashion-mnist:$fixture/data\"\n[set.absent]\ndata = \"fashion-mnist:$PWD/absent\"|" absent.toml
expect_refusal 4 'absent.*, in the cell model fixture, set absent, method fs, seed 0' \
  "${grid_run[@]}" absent.toml --db absent.sqlite
expect_exit 5 "${grid_run[@]}" absent.toml --db absent.sqlite --keep-going --device cpu,cpu --jobs 2
expect_line '6 of 12 cells failed, 0 left; model fixture, set absent, method fs, seed 0: .*absent'
rows absent.sqlite >absent.txt
expect_equal "$(grep -cE '^[0-9a-f]{64} 1 [te]' absent.txt) $(grep -cE '^[0-9a-f]{64} 0 [te]' absent.txt)" "6 6"
cp -r "$fixture/data" absent
expect_exit 0 "${grid_run[@]}" absent.toml --db absent.sqlite --keep-going
expect_exit 0 "$submask" report absent.sqlite
expect_no_line 'failed|missing'
expect_exit 5 "${grid_run[@]}" absent.toml --db absent.sqlite --device cuda:99
expect_line 'expected a CUDA device for --device cuda:99'

# Cascades, and what is measured on them; features of a network are computed once for all choices of labels.
idx_dataset wide 64 20
cat >cascade.toml <<TOML
[all]
batch-size = 8
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set.wide]
data = "fashion-mnist:wide"
[[run]]
method = "cascade"
epochs = 1
rate = 500
hidden-mlp = 16
nmb-prototypes = 10
queue-length = 16
experts = 2
crop = "count=2,size=16,crop=random,scale-min=.3"
[[run.then]]
method = "knn"
cascade = ["conditional", "unconditional"]
[[run]]
method = "lp"
labels = ["100p", "50p", "25p"]
TOML
expect_exit 0 "${grid_run[@]}" cascade.toml --db cascade.sqlite
expect_line '"cells":6,"runs":6'
cascade=$(grep -l '"method":"cascade"' cascade.sqlite.cells/*/result.json)
for mode in conditional unconditional; do
  expect_exit 0 "$submask" evaluate "${backbone[@]}" --data fashion-mnist:wide --threads 1 --quiet --batch-size 8 --json \
    --task "$(dirname "$cascade")/learned.task" --method knn --cascade $mode
  accuracy=$(printf '%.6f' "$(json_key "$printed" accuracy)")
  expect_exit 0 "$submask" report cascade.sqlite --metric "accuracy,$mode.knn_accuracy" --rows method,cascade --format csv
  for row in "cascade + knn,$mode,wide,accuracy,1," "cascade,,wide,$mode.knn_accuracy,1,"; do
    value=$(grep -F "$row" "$printed" | cut -d , -f 6)
    expect_equal "$(printf '%.6f' "$value")" "$accuracy" "for $row"
  done
done
expect_equal "$(find cascade.sqlite.cells/features -type f | wc -l)" 2

# A result that is damaged names its cell and database.
cp cascade.sqlite damaged.sqlite
python3 -c 'import sqlite3; d = sqlite3.connect("damaged.sqlite"); d.execute("UPDATE cells SET result = 0x7B"); d.commit()'
expect_refusal 3 'expected a result as a JSON object.*in the cell [0-9a-f]{12} of damaged.sqlite' \
  "$submask" report damaged.sqlite

# Other databases.
printf 'no database%.0s' {1..1000} >text.sqlite
expect_refusal 3 'expected a database of results.*text.sqlite' "${grid_run[@]}" grid.toml --db text.sqlite
python3 -c 'import sqlite3; d = sqlite3.connect("whole.sqlite"); d.execute("PRAGMA user_version = 2"); d.commit()'
expect_exit 3 "${grid_run[@]}" grid.toml --db whole.sqlite
expect_line 'expected results of version 1 or older, got version 2, in whole.sqlite'
expect_exit 4 "$submask" grid merge one.sqlite missing.sqlite
