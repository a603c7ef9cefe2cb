#!/usr/bin/env bash
# A mask learned from images alone: the file has no head, kNN and a probe work on it at once.
. "$(dirname "$0")/harness.sh" "$@"

learn_alone=(train "${backbone[@]}" "${data[@]}" --threads 1 --workers 1 --batch-size 8 --epochs 2 --method ssl-fs
  --rate 500 --nmb-prototypes 10 --queue-length 16)

expect_exit 0 "$submask" "${learn_alone[@]}" --validation 20p --out alone.task --json
expect_json method knn_accuracy accuracy k temperature masked_fraction waiting_share
expect_equal "$(json_key "$printed" knn_accuracy)" "$(json_key "$printed" accuracy)"
expect_line '^ssl-fs: labels of 10 classes are not learned from: ssl-fs looks at the images alone$'
expect_line '^ssl-fs: epoch 2/2  loss [0-9.]+ of 2\.3026  entropy [0-9.]+  prototypes in use [0-9]+%  validation [0-9.]+'

expect_exit 0 "$submask" "${learn_alone[@]}" --quiet --out alone.task --json
knn=$(json_key "$printed" knn_accuracy)
expect_exit 0 "$submask" inspect alone.task --json
expect_equal "$(json_key "$printed" head_bytes)" 0
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --task alone.task --method knn,lp --json
expect_json knn_accuracy lp_accuracy
expect_equal "$(json_key "$printed" knn_accuracy)" "$knn"

# --labels leaves every image to learn from, and chooses those that the result is measured by.
expect_exit 0 "$submask" "${learn_alone[@]}" --labels 2/class --out few.task --json
images=$(json_key "$printed" data_digest)
expect_line '^ssl-fs: --labels 2/class leaves all [0-9]+ training images to learn from; the 20 with a label measure the result$'
expect_equal "$(json_key "$printed" labels)" 2/class
few=$(json_key "$printed" knn_accuracy)
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --labels 2/class --task alone.task --method knn --json
expect_equal "$(json_key "$printed" knn_accuracy)" "$few"
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --task few.task --method knn --json
expect_equal "$(json_key "$printed" knn_accuracy)" "$knn"
expect_equal "$(json_key "$printed" data_digest)" "$images"

# All weights: a state dict that loads as a checkpoint.
expect_exit 0 "$submask" "${learn_alone[@]}" --method ssl-ft --rate 0.01 --out weights.safetensors --quiet
expect_exit 0 "$submask" backbones show resnet20 --weights weights.safetensors

# Settings are taken, and change the result.
expect_exit 0 "$submask" "${learn_alone[@]}" --quiet --out plain.task
for words in "--hidden-mlp 0" "--feat-dim 16" "--nmb-prototypes 12" "--epsilon 0.1" "--sinkhorn-iterations 1" \
  "--temperature 0.2" "--crops-for-assign 1" "--queue-length 0" "--epoch-queue-starts 1" "--freeze-prototypes-niters 0"; do
  # shellcheck disable=SC2086
  expect_exit 0 "$submask" "${learn_alone[@]}" $words --quiet --out changed.task
  expect_other_files changed.task plain.task
  rm changed.task
done

# The other objective, with settings of its own.
learn_alone=(train "${backbone[@]}" "${data[@]}" --threads 1 --workers 1 --batch-size 8 --epochs 2
  --test-limit 10 --method ssl-fs --rate 500 --objective dino --out-dim 16)
expect_exit 0 "$submask" "${learn_alone[@]}" --out plain.task
expect_line '^ssl-fs: epoch 2/2  loss [0-9.]+ of 2\.7726  entropy [0-9.]+  prototypes in use [0-9]+%'
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --task plain.task --method knn
for words in "--out-dim 24" "--hidden-dim 16" "--bottleneck-dim 16" "--student-temp 0.2" "--teacher-temp 0.06" \
  "--warmup-teacher-temp 0.02 --warmup-teacher-temp-epochs 2" "--center-momentum 0.5" "--momentum-teacher 0.5" \
  "--freeze-last-layer 0"; do
  # shellcheck disable=SC2086
  expect_exit 0 "$submask" "${learn_alone[@]}" $words --quiet --out changed.task
  expect_other_files changed.task plain.task
  rm changed.task
done
expect_exit 0 "$submask" "${learn_alone[@]}" --out-dim 100
expect_line '40 images for 100 outputs of the teacher: most of them will never be used; --out-dim 4 or so'

refuse() {
  expect_refusal 2 "$1" "$submask" "${learn_alone[@]}" --quiet --out x.task "${@:2}"
}
refuse 'two or more crops an image' --recipe cifar
refuse '2 or more for --out-dim, got 1' --out-dim 1
refuse 'above 0 for --teacher-temp, got 0' --teacher-temp 0
refuse 'objective' --objective moco
learn_alone+=(--objective swav)
refuse 'two or more crops an image' --recipe cifar
refuse '2 or more for --nmb-prototypes, got 1' --nmb-prototypes 1
refuse 'above 0 for --epsilon, got 0' --epsilon 0
refuse '--crops-for-assign among the 2 crops' --crops-for-assign 2
