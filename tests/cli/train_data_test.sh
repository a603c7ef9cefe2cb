#!/usr/bin/env bash
# Learning from a folder of images: with train/ and test/, and split by the seed.
. "$(dirname "$0")/harness.sh" "$@"

class_folders images
learn_images=(train "${backbone[@]}" --threads 1 --workers 1 --batch-size 4 --method lp --quiet --json)
expect_exit 0 "$submask" "${learn_images[@]}" --data folder:images --out split.task
expect_json accuracy n
expect_equal "$(json_key "$printed" n)" 2
expect_exit 0 "$submask" inspect split.task --json
expect_line '"classes":\["colour","grey"\]'

mkdir whole
cp -r images/train/colour images/train/grey whole
expect_exit 0 "$submask" "${learn_images[@]}" --data folder:whole --out whole.task
expect_equal "$(json_key "$printed" n)" 2 "test images, one a class"
first=$(json_key "$printed" data_digest)
expect_exit 0 "$submask" datasets stats folder:whole --json
expect_equal "$(json_key "$printed" data_digest)" "$first"
expect_equal "$(json_key "$printed" train_images)" 4

# A task is measured only on data of its own classes.
expect_refusal 2 "expected the task's classes" \
  "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --task split.task
expect_exit 0 "$submask" evaluate "${backbone[@]}" --data folder:images "${small[@]}" --task split.task --json
expect_json accuracy
