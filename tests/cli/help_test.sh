#!/usr/bin/env bash
# Every command explains itself, and wrong usage ends in exit 2 with one line.
. "$(dirname "$0")/harness.sh" "$@"

# expect_help COMMAND OPTION...: by name, so that a renamed option is noticed.
expect_help() {
  local command=$1 name
  shift
  # A command and its subcommand are two words.
  # shellcheck disable=SC2086
  expect_exit 0 "$submask" $command --help
  [ ! -s "$complaints" ] || fail "expected help on stdout alone"
  for name in --seed --threads --device --precision --json --config --quiet "$@"; do
    expect_line "(^|[ ,])$name([ ,:=]|$)"
  done
}

data_options=(--data --labels --train-limit --test-limit --validation --batch-size --workers --input-size
  --skip-bad-images --pixel-limit)
expect_help train --backbone --weights --method --recipe --epochs --rate --out --from --checkpoint \
  --checkpoint-seconds --log --tensorboard --tasks --tune --mask-only --mask-exclude --criterion --scale \
  --score-start --batch-norm --keep-epochs --class-weights --label-smoothing --accumulate --patience "${data_options[@]}"
expect_help pretrain --backbone --epochs --out --checkpoint --log --tensorboard "${data_options[@]}"
expect_help cascade --dispatcher --experts --router --router-width --no-heads --epochs --rate --out --checkpoint \
  "${data_options[@]}"
expect_help evaluate --task --cascade --backbone --weights --method --k --temperature "${data_options[@]}"
expect_help map --by --perplexity --iterations --cascade --backbone --out TASKS
expect_help predict --task --cascade --backbone --weights --top --skip-bad-images --pixel-limit IMAGES
expect_help serve --backbone --weights --tasks --pin --examples --memory --workers --max-batch --max-delay-ms --host --port \
  --reuse-port --tls-cert --tls-key --grace-s --access-log --keys --open --cors --rate --max-queue-images --max-queue-bytes
expect_help inspect FILE --plot
expect_help "grid plan" FILE
expect_help "grid run" FILE --db --cells --cell --jobs --keep-going --retry
expect_help "grid submit" FILE --db --cells --cell --jobs --keep-going --retry --detach --gpus-per-task --time --partition --account \
  --constraint --sbatch
expect_help "grid watch" FILE --db --cells --once
expect_help "grid cancel" FILE --db --cells
expect_help analyze WHAT DB --out --grid --cells --format
expect_help "grid merge" FILES
expect_help report DB --format --grid --metric --rows --columns --out
expect_help verify FILE --backbone --weights --key
expect_help unpack FILE --out --backbone --weights
expect_help pack FILE --out --profile --statistics --head --parent --licence --most-loss --data --backbone --weights
expect_help diff A B --backbone --weights
expect_help merge FILES --rule --out --data --backbone --weights
expect_help sign FILE --key --out
expect_help export --task --backbone --weights --out
expect_help backbones show
expect_help "backbones show" NAME --weights
expect_help datasets fetch stats verify show extract
expect_help "datasets fetch" NAME --out --catalog --workers
expect_help "datasets stats" D --labels --sample --workers --pixel-limit
expect_help "datasets verify" D --workers --pixel-limit
expect_help "datasets show" D --recipe --crop --backbone --input-size --count --split --out --labels --pixel-limit
expect_help "datasets extract" D --out --count --pixel-limit

expect_exit 0 "$submask" --help
for name in train cascade map pretrain evaluate predict serve inspect verify pack unpack diff merge sign export backbones datasets; do
  expect_line "^  $name "
done
expect_exit 0 "$submask" --version
expect_line '^submask 0[.]2[.]0-dev [(][0-9a-z]+[)], LibTorch 2[.][0-9]+'

expect_exit 0 "$submask" backbones --json
expect_json backbones
for name in resnet20 resnet32 resnet44 resnet56 resnet18 resnet34 resnet50 resnet101 resnet152 tf_efficientnet_lite0; do
  expect_line "\"name\":\"$name\""
done
expect_line '"update_rule":"adam"'
expect_exit 0 "$submask" backbones show resnet18
expect_line 'layer4\.1\.conv2\.weight +2359296 +masked'
expect_exit 0 "$submask" datasets --json
expect_json datasets
expect_exit 0 "$submask" datasets stats "fashion-mnist:$fixture/data" --json
expect_json data_digest classes
expect_equal "$(json_key "$printed" train_images) $(json_key "$printed" test_images)" "40 20"

usage=("" bogus --bogus "train" "train --backbone resnet20" "evaluate" "predict --task" "predict photo.jpg"
  "inspect" "unpack file" "export" "backbones bogus" "backbones show bogus" "datasets stats" "datasets verify"
  "datasets show fashion-mnist" "datasets bogus")
for words in "${usage[@]}"; do
  # shellcheck disable=SC2086
  expect_refusal 2 . "$submask" $words
done

expect_refusal 2 'expected a backbone \(.*submask backbones lists them\), got bogus' \
  "$submask" train --backbone bogus "${data[@]}" --out x.task
for words in "--method knn" "--epochs 0" "--epochs many" "--epochs" "--workers -1" "--labels 41" "--progressive 1" \
  "--input-size -3" "--patience 1" "--mask-only nothing.*" "--seed -1" "--device tpu" "--data cifar10" surplus; do
  # shellcheck disable=SC2086
  expect_refusal 2 . "$submask" "${learn[@]}" --out x.task $words
done
expect_refusal 2 'expected a number above 0, got 0' "$submask" predict --task x.task --top 0 photo.jpg
expect_refusal 2 'expected a whole number of 1 to 4096 for --threads, got -1' "$submask" "${learn[@]}" --out x.task --threads -1
expect_refusal 2 bogus "$submask" evaluate "${backbone[@]}" "${data[@]}" --method bogus
expect_refusal 2 'expected --task FILE' "$submask" evaluate "${backbone[@]}" "${data[@]}" --method task
