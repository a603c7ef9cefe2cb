#!/usr/bin/env bash
# docs/mask_sizes.md: what the masks of make_masks.sh take, coded and by general compressors. Usage:
# mask_sizes.sh BENCH_MASK_CODEC MASKS >docs/mask_sizes.md
set -euo pipefail
bench=$1 masks=$2
{
  "$bench" --rounds 1 "$masks"/resnet20-*.task
  "$bench" --rounds 1 --backbone resnet18 --weights "$masks/resnet18.safetensors" "$masks"/resnet18-*.task
} | python3 -c '
import json, sys

RIVALS = ["xz -9e", "brotli -q 11", "zstd -19", "gzip -9", "bzip2 -9", "lz4 -12"]
SHORT = {"fs": "rate {}", "fs64": "rate {}, 64 px", "price": "price {}", "ssl": "without labels, rate {}"}


def row(cells):
    return "| " + " | ".join(cells) + " |"


masks = {}
for line in sys.stdin:
    told = json.loads(line)
    mask = masks.setdefault(told["task"], told)
    mask[told["bench"].split()[1]] = told["ours"]

print("""# What masks take

Bytes of the mask alone, coded in the profiles `small` and `fast`, by general compressors from the packed bits, and the
order-0 entropy of each tensor. The masks are those of `bench/make_masks.sh`: a resnet20 (the embedded one) and a resnet18
(pretrained by `submask pretrain`), both trained on CIFAR-10, learned on Fashion-MNIST, at one rate or at a price, or without labels. Made by
`bench/mask_sizes.sh`.
""")
head = ["mask", "off", "bits / 8", "small", "fast"] + RIVALS + ["entropy", "small / xz", "fast / xz", "small / entropy"]
print(row(head))
print("|---|" + "---:|" * (len(head) - 1))
for name, mask in sorted(masks.items(), key=lambda item: (item[1]["weights"], item[0].split("-")[1], item[1]["masked_fraction"])):
    backbone, how, value = name.removesuffix(".task").split("-")
    cells = [f"{backbone} {SHORT[how].format(value)}", "{:.1%}".format(mask["masked_fraction"]).replace("%", " %")]
    cells += [f"{round(mask[key]):,}" for key in ["packed_bits", "small", "fast"]]
    cells += [f"{mask[key]:,}" if mask[key] else "-" for key in RIVALS] + ["{:,}".format(round(mask["entropy"]))]
    cells += [f"{mask[a] / mask[b]:.3f}".lstrip("0") for a, b in [("small", "xz -9e"), ("fast", "xz -9e"), ("small", "entropy")]]
    print(row(cells))

print("""
At 32 pixels the last stage of the resnet18 has maps of one pixel: of its 3 x 3 kernels the middle weight alone ever meets
an image, and the others stay on. That is what the coder knows of a weight\u0027s place in its kernel for; on the resnet20, whose
maps have 8 x 8 pixels and more, it saves next to nothing. So at 32 pixels no more than a third of the resnet18 can be off; at 64
its last maps have 2 x 2.""")
'
