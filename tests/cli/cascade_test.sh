#!/usr/bin/env bash
# Dispatcher, router, experts, one file: learned, killed and resumed, measured, looked at, used.
. "$(dirname "$0")/harness.sh" "$@"

idx_dataset wide 200 40
wide=(--data fashion-mnist:wide)
learn_cascade=(cascade "${backbone[@]}" "${wide[@]}" --threads 1 --workers 1 --batch-size 8 --epochs 1 --rate 500
  --hidden-mlp 16 --nmb-prototypes 10 --queue-length 16 --crop "count=2,size=16,crop=random,scale-min=.3")

# part_of OBJECT KEY: a number in one of the printed objects that hold the accuracies.
part_of() { grep -oE "\"$1\":\{[^}]*\}" "$printed" | grep -oE "\"$2\":[0-9.e-]+" | sed 's/.*://'; }

expect_exit 0 "$submask" "${learn_cascade[@]}" --out whole.cascade --json
expect_json method backbone weights_identity data data_digest seed epochs router router_width cluster_sizes experts \
  dispatcher dispatcher_projected conditional unconditional masked_fraction cascade_bytes n k temperature seconds out commit
expect_line '^dispatcher: epoch 1/1  loss '
# Processors round differently, so that a small cluster may be dissolved on one and not on another.
experts=$(grep -oE '"images":[0-9]+,"epochs"' "$printed" | wc -l)
[ "$experts" -ge 3 ] || fail "expected 3 experts or more of the 5 asked for"
expect_line "^expert 3/$experts: epoch 1/[0-9]+  loss "
expect_line "^expert $experts/$experts: epoch ([0-9]+)/\\1  loss "
expect_equal "$(json_key "$printed" cascade_bytes)" "$(stat -c %s whole.cascade)"
sizes=$(grep -oE '"cluster_sizes":\[[0-9,]*\]' "$printed" | grep -oE '[0-9,]+' | tr ',' '+')
expect_equal $((sizes)) 200 "for the clusters' images"
for part in dispatcher conditional unconditional; do
  for key in knn_accuracy lp_accuracy; do
    [ -n "$(part_of $part $key)" ] || fail "expected $key of $part"
  done
done
knn=$(part_of unconditional knn_accuracy)
lp=$(part_of unconditional lp_accuracy)
conditional=$(part_of conditional lp_accuracy)
dispatcher=$(part_of dispatcher knn_accuracy)

# The file gives the same numbers.
measure=(evaluate "${backbone[@]}" "${wide[@]}" "${small[@]}" --task whole.cascade --json)
expect_exit 0 "$submask" "${measure[@]}" --method task,knn,lp
expect_json accuracy knn_accuracy lp_accuracy mean_class_accuracy masked_fraction task_bytes
expect_line '"cascade":"unconditional"'
expect_equal "$(json_key "$printed" accuracy)" "$lp"
expect_equal "$(json_key "$printed" lp_accuracy)" "$lp"
expect_equal "$(json_key "$printed" knn_accuracy)" "$knn"
expect_exit 0 "$submask" "${measure[@]}" --cascade conditional
expect_line '"cascade":"conditional"'
expect_equal "$(json_key "$printed" accuracy)" "$conditional"
expect_exit 0 "$submask" "${measure[@]}" --method knn --feature-cache kept
expect_equal "$(json_key "$printed" knn_accuracy)" "$knn"
expect_refusal 2 'methods task, knn or lp for a cascade, got head' "$submask" "${measure[@]}" --method head

# Killed in the middle of expert 2, and again at any other moment.
RANDOM=${SUBMASK_TEST_SEED:=$$}
echo "the moments of the kills come from SUBMASK_TEST_SEED=$SUBMASK_TEST_SEED"
resumed=("$submask" "${learn_cascade[@]}" --checkpoint state --checkpoint-seconds 0 --out resumed.cascade)
start() {
  command_line=$*
  "$@" >"$printed" 2>"$complaints" </dev/null &
  child=$!
}
start "${resumed[@]}"
while [ ! -e state/expert-2/checkpoint.safetensors ]; do
  kill -0 "$child" 2>/dev/null || fail "expected expert 2 to write a checkpoint"
  sleep 0.01
done
kill -9 "$child" || fail "expected a run to kill"
wait "$child" 2>/dev/null
[ ! -e state/expert-3 ] || fail "expected a kill before expert 3"
for _ in 1 2 3; do
  start "${resumed[@]}"
  sleep "$((RANDOM % 3)).$((RANDOM % 10))"
  kill -9 "$child" 2>/dev/null
  wait "$child" 2>/dev/null
