#!/usr/bin/env bash
# Data sets that are missing or damaged, images that do not decode, and a loss that is no number.
. "$(dirname "$0")/harness.sh" "$@"

# refuse CODE PATTERN D [OPTION...]
refuse() {
  local code=$1 pattern=$2 spec=$3
  shift 3
  expect_refusal "$code" "$pattern" "$submask" "${learn_mask[@]}" --data "$spec" "$@" --out x.task
}
for spec in fashion-mnist:missing cifar10:missing cifar100:missing folder:missing; do
  refuse 4 missing $spec
done
refuse 2 'a data set \(submask datasets lists them\), got bogus' bogus

# copy_data: a fresh copy of the IDX files to damage.
copy_data() { rm -rf data && cp -r "$fixture/data" data; }
copy_data && truncate -s -1 data/train-images-idx3-ubyte
refuse 3 'train-images' fashion-mnist:data
copy_data && flip_byte data/t10k-labels-idx1-ubyte 3
refuse 3 't10k-labels' fashion-mnist:data
copy_data && flip_byte data/t10k-labels-idx1-ubyte 8
refuse 3 'labels below 10, got 255.*t10k' fashion-mnist:data
copy_data && flip_byte data/train-images-idx3-ubyte 4
refuse 3 'train-images' fashion-mnist:data
copy_data && rm data/train-labels-idx1-ubyte
refuse 4 'train-labels' fashion-mnist:data

class_folders images
mkdir images/train/empty
refuse 3 'empty.*images/train' folder:images
rmdir images/train/empty
mv images/test/grey kept
refuse 3 'grey.*images/test' folder:images
mv kept images/test/grey
mv images/test kept
refuse 3 'test' folder:images
mv kept images/test
mkdir nothing
refuse 3 'nothing' folder:nothing

# Broken images, in training and in the test.
head -c 300 "$golden/data/images/rgb444.jpg" >images/train/colour/broken.jpg
refuse 3 'train/colour/broken\.jpg' folder:images --batch-size 2
refuse 3 'train/colour/broken\.jpg' folder:images --method lp
expect_exit 0 "$submask" "${learn_mask[@]}" --data folder:images --batch-size 2 --skip-bad-images --out x.task --json
expect_json accuracy
expect_line '"bad_training_images":\["[^"]*train/colour/broken\.jpg"\]'
mv images/train/colour/broken.jpg images/test/grey/broken.png
rm x.task
refuse 3 'test/grey/broken\.png' folder:images --batch-size 2
expect_exit 0 "$submask" "${learn_mask[@]}" --data folder:images --batch-size 2 --skip-bad-images --out x.task \
  --quiet=false --json
expect_equal "$(json_key "$printed" n)" 2 "images measured"
expect_line 'skipped .*test/grey/broken\.png'
expect_line '"bad_images":\["[^"]*broken\.png"\]'

# A loss that is no number names epoch and step; the last checkpoint stands, and tells the same again.
explode=("$submask" "${learn[@]}" --method fft --rate 1e18 --epochs 2 --out nan.safetensors --checkpoint state
  --checkpoint-seconds 0)
expect_exit 3 "${explode[@]}"
grep -qE '^submask: expected a finite loss, got -?(nan|inf), in epoch [12], step [0-9]+' "$complaints" ||
  fail "expected epoch and step"
cp "$complaints" first
[ ! -e nan.safetensors ] || fail "expected no result"
expect_equal "$(ls state)" checkpoint.safetensors
expect_refusal 3 'finite loss' "${explode[@]}"
expect_same_files first "$complaints"
expect_refusal 2 'other settings' "${explode[@]}" --rate 0.01
# The advice is of what learns too fast: the weights, or the head over features that are in order.
grep -qF 'a lower --rate helps' first || fail "expected advice on the rate of the weights"
expect_refusal 3 'finite loss.*a lower --head-rate or --norm-rate helps' "$submask" "${learn[@]}" --method fs --rate 1e-9 --head-rate 1e18 \
  --head-momentum 0.99 --epochs 40 --out nan.task
