#!/usr/bin/env bash
# A list of tasks over one backbone: learned together as alone, answered together as alone.
. "$(dirname "$0")/harness.sh" "$@"

cat >list.toml <<'TOML'
score-start = "normal"
score-mean = 0.5
score-std = 0.5
epochs = 7
recipe = "one-rate"
rate = 5

[[task]]
out = "a.task"
labels = "2/class"

[[task]]
out = "b.task"
method = "fs"
rate = 50
seed = 1
TOML
list=(train --tasks list.toml "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1)
alone=("${learn[@]}" --recipe one-rate --score-start normal --score-mean 0.5 --score-std 0.5)

expect_exit 0 "$submask" "${list[@]}"
expect_equal "$(wc -l <"$printed")" 3 "lines: a heading and two tasks"
expect_line '^task +method +accuracy +masked +bytes +time'
expect_line '^a\.task +fs +[01]\.[0-9]{4} +[0-9.]+% +[0-9.]+ kB'
expect_line '^b\.task +fs '
mkdir alone
expect_exit 0 "$submask" "${alone[@]}" --rate 5 --labels 2/class --out alone/a.task
expect_exit 0 "$submask" "${alone[@]}" --rate 50 --seed 1 --out alone/b.task
expect_same_files a.task alone/a.task
expect_same_files b.task alone/b.task

# Again as JSON, with a checkpoint folder for the list: one in it for each task.
expect_exit 0 "$submask" "${list[@]}" --json --checkpoint state
expect_json tasks accuracy masked_fraction
expect_equal "$(grep -o '"out":' "$printed" | wc -l)" 2
expect_same_files a.task alone/a.task
expect_exit 0 "$submask" "${list[@]}" --checkpoint state
expect_same_files b.task alone/b.task

# Predictions of a task stay the same to the last digit, whatever was learned or answered in between.
answers_of() { grep -oE "\"task\":\"$1\",\"classes\":\[[^]]*\]" "$printed"; }
predict=(predict "${backbone[@]}" --threads 1 --workers 1 --json
  "$golden/data/images/rgb.png" "$golden/data/images/grey.png")
expect_exit 0 "$submask" "${predict[@]}" --task alone/a.task
before=$(answers_of alone/a.task)
expect_exit 0 "$submask" "${predict[@]}" --task b.task --task alone/a.task --task b.task
expect_json images
expect_equal "$(grep -o '"task":' "$printed" | wc -l)" 6
expect_equal "$(answers_of alone/a.task)" "$before"
expect_equal "$(answers_of b.task | sort -u | wc -l)" 2 "answers of b, one an image"

# refuse CODE PATTERN TOML: all of a list is read before anything is learned.
refuse() {
  printf '%s\n' "$3" >bad.toml
  expect_refusal "$1" "$2" "$submask" train --tasks bad.toml "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1
}
refuse 3 'task.*bad\.toml' 'rate = 1'
refuse 3 'task.*bad\.toml' 'task = []'
refuse 3 'task.*bad\.toml' 'task = 1'
refuse 2 'bogus.*bad\.toml, line 5$' $'[[task]]\nout = "x.task"\n[[task]]\nout = "y.task"\nbogus = 1'
refuse 2 'x\.task.*bad\.toml' $'[[task]]\nout = "x.task"\n[[task]]\nout = "x.task"'
# However the path of one file is written.
ln -s . here
for same in ./x.task here/x.task "$PWD/x.task"; do
  refuse 2 'expected an out of its own for each task, got .*x\.task twice' $'[[task]]\nout = "x.task"\n[[task]]\nout = "'"$same"'"'
done
refuse 2 'expected a log of its own for each task, got \./x\.csv twice' \
  $'[[task]]\nout = "x.task"\nlog = "x.csv"\n[[task]]\nout = "y.task"\nlog = "./x.csv"'
# Also what shows only over the network and the data, with its line.
refuse 2 'warmup.*got 5, in bad\.toml, line 1$' $'warmup = 5\n[[task]]\nout = "x.task"\nwarmup = 1\n[[task]]\nout = "y.task"'
refuse 2 "mask-only.*got 'layer9', in bad\.toml, line 5$" $'[[task]]\nout = "x.task"\n[[task]]\nout = "y.task"\nmask-only = ["layer9"]'
printf '[[task]]\nout = "x.task"\n[[task]]\nbackbone = "resnet32"\n' >bad.toml
expect_refusal 2 'one backbone.*resnet32.*bad\.toml' "$submask" train --tasks bad.toml "${data[@]}" "${small[@]}"
printf '[[task]]\nout = "x.task"\n' >bad.toml
expect_refusal 2 'data.*bad\.toml' "$submask" train --tasks bad.toml "${backbone[@]}" "${small[@]}"
expect_refusal 4 'missing\.toml' "$submask" train --tasks missing.toml "${backbone[@]}" "${data[@]}" "${small[@]}"
