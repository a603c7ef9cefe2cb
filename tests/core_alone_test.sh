#!/usr/bin/env bash
# Configures submask_core alone, and libsubmask_c alone, where neither CMake nor pkg-config finds any library but those
# that they need.
# Usage: core_alone_test.sh LIBTORCH
set -euo pipefail
libtorch=$1
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

mkdir "$place/pkgconfig"
cp "$(pkg-config --variable=pcfiledir libxxhash)/libxxhash.pc" "$place/pkgconfig/"
hidden=()
for package in CURL GIF JPEG PNG TIFF SQLiteCpp CLI11 GTest benchmark; do hidden+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON"); done
configure() {
  PKG_CONFIG_LIBDIR=$place/pkgconfig cmake -S "$source_dir" -B "$place/$1" -G Ninja -DSUBMASK_LIBTORCH="$libtorch" \
    "${hidden[@]}" "${@:2}" >"$place/log" 2>&1
}
configure core -DSUBMASK_ONLY_CORE=ON || { cat "$place/log"; echo "expected submask_core to configure alone"; exit 1; }
targets=$(ninja -C "$place/core" -t targets all)
grep -q 'libsubmask_core.a' <<<"$targets" || { echo "expected a target libsubmask_core.a"; exit 1; }
! grep -q 'libsubmask.a' <<<"$targets" || { echo "expected submask_core alone, got libsubmask.a too"; exit 1; }
hidden+=(-DCMAKE_DISABLE_FIND_PACKAGE_LibTorch=ON -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON)
configure c -DSUBMASK_ONLY_C=ON || { cat "$place/log"; echo "expected libsubmask_c to configure alone"; exit 1; }
targets=$(ninja -C "$place/c" -t targets all)
grep -q 'libsubmask_c.so' <<<"$targets" || { echo "expected a target libsubmask_c.so"; exit 1; }
! grep -q 'libsubmask_core.a' <<<"$targets" || { echo "expected libsubmask_c alone, got libsubmask_core.a too"; exit 1; }
# The rest does need them: nothing was found by another way.
! configure all || { echo "expected an error for the whole without its libraries"; exit 1; }
