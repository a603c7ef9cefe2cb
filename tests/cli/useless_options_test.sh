#!/usr/bin/env bash
# An option that does nothing for the method is told, one note each; one that no number fits is refused.
. "$(dirname "$0")/harness.sh" "$@"

learn_loud=("${learn[@]}" --quiet=false)
# notes N OPTION... -- WORD...: the notes of a run, of these options alone.
notes() {
  local options=()
  while [ "$1" != -- ]; do options+=("$1") && shift; done
  shift
  expect_exit 0 "$submask" "$@"
  expect_equal "$(grep -oE '^--[a-z0-9-]+ .*is of no use to' "$complaints" | cut -d' ' -f1 | sort | paste -sd ' ')" "${options[*]}"
}
notes --epochs --from -- "${learn_loud[@]}" --method lp --from nowhere.task --out x.task
expect_line '^--from is of no use to lp as set here$'
notes --checkpoint --epochs --log --rate -- train "${backbone[@]}" "${data[@]}" "${small[@]}" --quiet=false --epochs 1 --method lp \
  --rate 1 --log x.csv --checkpoint state --out x.task
notes --from --mu -- "${learn_loud[@]}" --method norm --from nowhere.task --mu 0.5 --out x.safetensors
notes --cache-dir --objective --prompts --text-weights --vocabulary -- "${learn_loud[@]}" --method fs --cache-dir nowhere --prompts nowhere.txt \
  --vocabulary nowhere.txt --text-weights nowhere --objective dino --out x.task
# What the weights have no use for may be of use to the head.
notes -- "${learn_loud[@]}" --method fs --update-rule adam --momentum .5 --out x.task
notes --keep --momentum --score-std -- "${learn_loud[@]}" --method fs --update-rule adam --head-update-rule adam --momentum .5 --keep .5 --score-std 1 --out x.task
notes --unit-rates -- "${learn_loud[@]}" --method fs --update-rule adam --unit-rates true --out x.task
notes --price-by -- "${learn_loud[@]}" --method fs --epochs 1 --price-by coder --out x.task
notes --recipe -- "${learn_loud[@]}" --method fft --recipe one-rate --out x.safetensors
notes --head-rate -- "${learn_loud[@]}" --method fs --head masked --head-rate .1 --out x.task
notes --stages -- "${learn_loud[@]}" --method fs --stages 99 --out x.task
expect_line '^--stages 99 is of no use to resnet20, which has 3 after its stem$'
notes --k --probe-l2 -- evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --quiet=false --method head --k 3 --probe-l2 1
expect_line '^--k is of no use to head as set here$'
# What is of use is not told.
notes -- "${learn_loud[@]}" --method fs --criterion topk --keep .5 --stages 2 --score-start normal --score-std 1 \
  --head-rate .1 --checkpoint state2 --checkpoint-seconds 5 --cache disk --cache-dir cache --momentum .5 --out x.task
notes -- evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --quiet=false --method knn,lp --k 3 --probe-l2 1
notes -- "${learn[@]}" --method lp --from nowhere.task --out x.task  # --quiet

# Numbers beyond float32, by their options.
refuse() { expect_refusal 2 "$1" "$submask" "${learn[@]}" --out y.task "${@:2}"; }
refuse 'within \+-3.4028235e\+38 .float32. for --score-mean, got 1e40' --score-mean 1e40
refuse 'for --mu, got -1e39' --mu -1e39
refuse 'a number of 0 to 1e\+18 for --rate, got 1e39' --rate 1e39
refuse 'a number of 0 to 1e\+18 for --weight-decay, got 1e30' --weight-decay 1e30
refuse 'for --progressive, got 1e39' --progressive 0 1e39
refuse '0 or more and at most 9223372036854775807 for --seed, got 18446744073709551615' --seed 18446744073709551615
refuse 'of 0 or more and below 1 for --head-momentum, got 1' --head-momentum 1
refuse 'below 1 for --beta2, got 1' --update-rule adam --beta2 1
refuse 'each field of a crop once, got size twice' --crop size=16,size=32
