#!/usr/bin/env bash
# Class names as text: what is refused. CLIP's networks are too large for these tests; what they answer is tested on
# a small text transformer in tests/unit/backbone.
. "$(dirname "$0")/harness.sh" "$@"

vocabulary=(--vocabulary "$golden/text/clip_merges.txt")

expect_refusal 2 'expected a CLIP backbone.*got resnet20' \
  "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --method zs "${vocabulary[@]}"
expect_refusal 2 'expected a CLIP backbone.*got resnet20' \
  "$submask" "${learn[@]}" --head clip "${vocabulary[@]}" --out x.task

printf 'a photo of a {label}\n\nwithout a place\n' >prompts.txt
expect_refusal 3 'expected a prompt with \{label\} or \{\}.*without a place.*prompts\.txt' \
  "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --method zs "${vocabulary[@]}" --prompts prompts.txt
: >empty.txt
expect_refusal 3 'expected prompts.*empty\.txt' \
  "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --method zs "${vocabulary[@]}" --prompts empty.txt
expect_refusal 4 'missing\.txt' \
  "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --method zs "${vocabulary[@]}" --prompts missing.txt
