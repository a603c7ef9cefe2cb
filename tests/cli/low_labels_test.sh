#!/usr/bin/env bash
# Accuracy against labels: a table, two figures, results that a second run finds again and a killed one goes on with.
. "$(dirname "$0")/harness.sh" "$@"
command -v gnuplot >/dev/null || skip "gnuplot is not installed (Debian: gnuplot-nox)"

curves=(low-labels "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1 --most-epochs 2 --seeds 2 --labels 50p,100p
  --compare-at 20)

expect_exit 0 "$submask" "${curves[@]}" --out whole --json
expect_json backbone weights_identity data data_digest n cells figures
[ "$(grep -o '"method":"ssl-ft"' "$printed" | wc -l)" = 4 ] || fail "expected two numbers of labels by two seeds"
for method in 'ssl-fs+fs' 'ssl-fs+fft'; do
  [ "$(grep -oF "\"method\":\"$method\"" "$printed" | wc -l)" = 4 ] || fail "expected cells of $method"
done
for figure in low_labels.svg low_labels_20.svg; do
  for method in 'ssl-fs + lp' 'ssl-fs + fft'; do
    grep -q "$method" "whole/$figure" || fail "expected the methods' names in $figure"
  done
done
expect_exit 0 "$submask" verify whole/ssl-fs-seed1.task

# The second time nothing is learned; another format is drawn from what lies there.
expect_exit 0 "$submask" "${curves[@]}" --out whole --format png --quiet=false
expect_equal "$(find whole -name '*.json' -newer whole/low_labels.svg | wc -l)" 0
expect_no_line 'epoch'
expect_line '^\| ssl-ft \+ lp +\|'
expect_line '^\| ssl-fs \+ fs +\|'
expect_line '^whole/low_labels.png$'

# What was learned without labels is taken from the folder.
rm whole/cells/ssl-fs_fs-50p-seed1.json
expect_exit 0 "$submask" "${curves[@]}" --out whole --methods ssl-fs+fs --quiet=false
expect_line '^ssl-fs\+fs-50p-seed1: epoch 1/2 '
expect_no_line '^ssl-fs-seed'

# Killed at any moment, the same command goes on to the same results.
"$submask" "${curves[@]}" --out killed --methods ssl-fs,ssl-fs+fft >"$printed" 2>"$complaints" &
child=$!
sleep 2
kill -9 "$child" 2>/dev/null
wait "$child" 2>/dev/null
expect_exit 0 "$submask" "${curves[@]}" --out killed --methods ssl-fs,ssl-fs+fft
for cell in killed/cells/*.json; do
  diff <(grep -v seconds "$cell") <(grep -v seconds "whole/cells/$(basename "$cell")") >&2 ||
    fail "expected the same results in $cell"
done

refuse() {
  expect_refusal 2 "$1" "$submask" "${curves[@]}" "${@:2}"
}
refuse 'result of these settings and data, got one of others, in whole/cells/' --out whole --epochs 2
refuse 'ssl-fs\+fft\? ' --out x --methods ssl-ft+fft
refuse 'a count of images' --out x --labels many
refuse 'all training images to learn from, got --validation' --out x --validation 10p

# Options of the images reach every run: bad ones are an error, or counted and left out.
class_folders images
head -c 300 "$golden/data/images/rgb444.jpg" >images/train/colour/broken.jpg
folder=(low-labels "${backbone[@]}" --data folder:images "${small[@]}" --batch-size 2 --epochs 1 --most-epochs 1 --seeds 1
  --labels 100p --methods lp,fft)
expect_exit 3 "$submask" "${folder[@]}" --out bad
expect_line 'broken\.jpg'
expect_exit 0 "$submask" "${folder[@]}" --out skipped --skip-bad-images
