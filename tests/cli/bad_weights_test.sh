#!/usr/bin/env bash
# Weight files that are missing, damaged, hostile or another network's.
. "$(dirname "$0")/harness.sh" "$@"

# refuse CODE PATTERN FILE
refuse() {
  expect_refusal "$1" "$2" "$submask" evaluate --backbone resnet20 --weights "$3" "${data[@]}" "${small[@]}"
}

whole=$fixture/backbone.safetensors
for bytes in 0 7 8 100 5000 600000 $(($(stat -c %s "$whole") - 1)); do
  head -c "$bytes" "$whole" >cut.safetensors
  refuse 3 'cut\.safetensors' cut.safetensors
done
cp "$whole" long.safetensors
echo more >>long.safetensors
refuse 3 'long\.safetensors' long.safetensors
cp "$whole" size.safetensors
flip_byte size.safetensors 7
refuse 3 'size\.safetensors' size.safetensors

echo 'hello, I am no network' >text.pth
refuse 3 'expected a weight file.*text\.pth' text.pth
mkdir folder
refuse 3 'folder' folder
refuse 4 'missing\.pth' missing.pth
refuse 3 'fashion\.task' "$fixture/fashion.task"

refuse 3 'not executed.*hostile_plain\.pkl' "$golden/weights/hostile_plain.pkl"
# Their calls are not executed, and their tensors are another network's.
for file in hostile_system.pth hostile_eval.th; do
  refuse 3 "expected the tensors of .*missing: bn1.*$file" "$golden/weights/$file"
done
for file in bomb.pth cyclic.pth script.pt no_tensors.pth; do
  refuse 3 "$file" "$golden/weights/$file"
done

# Another network's weights: what is missing, by name, in the one line.
expect_refusal 3 'missing: .*layer1\.3\.bn1\.bias.* and [0-9]* more' \
  "$submask" evaluate --backbone resnet32 --weights "$whole" "${data[@]}" "${small[@]}"

expect_refusal 2 'weights.*resnet18.*(timm|torchvision)' "$submask" train --backbone resnet18 "${data[@]}" --out x.task
expect_refusal 2 'expected --backbone' "$submask" train "${data[@]}" --out x.task

# The embedded weights are read as carefully as a user's.
head -c 5000 "$whole" >folder/resnet20.safetensors
SUBMASK_ASSETS=folder expect_refusal 3 'folder/resnet20\.safetensors' \
  "$submask" train --backbone resnet20 "${data[@]}" "${small[@]}" --epochs 1 --out x.task
