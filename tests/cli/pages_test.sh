#!/usr/bin/env bash
# The pages that commands write, in a real browser: every click works, every picture shows, the console stays silent.
. "$(dirname "$0")/harness.sh" "$@"

command -v chromedriver >/dev/null || skip "no chromedriver (Debian's chromium-driver)"
browse=(python3 "$golden/../cli/browse_page.py")

# A grid, one of whose names would like to be more than text, and one cell that fails.
class_folders broken
printf 'no image' >broken/train/grey/grey.png
cat >grid.toml <<TOML
title = "<script>document.title = 'taken'</script>"
[all]
epochs = 2
batch-size = 8
seed = [0, 1]
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set."small <img src=x onerror=alert(1)>"]
data = "fashion-mnist:$fixture/data"
[set.broken]
data = "folder:$PWD/broken"
[[run]]
method = "fs"
[[run]]
method = "knn"
k = [5, 50]
TOML
expect_exit 5 "$submask" grid run grid.toml --db grid.sqlite --threads 1 --quiet --keep-going
printf 'model,set,method,metric,value\nfixture,small <img src=x onerror=alert(1)>,fs,accuracy,.5\n' >paper.csv
expect_exit 0 "$submask" report grid.sqlite --format html --out page --reference paper.csv --json
expect_json out
expect_exit 0 "${browse[@]}" page/index.html
expect_line '"tables": 6, "pictures": 4, "summaries": 12'
grep -q 'failed</td>' page/index.html || fail "expected the cells that failed"
grep -q '\[.500, [+-]' page/index.html || fail "expected the reference value"
grep -qE '<img src=x|<script>document' page/index.html && fail "expected names as text"
[ -s page/layers-fs-resnet20.pdf ] || fail "expected pictures for papers"
cp -r page again
expect_exit 0 "$submask" report grid.sqlite --format html --out page --reference paper.csv
expect_same_files page/index.html again/index.html
expect_refusal 2 'expected --out with --format html, got none' "$submask" report grid.sqlite --format html
printf 'model,value\n' >wrong.csv
expect_refusal 3 'columns metric and value.*wrong.csv' "$submask" report grid.sqlite --reference wrong.csv
expect_refusal 4 'missing.csv' "$submask" report grid.sqlite --reference missing.csv

# An evaluation.
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" --method knn --threads 1 --quiet --report knn.html
expect_exit 0 "${browse[@]}" knn.html

# What this test would not let pass.
sed 's|data:image/svg+xml;base64,|data:image/svg+xml;base64,x|' page/index.html >damaged.html
expect_exit 1 "${browse[@]}" damaged.html
expect_line 'does not show'
sed 's|heading.setAttribute|heading.setAttributes|' page/index.html >damaged.html  # no longer the script that the page allows
expect_exit 1 "${browse[@]}" damaged.html
expect_line 'not sorted|console'
