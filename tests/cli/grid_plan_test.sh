#!/usr/bin/env bash
# The cells of a grid: what a file expands to, what names a cell, and what is wrong in it.
. "$(dirname "$0")/harness.sh" "$@"

cat >grid.toml <<TOML
title = "Two networks"
[all]
epochs = 2
seed = [0, 1]
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[model.embedded]
backbone = "resnet20"
[set.small]
data = "fashion-mnist:$fixture/data"

[[run]]
method = ["fs", "knn"]
[[run]]
method = "fs"
model = "fixture"
rate = [10, 20]
mask-only = [["layer1.*", "layer2.*"]]
recipe = "one-rate"
[[run]]
method = "ssl-fs"
model = "fixture"
[[run.then]]
method = "lp"
labels = ["4", "100p"]
TOML
expect_exit 0 "$submask" grid plan grid.toml
cp "$printed" plan.txt
# 2 models x 2 methods x 2 seeds, 2 rates x 2 seeds, 2 seeds x (1 + 2 measured); nothing random is in knn's.
expect_line '^18 cells, 16 runs$'
expect_line '^[0-9a-f]{12}  model fixture, set small, method fs, seed 0$'
# A list of one is a label too.
expect_line '^[0-9a-f]{12}  model fixture, set small, method fs, mask-only layer1.\* layer2.\*, rate 20, seed 1$'
expect_line '^[0-9a-f]{12}  model fixture, set small, method ssl-fs \+ lp, seed 1, labels 100p$'
# In the order of the file, and the network before its measurements.
expect_equal "$(grep -m 1 -n 'model fixture' plan.txt | cut -d: -f1)" 1
expect_equal "$(grep -m 1 -A 1 'method ssl-fs,' plan.txt | tail -n 1 | grep -c 'ssl-fs + lp, seed 0, labels 4')" 1

# What is in no list is no label, by which reports tell cells apart.
sed 's/^method = "ssl-fs"$/method = ["fs"]\nrate = 0.5/; /run.then/,$d' grid.toml >alike.toml
expect_exit 0 "$submask" grid plan alike.toml
expect_line '^2 cells have the labels of another cell, but other options: .* the first: model fixture, set small, method fs, seed 0$'

expect_exit 0 "$submask" grid plan grid.toml --json
expect_json title runs cells
expect_line "\"command\":\"train --backbone=resnet20 .*'--mask-only=layer1[.][*]' '--mask-only=layer2[.][*]'"
expect_line '"after":"[0-9a-f]{64}"'
# The command of what is measured on another cell names that cell's file.
after=$(grep -oE '"after":"[0-9a-f]{64}"' "$printed" | head -n 1 | cut -d '"' -f 4)
expect_line "\"command\":\"evaluate [^\"]*--task=results.sqlite.cells/$after/learned.task"

# Of an option and a preset of it the option wins, as on the command line.
printf '[[run]]\nmethod = "knn"\nbackbone = "resnet20"\ndata = "%s"\nk = 5\nknn-preset = "dino"\n' \
  "fashion-mnist:$fixture/data" >preset.toml
expect_exit 0 "$submask" grid plan preset.toml --json
expect_line '[-][-]k=5 --temperature=0.07'
expect_exit 0 "$submask" grid plan grid.toml --json

# name_of LABELS FILE: the cell's name in a plan.
name_of() { grep -F "  $1" "$2" | head -n 1 | cut -d' ' -f1; }
cell='model fixture, set small, method fs, seed 0'
named=$(name_of "$cell" plan.txt)
replan() {
  sed "$1" grid.toml >other.toml
  expect_exit 0 "$submask" grid plan other.toml
  cp "$printed" other.txt
}
# Of the same settings the name is the same, however they are said.
replan 's/^epochs = 2/epochs = 2\nrecipe = "default"/'
expect_equal "$(name_of "$cell" other.txt)" "$named"
# Another version, epoch, image or weight gives another name.
for change in 's/^title.*/version = 2/' 's/^epochs = 2/epochs = 3/' 's/^epochs = 2/epochs = 2\ntrain-limit = 20/' \
  "s|^weights = .*|weights = \"$fixture/other.safetensors\"|"; do
  replan "$change"
  [ "$(name_of "$cell" other.txt)" != "$named" ] || fail "expected another name after $change"
done

