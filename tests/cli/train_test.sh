#!/usr/bin/env bash
# Learning by each method, and measuring what it left.
. "$(dirname "$0")/harness.sh" "$@"

train_keys=(method backbone weights_identity data data_digest seed epochs accuracy mean_class_accuracy
  masked_fraction task_bytes images_per_second seconds commit)
evaluate_result=(evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --json)

# The same file measured again gives the numbers that training reported.
expect_same_numbers() {
  local key
  for key in accuracy mean_class_accuracy weights_identity data_digest n "$@"; do
    expect_equal "$(json_key "$printed" "$key")" "$(json_key trained.json "$key")" "for $key"
  done
}

for method in fs lp; do
  # `--head-rate` matters to fs alone; lp takes it without complaint, as any command line may.
  expect_exit 0 "$submask" "${learn[@]}" --method $method --head-rate 0.1 --out $method.task --json
  expect_json "${train_keys[@]}"
  [ ! -s "$complaints" ] || fail "expected a quiet run"
  cp "$printed" trained.json
  expect_equal "$(json_key trained.json method)" $method
  expect_equal "$(json_key trained.json task_bytes)" "$(stat -c %s $method.task)"
  expect_exit 0 "$submask" "${evaluate_result[@]}" --task $method.task
  expect_json "${train_keys[@]}"
  expect_equal "$(json_key "$printed" method)" task
  expect_same_numbers masked_fraction task_bytes epochs
done
expect_equal "$(json_key trained.json masked_fraction)" 0.0 "of a probe"

# Fine-tuning and the adapters that masks are compared with leave a full state dict.
for method in fft norm bias "lora --lora-rank 2 --lora-alpha 4" "sparse --changed-share .02" bitdelta; do
  read -ra method_words <<<"$method"
  expect_exit 0 "$submask" "${learn[@]}" --method "${method_words[@]}" --epochs 2 --out tuned.safetensors --json
  expect_json "${train_keys[@]}" adapter_bytes
  cp "$printed" trained.json
  expect_equal "$(json_key trained.json epochs)" 2
  [ "$(json_key trained.json adapter_bytes)" -lt "$(json_key trained.json task_bytes)" ] ||
    fail "expected $method to take less than a state dict"
  expect_exit 0 "$submask" evaluate --backbone resnet20 --weights tuned.safetensors "${data[@]}" "${small[@]}" \
    --method head --json
  expect_json method backbone accuracy
  for key in accuracy mean_class_accuracy; do
    expect_equal "$(json_key "$printed" $key)" "$(json_key trained.json $key)" "for $key of $method"
  done
done
expect_refusal 2 'expected at least 2 epochs .--epochs. for bitdelta, got 1' \
  "$submask" "${learn[@]}" --method bitdelta --epochs 1 --out refused.safetensors
expect_refusal 2 'expected a --lora-rank of at most 64, the full rank of the largest tensor, got 65' \
  "$submask" "${learn[@]}" --method lora --lora-rank 65 --out refused.safetensors

# Norms that learn beside a mask are within the statistics of its file, which takes as many bytes.
expect_exit 0 "$submask" "${learn_mask[@]}" --unit-rates true --rate .02 --norm-rate .05 --epochs 2 --out norms.task --json
cp "$printed" trained.json
expect_exit 0 "$submask" "${evaluate_result[@]}" --task norms.task
expect_equal "$(json_key "$printed" accuracy)" "$(json_key trained.json accuracy)"
expect_refusal 2 'expected a --rate of at most 1 with unit rates .--recipe one-rate has one rate for all units., got 50' \
  "$submask" "${learn[@]}" --method fs --rate 50 --out refused.task

# A mask that pays for its bytes switches off less, and its file is smaller.
expect_exit 0 "$submask" "${learn_mask[@]}" --epochs 4 --out free.task --json
cp "$printed" trained.json
expect_exit 0 "$submask" "${learn_mask[@]}" --epochs 4 --byte-price .2 --out priced.task --json
awk -v free="$(json_key trained.json masked_fraction)" -v priced="$(json_key "$printed" masked_fraction)" \
  'BEGIN { exit !(priced < .9 * free) }' || fail "expected a priced mask to switch off less"
[ "$(stat -c %s priced.task)" -lt "$(stat -c %s free.task)" ] || fail "expected a smaller file of a priced mask"
expect_refusal 2 'expected a --score-mean above 0, where the threshold begins, for --byte-price' \
  "$submask" "${learn_mask[@]}" --score-mean 0 --byte-price .2 --out refused.task
