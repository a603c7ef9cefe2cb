#!/usr/bin/env bash
# tools/read_task.py, written from docs/mask_format.md alone, reads what the program writes: the same bits, the same
# network bit for bit, and none of what is damaged.
. "$(dirname "$0")/harness.sh" "$@"

for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import numpy' 2>/dev/null; then python=$candidate; fi
done
[ -n "${python:-}" ] || skip "no python3 with numpy (Debian's python3-numpy)"
PYTHONPATH=$(realpath "$golden/../../tools")
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
reader=("$python" "$PYTHONPATH/read_task.py")
weights=(--weights "$fixture/backbone.safetensors")

# Both ways to use it: the command, and its parts.
cat >compare.py <<'E'
import sys, read_task
task, weights, exported, bits = sys.argv[1:]
read_task.main([task, "--weights", weights, "--out", "read"])
state, read, exported, bits = (read_task.read_tensors(file)[2] for file in (weights, "read", exported, bits))
masks = read_task.decode_masks(read_task.read(task), state)
for got, expected in ((read, exported), (masks, bits)):
    assert got.keys() == expected.keys()
    for name, tensor in expected.items():
        assert got[name].shape == tensor.shape and got[name].tobytes() == tensor.tobytes(), name
E
# A bit amid the coded masks changed behind a checksum that is right.
cat >reseal.py <<'E'
import struct, sys, read_task
from task_reader.task_description import checksum_of
from task_reader.tensor_file import header_of
header, metadata, tensors = read_task.read_tensors(sys.argv[1])
tensors["masks"] = tensors["masks"].copy()
tensors["masks"][len(tensors["masks"]) // 2] ^= 16
metadata["xxh64"] = checksum_of(metadata, tensors)
header = header_of(metadata, tensors)
with open(sys.argv[2], "wb") as stream:
    stream.write(struct.pack("<Q", len(header)) + header + b"".join(tensor.tobytes() for tensor in tensors.values()))
E

# answers TASK: the program's own network and bits of it.
answers() {
  expect_exit 0 "$submask" export --task "$1.task" "${backbone[@]}" --out "$1.exported"
  expect_exit 0 "$submask" unpack "$1.task" "${backbone[@]}" --out "$1.bits"
}

# expect_same TASK ANSWERS: the reader has the same.
expect_same() {
  expect_exit 0 "$python" compare.py "$1.task" "$fixture/backbone.safetensors" "$2.exported" "$2.bits"
}

# expect_unread PATTERN TASK [OPTION...]: refused in one line, with no file left.
expect_unread() {
  local pattern=$1
  shift
  expect_exit 3 "${reader[@]}" "$@" --out unread
  [ "$(wc -l <"$complaints")" = 1 ] || fail "expected one line on stderr"
  expect_line "^read_task: expected .*$pattern"
  [ ! -e unread ] && [ ! -e unread.part ] || fail "expected no new file"
}

# A few units, because a reader in Python takes 10 microseconds a weight.
learn_few=("${learn_mask[@]}" --mask-only 'layer1.0.*' --mask-only conv1.weight)
expect_exit 0 "$submask" "${learn_few[@]}" --out first.task
expect_exit 0 "$submask" "${learn_few[@]}" --from first.task --rate 1 --out next.task
answers first
answers next
for profile in small fast plain; do
  expect_exit 0 "$submask" pack first.task "${backbone[@]}" --profile $profile --out $profile.task
  expect_same $profile first
  expect_exit 0 "$submask" pack next.task "${backbone[@]}" --profile $profile --parent first.task --out child.task
  expect_same child next
done
expect_exit 0 "$submask" pack first.task "${backbone[@]}" --parent child.task --out grandchild.task
expect_same grandchild first

# At 4 pixels a 3 x 3 kernel of the last stage has its middle alone over the image: fast groups the places (63).
expect_exit 0 "$submask" "${learn[@]}" --method fs --mask-only 'layer3.0.conv1*' --input-size 4 --recipe one-rate --rate 100000 --out middle.task
answers middle
for profile in small fast; do
  expect_exit 0 "$submask" pack middle.task "${backbone[@]}" --profile $profile --out $profile.middle.task
  expect_same $profile.middle middle
done
"$python" -c 'import read_task; assert read_task.read("fast.middle.task").tensors["masks"][0] == 63' ||
  fail "expected groups of places"

# All of the network's units, the other forms of the head and of statistics.
for form in half int8 exact; do
  expect_exit 0 "$submask" pack "$fixture/fashion.task" "${backbone[@]}" --profile fast --head $form \
    "${data[@]}" --most-loss 1 --statistics exact --out $form.task
done
# The other criteria, and a task without a mask.
expect_exit 0 "$submask" "${learn_few[@]}" --criterion flip --score-mean 0 --out flip.task
expect_exit 0 "$submask" "${learn_few[@]}" --criterion topk --keep 0.7 --scale false --out topk.task
expect_exit 0 "$submask" "${learn[@]}" --method lp --out probe.task
for task in half int8 exact flip topk probe; do
  answers $task
  expect_same $task $task
done

expect_exit 0 "${reader[@]}" small.task
expect_line '^profile +small$'
expect_line '^masked +[0-9]+ of 5040 weights in 3 units$'

# What is not whole, what is another's, and what was made to look whole.
expect_unread 'a backbone of identity' small.task --weights "$fixture/other.safetensors"
size=$(stat -c %s small.task)
head -c $((size - 1)) small.task >damaged.task
expect_unread 'damaged\.task$' damaged.task "${weights[@]}"
for offset in 0 600 $((size - 1)); do
  cp small.task damaged.task
  flip_byte damaged.task "$offset"
  expect_unread 'damaged\.task$' damaged.task "${weights[@]}"
done
for profile in small fast plain; do
  expect_exit 0 "$python" reseal.py $profile.task damaged.task
  expect_unread 'damaged\.task$' damaged.task "${weights[@]}"
done
cp small.task child.task
expect_unread 'a parent of masks .*child\.task$' grandchild.task "${weights[@]}"
rm child.task
expect_exit 4 "${reader[@]}" grandchild.task "${weights[@]}" --out unread