# refuse CODE PATTERN SED
refuse() {
  sed "$3" grid.toml >bad.toml
  expect_refusal "$1" "$2" "$submask" grid plan bad.toml
}
refuse 3 'expected an option of submask train, cascade or evaluate \(epochs\?\), got epoch, in bad.toml, line 3$' 's/^epochs/epoch/'
refuse 3 'expected a method \(ssl-fs\?\), got ssl-sf, in bad.toml' 's/"ssl-fs"/"ssl-sf"/'
refuse 3 'expected a model \(fixture\?\), got fxture, in bad.toml' 's/"fixture"/"fxture"/'
refuse 3 'expected a method \(lp\?\), got fs, in bad.toml' 's/method = "lp"/method = "fs"/'
refuse 3 'expected a key of a grid \(title\?\), got titel, in bad.toml, line 1$' 's/^title/titel/'
refuse 3 'expected options of the cells, got out, which a grid.s cells do not have' 's/^epochs = 2/out = "x"/'
refuse 3 'expected a version from 1, got 0' 's/^title.*/version = 0/'
refuse 3 'expected at least one value of seed, got none' 's/^seed.*/seed = []/'
refuse 3 'expected an axis named otherwise than an option, got data' 's/^\[set.small\]/[data.small]/'
refuse 3 'expected an option of submask evaluate for knn, got mask-only' 's/^method = "fs"/method = "knn"/'
refuse 3 'expected \[\[run\]\] tables, got none' '/^\[\[run/,$d'
refuse 3 'expected TOML' 's/^title.*/title =/'
refuse 2 'rate.*, in the cell model fixture, set small, method fs, mask-only layer1.* layer2.*, rate fast, seed 0, in bad.toml, line 18$' \
  's/^rate = .*/rate = ["fast", 2]/'
refuse 2 'epochs.*got two, in bad.toml, line 3$' 's/^epochs = 2/epochs = "two"/'
refuse 4 'missing.*, in the cell model fixture, set small.*, in bad.toml, line 11$' "s|^data = .*|data = \"folder:missing\"|"
refuse 3 'expected a method that learns before \[\[run.then\]\], got knn' 's/method = "ssl-fs"/method = "knn"/'
refuse 3 'expected \[\[run.then\]\] alone, got another one in it' 's/^labels = \["4".*/[[run.then.then]]\nmethod = "lp"/'
refuse 3 'expected a title in quotes, got 3' 's/^title.*/title = 3/'
refuse 2 'expected at most 1000000 cells, got more, in bad.toml' "s/^seed.*/seed = [$(seq -s, 2000)]\nepochs = [$(seq -s, 2000)]/; s/^epochs = 2//"
refuse 2 'got nan, in the cell.*, in bad.toml, line 18$' 's/^rate = .*/rate = [nan]/'
# What a cell could not run with is found before any of them is learned.
refuse 2 "mask-only.*got .layer9.*, in the cell .*, in bad.toml, line 19$" 's/"layer1.\*", "layer2.\*"/"layer9.*"/'
refuse 2 'warmup within the 2 epochs, got 5, in the cell .*, in bad.toml, line 18$' 's/^rate = .*/warmup = [0, 5]/'
refuse 2 'validation.*for --patience, got none, in the cell .*, in bad.toml, line 18$' 's/^rate = .*/patience = 1/'
refuse 2 'below 1 for --momentum, got 1, in the cell .*, in bad.toml, line 18$' 's/^rate = .*/momentum = 1.0/'
refuse 2 'below 1 for --label-smoothing, got 1, in the cell .*, in bad.toml, line 18$' 's/^rate = .*/label-smoothing = 1.0/'
refuse 2 'for --score-mean, got 1e\+40, in the cell .*, in bad.toml, line 18$' 's/^rate = .*/score-mean = 1e40/'
refuse 2 'keep-epochs.*got fft, in the cell .*, in bad.toml, line 18$' 's/^rate = .*/keep-epochs = true/; s/^method = "fs"/method = "fft"/; s/^mask-only.*//'
refuse 2 'two or more crops.*, in the cell' 's/^labels = \["4".*/&\n[[run]]\nmethod = "ssl-fs"\nrecipe = "cifar"/'
sed 's/^rate = .*/warmup = [0, 5]/' grid.toml >bad.toml
expect_refusal 2 'warmup.*got 5.*line 18$' "$submask" grid run bad.toml --db none.sqlite
# Also what no run uses.
refuse 2 'temperature, got warm, in bad.toml, line 4$' '/^\[all\]/,$ { s/^epochs = 2/epochs = 2\ntemperature = "warm"/; s/, "knn"//; s/"lp"/"lp"/ }'
expect_refusal 4 'missing.toml' "$submask" grid plan missing.toml
expect_refusal 2 "expected seed and precision in the grid.s file.*got --seed" "$submask" grid plan grid.toml --seed 5

# The document's example, over what is here.
page=$(dirname "$golden")/../docs/grids.md
sed -n '/^```toml$/,/^```$/p' "$page" | sed '/^```/d; /^\[model.lite\]/,/^input-size/d; /^train-limit/d; s/"1p"/"10p"/' |
  sed "s|\"fashion-mnist\"|\"fashion-mnist:$fixture/data\"|" >documented.toml
expect_exit 0 "$submask" grid plan documented.toml
expect_line '^42 cells, 38 runs$'
