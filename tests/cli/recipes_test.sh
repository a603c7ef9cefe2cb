#!/usr/bin/env bash
# How training images are cropped and varied, and caches, which change nothing.
. "$(dirname "$0")/harness.sh" "$@"

# learn OUT OPTIONS...
learn_as() {
  local out=$1
  shift
  expect_exit 0 "$submask" "${learn[@]}" --out "$out" "$@"
}

# A recipe is its crops, given in any of three ways.
crop=crop=random,scale-min=1,jitter=.8,grey=.2,solarise=.2
learn_as recipe.task --recipe paper-supervised
learn_as crop.task --recipe clip --crop "$crop"
cat >crop.toml <<'TOML'
recipe = "clip"
[[crop]]
crop = "random"
scale-min = 1
jitter = 0.8
grey = 0.2
solarise = 0.2
TOML
learn_as config.task --config crop.toml
expect_same_files recipe.task crop.task
expect_same_files crop.task config.task
learn_as default.task
learn_as centre.task --crop count=1
expect_same_files default.task centre.task
expect_exit 1 cmp default.task recipe.task

# Caches keep resized pixels or decoded images; either way the task is the same to the byte.
for options in "--recipe paper-supervised" "--crop crop=random,scale-min=.3,jitter=.8,blur=.5"; do
  learn_as none.task $options --epochs 2 --validation 20p
  learn_as ram.task $options --epochs 2 --validation 20p --cache ram --workers 0
  for run in first second; do
    learn_as "disk_$run.task" $options --epochs 2 --validation 20p --cache disk --cache-dir cache
    expect_same_files none.task "disk_$run.task"
  done
  expect_same_files none.task ram.task
done
expect_exit 0 "$submask" train "${backbone[@]}" "${data[@]}" --epochs 1 --out a.task --cache disk --cache-dir cache
expect_line 'cache: .* in cache/.*\.images for .* images resized to'
expect_exit 0 "$submask" "${learn[@]}" --out a.task --fast-decode

refuse() {
  expect_refusal 2 "$1" "$submask" "${learn[@]}" --out x.task "${@:2}"
}
refuse 'flip of 0 to 1, got 2' --crop flip=2
refuse 'a field of a crop .count, .*got twirl' --crop twirl=1
refuse 'one crop an image .*got 8 crops' --recipe paper-ssl
refuse 'recipe' --recipe paper-unsupervised
refuse 'cache' --cache tape
printf 'x' >occupied
expect_refusal 4 'image cache occupied' "$submask" "${learn[@]}" --out x.task --cache disk --cache-dir occupied
