#!/usr/bin/env bash
# A network this repo has no code for, as a TorchScript program.
. "$(dirname "$0")/harness.sh" "$@"

program=torchscript:$golden/backbone/torchscript/scripted.pt
learn=(train --backbone "$program" "${data[@]}" "${small[@]}" --input-size 32 --epochs 1 --method fs --score-mean 0.5
  --score-start normal --score-std 0.5)

expect_exit 0 "$submask" backbones show "$program" --json
expect_json name family feature_width weights_identity checkpoint_format units
expect_exit 0 "$submask" "${learn[@]}" --out any.task --json
expect_json accuracy masked_fraction
accuracy=$(json_key "$printed" accuracy)
expect_exit 0 "$submask" evaluate --backbone "$program" --task any.task "${data[@]}" "${small[@]}" --input-size 32 --json
expect_equal "$(json_key "$printed" accuracy)" "$accuracy"
expect_exit 0 "$submask" inspect any.task --json
expect_line '"backbone":"torchscript:scripted.pt"'

# Masked by name patterns.
expect_exit 0 "$submask" "${learn[@]}" --mask-only 'mix.*' --out some.task
expect_exit 0 "$submask" inspect some.task --json
expect_line '"name":"mix.weight".*"name":"mix.bias"'
expect_no_line '"name":"stem'

# A program runs only where the user names it.
cp "$golden/backbone/torchscript/scripted.pt" .
expect_refusal 2 'expected --backbone torchscript:FILE' "$submask" evaluate --task any.task "${data[@]}" "${small[@]}"
expect_refusal 2 'no weight file beside torchscript' "$submask" "${learn[@]}" --weights scripted.pt --out no.task
expect_refusal 3 'traced' "$submask" "${learn[@]}" --backbone "${program/scripted/traced}" --out no.task
expect_refusal 3 'one without: frozen' "$submask" "${learn[@]}" --backbone "${program/scripted/frozen}" --out no.task
expect_refusal 2 'random weights' "$submask" pretrain --backbone "$program" "${data[@]}" "${small[@]}" --out no.safetensors
