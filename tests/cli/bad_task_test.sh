#!/usr/bin/env bash
# Task files that are damaged, are no task files, or belong to another backbone.
. "$(dirname "$0")/harness.sh" "$@"

whole=$fixture/fashion.task
size=$(stat -c %s "$whole")

for bytes in 0 7 8 1000 $((size / 2)) $((size - 1)); do
  head -c "$bytes" "$whole" >cut.task
  expect_refusal 3 'cut\.task' "$submask" verify cut.task
done
RANDOM=1
for offset in 0 7 8 20 $((size / 2)) $((size - 1)) $((RANDOM % size)) $((RANDOM % size)) $((RANDOM % size)); do
  cp "$whole" flipped.task
  flip_byte flipped.task "$offset"
  expect_refusal 3 'flipped\.task' "$submask" verify flipped.task
done
# Every command that reads a task reads it as carefully.
use=("${backbone[@]}" --task flipped.task)
expect_refusal 3 'flipped\.task' "$submask" evaluate "${use[@]}" "${data[@]}"
expect_refusal 3 'flipped\.task' "$submask" predict "${use[@]}" "$golden/data/images/rgb.png"
expect_refusal 3 'flipped\.task' "$submask" export "${use[@]}" --out x.safetensors
expect_refusal 3 'flipped\.task' "$submask" inspect flipped.task
expect_refusal 3 'flipped\.task' "$submask" unpack flipped.task "${backbone[@]}" --out x.safetensors
expect_refusal 3 'flipped\.task' "$submask" pack flipped.task "${backbone[@]}" --out x.task
expect_refusal 3 'flipped\.task' "$submask" diff "$whole" flipped.task "${backbone[@]}"
small_task=$golden/mask/embedded_small.task
for _ in $(seq 1001); do printf '%s\n' "$small_task"; done >many.txt
expect_exit 0 "$submask" merge $(cat many.txt) --backbone resnet20 --out many.task
expect_exit 0 "$submask" inspect many.task --json
expect_equal "$(grep -o embedded_small.task "$printed" | wc -l)" 1001
expect_refusal 3 'flipped\.task' "$submask" merge "$whole" flipped.task "${backbone[@]}" --out x.task
expect_refusal 3 'flipped\.task' "$submask" "${learn[@]}" --from flipped.task --out x.task

expect_refusal 3 'backbone\.safetensors' "$submask" inspect "$fixture/backbone.safetensors"
expect_refusal 3 'train-images' "$submask" inspect "$fixture/data/train-images-idx3-ubyte"
expect_refusal 4 'missing\.task' "$submask" inspect missing.task
mkdir folder
expect_refusal 3 'folder' "$submask" verify folder

# Of the same architecture, with other weights: only the identity tells.
other=(--backbone resnet20 --weights "$fixture/other.safetensors")
identity=$(json_key "$fixture/fashion.json" weights_identity)
for words in "evaluate --task $whole ${data[*]} ${small[*]}" "predict --task $whole $golden/data/images/rgb.png" \
  "verify $whole" "export --task $whole --out x.safetensors" \
  "train --from $whole ${data[*]} ${small[*]} --epochs 1 --out x.task" \
  "train --method fft --from $whole ${data[*]} ${small[*]} --epochs 1 --out x.safetensors"; do
  # shellcheck disable=SC2086
  expect_refusal 2 "${identity:0:8}" "$submask" ${words%% *} "${other[@]}" ${words#* }
done