done
expect_exit 0 "${resumed[@]}"
expect_same_files whole.cascade resumed.cascade
expect_refusal 2 'other settings' "${resumed[@]}" --router kmeans --quiet --out x.cascade
cp state/router.safetensors router.whole
head -c 100 router.whole >state/router.safetensors
expect_refusal 3 'state/router' "${resumed[@]}" --quiet --out x.cascade

# Use it.
image=$golden/data/images/rgb.png
for mode in conditional unconditional; do
  expect_exit 0 "$submask" predict "${backbone[@]}" --task whole.cascade --task "$fixture/fashion.task" --cascade $mode \
    "$image" "$golden/data/images/grey.png" --json
  expect_equal "$(grep -o '"task":"whole.cascade"' "$printed" | wc -l)" 2
  expect_equal "$(grep -o '"task":"[^"]*fashion.task"' "$printed" | wc -l)" 2
done

# Look at it.
expect_exit 0 "$submask" inspect whole.cascade --json
expect_json kind backbone weights_identity router members masked_fraction cascade_bytes classes preprocessing provenance
expect_equal "$(grep -o '"name":"expert [1-5]"' "$printed" | wc -l)" "$experts"
total=0
for key in mask_bytes statistics_bytes router_bytes projection_bytes head_bytes metadata_bytes; do
  total=$((total + $(json_key "$printed" $key)))
done
expect_equal $total "$(json_key "$printed" cascade_bytes)" "for the parts' bytes"
expect_exit 0 "$submask" inspect whole.cascade
expect_line "^expert $experts +[0-9]+ +[0-9.]+%$"
expect_exit 0 "$submask" verify whole.cascade "${backbone[@]}" --json
expect_line '"fits_backbone":true'
expect_refusal 2 'expected a task file to plot' "$submask" inspect whole.cascade --plot x.svg

# Where only a task will do, where it is damaged, or of another backbone.
expect_refusal 3 'expected a submask task file, got submask-cascade' \
  "$submask" export "${backbone[@]}" --task whole.cascade --out x.safetensors
other=(--backbone resnet20 --weights "$fixture/other.safetensors")
expect_refusal 2 'expected a cascade for resnet20' "$submask" verify whole.cascade "${other[@]}"
expect_refusal 2 'expected a cascade for resnet20' "$submask" predict --task whole.cascade "${other[@]}" "$image"
size=$(stat -c %s whole.cascade)
for bytes in 0 8 1000 $((size - 1)); do
  head -c "$bytes" whole.cascade >cut.cascade
  expect_refusal 3 'cut\.cascade' "$submask" predict "${backbone[@]}" --task cut.cascade "$image"
done
for offset in 20 3000 $((size / 2)) $((size - 1)); do
  cp whole.cascade flipped.cascade
  flip_byte flipped.cascade "$offset"
  expect_refusal 3 'flipped\.cascade' "$submask" verify flipped.cascade
done

# A dispatcher that is there already; k-means; no heads.
expect_exit 0 "$submask" train "${learn_cascade[@]:1}" --method ssl-fs --out given.task --quiet --json
expect_equal "$(json_key "$printed" knn_accuracy)" "$dispatcher"
expect_exit 0 "$submask" "${learn_cascade[@]}" --dispatcher given.task --router kmeans --experts 2 --router-width 4 \
  --no-heads --out given.cascade --json
expect_no_line '^dispatcher: epoch'
expect_line 'experts start from the mask of given.task: a task file has no scores'
expect_equal "$(part_of dispatcher knn_accuracy)" "$dispatcher"
expect_refusal 2 'expected a head' "$submask" evaluate "${backbone[@]}" "${wide[@]}" --task given.cascade --quiet
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${wide[@]}" --task given.cascade --method knn --quiet

# Too few images for five experts.
expect_exit 0 "$submask" "${learn_cascade[@]}" --train-limit 6 --out few.cascade --json
expect_line 'cascade: a cluster has [0-9] images, fewer than the 6 of a batch: .* expert'
expect_line '"cluster_sizes":\[6\]'

refuse() { expect_refusal "$1" "$2" "$submask" "${learn_cascade[@]}" --quiet --out x.cascade "${@:3}"; }
refuse 2 experts --experts 0
refuse 2 router --router tree
refuse 2 router-width --router-width 0
refuse 2 . --method fs
refuse 4 'missing\.task' --dispatcher missing.task
refuse 3 'expected a submask task file' --dispatcher whole.cascade
expect_exit 0 "$submask" train "${other[@]}" "${data[@]}" "${small[@]}" --epochs 1 --out other.task
refuse 2 'expected a task for resnet20' --dispatcher other.task
refuse 2 'expected a dispatcher for images of 16 pixels' --dispatcher given.task --input-size 16
