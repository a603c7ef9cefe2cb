#!/usr/bin/env bash
# Runs the commands of docs/c_interface.md: builds libsubmask_c alone, installs it, compiles the C example against it. The
# example then finds what the program tells of the task, under valgrind, and refuses a damaged file.
# Usage: c_interface_test.sh SUBMASK BUILD
set -euo pipefail
program=$1 build=$2
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
command -v valgrind >/dev/null || { echo "skipped: no valgrind (Debian package valgrind)"; exit 77; }
. "$source_dir/tests/c_alone.sh"
c_alone "$build"
task=tests/golden/mask/embedded_small.task
echo 'set -eu' >commands.sh
awk '$0 == "```sh" { inside = 1; next } $0 == "```" { inside = 0 } inside' "$source_dir/docs/c_interface.md" >>commands.sh
export CFLAGS="-Wall -Wextra -Wpedantic -Werror"
sed -i 's/^cc /cc $CFLAGS /' commands.sh
bash commands.sh >log 2>&1 || { cat log; echo "failed: the commands of docs/c_interface.md"; exit 1; }
printed=$(tail -n 1 log)

numbers=$("$program" inspect "$task" --json |
  sed -E 's/.*"masked_fraction":([0-9.e-]+),"weights":([0-9]+),"mask_bytes.*/\1 \2/')
expected=$(awk '{ printf "%.4f of %d weights masked", $1, $2 }' <<<"$numbers")
[ "$printed" = "$expected" ] || { echo "expected $expected, got $printed"; exit 1; }

library=$(realpath build/c/src/capi/libsubmask_c.so)
export LD_LIBRARY_PATH=$(dirname "$library")
valgrind -q --error-exitcode=9 --leak-check=full build/c_task "$task" assets/resnet20.safetensors >/dev/null

head -c 500 "$task" >cut.task
status=0
build/c_task cut.task assets/resnet20.safetensors 2>error || status=$?
[ "$status" = 2 ] && grep -q '^c_task: expected .*, in cut.task$' error ||
  { cat error; echo "expected a line and status 2, got $status"; exit 1; }

strip -o stripped "$library"
size=$(stat -c %s stripped)
[ "$size" -le 600000 ] || { echo "expected a library of at most 600 kB, got $size bytes"; exit 1; }
echo "libsubmask_c has $size bytes"