expect_refusal 2 'expected a --score-mean above 1.5, where the threshold begins, for --byte-price .--byte-price 0 goes without., got ' \
  "$submask" "${learn[@]}" --method fs --epochs 2 --progressive 1.5 0.5 --out refused.task

# Each way to update has a rate of its own, which a rate that is given replaces. 50 is the program's default, which a file leaves out.
for words in "--update-rule adam=0.01" "--recipe one-rate --update-rule adam=0.01" "--recipe one-rate --unit-rates true=0.02" \
  "--update-rule adam --rate .3=0.3"; do
  expect_exit 0 "$submask" "${learn[@]}" --method fs ${words%=*} --out own.task
  expect_exit 0 "$submask" inspect own.task --json
  grep -q "\"rate\":${words#*=}," "$printed" || fail "expected a rate of ${words#*=} for ${words%=*}"
done
expect_exit 0 "$submask" "${learn[@]}" --method fs --unit-rates false --out own.task
expect_exit 0 "$submask" inspect own.task --json
expect_no_line '"rate":|"unit_rates":'
expect_exit 0 "$submask" "${learn[@]}" --method fs --rate 1e-9 --quiet=false --out all_on.task
expect_line 'no weight is off after learning'

# Several measures at once; the first gives `accuracy`.
expect_exit 0 "$submask" "${evaluate_result[@]}" --task fs.task --method knn,lp,task --k 5
expect_json knn_accuracy lp_accuracy accuracy
expect_equal "$(json_key "$printed" knn_accuracy)" "$(json_key "$printed" accuracy)"
expect_equal "$(json_key "$printed" k)" 5
expect_exit 0 "$submask" "${evaluate_result[@]}" --method head
expect_equal "$(json_key "$printed" method)" head

# Without --json: name and value a line; without --quiet: a line an epoch on stderr.
expect_exit 0 "$submask" "${learn_mask[@]}" --quiet=false --epochs 2 --out plain.task
grep -qE '^accuracy +[01]\.[0-9]*$' "$printed" || fail "expected the accuracy on stdout"
for epoch in 1 2; do
  grep -qE "^fs: epoch $epoch/2  loss [0-9.]+  accuracy [0-9.]+  masked [0-9.]+%  [0-9]+ images/s  .* left$" \
    "$complaints" || fail "expected a line for epoch $epoch"
done

# The task of every epoch, and none of an earlier, longer run.
expect_exit 0 "$submask" "${learn_mask[@]}" --epochs 3 --keep-epochs --out kept.task
expect_exit 0 "$submask" "${learn_mask[@]}" --epochs 2 --keep-epochs --out kept.task
expect_equal "$(ls kept.task.epochs | tr '\n' ' ')" "0001.task 0002.task "
expect_exit 0 "$submask" diff kept.task kept.task.epochs/0002.task "${backbone[@]}" --json
expect_equal "$(json_key "$printed" jaccard)" 1.0
expect_exit 0 "$submask" diff kept.task kept.task.epochs/0001.task "${backbone[@]}" --json
expect_line '"jaccard":0\.[0-9]'
expect_refusal 2 'expected method fs or ssl-fs for --keep-epochs, got fft' \
  "$submask" "${learn[@]}" --method fft --keep-epochs --out weights.safetensors

# Settings of other kinds are taken, and change the result.
for words in "--from plain.task" "--criterion topk --keep 0.7" "--criterion flip" "--update-rule adam --rate 0.01" \
  "--mask-only layer3.* --mask-exclude *.conv2.weight" "--scale false --progressive 0 0.5" \
  "--head masked --batch-norm frozen --accumulate 2" "--labels 2/class --class-weights balanced" \
  "--validation 20p --patience 1 --label-smoothing 0.1" "--precision bfloat16" "--recipe paper-rn18 --warmup 0"; do
  # shellcheck disable=SC2086
  set -f && expect_exit 0 "$submask" "${learn_mask[@]}" --epochs 1 $words --out changed.task --json && set +f
  expect_json "${train_keys[@]}"
  expect_other_files changed.task plain.task
  rm changed.task
done
expect_exit 0 "$submask" "${learn_mask[@]}" --validation 20p --tune 2 --epochs 1 --out tuned.task --json
expect_json tune validation_accuracy validation_digest test_digest
expect_exit 0 "$submask" inspect tuned.task --json
expect_line '"tune":2,.*"tuned_rates":\[[0-9.]+,[0-9.]+\]'
expect_line '"validation_digest":"[0-9a-f]{64}"'
expect_exit 0 "$submask" verify tuned.task
