#!/usr/bin/env bash
# Compiles the mask codec with GCC and Clang, without optimisation and with all of it, and compares the bytes they
# code a few thousand random masks to. Usage: codec_platforms_test.sh [COUNT]
set -euo pipefail
count=${1:-4000}
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null || { echo "skipped: no $compiler"; exit 77; }
done
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

codec=("$source_dir"/src/codec/*.cpp "$source_dir/src/base/random.cpp"
  "$source_dir"/tests/unit/codec/{random_mask,codec_round_trips}.cpp)
first=
for compiler in g++ clang++; do
  for level in -O0 -O3; do
    "$compiler" -std=c++20 "$level" -I "$source_dir/include" -I "$source_dir/src" "${codec[@]}" -o "$place/round_trips"
    said=$("$place/round_trips" "$count")
    echo "$compiler $level: $said"
    first=${first:-$said}
    [ "$said" = "$first" ] || { echo "other bytes than before"; exit 1; }
  done
done
