#!/usr/bin/env bash
# The masks that bench_mask_codec is run on, learned by this project's own commands: about 4, 10 and 25 % off, with
# labels and without, and at prices, over two backbones. Usage: make_masks.sh PROGRAM CIFAR10_FOLDER OUT
#
#   resnet20   the embedded one (CIFAR-10) on Fashion-MNIST
#   resnet18   pretrained here on CIFAR-10 at 32 pixels (CIFAR10_FOLDER has train/ and test/), on Fashion-MNIST
#
# What is there already is not made again. About an hour on two cores.
set -euo pipefail
submask=$1 cifar=$2 out=$3
mkdir -p "$out"
data=(--data fashion-mnist --test-limit 1000 --threads "${THREADS:-2}" --cache ram --quiet --json)

learn() {  # NAME IMAGES PIXELS WORDS...
  local name=$1 images=$2 pixels=$3
  shift 3
  [ -f "$out/$name.task" ] ||
    "$submask" train "$@" "${data[@]}" --input-size "$pixels" --train-limit "$images" --out "$out/$name.task" >"$out/$name.json"
}

resnet18=(--backbone resnet18 --weights "$out/resnet18.safetensors")
[ -f "$out/resnet18.safetensors" ] ||
  "$submask" pretrain --backbone resnet18 --data "folder:$cifar" --input-size 32 --epochs 4 --threads "${THREADS:-2}" --cache ram \
    --labels 20000 \
    --out "$out/resnet18.safetensors" --json >"$out/resnet18.json"
for rate in 14 45 220; do
  learn resnet20-fs-$rate 10000 32 --backbone resnet20 --method fs --recipe one-rate --epochs 3 --rate $rate --head-rate .0007
done
for price in 0 .01 .03 .1; do
  learn resnet20-price-$price 10000 32 --backbone resnet20 --method fs --epochs 3 --byte-price $price
done
for rate in 120 400 2500; do learn resnet20-ssl-$rate 10000 32 --backbone resnet20 --method ssl-fs --epochs 3 --rate $rate; done
for rate in 1500 5000 20000; do learn resnet18-fs-$rate 10000 32 "${resnet18[@]}" --method fs --epochs 2 --rate $rate; done
for price in .01 .03 .1; do
  learn resnet18-price-$price 10000 32 "${resnet18[@]}" --method fs --epochs 2 --rate 20000 --byte-price $price
done
learn resnet18-fs64-10000 5000 64 "${resnet18[@]}" --method fs --epochs 2 --rate 10000
for rate in 30000 80000 300000; do
  learn resnet18-ssl-$rate 4000 32 "${resnet18[@]}" --method ssl-fs --recipe small-ssl --epochs 2 --rate $rate
done
