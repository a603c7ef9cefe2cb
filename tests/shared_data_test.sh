#!/usr/bin/env bash
# The published CIFAR ResNets of ../shared/data on its 5,000 test images: the accuracies, and resnet20's logits, that
# PyTorch and Pillow give.
# Usage: shared_data_test.sh SUBMASK SHARED_DATA CIFAR_LOGITS_TEST
set -euo pipefail
program=$1 shared=$2 logits_test=$3
if [ ! -e "$shared/cifar10-jpeg.tar.zst" ]; then
  echo "skipped: no $shared/cifar10-jpeg.tar.zst"
  exit 77
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
tar --zstd -xf "$shared/cifar10-jpeg.tar.zst" -C "$place"

expect_accuracy() {  # BACKBONE FILE ACCURACY
  local got
  got=$("$program" evaluate --backbone "$1" --weights "$shared/$2" --data "folder:$place/cifar10-jpeg" \
    --method head --json --quiet | sed -n 's/.*"accuracy":\([0-9.]*\).*/\1/p')
  echo "$1: expected $3 within .002, got $got"
  awk -v got="$got" -v expected="$3" 'BEGIN { d = got - expected; exit !(got != "" && d * d <= .002 ^ 2) }'
}
expect_accuracy resnet20 resnet20-12fca82f.th .8102
expect_accuracy resnet32 resnet32-d509ac18.th .8290
"$logits_test" "$shared/resnet20-12fca82f.th" "$place/cifar10-jpeg" \
  "$(dirname "${BASH_SOURCE[0]}")/golden/data/cifar_logits.json"
