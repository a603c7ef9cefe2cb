#!/usr/bin/env bash
# --backbone resnet20 alone means the weights that come with submask.
. "$(dirname "$0")/harness.sh" "$@"

assets=$golden/../../assets
[ -e "$assets/resnet20.safetensors" ] || skip "no resnet20.safetensors in $(realpath "$assets")"
expect_exit 0 "$submask" train --backbone resnet20 "${data[@]}" "${small[@]}" --method lp --out embedded.task --json
expect_json accuracy
expect_exit 0 "$submask" evaluate --task embedded.task "${data[@]}" "${small[@]}" --json
expect_json accuracy
expect_exit 0 "$submask" backbones show resnet20 --json
expect_json weights_identity
expect_refusal 2 'weights' "$submask" evaluate --task "$fixture/fashion.task" "${data[@]}" "${small[@]}"
