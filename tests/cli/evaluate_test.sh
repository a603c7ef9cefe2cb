#!/usr/bin/env bash
# What evaluate says beyond accuracy: features kept on disk, the page of --report, and doubtful data said plainly.
. "$(dirname "$0")/harness.sh" "$@"

look=(evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --quiet=false --json)
numbers() { for key in accuracy knn_accuracy lp_accuracy top5_accuracy ece mean_class_accuracy; do json_key "$printed" $key; done; }

expect_exit 0 "$submask" "${look[@]}" --method knn,lp,head
expect_json accuracy knn_accuracy lp_accuracy top5_accuracy ece class_accuracy k temperature l2
expect_line '"class_accuracy":\{"[^"]+":[01]\.[0-9]+,'
expect_line 'k 200 is more than the bank.s 40 features: all of them vote'
plain=$(numbers)

# Features kept on disk change no number; the second run computes none.
kept=("${look[@]}" --feature-cache kept)
expect_exit 0 "$submask" "${kept[@]}" --method knn,lp,head
expect_no_line '^feature cache: '
expect_equal "$(numbers)" "$plain"
expect_equal "$(find kept -type f | wc -l)" 2
expect_exit 0 "$submask" "${kept[@]}" --method knn,lp,head
expect_line '^feature cache: features of 20 images from kept/[0-9a-f]{64}\.features\.safetensors'
expect_line '^feature cache: features of 40 images'
expect_no_line images_per_second
expect_equal "$(numbers)" "$plain"
# Another network, task or part of the data has features of its own.
for words in "--weights $fixture/other.safetensors" "--task $fixture/fashion.task --method knn" "--test-limit 10" \
  "--input-size 28"; do
  # shellcheck disable=SC2086
  expect_exit 0 "$submask" "${kept[@]}" --method head $words
  expect_no_line 'features of (20|10) images from'
done
# What training measures its result by is kept, too.
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --quiet=false --feature-cache trained \
  --task "$fixture/fashion.task"
expect_exit 0 "$submask" "${learn_mask[@]}" --quiet=false --feature-cache trained --out again.task
expect_line '^feature cache: features of 20 images'

# Damaged or foreign: said, and computed anew.
damaged=$(find kept -type f | sort | head -1)
flip_byte "$damaged" $(($(stat -c %s "$damaged") / 2))
for file in $(find kept -type f | sort | tail -n +2); do echo other >"$file"; done
expect_exit 0 "$submask" "${kept[@]}" --method knn,lp,head
expect_line '^feature cache: expected .* in kept/.*: they are computed anew'
expect_equal "$(numbers)" "$plain"
expect_exit 0 "$submask" "${kept[@]}" --method knn,lp,head
expect_no_line 'computed anew'
expect_refusal 4 'cannot create folder' "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --feature-cache "$printed"

# Several processes over one empty folder.
for i in 1 2 3; do "$submask" "${look[@]}" --feature-cache together --method knn >"$i.json" 2>/dev/null & done
wait
for i in 1 2 3; do expect_equal "$(json_key $i.json knn_accuracy)" "$(json_key 1.json knn_accuracy)"; done
[ -n "$(json_key 1.json knn_accuracy)" ] || fail "expected a result of each process"
expect_equal "$(find together -type f | wc -l)" 2
rm ./*.json

# A page of its own bytes: the same again, names as text, nothing from outside.
report=(evaluate "${backbone[@]}" "${small[@]}" --json --data)
expect_exit 0 "$submask" "${report[@]}" "fashion-mnist:$fixture/data" --method knn --report page.html
expect_json report accuracy
expect_exit 0 "$submask" "${report[@]}" "fashion-mnist:$fixture/data" --method knn --report again.html --threads 2
expect_same_files page.html again.html
grep -q 'data:image/png;base64,' page.html || fail "expected images in the page"
grep -qE 'https?://' page.html && fail "expected a page of its own"
class_folders images
for part in train test; do mv images/$part/grey "images/$part/<img src=x onerror=alert(1)>"; done
expect_exit 0 "$submask" "${report[@]}" folder:images --method knn --report folders.html
grep -q '&lt;img src=x onerror' folders.html || fail "expected the class in the page"
grep -q '<img src=x' folders.html && fail "expected names to be escaped"
expect_refusal 4 'page' "$submask" "${report[@]}" "fashion-mnist:$fixture/data" --method knn --report page.html/x

# One labelled image a class, fewer neighbours than classes, images that are all the same.
expect_exit 0 "$submask" "${look[@]}" --labels 1/class --method knn,lp
expect_line '^training set: one image only of .*Ankle boot'
expect_json knn_accuracy lp_accuracy
mkdir constant
for part in train t10k; do
  head -c 16 "$fixture/data/$part-images-idx3-ubyte" >"constant/$part-images-idx3-ubyte"
  head -c $(($(stat -c %s "$fixture/data/$part-images-idx3-ubyte") - 16)) /dev/zero >>"constant/$part-images-idx3-ubyte"
  cp "$fixture/data/$part-labels-idx1-ubyte" constant
done
expect_exit 0 "$submask" "${look[@]}" --data fashion-mnist:constant --method knn,lp --report constant.html
expect_line '^training set: all 40 features are equal'
expect_equal "$(json_key "$printed" lp_accuracy)" 0.1

# A network whose features are no numbers.
cp "$fixture/backbone.safetensors" broken.safetensors
header=$(od -An -tu8 -N 8 broken.safetensors | tr -d ' ')
place=$(grep -aoE '"bn1\.bias":\{[^}]*"data_offsets":\[[0-9]+' broken.safetensors | grep -oE '[0-9]+$')
printf '\000\000\300\177' | dd of=broken.safetensors bs=1 seek=$((8 + header + place)) conv=notrunc status=none
for method in head knn lp; do
  expect_refusal 2 'finite .*features, got NaN or infinity in row 0' "$submask" evaluate --backbone resnet20 \
    --weights broken.safetensors "${data[@]}" "${small[@]}" --method $method
done
