#!/usr/bin/env bash
# What the tests share: 40 images to learn from and 20 to test on, two tiny backbones trained on them, one task.
set -uo pipefail
rm -rf "$2"
mkdir -p "$2"
. "$(dirname "$0")/harness.sh" "$@"

idx_dataset "$fixture/data" 40 20
pretrain=(pretrain --backbone resnet20 "${data[@]}" "${small[@]}")
expect_exit 0 "$submask" "${pretrain[@]}" --epochs 2 --out "$fixture/backbone.safetensors" --json
expect_json method backbone data data_digest seed epochs accuracy mean_class_accuracy weights_identity \
  weights_bytes images_per_second seconds commit
expect_exit 0 "$submask" "${pretrain[@]}" --epochs 1 --seed 1 --out "$fixture/other.safetensors"
expect_exit 0 "$submask" "${learn_mask[@]}" --out "$fixture/fashion.task" --json
cp "$printed" "$fixture/fashion.json"
