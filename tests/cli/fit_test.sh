#!/usr/bin/env bash
# A head for a task file that has none: a probe or a bank of neighbours from labelled images, the mask untouched.
. "$(dirname "$0")/harness.sh" "$@"

shared=("${backbone[@]}" "${data[@]}" "${small[@]}")
expect_exit 0 "$submask" train "${shared[@]}" --method ssl-fs --epochs 1 --rate 500 --out alone.task
expect_exit 0 "$submask" evaluate "${shared[@]}" --task alone.task --method lp,knn --json
lp=$(json_key "$printed" lp_accuracy) knn=$(json_key "$printed" knn_accuracy)
expect_exit 0 "$submask" unpack alone.task "${backbone[@]}" --out alone.bits

# What the file then answers is what `evaluate` measured.
for probe in lp knn; do
  expect_exit 0 "$submask" fit "${shared[@]}" --task alone.task --probe $probe --out $probe.task --json
  expect_json method accuracy mean_class_accuracy n labelled_images data_digest seed commit masked_fraction task_bytes
  expect_equal "$(json_key "$printed" accuracy)" "${!probe}" "$probe"
  expect_equal "$(json_key "$printed" labelled_images)" 40
  expect_exit 0 "$submask" evaluate "${shared[@]}" --task $probe.task --json
  expect_equal "$(json_key "$printed" accuracy)" "${!probe}" "$probe"
  expect_exit 0 "$submask" unpack $probe.task "${backbone[@]}" --out $probe.bits
  expect_same_files alone.bits $probe.bits
  expect_exit 0 "$submask" datasets extract "fashion-mnist:$fixture/data" --count 2 --out images
  expect_exit 0 "$submask" predict "${backbone[@]}" --task $probe.task images/*.png --json
  expect_json images
done

# `accuracy` is that of the head in the file, here the bank's; what the mask was learned with stays beside it.
expect_exit 0 "$submask" inspect alone.task --json
learned=$(json_key "$printed" accuracy)
expect_no_line mask_accuracy
expect_exit 0 "$submask" inspect knn.task --json
expect_equal "$(json_key "$printed" accuracy)" "$knn"
expect_equal "$(json_key "$printed" mask_accuracy)" "$learned"
expect_exit 0 "$submask" inspect knn.task
expect_line "^accuracy +$knn$"
expect_line "^mask_accuracy +$learned$"

# In place, from a part of the labels; what it was made of stands in the file.
cp alone.task few.task
expect_exit 0 "$submask" fit "${shared[@]}" --quiet=false --task few.task --labels 10p --seed 4
expect_line 'no labelled image of .*: such a class is never answered'
expect_exit 0 "$submask" inspect few.task --json
expect_line '"fit":\{.*"labelled_images":4,"labels":"10p","n":20,"probe":"lp","seed":4\}'
expect_exit 0 "$submask" fit "${shared[@]}" --task few.task --labels 1/class --probe knn --k 3
expect_exit 0 "$submask" fit "${shared[@]}" --task few.task --labels 1/class --probe knn --k 3 --out again.task
expect_same_files few.task again.task

# A bank answers; it is no matrix that other programs could load.
expect_refusal 2 'expected a linear or cosine head to export \(submask fit --probe lp\), got a bank' \
  "$submask" export "${backbone[@]}" --task knn.task --out plain.safetensors
expect_exit 0 "$submask" export "${backbone[@]}" --task lp.task --out plain.safetensors

expect_refusal 3 'expected .*, in ' "$submask" fit "${shared[@]}" --task "$fixture/data/t10k-images-idx3-ubyte" --out x.task
