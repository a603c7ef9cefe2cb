#!/usr/bin/env bash
# Results with nowhere to go: no folder, a read-only one, a full disk. Nothing half written stays.
. "$(dirname "$0")/harness.sh" "$@"

task=$fixture/fashion.task
echo 'a file' >file
mkdir folder

# Found out before anything is learned. Root may write anywhere but below /proc.
for out in /proc/x.task file/x.task folder; do
  expect_refusal 4 "cannot .*${out%/x.task}" "$submask" "${learn[@]}" --epochs 1000000 --out "$out"
done
expect_refusal 4 '/proc' "$submask" "${learn[@]}" --epochs 1000000 --out x.task --checkpoint /proc/state
expect_refusal 4 'file' "$submask" "${learn[@]}" --epochs 1000000 --out x.task --checkpoint file
expect_refusal 4 '/proc/x' "$submask" pretrain --backbone resnet20 "${data[@]}" --out /proc/x.safetensors
expect_refusal 4 '/proc/x' "$submask" export "${backbone[@]}" --task "$task" --out /proc/x.safetensors
expect_refusal 4 '/proc/x' "$submask" unpack "$task" "${backbone[@]}" --out /proc/x.safetensors
if [ "$(id -u)" != 0 ]; then
  chmod a-w folder
  expect_refusal 4 'folder' "$submask" unpack "$task" "${backbone[@]}" --out folder/x.safetensors
  chmod u+w folder
fi

# A limit on file sizes stops a write midway, as a full disk does.
limited() { (ulimit -f "$1" && shift && exec "$@"); }
expect_refusal 4 'cannot write .*x\.task' limited 16 "$submask" "${learn_mask[@]}" --out x.task
expect_refusal 4 'cannot write .*x\.safetensors' limited 32 "$submask" unpack "$task" "${backbone[@]}" --out x.safetensors
expect_refusal 4 'cannot write .*x\.safetensors' \
  limited 32 "$submask" export "${backbone[@]}" --task "$task" --out x.safetensors
expect_refusal 4 'cannot write .*checkpoint' \
  limited 16 "$submask" "${learn[@]}" --out x.task --checkpoint state --checkpoint-seconds 0
# An older result survives.
cp "$task" old.task
expect_refusal 4 'cannot write old\.task' limited 16 "$submask" "${learn_mask[@]}" --seed 9 --out old.task
expect_same_files "$task" old.task

# A disk that is full indeed, where this user may make one.
if unshare --mount mount -t tmpfs tmpfs folder 2>/dev/null; then
  on_small_disk() {
    # shellcheck disable=SC2016
    unshare --mount bash -c 'mount -t tmpfs -o size=32k tmpfs folder && "$@"; code=$?; ls -A folder >left; exit $code' \
      bash "$@"
  }
  : >left
  expect_refusal 4 'cannot write folder/x.*space' on_small_disk "$submask" unpack "$task" "${backbone[@]}" --out folder/x.safetensors
  [ ! -s left ] || fail "expected an empty disk, got $(cat left)"
  expect_refusal 4 'cannot write folder/checkpoint.*space' on_small_disk "$submask" "${learn[@]}" --out x.task \
    --checkpoint folder --checkpoint-seconds 0
  [ ! -s left ] || fail "expected an empty disk, got $(cat left)"
else
  echo "no full disk tried: this user may not mount one"
fi

# A result that is not printed whole is no success.
: >listing
print_into_1_kib() { (ulimit -f 1 && exec "$@" >listing); }
expect_refusal 4 'standard output' print_into_1_kib "$submask" backbones
expect_refusal 4 'standard output' print_into_1_kib "$submask" inspect "$task" --json
