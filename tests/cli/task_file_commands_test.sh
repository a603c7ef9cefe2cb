#!/usr/bin/env bash
# inspect, verify, unpack and export agree with each other about one task file.
. "$(dirname "$0")/harness.sh" "$@"

task=$fixture/fashion.task

expect_exit 0 "$submask" inspect "$task" --json
expect_json backbone weights_identity units masked_fraction weights mask_bytes statistics_bytes head_bytes \
  metadata_bytes task_bytes profile classes preprocessing provenance
cp "$printed" inspect.json
for key in weights_identity masked_fraction task_bytes; do
  expect_equal "$(json_key inspect.json $key)" "$(json_key "$fixture/fashion.json" $key)" "for $key"
done
expect_equal "$(json_key inspect.json task_bytes)" "$(stat -c %s "$task")"
parts=0
for key in mask_bytes statistics_bytes head_bytes metadata_bytes; do
  parts=$((parts + $(json_key inspect.json $key)))
done
expect_equal $parts "$(json_key inspect.json task_bytes)" "for the parts' bytes"
expect_exit 0 "$submask" inspect "$task"
expect_line '^layer3\.2\.conv2\.weight +36864 +[0-9.]+%$'

expect_exit 0 "$submask" verify "$task" --json
expect_json whole
expect_no_line fits_backbone
expect_exit 0 "$submask" verify "$task" "${backbone[@]}" --json
expect_line '"fits_backbone":true'

# The masks end the unpacked file, a byte a weight.
expect_refusal 2 "expected a task for resnet20 with weights" "$submask" unpack "$task" --out masks.safetensors
expect_exit 0 "$submask" unpack "$task" "${backbone[@]}" --out masks.safetensors --json
weights=$(json_key "$printed" weights)
on=$(tail -c "$weights" masks.safetensors | tr -dc '\001' | wc -c)
off=$(tail -c "$weights" masks.safetensors | tr -dc '\000' | wc -c)
expect_equal $((on + off)) "$weights"
[ "$off" -gt 0 ] || fail "expected a task that masks something"
awk -v off="$off" -v weights="$weights" -v told="$(json_key inspect.json masked_fraction)" \
  'BEGIN { difference = off / weights - told; exit !(difference < 1e-12 && difference > -1e-12) }' ||
  fail "expected the masked fraction that inspect tells"

# The exported network is an ordinary one with the task's accuracy.
expect_exit 0 "$submask" export --task "$task" "${backbone[@]}" --out exported.safetensors --json
expect_json out tensors bytes
expect_exit 0 "$submask" evaluate --backbone resnet20 --weights exported.safetensors "${data[@]}" "${small[@]}" \
  --method head --json
expect_equal "$(json_key "$printed" accuracy)" "$(json_key "$fixture/fashion.json" accuracy)"

# Files are written anew, whole, over older ones.
cp exported.safetensors first.safetensors
expect_exit 0 "$submask" export --task "$task" "${backbone[@]}" --out exported.safetensors
expect_same_files first.safetensors exported.safetensors

if command -v gnuplot >/dev/null; then
  expect_exit 0 "$submask" inspect "$task" --plot layers.svg
  grep -q '<svg' layers.svg || fail "expected a picture"
fi
